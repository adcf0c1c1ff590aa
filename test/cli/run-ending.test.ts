/** The line that every run ends with, whatever has ended it. */

import assert from 'node:assert/strict';
import { closeSync, fstatSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { CapturedOutput } from './captured-output.ts';
import { endsInJournal } from '../../src/cli/journal.ts';
import { consoleDestination } from '../../src/cli/console-log.ts';
import { openTerminal } from '../../src/cli/terminal.ts';
import { openLog } from '../../src/local/log.ts';
import { startScene } from '../properties/program-folder.ts';
import { startChangedScene } from './report-scene.ts';

const lastLine = (text: string): string => text.trimEnd().split('\n').at(-1) ?? '';

test('a run ends with one line that says how: on standard output after success, else on standard error', async (t) => {
  const scene = await startScene(t, { ann: {}, ben: {} });
  const { program } = scene;
  const dry = await program.run();
  assert.match(
    lastLine(dry.stdout),
    /^\[INFO {4}main\] Run [0-9a-f]{8} ended with exit code 0: 2 to create; dry run; 2 users read in [\d.]+ s$/,
  );
  const live = await program.run('--sync-now');
  assert.match(
    lastLine(live.stdout),
    /ended with exit code 0: synchronized, 2 created; 2 users read in [\d.]+ s$/,
  );
  const again = await program.run('--sync-now');
  assert.match(
    lastLine(again.stdout),
    /ended with exit code 0: synchronized, nothing changed; 0 users read in [\d.]+ s$/,
  );
  for (const run of [dry, live, again]) assert.equal(run.text.match(/ended with exit code/g)?.length, 1);

  program.write('activescript.js', 'function (entry) { return false; }');
  program.set({ 'deactivate.max.count': '1' });
  const stopped = await program.run('--sync-now', '--full-sync');
  assert.equal(stopped.exitCode, 6, stopped.text);
  assert.match(
    lastLine(stopped.stderr),
    /^\[ERROR {3}main\] Run \w+ ended with exit code 6: stopped by deactivate\.max\.count before the first write, plan [0-9a-f]+; 2 users read in [\d.]+ s$/,
  );
  program.write('activescript.js', 'function (');
  const broken = await program.run('--sync-now');
  assert.match(
    lastLine(broken.stderr),
    /ended with exit code 2: SCRIPT_INVALID, nothing changed; after [\d.]+ s$/,
  );
  program.write('config.properties', 'ldap.baseurl=http://wrong\n');
  const unusable = await program.run();
  assert.match(lastLine(unusable.stderr), /ended with exit code 2: nothing was done$/);
});

test('the line says why the exit code is 3 where nobody failed: who waits, and which names were not found', async (t) => {
  const scene = await startChangedScene(t);
  const first = await scene.program.run('--sync-now');
  assert.match(lastLine(first.stderr), /exit code 3: .*, 1 user failed; /);
  // Each run tries him until he has failed three times.
  for (let tries = 0; tries < 2; tries += 1) await scene.program.run('--sync-now');
  const again = await scene.program.run('--sync-now');
  assert.match(
    lastLine(again.stderr),
    /exit code 3: synchronized, nothing changed, 1 user waiting; \d users? read in/,
  );
  scene.program.write('names.txt', 'nobody@example.com\nno-one@example.com\n');
  const named = await scene.program.run('--files', 'names.txt');
  assert.match(
    lastLine(named.stderr),
    /exit code 3: nothing to change, 2 names not found; dry run; 0 users read in/,
  );
});

test('--quiet says nothing after success, and ends with the line after anything else', async (t) => {
  const scene = await startChangedScene(t);
  const failed = await scene.program.run('--quiet', '--sync-now');
  assert.equal(failed.exitCode, 3);
  assert.match(
    lastLine(failed.stderr),
    /^\[WARN {4}main\] Run \w+ ended with exit code 3: synchronized, 1 created, 1 updated, 1 reactivated, 1 deactivated, 1 user failed; \d users read in/,
  );
  scene.program.write('orgscript.js', 'function (entry) { return "One"; }');
  const good = await scene.program.run('--quiet', '--sync-now');
  assert.deepEqual([good.exitCode, good.text], [0, '']);
});

test('with --json the line is not on standard output, which belongs to the result', async (t) => {
  const { program } = await startScene(t, { ann: {} });
  const run = await program.run('--json');
  const { exitCode, runId } = JSON.parse(run.stdout) as { exitCode: number; runId: string };
  assert.equal(exitCode, 0);
  assert.ok(lastLine(run.stderr).includes(`Run ${runId} ended with exit code 0: 1 to create; dry run`));
});

test('the line in the log file names the run of all lines before it', async (t) => {
  const { program } = await startScene(t, { ann: {} });
  const run = await program.run('--sync-now');
  const id = /Run ([0-9a-f]{8}) ended/.exec(run.stdout)?.[1] ?? 'none';
  const [name = ''] = readdirSync(join(program.path, 'logs'));
  const lines = readFileSync(join(program.path, 'logs', name), 'utf8')
    .trimEnd()
    .split('\n');
  assert.ok(lines.length > 3 && lines.every((line) => line.split(' ')[1] === id));
  assert.match(lines.at(-1) ?? '', /ended with exit code 0/);
});

test('commands that are no runs end without it', async (t) => {
  const { program } = await startScene(t, { ann: {} });
  for (const words of [['history'], ['state', 'check'], ['--version']]) {
    assert.doesNotMatch((await program.run(...words)).text, /ended with exit code/);
  }
});

test(
  'in the journal each line has its priority, and only there',
  { skip: process.platform === 'win32' },
  async () => {
    const fd = openSync(process.execPath, 'r');
    const { dev, ino } = fstatSync(fd);
    const stream = Object.assign(new CapturedOutput(), { fd });
    assert.equal(endsInJournal(stream, { JOURNAL_STREAM: `${dev}:${ino}` }), true);
    assert.equal(endsInJournal(stream, { JOURNAL_STREAM: `${dev}:${ino + 1}` }), false);
    assert.equal(endsInJournal(stream, {}), false);
    closeSync(fd);
    assert.equal(endsInJournal(stream, { JOURNAL_STREAM: `${dev}:${ino}` }), false, 'closed');

    const [stdout, stderr] = [new CapturedOutput(), new CapturedOutput()];
    const terminal = openTerminal(stdout, stderr, {});
    const opened = openLog('debug');
    opened.addDestination(consoleDestination(terminal, 'debug', { journal: { out: true, err: true } }));
    for (const level of ['error', 'warn', 'info', 'debug'] as const) opened.log[level]('main', level);
    await terminal.flush();
    assert.equal(stderr.text, '<3>[ERROR   main] error\n<4>[WARN    main] warn\n');
    assert.equal(stdout.text, '<6>[INFO    main] info\n<7>[DEBUG   main] debug\n');
  },
);
