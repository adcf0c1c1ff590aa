/** Lives through one random world over sockets, and looks for the smallest one that still goes wrong. */

import { FAULT_KINDS } from './fault-kinds.ts';
import { calm } from './lab-settings.ts';
import type { JudgePool } from './scripts.ts';
import { SocketWorld, USUAL_SOCKET_LIMITS, type SocketLimits } from './socket-world.ts';

const CONVERGENCE_RUNS = 2;
const DAYS_MS = 48 * 3_600_000;

export interface SocketStory {
  readonly violations: readonly string[];
  /** Every request, fault and message, in order. */
  readonly story: readonly string[];
  readonly kinds: readonly string[];
  readonly runs: number;
}

/** The violations of one seed; none when every invariant held. */
export async function simulateSockets(
  seed: number,
  judges: JudgePool,
  limits: SocketLimits = USUAL_SOCKET_LIMITS,
): Promise<SocketStory> {
  await using world = new SocketWorld(seed, limits, judges);
  const { dice } = world;
  let runs = 0;
  const run: SocketWorld['run'] = (wish) => {
    runs += 1;
    return world.run(wish);
  };
  const told = (): SocketStory => ({
    violations: world.invariants.violations,
    story: world.story,
    kinds: [...world.kinds],
    runs,
  });
  await world.start(Math.min(3 + dice.below(12), limits.people));
  const rounds = 2 + dice.below(5);
  for (let round = 0; round < Math.min(rounds, limits.rounds); round += 1) {
    if (dice.chance(0.2)) await run({ mode: 'DRY', scope: dice.pick(['FULL', 'INCREMENTAL'] as const) });
    if (dice.chance(0.1)) await run({ mode: 'LIVE', limited: true });
    await run({ mode: 'LIVE', scope: dice.chance(0.2) ? 'FULL' : 'INCREMENTAL' });
    if (world.invariants.violations.length > 0) return told();
    for (let changes = dice.below(6); changes > 0; changes -= 1) world.people.change();
    await world.mishaps(round);
  }
  await converge(world, run);
  return told();
}

/** Once faults stop, two runs bring both sides into agreement, and a third sends nothing. */
async function converge(world: SocketWorld, run: SocketWorld['run']): Promise<void> {
  world.faulty = false;
  world.people.settle();
  world.people.later(30);
  world.settings = calm(world.settings);
  for (let n = 0; n < CONVERGENCE_RUNS; n += 1) {
    // Everybody's next attempt has come.
    world.failureClockMs += DAYS_MS;
    await run({ mode: 'LIVE', scope: n === 0 ? world.invariants.scopeOfRecovery : 'INCREMENTAL' });
  }
  world.invariants.checkAgreement('faults have stopped, but ');
  world.failureClockMs += DAYS_MS;
  await run({ mode: 'LIVE' });
  world.invariants.checkRest();
}

/** The smallest world of the seed that still breaks an invariant: fewer rounds, fewer people, fewer kinds of faults. */
export async function shrinkSockets(seed: number, judges: JudgePool): Promise<SocketLimits> {
  let smallest = USUAL_SOCKET_LIMITS;
  const stillBroken = async (limits: SocketLimits): Promise<boolean> => {
    const { violations } = await simulateSockets(seed, judges, limits);
    if (violations.length > 0) smallest = limits;
    return violations.length > 0;
  };
  for (let rounds = 0; rounds < smallest.rounds; rounds += 1) {
    if (await stillBroken({ ...smallest, rounds })) break;
  }
  for (const kind of FAULT_KINDS) await stillBroken({ ...smallest, without: [...smallest.without, kind] });
  for (let people = 1; people < smallest.people; people += 1) {
    if (await stillBroken({ ...smallest, people })) break;
  }
  return smallest;
}
