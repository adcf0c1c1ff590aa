/** `npm run bench [-- NAME...] [--quick] [--large] [--json] [--cache DIR]`: runs benchmarks and says which goals are reached. */

import { execFileSync } from 'node:child_process';
import { arch, cpus, loadavg, platform, release, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fullDryRun, growth, startUp } from './run-benchmarks.ts';
import { isReached, rowText, type Benchmark, type Row } from './row.ts';
import { client, throttled, wholeRun } from './service-benchmarks.ts';

const BENCHMARKS: Readonly<Record<string, Benchmark>> = {
  'start-up': startUp,
  'full-dry-run': fullDryRun,
  growth,
  client,
  'whole-run': wholeRun,
  throttled,
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    large: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    cache: { type: 'string', default: join(tmpdir(), 'c42uds-bench') },
  },
});
const unknown = positionals.filter((name) => !(name in BENCHMARKS));
if (unknown.length > 0) {
  console.error(`There is no benchmark ${unknown.join(', ')}: ${Object.keys(BENCHMARKS).join(', ')}`);
  process.exit(2);
}

const machine = {
  cpu: cpus()[0]?.model ?? '',
  cores: cpus().length,
  memoryGb: Math.round(totalmem() / 2 ** 30),
  system: `${platform()} ${release()} ${arch()}`,
  node: process.version,
  commit: commitOf(),
  at: new Date().toISOString(),
};

const print = (line: string): void => {
  if (!values.json) console.log(line);
};
print(`${machine.cores} x ${machine.cpu}, ${machine.memoryGb} GB, ${machine.system}, Node ${machine.node}`);
print(`commit ${machine.commit}, ${machine.at}`);
const results: Record<string, Row[]> = {};
const loads: Record<string, number[]> = {};
const names = positionals.length > 0 ? positionals : Object.keys(BENCHMARKS);
for (const name of names) {
  print(`\n${name}`);
  const rows: Row[] = [];
  results[name] = rows;
  const before = load();
  for await (const row of BENCHMARKS[name]?.(values) ?? []) {
    rows.push(row);
    print(`  ${rowText(row)}`);
  }
  loads[name] = [before, load()];
  print(`  load average before and after: ${loads[name].map((one) => one.toFixed(1)).join(', ')}`);
}
const missed = Object.values(results)
  .flat()
  .filter((row) => isReached(row) === false);
print(`\n${missed.length === 0 ? 'Every goal is reached.' : `Goals missed: ${missed.length}`}`);
if (values.json) console.log(JSON.stringify({ machine, options: values, loads, results }, null, 2));

/** Of the last minute: beyond the number of cores somebody waited, and all seconds are too long. */
function load(): number {
  return loadavg()[0] ?? 0;
}

function commitOf(): string {
  try {
    const git = (...words: string[]): string =>
      execFileSync('git', words, { cwd: import.meta.dirname, encoding: 'utf8', stdio: 'pipe' }).trim();
    const changed = git('status', '--porcelain', '--', '../src') !== '';
    return git('rev-parse', '--short', 'HEAD') + (changed ? ' with changes' : '');
  } catch {
    return 'unknown';
  }
}
