import assert from 'node:assert/strict';
import { it } from 'node:test';
import { World } from './world.ts';

/** C42UDS_SEEDS=N runs more of them, C42UDS_SEED=S starts elsewhere: a failure names its seed. */
const FIRST = Number(process.env['C42UDS_SEED'] ?? '1');
const SEEDS = Number(process.env['C42UDS_SEEDS'] ?? '60');

async function simulate(seed: number): Promise<readonly string[]> {
  using world = new World(seed);
  for (let n = 3 + world.below(6); n > 0; n -= 1) {
    for (let changes = world.below(6); changes > 0; changes -= 1) world.change();
    if (world.chance(0.2)) await world.run('DRY', world.chance(0.5) ? 'FULL' : 'INCREMENTAL');
    await world.run('LIVE', world.chance(0.2) ? 'FULL' : 'INCREMENTAL');
    if (world.violations.length > 0) return world.violations;
  }
  world.faulty = false;
  const { service } = world.lab;
  world.lab.rules = { ...world.lab.rules, deactivateMaxPercent: 100, missedUserCheck: false };
  await world.run('LIVE');
  await world.run('LIVE');
  world.checkAgreement();
  const writes = service.writes.length;
  await world.run('LIVE');
  if (service.writes.length !== writes) {
    world.violations.push(`a third run without any change wrote ${service.writes.slice(writes).join('; ')}`);
  }
  return world.violations;
}

it(`in ${SEEDS} random worlds nobody present and active is deactivated, dry runs write nothing, and runs converge`, async () => {
  const broken: string[] = [];
  for (let seed = FIRST; seed < FIRST + SEEDS; seed += 1) {
    for (const violation of await simulate(seed)) broken.push(`seed ${seed}: ${violation}`);
  }
  assert.deepEqual(broken, []);
});
