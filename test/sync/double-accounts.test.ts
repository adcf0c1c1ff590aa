/** What a list of the service may not do to accounts that were confirmed, or that another system keeps. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Lab, RULES } from '../doubles/lab.ts';

/** A further account of Ann's, open, and a walk over the list that may not show the one that we know. */
async function addDouble(lab: Lab, isListed = false): Promise<string> {
  for (const name of ['ann', 'ben', 'cyd']) lab.hire(name);
  await lab.run();
  const own = lab.service.byName('ann@example.com');
  assert.ok(own !== undefined);
  const resource = { ...own.resource, userName: 'ann.old@example.com' };
  lab.service.users.set('77', { scimId: '77', resource });
  // The base is made wider: the list is walked again.
  lab.scopeKey = lab.populationKey = 'wider';
  lab.hire('dan');
  if (!isListed) lab.service.hides = (user, from) => from === 'LIST' && user.userName === 'ann@example.com';
  return own.scimId;
}

describe('a further open account under the externalId of somebody known', () => {
  for (const isListed of [true, false]) {
    it(`does not take the place of the confirmed one, and is a failure of every run until one is closed: listed ${isListed}`, async () => {
      using lab = new Lab();
      const known = await addDouble(lab, isListed);
      for (let n = 0; n < 2; n += 1) {
        const { exitCode, failures } = await lab.run();
        assert.equal(exitCode, 3);
        assert.match(failures[0]?.failure.message ?? '', new RegExp(`two open accounts.*: ${known}.*and 77`));
      }
      lab.service.users.delete('77');
      assert.equal((await lab.run()).exitCode, 0);
      assert.equal((await lab.run()).exitCode, 0);
      lab.directory.change('id-ann', { disabled: 'yes' });
      await lab.run();
      assert.equal(lab.service.users.get(known)?.resource.active, false);
    });
  }

  it('is closed after the confirmed one when its owner leaves', async () => {
    using lab = new Lab();
    const known = await addDouble(lab, true);
    await lab.run();
    lab.directory.change('id-ann', { disabled: 'yes' });
    assert.equal((await lab.run()).confirmed.DEACTIVATE, 1);
    assert.equal((await lab.run()).confirmed.DEACTIVATE, 1);
    for (const id of [known, '77']) assert.equal(lab.service.users.get(id)?.resource.active, false);
    assert.deepEqual((await lab.run()).writes, []);
  });

  it('is no failure where the confirmed one is not there any more: the next change finds it', async () => {
    using lab = new Lab();
    const known = await addDouble(lab);
    lab.service.users.delete(known);
    assert.equal((await lab.run()).exitCode, 0);
  });
});

describe('an open account of another system under the name of an inactive entry', () => {
  it('is not closed by its name alone, and is a failure of every run until it is closed', async () => {
    using lab = new Lab();
    lab.rules = { ...RULES, adoptByUserName: true };
    lab.service.adoptsByName = true;
    for (const name of ['ann', 'ben']) lab.hire(name);
    await lab.run();
    lab.forgetState();
    lab.directory.entries.clear();
    lab.directory.put('legacy-ann', 'uid=ann,dc=legacy', {
      uid: 'ann',
      mail: 'ann@example.com',
      disabled: 'yes',
    });
    lab.directory.put('legacy-zoe', 'uid=zoe,dc=legacy', { uid: 'zoe', mail: 'zoe@example.com' });
    lab.rules = { ...lab.rules, failedMaxPercent: 100 };
    for (let n = 0; n < 2; n += 1) {
      const { exitCode, failures } = await lab.run();
      assert.equal(exitCode, 3);
      assert.match(failures[0]?.failure.message ?? '', /another externalId \(id-ann\): it is not closed/);
    }
    const held = lab.service.byName('ann@example.com');
    assert.equal(held?.resource.active, true);
    held.resource = { ...held.resource, active: false };
    assert.equal((await lab.run()).exitCode, 0);
  });
});
