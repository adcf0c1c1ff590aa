/** Scripts that never end, try to get out or to change what others see: each costs one user and nobody else. */

import test from 'node:test';
import { tryAttacks } from './attack-trial.ts';
import { ATTACKS_ON_TIME } from './attacks.ts';

test(
  'attacks by time and reach cost their own users, and everybody between them is judged right',
  { timeout: 120_000 },
  () => tryAttacks(ATTACKS_ON_TIME),
);
