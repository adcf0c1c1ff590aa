/** One "nobody" of the service is not believed: what it may hold open is looked for, three times over a day. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Outcome } from '../../src/model/plan.ts';
import { dnOf, Lab } from '../doubles/lab.ts';

function later(lab: Lab, hours: number): void {
  lab.now = new Date(lab.now.getTime() + hours * 3_600_000);
}

/** The next update of somebody is answered as by a service that knows no such user. */
function denyOnce(lab: Lab, userName: string): void {
  const { scimId } = lab.service.byName(userName) ?? { scimId: '' };
  lab.service.beforeWrite = (kind, user): Outcome | undefined => {
    if (kind !== 'update' || user.userName !== userName) return undefined;
    lab.service.beforeWrite = null;
    return { ok: true, scimId, how: 'GONE', held: [] };
  };
}

async function labWith(...names: string[]): Promise<Lab> {
  const lab = new Lab();
  for (const name of names) lab.hire(name);
  await lab.run();
  return lab;
}

describe('an account that the service does not find for a moment', () => {
  it('while it is deactivated is closed as soon as it is there again', async () => {
    using lab = await labWith('ann', 'ben', 'cyd');
    lab.directory.change('id-ann', { disabled: 'yes' });
    denyOnce(lab, 'ann@example.com');
    assert.equal((await lab.run()).exitCode, 0);
    later(lab, 1);
    const looked = await lab.run();
    assert.deepEqual([looked.exitCode, looked.failures.length], [3, 1]);
    later(lab, 1);
    assert.equal((await lab.run()).confirmed.DEACTIVATE, 1);
    assert.equal(lab.service.byName('ann@example.com')?.resource.active, false);
    assert.deepEqual((await lab.run()).writes, []);
  });

  it('when a deactivation without a word is looked at stays one to be looked at', async () => {
    using lab = await labWith('ann', 'ben', 'cyd');
    lab.directory.change('id-ann', { disabled: 'yes' });
    lab.service.showsNothing = true;
    lab.service.transforms = (user) => ({ ...user, active: true });
    await lab.run();
    lab.service.showsNothing = false;
    lab.service.transforms = null;
    later(lab, 1);
    const find = lab.service.find.bind(lab.service);
    lab.service.find = async () => Promise.resolve({ kind: 'NONE' });
    assert.equal((await lab.run()).exitCode, 0);
    lab.service.find = find;
    later(lab, 1);
    assert.equal((await lab.run()).exitCode, 3);
    await lab.run();
    assert.equal(lab.service.byName('ann@example.com')?.resource.active, false);
  });

  it('while his manager is sent to somebody unread stays known as his', async () => {
    using lab = await labWith('boss', 'cyd');
    lab.hire('ann', { manager: dnOf('boss') });
    await lab.run();
    lab.service.users.delete(lab.service.byName('boss@example.com')?.scimId ?? '');
    lab.directory.change('id-boss', { title: 'Lead' });
    await lab.run();
    denyOnce(lab, 'ann@example.com');
    assert.equal((await lab.run()).exitCode, 3);
    lab.directory.change('id-ann', { disabled: 'yes' });
    assert.equal((await lab.run()).confirmed.DEACTIVATE, 1);
    assert.equal(lab.service.byName('ann@example.com')?.resource.active, false);
  });

  it('is a failure of every run while an open one of its name may be the same', async () => {
    using lab = await labWith('ann', 'ben', 'cyd');
    lab.directory.change('id-ann', { disabled: 'yes' });
    denyOnce(lab, 'ann@example.com');
    await lab.run();
    lab.service.find = async () => Promise.resolve({ kind: 'NAMESAKE', scimId: '77', active: true });
    for (let n = 0; n < 4; n += 1) {
      later(lab, 24);
      const { exitCode, failures } = await lab.run();
      assert.equal(exitCode, 3);
      assert.match(failures[0]?.failure.message ?? '', /user 77, who is active/);
    }
  });
});

describe('an account that is not there any more', () => {
  it('is looked for in three runs over a day, and then forgotten', async () => {
    using lab = await labWith('ann', 'ben', 'cyd');
    lab.service.users.delete(lab.service.byName('ann@example.com')?.scimId ?? '');
    lab.directory.change('id-ann', { disabled: 'yes' });
    await lab.run();
    const gets: number[] = [];
    for (let n = 0; n < 30; n += 1) {
      later(lab, 1);
      lab.service.gets = 0;
      const { exitCode } = await lab.run();
      assert.equal(exitCode, 0);
      gets.push(lab.service.gets - 1);
    }
    assert.equal(
      gets.reduce((sum, each) => sum + each, 0),
      2,
      'the deactivation was the first',
    );
    lab.directory.change('id-ann', { disabled: null });
    assert.equal((await lab.run()).confirmed.CREATE, 1);
  });

  it('is forgotten at once where it was seen closed before', async () => {
    using lab = await labWith('ann', 'ben', 'cyd');
    lab.directory.change('id-ann', { disabled: 'yes' });
    await lab.run();
    lab.service.users.delete(lab.service.byName('ann@example.com')?.scimId ?? '');
    await lab.run({ scope: 'FULL' });
    assert.equal((await lab.run({ scope: 'FULL' })).planned.UPDATE, 2);
  });
});
