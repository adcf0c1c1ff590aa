/**
 * How many users a second three simple scripts judge on one core: this process, the script process and the pipe between
 * them share a single CPU where `taskset` can see to it. Counted in seconds of processor time where /proc tells them, so
 * that other work on the machine does not count. 200,000 users, or the first argument.
 */

import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Entry } from '../src/model/entry.ts';
import { openJudge } from '../src/sandbox/judge.ts';

const PINNED = 'C42UDS_BENCH_PINNED';
const GOAL = 20_000;
const BATCH = 500;
const ROUNDS = 3;
const users = Number(process.argv[2] ?? '200000');

if (process.env[PINNED] === undefined && spawnSync('taskset', ['--version']).status === 0) {
  const words = ['-c', '0', process.execPath, ...process.argv.slice(1)];
  const { status } = spawnSync('taskset', words, {
    stdio: 'inherit',
    env: { ...process.env, [PINNED]: '1' },
  });
  process.exit(status ?? 1);
}

const folder = join(import.meta.dirname, '../scripts/examples');
const script = (name: string): { name: string; text: string } => ({
  name,
  text: readFileSync(join(folder, name), 'utf8'),
});
const none = (): void => undefined;
const judge = await openJudge({
  scripts: {
    active: script('active-by-group.js'),
    org: script('org-by-department.js'),
    role: script('roles-by-group.js'),
  },
  timeoutMs: 1000,
  memoryLimitMb: 64,
  log: { error: none, warn: none, info: none, debug: none, trace: none },
});

/** Somebody as Active Directory holds him: a dozen attributes and a few groups. */
function person(n: number): Entry {
  const name = `user${n}`;
  return {
    identity: String(n),
    dn: `CN=${name},OU=Staff,DC=example,DC=com`,
    attributes: {
      cn: [name],
      sn: [name],
      givenName: ['Given'],
      displayName: [`Given ${name}`],
      mail: [`${name}@example.com`],
      sAMAccountName: [name],
      userPrincipalName: [`${name}@example.com`],
      department: [['Sales', 'QA', 'Legal', 'Development'][n % 4] ?? ''],
      title: ['Engineer'],
      userAccountControl: ['512'],
      whenChanged: ['20260101000000.0Z'],
      memberOf: Array.from({ length: 5 }, (_, g) => `CN=Group ${(n + g) % 50},OU=Groups,DC=example,DC=com`),
    },
  };
}

/** Processor seconds of this process and of those that it started and that still run; `null` where nobody tells. */
function processorSeconds(): number | null {
  try {
    const tasks = readdirSync('/proc/self/task');
    const children = tasks.flatMap((task) =>
      readFileSync(`/proc/self/task/${task}/children`, 'utf8')
        .split(' ')
        .filter((pid) => pid !== ''),
    );
    const ticks = ['self', ...children].map((pid) => {
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
      // proc(5): utime and stime, in ticks of 10 ms.
      return Number(fields[11]) + Number(fields[12]);
    });
    return ticks.reduce((sum, one) => sum + one, 0) / 100;
  } catch {
    return null;
  }
}

try {
  const crowd = Array.from({ length: users }, (_, n) => person(n));
  const rates: number[] = [];
  for (let round = 1; round <= ROUNDS; round += 1) {
    const started = performance.now();
    const processorStart = processorSeconds();
    let judged = 0;
    for (let at = 0; at < crowd.length; at += BATCH) {
      // As a run does: with what the scripts name, where their texts tell.
      const judgements = await (judge.named ?? judge).judge(crowd.slice(at, at + BATCH));
      judged += judgements.filter((one) => one !== 'UNREAD' && one.ok).length;
    }
    const wall = (performance.now() - started) / 1000;
    const processor = processorSeconds();
    const seconds = processor === null || processorStart === null ? wall : processor - processorStart;
    if (judged !== users) throw new Error(`${users - judged} users could not be judged`);
    rates.push(users / seconds);
    console.log(
      `${users} users by three scripts: ${seconds.toFixed(2)} s, ${Math.round(users / seconds)} a second`,
    );
  }
  const where = process.env[PINNED] === undefined ? 'on all cores' : 'on one core';
  console.log(`best ${Math.round(Math.max(...rates))} users a second ${where} (goal ${GOAL})`);
} finally {
  await judge.close();
}
