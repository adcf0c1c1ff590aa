/** Closed accounts that creations come upon, where no list has shown them before. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Lab } from '../doubles/lab.ts';

function openAccounts(lab: Lab): number {
  return [...lab.service.users.values()].filter(({ resource }) => resource.active).length;
}

describe('a run that knows nothing of closed accounts and would open them', () => {
  it('opens five of them and leaves the others closed in every run, until they are listed', async () => {
    using lab = new Lab();
    for (let n = 0; n < 8; n += 1) lab.hire(`user${n}`);
    await lab.run();
    for (let n = 0; n < 8; n += 1) lab.directory.change(`id-user${n}`, { disabled: 'yes' });
    await lab.run();
    assert.equal(openAccounts(lab), 0);
    lab.forgetState();
    lab.service.count = async () => Promise.resolve(null);
    lab.judge.rule = () => ({ active: true, org: null, roles: null });
    const first = await lab.run();
    assert.deepEqual([first.exitCode, first.failures.length, openAccounts(lab)], [3, 3, 5]);
    assert.match(first.failures[0]?.failure.message ?? '', /was left closed.*--files/);
    const second = await lab.run();
    assert.deepEqual([second.exitCode, second.writes, openAccounts(lab)], [3, [], 5]);
    const left = first.failures.map(({ user }) => user.replace('@example.com', ''));
    assert.equal((await lab.run({ userNames: left })).exitCode, 0);
    assert.equal(openAccounts(lab), 8);
    assert.equal((await lab.run()).exitCode, 0);
  });

  it('is not one whose reactivations stand in the plan', async () => {
    using lab = new Lab();
    for (let n = 0; n < 8; n += 1) lab.hire(`user${n}`);
    await lab.run();
    for (let n = 0; n < 8; n += 1) lab.directory.change(`id-user${n}`, { disabled: 'yes' });
    await lab.run();
    for (let n = 0; n < 8; n += 1) lab.directory.change(`id-user${n}`, { disabled: null });
    assert.equal((await lab.run()).confirmed.REACTIVATE, 8);
  });
});
