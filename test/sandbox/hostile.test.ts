/** Scripts that loop, eat memory, try to get out or to change what others see: each costs one user and nobody else. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { RunError } from '../../src/model/errors.ts';
import { ATTACKS } from './attacks.ts';
import { judgeWith, shown, user } from './scripted-judge.ts';

/** The Org script's answer for everybody else: it would show whatever an attack left behind. */
const WITNESS = `
  var seen = [];
  for each (var v in { a: 'A', b: 'b' }) seen.push(v.toLowerCase());
  for (var k in [1]) seen.push(k);
  var set = new java.util.HashSet(); set.add('s');
  return [typeof hidden, typeof stuck, {}.department, seen.join('+'), set.size(), new Map([[1, 2]]).size,
    ['c'].contains('c'), undefined, JSON.stringify({ a: 1 }), typeof ArrayList, typeof hidden2 + typeof hidden3 + typeof keep,
    ''.hidden, [].hidden, RegExp.$1, java.lang.Integer.MAX_VALUE, java.util.Calendar.YEAR,
    'aXb'.matches('a.b'), 'aXb'.replaceAll('X', 'y'), new java.util.HashMap({ k: 'v' }).toString(),
    new java.util.HashMap({ k: 'v' }).entrySet().iterator().next().getKey()].join();`;
const WITNESSED =
  'undefined,undefined,,a+b+0,1,1,true,,{"a":1},undefined,undefinedundefinedundefined,,,,2147483647,1,true,ayb,{k=v},k';

test(
  'each attack costs its own user, and everybody between them is judged right',
  { timeout: 120_000 },
  async () => {
    const names = Object.keys(ATTACKS);
    const cases = names.map(
      (name, i) => `case '${i}': return (function (entry) { ${ATTACKS[name]?.[0]} })(entry);`,
    );
    const script = `function (entry) {\nswitch (entry.attack) {\n${cases.join('\n')}\n}\n${WITNESS}\n}`;
    await using judge = await judgeWith({ org: script }, { timeoutMs: 200, memoryLimitMb: 32 });
    const users = names.flatMap((_, i) => [user(`a${i}`), user('x', { attack: [String(i)] }), user(`b${i}`)]);
    const judgements = await judge.judge(users);
    assert.equal(judgements.length, users.length);
    const fine = { active: true, org: WITNESSED, roles: null };
    const wrong = names.flatMap((name, i) => {
      const [before, attacked, after] = judgements.slice(i * 3, i * 3 + 3).map((one) => shown(one));
      const result = ATTACKS[name]?.[1];
      const text = typeof attacked === 'string' ? attacked : JSON.stringify(attacked?.org);
      const isAsSaid = result instanceof RegExp ? result.test(text) : text === JSON.stringify(result);
      const others = isDeepStrictEqual([before, after], [fine, fine]);
      return isAsSaid && others ? [] : [{ name, text, before, after }];
    });
    assert.deepEqual(wrong, []);
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

test('what a script adds to shared prototypes while it loads does not reach into the answers', async () => {
  const toJson = "Array.prototype.toJSON = Object.prototype.toJSON = function () { return 'forged'; };";
  await using judge = await judgeWith({
    org: `${toJson}\nObject.prototype[0] = 'element';\nString.prototype.twice = function () { return this + this; };
      function (entry) { return entry.cn.twice() + [].length + [][0]; }`,
  });
  const [one] = await judge.judge([user('a')]);
  assert.deepEqual(shown(one), { active: true, org: 'aa0undefined', roles: null });
  await assert.rejects(
    judgeWith({
      org: "Object.defineProperty(Object.prototype, '0', { set: function () {} });\nfunction (entry) { return null; }",
    }),
    /The scripts change 0 while they load/,
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
