/** Every command that the program has, run with `--json`: one JSON object on standard output, as its schema says. */

import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { wholeProgram } from '../../src/cli/arguments.ts';
import { commandsThatAct, fullName } from '../../src/cli/command-tree.ts';
import { ROOT } from '../house/source-tree.ts';
import { assertPublished } from '../report/published-schema.ts';
import { TrapScene } from '../traps/trap-scene.ts';
import { Conversation, noTerminal, runProgram, type Finished } from './command-line.ts';
import { assertExit } from './installation.ts';

interface Trial {
  /** Behind the name of the command. */
  readonly words?: readonly string[];
  /** A file of docs/schemas. */
  readonly schema: string;
  readonly exitCode?: number;
  readonly input?: string;
}

/** The one that takes the state of the others away comes last. */
const COMMANDS = commandsThatAct(wholeProgram()).sort(
  (a, b) => Number(a.name() === 'rebuild') - Number(b.name() === 'rebuild'),
);
const SECRETS = ['pw-of-the-reader', 'a-secret-of-the-hook'];
const DOCUMENT = readFileSync(join(ROOT, 'docs/operating.md'), 'utf8');

/** The only thing on standard output; and nothing like it on standard error. */
function resultOf({ stdout, stderr }: Finished): Record<string, unknown> {
  assert.ok(stdout.endsWith('}\n'), `${stdout}\n${stderr}`);
  assert.doesNotMatch(stderr, /^[{}]/m, stderr);
  assert.doesNotMatch(stderr, /"schemaVersion"/, stderr);
  for (const secret of SECRETS) assert.ok(!`${stdout}${stderr}`.includes(secret), `${stdout}${stderr}`);
  return JSON.parse(stdout) as Record<string, unknown>;
}

describe('with --json', () => {
  let scene: TrapScene;
  /** By the full name of each command, in the order in which they are run. */
  let trials: ReadonlyMap<string, readonly Trial[]>;

  before(async () => {
    scene = await TrapScene.start({ kind: 'ACTIVE_DIRECTORY', people: 30 });
    const { installation, company, service } = scene;
    const { mail = '' } = company.people[3] ?? {};
    writeFileSync(installation.path('entry.json'), JSON.stringify({ mail, department: 'R&D' }));
    mkdirSync(installation.path('drafts'));
    writeFileSync(installation.path('drafts/orgscript.js'), 'function (entry) { return "One"; }');
    mkdirSync(installation.path('original'));
    for (const name of ['config.properties', 'activescript.js', 'orgscript.js'])
      writeFileSync(installation.path(`original/${name}`), readFileSync(installation.path(name)));
    trials = new Map<string, readonly Trial[]>([
      [
        'c42uds',
        [
          { words: ['--ldap-bind-password'], schema: 'password-set.json', input: 'pw-of-the-reader\n' },
          { words: ['--scim-password'], schema: 'password-set.json', input: `${service.password}\n` },
          { words: ['--version'], schema: 'version.json' },
          { words: ['--help'], schema: 'help.json' },
          { schema: 'run.json' },
          { words: ['--sync-now', '--plan', 'p.jsonl', '--report', 'r.json'], schema: 'run.json' },
          { words: ['--filter', 'missing.txt'], schema: 'run.json', exitCode: 2 },
          { words: ['--sinc-now'], schema: 'error.json', exitCode: 2 },
        ],
      ],
      ['c42uds setup', [{ schema: 'error.json', exitCode: 2 }]],
      ['c42uds demo', [{ schema: 'demo.json' }]],
      ['c42uds history', [{ schema: 'history.json' }, { words: [mail], schema: 'user-history.json' }]],
      ['c42uds explain', [{ words: [mail], schema: 'explanation.json' }]],
      ['c42uds doctor', [{ schema: 'doctor.json' }, { words: ['--quiet'], schema: 'doctor.json' }]],
      ['c42uds secrets check', [{ schema: 'secrets-check.json' }]],
      ['c42uds secrets rotate', [{ schema: 'secrets-rotated.json' }]],
      [
        'c42uds secrets set',
        [{ words: ['notify.secret'], schema: 'secret-set.json', input: 'a-secret-of-the-hook\n' }],
      ],
      [
        'c42uds script test',
        [
          { schema: 'error.json', exitCode: 2 },
          { words: ['--user', mail, '--save-case', 'one'], schema: 'script-trial.json' },
          { words: ['--entry', 'entry.json'], schema: 'script-trial.json' },
          { words: ['--user', 'nobody'], schema: 'script-trial.json', exitCode: 3 },
          { schema: 'script-cases.json' },
          { words: ['--draft', 'drafts'], schema: 'script-cases.json', exitCode: 3 },
        ],
      ],
      [
        'c42uds script impact',
        [
          { schema: 'script-impact.json' },
          // Everybody would move: a guard would stop that.
          { words: ['--draft', 'drafts', '--report', 'i.json'], schema: 'script-impact.json', exitCode: 6 },
        ],
      ],
      [
        'c42uds migrate',
        [
          // One of the three scripts is missing.
          { words: ['original', '--to', 'migrated'], schema: 'migration.json', exitCode: 2 },
          { words: ['nothing'], schema: 'error.json', exitCode: 2 },
        ],
      ],
      ['c42uds state check', [{ schema: 'state-check.json' }]],
      ['c42uds state rebuild', [{ schema: 'state-rebuilt.json' }, { schema: 'state-rebuilt.json' }]],
      ['c42uds state restore', [{ words: ['copy.db'], schema: 'state-restored.json' }]],
      ['c42uds completion', [{ words: ['bash'], schema: 'completion.json' }]],
      [
        'c42uds help',
        [
          { schema: 'help.json' },
          { words: ['state'], schema: 'help.json' },
          { words: ['properties'], schema: 'properties.json' },
          { words: ['properties', 'nothing'], schema: 'error.json', exitCode: 2 },
        ],
      ],
    ]);
  });

  after(async () => {
    await scene[Symbol.asyncDispose]();
  });

  async function attempt(name: string, { words = [], schema, exitCode = 0, input }: Trial): Promise<void> {
    const { installation } = scene;
    const command = [...name.split(' ').slice(1), ...words, '--json'];
    // The demo runs the program six times.
    const where = { cwd: installation.folder, patienceMs: 90_000, ...(input === undefined ? {} : { input }) };
    const ended = await runProgram(command, where);
    assertExit(ended, exitCode);
    const result = resultOf(ended);
    assertPublished(schema, result);
    // Whoever reads the result needs no other word on how it ended.
    if ('exitCode' in result) assert.equal(result['exitCode'], exitCode);
    else assert.equal(exitCode, 0, command.join(' '));
  }

  for (const name of COMMANDS.map(fullName)) {
    it(`${name} has a result that is published`, async () => {
      const own = trials.get(name);
      assert.ok(own !== undefined, `No trial of ${name}: add one, and its schema to docs/schemas.`);
      for (const trial of own) await attempt(name, trial);
      const row = DOCUMENT.includes(name === 'c42uds' ? '| a run |' : `| \`${name.replace('c42uds ', '')}`);
      for (const { schema } of own.filter((trial) => trial.schema !== 'error.json'))
        assert.ok(DOCUMENT.includes(`(schemas/${schema})`), `docs/operating.md does not name ${schema}`);
      assert.ok(row, `docs/operating.md has no row for ${name}`);
      // A copy for those that come later.
      if (name === 'c42uds') writeFileSync(scene.installation.path('copy.db'), stateFile());
    });
  }

  function stateFile(): Buffer {
    return readFileSync(scene.installation.path('state.db'));
  }

  it('an error of any command is the same object, with the exit code that the command has without it', async () => {
    const { installation } = scene;
    for (const name of COMMANDS.map(fullName)) {
      const words = [...name.split(' ').slice(1), '--no-such-flag'];
      const plain = await installation.run(words);
      const ended = await installation.run([...words, '--json']);
      assert.equal(ended.exitCode, plain.exitCode, name);
      assert.equal(plain.stdout, '', name);
      const result = resultOf(ended);
      assertPublished('error.json', result);
      assert.equal(result['exitCode'], ended.exitCode, name);
    }
  });

  it('a command whose configuration is not there says so in the same way', async () => {
    const needing = COMMANDS.filter(
      (command) => command.name() !== 'setup' && command.options.some(({ long }) => long === '--config'),
    );
    assert.ok(needing.length > 8);
    for (const command of needing) {
      const { registeredArguments } = command;
      const values = registeredArguments.map(({ required, argChoices }) =>
        required ? [argChoices?.[0] ?? 'x'] : [],
      );
      const name = fullName(command);
      const words = [...name.split(' ').slice(1), ...values.flat(), '--config', 'none.properties', '--json'];
      const ended = await scene.installation.run(words);
      const result = resultOf(ended);
      if (name === 'c42uds doctor') continue;
      assertPublished('error.json', result);
      assertExit(ended, 2);
      assert.match(JSON.stringify(result), /NOT_CONFIGURED/, name);
    }
  });

  it(
    'the set-up asks in a terminal, and leaves standard output to its result',
    { skip: noTerminal() },
    async () => {
      const { installation } = scene;
      const output = installation.path('setup.json');
      const talk = new Conversation(['setup', '--json'], { cwd: installation.folder, output });
      // Enter keeps each value that the configuration has.
      for (const question of ['ldap.base.url', 'ldap.baseDn', 'ldap.bind.user'])
        await talk.answer(question, '');
      await talk.answer('ldap.bind.password', '');
      for (const question of ['scim.baseurl', 'scim.username', 'scim.password'])
        await talk.answer(question, '');
      const { exitCode, screen } = await talk.end();
      assert.equal(exitCode, 0, screen);
      const stdout = readFileSync(output, 'utf8');
      const result = resultOf({ stdout, stderr: screen, exitCode, signal: null });
      assertPublished('setup.json', result);
      assert.equal(result['created'], false);
    },
  );

  it('each schema is in the table of the operating guide, or is a part of one that is', () => {
    const schemas = readdirSync(join(ROOT, 'docs/schemas'));
    const texts = schemas.map((name) => readFileSync(join(ROOT, 'docs/schemas', name), 'utf8')).join('\n');
    for (const name of schemas) {
      const known = DOCUMENT.includes(`(schemas/${name})`) || texts.includes(`"$ref": "${name}`);
      assert.ok(known, name);
    }
  });
});
