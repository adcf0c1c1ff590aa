/** When a row of absences ends, so that one more does not complete a row of last year. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Lab, RULES } from '../doubles/lab.ts';

const COUNTING = { ...RULES, missedUserCheck: true, deactivateUserThreshold: 5 };

async function missedFourTimes(lab: Lab): Promise<void> {
  lab.rules = COUNTING;
  for (const name of ['ann', 'ben', 'cyd']) lab.hire(name);
  await lab.run();
  lab.directory.hide('id-ann');
  for (let n = 0; n < 4; n += 1) await lab.run();
}

function isActive(lab: Lab): boolean | undefined {
  return lab.service.byName('ann@example.com')?.resource.active;
}

describe('a row of absences', () => {
  it('ends with a run that does not look for absent users', async () => {
    using lab = new Lab();
    await missedFourTimes(lab);
    lab.rules = { ...COUNTING, missedUserCheck: false };
    lab.directory.show('id-ann');
    await lab.run();
    lab.rules = COUNTING;
    lab.directory.hide('id-ann');
    for (let n = 0; n < 4; n += 1) await lab.run();
    assert.equal(isActive(lab), true);
    await lab.run();
    assert.equal(isActive(lab), false);
  });

  it('ends with settings that look for other people, in dry runs as in live ones', async () => {
    using lab = new Lab();
    await missedFourTimes(lab);
    lab.populationKey = 'another base';
    lab.scopeKey = 'another base';
    assert.equal((await lab.run({ mode: 'DRY' })).planned.DEACTIVATE, 0);
    for (let n = 0; n < 4; n += 1) await lab.run();
    assert.equal(isActive(lab), true);
    await lab.run();
    assert.equal(isActive(lab), false);
  });
});
