/** How near a plan comes to the safety limits, told whether or not it trips one. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GuardHeadroom } from '../../src/model/run.ts';
import { Lab, RULES } from '../doubles/lab.ts';

function figures(headroom: readonly GuardHeadroom[]): Record<string, unknown> {
  return Object.fromEntries(
    headroom.map(({ property, what, count, of, limit, tripped }) => [
      `${property} ${what}`,
      [count, of, limit, tripped],
    ]),
  );
}

test('every limit that is switched on is measured, and says whether it is tripped as its guard does', async () => {
  using lab = new Lab();
  const names = Array.from({ length: 40 }, (_, n) => `user${n}`);
  for (const name of names) lab.hire(name, { department: 'Mills', title: 'Weaver' });
  assert.equal((await lab.run()).confirmed.CREATE, 40);
  for (const name of names.slice(0, 3)) lab.hire(name, { department: 'Mills' });
  for (const name of names.slice(10, 18)) lab.directory.remove(`id-${name}`);
  lab.rules = {
    ...RULES,
    missedUserCheck: true,
    deactivateUserThreshold: 1,
    deactivateMaxPercent: 15,
    deactivateMaxCount: 30,
    deactivateOrgMaxPercent: 50,
    clearedMaxPercent: 20,
    movedMaxPercent: 30,
  };
  const run = await lab.run({ mode: 'DRY', scope: 'FULL' });
  assert.deepEqual(
    run.guards.map(({ property }) => property),
    ['deactivate.max.percent'],
  );
  assert.deepEqual(figures(run.headroom), {
    'deactivate.max.percent Deactivations': [8, 40, 15, true],
    'deactivate.max.count Deactivations': [8, null, 30, false],
    'deactivate.org.max.percent Deactivations in the organization "Mills"': [8, 40, 50, false],
    'guard.absent.max.percent Users not found': [8, 40, 50, false],
    'guard.failed.max.percent Users who cannot be judged': [0, 32, 20, false],
    'guard.cleared.max.percent title cleared': [3, 40, 20, false],
    'guard.moved.max.percent Another organization': [0, 40, 30, false],
    'guard.moved.max.percent Other roles': [0, 40, 30, false],
  });
});

test('a limit that is switched off is not measured', async () => {
  using lab = new Lab();
  lab.hire('ann');
  assert.deepEqual(Object.keys(figures((await lab.run({ mode: 'DRY' })).headroom)), [
    'guard.failed.max.percent Users who cannot be judged',
  ]);
});
