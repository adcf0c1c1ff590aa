/** Output of the command line: order, progress line, and a reader that goes away. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { describe, test } from 'node:test';
import { openProgress } from '../../src/cli/progress.ts';
import { openTerminal } from '../../src/cli/terminal.ts';
import { CapturedOutput } from './captured-output.ts';

const ERASE = '\r\u001b[K';

test('lines reach standard output in order and completely after a flush', async () => {
  const stdout = new CapturedOutput();
  const terminal = openTerminal(stdout, new CapturedOutput(), {});
  for (let i = 0; i < 20_000; i++) terminal.out(`line ${i}`);
  await terminal.flush();
  const lines = stdout.text.split('\n');
  assert.equal(lines.length, 20_001);
  assert.equal(lines[19_999], 'line 19999');
});

test('text for people is wrapped on a terminal, or what is to be taken for one, and never in a pipe', async () => {
  const text = 'word '.repeat(30).trim();
  for (const [columns, isTTY, pretended, widest] of [
    [100, true, '', 99],
    [40, true, '', 59],
    [0, true, '', 79],
    [100, false, '', 149],
    [100, false, '70', 69],
    [100, false, 'yes', 149],
  ] as const) {
    const stdout = new CapturedOutput({ isTTY, columns });
    const terminal = openTerminal(stdout, new CapturedOutput(), { C42UDS_TERMINAL: pretended });
    terminal.say(text);
    terminal.out(text);
    await terminal.flush();
    const lines = stdout.text.trimEnd().split('\n');
    assert.equal(
      Math.max(...lines.slice(0, -1).map(({ length }) => length)),
      widest,
      `${columns} ${pretended}`,
    );
    assert.equal(lines.at(-1), text, 'lines of the log stay whole');
  }
});

test('a line to standard error comes after what was said before it', async () => {
  const both = new CapturedOutput();
  const terminal = openTerminal(both, both, {});
  terminal.out('first');
  terminal.err('second');
  terminal.out('third');
  await terminal.flush();
  assert.equal(both.text, 'first\nsecond\nthird\n');
});

test('lines appear without a flush as soon as the event loop turns', async () => {
  const stdout = new CapturedOutput();
  openTerminal(stdout, new CapturedOutput(), {}).out('soon');
  await new Promise(setImmediate);
  assert.equal(stdout.text, 'soon\n');
});

test('a reader that goes away costs the output and nothing else', async () => {
  const stdout = new CapturedOutput();
  const terminal = openTerminal(stdout, new CapturedOutput(), {});
  terminal.out('seen');
  await terminal.flush();
  stdout.destroy(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
  await new Promise(setImmediate);
  terminal.out('lost');
  await terminal.flush();
  assert.equal(stdout.text, 'seen\n');
});

test('a flood into a pipe waits for its reader instead of gathering in memory', async () => {
  const terminalModule = new URL('../../src/cli/terminal.ts', import.meta.url).href;
  const program = `
    import { openTerminal } from ${JSON.stringify(terminalModule)};
    const terminal = openTerminal(process.stdout, process.stderr, {});
    let longestQueue = 0;
    for (let i = 0; i < 40_000; i++) {
      terminal.out('line ' + i + ' ' + 'é'.repeat(40));
      longestQueue = Math.max(longestQueue, process.stdout.writableLength);
    }
    await terminal.flush();
    terminal.err(String(longestQueue));`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const closed = once(child, 'close');
  let next = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    assert.ok(line.startsWith(`line ${next} é`), line);
    next += 1;
    // Now and then the reader looks away, so that the pipe fills.
    if (next % 10_000 === 0) await new Promise(setImmediate);
  }
  await closed;
  assert.equal(next, 40_000);
  assert.ok(Number(errors) < 200_000, `${errors} bytes were queued`);
});

describe('colours', () => {
  const cases: readonly [string, boolean, Record<string, string>, boolean][] = [
    ['on a terminal', true, {}, true],
    ['not in a pipe', false, {}, false],
    ['not with NO_COLOR', true, { NO_COLOR: '1' }, false],
    ['with an empty NO_COLOR, which by its own definition says nothing', true, { NO_COLOR: '' }, true],
    ['not on a dumb terminal', true, { TERM: 'dumb' }, false],
  ];
  for (const [name, isTTY, env, expected] of cases) {
    test(name, () => {
      const terminal = openTerminal(new CapturedOutput({ isTTY }), new CapturedOutput(), env);
      assert.equal(terminal.colours, expected);
    });
  }
});

describe('the progress line', () => {
  test('is erased before a line and drawn again behind it', async () => {
    const screen = new CapturedOutput({ isTTY: true });
    const terminal = openTerminal(screen, screen, {});
    terminal.progress('Reading users: 5');
    terminal.out('a row');
    await terminal.flush();
    terminal.err('a warning');
    terminal.progress(null);
    terminal.out('the end');
    await terminal.flush();
    const shown = `${ERASE}Reading users: 5`;
    assert.equal(screen.text, `${shown}${ERASE}a row\n${shown}${ERASE}a warning\n${shown}${ERASE}the end\n`);
  });

  test('never wraps', () => {
    const screen = new CapturedOutput({ isTTY: true, columns: 20 });
    openTerminal(screen, screen, {}).progress('x'.repeat(100));
    assert.equal(screen.text, `${ERASE}${'x'.repeat(18)}…`);
  });

  test('is drawn at most ten times a second and shows count, total and rate', () => {
    const screen = new CapturedOutput({ isTTY: true });
    let time = 0;
    const progress = openProgress(openTerminal(screen, screen, {}), { now: () => time });
    progress.stage('APPLY');
    for (time = 1; time <= 2000; time++) progress.progress('APPLY', time * 10, 30_000);
    progress.end();
    const drawn = screen.text.split(ERASE).filter((text) => text.startsWith('Sending'));
    assert.ok(drawn.length <= 21, `${drawn.length} times`);
    assert.match(drawn.at(-1) ?? '', /^Sending changes: 20,000 of 30,000, 10,000 a second$/);
    assert.ok(screen.text.endsWith(ERASE));
  });

  test('says how much time is left as soon as the rate means something', () => {
    const screen = new CapturedOutput({ isTTY: true });
    let time = 0;
    const progress = openProgress(openTerminal(screen, screen, {}), { now: () => time });
    progress.stage('APPLY');
    time = 2000;
    progress.progress('APPLY', 20, 4000);
    time = 10_000;
    progress.progress('APPLY', 100, 4000);
    const drawn = screen.text.split(ERASE);
    assert.ok(drawn.includes('Sending changes: 20 of 4,000, 10 a second'), screen.text);
    assert.ok(drawn.includes('Sending changes: 100 of 4,000, 10 a second, about 6 min 30 s left'));
  });

  test('is not drawn with --quiet', () => {
    const screen = new CapturedOutput({ isTTY: true });
    const progress = openProgress(openTerminal(screen, screen, {}), { quiet: true });
    progress.stage('APPLY');
    assert.equal(screen.text, '');
  });

  test('stays silent where standard error is no terminal', () => {
    const stderr = new CapturedOutput();
    const progress = openProgress(openTerminal(new CapturedOutput(), stderr, {}));
    progress.stage('COLLECT');
    progress.progress('COLLECT', 1, null);
    progress.end();
    assert.equal(stderr.text, '');
  });
});
