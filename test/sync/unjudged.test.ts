/** Users whom the search returns for the first time, or again, without a change that would show it. */

import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { Lab, RULES } from '../doubles/lab.ts';
import { byAttributes } from '../doubles/rule-judge.ts';

describe('who is seen without a change', () => {
  let lab: Lab;
  beforeEach(() => {
    lab = new Lab();
    lab.rules = { ...RULES, missedUserCheck: true };
    lab.judge.reads = [];
    lab.judge.rule = byAttributes;
    lab.hire('ann');
    lab.hire('ben');
    lab.hire('left', { disabled: 'yes' });
    lab.hire('secret');
    lab.directory.hide('id-secret');
  });
  afterEach(() => lab[Symbol.dispose]());

  const next = async (): Promise<{ read: number; writes: readonly string[] }> => {
    const { verdict, writes } = await lab.run();
    return { read: verdict.entryCount, writes };
  };
  const NOTHING = { read: 0, writes: [] };
  const disable = (name: string, disabled: 'yes' | 'no'): void =>
    lab.directory.change(`id-${name}`, { disabled });

  it('is read and created in the next incremental run, once, where the account was given the right to see him', async () => {
    await lab.run();
    assert.deepEqual(await next(), NOTHING);
    lab.directory.show('id-secret');
    assert.equal((await lab.run({ mode: 'DRY' })).planned.CREATE, 1);
    assert.deepEqual(await next(), { read: 1, writes: ['create secret@example.com'] });
    assert.match(lab.logged.join('\n'), /1 users are seen who are new here, or were away, though no change/);
    assert.deepEqual(await next(), NOTHING);
  });

  it('is read no second time where no account is wanted for him', async () => {
    await lab.run();
    disable('secret', 'yes');
    assert.deepEqual(await next(), NOTHING);
    lab.directory.show('id-secret');
    assert.deepEqual(await next(), { read: 1, writes: [] });
    assert.deepEqual(await next(), NOTHING);
    disable('secret', 'no');
    assert.deepEqual(await next(), { read: 1, writes: ['create secret@example.com'] });
  });

  it('is read when he comes back without an account, changed while nobody could see him', async () => {
    await lab.run();
    lab.directory.hide('id-left');
    disable('left', 'no');
    assert.deepEqual(await next(), NOTHING);
    lab.directory.show('id-left');
    assert.deepEqual(await next(), { read: 1, writes: ['create left@example.com'] });
    assert.deepEqual(await next(), NOTHING);
  });

  it('is read when he comes back with a closed account, changed while nobody could see him', async () => {
    await lab.run();
    disable('ann', 'yes');
    assert.deepEqual((await next()).writes, ['update active ann@example.com']);
    lab.directory.hide('id-ann');
    assert.deepEqual(await next(), NOTHING);
    disable('ann', 'no');
    assert.deepEqual(await next(), NOTHING);
    lab.directory.show('id-ann');
    assert.deepEqual(await next(), { read: 1, writes: ['update active ann@example.com'] });
    assert.deepEqual(await next(), NOTHING);
  });

  it('is forgotten by no sweep that broke off', async () => {
    lab.directory.pageSize = 1;
    await lab.run();
    lab.directory.faults = [null, { afterPages: 1, reason: 'torn' }];
    const torn = await lab.run();
    assert.deepEqual([torn.exitCode, torn.writes], [4, []]);
    assert.deepEqual(await next(), NOTHING);
    const database = new DatabaseSync(lab.statePath, { readOnly: true });
    const missed = database.prepare('SELECT count(*) AS n FROM users WHERE missed <> 0').get();
    database.close();
    assert.equal(missed?.['n'], 0);
  });

  it('is still to be read where the run that saw him broke off or died', async () => {
    await lab.run();
    lab.directory.show('id-secret');
    lab.directory.faults = [null, null, { afterPages: 0, reason: 'torn' }];
    assert.equal((await lab.run()).exitCode, 4);
    lab.service.beforeWrite = () => {
      throw new Error('killed');
    };
    await assert.rejects(lab.run(), /killed/);
    lab.service.beforeWrite = null;
    assert.deepEqual((await next()).writes, ['create secret@example.com']);
    assert.deepEqual(await next(), NOTHING);
  });

  it('fails alone, and is tried again as every failure is', async () => {
    await lab.run();
    lab.directory.show('id-secret');
    lab.service.beforeWrite = (_, { userName }) =>
      userName.startsWith('secret') ? { ok: false, failure: { stage: 'SEND', message: 'no' } } : undefined;
    assert.deepEqual([(await lab.run()).exitCode, (await lab.run()).exitCode], [3, 3]);
    lab.service.beforeWrite = null;
    assert.deepEqual((await next()).writes, ['create secret@example.com']);
    assert.deepEqual(await next(), NOTHING);
  });

  it('is found among everybody where there are too many to look for, once', async () => {
    await lab.run();
    for (let n = 0; n < 1001; n += 1) {
      lab.hire(`crowd${n}`, { disabled: 'yes' });
      lab.directory.hide(`id-crowd${n}`);
    }
    await lab.run();
    for (let n = 0; n < 1001; n += 1) lab.directory.show(`id-crowd${n}`);
    assert.deepEqual(await next(), { read: 1004, writes: [] });
    assert.match(lab.logged.join('\n'), /1001 users are seen .*: reading every user/);
    assert.deepEqual(await next(), NOTHING);
  });

  it('is found among everybody where the server does not find him by his identity', async () => {
    await lab.run();
    lab.directory.show('id-secret');
    lab.directory.unfindable = 'id-secret';
    assert.deepEqual(await next(), { read: 4, writes: ['create secret@example.com'] });
    assert.match(lab.logged.join('\n'), /Not all of them were found by their identity: reading every user/);
    assert.deepEqual(await next(), NOTHING);
  });

  it('is everybody without an account where the state is of a program that did not remember them, once', async () => {
    await lab.run();
    const database = new DatabaseSync(lab.statePath);
    assert.equal(database.prepare('DELETE FROM traces').run().changes, 1);
    database.close();
    assert.deepEqual(await next(), { read: 1, writes: [] });
    assert.deepEqual(await next(), NOTHING);
  });

  it('waits for a full run where missed.user.check is false', async () => {
    lab.rules = RULES;
    await lab.run();
    lab.directory.show('id-secret');
    assert.deepEqual(await next(), NOTHING);
    assert.deepEqual((await lab.run({ scope: 'FULL' })).writes.includes('create secret@example.com'), true);
  });

  it('leaves no row behind when he gets an account, or goes for good', async () => {
    const rows = (): unknown[] => {
      const database = new DatabaseSync(lab.statePath, { readOnly: true });
      const all = database.prepare('SELECT identity FROM traces').all();
      database.close();
      return all.map((row) => row['identity']);
    };
    lab.hire('late', { disabled: 'yes' });
    await lab.run();
    assert.deepEqual(rows(), ['id-late', 'id-left']);
    disable('late', 'no');
    await lab.run();
    assert.deepEqual(rows(), ['id-left']);
    lab.directory.remove('id-left');
    await lab.run();
    assert.deepEqual(rows(), []);
  });
});
