/**
 * `npm run simulate -- --seeds N --from S [--rounds R --people P] [--stop]`: lives through N random worlds and prints
 * each violation with its seed and the smallest case. Ends with 1 if there was one.
 *
 * With `--sockets` the worlds are those of the fault lab: real adapters, HTTP and LDAP over loopback. There
 * `--without KIND,KIND` leaves kinds of faults out, `--trace` prints everything that happened, and `--mutations` instead
 * switches off one safety rule after the other and prints which world notices.
 */

import { parseArgs } from 'node:util';
import { shrink, simulate } from './simulate.ts';
import { runMutations, runSocketWorlds } from './sockets/run-sockets.ts';
import { USUAL_LIMITS } from './world.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string' },
    from: { type: 'string', default: '1' },
    rounds: { type: 'string' },
    people: { type: 'string' },
    /** Ends at the first violation, without looking for the smallest case. */
    stop: { type: 'boolean', default: false },
    sockets: { type: 'boolean', default: false },
    without: { type: 'string', default: '' },
    trace: { type: 'boolean', default: false },
    mutations: { type: 'boolean', default: false },
  },
});

if (values.sockets && values.mutations) process.exitCode = await runMutations();
else if (values.sockets) process.exitCode = await runSocketWorlds(values);
else process.exitCode = await runMemoryWorlds();

async function runMemoryWorlds(): Promise<number> {
  const first = Number(values.from);
  const last = first + Number(values.seeds ?? '2000') - 1;
  const limits = {
    rounds: Number(values.rounds ?? USUAL_LIMITS.rounds),
    people: Number(values.people ?? USUAL_LIMITS.people),
  };
  let broken = 0;
  let lived = 0;
  for (let seed = first; seed <= last; seed += 1) {
    lived += 1;
    const violations = await simulate(seed, limits);
    if (violations.length === 0) continue;
    broken += 1;
    for (const violation of violations) console.log(`seed ${seed}: ${violation}`);
    if (values.stop) break;
    const { rounds, people } = await shrink(seed);
    console.log(
      `seed ${seed}: smallest case: --from ${seed} --seeds 1 --rounds ${rounds} --people ${people}`,
    );
  }
  console.log(`${lived} worlds, ${broken} with violations`);
  return broken === 0 ? 0 : 1;
}
