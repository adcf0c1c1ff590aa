import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { RunError } from '../../src/model/errors.ts';
import { dnOf, Lab, RULES } from '../doubles/lab.ts';

const KILLED = { afterPages: 1, reason: 'the connection was lost' };

describe('a live run', () => {
  it('creates who is active, sends nothing when nothing changed, and only what differs when something did', async () => {
    using lab = new Lab();
    for (const name of ['ann', 'ben', 'cid']) lab.hire(name, { department: 'Sales' });
    lab.hire('dan', { disabled: 'yes' });

    const first = await lab.run();
    assert.equal(first.exitCode, 0);
    assert.deepEqual([...first.writes].sort(), [
      'create ann@example.com',
      'create ben@example.com',
      'create cid@example.com',
    ]);
    assert.deepEqual((await lab.run()).writes, []);
    assert.deepEqual((await lab.run({ scope: 'FULL', mode: 'DRY' })).writes, []);

    lab.directory.change('id-ben', { title: 'Lead' });
    assert.deepEqual((await lab.run()).writes, ['update title ben@example.com']);
  });

  it('reads only changed users when it can, and everybody from another server', async () => {
    using lab = new Lab();
    for (let n = 0; n < 20; n += 1) lab.hire(`user${n}`);
    await lab.run();
    lab.directory.change('id-user3', { title: 'Lead' });
    lab.directory.entriesRead = 0;
    await lab.run();
    assert.equal(lab.directory.entriesRead, 1);
    lab.directory.serverId = 'server-2';
    await lab.run();
    assert.equal(lab.directory.entriesRead, 21);
  });

  it('reads everybody again when settings that decide what is read have changed', async () => {
    using lab = new Lab();
    lab.hire('ann');
    await lab.run();
    lab.scopeKey = 'other';
    lab.directory.entriesRead = 0;
    await lab.run();
    assert.equal(lab.directory.entriesRead, 1);
    await lab.run();
    assert.equal(lab.directory.entriesRead, 1);
  });

  it('deactivates, reactivates under the same id, and never creates the inactive', async () => {
    using lab = new Lab();
    lab.hire('ann');
    await lab.run();
    const id = lab.service.byName('ann@example.com')?.scimId;
    lab.directory.change('id-ann', { disabled: 'yes', title: 'Retired' });
    assert.deepEqual((await lab.run()).writes, ['update active ann@example.com']);
    lab.directory.change('id-ann', { disabled: 'no' });
    const back = await lab.run();
    assert.deepEqual(back.writes, ['update active,title ann@example.com']);
    assert.equal(back.confirmed.REACTIVATE, 1);
    assert.equal(lab.service.byName('ann@example.com')?.scimId, id);
  });

  it('closes the account of a leaver whose mail is gone or whose new name is refused', async () => {
    using lab = new Lab();
    for (const name of ['ann', 'ben', 'eve']) lab.hire(name);
    await lab.run();
    lab.directory.change('id-ann', { disabled: 'yes', mail: null });
    lab.directory.change('id-ben', { disabled: 'yes', mail: 'eve@example.com' });
    const result = await lab.run();
    assert.equal(result.exitCode, 0);
    assert.equal(result.confirmed.DEACTIVATE, 2);
    assert.equal(lab.service.byName('ann@example.com')?.resource.active, false);
    assert.equal(lab.service.byName('ben@example.com')?.resource.active, false);
  });

  it('sends every active user again in a full sync, whole', async () => {
    using lab = new Lab();
    lab.hire('ann');
    lab.hire('ben');
    await lab.run();
    const full = await lab.run({ scope: 'FULL' });
    assert.equal(full.writes.length, 2);
    assert.deepEqual(full.resent, { planned: 2, confirmed: 2 });
    // Nobody has an organization or roles from a script here: both are the service's own business.
    assert.ok(
      full.writes.every((write) => /userName.*title.*manager /.test(write) && !/org|roles/.test(write)),
    );
  });

  it('sends deactivations last', async () => {
    using lab = new Lab();
    lab.hire('ann');
    await lab.run();
    lab.directory.change('id-ann', { disabled: 'yes' });
    for (let n = 0; n < 30; n += 1) lab.hire(`new${n}`);
    const { writes } = await lab.run();
    assert.equal(writes.length, 31);
    assert.equal(writes.at(-1), 'update active ann@example.com');
  });
});

describe('managers', () => {
  it('exist before their reports, so that a new user costs one request', async () => {
    using lab = new Lab();
    lab.rules = { ...RULES, clientThreads: 8 };
    for (let n = 40; n > 0; n -= 1) lab.hire(`u${n}`, n > 1 ? { manager: dnOf(`u${n >> 1}`) } : {});
    const first = await lab.run();
    assert.equal(first.writes.length, 40);
    for (let n = 2; n <= 40; n += 1) {
      const boss = lab.service.byName(`u${n >> 1}@example.com`)?.scimId;
      assert.equal(lab.service.byName(`u${n}@example.com`)?.resource.manager, boss);
    }
    assert.deepEqual((await lab.run()).writes, []);
    assert.deepEqual((await lab.run({ scope: 'FULL', mode: 'DRY' })).failures, []);
  });

  it('who manage themselves or each other are linked in a second pass', async () => {
    using lab = new Lab();
    lab.hire('boss', { manager: dnOf('boss') });
    lab.hire('ann', { manager: dnOf('ben') });
    lab.hire('ben', { manager: dnOf('ann') });
    await lab.run();
    for (const [name, manager] of Object.entries({ boss: 'boss', ann: 'ben', ben: 'ann' })) {
      assert.equal(
        lab.service.byName(`${name}@example.com`)?.resource.manager,
        lab.service.byName(`${manager}@example.com`)?.scimId,
      );
    }
    assert.deepEqual((await lab.run()).writes, []);
  });

  it('who come later are given to reports that did not change', async () => {
    using lab = new Lab();
    lab.hire('ann', { manager: dnOf('boss') });
    await lab.run();
    lab.hire('boss');
    assert.deepEqual((await lab.run()).writes, ['create boss@example.com', 'update manager ann@example.com']);
    assert.deepEqual((await lab.run()).writes, []);
  });
});

describe('one user who fails', () => {
  it('costs nobody else anything, is listed, remembered and tried again though nothing changed', async () => {
    using lab = new Lab();
    for (const name of ['ann', 'ben', 'cid']) lab.hire(name);
    lab.service.beforeWrite = (_, user) =>
      user.userName === 'ben@example.com'
        ? { ok: false, failure: { stage: 'SEND', message: 'the service refused the title' } }
        : undefined;
    const first = await lab.run();
    assert.equal(first.exitCode, 3);
    assert.deepEqual(
      first.failures.map(({ user }) => user),
      ['ben@example.com'],
    );
    assert.equal((await lab.run()).exitCode, 3);
    lab.service.beforeWrite = null;
    const third = await lab.run();
    assert.deepEqual(third.writes, ['create ben@example.com']);
    assert.equal(third.exitCode, 0);
    assert.deepEqual((await lab.run()).writes, []);
  });

  it('again and again is tried at growing intervals, at once when his entry changes, and never forgotten', async () => {
    using lab = new Lab();
    lab.hire('ann');
    let tries = 0;
    lab.service.beforeWrite = () => {
      tries += 1;
      return { ok: false, failure: { stage: 'SEND', message: 'refused' } };
    };
    const hour = 3_600_000;
    for (let n = 0; n < 48; n += 1) {
      const result = await lab.run();
      assert.equal(result.exitCode, 3, 'a failure that waits is a failure still');
      assert.equal(result.failures.length + result.waiting.length, 1);
      lab.now = new Date(lab.now.getTime() + hour);
    }
    assert.ok(tries >= 6 && tries <= 9, `${tries} tries in two days of hourly runs`);
    const waiting = (await lab.run()).waiting[0];
    assert.equal(waiting?.since, '2026-01-01T00:00:00.000Z');
    assert.equal(waiting.attempts, tries);
    lab.directory.change('id-ann', { title: 'Lead' });
    await lab.run();
    assert.equal(tries, waiting.attempts + 1);
    lab.service.beforeWrite = null;
    assert.equal((await lab.run({ scope: 'FULL' })).exitCode, 0);
    assert.deepEqual((await lab.run()).waiting, []);
  });

  it('whose entry is gone is forgotten when he was looked for in vain', async () => {
    using lab = new Lab();
    lab.hire('ann');
    lab.service.beforeWrite = () => ({ ok: false, failure: { stage: 'SEND', message: 'refused' } });
    assert.equal((await lab.run()).exitCode, 3);
    lab.directory.remove('id-ann');
    lab.directory.faults = [null, { afterPages: 0, reason: 'the connection was lost' }];
    assert.equal((await lab.run()).exitCode, 4);
    assert.equal((await lab.run()).exitCode, 0);
  });

  it('in a script, or without a userName, fails alone', async () => {
    using lab = new Lab();
    lab.hire('ann');
    lab.hire('bad');
    lab.directory.put('id-nomail', dnOf('nomail'), { uid: 'nomail' });
    const rule = lab.judge.rule;
    lab.judge.rule = (entry) => {
      if (entry.identity === 'id-bad') throw new TypeError('memberOf is null');
      return rule(entry);
    };
    const result = await lab.run();
    assert.equal(result.exitCode, 3);
    assert.deepEqual(result.failures.map(({ failure }) => failure.stage).sort(), ['MAPPING', 'SCRIPT']);
    assert.deepEqual(result.writes, ['create ann@example.com']);
  });

  it('by sharing a userName fails both entries, names both DNs and sends neither', async () => {
    using lab = new Lab();
    lab.hire('ann');
    lab.hire('ann2', { mail: 'ANN@example.com' });
    lab.hire('ben');
    const result = await lab.run();
    assert.deepEqual(result.writes, ['create ben@example.com']);
    assert.equal(result.failures.length, 2);
    assert.match(result.failures.map(({ failure }) => failure.message).join(), /uid=ann2,.*uid=ann,/s);
  });

  it('by taking a name that another user gives up in the same run is tried again at the end', async () => {
    using lab = new Lab();
    lab.rules = { ...RULES, clientThreads: 1 };
    lab.hire('ann');
    lab.hire('ben');
    await lab.run();
    lab.directory.change('id-ann', { mail: 'ben@example.com' });
    lab.directory.change('id-ben', { mail: 'benjamin@example.com' });
    const result = await lab.run();
    assert.equal(result.exitCode, 0);
    assert.equal(lab.service.byName('ben@example.com')?.resource.externalId, 'id-ann');
  });
});

describe('absence', () => {
  const checking = { ...RULES, missedUserCheck: true, deactivateUserThreshold: 2 };

  it('deactivates at the threshold, counted in incremental runs too, and starts at zero after a return', async () => {
    using lab = new Lab();
    lab.rules = checking;
    for (const name of ['ann', 'ben']) lab.hire(name);
    await lab.run();
    lab.directory.remove('id-ann');
    assert.deepEqual((await lab.run()).writes, []);
    lab.hire('ann');
    assert.deepEqual((await lab.run()).writes, []);
    lab.directory.remove('id-ann');
    assert.deepEqual((await lab.run()).writes, []);
    const second = await lab.run();
    assert.deepEqual(second.writes, ['update active ann@example.com']);
    assert.deepEqual((await lab.run()).writes, []);
    assert.ok(lab.logged.some((line) => line.includes('(1 of 2)')));
  });

  it('is not counted by dry runs, limited runs, or without missed.user.check', async () => {
    using lab = new Lab();
    lab.hire('ann');
    lab.hire('ben');
    await lab.run();
    lab.directory.remove('id-ann');
    for (let n = 0; n < 5; n += 1) await lab.run({ scope: 'FULL' });
    lab.rules = checking;
    for (let n = 0; n < 5; n += 1) {
      await lab.run({ mode: 'DRY', scope: 'FULL' });
      await lab.run({ userNames: ['ben'] });
      await lab.run({ extraFilter: '(uid=ben)', scope: 'FULL' });
    }
    assert.equal(lab.service.byName('ann@example.com')?.resource.active, true);
  });

  it('an incomplete read never deactivates anyone, however often it happens', async () => {
    using lab = new Lab();
    lab.rules = checking;
    lab.directory.pageSize = 5;
    for (let n = 0; n < 50; n += 1) lab.hire(`user${n}`);
    await lab.run();
    for (let n = 0; n < 10; n += 1) {
      lab.directory.faults = [KILLED];
      const result = await lab.run({ scope: 'FULL' });
      assert.equal(result.exitCode, 4);
      lab.directory.faults = [null, KILLED];
      assert.equal((await lab.run()).exitCode, 4);
    }
    assert.equal([...lab.service.users.values()].filter(({ resource }) => !resource.active).length, 0);
    lab.directory.remove('id-user7');
    assert.deepEqual((await lab.run()).writes, [], 'the count starts at one now');
  });

  it('does not touch a user whose entry was deleted and made anew with the same id at the service', async () => {
    using lab = new Lab();
    lab.rules = { ...checking, deactivateUserThreshold: 2 };
    lab.hire('ann');
    await lab.run();
    lab.directory.remove('id-ann');
    await lab.run();
    lab.directory.put('id-ann-anew', dnOf('ann'), { uid: 'ann', mail: 'ann@example.com' });
    const held = lab.service.byName('ann@example.com');
    if (held !== undefined) held.resource = { ...held.resource, externalId: 'id-ann-anew' };
    const result = await lab.run();
    assert.equal(result.adopted, 1);
    assert.equal(lab.service.byName('ann@example.com')?.resource.active, true);
    for (let n = 0; n < 4; n += 1) assert.deepEqual((await lab.run()).writes, []);
  });
});

describe('the watermark', () => {
  it('stays when a read was incomplete, so that nothing it missed is lost', async () => {
    using lab = new Lab();
    lab.directory.pageSize = 5;
    for (let n = 0; n < 20; n += 1) lab.hire(`user${n}`);
    lab.directory.faults = [KILLED];
    const torn = await lab.run();
    assert.equal(torn.exitCode, 4);
    assert.equal(torn.writes.length, 5, 'who was read is provisioned');
    assert.equal((await lab.run()).writes.length, 15);
  });

  it('does not move in limited runs', async () => {
    using lab = new Lab();
    for (const name of ['ann', 'ben']) lab.hire(name);
    assert.deepEqual((await lab.run({ userNames: ['ann'] })).writes, ['create ann@example.com']);
    assert.deepEqual((await lab.run()).writes, ['create ben@example.com']);
  });
});

describe('guards', () => {
  it('stop the run before the first write, and let exactly the approved plan pass', async () => {
    using lab = new Lab();
    lab.rules = { ...RULES, deactivateMaxPercent: 10 };
    for (let n = 0; n < 40; n += 1) lab.hire(`user${n}`);
    await lab.run();
    for (let n = 0; n < 10; n += 1) lab.directory.change(`id-user${n}`, { disabled: 'yes' });
    lab.hire('new');
    const stopped = await lab.run();
    assert.equal(stopped.exitCode, 6);
    assert.deepEqual(stopped.writes, []);
    assert.equal(stopped.guards[0]?.property, 'deactivate.max.percent');
    assert.match(stopped.guards[0].message, /10 of 40 \(25\.0 %\) active users/);
    assert.equal((await lab.run({ mode: 'DRY' })).exitCode, 6);

    assert.equal((await lab.run({ approve: 'another' })).exitCode, 6);
    assert.ok(stopped.planId !== null);
    lab.directory.change('id-user11', { disabled: 'yes' });
    const moved = await lab.run({ approve: stopped.planId });
    assert.equal(moved.exitCode, 6);
    assert.deepEqual(moved.writes, []);
    const drift = moved.guards.find(({ property }) => property === '--approve');
    assert.match(drift?.message ?? '', /user11@example\.com came in/);
    lab.directory.change('id-user11', { disabled: 'no' });
    assert.equal((await lab.run({ approve: stopped.planId })).writes.length, 11);
  });

  it('stop the same plan again next month, though its old id is still given as approved', async () => {
    using lab = new Lab();
    lab.rules = { ...RULES, deactivateMaxPercent: 10 };
    for (let n = 0; n < 20; n += 1) lab.hire(`user${n}`);
    await lab.run();
    const leave = (disabled: string | null): void => {
      for (let n = 0; n < 8; n += 1) lab.directory.change(`id-user${n}`, { disabled });
    };
    leave('yes');
    const { planId } = await lab.run();
    assert.equal((await lab.run({ approve: planId })).confirmed.DEACTIVATE, 8);
    leave(null);
    assert.equal((await lab.run()).confirmed.REACTIVATE, 8);
    lab.now = new Date(lab.now.getTime() + 30 * 24 * 3_600_000);
    leave('yes');
    const again = await lab.run({ approve: planId });
    assert.equal(again.exitCode, 6);
    assert.match(again.guards[0]?.message ?? '', /a plan has been approved and carried out since/);
    const dry = await lab.run({ mode: 'DRY' });
    assert.equal((await lab.run({ approve: dry.planId })).confirmed.DEACTIVATE, 8);
  });

  it('stop a run whose complete read returns hardly anybody', async () => {
    using lab = new Lab();
    lab.rules = { ...RULES, missedUserCheck: true };
    for (let n = 0; n < 40; n += 1) lab.hire(`user${n}`);
    await lab.run();
    for (let n = 0; n < 30; n += 1) lab.directory.remove(`id-user${n}`);
    for (let n = 0; n < 5; n += 1) assert.equal((await lab.run()).exitCode, 6);
    assert.equal([...lab.service.users.values()].filter(({ resource }) => !resource.active).length, 0);
  });

  it('stop a run whose scripts fail for many', async () => {
    using lab = new Lab();
    for (let n = 0; n < 40; n += 1) lab.hire(`user${n}`);
    lab.judge.rule = () => {
      throw new TypeError('undefined is not a function');
    };
    const result = await lab.run();
    assert.equal(result.exitCode, 6);
    assert.match(
      result.guards[0]?.message ?? '',
      /40 of 40.*could not be judged.*undefined is not a function/,
    );
  });

  it('stop a run that would deactivate most of one organization', async () => {
    using lab = new Lab();
    lab.rules = { ...RULES, deactivateOrgMaxPercent: 50 };
    for (let n = 0; n < 40; n += 1) lab.hire(`user${n}`, { department: n < 10 ? 'Sales' : 'Legal' });
    await lab.run();
    for (let n = 0; n < 6; n += 1) lab.directory.change(`id-user${n}`, { disabled: 'yes' });
    const result = await lab.run();
    assert.equal(result.exitCode, 6);
    assert.equal(result.guards[0]?.property, 'deactivate.org.max.percent');
    assert.match(result.guards[0].message, /6 of 10 \(60\.0 %\) active users of the organization "Sales"/);
  });

  it('stop a run that would clear one attribute of many users, and one that would move many', async () => {
    using lab = new Lab();
    lab.rules = { ...RULES, clearedMaxPercent: 20, movedMaxPercent: 30 };
    for (let n = 0; n < 40; n += 1) lab.hire(`user${n}`, { department: 'Sales', title: 'Clerk' });
    await lab.run();
    for (let n = 0; n < 9; n += 1) lab.directory.change(`id-user${n}`, { title: null });
    const cleared = await lab.run();
    assert.equal(cleared.exitCode, 6);
    assert.match(cleared.guards[0]?.message ?? '', /title would be cleared for 9 of 40/);
    for (let n = 0; n < 9; n += 1) lab.directory.change(`id-user${n}`, { title: 'Clerk' });
    for (let n = 0; n < 13; n += 1) lab.directory.change(`id-user${n}`, { department: 'Legal' });
    const moved = await lab.run();
    assert.equal(moved.guards[0]?.property, 'guard.moved.max.percent');
    assert.deepEqual(moved.writes, []);
    // Nor does what leavers have lost, which a full sync sends.
    for (let n = 30; n < 40; n += 1)
      lab.directory.change(`id-user${n}`, { department: 'Sales', disabled: 'yes' });
    for (let n = 0; n < 13; n += 1) lab.directory.change(`id-user${n}`, { department: 'Sales' });
    assert.equal((await lab.run()).exitCode, 0);
    for (let n = 30; n < 40; n += 1)
      lab.directory.change(`id-user${n}`, { title: null, department: 'Legal' });
    assert.equal((await lab.run({ scope: 'FULL' })).exitCode, 0);
    // A full sync sends everything again: what does not differ does not count.
    for (let n = 0; n < 13; n += 1) lab.directory.change(`id-user${n}`, { department: 'Sales' });
    assert.equal((await lab.run({ scope: 'FULL' })).exitCode, 0);
  });
});

describe('a dry run', () => {
  it('constructs no writer, writes no file, and shows the plan that the live run then applies', async () => {
    using lab = new Lab();
    for (const name of ['ann', 'ben']) lab.hire(name, { department: 'Sales' });
    const dry = await lab.run({ mode: 'DRY' });
    assert.equal(lab.service.writersOpened, 0);
    assert.equal(existsSync(lab.statePath), false);
    assert.deepEqual(
      dry.previews.map(({ userName, change }) => [userName, change?.kind]),
      [
        ['ann@example.com', 'CREATE'],
        ['ben@example.com', 'CREATE'],
      ],
    );
    const live = await lab.run();
    assert.deepEqual(live.planned, dry.planned);
    const before = readFileSync(lab.statePath);
    lab.directory.change('id-ann', { title: 'Lead' });
    const next = await lab.run({ mode: 'DRY' });
    assert.deepEqual(next.planned, { CREATE: 0, UPDATE: 1, REACTIVATE: 0, DEACTIVATE: 0, NONE: 0 });
    assert.deepEqual(readFileSync(lab.statePath), before);
    assert.equal(lab.service.writersOpened, 1);
  });

  it('names the users of a --files list that no entry has', async () => {
    using lab = new Lab();
    lab.hire('ann');
    const result = await lab.run({ mode: 'DRY', userNames: ['ANN', 'nobody'] });
    assert.deepEqual(result.namesNotFound, ['nobody']);
    assert.equal(result.exitCode, 3);
    assert.equal(result.previews.length, 1);
  });
});

describe('a service that already holds users', () => {
  it('is listed once instead of refusing each creation, in a dry run as well', async () => {
    using lab = new Lab();
    for (let n = 0; n < 30; n += 1) lab.hire(`user${n}`);
    await lab.run();
    const { service } = lab;
    using other = new Lab();
    for (let n = 0; n < 30; n += 1) other.hire(`user${n}`, n === 3 ? { title: 'Lead' } : {});
    for (const [id, held] of service.users) other.service.users.set(id, held);
    const dry = await other.run({ mode: 'DRY' });
    assert.deepEqual(dry.planned, { CREATE: 0, UPDATE: 1, REACTIVATE: 0, DEACTIVATE: 0, NONE: 29 });
    const live = await other.run();
    assert.deepEqual(live.writes, ['update title user3@example.com']);
    assert.deepEqual((await other.run()).writes, []);
  });
});

describe('a run that ends early', () => {
  it('keeps what was confirmed and continues there: nothing twice, nothing lost', async () => {
    using lab = new Lab();
    for (let n = 0; n < 40; n += 1) lab.hire(`user${n}`);
    let writes = 0;
    lab.service.beforeWrite = () => {
      writes += 1;
      if (writes > 15) throw new RunError('SERVICE_UNREACHABLE', 'the service is gone');
      return undefined;
    };
    await assert.rejects(lab.run(), { code: 'SERVICE_UNREACHABLE' });
    assert.equal(lab.service.users.size, 15);
    lab.service.beforeWrite = null;
    assert.equal((await lab.run()).writes.length, 25);
    assert.equal(lab.service.users.size, 40);
  });

  it('stops taking work when interrupted and says so', async () => {
    using lab = new Lab();
    for (let n = 0; n < 40; n += 1) lab.hire(`user${n}`);
    const reason = new RunError('INTERRUPTED', 'interrupted');
    lab.service.beforeWrite = () => {
      if (lab.service.users.size === 10) lab.controller.abort(reason);
      return undefined;
    };
    await assert.rejects(lab.run(), reason);
    assert.ok(lab.service.users.size < 20);
    lab.service.beforeWrite = null;
    lab.controller = new AbortController();
    await lab.run();
    assert.equal(lab.service.users.size, 40);
    assert.equal(lab.service.writes.length, 40);
  });
});

describe('a known user who has lost the userName', () => {
  it('is named in the preview of a dry run as in its failures', async () => {
    using lab = new Lab();
    for (const name of ['ann', 'ben']) lab.hire(name);
    await lab.run();
    lab.directory.change('id-ann', { mail: null });
    const { previews, failures } = await lab.run({ mode: 'DRY' });
    const failed = previews.filter(({ failure }) => failure !== null);
    assert.deepEqual(
      failed.map(({ userName }) => userName),
      failures.map(({ user }) => user),
    );
    assert.equal(failed.length, 1);
  });
});
