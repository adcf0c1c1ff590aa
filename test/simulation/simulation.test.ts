import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { MUTATIONS } from './mutations.ts';

const PROGRAM = fileURLToPath(new URL('run-simulation.ts', import.meta.url));
const HOOK = new URL('mutation-hook.ts', import.meta.url).href;

/** C42UDS_SEEDS=N lives through more worlds, or fewer. */
const SEEDS = Number(process.env['C42UDS_SEEDS'] ?? '240');
const MUTATION_SEEDS = 500;

interface Lived {
  readonly worlds: number;
  readonly output: string;
  readonly broken: boolean;
}

async function live(seeds: number, from: number, mutation: number | null = null): Promise<Lived> {
  const hook = mutation === null ? [] : ['--import', HOOK];
  const stop = mutation === null ? [] : ['--stop'];
  const words = [...hook, PROGRAM, '--seeds', String(seeds), '--from', String(from), ...stop];
  const env = { ...process.env, C42UDS_MUTATION: String(mutation ?? '') };
  return new Promise((resolve, reject) => {
    execFile(process.execPath, words, { env, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      const worlds = /^(\d+) worlds, /m.exec(stdout)?.[1];
      // Ended by a violation or without one; anything else is a mistake of the simulation.
      if (worlds === undefined)
        reject(new Error(`the simulation did not come to its end:\n${stdout}${stderr}`));
      else resolve({ worlds: Number(worlds), output: stdout, broken: error !== null });
    });
  });
}

describe('the simulation', () => {
  it(`in ${SEEDS} random worlds nobody is deactivated by mistake, dry runs write nothing, and runs converge`, async () => {
    const half = Math.ceil(SEEDS / 2);
    const both = await Promise.all([live(half, 1), live(SEEDS - half, half + 1)]);
    for (const { output, broken } of both) assert.equal(broken, false, output);
    assert.equal(both[0].worlds + both[1].worlds, SEEDS);
  });

  it('can fail: with each safety rule switched off it finds a violation', async () => {
    const table: string[] = [];
    const blind: string[] = [];
    const numbers = MUTATIONS.keys();
    const worker = async (): Promise<void> => {
      for (const number of numbers) {
        const { rule = '' } = MUTATIONS[number] ?? {};
        const { worlds, output, broken } = await live(MUTATION_SEEDS, 1, number);
        const first = /^seed \d+: (.*)$/m.exec(output)?.[1] ?? '';
        table[number] = `| ${rule} | ${broken ? String(worlds) : 'not noticed'} | ${first} |`;
        if (!broken) blind.push(rule);
      }
    };
    await Promise.all([worker(), worker()]);
    console.log(table.join('\n'));
    assert.deepEqual(blind, []);
  });
});
