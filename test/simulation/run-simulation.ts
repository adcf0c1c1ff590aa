/**
 * `npm run simulate -- --seeds N --from S [--rounds R --people P] [--stop]`: lives through N random worlds and prints
 * each violation with its seed and the smallest case. Ends with 1 if there was one.
 */

import { parseArgs } from 'node:util';
import { shrink, simulate } from './simulate.ts';
import { USUAL_LIMITS } from './world.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '2000' },
    from: { type: 'string', default: '1' },
    rounds: { type: 'string', default: String(USUAL_LIMITS.rounds) },
    people: { type: 'string', default: String(USUAL_LIMITS.people) },
    /** Ends at the first violation, without looking for the smallest case. */
    stop: { type: 'boolean', default: false },
  },
});
const first = Number(values.from);
const last = first + Number(values.seeds) - 1;
const limits = { rounds: Number(values.rounds), people: Number(values.people) };

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
  console.log(`seed ${seed}: smallest case: --from ${seed} --seeds 1 --rounds ${rounds} --people ${people}`);
}
console.log(`${lived} worlds, ${broken} with violations`);
process.exitCode = broken === 0 ? 0 : 1;
