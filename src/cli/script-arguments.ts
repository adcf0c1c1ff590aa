/** The command lines of `c42uds script test`, `c42uds script impact` and `c42uds migrate`. */

import type { Command } from 'commander';
import { RunError } from '../model/errors.ts';
import type { CommonOptions, Invocation, ScriptTestInvocation, SyncInvocation } from './invocation.ts';
import { FLAGS_WITHOUT_CONFIGURATION, once, takesToo, USUAL_FLAGS } from './option-arguments.ts';

/** A command that was recognized, short of the flags that every command takes. */
export interface OwnCommand {
  readonly name: string;
  /** Flags of a run that mean something here, too, beside `--json`. */
  readonly takes: readonly string[];
  /** @throws RunError COMMAND_LINE */
  readonly invocation: (common: CommonOptions, run: SyncInvocation) => Invocation;
}

type Recognize = (command: OwnCommand) => void;

interface TestFlags {
  readonly user?: string;
  readonly entry?: string;
  readonly all?: true;
  readonly saveCase?: string;
  readonly draft?: string;
}

const HELP = ['-h, --help', 'show this help (-help works, too)'] as const;
const DRAFT = [
  '--draft <folder>',
  'the scripts in this folder instead of those in force; what it does not hold stays as it is',
] as const;

const IMPACT_TAKES = ['--plan', '--report'];

export function addScriptCommands(program: Command, recognize: Recognize): void {
  const script = program
    .command('script')
    .description('try the three scripts out, and see what an edit of them changes')
    .helpCommand(false)
    .helpOption(...HELP);
  const test = script
    .command('test')
    .description('run the cases beside the scripts, or the scripts on one user')
    .helpOption(...HELP)
    .addOption(once('--user <user>', 'one user of the directory: by name, address or DN'))
    .addOption(once('--entry <file>', 'an entry in a JSON file: {"mail": "...", "memberOf": ["...", "..."]}'))
    .option('--all', 'every case in the folder cases beside the scripts; this is what happens without a flag')
    .addOption(once('--save-case <name>', 'keep the user and what the scripts say as a case of this name'))
    .addOption(once(...DRAFT))
    .allowExcessArguments(false)
    .addHelpText('after', TEST_HELP)
    .action(() => {
      const flags = test.opts<TestFlags>();
      recognize({
        name: 'script test',
        takes: [],
        invocation: (common) => ({ command: 'SCRIPT_TEST', ...testOf(flags), ...common }),
      });
    });
  const impact = script
    .command('impact')
    .description(
      'judge the whole directory by the edited scripts and by those of the last live run; writes nothing',
    )
    .helpOption(...HELP)
    .addOption(once(...DRAFT))
    .allowExcessArguments(false)
    .addHelpText('after', IMPACT_HELP)
    .action(() => {
      const { draft } = impact.opts<{ draft?: string }>();
      recognize({
        name: 'script impact',
        takes: IMPACT_TAKES,
        invocation: (common, run) => ({
          command: 'SCRIPT_IMPACT',
          draftFolder: draft ?? null,
          run,
          ...common,
        }),
      });
    });
  takesToo(test, program, USUAL_FLAGS);
  takesToo(impact, program, [...USUAL_FLAGS, ...IMPACT_TAKES]);
}

function testOf({
  user,
  entry,
  all,
  saveCase,
  draft,
}: TestFlags): Pick<ScriptTestInvocation, 'subject' | 'saveCase' | 'draftFolder'> {
  const given = [
    ...(user === undefined ? [] : ['--user']),
    ...(entry === undefined ? [] : ['--entry']),
    ...(all === true ? ['--all'] : []),
  ];
  if (given.length > 1) {
    throw new RunError(
      'COMMAND_LINE',
      `${given.join(' and ')} cannot be combined: test one thing at a time.`,
    );
  }
  const common = { saveCase: saveCase ?? null, draftFolder: draft ?? null };
  if (user !== undefined) return { subject: { kind: 'USER', user }, ...common };
  if (entry !== undefined) return { subject: { kind: 'ENTRY', file: entry }, ...common };
  if (saveCase !== undefined) {
    throw new RunError(
      'COMMAND_LINE',
      '--save-case needs --user or --entry: of whom is the case to be made?',
    );
  }
  return { subject: { kind: 'ALL' }, ...common };
}

export function addMigrateCommand(program: Command, recognize: Recognize): void {
  const command = program
    .command('migrate')
    .argument('<folder>', 'the folder of Code42 User Directory Sync, which is only read')
    .description('take over settings and scripts of the original tool into a new folder')
    .helpOption(...HELP)
    .addOption(once('--to <folder>', 'the new folder; without it: c42uds-migrated in the current folder'))
    .option('--overwrite', 'write over files that are in the new folder already')
    .allowExcessArguments(false)
    .addHelpText('after', MIGRATE_HELP)
    .action((from: string) => {
      const { to = null, overwrite = false } = command.opts<{ to?: string; overwrite?: boolean }>();
      recognize({
        name: 'migrate',
        takes: [],
        invocation: (common) => {
          if (common.configPath !== null) {
            throw new RunError(
              'COMMAND_LINE',
              'migrate cannot be combined with --config: name the folder of the original behind migrate.',
            );
          }
          return { command: 'MIGRATE', from, to, overwrite, ...common };
        },
      });
    });
  takesToo(command, program, FLAGS_WITHOUT_CONFIGURATION);
}

const TEST_HELP = `
Examples:
  c42uds script test                                  every case in cases/*.json beside the scripts
  c42uds script test --user ada@example.com           what the scripts say of Ada, what they read, how long it takes
  c42uds script test --user ada --save-case ada       keep her as a case: the next edit must decide the same
  c42uds script test --entry made-up.json             an entry that you wrote yourself
  c42uds script test --draft new-scripts              the cases, by the edited scripts in new-scripts

Exit codes: 0 every case as expected; 3 a case, or a script on the user, failed; 2 a script or file is not usable.`;

const IMPACT_HELP = `
Examples:
  c42uds script impact                                the scripts as they are now against those of the last live run
  c42uds script impact --draft new-scripts            the scripts in new-scripts, before they come into force
  c42uds script impact --report impact.html           also write every change that the next live run would make

Exit codes are those of a dry run: 0 the plan could be applied, 3 some users fail, 6 a guard would stop it.`;

const MIGRATE_HELP = `
Examples:
  c42uds migrate /opt/C42UserDirectorySync-1.0 --to /opt/c42uds
  c42uds migrate "C:\\C42UserDirectorySync" --to C:\\c42uds

Nothing in the folder of the original is changed. Both tools can stay installed; only one may run live.
Exit codes: 0 taken over; 2 a setting or script needs your hand first, or nothing could be written.`;
