/** The command line: from the words a person typed to an invocation. Parses and judges; does nothing. */

import { Command, CommanderError } from 'commander';
import { RunError } from '../model/errors.ts';
import { addDoctorCommand } from './doctor/doctor-arguments.ts';
import { typedCommand } from './command-tree.ts';
import { complaintOf } from './flag-complaints.ts';
import { SUMMARY, helpFooter } from './help.ts';
import { helpResult, versionResult } from './help-results.ts';
import type { CommonOptions, Invocation, SyncInvocation } from './invocation.ts';
import { once, several } from './option-arguments.ts';
import { addMigrateCommand, addScriptCommands, type OwnCommand } from './script-arguments.ts';
import { addSubcommands, nameOf, takesConfiguration } from './subcommands.ts';
import type { Subcommand } from './subcommands.ts';

interface Flags {
  readonly syncNow?: true;
  readonly fullSync?: true;
  readonly debug?: true;
  readonly trace?: true;
  readonly filter?: string;
  readonly files?: string[];
  readonly config?: string;
  readonly approve?: string;
  readonly plan?: string;
  readonly report?: string[];
  readonly json?: true;
  readonly quiet?: true;
  readonly ldapBindPassword?: true;
  readonly scimPassword?: true;
}

/** What commander has recognized: the flags, and the command where there was one. */
interface Recognized {
  readonly flags: Flags;
  readonly command: Subcommand | null;
  /** A command with an invocation of its own, from the flags that every command takes. */
  readonly own?: OwnCommand;
}

/**
 * Interprets the words behind the program's name.
 * @throws RunError COMMAND_LINE, its message naming the flag and, for a misspelt one, the nearest
 */
export function interpretArguments(words: readonly string[], version: string): Invocation {
  let recognized: Recognized | null = null;
  let text = '';
  const program = programOf(
    version,
    (value) => {
      recognized = value;
    },
    (output) => {
      text += output;
    },
  );
  // The original wrote -help; commander would read it as the flags -h -e -l -p.
  const spelled = words.map((word) => (word === '-help' ? '--help' : word));
  try {
    program.parse(spelled, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) {
      const isVersion = error.code === 'commander.version';
      const result = isVersion ? versionResult(version) : helpResult(typedCommand(program));
      return { command: 'TEXT', text: text.trimEnd(), result };
    }
    const half = program.commands.find((command) => command.name() === program.args[0]);
    if (error.code === 'commander.help' && half !== undefined) {
      const names = new Intl.ListFormat('en-GB', { type: 'disjunction' }).format(
        half.commands.map((command) => command.name()),
      );
      throw new RunError('COMMAND_LINE', `c42uds ${half.name()} needs ${names} behind it.`, { cause: error });
    }
    const flags = [...program.options.flatMap(({ long }) => long ?? []), '--help'];
    const complaint = complaintOf(error, words, flags, program);
    throw new RunError('COMMAND_LINE', complaint, { cause: error });
  }
  // Assigned in a callback, which the compiler cannot follow.
  return judge(recognized ?? { flags: {}, command: null });
}

/** Every command and flag that there is, for whoever wants to go through them. */
export function wholeProgram(): Command {
  return programOf(
    '',
    () => undefined,
    () => undefined,
  );
}

function programOf(
  version: string,
  recognize: (value: Recognized) => void,
  print: (text: string) => void,
): Command {
  const program = new Command('c42uds')
    .description(SUMMARY)
    .usage(
      '[options]\n       c42uds setup [--config FILE]\n       c42uds demo [--keep]\n       c42uds doctor [--quiet]\n       c42uds explain USER\n       c42uds history [USER] [--last N]\n       c42uds state check|rebuild [--config FILE]\n       c42uds state restore COPY [--config FILE]\n       c42uds secrets check|rotate|set [--config FILE]\n       c42uds script test|impact ...\n       c42uds migrate FOLDER [--to FOLDER]',
    )
    .exitOverride()
    .configureOutput({ writeOut: print, writeErr: () => undefined, getOutHelpWidth: () => 110 })
    .helpOption('-h, --help', 'show this help (-help works, too)')
    .version(version, '--version', 'show the version')
    .helpCommand(false)
    .addHelpText('after', helpFooter)
    .option('--sync-now', 'live run: synchronize; without it every run is a dry run')
    .option('--full-sync', 'every user in the search base, not only those that changed')
    .addOption(
      once(
        '--filter <file>',
        'only users that match the LDAP filter in this file; without --full-sync, the changed ones',
      ),
    )
    .addOption(
      several('--files <file...>', 'only the usernames listed in these files, one a line, # for comments'),
    )
    .addOption(once('--plan <file>', 'write the plan of the run to this file as JSON Lines'))
    .addOption(several('--report <file...>', 'write a report of the run: .html, .json, .jsonl or .csv'))
    .option(
      '--json',
      'the result as one JSON object on standard output; everything else goes to standard error',
    )
    .option('--quiet', 'no progress line, and nothing but warnings and errors in the log on the console')
    .addOption(once('--approve <plan-id>', 'carry out this plan, which a safety limit has stopped'))
    .addOption(once('--config <file>', 'the configuration; paths inside it are relative to its folder'))
    .option('--debug', 'more detail in the log; never makes a run live')
    .option('--trace', 'every LDAP and SCIM message in the log files; never makes a run live')
    .option(
      '--ldap-bind-password',
      'ask for the LDAP bind password, store it encrypted, test both connections',
    )
    .option('--scim-password', 'ask for the SCIM password, store it encrypted, test both connections')
    .allowExcessArguments(false)
    .action(() => {
      recognize({ flags: program.opts<Flags>(), command: null });
    });
  addSubcommands(program, (command) => {
    recognize({ flags: program.opts<Flags>(), command });
  });
  for (const add of [addDoctorCommand, addScriptCommands, addMigrateCommand]) {
    add(program, (own) => {
      recognize({ flags: program.opts<Flags>(), command: null, own });
    });
  }
  return program;
}

function judge({ flags, command, own }: Recognized): Invocation {
  const common: CommonOptions = {
    configPath: flags.config ?? null,
    logLevel: flags.trace === true ? 'trace' : flags.debug === true ? 'debug' : 'info',
    json: flags.json === true,
  };
  const runFlags = [
    ...(flags.syncNow === true ? ['--sync-now'] : []),
    ...(flags.fullSync === true ? ['--full-sync'] : []),
    ...(flags.filter === undefined ? [] : ['--filter']),
    ...(flags.files === undefined ? [] : ['--files']),
    ...(flags.plan === undefined ? [] : ['--plan']),
    ...(flags.report === undefined ? [] : ['--report']),
    ...(flags.quiet === true ? ['--quiet'] : []),
    ...(flags.approve === undefined ? [] : ['--approve']),
  ];
  const passwordFlags = [
    ...(flags.ldapBindPassword === true ? ['--ldap-bind-password'] : []),
    ...(flags.scimPassword === true ? ['--scim-password'] : []),
  ];
  if (command !== null) {
    const configFlags = flags.config === undefined || takesConfiguration(command) ? [] : ['--config'];
    const foreign = [...runFlags, ...passwordFlags, ...configFlags];
    refuseTogether(nameOf(command), foreign[0], 'it is a command of its own');
    return { ...command, ...common };
  }
  if (own !== undefined) {
    const foreign = [...runFlags, ...passwordFlags].filter((flag) => !own.takes.includes(flag));
    refuseTogether(own.name, foreign[0], 'it is a command of its own');
    return own.invocation(common, runOf(flags, common));
  }
  const passwordFlag = passwordFlags[0];
  if (passwordFlag !== undefined) {
    refuseTogether(passwordFlag, passwordFlags[1], 'set one password at a time');
    refuseTogether(passwordFlag, runFlags[0], 'set the password first, then run again without it');
    return { command: 'PASSWORD', which: flags.ldapBindPassword === true ? 'LDAP' : 'SCIM', ...common };
  }
  if (flags.approve !== undefined && flags.syncNow !== true) {
    throw new RunError('COMMAND_LINE', '--approve needs --sync-now: only a live run carries a plan out.');
  }
  return runOf(flags, common);
}

function runOf(flags: Flags, common: CommonOptions): SyncInvocation {
  return {
    command: 'SYNC',
    mode: flags.syncNow === true ? 'LIVE' : 'DRY',
    scope: flags.fullSync === true ? 'FULL' : 'INCREMENTAL',
    filterFile: flags.filter ?? null,
    nameFiles: flags.files ?? null,
    approve: flags.approve ?? null,
    planFile: flags.plan ?? null,
    reportFiles: flags.report ?? [],
    quiet: flags.quiet === true,
    ...common,
  };
}

function refuseTogether(flag: string, other: string | undefined, advice: string): void {
  if (other === undefined) return;
  throw new RunError('COMMAND_LINE', `${flag} cannot be combined with ${other}: ${advice}.`);
}
