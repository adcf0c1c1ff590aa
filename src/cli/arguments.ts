/** The command line: from the words a person typed to an invocation. Parses and judges; does nothing. */

import { Argument, Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { RunError } from '../model/errors.ts';
import { completionScript, SHELLS } from './completion.ts';
import type { Shell } from './completion.ts';
import { complaintOf } from './flag-complaints.ts';
import { SUMMARY, helpFooter } from './help.ts';
import type { CommonOptions, Invocation } from './invocation.ts';
import { propertyHelp } from './property-help.ts';

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

/** What commander has recognized: the flags, and the subcommand where there was one. */
interface Recognized {
  readonly flags: Flags;
  readonly demo: { readonly keep?: true } | null;
  readonly state: 'check' | 'rebuild' | null;
  readonly secrets?: 'check' | 'rotate';
  /** Text that is all the command asks for. */
  readonly text?: string;
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
    if (error.exitCode === 0) return { command: 'TEXT', text: text.trimEnd() };
    const flags = [...program.options.flatMap(({ long }) => long ?? []), '--help'];
    const complaint = complaintOf(error, words, flags, program.args[0] ?? '');
    throw new RunError('COMMAND_LINE', complaint, { cause: error });
  }
  // Assigned in a callback, which the compiler cannot follow.
  const found = recognized as Recognized | null;
  if (found?.text !== undefined) return { command: 'TEXT', text: found.text };
  return judge(found ?? { flags: {}, demo: null, state: null });
}

function programOf(
  version: string,
  recognize: (value: Recognized) => void,
  print: (text: string) => void,
): Command {
  const program = new Command('c42uds')
    .description(SUMMARY)
    .usage(
      '[options]\n       c42uds demo [--keep]\n       c42uds state check|rebuild [--config FILE]\n       c42uds secrets check|rotate [--config FILE]',
    )
    .exitOverride()
    .configureOutput({ writeOut: print, writeErr: () => undefined, getOutHelpWidth: () => 110 })
    .helpOption('-h, --help', 'show this help (-help works, too)')
    .version(version, '--version', 'show the version')
    .helpCommand(false)
    .addHelpText('after', helpFooter)
    .option('--sync-now', 'live run: synchronize; without it every run is a dry run')
    .option('--full-sync', 'every user in the search base, not only those that changed')
    .addOption(once('--filter <file>', 'only users that match the LDAP filter in this file'))
    .addOption(
      several('--files <file...>', 'only the usernames listed in these files, one a line, # for comments'),
    )
    .addOption(once('--plan <file>', 'write the plan of the run to this file as JSON Lines'))
    .addOption(several('--report <file...>', 'write a report of the run: .html, .json, .jsonl or .csv'))
    .option('--json', 'the result as one JSON object on standard output; the log goes to standard error')
    .option('--quiet', 'no progress line, and nothing but warnings and errors in the log on the console')
    .addOption(once('--approve <plan-id>', 'carry out this plan, which a safety limit has stopped'))
    .addOption(once('--config <file>', 'the configuration; paths inside it are relative to its folder'))
    .option('--debug', 'more detail in the log; never makes a run live')
    .option('--trace', 'every detail in the log; never makes a run live')
    .option(
      '--ldap-bind-password',
      'ask for the LDAP bind password, store it encrypted, test both connections',
    )
    .option('--scim-password', 'ask for the SCIM password, store it encrypted, test both connections')
    .allowExcessArguments(false)
    .action(() => {
      recognize({ flags: program.opts<Flags>(), demo: null, state: null });
    });
  const demo = program
    .command('demo')
    .description('see it work: a small directory and a small SCIM service on this machine')
    .option('--keep', 'leave folder and servers in place to play with')
    .helpOption('-h, --help', 'show this help (-help works, too)')
    .allowExcessArguments(false)
    .action(() => {
      recognize({ flags: program.opts<Flags>(), demo: demo.opts<{ keep?: true }>(), state: null });
    });
  addStateCommands(program, (state) => {
    recognize({ flags: program.opts<Flags>(), demo: null, state });
  });
  addTextCommands(program, (output) => {
    recognize({ flags: program.opts<Flags>(), demo: null, state: null, text: output });
  });
  addSecretsCommands(program, (secrets) => {
    recognize({ flags: program.opts<Flags>(), demo: null, state: null, secrets });
  });
  return program;
}

function addStateCommands(program: Command, recognize: (state: 'check' | 'rebuild') => void): void {
  const state = program
    .command('state')
    .description('look after the state file')
    .helpCommand(false)
    .helpOption('-h, --help', 'show this help (-help works, too)');
  state
    .command('check')
    .description('say whether the state file is whole, what it holds, and which copies there are')
    .allowExcessArguments(false)
    .action(() => {
      recognize('check');
    });
  state
    .command('rebuild')
    .description('set the state file aside: the next run learns the users from the service')
    .allowExcessArguments(false)
    .action(() => {
      recognize('rebuild');
    });
}

function addTextCommands(program: Command, recognize: (text: string) => void): void {
  program
    .command('completion')
    .description('print a script that completes the command line in a shell')
    .addArgument(new Argument('<shell>', 'the shell').choices(SHELLS))
    .allowExcessArguments(false)
    .action((shell: Shell) => {
      recognize(completionScript(shell, program));
    });
  program
    .command('help')
    .description('show this help, or explain the properties: c42uds help properties [NAME]')
    .argument('[topic]', 'properties, or a command')
    .argument('[name]', 'a property, or the beginning of its name')
    .allowExcessArguments(false)
    .action((topic: string | undefined, name: string | undefined) => {
      recognize(helpOn(program, topic, name ?? null));
    });
}

function helpOn(program: Command, topic: string | undefined, name: string | null): string {
  if (topic === 'properties') return propertyHelp(name);
  const command = topic === undefined ? program : program.commands.find((child) => child.name() === topic);
  if (command === undefined) {
    const names = program.commands.map((child) => child.name());
    throw new RunError('COMMAND_LINE', `There is no help on "${String(topic)}".`, {
      fix: `There is help on properties, ${names.join(', ')}.`,
    });
  }
  return helpText(command);
}

/** The whole help of a command as text: commander keeps what stands behind the options to the writing itself. */
function helpText(command: Command): string {
  let text = '';
  command.configureOutput({ writeOut: (part) => (text += part), getOutHelpWidth: () => 110 }).outputHelp();
  return text.trimEnd();
}

function addSecretsCommands(program: Command, recognize: (secrets: 'check' | 'rotate') => void): void {
  const secrets = program
    .command('secrets')
    .description('look after the two passwords')
    .helpCommand(false)
    .helpOption('-h, --help', 'show this help (-help works, too)');
  secrets
    .command('check')
    .description('say where each password comes from and whether it can be read; shows none')
    .allowExcessArguments(false)
    .action(() => {
      recognize('check');
    });
  secrets
    .command('rotate')
    .description('encrypt the passwords under a new key and forget the old one')
    .allowExcessArguments(false)
    .action(() => {
      recognize('rotate');
    });
}

/** An option that takes one value and may be given once: of two filters, one would be ignored unseen. */
function once(flags: string, description: string): Option {
  return new Option(flags, description).argParser((value: string, previous: string | undefined) => {
    if (previous !== undefined) throw new InvalidArgumentError('It is given twice.');
    return fileNamed(value);
  });
}

function several(flags: string, description: string): Option {
  return new Option(flags, description).argParser(
    (value: string, previous: readonly string[] | undefined) => [...(previous ?? []), fileNamed(value)],
  );
}

/** commander gives an option that wants a value whatever comes next, `--sync-now` too. */
function fileNamed(value: string): string {
  if (value.startsWith('-')) throw new InvalidArgumentError('A value is missing before this flag.');
  return value;
}

function judge({ flags, demo, state, secrets }: Recognized): Invocation {
  const common: CommonOptions = {
    configPath: flags.config ?? null,
    logLevel: flags.trace === true ? 'trace' : flags.debug === true ? 'debug' : 'info',
  };
  const runFlags = [
    ...(flags.syncNow === true ? ['--sync-now'] : []),
    ...(flags.fullSync === true ? ['--full-sync'] : []),
    ...(flags.filter === undefined ? [] : ['--filter']),
    ...(flags.files === undefined ? [] : ['--files']),
    ...(flags.plan === undefined ? [] : ['--plan']),
    ...(flags.report === undefined ? [] : ['--report']),
    ...(flags.json === true ? ['--json'] : []),
    ...(flags.quiet === true ? ['--quiet'] : []),
    ...(flags.approve === undefined ? [] : ['--approve']),
  ];
  const passwordFlags = [
    ...(flags.ldapBindPassword === true ? ['--ldap-bind-password'] : []),
    ...(flags.scimPassword === true ? ['--scim-password'] : []),
  ];
  if (demo !== null) {
    const foreign = [...runFlags, ...passwordFlags, ...(flags.config === undefined ? [] : ['--config'])];
    refuseTogether('demo', foreign[0], 'the demo brings its own configuration and runs');
    return { command: 'DEMO', keep: demo.keep === true, ...common };
  }
  if (state !== null) {
    refuseTogether(`state ${state}`, [...runFlags, ...passwordFlags][0], 'it is a command of its own');
    return { command: 'STATE', action: state === 'check' ? 'CHECK' : 'REBUILD', ...common };
  }
  if (secrets !== undefined) {
    refuseTogether(`secrets ${secrets}`, [...runFlags, ...passwordFlags][0], 'it is a command of its own');
    return { command: 'SECRETS', action: secrets === 'check' ? 'CHECK' : 'ROTATE', ...common };
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
  return {
    command: 'SYNC',
    mode: flags.syncNow === true ? 'LIVE' : 'DRY',
    scope: flags.fullSync === true ? 'FULL' : 'INCREMENTAL',
    filterFile: flags.filter ?? null,
    nameFiles: flags.files ?? null,
    approve: flags.approve ?? null,
    planFile: flags.plan ?? null,
    reportFiles: flags.report ?? [],
    json: flags.json === true,
    quiet: flags.quiet === true,
    ...common,
  };
}

function refuseTogether(flag: string, other: string | undefined, advice: string): void {
  if (other === undefined) return;
  throw new RunError('COMMAND_LINE', `${flag} cannot be combined with ${other}: ${advice}.`);
}
