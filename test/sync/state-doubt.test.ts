import assert from 'node:assert/strict';
import { copyFileSync, rmSync } from 'node:fs';
import { describe, it } from 'node:test';
import { RunError } from '../../src/model/errors.ts';
import type { Outcome } from '../../src/model/plan.ts';
import type { Sighting } from '../../src/model/ports.ts';
import { Lab, RULES } from '../doubles/lab.ts';

/** What a run makes of a state that does not know the latest runs, and of one that knows nobody any more. */

const NAMES = ['ann', 'ben', 'cat', 'dan', 'eve', 'fay', 'gus', 'hal'];
const COUNTING = { ...RULES, missedUserCheck: true, deactivateUserThreshold: 3, absentMaxPercent: 100 };

async function company(): Promise<Lab> {
  const lab = new Lab();
  lab.rules = COUNTING;
  for (const name of NAMES) lab.hire(name);
  await lab.run();
  return lab;
}

function forget(lab: Lab): void {
  for (const side of ['', '-wal', '-shm']) rmSync(lab.statePath + side, { force: true });
}

function accountOf(lab: Lab, name: string): { active: boolean } | undefined {
  return lab.service.byName(`${name}@example.com`)?.resource;
}

describe('an older copy of the state', () => {
  it('does not count absences of before it was made: who was seen since starts at zero', async () => {
    using lab = await company();
    lab.directory.hide('id-ann');
    for (let n = 0; n < 2; n += 1) await lab.run();
    copyFileSync(lab.statePath, `${lab.statePath}.copy`);
    lab.directory.show('id-ann');
    await lab.run();
    copyFileSync(`${lab.statePath}.copy`, lab.statePath);
    lab.directory.hide('id-ann');
    for (const mode of ['DRY', 'LIVE'] as const) {
      assert.equal((await lab.run({ mode })).planned.DEACTIVATE, 0, mode);
      assert.ok(lab.logged.splice(0).some((line) => line.includes('absent from the search base (1 of 3)')));
    }
    assert.equal((await lab.run()).confirmed.DEACTIVATE, 0);
    assert.equal(accountOf(lab, 'ann')?.active, true);
    assert.equal((await lab.run()).confirmed.DEACTIVATE, 1);
  });

  it('is told of accounts whose owners came and went since, though it knows everybody who is there', async () => {
    using lab = await company();
    copyFileSync(lab.statePath, `${lab.statePath}.copy`);
    lab.hire('ida');
    await lab.run();
    copyFileSync(`${lab.statePath}.copy`, lab.statePath);
    lab.directory.remove('id-ida');
    assert.deepEqual((await lab.run()).unclaimed, {
      count: 1,
      provisioned: 1,
      ofInactive: 0,
      users: ['ida@example.com'],
    });
    assert.equal((await lab.run()).unclaimed, null);
    assert.equal(accountOf(lab, 'ida')?.active, true);
  });
});

describe('a host that was restored from a snapshot', () => {
  it('closes whoever was created since and left, once state.db.runs is deleted; a full sync alone does not', async () => {
    using lab = await company();
    const files = [lab.statePath, `${lab.statePath}.runs`];
    for (const file of files) copyFileSync(file, `${file}.snapshot`);
    lab.hire('ida');
    await lab.run();
    for (const file of files) copyFileSync(`${file}.snapshot`, file);
    lab.directory.change('id-ida', { disabled: 'yes' });
    await lab.run({ scope: 'FULL' });
    assert.equal(accountOf(lab, 'ida')?.active, true);
    rmSync(`${lab.statePath}.runs`);
    await lab.run();
    assert.equal(accountOf(lab, 'ida')?.active, false);
  });
});

describe('a state that was lost', () => {
  it('leaves accounts open that no entry has, and names them, in the dry run as in the live one', async () => {
    using lab = await company();
    const service = lab.service.users.get('1');
    assert.ok(service);
    const byHand = { ...service.resource, userName: 'backup@example.com', externalId: '' };
    lab.service.users.set('by hand', { scimId: 'by hand', resource: byHand });
    const closed = { ...service.resource, userName: 'gone@example.com', externalId: 'gone', active: false };
    lab.service.users.set('closed', { scimId: 'closed', resource: closed });
    for (const name of ['ann', 'ben']) lab.directory.remove(`id-${name}`);
    forget(lab);
    const told = {
      count: 3,
      provisioned: 2,
      ofInactive: 0,
      users: ['ann', 'ben', 'backup'].map((n) => `${n}@example.com`),
    };
    assert.deepEqual((await lab.run({ mode: 'DRY' })).unclaimed, told);
    assert.deepEqual((await lab.run()).unclaimed, told);
    for (let n = 0; n < 4; n += 1) {
      const next = await lab.run({ scope: n % 2 === 0 ? 'FULL' : 'INCREMENTAL' });
      assert.equal(next.unclaimed, null);
      assert.equal(next.confirmed.DEACTIVATE, 0);
    }
    for (const name of ['ann', 'ben', 'backup']) assert.equal(accountOf(lab, name)?.active, true, name);
  });

  it('says nothing of accounts after an incomplete read, and says it in the next complete one', async () => {
    using lab = await company();
    lab.directory.remove('id-ann');
    forget(lab);
    lab.directory.faults = [{ afterPages: 0, reason: 'the connection was lost' }];
    assert.equal((await lab.run()).unclaimed, null);
    assert.equal((await lab.run()).unclaimed?.count, 1);
  });

  it('counts who leaves afterwards as absent, as ever', async () => {
    using lab = await company();
    forget(lab);
    await lab.run();
    lab.directory.remove('id-ann');
    for (const closed of [0, 0, 1]) assert.equal((await lab.run()).confirmed.DEACTIVATE, closed);
    assert.equal(accountOf(lab, 'ann')?.active, false);
  });
});

describe('a creation whose answer was lost, of somebody who has left', () => {
  /** Ida's account was made, and nobody knows; she is disabled, or gone. */
  async function lostIda(how: 'DISABLED' | 'GONE'): Promise<Lab> {
    const lab = await company();
    lab.hire('ida');
    lab.service.afterWrite = () => {
      throw new RunError('SERVICE_UNREACHABLE', 'lost');
    };
    await assert.rejects(lab.run());
    lab.service.afterWrite = null;
    if (how === 'GONE') lab.directory.remove('id-ida');
    else lab.directory.change('id-ida', { disabled: 'yes' });
    return lab;
  }

  const untold: Sighting[] = [
    { kind: 'NAMESAKE', scimId: '9', active: true },
    { kind: 'UNKNOWN', reason: 'it did not answer.' },
  ];
  for (const how of ['DISABLED', 'GONE'] as const) {
    for (const sighting of untold) {
      it(`is a failure of every run while the service cannot tell: ${how}, ${sighting.kind}`, async () => {
        using lab = await lostIda(how);
        const find = lab.service.find.bind(lab.service);
        lab.service.find = async () => sighting;
        for (const scope of ['INCREMENTAL', 'FULL', 'INCREMENTAL'] as const) {
          const { exitCode, failures } = await lab.run({ scope });
          assert.deepEqual([exitCode, failures.map(({ user }) => user)], [3, ['ida@example.com']]);
          assert.match(failures[0]?.failure.message ?? '', /whether the service holds one cannot be told: /);
        }
        lab.service.find = find;
        // Known by now, and closed at once, or after three absences.
        for (let n = 0; n < 4; n += 1) assert.equal((await lab.run()).exitCode, 0);
        assert.equal(accountOf(lab, 'ida')?.active, false);
      });
    }

    it(`needs no word where the account of the name is closed: ${how}`, async () => {
      using lab = await lostIda(how);
      lab.service.find = async () => ({ kind: 'NAMESAKE', scimId: '9', active: false });
      for (let n = 0; n < 4; n += 1) {
        assert.equal((await lab.run()).exitCode, 0);
        lab.now = new Date(lab.now.getTime() + 24 * 3_600_000);
      }
      const asked: string[] = [];
      lab.service.find = async ({ userName }) => {
        asked.push(userName);
        return { kind: 'NONE' };
      };
      await lab.run();
      assert.deepEqual(asked, []);
    });
  }

  it('is not forgotten where the list does not show it, the count is wrong, and look-ups are late', async () => {
    using lab = await company();
    lab.hire('ida');
    const unanswered: Outcome = { ok: false, failure: { stage: 'SEND', message: 'no answer' } };
    const create = lab.service.create.bind(lab.service);
    lab.service.create = async (user, mayAdopt) => {
      await create(user, mayAdopt);
      return unanswered;
    };
    await lab.run();
    lab.service.create = create;
    lab.directory.remove('id-ida');
    const count = lab.service.count.bind(lab.service);
    lab.service.count = async () => 0;
    lab.service.hides = ({ userName }) => userName === 'ida@example.com';
    for (let n = 0; n < 5; n += 1) {
      lab.now = new Date(lab.now.getTime() + 3_600_000);
      await lab.run({ scope: 'FULL' });
    }
    lab.service.hides = (_, from) => from === 'LIST';
    lab.service.count = count;
    lab.now = new Date(lab.now.getTime() + 3_600_000);
    for (let n = 0; n < 3; n += 1) await lab.run({ scope: 'FULL' });
    assert.equal(accountOf(lab, 'ida')?.active, false);
  });
});
