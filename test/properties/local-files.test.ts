/** The properties of the files that stay on this machine. */

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startScene, type Properties } from './program-folder.ts';

test('state.location is where the state is kept, and another state knows nobody', async (t) => {
  const scene = await startScene(t, { ann: {} });
  const { program } = scene;
  assert.equal((await program.run('--sync-now')).exitCode, 0);
  assert.ok(existsSync(join(program.path, 'state.db')));
  mkdirSync(join(program.path, 'kept'));
  program.set({ 'state.location': 'kept/mine.db' });
  assert.match(
    (await program.run()).text,
    /users read +1\b/,
    'an incremental run without a state reads everybody',
  );
  assert.equal((await program.run('--sync-now')).exitCode, 0);
  assert.ok(existsSync(join(program.path, 'kept', 'mine.db')));
  assert.match((await program.run()).text, /users read +0\b/);
});

test('state.keep is how many daily copies of the state file are kept', async (t) => {
  const { program } = await startScene(t, { ann: {} });
  const old = ['2020-01-01', '2020-01-02', '2020-01-03'];
  const kept = async (properties: Properties): Promise<string[]> => {
    for (const name of readdirSync(program.path)) {
      if (/^state\.db\.\d/.test(name)) rmSync(join(program.path, name));
    }
    for (const day of old) program.write(`state.db.${day}`, '');
    program.set(properties);
    assert.equal((await program.run('--sync-now')).exitCode, 0);
    const days = readdirSync(program.path).flatMap((name) => /^state\.db\.(\d.*)$/.exec(name)?.[1] ?? []);
    return days.map((day) => (old.includes(day) ? day : 'today')).sort();
  };
  assert.equal((await program.run('--sync-now')).exitCode, 0);
  assert.deepEqual(await kept({}), [...old, 'today']);
  assert.deepEqual(await kept({ 'state.keep': '2' }), ['2020-01-03', 'today']);
  assert.deepEqual(await kept({ 'state.keep': '0' }), []);
});

test('log.location is the folder of the log, log.format its form', async (t) => {
  const { program } = await startScene(t, { ann: {} });
  assert.equal((await program.run()).exitCode, 0);
  const [first = ''] = readdirSync(join(program.path, 'logs'));
  assert.match(first, /^c42uds-\d{4}-\d\d-\d\d\.log$/);
  assert.match(
    readFileSync(join(program.path, 'logs', first), 'utf8'),
    /^\d{4}-\d\d-\d\dT\S+ \[INFO {4}main\] Dry run/m,
  );

  program.set({ 'log.location': 'elsewhere/logs', 'log.format': 'json' });
  assert.equal((await program.run()).exitCode, 0);
  assert.deepEqual(readdirSync(join(program.path, 'logs')), [first]);
  const [second = ''] = readdirSync(join(program.path, 'elsewhere', 'logs'));
  assert.match(second, /\.jsonl$/);
  const lines = readFileSync(join(program.path, 'elsewhere', 'logs', second), 'utf8')
    .trimEnd()
    .split('\n');
  const records = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.ok(records.some(({ msg, level }) => /^Dry run/.test(String(msg)) && level === 'info'));
});

test('log.keep.days is for how many days log files are kept', async (t) => {
  const { program } = await startScene(t, { ann: {} });
  const folder = join(program.path, 'logs');
  const fileOf = (daysAgo: number): string => {
    const { year, month, day } = datePartsOf(daysAgo);
    return `c42uds-${year}-${month}-${day}.log`;
  };
  mkdirSync(folder);
  const kept = async (properties: Properties): Promise<number[]> => {
    for (const daysAgo of [2, 6, 20, 40]) writeFileSync(join(folder, fileOf(daysAgo)), '');
    program.set(properties);
    assert.equal((await program.run()).exitCode, 0);
    const names = readdirSync(folder);
    return [2, 6, 20, 40].filter((daysAgo) => names.includes(fileOf(daysAgo)));
  };
  assert.deepEqual(await kept({}), [2, 6, 20]);
  assert.deepEqual(await kept({ 'log.keep.days': '10' }), [2, 6]);
  assert.deepEqual(await kept({ 'log.keep.days': '1' }), []);
  assert.deepEqual(await kept({ 'log.keep.days': '365' }), [2, 6, 20, 40]);
});

function datePartsOf(daysAgo: number): { year: string; month: string; day: string } {
  const now = new Date();
  const date = new Date(now.getFullYear(), now.getMonth(), now.getDate() - daysAgo);
  const two = (number: number): string => String(number).padStart(2, '0');
  return { year: String(date.getFullYear()), month: two(date.getMonth() + 1), day: two(date.getDate()) };
}
