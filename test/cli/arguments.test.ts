/** The command line: what each invocation means, and what is refused. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { interpretArguments } from '../../src/cli/arguments.ts';
import { EXIT_CODE_MEANINGS } from '../../src/cli/help.ts';
import { versionResult } from '../../src/cli/help-results.ts';
import { flagsOf } from '../../src/cli/invocation.ts';
import type { SyncInvocation } from '../../src/cli/invocation.ts';
import { EXIT_CODES, RunError } from '../../src/model/errors.ts';

const DRY: SyncInvocation = {
  command: 'SYNC',
  mode: 'DRY',
  scope: 'INCREMENTAL',
  filterFile: null,
  nameFiles: null,
  approve: null,
  planFile: null,
  reportFiles: [],
  json: false,
  quiet: false,
  configPath: null,
  logLevel: 'info',
};

const COMMON = { configPath: null, logLevel: 'info', json: false } as const;
const TEST = { command: 'SCRIPT_TEST', saveCase: null, draftFolder: null, ...COMMON };

function interpret(line: string): unknown {
  return interpretArguments(
    line.split(' ').filter((word) => word !== ''),
    '1.2.3',
  );
}

function refusal(line: string): string {
  try {
    interpret(line);
  } catch (error) {
    assert.ok(error instanceof RunError, String(error));
    assert.equal(error.code, 'COMMAND_LINE');
    assert.equal(error.exitCode, 2);
    return error.message;
  }
  return assert.fail(`${line} was accepted`);
}

describe('every invocation means what the documents say', () => {
  const table: readonly [string, unknown][] = [
    ['', DRY],
    ['--full-sync', { ...DRY, scope: 'FULL' }],
    ['--sync-now', { ...DRY, mode: 'LIVE' }],
    ['--sync-now --full-sync', { ...DRY, mode: 'LIVE', scope: 'FULL' }],
    ['--full-sync --sync-now', { ...DRY, mode: 'LIVE', scope: 'FULL' }],
    ['--debug', { ...DRY, logLevel: 'debug' }],
    ['--trace', { ...DRY, logLevel: 'trace' }],
    ['--trace --debug', { ...DRY, logLevel: 'trace' }],
    ['--debug --sync-now', { ...DRY, mode: 'LIVE', logLevel: 'debug' }],
    ['--debug --full-sync', { ...DRY, scope: 'FULL', logLevel: 'debug' }],
    ['--sync-now --approve 3f9a', { ...DRY, mode: 'LIVE', approve: '3f9a' }],
    ['--report a.html', { ...DRY, reportFiles: ['a.html'] }],
    ['--report a.html b.csv --sync-now', { ...DRY, mode: 'LIVE', reportFiles: ['a.html', 'b.csv'] }],
    ['--json', { ...DRY, json: true }],
    ['--quiet --sync-now', { ...DRY, mode: 'LIVE', quiet: true }],
    ['--filter f.txt', { ...DRY, filterFile: 'f.txt' }],
    ['--filter=f.txt --full-sync', { ...DRY, filterFile: 'f.txt', scope: 'FULL' }],
    ['--files a.txt', { ...DRY, nameFiles: ['a.txt'] }],
    ['--files a.txt b.txt --sync-now', { ...DRY, mode: 'LIVE', nameFiles: ['a.txt', 'b.txt'] }],
    ['--sync-now --files a.txt --files b.txt', { ...DRY, mode: 'LIVE', nameFiles: ['a.txt', 'b.txt'] }],
    ['--files a.txt --full-sync', { ...DRY, scope: 'FULL', nameFiles: ['a.txt'] }],
    ['--files a.txt --filter f.txt', { ...DRY, nameFiles: ['a.txt'], filterFile: 'f.txt' }],
    ['--config /etc/c.properties --sync-now', { ...DRY, mode: 'LIVE', configPath: '/etc/c.properties' }],
    [
      '--ldap-bind-password',
      { command: 'PASSWORD', which: 'LDAP', configPath: null, logLevel: 'info', json: false },
    ],
    [
      '--debug --scim-password --config c.properties',
      { command: 'PASSWORD', which: 'SCIM', configPath: 'c.properties', logLevel: 'debug', json: false },
    ],
    [
      'history',
      { command: 'HISTORY', user: null, last: 20, json: false, configPath: null, logLevel: 'info' },
    ],
    [
      'history ann@example.com --last 5 --json',
      {
        command: 'HISTORY',
        user: 'ann@example.com',
        last: 5,
        json: true,
        configPath: null,
        logLevel: 'info',
      },
    ],
    [
      'explain ann@example.com --json',
      { command: 'EXPLAIN', user: 'ann@example.com', json: true, configPath: null, logLevel: 'info' },
    ],
    ['script test', { ...TEST, subject: { kind: 'ALL' } }],
    ['script test --all --debug', { ...TEST, subject: { kind: 'ALL' }, logLevel: 'debug' }],
    [
      'script test --user ada --save-case ada --draft new',
      { ...TEST, subject: { kind: 'USER', user: 'ada' }, saveCase: 'ada', draftFolder: 'new' },
    ],
    ['script test --entry e.json', { ...TEST, subject: { kind: 'ENTRY', file: 'e.json' } }],
    ['script impact', { command: 'SCRIPT_IMPACT', draftFolder: null, run: DRY, ...COMMON }],
    [
      'script impact --draft new --plan p.jsonl --report r.html',
      {
        command: 'SCRIPT_IMPACT',
        draftFolder: 'new',
        run: { ...DRY, planFile: 'p.jsonl', reportFiles: ['r.html'] },
        ...COMMON,
      },
    ],
    ['migrate old', { command: 'MIGRATE', from: 'old', to: null, overwrite: false, ...COMMON }],
    [
      'migrate old --to new --overwrite',
      { command: 'MIGRATE', from: 'old', to: 'new', overwrite: true, ...COMMON },
    ],
    ['setup', { command: 'SETUP', configPath: null, logLevel: 'info', json: false }],
    [
      'setup --config c.properties',
      { command: 'SETUP', configPath: 'c.properties', logLevel: 'info', json: false },
    ],
    ['demo', { command: 'DEMO', keep: false, configPath: null, logLevel: 'info', json: false }],
    ['demo --keep', { command: 'DEMO', keep: true, configPath: null, logLevel: 'info', json: false }],
    ['--debug demo', { command: 'DEMO', keep: false, configPath: null, logLevel: 'debug', json: false }],
    ['--version', { command: 'TEXT', text: '1.2.3', result: versionResult('1.2.3') }],
  ];
  for (const [line, meaning] of table) {
    test(`c42uds ${line}`, () => {
      assert.deepEqual(interpret(line), meaning);
    });
  }
});

describe('a command line that contradicts itself is refused with advice', () => {
  const table: readonly [string, RegExp][] = [
    ['--ful-sync', /^Unknown flag "--ful-sync"\. Did you mean --full-sync\?$/],
    ['--sync', /^Unknown flag "--sync"/],
    ['--sync-now--full-sync', /Write a blank between the flags: --sync-now --full-sync$/],
    ['--sync-now=yes', /--sync-now/],
    ['-x', /^Unknown flag "-x"\.$/],
    ['script', /^c42uds script needs test or impact behind it\.$/],
    ['state', /^c42uds state needs check, restore or rebuild behind it\.$/],
    ['script tset', /unknown command "tset"/i],
    ['script test --user a --all', /^--user and --all cannot be combined/],
    ['script test --save-case a', /^--save-case needs --user or --entry/],
    ['script test --sync-now', /^script test cannot be combined with --sync-now/],
    ['script impact --full-sync', /^script impact cannot be combined with --full-sync/],
    ['migrate old --config c', /^migrate cannot be combined with --config/],
    ['migrate', /missing required argument "folder"/i],
    ['-sync-now', /^Unknown flag "-sync-now"\. Did you mean --sync-now\?$/],
    ['-full-sync --debug', /Did you mean --full-sync\?$/],
    ['-version', /Did you mean --version\?$/],
    ['-v', /Did you mean --version\?$/],
    ['-config=c', /Did you mean --config\?$/],
    ['--dry-run', /^Unknown flag "--dry-run"\. Every run without --sync-now is a dry run\.$/],
    ['-dry-run', /Every run without --sync-now is a dry run\.$/],
    ['--keep', /^Unknown flag "--keep"/],
    ['--filter f.txt extra', /^"extra" is not understood/],
    ['--filter', /^--filter needs the path of a file behind it\.$/],
    ['--filter --sync-now', /--filter.*A value is missing/],
    ['--filter a --filter b', /--filter.*given twice/],
    ['--config a --config b', /--config.*given twice/],
    ['--files', /^--files needs the path of at least one file behind it\.$/],
    ['--sync-now --approve', /^--approve needs the id of a plan behind it\.$/],
    ['--files --sync-now', /--files/],
    ['--ldap-bind-password --scim-password', /one password at a time/],
    ['--scim-password --sync-now', /--scim-password cannot be combined with --sync-now/],
    ['--full-sync --ldap-bind-password', /--ldap-bind-password cannot be combined with --full-sync/],
    ['--scim-password --files a', /cannot be combined with --files/],
    ['--scim-password --filter a', /cannot be combined with --filter/],
    ['demo --sync-now', /demo cannot be combined with --sync-now/],
    ['--config c demo', /demo cannot be combined with --config/],
    ['--approve 3f9a', /--approve needs --sync-now/],
    ['demo extra', /^"extra" is too much: c42uds demo takes no word behind it\.$/],
    [
      'docter',
      /^"docter" is not understood\. Did you mean doctor\? c42uds takes flags, and the commands setup, /,
    ],
    ['histry ann', /^"histry" is not understood\. Did you mean history\?/],
    ['explian ann', /^"explian" is not understood\. Did you mean explain\?/],
    ['sync-now', /^"sync-now" is not understood\. Did you mean --sync-now\?/],
    ['--debug docter', /Did you mean doctor\?/],
    ['chair', /^"chair" is not understood\. c42uds takes flags/],
    [
      'explain Ann Smith',
      /^"Smith" is too much: c42uds explain takes nothing but <user> behind it\. What has a blank in it goes in quotes\.$/,
    ],
    ['history ann ben', /^"ben" is too much: c42uds history takes nothing but \[user\] behind it\./],
    ['history --last 5 ann ben', /^"ben" is too much: c42uds history takes/],
    ['state check ann', /^"ann" is too much: c42uds state check takes no word behind it\.$/],
    ['explain --json a b', /^"b" is too much: c42uds explain takes/],
    ['state chekc', /^Unknown command "chekc"\. Did you mean check\?$/],
  ];
  for (const [line, message] of table) {
    test(`c42uds ${line}`, () => {
      assert.match(refusal(line), message);
    });
  }

  test('a secret that was typed behind its flag or command is not repeated', () => {
    for (const line of [
      '--scim-password hunter2',
      'secrets set scim.password hunter2',
      'secrets check hunter2',
      'secrets set hunter2',
    ]) {
      const text = refusal(line);
      assert.doesNotMatch(text, /hunter2/, line);
      assert.match(text, /^A word too many: secrets are no part of the command line/, line);
    }
  });

  test('what stands behind a mistyped flag is not repeated: it may be a secret', () => {
    const table: readonly (readonly [string, RegExp])[] = [
      ['--scim-password=hunter2', /^--scim-password takes no value behind "="\. A word too many: secrets/],
      [
        '--ldap-bind-pasword=hunter2',
        /^Unknown flag "--ldap-bind-pasword"\. Did you mean --ldap-bind-password\?$/,
      ],
      ['--sync-now=hunter2', /^--sync-now takes no value behind "="\.$/],
      ['--password:hunter2', /^Unknown flag "--password"/],
      ['--sync-now--scim-password=hunter2', /^Unknown flag --sync-now--scim-password\. Write a blank/],
      ['-phunter2', /^Unknown flag "-p…"\.$/],
      ['-dry-run=hunter2', /^Unknown flag "-dry-run"\. Every run/],
      ['state check --pasword=hunter2', /^Unknown flag "--pasword"/],
      ['setup --scim-password=hunter2', /^--scim-password takes no value/],
    ];
    for (const [line, message] of table) {
      assert.match(refusal(line), message, line);
      assert.doesNotMatch(refusal(line), /hunter2/, line);
    }
  });

  test('the commands that a complaint lists are those of the help, each of them', () => {
    const names = /the commands (.*) and (\w+)\.$/.exec(refusal('chair')) ?? [];
    const listed = [...(names[1] ?? '').split(', '), names[2] ?? ''];
    const { text } = interpret('--help') as { readonly text: string };
    const helped = text.slice(text.indexOf('Commands:')).matchAll(/^ {2}([a-z]+) /gm);
    const commands = [...helped].map(([, name = '']) => name);
    assert.ok(commands.includes('doctor') && commands.length > 8, text);
    assert.deepEqual(listed.sort(), commands.sort());
  });
});

describe('help', () => {
  for (const flag of ['-help', '--help', '-h', '--sync-now -help', '--debug --help']) {
    test(`c42uds ${flag} shows every flag, every exit code and the same text`, () => {
      const { text } = interpret(flag) as { text: string };
      assert.equal(text, (interpret('--help') as { text: string }).text);
      const flags = [
        '--sync-now',
        '--full-sync',
        '--debug',
        '--trace',
        '--filter',
        '--files',
        '--config',
        '--approve',
        '--ldap-bind-password',
        '--scim-password',
        '--version',
        '-help',
        'demo',
      ];
      for (const expected of flags) assert.ok(text.includes(expected), expected);
      for (const [name, code] of Object.entries(EXIT_CODES)) {
        const meaning = EXIT_CODE_MEANINGS[name as keyof typeof EXIT_CODES];
        assert.match(text, new RegExp(`^ +${code}  `, 'm'));
        assert.ok(text.includes(meaning), meaning);
      }
      for (const line of text.split('\n')) assert.ok(line.length <= 110, line);
    });
  }

  test('-help behind an option that wants a file is not taken for the file', () => {
    assert.match(refusal('--config -help'), /A value is missing/);
  });
});

test('the flags of a dry run can be repeated behind --sync-now', () => {
  const invocation = interpret('--files a.txt b.txt --filter f.txt --full-sync --config c') as SyncInvocation;
  assert.deepEqual(flagsOf(invocation), [
    '--full-sync',
    '--filter',
    'f.txt',
    '--files',
    'a.txt',
    'b.txt',
    '--config',
    'c',
  ]);
  assert.deepEqual(flagsOf(interpret('') as SyncInvocation), []);
});
