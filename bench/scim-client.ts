/**
 * Our writer updating users as fast as a bare loop over undici's Pool sending the same bodies at the same concurrency
 * (16, or the first argument), in turns, against a plain HTTP server in a process of its own. Prints rates and ratios.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Pool } from 'undici';
import { USER_ATTRIBUTES } from '../src/model/user.ts';
import { layoutFor } from '../src/scim/layout.ts';
import { newResource, patchBody } from '../src/scim/resource.ts';
import { openService } from '../src/scim/service.ts';
import { settingsFor, userNamed } from '../test/scim/open-service.ts';

const REQUESTS = 20_000;
const ROUNDS = Number(process.argv[3] ?? '7');
const PASSWORD = 'benchmark';
const layout = layoutFor('c42OrgName', 'roles');
const users = Array.from({ length: 500 }, (_, i) => userNamed(`user${i}@example.com`));

/** Answers every PATCH with the user, some 1 KB, as a service does. */
function serve(): void {
  const answers = new Map(
    users.map((user, i) => [
      `/scim/v2/Users/${i}`,
      JSON.stringify({
        ...newResource(user, layout),
        id: String(i),
        meta: { resourceType: 'User', version: 'W/"1"' },
      }),
    ]),
  );
  const server = createServer((request, response) => {
    request.on('data', () => undefined);
    request.on('end', () => {
      const text = answers.get(request.url ?? '') ?? '{}';
      response.writeHead(200, { 'content-type': 'application/scim+json' }).end(text);
    });
  });
  server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
}

interface Speed {
  readonly perSecond: number;
  /** Microseconds of CPU for each request. */
  readonly cpuUs: number;
}

/** So many workers that each send one request after the other. */
async function speed(workers: number, send: (index: number) => Promise<unknown>): Promise<Speed> {
  let next = 0;
  const startedAt = performance.now();
  const cpuBefore = process.cpuUsage();
  await Promise.all(
    Array.from({ length: workers }, async () => {
      while (next < REQUESTS) {
        next += 1;
        await send(next % users.length);
      }
    }),
  );
  const { user, system } = process.cpuUsage(cpuBefore);
  return {
    perSecond: (REQUESTS * 1000) / (performance.now() - startedAt),
    cpuUs: (user + system) / REQUESTS,
  };
}

function words({ perSecond, cpuUs }: Speed): string {
  return `${perSecond.toFixed(0)}/s (${cpuUs.toFixed(0)} us of CPU each)`;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
}

async function measure(workers: number, port: number): Promise<void> {
  const origin = `http://127.0.0.1:${port}`;
  const pool = new Pool(origin, { connections: workers, pipelining: 1 });
  const authorization = `Basic ${Buffer.from(`provider:${PASSWORD}`).toString('base64')}`;
  const headers = { authorization, 'content-type': 'application/scim+json', accept: 'application/scim+json' };
  const silent = (): void => undefined;
  const service = openService({
    settings: settingsFor(`${origin}/scim/v2`, {
      'scim.client.threads': workers,
      'scim.read.timeout.period': 60_000,
    }),
    password: PASSWORD,
    log: {
      error: console.error,
      warn: console.warn,
      info: silent,
      debug: silent,
      trace: silent,
      isEnabled: () => false,
    },
    signal: new AbortController().signal,
    knownOrgs: [],
    environment: {},
    userAgent: 'c42uds/bench',
  });
  const writer = service.openWriter();
  const bare = async (index: number): Promise<unknown> => {
    const user = users[index] ?? users[0];
    if (user === undefined) return null;
    const body = JSON.stringify(patchBody(user, USER_ATTRIBUTES, layout));
    const answer = await pool.request({ method: 'PATCH', path: `/scim/v2/Users/${index}`, headers, body });
    return JSON.parse(await answer.body.text()) as unknown;
  };
  const ours = async (index: number): Promise<unknown> => {
    const user = users[index] ?? users[0];
    return user === undefined ? null : writer.update(String(index), user, USER_ATTRIBUTES, () => true, true);
  };
  const ratios: number[] = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    const [theirs, own] = [await speed(workers, bare), await speed(workers, ours)];
    // The first round only warms both up.
    if (round === 0) continue;
    const ratio = own.perSecond / theirs.perSecond;
    ratios.push(ratio);
    console.log(`bare Pool ${words(theirs)}, writer.update ${words(own)}, ratio ${ratio.toFixed(2)}`);
  }
  console.log(`${workers} connections: median ratio ${median(ratios).toFixed(2)} (goal 0.80)`);
  await service.close();
  await pool.destroy();
}

if (process.argv[2] === 'serve') serve();
else {
  const server = spawn(process.execPath, [import.meta.filename, 'serve'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const [line] = (await once(server.stdout, 'data')) as [Buffer];
    await measure(Number(process.argv[2] ?? '16'), Number(String(line)));
  } finally {
    server.kill();
  }
}
