import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SOCKET_MUTATIONS } from './mutations.ts';
import { noticedBy } from './run-sockets.ts';
import { JudgePool } from './scripts.ts';
import { simulateSockets } from './simulate-sockets.ts';

/** C42UDS_SOCKET_SEEDS=N lives through so many worlds; without it, through as many as fit into the time. */
const SEEDS = Number(process.env['C42UDS_SOCKET_SEEDS'] ?? '0');
const TIME_MS = 40_000;
const LEAST = 10;
/** With C42UDS_SOCKET_SEEDS each rule is switched off, without it as many as fit. */
const MUTATION_TIME_MS = 30_000;

describe('the fault lab', () => {
  it('over real sockets, with servers that misbehave and processes that die, every invariant holds', async () => {
    await using judges = new JudgePool();
    const startedAt = performance.now();
    let lived = 0;
    const isEnough = (): boolean =>
      SEEDS > 0 ? lived >= SEEDS : lived >= LEAST && performance.now() - startedAt > TIME_MS;
    for (let seed = 1; !isEnough(); seed += 1) {
      const { violations, kinds } = await simulateSockets(seed, judges);
      lived += 1;
      assert.deepEqual(
        violations,
        [],
        `npm run simulate -- --sockets --from ${seed} --seeds 1 looks for the smallest case; faults of ${kinds.join(', ')}`,
      );
    }
    console.log(`${lived} worlds over sockets without a violation`);
  });

  it('can fail: with a safety rule of an adapter switched off it finds a violation', async () => {
    const startedAt = performance.now();
    const blind: string[] = [];
    for (const [number, mutation] of SOCKET_MUTATIONS.entries()) {
      if (SEEDS === 0 && performance.now() - startedAt > MUTATION_TIME_MS) break;
      const noticed = await noticedBy(number, mutation);
      console.log(`${mutation.rule.padEnd(64)} ${noticed ?? 'NOT NOTICED'}`);
      if (noticed === null) blind.push(mutation.rule);
    }
    assert.deepEqual(blind, []);
  });
});
