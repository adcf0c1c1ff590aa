/** The benchmarks against SCIM services: the client alone, a whole live run, and a service that limits requests. */

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { Pool } from 'undici';
import { layoutFor } from '../src/scim/layout.ts';
import { patchBody } from '../src/scim/resource.ts';
import { USER_ATTRIBUTES } from '../src/model/user.ts';
import { userNamed } from '../test/scim/open-service.ts';
import { BenchLab } from './bench-lab.ts';
import { median } from './measured.ts';
import type { BenchOptions, Row } from './row.ts';

/** The default of scim.client.threads. */
const CONNECTIONS = 8;
const ROUNDS = 3;

/** Our writer beside a bare loop over undici's Pool, in one process. */
export async function* client({ quick }: BenchOptions): AsyncGenerator<Row> {
  const output = script('scim-client.ts', ['16', quick ? '2' : '7']);
  const value = Number(/median ratio ([\d.]+)/.exec(output)?.[1]);
  yield {
    name: 'updates, our writer / bare undici loop',
    value,
    unit: 'x',
    note: '',
    goal: { atLeast: 0.8 },
  };
}

/** A live full sync as a whole, state file and log included, beside a bare loop sending as many updates to the same service. */
export async function* wholeRun(options: BenchOptions): AsyncGenerator<Row> {
  const users = 10_000;
  await using lab = await BenchLab.open(users, options.cache);
  await lab.knowEverybody();
  const [ours, bare]: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round += 1) {
    const { stdout } = await lab.run(['--sync-now', '--full-sync', '--quiet', '--json'], true);
    const { cost } = JSON.parse(stdout) as { cost: { stagesMs: { APPLY: number } } };
    ours.push((users * 1000) / cost.stagesMs.APPLY);
    bare.push(await bareRate(lab.serviceUrl, users));
  }
  const value = median(ours.map((rate, round) => rate / (bare[round] ?? NaN)));
  yield {
    name: 'live full sync, updates a second while applying',
    value: median(ours),
    unit: '/s',
    note: '',
  };
  yield { name: 'bare undici loop', value: median(bare), unit: '/s', note: `${CONNECTIONS} connections` };
  yield { name: 'live full sync / bare undici loop', value, unit: 'x', note: '', goal: { atLeast: 0.8 } };
}

async function bareRate(url: string, requests: number): Promise<number> {
  const pool = new Pool(new URL(url).origin, { connections: CONNECTIONS, pipelining: 1 });
  const layout = layoutFor('c42OrgName', 'roles');
  const headers = { 'content-type': 'application/scim+json', accept: 'application/scim+json' };
  const startedMs = performance.now();
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < requests) {
      next += 1;
      const body = JSON.stringify(patchBody(userNamed(`user${next}@example.com`), USER_ATTRIBUTES, layout));
      const answer = await pool.request({ method: 'PATCH', path: `/scim/v2/Users/${next}`, headers, body });
      await answer.body.text();
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, worker));
  const seconds = (performance.now() - startedMs) / 1000;
  await pool.destroy();
  return requests / seconds;
}

/** How much of a limit is used, and how often the service has to refuse. */
export async function* throttled({ quick }: BenchOptions): AsyncGenerator<Row> {
  const output = script('throttled-service.ts', quick ? ['1800', '20'] : ['1800', '120']);
  const used = Number(/\(([\d.]+) %, goal 95/.exec(output)?.[1]);
  const refused = Number(/\(([\d.]+) %, goal under/.exec(output)?.[1]);
  const note = '1,800 requests a minute, the pace to be learned';
  yield {
    name: 'share of an unknown limit that is used',
    value: used,
    unit: '%',
    note,
    goal: { atLeast: 95 },
  };
  yield {
    name: 'share of requests that were refused',
    value: refused,
    unit: '%',
    note: '',
    goal: { atMost: 1 },
  };
}

function script(name: string, words: readonly string[]): string {
  const { stdout, status } = spawnSync(process.execPath, [join(import.meta.dirname, name), ...words], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) throw new Error(`${name} ended with ${status}`);
  return stdout;
}
