/** The benchmarks of whole runs over a real slapd and a SCIM service in another process. */

import { join } from 'node:path';
import type { BenchOptions, Row } from './row.ts';
import { BenchLab } from './bench-lab.ts';
import { measured, median } from './measured.ts';
import { PROGRAM } from '../test/e2e/command-line.ts';

const EVERYTHING = ['*', 'memberOf', 'entryUUID', 'modifyTimestamp', 'createTimestamp'];
/** What the mapping and the scripts of the lab's installation name: what our own run asks for. */
const NAMED =
  'entryUUID modifyTimestamp c department division employeeType givenName sn manager title mail uid userAccountControl'.split(
    ' ',
  );
const MEGABYTE = 1e6;
/** Of each figure; the median counts. */
const ROUNDS = 3;
const CHANGED = 100;

function sizesOf({ quick, large }: BenchOptions): number[] {
  if (quick) return [10_000];
  return large ? [10_000, 100_000, 1_000_000] : [10_000, 100_000];
}

function words(users: number): string {
  return `${users / 1000}k users`;
}

/** Our full dry run beside the C client and the library's own paged search, in turns, on one directory. */
export async function* fullDryRun(options: BenchOptions): AsyncGenerator<Row> {
  const users = options.quick ? 10_000 : 100_000;
  await using lab = await BenchLab.open(users, options.cache);
  const times = { ours: [] as number[], all: [] as number[], named: [] as number[], ldapts: [] as number[] };
  for (let round = 0; round < (options.quick ? 2 : 5); round += 1) {
    times.all.push((await lab.ldapsearch(EVERYTHING)).seconds);
    times.ours.push((await lab.run(['--full-sync'])).seconds);
    times.named.push((await lab.ldapsearch(NAMED)).seconds);
    times.ldapts.push((await lab.ldapts(EVERYTHING)).seconds);
  }
  const ratio = (theirs: readonly number[]): number =>
    median(times.ours.map((seconds, round) => seconds / (theirs[round] ?? NaN)));
  const best = `medians of ${times.ours.length} rounds`;
  yield { name: `full dry run, ${words(users)}`, value: median(times.ours), unit: 's', note: best };
  yield { name: 'ldapsearch, whole entries', value: median(times.all), unit: 's', note: '' };
  yield { name: 'ldapsearch, named attributes', value: median(times.named), unit: 's', note: '' };
  yield { name: 'ldapts searchPaginated, whole entries', value: median(times.ldapts), unit: 's', note: '' };
  const goal = { atMost: 2 };
  yield {
    name: 'full dry run / ldapsearch of whole entries',
    value: ratio(times.all),
    unit: 'x',
    note: '',
    goal,
  };
  yield {
    name: 'full dry run / ldapsearch of named attributes',
    value: ratio(times.named),
    unit: 'x',
    note: '',
  };
  yield { name: 'full dry run / ldapts of whole entries', value: ratio(times.ldapts), unit: 'x', note: '' };
}

interface Figures {
  readonly full: number;
  readonly fullMemory: number;
  readonly idle: number;
  readonly idleMemory: number;
}

/** How time, memory and the state file grow with the number of users. */
export async function* growth(options: BenchOptions): AsyncGenerator<Row> {
  const all: Figures[] = [];
  for (const users of sizesOf(options)) {
    await using lab = await BenchLab.open(users, options.cache);
    all.push(yield* figuresOf(lab));
  }
  const [before, last] = [all.at(-2), all.at(-1)];
  if (before === undefined || last === undefined) return;
  const sizes = sizesOf(options).slice(-2).map(words).join(' -> ');
  const idle = { value: last.idle / before.idle, unit: 'x', note: sizes };
  const memory = { value: last.fullMemory / before.fullMemory, unit: 'x', note: sizes };
  const isLarge = options.large;
  yield { name: 'incremental run, growth', ...idle, ...(isLarge ? { goal: { atMost: 1.5 } } : {}) };
  yield {
    name: 'memory of a full dry run, growth',
    ...memory,
    ...(isLarge ? { goal: { atMost: 1.2 } } : {}),
  };
}

async function* figuresOf(lab: BenchLab): AsyncGenerator<Row, Figures> {
  const size = words(lab.users);
  const full = [];
  const ratios = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const done = await lab.run(['--full-sync']);
    full.push(done);
    ratios.push(done.seconds / (await lab.ldapsearch(EVERYTHING)).seconds);
  }
  const fullTime = median(full.map(({ seconds }) => seconds));
  const fullMemory = Math.max(...full.map(({ ownPeakBytes }) => ownPeakBytes)) / MEGABYTE;
  const together = Math.max(...full.map(({ peakBytes }) => peakBytes)) / MEGABYTE;
  yield { name: `full dry run, ${size}`, value: fullTime, unit: 's', note: 'all new' };
  yield { name: `full dry run / ldapsearch, ${size}`, value: median(ratios), unit: 'x', note: '' };
  const note = `${together.toFixed(0)} MB with the script process`;
  yield { name: `full dry run, ${size}, memory`, value: fullMemory, unit: 'MB', note, goal: { atMost: 300 } };

  const first = await lab.knowEverybody();
  if (first !== null) {
    const rate = lab.users / first.seconds;
    const requests = {
      value: first.created / lab.users,
      unit: '',
      note: '',
      goal: { atMost: 1, atLeast: 1 },
    };
    yield { name: `requests per new user, ${size}`, ...requests };
    yield {
      name: `first live run, ${size}`,
      value: first.seconds,
      unit: 's',
      note: `${rate.toFixed(0)} users/s`,
    };
  }
  yield { name: `state file, ${size}`, value: lab.stateBytes / MEGABYTE, unit: 'MB', note: '' };

  // A change that is younger than the directory's units by far: as long as they are the latest, everybody is read.
  await lab.settle();
  await changeTitles(lab, 1);
  await lab.run(['--sync-now', '--quiet']);
  await lab.requests();
  const idle = [];
  for (let round = 0; round < ROUNDS; round += 1) idle.push(await lab.run(['--sync-now', '--quiet']));
  const requests = Object.values(await lab.requests()).reduce((sum, one) => sum + one, 0) / idle.length;
  const idleTime = median(idle.map(({ seconds }) => seconds));
  const idleMemory = Math.max(...idle.map(({ ownPeakBytes }) => ownPeakBytes)) / MEGABYTE;
  const name = `incremental run, nothing changed, ${size}`;
  yield { name, value: idleTime, unit: 's', note: '', goal: { atMost: 2 } };
  yield { name: `${name}: SCIM requests`, value: requests, unit: '', note: '', goal: { atMost: 1 } };
  yield { name: `${name}: memory`, value: idleMemory, unit: 'MB', note: '', goal: { atMost: 150 } };

  const some = [];
  await lab.requests();
  for (let round = 0; round < ROUNDS; round += 1) {
    await changeTitles(lab, CHANGED);
    some.push(await lab.run(['--sync-now', '--quiet']));
  }
  const sent = await lab.requests();
  const someTime = median(some.map(({ seconds }) => seconds));
  const someMemory = Math.max(...some.map(({ ownPeakBytes }) => ownPeakBytes)) / MEGABYTE;
  const changed = `incremental run, ${CHANGED} changed, ${size}`;
  yield { name: changed, value: someTime, unit: 's', note: `${someMemory.toFixed(0)} MB` };
  const perUser = ((sent['PATCH'] ?? 0) + (sent['POST'] ?? 0)) / (CHANGED * ROUNDS);
  const goal = { atMost: 1, atLeast: 1 };
  yield { name: `requests per changed user, ${size}`, value: perUser, unit: '', note: '', goal };
  return { full: fullTime, fullMemory, idle: idleTime, idleMemory };
}

async function changeTitles(lab: BenchLab, count: number): Promise<void> {
  const title = `Title of ${Date.now()}`;
  let ldif = '';
  for (let number = 1; number <= count; number += 1) {
    const uid = `u${String(number * 50).padStart(6, '0')}`;
    ldif += `dn: uid=${uid},ou=People,${lab.slapd.baseDn}\nchangetype: modify\nreplace: title\ntitle: ${title}\n\n`;
  }
  await lab.slapd.modify(ldif);
}

/**
 * What a person waits for who only asks for the version. Where C42UDS_UNPACKED names the folder of an unpacked archive, its
 * launcher and its own Node.js, too.
 */
export async function* startUp({ quick }: BenchOptions): AsyncGenerator<Row> {
  const unpacked = process.env['C42UDS_UNPACKED'];
  const commands: Record<string, readonly [string, readonly string[]]> = {
    'c42uds --version': [process.execPath, [PROGRAM, '--version']],
    'c42uds --help': [process.execPath, [PROGRAM, '--help']],
    ...(unpacked === undefined
      ? {}
      : { 'bin/c42uds --version of the archive': [join(unpacked, 'bin/c42uds'), ['--version']] }),
  };
  const bare: number[] = [];
  const times = new Map<string, number[]>(Object.keys(commands).map((name) => [name, []]));
  for (let round = 0; round < (quick ? 5 : 15); round += 1) {
    bare.push((await measured(process.execPath, ['-e', '0'])).seconds);
    for (const [name, [program, words]] of Object.entries(commands))
      times.get(name)?.push((await measured(program, words)).seconds);
  }
  yield { name: 'node -e 0', value: median(bare) * 1000, unit: 'ms', note: '' };
  for (const [name, seconds] of times) {
    const value = median(seconds) / median(bare);
    yield { name: `${name} / node -e 0`, value, unit: 'x', note: '', goal: { atMost: 2.5 } };
  }
}
