import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { describe, it } from 'node:test';
import { readRuns } from '../../src/local/history-reading.ts';
import { RunError } from '../../src/model/errors.ts';
import type { Outcome } from '../../src/model/plan.ts';
import type { UserResource } from '../../src/model/user.ts';
import { openState } from '../../src/local/state.ts';
import { dnOf, Lab, RULES } from '../doubles/lab.ts';

/** Ways in which people lost accounts, or changes were lost, in the eyes of those who attacked this engine. */

const CHECKING = { ...RULES, missedUserCheck: true, deactivateUserThreshold: 2, absentMaxPercent: 100 };
const REFUSED: Outcome = { ok: false, failure: { stage: 'SEND', message: 'refused' } };

function isActive(lab: Lab, name: string): boolean | undefined {
  return lab.service.byName(`${name}@example.com`)?.resource.active;
}

function refuse(lab: Lab, ...names: string[]): void {
  lab.service.beforeWrite = (_, user) =>
    names.some((name) => user.userName === `${name}@example.com`) ? REFUSED : undefined;
}

describe('settings that are put back', () => {
  it('after a run under others that died leave nobody as those made him', async () => {
    using lab = new Lab();
    for (let n = 0; n < 20; n += 1) lab.hire(`user${n}`);
    await lab.run();
    const { rule } = lab.judge;
    lab.scopeKey = 'a script with a mistake';
    lab.judge.rule = (entry) => ({ ...rule(entry), active: false });
    let writes = 0;
    lab.service.beforeWrite = () => {
      writes += 1;
      if (writes > 8) throw new RunError('SERVICE_UNREACHABLE', 'gone');
      return undefined;
    };
    await assert.rejects(lab.run());
    assert.ok([...lab.service.users.values()].some(({ resource }) => !resource.active));
    lab.service.beforeWrite = null;
    lab.scopeKey = 'scope';
    lab.judge.rule = rule;
    assert.equal((await lab.run()).exitCode, 0);
    assert.ok([...lab.service.users.values()].every(({ resource }) => resource.active));
  });

  it('after a limited run under others leave nobody as those made him', async () => {
    using lab = new Lab();
    lab.hire('ann');
    await lab.run();
    const { rule } = lab.judge;
    lab.scopeKey = 'other';
    lab.judge.rule = (entry) => ({ ...rule(entry), active: false });
    await lab.run({ userNames: ['ann'] });
    assert.equal(isActive(lab, 'ann'), false);
    lab.scopeKey = 'scope';
    lab.judge.rule = rule;
    await lab.run();
    assert.equal(isActive(lab, 'ann'), true);
  });
});

describe('an absent user', () => {
  it('who comes back unchanged is reactivated by the next incremental run', async () => {
    using lab = new Lab();
    lab.rules = CHECKING;
    for (const name of ['ann', 'ben']) lab.hire(name);
    await lab.run();
    const stored = lab.directory.entries.get('id-ann');
    assert.ok(stored !== undefined);
    lab.directory.entries.delete('id-ann');
    await lab.run();
    await lab.run();
    assert.equal(isActive(lab, 'ann'), false);
    lab.directory.entries.set('id-ann', stored);
    assert.deepEqual((await lab.run()).writes, ['update active ann@example.com']);
    assert.deepEqual((await lab.run()).writes, []);
  });

  it('who was seen by a run that died starts at zero all the same', async () => {
    using lab = new Lab();
    lab.rules = { ...CHECKING, deactivateUserThreshold: 2 };
    lab.hire('ann');
    lab.hire('ben');
    await lab.run();
    lab.directory.hide('id-ann');
    await lab.run();
    lab.directory.show('id-ann');
    lab.directory.change('id-ann', { title: 'Lead' });
    lab.service.beforeWrite = () => {
      throw new Error('died');
    };
    await assert.rejects(lab.run(), /died/);
    lab.service.beforeWrite = null;
    lab.directory.hide('id-ann');
    await lab.run();
    assert.equal(isActive(lab, 'ann'), true);
  });

  it('who comes back without a trace is read again, so that no change of before is lost, and starts at zero', async () => {
    using lab = new Lab();
    lab.rules = { ...CHECKING, deactivateUserThreshold: 2 };
    lab.hire('ann');
    lab.hire('ben');
    await lab.run();
    // A change whose run does not come to see it, since a right is lost before: nothing shows it when the right is back.
    lab.directory.change('id-ann', { title: 'Lead' });
    lab.directory.hide('id-ann');
    await lab.run();
    lab.directory.show('id-ann');
    lab.directory.faults = [null, null, { afterPages: 0, reason: 'the connection was lost' }];
    assert.equal((await lab.run()).exitCode, 4);
    lab.directory.hide('id-ann');
    await lab.run();
    assert.equal(isActive(lab, 'ann'), true);
    lab.directory.show('id-ann');
    assert.deepEqual((await lab.run()).writes, ['update title ann@example.com']);
    assert.deepEqual((await lab.run()).writes, []);
  });

  it('whose entry was made anew keeps the account, which the new entry claims, and the conflict is reported', async () => {
    using lab = new Lab();
    lab.rules = { ...CHECKING, deactivateUserThreshold: 3 };
    lab.hire('ann');
    await lab.run();
    lab.directory.remove('id-ann');
    lab.directory.put('id-ann2', dnOf('ann'), { uid: 'ann', mail: 'ann@example.com' });
    for (let n = 0; n < 6; n += 1) {
      assert.equal((await lab.run()).exitCode, 3);
      assert.equal(isActive(lab, 'ann'), true);
    }
    lab.service.adoptsByName = true;
    lab.directory.change('id-ann2', { title: 'Lead' });
    assert.equal((await lab.run()).exitCode, 0);
    for (let n = 0; n < 4; n += 1) assert.deepEqual((await lab.run()).writes, []);
    assert.equal(lab.service.byName('ann@example.com')?.resource.externalId, 'id-ann2');
  });

  it('whose entry was made anew is taken over by an incremental run that looks for the old entry, and by no other', async () => {
    using lab = new Lab();
    lab.service.adoptsByName = true;
    lab.hire('ann');
    lab.hire('ben', { manager: dnOf('ann') });
    await lab.run();
    lab.directory.remove('id-ann');
    lab.directory.put('id-ann2', dnOf('ann'), { uid: 'ann', mail: 'ann@example.com' });
    const limited = await lab.run({ userNames: ['ann'] });
    assert.match(limited.failures[0]?.failure.message ?? '', /still active/);
    lab.directory.faults = [null, { afterPages: 0, reason: 'the connection was lost' }];
    assert.deepEqual([(await lab.run()).exitCode, (await lab.run()).exitCode], [4, 0]);
    assert.equal(lab.service.byName('ann@example.com')?.resource.externalId, 'id-ann2');
    assert.deepEqual((await lab.run()).writes, []);
  });

  it('who is new does not get the closed account of somebody who had the name before, unless names decide', async () => {
    using lab = new Lab();
    lab.rules = CHECKING;
    // As a service that shows no externalId: nothing but our own state tells whose an account is.
    lab.service.adoptsByName = true;
    for (const name of ['smith', 'ben', 'cyd']) lab.hire(name);
    await lab.run();
    lab.directory.change('id-smith', { disabled: 'yes' });
    await lab.run();
    lab.directory.remove('id-smith');
    for (let n = 0; n < 4; n += 1) await lab.run();
    lab.directory.put('id-another', 'uid=smith,ou=new', { uid: 'smith', mail: 'smith@example.com' });
    for (const scope of ['INCREMENTAL', 'FULL'] as const) {
      const { exitCode, failures } = await lab.run({ scope });
      assert.deepEqual([exitCode, failures[0]?.failure.stage], [3, 'CONFLICT']);
      assert.equal(isActive(lab, 'smith'), false);
    }
    lab.rules = { ...CHECKING, adoptByUserName: true };
    lab.directory.change('id-another', { title: 'Lead' });
    assert.equal((await lab.run()).exitCode, 0);
    assert.equal(isActive(lab, 'smith'), true);
  });

  it('whose entry was made anew gets nothing of what was planned for the old one, his own manager though he is', async () => {
    using lab = new Lab();
    lab.service.adoptsByName = true;
    lab.hire('ann', { department: 'Legal', manager: dnOf('ann') });
    await lab.run();
    lab.directory.remove('id-ann');
    const attributes = { uid: 'ann', mail: 'ann@example.com', department: 'Sales', manager: dnOf('ann') };
    lab.directory.put('id-ann2', dnOf('ann'), attributes);
    const { exitCode, failures } = await lab.run();
    assert.deepEqual([exitCode, failures], [0, []]);
    const { scimId, resource } = lab.service.byName('ann@example.com') ?? {};
    assert.deepEqual([resource?.externalId, resource?.org, resource?.manager], ['id-ann2', 'Sales', scimId]);
  });

  it('whose entry was made anew is not deactivated in the run in which the new one fails', async () => {
    using lab = new Lab();
    lab.rules = CHECKING;
    lab.service.adoptsByName = true;
    lab.hire('ann');
    await lab.run();
    lab.directory.remove('id-ann');
    await lab.run();
    lab.directory.put('id-ann2', dnOf('ann'), { uid: 'ann', mail: 'ann@example.com' });
    refuse(lab, 'ann');
    await lab.run();
    assert.equal(isActive(lab, 'ann'), true);
  });
});

describe('the account of somebody else', () => {
  it('is not taken by a second entry with his userName, whether or not he was read in this run', async () => {
    using lab = new Lab();
    lab.service.adoptsByName = true;
    lab.hire('ann', { title: 'Lead' });
    await lab.run();
    lab.directory.put('id-mallory', dnOf('mallory'), { uid: 'mallory', mail: 'ANN@example.com' });
    for (let n = 0; n < 2; n += 1) {
      const result = await lab.run();
      assert.equal(result.exitCode, 3);
      assert.match(result.failures[0]?.failure.message ?? '', /claimed by uid=ann,.* and uid=mallory,/);
    }
    lab.directory.change('id-mallory', { disabled: 'yes' });
    await lab.run();
    assert.equal(isActive(lab, 'ann'), true);
    assert.equal(lab.service.byName('ann@example.com')?.resource.title, 'Lead');
  });

  it('is not lost when the service answers a creation with his id', async () => {
    using lab = new Lab();
    lab.hire('ann');
    await lab.run();
    lab.hire('ben');
    const id = lab.service.byName('ann@example.com')?.scimId ?? '';
    lab.service.beforeWrite = () => ({ ok: true, scimId: id, how: 'CREATED', held: [] });
    const result = await lab.run();
    assert.equal(result.exitCode, 3);
    assert.match(result.failures[0]?.failure.message ?? '', /belongs to another user/);
    const state = lab.openState('DRY');
    assert.equal(state.scimIdOf('id-ann'), id);
    state.close();
  });

  it('is not touched by an entry that claims his identity: both entries fail and neither speaks for him', async () => {
    using lab = new Lab();
    lab.hire('boss');
    await lab.run();
    const boss = lab.directory.entries.get('id-boss');
    assert.ok(boss !== undefined);
    const twin = {
      ...boss.entry,
      dn: dnOf('mallory'),
      attributes: { mail: ['m@example.com'], disabled: ['yes'] },
    };
    lab.directory.entries.set('twin', { entry: twin, usn: 999 });
    const result = await lab.run({ scope: 'FULL' });
    assert.equal(result.exitCode, 3);
    assert.match(result.failures[0]?.failure.message ?? '', /uid=boss.*uid=mallory|uid=mallory.*uid=boss/);
    assert.equal(isActive(lab, 'boss'), true);
    assert.deepEqual(result.writes, []);
  });

  it('made by hand at the service is not closed because an inactive entry has its name', async () => {
    using lab = new Lab();
    lab.hire('admin', { disabled: 'yes' });
    lab.hire('ann');
    const template = { userName: 'ann@example.com', externalId: '', active: true } as const;
    const blank = {
      givenName: null,
      familyName: null,
      email: null,
      title: null,
      userType: null,
      country: null,
    };
    const rest = { department: null, division: null, manager: null, org: null, roles: null };
    lab.service.users.set('7', {
      scimId: '7',
      resource: { ...template, ...blank, ...rest, userName: 'admin@example.com' },
    });
    lab.service.users.set('8', { scimId: '8', resource: { ...template, ...blank, ...rest } });
    const result = await lab.run();
    assert.equal(isActive(lab, 'admin'), true);
    assert.equal(result.writes.length, 1);
    assert.match(result.writes[0] ?? '', /^update .*ann@example\.com/);
  });

  it('is left alone when the service holds two users for one entry, and that is reported', async () => {
    using lab = new Lab();
    lab.hire('ann', { disabled: 'yes' });
    using other = new Lab();
    other.hire('ann');
    await other.run();
    const [held] = other.service.users.values();
    assert.ok(held !== undefined);
    lab.service.users.set('1', held);
    lab.service.users.set('2', { scimId: '2', resource: { ...held.resource, userName: 'old@example.com' } });
    const result = await lab.run();
    assert.equal(result.exitCode, 3);
    assert.match(result.failures[0]?.failure.message ?? '', /holds 2 users for this entry: 1 and 2/);
    assert.deepEqual(result.writes, []);
  });
});

describe('a first run that was limited', () => {
  it('does not keep later runs from finding whom the service holds, active and to be closed', async () => {
    using before = new Lab();
    for (let n = 0; n < 30; n += 1) before.hire(`user${n}`);
    await before.run();
    using lab = new Lab();
    for (const [id, held] of before.service.users) lab.service.users.set(id, held);
    for (let n = 0; n < 30; n += 1) lab.hire(`user${n}`, n === 5 ? { disabled: 'yes' } : {});
    await lab.run({ userNames: ['user1', 'user2'] });
    const dry = await lab.run({ mode: 'DRY' });
    assert.equal(dry.planned.CREATE, 0);
    assert.equal(dry.planned.DEACTIVATE, 1);
    assert.deepEqual((await lab.run()).writes, ['update active user5@example.com']);
    lab.service.gets = 0;
    await lab.run();
    assert.equal(lab.service.gets, 1, 'the list is read no more');
  });

  it('binds the state to its service though nothing was sent', async () => {
    using before = new Lab();
    before.hire('ann');
    await before.run();
    using lab = new Lab();
    lab.hire('ann');
    for (const [id, held] of before.service.users) lab.service.users.set(id, held);
    assert.deepEqual((await lab.run()).writes, []);
    const options = { path: lab.statePath, mode: 'LIVE', scopeKey: 'scope' } as const;
    assert.throws(() => openState({ ...options, service: 'https://other.example' }), {
      code: 'STATE_FOREIGN',
    });
  });
});

describe('links to managers', () => {
  it('survive a run that dies between the manager and the report', async () => {
    using lab = new Lab();
    lab.rules = { ...RULES, clientThreads: 1 };
    lab.hire('rep', { manager: dnOf('boss') });
    lab.hire('boss');
    refuse(lab, 'boss');
    await lab.run();
    lab.service.beforeWrite = (kind) => {
      if (kind === 'update') throw new RunError('SERVICE_UNREACHABLE', 'gone');
      return undefined;
    };
    await assert.rejects(lab.run());
    lab.service.beforeWrite = null;
    await lab.run();
    const boss = lab.service.byName('boss@example.com')?.scimId;
    assert.equal(lab.service.byName('rep@example.com')?.resource.manager, boss);
    assert.deepEqual((await lab.run()).writes, []);
  });

  it('follow a manager who was removed and made anew at the service', async () => {
    using lab = new Lab();
    lab.hire('boss');
    lab.hire('rep', { manager: dnOf('boss') });
    await lab.run();
    lab.service.users.delete(lab.service.byName('boss@example.com')?.scimId ?? '');
    lab.directory.change('id-boss', { title: 'Lead' });
    await lab.run();
    await lab.run();
    const boss = lab.service.byName('boss@example.com')?.scimId;
    assert.ok(boss !== undefined);
    assert.equal(lab.service.byName('rep@example.com')?.resource.manager, boss);
    assert.deepEqual((await lab.run()).writes, []);
  });

  it('who have left, and whose accounts were removed by hand, are not made anew when their manager gets another id', async () => {
    using lab = new Lab();
    for (const name of ['boss', 'gone', 'here']) {
      lab.hire(name, name === 'boss' ? {} : { manager: dnOf('boss') });
    }
    await lab.run();
    lab.directory.remove('id-gone');
    for (const name of ['boss', 'gone', 'here']) {
      lab.service.users.delete(lab.service.byName(`${name}@example.com`)?.scimId ?? '');
    }
    lab.directory.change('id-boss', { title: 'Lead' });
    await lab.run();
    const linking = await lab.run();
    assert.deepEqual([linking.exitCode, linking.failures.length], [3, 2]);
    assert.equal((await lab.run()).exitCode, 0);
    assert.equal(lab.service.byName('gone@example.com'), undefined);
    const boss = lab.service.byName('boss@example.com')?.scimId;
    assert.equal(lab.service.byName('here@example.com')?.resource.manager, boss);
    assert.deepEqual((await lab.run()).writes, []);
  });

  it('are not given to a newcomer at the DN from which the manager moved', async () => {
    using lab = new Lab();
    lab.hire('boss');
    lab.hire('rep', { manager: dnOf('boss') });
    await lab.run();
    const boss = lab.service.byName('boss@example.com')?.scimId;
    lab.directory.change('id-boss', {}, 'uid=boss,ou=board,dc=example,dc=com');
    lab.directory.put('id-new', dnOf('boss'), { uid: 'new', mail: 'new@example.com' });
    await lab.run();
    await lab.run();
    assert.equal(lab.service.byName('rep@example.com')?.resource.manager, boss);
  });

  it('stay with the one who has the DN now when the one who had it before is deactivated for absence', async () => {
    using lab = new Lab();
    lab.rules = { ...CHECKING, deactivateUserThreshold: 2 };
    lab.hire('boss');
    lab.hire('rep', { manager: dnOf('boss') });
    await lab.run();
    lab.directory.remove('id-boss');
    lab.directory.put('id-heir', dnOf('boss'), { uid: 'boss', mail: 'heir@example.com' });
    await lab.run();
    const heir = lab.service.byName('heir@example.com')?.scimId;
    assert.equal(lab.service.byName('rep@example.com')?.resource.manager, heir);
    assert.deepEqual((await lab.run()).writes, ['update active boss@example.com']);
    lab.directory.change('id-rep', { title: 'Lead' });
    assert.deepEqual((await lab.run()).writes, ['update title rep@example.com']);
    for (let n = 0; n < 3; n += 1) assert.deepEqual((await lab.run()).writes, []);
    assert.equal(lab.service.byName('rep@example.com')?.resource.manager, heir);
  });

  it('stay as they are while the manager fails, in runs that read him and in runs that wait for him', async () => {
    using lab = new Lab();
    lab.hire('boss');
    lab.hire('rep', { manager: dnOf('boss') });
    await lab.run();
    const boss = lab.service.byName('boss@example.com')?.scimId;
    // Made anew, the manager is a conflict; the report fails once and is read again while the manager waits.
    lab.directory.remove('id-boss');
    lab.directory.put('id-boss2', dnOf('boss'), { uid: 'boss', mail: 'boss@example.com' });
    lab.directory.change('id-rep', { title: 'Clerk' });
    refuse(lab, 'rep');
    for (let n = 0; n < 3; n += 1) assert.equal((await lab.run()).failures.length, 2);
    lab.service.beforeWrite = null;
    lab.directory.change('id-rep', { title: 'Lead' });
    const healed = await lab.run();
    assert.deepEqual(healed.writes, ['update title rep@example.com']);
    assert.equal(healed.failures.length + healed.waiting.length, 1);
    lab.directory.change('id-rep', { title: 'Chief' });
    assert.deepEqual((await lab.run()).writes, ['update title rep@example.com']);
    assert.equal(lab.service.byName('rep@example.com')?.resource.manager, boss);
  });

  it('are not removed because the manager was on the page that did not come', async () => {
    using lab = new Lab();
    lab.directory.pageSize = 1;
    lab.hire('rep', { manager: dnOf('boss') });
    lab.hire('boss');
    await lab.run();
    const moved = 'uid=boss,ou=board,dc=example,dc=com';
    lab.directory.change('id-rep', { manager: moved });
    lab.directory.change('id-boss', {}, moved);
    lab.directory.faults = [{ afterPages: 1, reason: 'lost' }];
    const torn = await lab.run();
    assert.equal(torn.exitCode, 4);
    assert.deepEqual(torn.writes, []);
  });
});

describe('a run that dies between the request and its answer', () => {
  class Dead extends Error {}

  /** The service does it, and we never hear of it. */
  function dieAfterWrite(lab: Lab): void {
    lab.service.afterWrite = () => {
      throw new Dead();
    };
  }

  function heal(lab: Lab): void {
    lab.service.afterWrite = null;
  }

  it('and after which the entry is put back leaves the service as the directory is', async () => {
    using lab = new Lab();
    lab.hire('ann', { title: 'Lead' });
    await lab.run();
    for (const [change, back] of [
      [{ disabled: 'yes' }, { disabled: 'no' }],
      [{ title: 'Clerk' }, { title: 'Lead' }],
      [{ department: 'Sales' }, { department: null }],
    ] as const) {
      lab.directory.change('id-ann', change);
      dieAfterWrite(lab);
      await assert.rejects(lab.run(), Dead);
      heal(lab);
      lab.directory.change('id-ann', back);
      assert.equal((await lab.run()).writes.length, 1);
      const held = lab.service.byName('ann@example.com')?.resource;
      assert.deepEqual([held?.active, held?.title, held?.org], [true, 'Lead', null]);
      assert.deepEqual((await lab.run()).writes, []);
    }
  });

  it('leaves no account of somebody who is disabled, or gone, by the next run', async () => {
    using lab = new Lab();
    lab.rules = { ...CHECKING, clientThreads: 1 };
    lab.hire('boss');
    await lab.run();
    for (const name of ['ann', 'ben']) {
      lab.hire(name);
      dieAfterWrite(lab);
      await assert.rejects(lab.run(), Dead);
      heal(lab);
      assert.equal(isActive(lab, name), true);
      if (name === 'ann') lab.directory.change('id-ann', { disabled: 'yes' });
      else lab.directory.remove('id-ben');
      for (let n = 0; n < 3; n += 1) await lab.run();
      assert.equal(isActive(lab, name), false, name);
    }
    lab.service.gets = 0;
    await lab.run();
    assert.equal(lab.service.gets, 1, 'nobody is looked for any more');
  });

  it('leaves no account of a leaver whom the service shows neither in its list nor to look-ups for half a day', async () => {
    using lab = new Lab();
    lab.rules = { ...CHECKING, clientThreads: 1 };
    lab.hire('boss');
    await lab.run();
    lab.hire('ben');
    dieAfterWrite(lab);
    await assert.rejects(lab.run(), Dead);
    heal(lab);
    lab.directory.remove('id-ben');
    lab.service.hides = ({ externalId }) => externalId === 'id-ben';
    for (let n = 0; n < 12; n += 1) {
      assert.equal((await lab.run()).exitCode, 0);
      lab.now = new Date(lab.now.getTime() + 3_600_000);
    }
    lab.service.hides = null;
    for (let n = 0; n < 3; n += 1) await lab.run();
    assert.equal(isActive(lab, 'ben'), false);
  });

  it('looks for a leaver for a day and in three runs at least, and then no more', async () => {
    using lab = new Lab();
    lab.hire('boss');
    await lab.run();
    lab.hire('ben');
    lab.service.beforeWrite = () => {
      throw new Dead();
    };
    await assert.rejects(lab.run(), Dead);
    lab.service.beforeWrite = null;
    lab.directory.remove('id-ben');
    const requests: number[] = [];
    for (let n = 0; n < 4; n += 1) {
      lab.service.gets = 0;
      await lab.run({ mode: 'DRY' });
      await lab.run();
      requests.push(lab.service.gets);
      lab.now = new Date(lab.now.getTime() + (n === 0 ? 25 : 1) * 3_600_000);
    }
    // One each for the check, one each for the look-up; a dry run does not count.
    assert.deepEqual(requests, [4, 4, 4, 2]);
    assert.equal(lab.service.users.size, 1);
  });

  it('and after which the user is renamed gives him no second account', async () => {
    using lab = new Lab();
    lab.hire('boss');
    await lab.run();
    lab.hire('ann');
    dieAfterWrite(lab);
    await assert.rejects(lab.run(), Dead);
    heal(lab);
    lab.directory.change('id-ann', { mail: 'ann.married@example.com' });
    assert.deepEqual((await lab.run()).writes, ['update userName,email ann.married@example.com']);
    assert.equal(lab.service.users.size, 2);
  });

  it('and after which the user is renamed gives him no second account though look-ups do not find him yet', async () => {
    using lab = new Lab();
    lab.hire('boss');
    await lab.run();
    lab.hire('ann');
    dieAfterWrite(lab);
    await assert.rejects(lab.run(), Dead);
    heal(lab);
    lab.service.hides = () => true;
    lab.directory.change('id-ann', { mail: 'ann.married@example.com' });
    assert.equal((await lab.run()).exitCode, 0);
    assert.equal(lab.service.users.size, 2);
    assert.equal(lab.service.byName('ann.married@example.com')?.resource.externalId, 'id-ann');
    assert.deepEqual((await lab.run()).writes, []);
  });

  it('under a name that somebody else has by now does not keep the renamed user from his account', async () => {
    using lab = new Lab();
    lab.hire('boss');
    await lab.run();
    lab.hire('ann');
    lab.service.beforeWrite = () => {
      throw new Dead();
    };
    await assert.rejects(lab.run(), Dead);
    lab.service.beforeWrite = null;
    lab.directory.change('id-ann', { mail: 'ann.married@example.com' });
    lab.service.users.set('x', {
      scimId: 'x',
      resource: {
        ...(lab.service.byName('boss@example.com')?.resource as UserResource),
        userName: 'ann@example.com',
        externalId: 'foreign',
      },
    });
    assert.equal((await lab.run()).exitCode, 0);
    assert.equal(lab.service.byName('ann.married@example.com')?.resource.externalId, 'id-ann');
  });

  it('is not taken for one of somebody who fails in the run behind it', async () => {
    using lab = new Lab();
    lab.hire('boss');
    await lab.run();
    lab.hire('ann');
    dieAfterWrite(lab);
    await assert.rejects(lab.run(), Dead);
    heal(lab);
    lab.judge.rule = () => {
      throw new TypeError('broken');
    };
    lab.service.gets = 0;
    await lab.run();
    assert.equal(lab.service.gets, 1);
  });
});

describe('a service that says it holds nobody', () => {
  it('is not believed: its list is read, and an open account of somebody inactive is closed', async () => {
    using lab = new Lab();
    lab.hire('ann');
    await lab.run();
    rmSync(lab.statePath);
    lab.directory.change('id-ann', { disabled: 'yes' });
    lab.service.count = async () => 0;
    await lab.run();
    assert.equal(isActive(lab, 'ann'), false);
  });
});

describe('nothing is forgotten', () => {
  it('of a user who failed in a full sync: he is sent whole again', async () => {
    using lab = new Lab();
    lab.hire('ann');
    await lab.run();
    refuse(lab, 'ann');
    assert.equal((await lab.run({ scope: 'FULL' })).exitCode, 3);
    lab.service.beforeWrite = null;
    assert.equal((await lab.run()).writes.length, 1);
    assert.deepEqual((await lab.run()).writes, []);
  });

  it('of a chain of renames, done in one run', async () => {
    using lab = new Lab();
    lab.rules = { ...RULES, clientThreads: 1 };
    const names = ['a', 'b', 'c', 'd', 'e'];
    for (const name of names) lab.hire(name);
    await lab.run();
    names.forEach((name, at) => {
      lab.directory.change(`id-${name}`, { mail: `${names[at + 1] ?? 'z'}@example.com` });
    });
    assert.equal((await lab.run()).exitCode, 0);
    assert.equal(lab.service.byName('z@example.com')?.resource.externalId, 'id-e');
    assert.equal(lab.service.byName('b@example.com')?.resource.externalId, 'id-a');
  });

  it('of a run that ends with an error: it leaves a row too', async () => {
    using lab = new Lab();
    lab.rules = { ...RULES, clientThreads: 1 };
    for (const name of ['ann', 'ben', 'cyd']) lab.hire(name);
    lab.service.beforeWrite = () => {
      if (lab.service.users.size === 2) throw new RunError('SERVICE_UNREACHABLE', 'gone');
      return undefined;
    };
    await assert.rejects(lab.run());
    const [run] = readRuns(lab.statePath, 9);
    assert.deepEqual(
      [run?.exitCode, run?.counts['CREATE'], run?.counts['read'], run?.counts['failed']],
      [5, 2, 3, 0],
      'with what had been done by then',
    );
  });
});

describe('approval', () => {
  it('of one read that missed many is not an approval of another', async () => {
    using lab = new Lab();
    lab.rules = { ...CHECKING, deactivateUserThreshold: 5, absentMaxPercent: 50 };
    for (let n = 0; n < 40; n += 1) lab.hire(`user${n}`);
    await lab.run();
    for (let n = 0; n < 25; n += 1) lab.directory.remove(`id-user${n}`);
    const stopped = await lab.run();
    assert.equal(stopped.exitCode, 6);
    for (let n = 25; n < 39; n += 1) lab.directory.remove(`id-user${n}`);
    assert.equal((await lab.run({ approve: stopped.planId })).exitCode, 6);
  });
});

describe('a read that finds nobody', () => {
  for (const scope of ['FULL', 'INCREMENTAL'] as const) {
    it(`stops a ${scope} run whatever was approved, however few users there are`, async () => {
      using lab = new Lab();
      lab.rules = { ...CHECKING, deactivateUserThreshold: 1, absentMaxPercent: 100 };
      for (let n = 0; n < 5; n += 1) lab.hire(`user${n}`);
      await lab.run();
      for (let n = 0; n < 5; n += 1) lab.directory.hide(`id-user${n}`);
      const stopped = await lab.run({ scope });
      assert.equal(stopped.exitCode, 6);
      assert.deepEqual(
        stopped.guards.map(({ property }) => property),
        ['ldap.search.filter'],
      );
      const approved = await lab.run({ scope, approve: stopped.planId });
      assert.deepEqual([approved.exitCode, approved.writes], [6, []]);
      assert.match(approved.guards[0]?.message ?? '', /cannot be approved/);
    });
  }
});

describe('an empty directory', () => {
  it('stops the run on the first day as on any other', async () => {
    using lab = new Lab();
    const result = await lab.run();
    assert.equal(result.exitCode, 6);
    assert.match(result.guards[0]?.message ?? '', /found nobody.*\(objectClass=\*\)/);
    assert.equal((await lab.run({ mode: 'DRY' })).exitCode, 6);
  });
});

describe('many entries with one userName', () => {
  it('cost neither time nor memory, and are told in short', async () => {
    using lab = new Lab();
    lab.directory.pageSize = 1000;
    lab.rules = { ...RULES, workQueueSize: 1000 };
    for (let n = 0; n < 3000; n += 1) lab.hire(`user${n}`, { mail: 'noreply@example.com' });
    const started = performance.now();
    const result = await lab.run();
    assert.ok(performance.now() - started < 5000);
    assert.equal(result.failures.length, 3000);
    assert.ok((result.failures[0]?.failure.message.length ?? Infinity) < 500);
    assert.deepEqual(result.writes, []);
  });
});
