/** Users who fail: remembered until they succeed or are gone, and no reason to stop those who do not. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { dnOf, Lab, RULES } from '../doubles/lab.ts';

const HOUR_MS = 3_600_000;

describe('a failure', () => {
  it('that comes due while the run goes on is not forgotten', async () => {
    using lab = new Lab();
    for (const name of ['ann', 'ben']) lab.hire(name);
    const rule = lab.judge.rule;
    await lab.run();
    lab.judge.rule = (entry) => {
      if (entry.identity === 'id-ann') throw new TypeError('no such department');
      return rule(entry);
    };
    lab.directory.change('id-ann', { title: 'Lead' });
    for (let n = 0; n < 3; n += 1) assert.equal((await lab.run()).exitCode, 3);
    const retryAt = (await lab.run()).failures[0] ?? (await lab.run()).waiting[0];
    assert.ok(retryAt !== undefined);
    const waiting = (await lab.run()).waiting[0];
    assert.ok(waiting !== undefined, 'not tried in each run any more');
    // The run begins five seconds before the retry is due, and its sending takes ten.
    lab.now = new Date(new Date(waiting.retryAt).getTime() - 5_000);
    lab.hire('cyd');
    lab.service.afterWrite = () => {
      lab.now = new Date(lab.now.getTime() + 10_000);
    };
    const { exitCode, waiting: stillWaiting } = await lab.run();
    assert.deepEqual([exitCode, stillWaiting.map(({ user }) => user)], [3, ['ann@example.com']]);
    lab.service.afterWrite = null;
    lab.judge.rule = rule;
    lab.now = new Date(lab.now.getTime() + 72 * HOUR_MS);
    assert.deepEqual((await lab.run()).writes, ['update title ann@example.com']);
  });

  it('for a name that somebody else holds lasts hour by hour until the name is free', async () => {
    using lab = new Lab();
    for (const name of ['ann', 'ben']) lab.hire(name);
    await lab.run();
    lab.directory.put('id-ann2', dnOf('ann2'), { uid: 'ann2', mail: 'ann@example.com', sn: 'x' });
    for (let hour = 1; hour <= 8; hour += 1) {
      lab.now = new Date(Date.UTC(2026, 0, 1, hour));
      lab.directory.change('id-ben', { title: `title ${hour}` });
      lab.service.afterWrite = () => {
        lab.now = new Date(lab.now.getTime() + 20_000 + hour);
      };
      assert.equal((await lab.run()).exitCode, 3, `hour ${hour}`);
    }
    lab.service.afterWrite = null;
    lab.directory.change('id-ann', { mail: 'ann.old@example.com' });
    lab.now = new Date(lab.now.getTime() + 48 * HOUR_MS);
    const freed = await lab.run();
    assert.deepEqual(freed.writes, ['update userName,email ann.old@example.com', 'create ann@example.com']);
    assert.equal(freed.exitCode, 0);
  });
});

describe('many who fail for good', () => {
  it('are looked at by the guard once, not by every incremental run that tries them again', async () => {
    using lab = new Lab();
    for (let n = 0; n < 60; n += 1) lab.hire(`user${n}`);
    for (let n = 0; n < 8; n += 1)
      lab.directory.put(`id-svc${n}`, dnOf(`svc${n}`), { uid: `svc${n}`, sn: 'no mail' });
    assert.equal((await lab.run()).exitCode, 3);
    for (let n = 0; n < 6; n += 1) {
      lab.now = new Date(lab.now.getTime() + HOUR_MS);
      lab.directory.change(`id-user${n}`, n === 4 ? { disabled: 'yes' } : { title: 'Lead' });
      const { exitCode, writes, guards } = await lab.run();
      assert.deepEqual([exitCode, writes.length, guards], [3, 1, []], `hour ${n}`);
    }
    assert.equal(lab.service.byName('user4@example.com')?.resource.active, false);
  });

  it('do not stop runs that read everybody each time either', async () => {
    using lab = new Lab();
    for (let n = 0; n < 30; n += 1) lab.hire(`user${n}`);
    for (let n = 0; n < 10; n += 1)
      lab.directory.put(`id-svc${n}`, dnOf(`svc${n}`), { uid: `svc${n}`, sn: 'no mail' });
    const stopped = await lab.run();
    assert.equal(stopped.exitCode, 6);
    assert.equal((await lab.run({ approve: stopped.planId })).exitCode, 3);
    lab.directory.change('id-user4', { disabled: 'yes' });
    const full = await lab.run({ scope: 'FULL' });
    assert.deepEqual([full.exitCode, full.confirmed.DEACTIVATE], [3, 1]);
  });

  it('stop the run in which they begin to, until it is approved', async () => {
    using lab = new Lab();
    lab.rules = { ...RULES, failedMaxPercent: 20 };
    for (let n = 0; n < 60; n += 1) lab.hire(`user${n}`);
    await lab.run();
    for (let n = 0; n < 8; n += 1) lab.directory.change(`id-user${n}`, { mail: null });
    for (let n = 0; n < 2; n += 1) assert.equal((await lab.run()).exitCode, 6);
    const stopped = await lab.run();
    assert.equal(stopped.guards[0]?.property, 'guard.failed.max.percent');
    assert.equal((await lab.run({ approve: stopped.planId })).exitCode, 3);
    assert.equal((await lab.run()).exitCode, 3);
  });
});
