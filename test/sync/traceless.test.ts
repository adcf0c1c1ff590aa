/** Changes that leave no trace on the user: groups joined, left and renamed, and moments that pass. */

import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { valuesOf, type Entry } from '../../src/model/entry.ts';
import { Lab, RULES } from '../doubles/lab.ts';

describe('changes that leave no trace', () => {
  let lab: Lab;
  beforeEach(() => {
    lab = new Lab();
    lab.judge.reads = ['memberOf'];
    lab.judge.rule = (entry) => ({ active: true, org: null, roles: [...valuesOf(entry, 'memberOf')] });
    for (const name of ['ann', 'ben', 'cyd']) lab.hire(name, { memberOf: ['cn=staff'] });
  });
  afterEach(() => lab[Symbol.dispose]());

  const groups = (name: string, ...memberOf: string[]): void =>
    lab.directory.link(`id-${name}`, { memberOf });
  const readInLastRun = async (): Promise<{ read: number; writes: readonly string[] }> => {
    const { verdict, writes } = await lab.run();
    return { read: verdict.entryCount, writes };
  };

  it('who joined or left a group is read again in the next incremental run, and sent once', async () => {
    await lab.run();
    assert.deepEqual(await readInLastRun(), { read: 0, writes: [] });
    groups('ann', 'cn=staff', 'cn=vip');
    groups('ben');
    assert.deepEqual(await readInLastRun(), {
      read: 2,
      writes: ['update roles ann@example.com', 'update roles ben@example.com'],
    });
    assert.deepEqual(await readInLastRun(), { read: 0, writes: [] });
  });

  it('the order in which the server sends the groups is no change', async () => {
    groups('ann', 'cn=a', 'cn=b');
    await lab.run();
    groups('ann', 'cn=b', 'cn=a');
    assert.deepEqual(await readInLastRun(), { read: 0, writes: [] });
  });

  it('a change that has failed, or that a dry run has seen, is still there for the next run', async () => {
    await lab.run();
    groups('ann', 'cn=vip');
    const dry = await lab.run({ mode: 'DRY' });
    assert.equal(dry.planned.UPDATE, 1);
    lab.service.beforeWrite = () => ({ ok: false, failure: { stage: 'SEND', message: 'not now' } });
    assert.deepEqual((await readInLastRun()).writes, []);
    lab.service.beforeWrite = null;
    assert.deepEqual((await readInLastRun()).writes, ['update roles ann@example.com']);
    assert.deepEqual(await readInLastRun(), { read: 0, writes: [] });
  });

  it('a run that dies before its end forgets no change', async () => {
    await lab.run();
    groups('ann', 'cn=vip');
    lab.service.afterWrite = () => {
      throw new Error('killed');
    };
    await assert.rejects(lab.run(), /killed/);
    lab.service.afterWrite = null;
    await lab.run();
    assert.deepEqual(lab.service.byName('ann@example.com')?.resource.roles, ['cn=vip']);
    assert.deepEqual(await readInLastRun(), { read: 0, writes: [] });
  });

  it('an incomplete sweep moves no watermark, and what it has seen is sent', async () => {
    lab.directory.pageSize = 1;
    await lab.run();
    groups('ann', 'cn=vip');
    groups('cyd', 'cn=vip');
    lab.directory.faults = [null, { afterPages: 1, reason: 'torn' }];
    const torn = await lab.run();
    assert.deepEqual([torn.exitCode, torn.writes], [4, ['update roles ann@example.com']]);
    assert.deepEqual((await readInLastRun()).writes, ['update roles cyd@example.com']);
  });

  it('who is to be looked at again and could not be keeps his change for the next run', async () => {
    await lab.run();
    const judge = (entries: readonly Entry[]): Promise<readonly 'UNREAD'[]> =>
      Promise.resolve(entries.map(() => 'UNREAD'));
    lab.judge.named = { reads: ['memberOf'], judge };
    groups('ann', 'cn=vip');
    // The read of changes, the sweep, ann as the scripts name her, and ann with everything.
    lab.directory.faults = [null, null, null, { afterPages: 0, reason: 'torn' }];
    const torn = await lab.run();
    assert.deepEqual([torn.exitCode, torn.writes], [4, []]);
    assert.deepEqual((await readInLastRun()).writes, ['update roles ann@example.com']);
  });

  it('where the search filter asks for groups, who comes in by a group alone is read', async () => {
    lab.judge.reads = [];
    lab.directory.userFilter = '(&(objectClass=person)(memberOf:1.2.840.113556.1.4.1941:=cn=staff))';
    await lab.run();
    lab.directory.hide('id-ann');
    assert.deepEqual((await readInLastRun()).writes, []);
    lab.directory.show('id-ann');
    assert.equal((await readInLastRun()).read, 1);
    assert.match(
      lab.logged.join('\n'),
      /comparing memberOf of every user: ldap\.search\.filter asks for memberOf/,
    );
  });

  it('an account that a role of 389 Directory Server locks is seen by the next incremental run', async () => {
    lab.directory.kind = '389_DIRECTORY_SERVER';
    lab.judge.reads = ['disabled'];
    lab.judge.rule = (entry) => ({
      active: !valuesOf(entry, 'nsAccountLock').includes('true'),
      org: null,
      roles: [],
    });
    await lab.run();
    lab.directory.link('id-ann', { nsAccountLock: ['true'] });
    assert.equal((await readInLastRun()).read, 1);
    assert.equal(lab.service.byName('ann@example.com')?.resource.active, false);
    assert.deepEqual(await readInLastRun(), { read: 0, writes: [] });
  });

  it('a script that asks whether an account is disabled causes no sweep where the entry itself shows it', async () => {
    lab.directory.kind = 'ACTIVE_DIRECTORY';
    lab.judge.reads = ['disabled'];
    await lab.run();
    lab.directory.queries.length = 0;
    await lab.run();
    assert.equal(lab.directory.queries.length, 1);
  });

  it('a lock that Active Directory works out is compared for a script that reads it', async () => {
    const name = 'msDS-User-Account-Control-Computed';
    lab.directory.kind = 'ACTIVE_DIRECTORY';
    lab.judge.reads = [name];
    lab.judge.rule = (entry) => ({ active: true, org: null, roles: [...valuesOf(entry, name)] });
    await lab.run();
    lab.directory.link('id-ann', { [name]: ['16'] });
    assert.deepEqual((await readInLastRun()).writes, ['update roles ann@example.com']);
  });

  it('a script that reads what Active Directory gives for one entry only is warned about in every run', async () => {
    lab.directory.kind = 'ACTIVE_DIRECTORY';
    lab.judge.reads = ['tokenGroups'];
    for (const run of ['the first', 'the second']) {
      lab.logged.length = 0;
      await lab.run();
      const said = lab.logged.join('\n');
      assert.match(
        said,
        /reads tokenGroups, and finds nothing: .*one entry at a time only\. Use entry\.memberOfAll/,
        run,
      );
      assert.doesNotMatch(said, /no script, mapping or search filter reads them/);
    }
    lab.directory.kind = 'OPENLDAP';
    lab.logged.length = 0;
    await lab.run();
    assert.doesNotMatch(lab.logged.join('\n'), /one entry at a time/);
  });

  it('without a reader of groups nobody is swept, and the log says so', async () => {
    lab.judge.reads = [];
    await lab.run();
    lab.directory.queries.length = 0;
    groups('ann', 'cn=vip');
    assert.deepEqual(await readInLastRun(), { read: 0, writes: [] });
    assert.equal(lab.directory.queries.length, 1);
    assert.match(lab.logged.join('\n'), /not looked for: no script, mapping or search filter reads them/);
  });

  it('ldap.group.changes=OFF leaves them to full runs and says what is lost; SWEEP sees them in any case', async () => {
    lab.rules = { ...RULES, groupChanges: 'OFF' };
    await lab.run();
    groups('ann', 'cn=vip');
    assert.deepEqual(await readInLastRun(), { read: 0, writes: [] });
    assert.match(
      lab.logged.join('\n'),
      /only full runs see changes of memberOf, though the rule reads memberOf/,
    );
    lab.judge.reads = [];
    lab.rules = { ...RULES, groupChanges: 'SWEEP' };
    await lab.run();
    assert.deepEqual(lab.service.byName('ann@example.com')?.resource.roles, ['cn=vip']);
    groups('ann', 'cn=staff');
    assert.deepEqual((await readInLastRun()).writes, ['update roles ann@example.com']);
  });

  it('a script that begins to read groups, and a state of before, make one run read everybody', async () => {
    lab.judge.reads = [];
    await lab.run();
    lab.judge.reads = ['memberOf'];
    assert.equal((await readInLastRun()).read, 3);
    assert.match(
      lab.logged.join('\n'),
      /Reading every user: nothing is remembered yet to compare memberOf with/,
    );
    assert.equal((await readInLastRun()).read, 0);
    const database = new DatabaseSync(lab.statePath);
    database.exec(
      "DROP TABLE traces; DROP TABLE change_log; DROP TABLE deviations; ALTER TABLE runs DROP COLUMN run_id; PRAGMA user_version = 1; DELETE FROM meta WHERE key = 'linked_by'",
    );
    database.close();
    groups('ann', 'cn=vip');
    assert.equal((await lab.run({ mode: 'DRY' })).planned.UPDATE, 1);
    assert.deepEqual((await readInLastRun()).writes, ['update roles ann@example.com']);
    assert.equal((await readInLastRun()).read, 0);
  });

  it('who left the base and came back is read, though nothing of him has changed', async () => {
    await lab.run();
    lab.directory.hide('id-ben');
    await lab.run();
    lab.directory.show('id-ben');
    assert.equal((await readInLastRun()).read, 1);
    assert.equal((await readInLastRun()).read, 0);
  });

  it('a directory that shows groups of nobody is warned of where scripts read them', async () => {
    for (const name of ['ann', 'ben', 'cyd']) lab.directory.remove(`id-${name}`);
    lab.hire('dan');
    await lab.run();
    assert.match(lab.logged.join('\n'), /No user shows memberOf, which the scripts read/);
    lab.logged.length = 0;
    lab.hire('eve', { memberOf: ['cn=staff'] });
    await lab.run({ scope: 'FULL' });
    assert.doesNotMatch(lab.logged.join('\n'), /No user shows memberOf/);
  });

  it('an account that expires, or a contract that begins, is judged again when its moment has passed', async () => {
    const inAnHour = new Date(Date.now() + 3_600_000);
    const ticks = String((BigInt(inAnHour.getTime()) + 11_644_473_600_000n) * 10_000n);
    const generalized = inAnHour.toISOString().replace(/[-:T]|\.\d+/g, '');
    let hasPassed = false;
    lab.judge.reads = ['expired'];
    lab.judge.rule = (entry) => {
      const starts = valuesOf(entry, 'contractBegin').length > 0;
      const ends = valuesOf(entry, 'accountExpires').some(
        (value) => !/^(0|9223372036854775807)$/.test(value),
      );
      return { active: starts ? hasPassed : !(ends && hasPassed), org: null, roles: null };
    };
    lab.hire('ann', { accountExpires: ticks });
    lab.hire('ben', { accountExpires: '9223372036854775807' });
    lab.hire('cyd', { accountExpires: '0' });
    lab.hire('dan', { contractBegin: generalized });
    lab.now = new Date();
    assert.equal((await lab.run()).planned.CREATE, 3);
    assert.deepEqual(await readInLastRun(), { read: 0, writes: [] });
    hasPassed = true;
    lab.now = new Date(inAnHour.getTime() + 1);
    const due = await readInLastRun();
    assert.deepEqual(due, {
      read: 2,
      writes: ['create dan@example.com', 'update active ann@example.com'],
    });
  });

  it('a script without a clock is not judged again for a moment that passes', async () => {
    lab.judge.reads = [];
    const soon = new Date(Date.now() + 60_000);
    lab.hire('ann', { contractEnd: soon.toISOString().replace(/[-:T]|\.\d+/g, '') });
    await lab.run();
    lab.now = new Date(soon.getTime() + 1);
    assert.equal((await readInLastRun()).read, 0);
  });
});

describe('traces of who is gone', () => {
  it('are forgotten, so that the state does not grow for ever', async () => {
    using lab = new Lab();
    lab.judge.reads = ['memberOf'];
    for (const name of ['ann', 'ben']) lab.hire(name);
    await lab.run();
    lab.directory.remove('id-ben');
    await lab.run();
    const database = new DatabaseSync(lab.statePath, { readOnly: true });
    const rows = database.prepare('SELECT identity FROM traces').all();
    database.close();
    assert.deepEqual(
      rows.map((row) => row['identity']),
      ['id-ann'],
    );
  });
});
