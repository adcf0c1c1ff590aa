import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { UserResource } from '../../src/model/user.ts';
import { Lab, RULES, dnOf } from '../doubles/lab.ts';

/** What a run makes of the accounts that a service held before it, on the first day or after the state was lost. */

/** Puts an account there that c42uds has not made. */
function addAccount(lab: Lab, scimId: string, over: Partial<UserResource>): void {
  const plain: Partial<UserResource> = { externalId: '', active: true, org: null, roles: null };
  lab.service.users.set(scimId, { scimId, resource: { ...plain, ...over } as UserResource });
}

function isOpen(lab: Lab, scimId: string): boolean | undefined {
  return lab.service.users.get(scimId)?.resource.active;
}

describe('somebody who fails on the first day and has an account', () => {
  async function firstDay(): Promise<Lab> {
    const lab = new Lab();
    lab.rules = { ...RULES, failedMaxPercent: 100 };
    for (const name of ['ann', 'ben']) {
      lab.hire(name);
      const given = {
        userName: `${name}@example.com`,
        externalId: `id-${name}`,
        org: 'Given',
        roles: ['User'],
      };
      addAccount(lab, name, given);
    }
    return lab;
  }

  it('is closed when the script is mended and says that he has left', async () => {
    using lab = await firstDay();
    lab.directory.change('id-ann', { disabled: 'yes' });
    const { rule } = lab.judge;
    lab.judge.rule = (entry) => {
      if (entry.identity === 'id-ann') throw new Error('broken');
      return rule(entry);
    };
    assert.equal((await lab.run()).exitCode, 3);
    lab.judge.rule = rule;
    lab.scopeKey = 'mended';
    assert.deepEqual((await lab.run()).writes, ['update active ann@example.com']);
    assert.equal(isOpen(lab, 'ann'), false);
    assert.equal((await lab.run()).exitCode, 0);
  });

  it('is closed when his entry has no userName and he leaves', async () => {
    using lab = await firstDay();
    lab.directory.change('id-ann', { mail: null });
    assert.equal((await lab.run()).exitCode, 3);
    lab.directory.change('id-ann', { disabled: 'yes' });
    assert.equal((await lab.run()).confirmed.DEACTIVATE, 1);
    assert.equal(isOpen(lab, 'ann'), false);
  });

  it('keeps what the service has given him where the mended script leaves it to the service', async () => {
    using lab = await firstDay();
    const { rule } = lab.judge;
    lab.judge.rule = (entry) => {
      if (entry.identity === 'id-ann') throw new Error('broken');
      return rule(entry);
    };
    await lab.run();
    lab.judge.rule = rule;
    lab.scopeKey = 'mended';
    await lab.run();
    const { org, roles } = lab.service.users.get('ann')?.resource ?? {};
    assert.deepEqual([org, roles], ['Given', ['User']]);
  });
});

describe('a search base that is made wider', () => {
  it('has the list of the service read again: leavers of the new part have accounts, too', async () => {
    using lab = new Lab();
    for (const name of ['ann', 'ben']) {
      lab.hire(name);
      addAccount(lab, name, { userName: `${name}@example.com`, externalId: `id-${name}` });
    }
    lab.directory.change('id-ann', { disabled: 'yes' });
    lab.directory.hide('id-ann');
    await lab.run();
    assert.equal(isOpen(lab, 'ann'), true);
    lab.directory.show('id-ann');
    lab.scopeKey = 'wider';
    lab.populationKey = 'wider base';
    assert.equal((await lab.run()).confirmed.DEACTIVATE, 1);
    assert.equal(isOpen(lab, 'ann'), false);
    const walks = lab.service.lists;
    lab.scopeKey = 'another script';
    await lab.run();
    assert.equal(lab.service.lists, walks);
  });
});

describe('an account without an externalId that has the name of a disabled entry', () => {
  it('stays open, and is named as such, while one of an active entry is nobody else’s', async () => {
    using lab = new Lab();
    lab.rules = { ...RULES, failedMaxPercent: 100 };
    lab.hire('ann', { disabled: 'yes' });
    lab.hire('ben');
    lab.hire('cyd');
    for (const name of ['ann', 'ben', 'nobody']) addAccount(lab, name, { userName: `${name}@example.com` });
    addAccount(lab, 'cyd', { userName: 'cyd@example.com', externalId: 'of another tool' });
    const { unclaimed, failures } = await lab.run();
    assert.deepEqual(
      failures.map(({ user }) => user),
      ['cyd@example.com'],
    );
    const users = ['ann@example.com', 'nobody@example.com'];
    assert.deepEqual(unclaimed, { count: 2, provisioned: 0, ofInactive: 1, users });
    assert.equal(isOpen(lab, 'ann'), true);
  });
});

describe('an identity that is no UUID', () => {
  it('keeps its capitals: after the state was lost the account is found and closed', async () => {
    using lab = new Lab();
    for (const n of ['ann', 'ben']) {
      lab.directory.put(`E-${n}`, dnOf(n), { uid: n, mail: `${n}@example.com`, sn: n });
    }
    await lab.run();
    lab.forgetState();
    lab.directory.change('E-ann', { disabled: 'yes' });
    assert.equal((await lab.run()).confirmed.DEACTIVATE, 1);
    assert.equal(lab.service.byName('ann@example.com')?.resource.active, false);
  });

  it('is not the same in another case, and a UUID is', async () => {
    using lab = new Lab();
    const uuid = '0f8fad5b-d9cb-469f-a165-70867728950e';
    lab.directory.put('e-ann', dnOf('ann'), {
      uid: 'ann',
      mail: 'ann@example.com',
      sn: 'x',
      disabled: 'yes',
    });
    lab.directory.put(uuid, dnOf('ben'), { uid: 'ben', mail: 'ben@example.com', sn: 'x', disabled: 'yes' });
    addAccount(lab, 'other', { userName: 'other@example.com', externalId: 'E-ANN' });
    addAccount(lab, 'ben', { userName: 'ben.old@example.com', externalId: uuid.toUpperCase() });
    await lab.run();
    assert.deepEqual([isOpen(lab, 'other'), isOpen(lab, 'ben')], [true, false]);
  });
});

describe('somebody who has left and has two accounts under one externalId', () => {
  it('is a failure of every run until one of them is gone, and then the other is closed', async () => {
    using lab = new Lab();
    lab.rules = { ...RULES, failedMaxPercent: 100 };
    lab.hire('ann', { disabled: 'yes' });
    lab.hire('ben');
    for (const scimId of ['one', 'two']) {
      addAccount(lab, scimId, { userName: `ann.${scimId}@example.com`, externalId: 'id-ann' });
    }
    for (let n = 0; n < 4; n += 1) {
      const { exitCode, failures, waiting, writes } = await lab.run();
      const told = failures.length + waiting.length;
      assert.deepEqual([exitCode, told, writes.length], [3, 1, n === 0 ? 1 : 0]);
    }
    lab.service.users.delete('one');
    lab.now = new Date(lab.now.getTime() + 48 * 3_600_000);
    assert.equal((await lab.run()).confirmed.DEACTIVATE, 1);
    assert.equal(isOpen(lab, 'two'), false);
    const walks = lab.service.lists;
    assert.equal((await lab.run({ scope: 'FULL' })).exitCode, 0);
    assert.ok(lab.service.lists <= walks + 1);
  });
});

describe('a disabled and an active entry that share a userName, where accounts are adopted by it', () => {
  for (const [old, current] of [
    ['id-1', 'id-2'],
    ['id-2', 'id-1'],
  ] as const) {
    it(`leave the account to the active entry: ${old} is the disabled one`, async () => {
      using lab = new Lab();
      lab.rules = { ...RULES, adoptByUserName: true };
      lab.service.adoptsByName = true;
      lab.hire('ben');
      const mail = 'ann@example.com';
      lab.directory.put(old, dnOf('ann-old'), { uid: 'annold', mail, sn: 'x', disabled: 'yes' });
      lab.directory.put(current, dnOf('ann'), { uid: 'ann', mail, sn: 'x' });
      addAccount(lab, 'hers', { userName: mail });
      for (const scope of ['INCREMENTAL', 'INCREMENTAL', 'FULL'] as const) {
        const { confirmed, failures, exitCode } = await lab.run({ scope });
        assert.deepEqual([confirmed.DEACTIVATE, failures, exitCode], [0, [], 0]);
      }
      assert.equal(isOpen(lab, 'hers'), true);
      assert.equal(lab.service.users.get('hers')?.resource.externalId, current);
    });
  }

  it('leave the account alone while the active entry has not been read', async () => {
    using lab = new Lab();
    lab.rules = { ...RULES, adoptByUserName: true };
    lab.service.adoptsByName = true;
    lab.directory.pageSize = 1;
    const mail = 'ann@example.com';
    lab.directory.put('id-1', dnOf('ann-old'), { uid: 'annold', mail, sn: 'x', disabled: 'yes' });
    lab.directory.put('id-2', dnOf('ann'), { uid: 'ann', mail, sn: 'x' });
    addAccount(lab, 'hers', { userName: mail });
    lab.directory.faults = [{ afterPages: 1, reason: 'the connection was lost' }];
    assert.equal((await lab.run()).exitCode, 4);
    assert.equal(isOpen(lab, 'hers'), true);
    assert.equal((await lab.run()).exitCode, 0);
    assert.equal(isOpen(lab, 'hers'), true);
  });

  it('leave it alone where the other one fails, for that may be the active one', async () => {
    using lab = new Lab();
    lab.rules = { ...RULES, adoptByUserName: true, failedMaxPercent: 100 };
    const mail = 'ann@example.com';
    lab.directory.put('id-1', dnOf('ann-old'), { uid: 'annold', mail, sn: 'x', disabled: 'yes' });
    lab.directory.put('id-2', dnOf('ann'), { uid: 'ann', mail, sn: 'x' });
    addAccount(lab, 'hers', { userName: mail });
    const { rule } = lab.judge;
    lab.judge.rule = (entry) => {
      if (entry.identity === 'id-2') throw new Error('broken');
      return rule(entry);
    };
    await lab.run();
    assert.equal(isOpen(lab, 'hers'), true);
  });

  it('close the account where both are disabled', async () => {
    using lab = new Lab();
    lab.rules = { ...RULES, adoptByUserName: true };
    const mail = 'ann@example.com';
    for (const id of ['id-1', 'id-2'])
      lab.directory.put(id, dnOf(id), { uid: id, mail, sn: 'x', disabled: 'yes' });
    addAccount(lab, 'hers', { userName: mail });
    assert.equal((await lab.run()).confirmed.DEACTIVATE, 1);
    assert.equal(isOpen(lab, 'hers'), false);
  });

  it('are named, and the account is left alone, where both are active', async () => {
    using lab = new Lab();
    lab.rules = { ...RULES, adoptByUserName: true, failedMaxPercent: 100 };
    const mail = 'ann@example.com';
    for (const id of ['id-1', 'id-2']) lab.directory.put(id, dnOf(id), { uid: id, mail, sn: 'x' });
    addAccount(lab, 'hers', { userName: mail });
    const { failures, writes, exitCode } = await lab.run();
    assert.deepEqual([failures.length, writes, exitCode], [2, [], 3]);
  });
});
