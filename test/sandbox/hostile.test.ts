/** Scripts that loop, eat memory, try to get out or to change what others see: each costs one user and nobody else. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { RunError } from '../../src/model/errors.ts';
import { tryAttacks } from './attack-trial.ts';
import { ATTACKS_ON_MEMORY } from './attacks.ts';
import { judgeWith, shown, user } from './scripted-judge.ts';

test(
  'attacks by size cost their own users, and everybody between them is judged right',
  { timeout: 120_000 },
  () => tryAttacks(ATTACKS_ON_MEMORY),
);

test('what V8 itself dies of costs its own user too', { timeout: 120_000 }, async () => {
  const bodies = [
    'var m = new Map(); for (var i = 0; ; i++) m.set(i, i);',
    "var a = []; for (;;) a.push('x' + a.length);",
  ];
  const cases = bodies.map((body, i) => `case 'attack${i}': ${body}`).join('\n');
  await using judge = await judgeWith(
    { org: `function (entry) {\nswitch (entry.cn) {\n${cases}\n}\nreturn entry.cn; }` },
    { timeoutMs: 5_000, memoryLimitMb: 32 },
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
