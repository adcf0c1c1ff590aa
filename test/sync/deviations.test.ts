import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Lab, RULES } from '../doubles/lab.ts';

const LATER_MS = 30 * 60_000;

function later(lab: Lab): void {
  lab.now = new Date(lab.now.getTime() + LATER_MS);
}

function warnings(lab: Lab, pattern: RegExp): string[] {
  return lab.logged.splice(0).filter((line) => pattern.test(line));
}

describe('a service that takes a change and holds something else', () => {
  it('is told of once for each user and counted, nothing is sent again but by a full sync', async () => {
    using lab = new Lab();
    for (const name of ['ann', 'ben']) lab.hire(name, { title: 'a title that is too long' });
    lab.service.transforms = (user) => ({ ...user, title: user.title?.slice(0, 7) ?? null });
    const first = await lab.run();
    assert.equal(first.exitCode, 0);
    assert.equal(first.deviating, 2);
    assert.deepEqual(warnings(lab, /another value/), [
      'ann@example.com: the service took the change and holds another value for title; it is sent again by a full sync only.',
      'ben@example.com: the service took the change and holds another value for title; it is sent again by a full sync only.',
    ]);
    for (let n = 0; n < 2; n += 1) {
      const next = await lab.run();
      assert.deepEqual([next.writes, next.deviating], [[], 2]);
    }
    lab.directory.change('id-ann', { department: 'Sales' });
    assert.deepEqual((await lab.run()).writes, ['update department,org ann@example.com']);
    assert.equal((await lab.run({ scope: 'FULL' })).writes.length, 2);
    assert.deepEqual(warnings(lab, /another value/), []);

    lab.service.transforms = null;
    assert.equal((await lab.run({ scope: 'FULL' })).deviating, 0);
    assert.equal(lab.service.byName('ann@example.com')?.resource.title, 'a title that is too long');
  });

  it('is told of anew when it holds another value than before', async () => {
    using lab = new Lab();
    lab.hire('ann', { title: 'a title that is too long' });
    lab.service.transforms = (user) => ({ ...user, title: 'cut' });
    await lab.run();
    lab.service.transforms = (user) => ({ ...user, title: 'cut short' });
    await lab.run({ scope: 'FULL' });
    assert.equal(warnings(lab, /another value/).length, 2);
  });
});

describe('a deactivation that the service takes and does not show', () => {
  it('is no matter where the account is closed a little later', async () => {
    using lab = new Lab();
    lab.hire('ann');
    await lab.run();
    lab.service.transforms = (user) => ({ ...user, active: true });
    lab.directory.change('id-ann', { disabled: 'yes' });
    const closing = await lab.run();
    assert.equal(closing.confirmed.DEACTIVATE, 1);
    const held = lab.service.byName('ann@example.com');
    assert.ok(held !== undefined);
    held.resource = { ...held.resource, active: false };
    later(lab);
    const looked = await lab.run();
    assert.deepEqual([looked.writes, looked.deviating, looked.exitCode], [[], 0, 0]);
    lab.service.gets = 0;
    await lab.run();
    assert.equal(lab.service.gets, 1, 'nobody is looked for any more');
    assert.deepEqual(warnings(lab, /active/), []);
  });

  it('is a failure of every run while the account stays open, and mended by a full sync', async () => {
    using lab = new Lab();
    lab.hire('ann');
    await lab.run();
    lab.service.transforms = (user) => ({ ...user, active: true });
    lab.directory.change('id-ann', { disabled: 'yes' });
    await lab.run();
    for (let n = 0; n < 2; n += 1) {
      later(lab);
      const { deviating, exitCode, failures } = await lab.run();
      assert.deepEqual([deviating, exitCode, failures.length], [1, 3, 1]);
      assert.equal(failures[0]?.user, 'ann@example.com');
      assert.match(failures[0].failure.message, /still shows it as active/);
    }
    lab.service.transforms = null;
    const full = await lab.run({ scope: 'FULL' });
    assert.deepEqual([full.deviating, full.exitCode], [0, 0]);
    assert.equal(lab.service.byName('ann@example.com')?.resource.active, false);
  });

  it('of hundreds is asked for a hundred in each run, never the same ones only, and all of them are failures', async () => {
    using lab = new Lab();
    for (let n = 0; n < 130; n += 1) lab.hire(`user${n}`);
    await lab.run();
    lab.service.transforms = (user) => ({ ...user, active: true });
    for (let n = 0; n < 120; n += 1) lab.directory.change(`id-user${n}`, { disabled: 'yes' });
    await lab.run();
    const asked = new Set<string>();
    const find = lab.service.find.bind(lab.service);
    lab.service.find = async (wanted) => {
      asked.add(wanted.userName);
      return find(wanted);
    };
    // That none of the twenty comes up in twelve runs: once in 10^14 such tests.
    for (let n = 0; n < 12; n += 1) {
      later(lab);
      lab.service.gets = 0;
      assert.equal((await lab.run()).failures.length, 120);
      assert.ok(lab.service.gets <= 101);
    }
    assert.ok(asked.size > 100);
  });
});

describe('a deactivation that was refused, or never answered, before the entry was deleted', () => {
  for (const how of ['refused', 'never answered'] as const) {
    it(`is told of in every run while the account is open: ${how}`, async () => {
      using lab = new Lab();
      for (const name of ['ann', 'ben']) lab.hire(name);
      await lab.run();
      lab.directory.change('id-ann', { disabled: 'yes' });
      lab.service.beforeWrite = () => {
        if (how === 'never answered') throw new Error('died');
        return { ok: false, failure: { stage: 'SEND', message: 'refused' } };
      };
      await lab.run().catch(() => undefined);
      lab.service.beforeWrite = null;
      lab.directory.remove('id-ann');
      for (const scope of ['INCREMENTAL', 'FULL', 'INCREMENTAL'] as const) {
        lab.now = new Date(lab.now.getTime() + 48 * LATER_MS);
        const { exitCode, failures } = await lab.run({ scope });
        assert.equal(exitCode, 3, scope);
        assert.deepEqual(
          failures.map(({ user }) => user),
          ['ann@example.com'],
        );
        assert.match(failures[0]?.failure.message ?? '', /the entry is gone/);
      }
      const held = lab.service.byName('ann@example.com');
      assert.ok(held !== undefined);
      held.resource = { ...held.resource, active: false };
      for (let n = 0; n < 2; n += 1) {
        lab.now = new Date(lab.now.getTime() + 48 * LATER_MS);
        assert.equal((await lab.run()).exitCode, 0);
      }
    });
  }

  it('is not told of a user who has an entry and comes due while the run goes on', async () => {
    using lab = new Lab();
    const rule = lab.judge.rule;
    for (const name of ['ann', 'ben', 'cyd']) lab.hire(name);
    await lab.run();
    lab.directory.change('id-ann', { disabled: 'yes' });
    lab.directory.change('id-ben', { title: 'Lead' });
    // Ben is sent first, and so comes due five seconds before Ann.
    lab.service.beforeWrite = () => {
      lab.now = new Date(lab.now.getTime() + 5_000);
      return { ok: false, failure: { stage: 'SEND', message: 'refused' } };
    };
    let waiting = (await lab.run()).waiting;
    for (let n = 0; n < 10 && waiting.length < 2; n += 1) ({ waiting } = await lab.run());
    const due = waiting.map(({ retryAt }) => new Date(retryAt).getTime());
    assert.deepEqual([due.length, (due[1] ?? 0) - (due[0] ?? 0)], [2, 5_000]);
    lab.now = new Date(due[0] ?? 0);
    // Judging Ben takes until Ann is due: she has not been looked for.
    lab.judge.rule = (entry) => {
      lab.now = new Date(lab.now.getTime() + 10_000);
      return rule(entry);
    };
    const { failures } = await lab.run();
    assert.deepEqual(
      failures.filter(({ failure }) => /entry is gone/.test(failure.message)),
      [],
    );
  });
});

const REFUSED = { ok: false, failure: { stage: 'SEND', message: 'refused' } } as const;

describe('a deactivation whose answer says nothing of the account', () => {
  it('is looked at once, and no more where the account is closed', async () => {
    using lab = new Lab();
    lab.service.showsNothing = true;
    for (const name of ['ann', 'ben']) lab.hire(name);
    await lab.run();
    lab.directory.change('id-ann', { disabled: 'yes' });
    await lab.run();
    later(lab);
    const counts: number[] = [];
    for (let n = 0; n < 2; n += 1) {
      lab.service.gets = 0;
      assert.equal((await lab.run()).exitCode, 0);
      counts.push(lab.service.gets);
    }
    assert.deepEqual(counts, [2, 1]);
  });

  it('is found out where the account is open', async () => {
    using lab = new Lab();
    lab.service.showsNothing = true;
    lab.hire('ann');
    await lab.run();
    lab.service.transforms = (user) => ({ ...user, active: true });
    lab.directory.change('id-ann', { disabled: 'yes' });
    assert.equal((await lab.run()).exitCode, 0);
    for (let n = 0; n < 2; n += 1) {
      later(lab);
      assert.equal((await lab.run()).exitCode, 3);
    }
  });
});

describe('a reactivation that was done though its answer was lost or refused, before the entry was deleted', () => {
  for (const missedUserCheck of [true, false]) {
    it(`is told of until the account is closed: missed.user.check ${missedUserCheck}`, async () => {
      using lab = new Lab();
      lab.rules = { ...RULES, missedUserCheck };
      for (const name of ['ann', 'ben']) lab.hire(name);
      await lab.run();
      lab.directory.change('id-ann', { disabled: 'yes' });
      await lab.run();
      lab.directory.change('id-ann', { disabled: null });
      lab.service.afterWrite = () => {
        throw new Error('died');
      };
      await assert.rejects(lab.run());
      lab.service.afterWrite = null;
      assert.equal(lab.service.byName('ann@example.com')?.resource.active, true);
      lab.directory.remove('id-ann');
      for (let n = 0; n < 4; n += 1) {
        later(lab);
        const { exitCode, failures } = await lab.run({ scope: n === 2 ? 'FULL' : 'INCREMENTAL' });
        assert.deepEqual([exitCode, failures.map(({ user }) => user)], [3, ['ann@example.com']]);
      }
      const held = lab.service.byName('ann@example.com');
      assert.ok(held !== undefined);
      held.resource = { ...held.resource, active: false };
      later(lab);
      assert.equal((await lab.run()).exitCode, 0);
    });
  }
});

describe('an account that is looked at', () => {
  it('is remembered as closed, so that whoever comes back is let in again', async () => {
    using lab = new Lab();
    for (const name of ['ann', 'ben']) lab.hire(name);
    await lab.run();
    const entry = lab.directory.entries.get('id-ann');
    lab.directory.change('id-ann', { disabled: 'yes' });
    lab.service.beforeWrite = () => REFUSED;
    await lab.run();
    lab.service.beforeWrite = null;
    lab.directory.remove('id-ann');
    const held = lab.service.byName('ann@example.com');
    assert.ok(held !== undefined && entry !== undefined);
    held.resource = { ...held.resource, active: false };
    lab.now = new Date(lab.now.getTime() + 48 * LATER_MS);
    assert.equal((await lab.run()).exitCode, 0);
    lab.hire('ann');
    assert.equal((await lab.run()).confirmed.REACTIVATE, 1);
    assert.equal(lab.service.byName('ann@example.com')?.resource.active, true);
  });

  it('counts as closed when it was deleted by hand and three runs over a day were told so', async () => {
    using lab = new Lab();
    for (const name of ['ann', 'ben']) lab.hire(name);
    await lab.run();
    lab.directory.change('id-ann', { disabled: 'yes' });
    lab.service.beforeWrite = () => REFUSED;
    await lab.run();
    lab.service.beforeWrite = null;
    lab.directory.remove('id-ann');
    lab.service.users.delete(lab.service.byName('ann@example.com')?.scimId ?? '');
    const exitCodes: number[] = [];
    for (let n = 0; n < 4; n += 1) {
      lab.now = new Date(lab.now.getTime() + 24 * LATER_MS);
      exitCodes.push((await lab.run()).exitCode);
    }
    assert.deepEqual(exitCodes, [3, 3, 3, 0]);
    lab.hire('ann');
    assert.equal((await lab.run()).confirmed.CREATE, 1);
    assert.equal(lab.service.byName('ann@example.com')?.resource.active, true);
  });

  it('is not one whose full sync was refused while its owner is active', async () => {
    using lab = new Lab();
    for (const name of ['ann', 'ben']) lab.hire(name);
    await lab.run();
    lab.service.beforeWrite = (_, user) => (user.userName.startsWith('ann') ? REFUSED : undefined);
    assert.equal((await lab.run({ scope: 'FULL' })).exitCode, 3);
    lab.service.beforeWrite = null;
    lab.directory.remove('id-ann');
    lab.now = new Date(lab.now.getTime() + 48 * LATER_MS);
    assert.equal((await lab.run()).exitCode, 0);
  });

  it('under another id is remembered as it was found, so that whoever comes back gets all that differs', async () => {
    using lab = new Lab();
    for (const name of ['ann', 'ben']) lab.hire(name, { title: 'Lead' });
    await lab.run();
    const held = lab.service.byName('ann@example.com');
    assert.ok(held !== undefined);
    // Made anew by hand, with another title: what the client reports of it when it closes it.
    const found = { ...held.resource, title: 'By hand' };
    lab.service.users.delete(held.scimId);
    lab.service.users.set('77', { scimId: '77', resource: found });
    const update = lab.service.update.bind(lab.service);
    lab.service.update = async (scimId, user, attributes, ...rest) => {
      if (scimId !== held.scimId) return update(scimId, user, attributes, ...rest);
      const outcome = await update('77', user, ['active'], ...rest);
      return outcome.ok ? { ...outcome, how: 'ADOPTED', found } : outcome;
    };
    lab.directory.change('id-ann', { disabled: 'yes' });
    assert.equal((await lab.run()).confirmed.DEACTIVATE, 1);
    lab.directory.change('id-ann', { disabled: null });
    assert.equal((await lab.run()).confirmed.REACTIVATE, 1);
    const { resource } = lab.service.byName('ann@example.com') ?? {};
    assert.deepEqual([resource?.active, resource?.title], [true, 'Lead']);
  });
});
