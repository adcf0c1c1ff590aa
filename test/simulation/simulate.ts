/** Lives through one random world, or through many: see `npm run simulate -- --help`. */

import { USUAL_LIMITS, World, type WorldLimits } from './world.ts';

const CONVERGENCE_RUNS = 2;
/** Nothing holds runs up any more, and nobody's absence comes to its end while we look. */
const NO_LIMITS = {
  deactivateMaxPercent: 100,
  absentMaxPercent: 100,
  clearedMaxPercent: 100,
  movedMaxPercent: 100,
  reactivatedMaxPercent: 100,
  deactivateUserThreshold: 1_000,
};

/** The violations of one seed; empty when every invariant held. */
export async function simulate(seed: number, limits: WorldLimits = USUAL_LIMITS): Promise<readonly string[]> {
  using world = new World(seed, limits);
  const rounds = 3 + world.chance.below(6);
  for (let round = 0; round < Math.min(rounds, limits.rounds); round += 1) {
    for (let changes = world.chance.below(6); changes > 0; changes -= 1) world.change();
    world.returnFromAway(false);
    world.makeMistakes();
    world.curse();
    world.partWithLost();
    if (world.chance.happens(0.2)) await world.run('DRY', world.chance.happens(0.5) ? 'FULL' : 'INCREMENTAL');
    if (world.chance.happens(0.15)) await world.run('LIVE', 'INCREMENTAL', true);
    await world.run('LIVE', world.chance.happens(0.2) ? 'FULL' : 'INCREMENTAL');
    if (world.violations.length > 0) return world.violations;
  }
  await convergence(world);
  return world.violations;
}

/**
 * Once faults stop, two runs bring both sides into agreement and a third changes nothing. Two, and not one, because who
 * is found by looking for a lost creation is read and sent whole by the next run only. The clock moves two days before each
 * of the two: whoever fails for cause is retried at intervals that grow to a day.
 */
async function convergence(world: World): Promise<void> {
  const { lab } = world;
  world.faulty = false;
  world.returnFromAway(true);
  world.mendMistakes();
  lab.rules = { ...lab.rules, ...NO_LIMITS };
  for (let n = 0; n < CONVERGENCE_RUNS; n += 1) {
    lab.now = new Date(lab.now.getTime() + 48 * 3_600_000);
    await world.run('LIVE', n === 0 && world.leftNoTrace ? 'FULL' : 'INCREMENTAL');
  }
  world.checkAgreement();
  const writes = lab.service.writes.length;
  await world.run('LIVE');
  const more = lab.service.writes.slice(writes);
  if (more.length > 0)
    world.invariants.violations.push(`another run without any change wrote ${more.join('; ')}`);
}

/** The smallest world of the seed that still breaks an invariant. */
export async function shrink(seed: number): Promise<WorldLimits> {
  let smallest = USUAL_LIMITS;
  for (let rounds = 1; rounds <= smallest.rounds; rounds += 1) {
    const limits = { ...smallest, rounds };
    if ((await simulate(seed, limits)).length > 0) {
      smallest = limits;
      break;
    }
  }
  for (let people = 3; people < smallest.people; people += 1) {
    const limits = { ...smallest, people };
    if ((await simulate(seed, limits)).length > 0) return limits;
  }
  return smallest;
}
