/** Scripts tried out on one user, and scripts judged at another time. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { judgeWith, shown, user } from './scripted-judge.ts';

test('a trial tells of each script its answer, what it read and what it printed', async () => {
  await using judge = await judgeWith({
    active:
      'function (entry) { print("hello " + entry.cn); return entry.get("mail").endsWith("example.com"); }',
    org: 'function (entry) { return entry.division || entry["DEPARTMENT"]; }',
    role: 'function (entry) { return entry.list("memberOf"); }',
  });
  const trials = await judge.tryOn(user('ada', { department: ['Research'], memberOf: ['A', 'B'] }));
  assert.deepEqual(
    trials.map(({ kind, name, answer, failure }) => ({ kind, name, answer, failure })),
    [
      { kind: 'active', name: 'activescript.js', answer: true, failure: null },
      { kind: 'org', name: 'orgscript.js', answer: 'Research', failure: null },
      { kind: 'role', name: 'rolescript.js', answer: ['A', 'B'], failure: null },
    ],
  );
  assert.deepEqual(
    trials.map(({ read, absent, prints }) => ({ read, absent, prints })),
    [
      { read: ['cn', 'mail'], absent: [], prints: ['activescript.js: hello ada'] },
      { read: ['DEPARTMENT'], absent: ['division'], prints: [] },
      { read: ['memberOf'], absent: [], prints: [] },
    ],
  );
  assert.ok(trials.every(({ durationMs }) => durationMs > 0 && durationMs < 2_000));
});

test('a trial goes on behind a script that fails, takes too long or answers nonsense', async () => {
  await using judge = await judgeWith(
    {
      active: 'function (entry) { return entry.nothing.length > 0; }',
      org: 'function (entry) { for (;;); }',
      role: 'function (entry) { return 7; }',
    },
    { timeoutMs: 300 },
  );
  const [active, org, role] = await judge.tryOn(user('ada'));
  assert.match(active?.failure ?? '', /^activescript\.js line 1/);
  assert.deepEqual(active?.absent, ['nothing']);
  assert.equal(org?.failure, 'orgscript.js took longer than 300 ms');
  assert.match(role?.failure ?? '', /^rolescript\.js returned the number 7/);
  // The judge is as good as before.
  assert.match(shown((await judge.judge([user('eve')]))[0]) as string, /^activescript\.js line 1/);
});

test('a trial that brings the process down says so for all three, and the judge recovers', async () => {
  await using judge = await judgeWith(
    { role: 'function (entry) { var m = new Map(); for (var i = 0; ; i++) m.set(i, [i, i, i]); }' },
    { memoryLimitMb: 16, timeoutMs: 20_000 },
  );
  const trials = await judge.tryOn(user('ada'));
  assert.equal(trials.length, 3);
  assert.ok(trials.every(({ failure }) => failure?.includes('more than 16 MB') === true));
});

test('scripts can be judged as if it were another moment, by every way to ask for it', async () => {
  const clockMs = Date.UTC(2031, 1, 3, 4, 5, 6, 7);
  await using judge = await judgeWith(
    {
      active:
        'function (entry) { return new Date() instanceof Date && new Date().getTime() === Date.now(); }',
      org: `function (entry) {
        var calendar = java.util.Calendar.getInstance();
        return [Date.now(), +new Date(), new java.util.Date().getTime(), java.lang.System.currentTimeMillis(),
          calendar.getTime().getTime(), new (new Date().constructor)().getTime()].join();
      }`,
      role: `function (entry) {
        return [Date(), String(new Date(0).getTime()), String(Date.UTC(1970, 0, 1)), String(Date.parse('1970-01-01')),
          new Date(2020, 1, 2, 3).getFullYear() + '', String(Date.length), Date.name];
      }`,
    },
    { clockMs },
  );
  const decision = shown((await judge.judge([user('ada')]))[0]);
  assert.ok(typeof decision === 'object', JSON.stringify(decision));
  assert.equal(decision.active, true);
  assert.equal(decision.org, Array.from({ length: 6 }, () => clockMs).join());
  assert.match(decision.roles?.[0] ?? '', /^(Mon|Sun) Feb 0[23] 2031/);
  assert.deepEqual(decision.roles?.slice(1), ['0', '2020', 'Date']);
});

test('the clock that stands still gives no way back to the real one', async () => {
  await using judge = await judgeWith(
    {
      active: `function (entry) {
        var ways = [Date, Date.prototype.constructor, new Date(5).constructor, Object.getPrototypeOf(new Date(5)).constructor];
        return ways.every(function (way) { return way.now() === 1000 && typeof $c42uds_clock === 'undefined'; });
      }`,
      org: 'function (entry) { Date = null; return String(Date.now()); }',
    },
    { clockMs: 1000 },
  );
  assert.deepEqual(shown((await judge.judge([user('ada')]))[0]), { active: true, org: '1000', roles: null });
});
