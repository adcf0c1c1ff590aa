/** The log on the console: its shape, its two streams, and what may never appear in it. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { consoleDestination } from '../../src/cli/console-log.ts';
import { openTerminal } from '../../src/cli/terminal.ts';
import { openLog } from '../../src/local/log.ts';
import type { OpenLog } from '../../src/local/log.ts';
import { CapturedOutput } from './captured-output.ts';

function openConsole(level: 'info' | 'debug' | 'trace' = 'info') {
  const stdout = new CapturedOutput();
  const stderr = new CapturedOutput();
  const terminal = openTerminal(stdout, stderr, {});
  const opened: OpenLog = openLog(level);
  opened.addDestination(consoleDestination(terminal, level));
  const shown = async () => {
    await terminal.flush();
    return stdout.text + stderr.text;
  };
  return { opened, log: opened.log, stdout, stderr, shown, terminal };
}

test('a line carries the level padded to seven and the component', async () => {
  const { log, shown } = openConsole();
  log.info('main', 'Writing configuration properties to config.properties');
  log.error('LdapService', "Unable to contact LDAP source at ldaps://192.0.2.0:636, reason: 'reset'");
  assert.equal(
    await shown(),
    '[INFO    main] Writing configuration properties to config.properties\n' +
      "[ERROR   LdapService] Unable to contact LDAP source at ldaps://192.0.2.0:636, reason: 'reset'\n",
  );
});

test('errors and warnings go to standard error, everything else to standard output', async () => {
  const { log, stdout, stderr, terminal } = openConsole('trace');
  log.error('main', 'e');
  log.warn('main', 'w');
  log.info('main', 'i');
  log.debug('main', 'd');
  log.trace('main', 't');
  await terminal.flush();
  assert.equal(stderr.text, '[ERROR   main] e\n[WARN    main] w\n');
  assert.equal(stdout.text, '[INFO    main] i\n[DEBUG   main] d\n');
});

test('debug appears only when asked for, and the messages of a trace never: they are for the log files', async () => {
  for (const [level, expected] of [
    ['info', 1],
    ['debug', 2],
    ['trace', 2],
  ] as const) {
    const { log, shown } = openConsole(level);
    log.info('main', 'i');
    log.debug('main', 'd');
    log.trace('main', 't');
    assert.equal((await shown()).trimEnd().split('\n').length, expected);
  }
});

test('a stack trace appears on the console only with --debug', async () => {
  const quiet = openConsole('info');
  quiet.opened.detail('main', 'at somewhere');
  assert.equal(await quiet.shown(), '');
  const loud = openConsole('debug');
  loud.opened.detail('main', 'at somewhere');
  assert.equal(await loud.shown(), '[ERROR   main] at somewhere\n');
});

test('a value from elsewhere cannot forge a line or command the terminal', async () => {
  const { log, shown } = openConsole();
  log.info('main', 'ada\r\n[INFO    main] all is well\u001b[2J\u0007\u202eevil\u2028\u009b1m\t%s %d');
  assert.equal(
    await shown(),
    '[INFO    main] ada\\r\\n[INFO    main] all is well\\u{1b}[2J\\u{7}\\u{202e}evil\\u{2028}\\u{9b}1m\\t%s %d\n',
  );
});

test('names of every script and a backslash stay as they are', async () => {
  const { log, shown } = openConsole();
  log.info('main', 'CORP\\ada Šárka 山田 👩‍💻 50%');
  assert.equal(await shown(), '[INFO    main] CORP\\ada Šárka 山田 👩‍💻 50%\n');
});

describe('a secret never appears', () => {
  const secret = 'pä"ss\\w%rd +/1';
  const forms: readonly [string, string][] = [
    ['as it is', secret],
    ['in the middle of a word', `xx${secret}yy`],
    ['as base64', Buffer.from(secret).toString('base64')],
    ['in a URL', encodeURIComponent(secret)],
    ['in JSON', JSON.stringify({ password: secret })],
  ];
  for (const [name, text] of forms) {
    for (const level of ['error', 'warn', 'info', 'debug'] as const) {
      test(`${name}, at ${level}`, async () => {
        const { opened, log, shown } = openConsole('trace');
        opened.redact(secret);
        log[level]('ScimService', `before ${text} after`);
        const line = await shown();
        assert.ok(!line.includes(text), line);
        assert.match(line, /before .*\[secret\].* after/);
      });
    }
  }

  test('nor in a stack trace', async () => {
    const { opened, shown } = openConsole('debug');
    opened.redact(secret);
    opened.detail('main', `Error: ${secret}`);
    assert.equal(await shown(), '[ERROR   main] Error: [secret]\n');
  });

  test('nor the rest of one that holds a shorter one', async () => {
    const { opened, log, shown } = openConsole();
    opened.redact('winter');
    opened.redact('winter2025');
    log.info('main', 'tried winter2025');
    assert.equal(await shown(), '[INFO    main] tried [secret]\n');
  });

  test('and one with the replacement signs of JavaScript in it', async () => {
    const { opened, log, shown } = openConsole();
    opened.redact("$&$1$'");
    log.info('main', "it is $&$1$' here");
    assert.equal(await shown(), '[INFO    main] it is [secret] here\n');
  });
});
