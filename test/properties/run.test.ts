/** The properties that the engine obeys, from the text of a configuration to what a run then does. */

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runRules } from '../../src/cli/run-rules.ts';
import { loadSettings } from '../../src/config/settings.ts';
import type { Entry } from '../../src/model/entry.ts';
import type { Judgement } from '../../src/model/decision.ts';
import type { RunRules } from '../../src/model/run.ts';
import { dnOf, Lab, type LabRun } from '../doubles/lab.ts';
import { RuleJudge } from '../doubles/rule-judge.ts';
import type { Properties } from './program-folder.ts';

/** The rules of a configuration with these properties, and with the default of every other one. */
function configured(lab: Lab, properties: Properties): RunRules {
  const path = join(lab.folder, 'config.properties');
  const lines = Object.entries(properties).map(([key, value]) => `${key}=${value}\n`);
  writeFileSync(path, `ldap.baseurl=ldap\\://directory.example.com\n${lines.join('')}`);
  return runRules(loadSettings(path).settings);
}

function hireMany(lab: Lab, count: number): void {
  for (let n = 0; n < count; n += 1) lab.hire(`user${n}`);
}

/** Counts the entries that it has been given and has not judged yet. */
class CountingJudge extends RuleJudge {
  most = 0;
  calls = 0;
  #waiting = 0;

  override async judge(entries: readonly Entry[]): Promise<readonly Judgement[]> {
    this.calls += 1;
    this.#waiting += entries.length;
    this.most = Math.max(this.most, this.#waiting);
    await new Promise(setImmediate);
    this.#waiting -= entries.length;
    return super.judge(entries);
  }
}

test('workqueues.size bounds the entries that are queued between the directory and the scripts', async () => {
  for (const size of [1, 2, 10, 120]) {
    using lab = new Lab();
    lab.rules = configured(lab, { 'workqueues.size': String(size), 'deactivate.max.percent': '100' });
    const judge = new CountingJudge();
    Object.assign(lab, { judge });
    lab.directory.pageSize = 60;
    hireMany(lab, 120);
    assert.equal((await lab.run()).confirmed.CREATE, 120);
    // While one batch is stored the next one is judged, so each is half of the queue.
    assert.equal(judge.most, size);
    assert.equal(judge.calls, 120 / Math.max(1, size / 2));
  }
});

test('missed.user.check decides whether an absent user is counted and deactivated at all', async () => {
  for (const [check, deactivated] of [
    ['false', 0],
    ['true', 1],
  ] as const) {
    using lab = new Lab();
    lab.rules = configured(lab, { 'missed.user.check': check });
    hireMany(lab, 4);
    await lab.run();
    lab.directory.remove('id-user0');
    let count = 0;
    for (let n = 0; n < 6; n += 1) count += (await lab.run()).confirmed.DEACTIVATE;
    assert.equal(count, deactivated);
  }
});

test('deactivate.user.threshold is the number of runs in a row that find a user absent', async () => {
  for (const [properties, threshold] of [
    [{ 'deactivate.user.threshold': '2' }, 2],
    [{ 'deactivate.user.threshold': '3' }, 3],
    [{}, 5],
  ] as const) {
    using lab = new Lab();
    lab.rules = configured(lab, { 'missed.user.check': 'true', ...properties });
    hireMany(lab, 4);
    await lab.run();
    lab.directory.remove('id-user0');
    for (let n = 1; n < threshold; n += 1) {
      assert.deepEqual((await lab.run()).writes, [], `absent ${n} of ${threshold}`);
    }
    assert.deepEqual((await lab.run()).writes, ['update active user0@example.com']);
  }
});

test('deactivate.user.threshold below 2 is refused', () => {
  using lab = new Lab();
  for (const value of ['1', '0', '-2']) {
    assert.throws(() => configured(lab, { 'deactivate.user.threshold': value }), {
      code: 'CONFIG_INVALID',
      message: /deactivate\.user\.threshold/,
    });
  }
});

test('deactivate.max.percent and deactivate.max.count stop a run that would deactivate more', async () => {
  const cases: [Properties, string | null][] = [
    [{}, 'deactivate.max.percent'],
    [{ 'deactivate.max.percent': '30' }, null],
    [{ 'deactivate.max.percent': '100' }, null],
    [{ 'deactivate.max.percent': '100', 'deactivate.max.count': '9' }, 'deactivate.max.count'],
    [{ 'deactivate.max.percent': '100', 'deactivate.max.count': '10' }, null],
  ];
  for (const [properties, tripped] of cases) {
    using lab = new Lab();
    lab.rules = configured(lab, properties);
    hireMany(lab, 40);
    await lab.run();
    for (let n = 0; n < 10; n += 1) lab.directory.change(`id-user${n}`, { disabled: 'yes' });
    const run = await lab.run();
    assert.equal(run.guards[0]?.property ?? null, tripped);
    assert.equal(run.exitCode, tripped === null ? 0 : 6);
    assert.equal(run.writes.length, tripped === null ? 10 : 0);
  }
});

/** A run of 40 provisioned users after `change`, and the guard that stopped it. */
async function stoppedBy(
  properties: Properties,
  attributes: Record<string, string>,
  change: (lab: Lab) => void,
): Promise<string | null> {
  using lab = new Lab();
  lab.rules = configured(lab, { 'deactivate.max.percent': '100', ...properties });
  for (let n = 0; n < 40; n += 1) lab.hire(`user${n}`, attributes);
  for (let n = 0; n < 10; n += 1) lab.hire(`looms${n}`, { department: 'Looms', title: 'Lead' });
  assert.equal((await lab.run()).exitCode, 0);
  change(lab);
  const run = await lab.run();
  assert.equal(run.exitCode === 6, run.guards.length > 0);
  return run.guards.map(({ property }) => property).join() || null;
}

/** Changes the first `count` of the users. */
function changeFirst(count: number, name: string, attributes: Record<string, string | null>) {
  return (lab: Lab): void => {
    for (let n = 0; n < count; n += 1) lab.directory.change(`id-${name}${n}`, attributes);
  };
}

test('deactivate.org.max.percent stops a run that would deactivate more of one organization', async () => {
  const leave = changeFirst(7, 'looms', { disabled: 'yes' });
  const key = 'deactivate.org.max.percent';
  assert.equal(await stoppedBy({}, { department: 'Mills' }, leave), key);
  assert.equal(await stoppedBy({ [key]: '69' }, { department: 'Mills' }, leave), key);
  assert.equal(await stoppedBy({ [key]: '70' }, { department: 'Mills' }, leave), null);
});

test('guard.absent.max.percent stops a run that finds more of the known users absent', async () => {
  const vanish = (lab: Lab): void => {
    for (let n = 0; n < 20; n += 1) lab.directory.remove(`id-user${n}`);
  };
  const key = 'guard.absent.max.percent';
  const counting = { 'missed.user.check': 'true' };
  assert.equal(await stoppedBy(counting, {}, vanish), null);
  assert.equal(await stoppedBy({ ...counting, [key]: '39' }, {}, vanish), key);
  assert.equal(await stoppedBy({ ...counting, [key]: '40' }, {}, vanish), null);
});

test('guard.failed.max.percent stops a run whose scripts fail for more users', async () => {
  const fail = (lab: Lab): void => {
    changeFirst(40, 'user', { title: 'Lead' })(lab);
    changeFirst(10, 'looms', { title: 'Analyst' })(lab);
    lab.judge.rule = (entry) => {
      if (/^id-user1?\d$/.test(entry.identity)) throw new TypeError('memberOf is null');
      return { active: true, org: null, roles: null };
    };
  };
  const key = 'guard.failed.max.percent';
  const others = { 'guard.moved.max.percent': '100' };
  assert.equal(await stoppedBy(others, {}, fail), key);
  assert.equal(await stoppedBy({ ...others, [key]: '39' }, {}, fail), key);
  assert.equal(await stoppedBy({ ...others, [key]: '40' }, {}, fail), null);
});

test('guard.cleared.max.percent stops a run that would clear an attribute of more users', async () => {
  const clear = changeFirst(20, 'user', { title: null });
  const key = 'guard.cleared.max.percent';
  assert.equal(await stoppedBy({}, { title: 'Lead' }, clear), key);
  assert.equal(await stoppedBy({ [key]: '39' }, { title: 'Lead' }, clear), key);
  assert.equal(await stoppedBy({ [key]: '40' }, { title: 'Lead' }, clear), null);
});

test('guard.moved.max.percent stops a run that would move more users to other organizations', async () => {
  const move = changeFirst(20, 'user', { department: 'Looms' });
  const key = 'guard.moved.max.percent';
  assert.equal(await stoppedBy({}, { department: 'Mills' }, move), key);
  assert.equal(await stoppedBy({ [key]: '39' }, { department: 'Mills' }, move), key);
  assert.equal(await stoppedBy({ [key]: '40' }, { department: 'Mills' }, move), null);
});

test('guard.replaced.max.percent stops a run that would give many another userName, email or manager', async () => {
  const key = 'guard.replaced.max.percent';
  const others = { 'ldap.attrib.userName': 'uid', 'ldap.attrib.email': 'mail' };
  const boss = (name: string): Record<string, string> => ({ manager: dnOf(name) });
  const cases: readonly [string, Record<string, string>][] = [
    ['userName', { uid: '+49 30' }],
    ['email', { mail: 'noreply@example.com' }],
    ['manager', boss('user31')],
  ];
  for (const [attribute, change] of cases) {
    for (const [properties, count, tripped] of [
      [{}, 11, true],
      [{}, 10, false],
      [{ [key]: '22' }, 11, false],
    ] as const) {
      using lab = new Lab();
      lab.rules = configured(lab, { ...others, ...properties });
      for (let n = 0; n < 50; n += 1) lab.hire(`user${n}`, boss('user30'));
      assert.equal((await lab.run()).exitCode, 0);
      for (let n = 0; n < count; n += 1) {
        const own = change['uid'] === undefined ? change : { uid: `${change['uid']} ${n}` };
        lab.directory.change(`id-user${n}`, own);
      }
      const run = await lab.run();
      assert.deepEqual(
        run.guards.map(({ property }) => property),
        tripped ? [key] : [],
        attribute,
      );
      if (tripped)
        assert.match(
          run.guards[0]?.message ?? '',
          new RegExp(`^11 of 50 .* another ${attribute}; the limit is 20 %`),
        );
    }
  }
});

test('deactivate.unit.max.percent stops a run that would deactivate most of one unit for absence', async () => {
  const key = 'deactivate.unit.max.percent';
  const vanish = async (properties: Properties, gone: number): Promise<LabRun> => {
    using lab = new Lab();
    lab.rules = configured(lab, {
      'missed.user.check': 'true',
      'deactivate.user.threshold': '2',
      'deactivate.max.percent': '20',
      ...properties,
    });
    for (let n = 0; n < 100; n += 1) {
      const unit = n < 12 ? 'Oslo\\, East' : 'Berlin';
      const attributes = { uid: `user${n}`, mail: `user${n}@example.com`, sn: 'Doe' };
      lab.directory.put(`id-user${n}`, `uid=user${n}, ou=${unit},dc=example,dc=com`, attributes);
    }
    assert.equal((await lab.run()).exitCode, 0);
    for (let n = 0; n < gone; n += 1) lab.directory.hide(`id-user${n}`);
    assert.equal((await lab.run()).exitCode, 0);
    const run = await lab.run();
    assert.equal(run.confirmed.DEACTIVATE, run.exitCode === 6 ? 0 : gone);
    return run;
  };
  const stopped = await vanish({}, 7);
  assert.deepEqual(
    stopped.guards.map(({ property }) => property),
    [key],
  );
  assert.match(
    stopped.guards[0]?.message ?? '',
    /^7 of 12 \(58\.3 %\) active users of the unit ou=oslo\\, east,dc=example,dc=com would be deactivated/,
  );
  assert.equal((await vanish({}, 6)).exitCode, 0);
  assert.equal((await vanish({ [key]: '59' }, 7)).exitCode, 0);
});

test('guard.reactivated.max.percent stops a run that would make more deactivated users active again', async () => {
  const key = 'guard.reactivated.max.percent';
  const stopped = async (properties: Record<string, string>): Promise<string> => {
    using lab = new Lab();
    for (let n = 0; n < 50; n += 1) lab.hire(`user${n}`);
    assert.equal((await lab.run()).exitCode, 0);
    changeFirst(20, 'user', { disabled: 'yes' })(lab);
    assert.equal((await lab.run()).confirmed.DEACTIVATE, 20);
    changeFirst(20, 'user', { disabled: null })(lab);
    lab.rules = configured(lab, properties);
    const run = await lab.run();
    assert.equal(run.exitCode === 6, run.guards.length > 0);
    assert.equal(run.confirmed.REACTIVATE, run.exitCode === 6 ? 0 : 20);
    return run.guards.map((tripped) => tripped.property).join();
  };
  assert.equal(await stopped({}), key);
  // Twenty beside thirty who are active: two thirds.
  assert.equal(await stopped({ [key]: '66' }), key);
  assert.equal(await stopped({ [key]: '67' }), '');
});

test('guard.created.max.percent stops a run that would create many more users once everybody was synchronized', async () => {
  const key = 'guard.created.max.percent';
  const more = (lab: Lab, prefix: string, count: number): void => {
    for (let n = 0; n < count; n += 1) lab.hire(`${prefix}${n}`);
  };
  const widened = async (properties: Properties, count: number, known = 100): Promise<LabRun> => {
    using lab = new Lab();
    lab.rules = configured(lab, properties);
    more(lab, 'user', known);
    assert.equal((await lab.run()).confirmed.CREATE, known, "a first synchronization is nobody's mistake");
    more(lab, 'machine', count);
    const run = await lab.run();
    assert.equal(run.confirmed.CREATE, run.exitCode === 6 ? 0 : count);
    return run;
  };
  const stopped = await widened({}, 51);
  assert.deepEqual(
    stopped.guards.map(({ property, userCount }) => [property, userCount]),
    [[key, 51]],
  );
  assert.match(
    stopped.guards[0]?.message ?? '',
    /^51 users would be created, beside 100 active ones; the limit is 50 % of these\. Were ldap\.search\.filter/,
  );
  assert.equal((await widened({}, 50)).exitCode, 0);
  assert.equal((await widened({ [key]: '51' }, 51)).exitCode, 0);
  // A pilot group, and the company after it.
  assert.equal((await widened({}, 400, 99)).exitCode, 0);
  // Of few users any share is small: a department of 50 is nobody's mistake.
  assert.equal((await widened({ [key]: '0' }, 50)).exitCode, 0);
});

test('a first synchronization that breaks off, or whose creations fail, is not taken for a search too wide', async () => {
  using lab = new Lab();
  lab.rules = configured(lab, {});
  hireMany(lab, 200);
  lab.service.beforeWrite = (_, { userName }) =>
    Number(/\d+/.exec(userName)?.[0]) < 150
      ? { ok: false, failure: { stage: 'SEND', message: 'no licence is left' } }
      : undefined;
  assert.equal((await lab.run()).confirmed.CREATE, 50);
  lab.service.beforeWrite = null;
  lab.now = new Date(lab.now.getTime() + 24 * 3_600_000);
  const run = await lab.run();
  assert.deepEqual(run.guards, []);
  assert.equal(run.confirmed.CREATE, 150);
});

test('deactivate.day.max.percent stops a run that deactivates too many together with the runs before it', async () => {
  const key = 'deactivate.day.max.percent';
  const company = async (properties: Record<string, string>): Promise<Lab> => {
    const lab = new Lab();
    lab.rules = configured(lab, properties);
    for (let n = 0; n < 100; n += 1) lab.hire(`user${n}`);
    assert.equal((await lab.run()).exitCode, 0);
    return lab;
  };
  /** The exit codes of runs each of which finds four more leavers; a limit for each run would let all of them pass. */
  const leaving = async (lab: Lab, runs: number, hours = 1): Promise<number[]> => {
    const codes: number[] = [];
    for (let n = 0; n < runs; n += 1) {
      lab.now = new Date(lab.now.getTime() + hours * 3_600_000);
      const first = [...lab.service.users.values()].filter(({ resource }) => !resource.active).length;
      for (let at = first; at < first + 4; at += 1) lab.directory.change(`id-user${at}`, { disabled: 'yes' });
      codes.push((await lab.run()).exitCode);
    }
    return codes;
  };
  {
    using lab = await company({});
    assert.deepEqual(await leaving(lab, 6), [0, 0, 0, 0, 0, 6]);
    lab.directory.change('id-user90', { title: 'Lead' });
    const stopped = await lab.run();
    assert.deepEqual([stopped.exitCode, stopped.guards.map(({ property }) => property)], [6, [key]]);
    assert.match(
      stopped.guards[0]?.message ?? '',
      /4 active users .* after 20 in the last 24 hours: together 24 of 100 \(24\.0 %\)/,
    );
    // Approved, it is right, and counting begins anew.
    assert.equal((await lab.run({ approve: stopped.planId })).exitCode, 0);
    assert.deepEqual(await leaving(lab, 1), [0]);
  }
  {
    using lab = await company({});
    await leaving(lab, 5);
    for (let n = 20; n < 24; n += 1) lab.directory.change(`id-user${n}`, { disabled: 'yes' });
    assert.equal((await lab.run()).exitCode, 6);
    // Nobody to be deactivated: nothing to be stopped for.
    for (let n = 20; n < 24; n += 1) lab.directory.change(`id-user${n}`, { disabled: null, title: 'Lead' });
    assert.equal((await lab.run()).exitCode, 0);
    // Limited runs count as any other.
    lab.directory.change('id-user30', { disabled: 'yes' });
    assert.equal((await lab.run({ extraFilter: '(uid=user30)' })).exitCode, 6);
    lab.now = new Date(lab.now.getTime() + 86_400_000);
    assert.equal((await lab.run()).exitCode, 0);
  }
  {
    // An approval of something else is no approval of these.
    using lab = await company({ 'guard.cleared.max.percent': '20' });
    await leaving(lab, 5);
    for (let n = 50; n < 100; n += 1) lab.directory.change(`id-user${n}`, { sn: null });
    const stopped = await lab.run();
    assert.deepEqual(
      stopped.guards.map(({ property }) => property),
      ['guard.cleared.max.percent'],
    );
    assert.equal((await lab.run({ approve: stopped.planId })).exitCode, 0);
    assert.deepEqual(await leaving(lab, 1), [6]);
  }
  for (const [properties, codes] of [
    [{ [key]: '23' }, [0, 0, 0, 0, 0, 6]],
    [{ [key]: '24' }, [0, 0, 0, 0, 0, 0]],
    [{ [key]: '100' }, [0, 0, 0, 0, 0, 0]],
  ] as const) {
    using lab = await company(properties);
    assert.deepEqual(await leaving(lab, 6), codes);
  }
  using spread = await company({});
  assert.deepEqual(await leaving(spread, 8, 7), [0, 0, 0, 0, 0, 0, 0, 0]);
});
