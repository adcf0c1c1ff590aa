/** The log files: their lines, their rotation, and who may read them. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import {
  chmodSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { openLogFiles } from '../../src/local/log-files.ts';
import type { LogFileOptions } from '../../src/local/log-files.ts';
import { openLog } from '../../src/local/log.ts';
import { RunError } from '../../src/model/errors.ts';

const POSIX = { skip: process.platform === 'win32' };

const scratch = mkdtempSync(join(tmpdir(), 'c42uds-log-'));
after(() => {
  rmSync(scratch, { recursive: true });
});

let folders = 0;
function openFiles(options: Partial<LogFileOptions> = {}) {
  folders += 1;
  const folder = options.folder ?? join(scratch, `case ${folders}`, 'logs');
  const lost: string[] = [];
  const opened = openLog('info');
  const files = openLogFiles({
    folder,
    keepDays: 30,
    keepBytes: 0,
    fileBytes: 0,
    format: 'TEXT',
    onLost: (message) => lost.push(message),
    onExposed: (message) => lost.push(message),
    ...options,
  });
  opened.addDestination(files);
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');
  return { folder, opened, log: opened.log, lost, read };
}

test('a TEXT line is the line of the console behind a timestamp with its offset', () => {
  const { log, read, opened } = openFiles({ now: () => new Date(2025, 2, 9, 14, 5, 6, 7) });
  log.warn('SyncService', 'ada\nfailed');
  opened.close();
  assert.match(
    read('c42uds-2025-03-09.log'),
    /^2025-03-09T14:05:06\.007[+-]\d\d:\d\d [0-9a-f]{8} \[WARN {4}SyncService\] ada\\nfailed\n$/,
  );
});

test('a JSON line is one object with level, time, component and message', () => {
  const { log, read, folder, opened } = openFiles({ format: 'JSON' });
  log.info('main', 'a "quoted" text');
  opened.close();
  const [name = ''] = readdirSync(folder);
  assert.match(name, /^c42uds-\d{4}-\d\d-\d\d\.jsonl$/);
  const record = JSON.parse(read(name)) as Record<string, unknown>;
  assert.equal(record['level'], 'info');
  assert.equal(record['component'], 'main');
  assert.equal(record['run'], opened.runId);
  assert.equal(record['msg'], 'a "quoted" text');
  assert.ok(!Number.isNaN(Date.parse(String(record['time']))));
});

test('a line is in the file as soon as it has been logged, and lines of the next run follow it', () => {
  const now = () => new Date(2025, 0, 2);
  const first = openFiles({ now });
  first.log.info('main', 'one');
  assert.match(first.read('c42uds-2025-01-02.log'), /one\n$/);
  const second = openFiles({ now, folder: first.folder });
  second.log.info('main', 'two');
  first.log.info('main', 'three');
  assert.deepEqual(
    first
      .read('c42uds-2025-01-02.log')
      .trimEnd()
      .split('\n')
      .map((line) => line.split('] ')[1]),
    ['one', 'two', 'three'],
  );
  first.opened.close();
  second.opened.close();
});

test('a new day begins a new file, and files past keeping are removed', () => {
  let time = new Date(2025, 2, 30, 23, 59, 59);
  const { log, folder, opened } = openFiles({ keepDays: 2, now: () => time });
  writeFileSync(join(folder, 'c42uds-2025-03-29.log'), 'kept until tomorrow');
  writeFileSync(join(folder, 'c42uds-2025-03-28.jsonl'), 'too old');
  writeFileSync(join(folder, 'somebody-elses-2001-01-01.log'), 'not ours');
  log.info('main', 'late');
  time = new Date(2025, 2, 31, 0, 0, 0);
  log.info('main', 'early');
  opened.close();
  assert.deepEqual(readdirSync(folder).sort(), [
    'c42uds-2025-03-30.log',
    'c42uds-2025-03-31.log',
    'somebody-elses-2001-01-01.log',
  ]);
  assert.match(readFileSync(join(folder, 'c42uds-2025-03-30.log'), 'utf8'), /late\n$/);
  assert.match(readFileSync(join(folder, 'c42uds-2025-03-31.log'), 'utf8'), /early\n$/);
});

test('each line carries the id of its run, which no other run has', () => {
  const now = () => new Date(2025, 0, 2);
  const first = openFiles({ now });
  const second = openFiles({ now, folder: first.folder });
  assert.match(first.opened.runId, /^[0-9a-f]{8}$/);
  assert.notEqual(first.opened.runId, second.opened.runId);
  first.log.info('main', 'one');
  second.log.warn('main', 'two');
  const lines = first.read('c42uds-2025-01-02.log').trimEnd().split('\n');
  assert.deepEqual(
    lines.map((line) => line.split(' ')[1]),
    [first.opened.runId, second.opened.runId],
  );
  first.opened.close();
  second.opened.close();
});

test('a full file is left for the next of the day, which a later run goes on with', () => {
  const now = () => new Date(2025, 0, 2);
  const first = openFiles({ now, fileBytes: 200 });
  for (let line = 0; line < 6; line++) first.log.info('main', `line ${line} ${'x'.repeat(60)}`);
  assert.deepEqual(readdirSync(first.folder).sort(), [
    'c42uds-2025-01-02.2.log',
    'c42uds-2025-01-02.3.log',
    'c42uds-2025-01-02.log',
  ]);
  for (const [name, expected] of [
    ['c42uds-2025-01-02.log', [0, 1]],
    ['c42uds-2025-01-02.2.log', [2, 3]],
    ['c42uds-2025-01-02.3.log', [4, 5]],
  ] as const) {
    const found = [...first.read(name).matchAll(/ line (\d)/g)].map(([, number]) => Number(number));
    assert.deepEqual(found, expected, name);
  }
  first.opened.close();
  const second = openFiles({ now, fileBytes: 100_000, folder: first.folder });
  second.log.info('main', 'later');
  second.opened.close();
  assert.match(second.read('c42uds-2025-01-02.3.log'), /later\n$/);
});

test('the oldest files go when all together are too large, and never the one that is written to', () => {
  const folder = mkdtempSync(join(scratch, 'size-'));
  const kilobyte = 'x'.repeat(1_000);
  for (const name of ['06-13.log', '06-13.2.log', '06-13.10.log', '06-14.jsonl']) {
    writeFileSync(join(folder, `c42uds-2025-${name}`), kilobyte);
  }
  const now = () => new Date(2025, 5, 15);
  openFiles({ folder, now, keepBytes: 2_500 }).opened.close();
  assert.deepEqual(readdirSync(folder).sort(), [
    'c42uds-2025-06-13.10.log',
    'c42uds-2025-06-14.jsonl',
    'c42uds-2025-06-15.log',
  ]);
  writeFileSync(join(folder, 'c42uds-2025-06-15.log'), kilobyte.repeat(5));
  openFiles({ folder, now, keepBytes: 2_500 }).opened.close();
  assert.deepEqual(readdirSync(folder), ['c42uds-2025-06-15.log']);
});

test('no line is lost or torn when several processes fill the files at once', async () => {
  const folder = mkdtempSync(join(scratch, 'together-'));
  const source = (name: string) => new URL(`../../src/local/${name}.ts`, import.meta.url).href;
  const program = `
    const { openLog } = await import(${JSON.stringify(source('log'))});
    const { openLogFiles } = await import(${JSON.stringify(source('log-files'))});
    const opened = openLog('info');
    const tell = (message) => { throw new Error(message); };
    opened.addDestination(openLogFiles({ folder: ${JSON.stringify(folder)}, keepDays: 9, keepBytes: 0,
      fileBytes: 20_000, format: 'TEXT', onLost: tell, onExposed: tell, now: () => new Date(2025, 0, 2) }));
    for (let line = 0; line < 400; line++) opened.log.info('main', process.argv[1] + ' ' + line + ' ' + 'x'.repeat(120) + ' end');
    opened.close();`;
  const names = ['ann', 'ben', 'cay'];
  await Promise.all(
    names.map((name) => promisify(execFile)(process.execPath, ['--input-type=module', '-e', program, name])),
  );
  const files = readdirSync(folder);
  // 1,200 lines of some 190 bytes; each writer may still add the line that it had looked before.
  assert.ok(files.length >= 10 && files.length <= 14, files.join(' '));
  const lines = files.flatMap((name) => readFileSync(join(folder, name), 'utf8').trimEnd().split('\n'));
  const told = lines.map(
    (line) => /\[INFO {4}main\] (\w+ \d+) x{120} end$/.exec(line)?.[1] ?? `torn: ${line}`,
  );
  const expected = names.flatMap((name) => Array.from({ length: 400 }, (_, line) => `${name} ${line}`));
  assert.deepEqual(told.sort(), expected.sort());
  for (const name of files) assert.ok(statSync(join(folder, name)).size < 21_000, name);
});

test('a file that was removed under a run is made anew', POSIX, () => {
  const { folder, log, opened, read } = openFiles({ now: () => new Date(2025, 0, 2) });
  log.info('main', 'one');
  rmSync(join(folder, 'c42uds-2025-01-02.log'));
  log.info('main', 'two');
  opened.close();
  assert.match(read('c42uds-2025-01-02.log'), /two\n$/);
});

test('old files are removed when the log is opened', () => {
  const folder = join(scratch, 'opened with old files');
  const now = () => new Date(2025, 5, 15, 12);
  openFiles({ folder, now }).opened.close();
  writeFileSync(join(folder, 'c42uds-2025-06-14.log'), '');
  openFiles({ folder, now, keepDays: 1 }).opened.close();
  assert.deepEqual(readdirSync(folder), ['c42uds-2025-06-15.log']);
});

test('folder and files belong to their owner alone', { skip: process.platform === 'win32' }, () => {
  const { folder, opened } = openFiles();
  const [name = ''] = readdirSync(folder);
  assert.equal(statSync(folder).mode & 0o777, 0o700);
  assert.equal(statSync(join(folder, name)).mode & 0o777, 0o600);
  opened.close();
});

test('a folder that cannot be made is an error that names it once, and the property', () => {
  const file = join(scratch, 'a file');
  writeFileSync(file, '');
  assert.throws(
    () => openFiles({ folder: join(file, 'logs') }),
    (error: unknown) =>
      error instanceof RunError &&
      error.code === 'FOLDER_READ_ONLY' &&
      error.message.split(join(file, 'logs')).length === 2 &&
      error.message.includes('log.location'),
  );
});

test('losing the file later on is told once and does not end the run', () => {
  let time = new Date(2025, 0, 1);
  const { log, lost, folder, opened } = openFiles({ now: () => time });
  rmSync(folder, { recursive: true });
  writeFileSync(folder, 'a file where the folder was');
  time = new Date(2025, 0, 2);
  log.info('main', 'one');
  log.info('main', 'two');
  assert.equal(lost.length, 1);
  assert.match(lost[0] ?? '', /cannot be written any more/);
  opened.close();
});

test('a secret is not in the file either, in both formats', () => {
  for (const format of ['TEXT', 'JSON'] as const) {
    const { folder, log, opened } = openFiles({ format });
    opened.redact('correct "horse"');
    log.error('main', 'the password is correct "horse"');
    opened.detail('main', 'stack: correct "horse"');
    opened.close();
    const [name = ''] = readdirSync(folder);
    const text = readFileSync(join(folder, name), 'utf8');
    assert.ok(!text.includes('horse'), text);
    assert.equal(text.split('[secret]').length, 3);
  }
});

test('a file that others could read is closed to them', POSIX, () => {
  const folder = mkdtempSync(join(scratch, 'open-'));
  const path = join(folder, 'c42uds-2025-03-09.log');
  writeFileSync(path, 'earlier\n');
  chmodSync(path, 0o644);
  const { log, opened, lost } = openFiles({ folder, now: () => new Date(2025, 2, 9) });
  log.info('main', 'later');
  opened.close();
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.match(readFileSync(path, 'utf8'), /^earlier\n.*later\n$/);
  assert.deepEqual(lost, []);
});

test('a link in the place of the file is not followed', POSIX, () => {
  const folder = mkdtempSync(join(scratch, 'link-'));
  const elsewhere = join(scratch, 'elsewhere');
  writeFileSync(elsewhere, 'untouched');
  symlinkSync(elsewhere, join(folder, 'c42uds-2025-03-09.log'));
  assert.throws(
    () => openFiles({ folder, now: () => new Date(2025, 2, 9) }),
    (error) =>
      error instanceof RunError &&
      /c42uds-2025-03-09\.log: it is a symbolic link/.test(error.message) &&
      /Remove the link/.test(error.fix),
  );
  assert.equal(readFileSync(elsewhere, 'utf8'), 'untouched');
});
