/** `npm run simulate -- --sockets`: many worlds of the fault lab, or its rules switched off in turn. */

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { FAULT_KINDS, type FaultKind } from './fault-kinds.ts';
import { SOCKET_MUTATIONS, type SocketMutation } from './mutations.ts';
import { JudgePool } from './scripts.ts';
import { shrinkSockets, simulateSockets, type SocketStory } from './simulate-sockets.ts';
import { USUAL_SOCKET_LIMITS, type SocketLimits } from './socket-world.ts';

export interface SocketWords {
  readonly seeds?: string | undefined;
  readonly from: string;
  readonly rounds?: string | undefined;
  readonly people?: string | undefined;
  readonly stop: boolean;
  readonly without: string;
  readonly trace: boolean;
}

const USUAL_SEEDS = 100;
const SHOWN_CHARACTERS = 600;

/** Lives through the worlds and prints what went wrong. Returns the exit code. */
export async function runSocketWorlds(words: SocketWords): Promise<number> {
  await using judges = new JudgePool();
  const limits: SocketLimits = {
    rounds: Number(words.rounds ?? USUAL_SOCKET_LIMITS.rounds),
    people: Number(words.people ?? USUAL_SOCKET_LIMITS.people),
    without: kindsIn(words.without),
  };
  const first = Number(words.from);
  const seeds = Number(words.seeds ?? USUAL_SEEDS);
  let broken = 0;
  let lived = 0;
  let runs = 0;
  for (let seed = first; seed < first + seeds; seed += 1) {
    lived += 1;
    const told = await simulateSockets(seed, judges, limits);
    runs += told.runs;
    if (words.trace) console.log(told.story.join('\n'));
    if (told.violations.length === 0) continue;
    broken += 1;
    print(seed, told);
    if (words.stop) break;
    console.log(`seed ${seed}: smallest case: ${wordsFor(seed, await shrinkSockets(seed, judges))}`);
  }
  console.log(`${lived} worlds, ${broken} with violations, ${runs} runs`);
  return broken === 0 ? 0 : 1;
}

function kindsIn(words: string): FaultKind[] {
  const given = words.split(',').filter((word) => word !== '');
  const unknown = given.filter((word) => !FAULT_KINDS.includes(word as FaultKind));
  if (unknown.length > 0)
    throw new Error(`no such kind of fault: ${unknown.join()}; there are ${FAULT_KINDS.join()}`);
  return given as FaultKind[];
}

function print(seed: number, { kinds, violations }: SocketStory): void {
  console.log(`seed ${seed}: faults of ${kinds.join(', ')}`);
  for (const violation of violations) console.log(`seed ${seed}: ${violation.slice(0, SHOWN_CHARACTERS)}`);
}

function wordsFor(seed: number, { rounds, people, without }: SocketLimits): string {
  const left = without.length === 0 ? '' : ` --without ${without.join()}`;
  return `--sockets --from ${seed} --seeds 1 --rounds ${rounds} --people ${people}${left} --trace`;
}

const PROGRAM = fileURLToPath(new URL('../run-simulation.ts', import.meta.url));
const HOOK = new URL('../mutation-hook.ts', import.meta.url).href;
/** Worlds that are looked through where the one that noticed it last time does not. */
const SEARCHED = 150;

/** Switches the rules off in turn and prints the table. Returns the exit code. */
export async function runMutations(): Promise<number> {
  let blind = 0;
  for (const [number, mutation] of SOCKET_MUTATIONS.entries()) {
    const noticed = await noticedBy(number, mutation);
    if (noticed === null) blind += 1;
    console.log(`${mutation.rule.padEnd(64)} ${noticed ?? 'NOT NOTICED'}`);
  }
  return blind === 0 ? 0 : 1;
}

/** The first violation that a world reports with the rule switched off; `null` where no world of the first ones does. */
export async function noticedBy(number: number, { seed }: SocketMutation): Promise<string | null> {
  const violation = (await violationIn(number, seed, 1)) ?? (await violationIn(number, 1, SEARCHED));
  if (violation === null) return null;
  // Where nothing is switched off the same world must be in order, or this would prove nothing.
  const world = Number(/^seed (\d+)/.exec(violation)?.[1]);
  await using judges = new JudgePool();
  const { violations } = await simulateSockets(world, judges);
  return violations.length === 0 ? violation : null;
}

async function violationIn(number: number, from: number, seeds: number): Promise<string | null> {
  const words = [
    '--import',
    HOOK,
    PROGRAM,
    '--sockets',
    '--stop',
    '--from',
    String(from),
    '--seeds',
    String(seeds),
  ];
  const env = { ...process.env, C42UDS_MUTATION: `sockets:${number}` };
  return new Promise((resolve, reject) => {
    execFile(process.execPath, words, { env, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      // Ended by a violation or without one; anything else is a mistake of the lab.
      if (!/^\d+ worlds, /m.test(stdout))
        reject(new Error(`the lab did not come to its end:\n${stdout}${stderr}`));
      else if (error === null) resolve(null);
      else
        resolve(
          /^seed \d+: run .*$|^seed \d+: (?!faults of).*$/m.exec(stdout)?.[0].slice(0, 160) ??
            stdout.slice(0, 160),
        );
    });
  });
}
