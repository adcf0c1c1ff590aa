/** Scripts that loop, eat memory, try to get out or to change what others see: each costs one user and nobody else. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { RunError } from '../../src/model/errors.ts';
import { judgeWith, shown, user } from './scripted-judge.ts';

const TIME = /took longer than 200 ms/;
const TIME_OR_MEMORY = /took longer than 200 ms|used more than 32 MB/;

/** Bodies of an Org script, and what becomes of their user: a failure that matches, or the organization. */
const ATTACKS: Readonly<Record<string, readonly [body: string, result: RegExp | string | null]>> = {
  'an endless loop': ['for (;;);', TIME],
  'an endless loop in a getter of what it throws': [
    'throw { get stack() { for (;;); }, toString: function () { for (;;); } };',
    TIME,
  ],
  'an endless loop that catches everything': [
    'for (;;) { try { for (;;); } catch (e) {} finally { continue; } }',
    TIME,
  ],
  'a regular expression that backtracks for ever': [
    "return /^(a+)+$/.test('a'.repeat(40) + 'b') ? 'a' : 'b';",
    TIME,
  ],
  'recursion without end': [
    'function f() { return f() + 1; } return f();',
    /line \d+: RangeError: Maximum call stack/,
  ],
  'a growing list': ["var a = []; for (;;) a.push('x' + a.length);", TIME_OR_MEMORY],
  'a growing Map': ['var m = new Map(); for (var i = 0; ; i++) m.set(i, i);', TIME_OR_MEMORY],
  'a list of 1e8 elements that is filled': [
    'return new Array(1e8).fill(7).length > 1 ? null : null;',
    TIME_OR_MEMORY,
  ],
  'a growing BigInt': ['var b = 3n; for (;;) b = b * b;', /took longer|used more|RangeError: Maximum BigInt/],
  'a growing string': ["var s = 'x'; for (;;) s += s;", /RangeError: Invalid string length/],
  'array buffers': ['var a = []; for (;;) a.push(new Uint8Array(1e6));', /took longer|used more|RangeError/],
  'ten million keys': [
    "var o = {}; for (var i = 0; i < 1e7; i++) o['k' + i] = i; return null;",
    TIME_OR_MEMORY,
  ],
  'a generator without end': [
    'var g = (function* () { for (;;) yield 1; })(); return Array.from(g).length + "";',
    TIME_OR_MEMORY,
  ],
  'a string of 100 MB': ["return 'x'.repeat(1e8);", /returned a name of 100000000 characters/],
  'an error of 100 MB': [
    "throw new Error('x'.repeat(1e8));",
    /line \d+: Error: x{300,}…$|used more than 32 MB/,
  ],
  'lines in its error': ["throw new Error('a\\nERROR forged\\u2028b');", /Error: a ERROR forged b$/],
  'an error without a text': [
    'throw { toString: null, valueOf: null };',
    /threw something that cannot be shown/,
  ],
  'a proxy as an error': [
    'throw new Proxy({}, { get: function () { throw 1; }, getPrototypeOf: function () { throw 2; } });',
    /cannot be shown/,
  ],
  'a revoked proxy as an answer': [
    'var p = Proxy.revocable([], {}); p.revoke(); return p.proxy;',
    /orgscript\.js/,
  ],
  'the process': ["return this['process'].version;", /of undefined \(reading 'version'\)/],
  'the process by the constructor of a function': [
    "return (function () {}).constructor('return process')().version;",
    /code in strings cannot be run/,
  ],
  'the process by the constructor of print': [
    "return print.constructor('return this')().process.version;",
    /code in strings cannot be run/,
  ],
  'the process by the constructor of the entry': [
    "return entry.constructor.constructor('return process')();",
    /of null/,
  ],
  'the process by the constructor of a list': [
    "return entry.list('cn').constructor.constructor('return process')();",
    /code in strings/,
  ],
  'the constructor of generators': [
    "return Object.getPrototypeOf(function* () {}).constructor('yield 1')().next().value;",
    /code in strings/,
  ],
  'eval by another name': ["return this['ev' + 'al']('1');", /code in strings cannot be run/],
  'the stack of the caller': [
    'Error.prepareStackTrace = function (e, s) { return s; }; return String(arguments.callee.caller);',
    'null',
  ],
  'what is not there': [
    "return [typeof WebAssembly, typeof SharedArrayBuffer, typeof Atomics, typeof globalThis['Promise'], typeof setTimeout].join();",
    'undefined,undefined,undefined,undefined,undefined',
  ],
  'a polluted prototype': [
    "Object.prototype.department = 'polluted'; Array.prototype.polluted = 1; return null;",
    null,
  ],
  'a replaced method': [
    "String.prototype.toLowerCase = function () { return 'x'; }; Array.prototype.contains = null; JSON.stringify = null; return null;",
    null,
  ],
  'a replaced method, by definition': [
    "Object.defineProperty(Array.prototype, 'push', { value: null }); return null;",
    /TypeError: Cannot redefine/,
  ],
  'a replaced global': ['Map = 5; undefined = 6; print = 7; $c42uds_values = 8; return null;', null],
  'a changed iterator': [
    'Object.getPrototypeOf([][Symbol.iterator]()).next = function () { for (;;); }; return null;',
    null,
  ],
  'a changed shared class': [
    "Java.type('java.util.HashSet').prototype.add = null; globalThis.java.util = null; console.log = null; return null;",
    null,
  ],
  'a global that cannot be removed': [
    "Object.defineProperty(globalThis, 'stuck', { value: 1 }); return null;",
    /^A script left stuck changed/,
  ],
  'a sealed global object': [
    'Object.preventExtensions(globalThis); return null;',
    /^A script left globalThis changed/,
  ],
  'a hidden global': [
    "Object.defineProperty(globalThis, 'hidden', { value: 1, configurable: true }); return null;",
    null,
  ],
};

/** The Org script's answer for everybody else: it would show whatever an attack left behind. */
const WITNESS = `
  var seen = [];
  for each (var v in { a: 'A', b: 'b' }) seen.push(v.toLowerCase());
  for (var k in [1]) seen.push(k);
  var set = new java.util.HashSet(); set.add('s');
  return [typeof hidden, typeof stuck, {}.department, seen.join('+'), set.size(), new Map([[1, 2]]).size,
    ['c'].contains('c'), undefined, JSON.stringify({ a: 1 })].join();`;
const WITNESSED = 'undefined,undefined,,a+b+0,1,1,true,,{"a":1}';

test(
  'each attack costs its own user, and everybody between them is judged right',
  { timeout: 120_000 },
  async () => {
    const names = Object.keys(ATTACKS);
    const cases = names.map((name, i) => `case '${i}': ${ATTACKS[name]?.[0]}`);
    const script = `function (entry) {\nswitch (entry.attack) {\n${cases.join('\n')}\n}\n${WITNESS}\n}`;
    await using judge = await judgeWith({ org: script }, { timeoutMs: 200, memoryLimitMb: 32 });
    const users = names.flatMap((_, i) => [user(`a${i}`), user('x', { attack: [String(i)] }), user(`b${i}`)]);
    const judgements = await judge.judge(users);
    assert.equal(judgements.length, users.length);
    names.forEach((name, i) => {
      const [before, attacked, after] = judgements.slice(i * 3, i * 3 + 3).map((one) => shown(one));
      const fine = { active: true, org: WITNESSED, roles: null };
      assert.deepEqual(before, fine, `before ${name}`);
      assert.deepEqual(after, fine, `after ${name}`);
      const result = ATTACKS[name]?.[1];
      if (result instanceof RegExp)
        assert.match(typeof attacked === 'string' ? attacked : JSON.stringify(attacked), result, name);
      else assert.deepEqual(attacked, { active: true, org: result, roles: null }, name);
    });
  },
);

test('what V8 itself dies of costs its own user too', { timeout: 120_000 }, async () => {
  const bodies = [
    'var m = new Map(); for (var i = 0; ; i++) m.set(i, i);',
    "var a = []; for (;;) a.push('x' + a.length);",
  ];
  const cases = bodies.map((body, i) => `case 'attack${i}': ${body}`).join('\n');
  await using judge = await judgeWith(
    { org: `function (entry) {\nswitch (entry.cn) {\n${cases}\n}\nreturn entry.cn; }` },
    { timeoutMs: 10_000, memoryLimitMb: 32 },
  );
  const judgements = await judge.judge(['a', 'attack0', 'b', 'attack1', 'c'].map((name) => user(name)));
  const died = 'The scripts used more than 32 MB, or brought the script process down';
  assert.deepEqual(
    judgements.map((one) => (one.ok ? one.decision.org : shown(one))),
    ['a', died, 'b', died, 'c'],
  );
});

test('getters and changing lengths of what is returned change nothing', async () => {
  await using judge = await judgeWith(
    {
      role: `var reads = 0;
      function (entry) {
        if (entry.cn === 'getter') return Object.defineProperty(['a'], '0', { get: function () { return reads++ ? 5 : 'once'; } });
        if (entry.cn === 'length') return new Proxy(['a'], { get: function (t, k) { return k === 'length' ? 1e9 : t[k]; } });
        if (entry.cn === 'json') return [{ toJSON: function () { return 'x'; }, toString: function () { return 'x'; } }];
        if (entry.cn === 'deep') { var a = []; a.push(a); return a; }
        return 'R';
      }`,
    },
    { timeoutMs: 500 },
  );
  const judgements = await judge.judge(['getter', 'length', 'json', 'deep', 'x'].map((name) => user(name)));
  assert.deepEqual(
    judgements.map((one) => (one.ok ? one.decision.roles : shown(one))),
    [
      ['once'],
      'rolescript.js returned 1000000000 roles: 1000 are the most',
      'rolescript.js returned a list with an object: roles are names',
      'rolescript.js returned a list with a list: roles are names',
      ['R'],
    ],
  );
});

test('many slow users in one batch are no failure while each keeps its time', async () => {
  await using judge = await judgeWith(
    { org: 'function (entry) { var end = Date.now() + 30; while (Date.now() < end); return entry.cn; }' },
    { timeoutMs: 300 },
  );
  const judgements = await judge.judge(Array.from({ length: 40 }, (_, i) => user(`u${i}`)));
  assert.deepEqual(
    judgements.map((one) => (one.ok ? one.decision.org : shown(one))),
    Array.from({ length: 40 }, (_, i) => `u${i}`),
  );
});

test('memory that tables use up over many users restarts the process and costs nobody', async () => {
  await using judge = await judgeWith(
    { org: 'var kept = [];\nfunction (entry) { kept.push(new Array(20000).fill(1.5)); return entry.cn; }' },
    { memoryLimitMb: 32, timeoutMs: 5_000 },
  );
  const judgements = await judge.judge(Array.from({ length: 600 }, (_, i) => user(`u${i}`)));
  assert.deepEqual(judgements.filter((one) => !one.ok).map(shown), []);
  assert.ok(judge.lines.some((line) => line.includes('The script process ended')));
});

test('scripts that must be stopped for everybody end the run', { timeout: 60_000 }, async () => {
  await using judge = await judgeWith({ active: 'function (entry) { for (;;); }' }, { timeoutMs: 20 });
  const users = Array.from({ length: 100 }, (_, i) => user(`u${i}`));
  const hopeless = (error: unknown): boolean => {
    assert.ok(error instanceof RunError);
    assert.equal(error.code, 'SCRIPT_INVALID');
    assert.match(error.message, /stopped for 20 users in a row.*activescript\.js took longer than 20 ms/);
    return true;
  };
  await assert.rejects(judge.judge(users), hopeless);
  await assert.rejects(judge.judge(users), hopeless);
});
