/** The commands beside the runs, as words: what each is called, takes and says of itself in the help. */

import { Argument, InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';
import { SECRET_KEYS } from '../config/secret-properties.ts';
import type { SecretKey } from '../config/secret-properties.ts';
import { RunError } from '../model/errors.ts';
import { completionScript, SHELLS } from './completion.ts';
import type { Shell } from './completion.ts';
import { completionResult, helpResult } from './help-results.ts';
import type { CommonOptions, Invocation, TextInvocation } from './invocation.ts';
import { FLAGS_WITHOUT_CONFIGURATION, takesToo, USUAL_FLAGS } from './option-arguments.ts';
import { propertyHelp, propertyResult } from './property-help.ts';

type Without<T, K> = T extends unknown ? Omit<T, keyof K> : never;

/** An invocation of a command, short of the options that all have in common. */
export type Subcommand = Without<
  Exclude<Invocation, { command: 'SYNC' } | { command: 'PASSWORD' }>,
  CommonOptions
>;

type Recognize = (command: Subcommand) => void;

/** A text, and the same for programs. */
type Text = Omit<TextInvocation, 'command'>;

/** Adds every command to the program; `recognize` is called with the one that was typed. */
export function addSubcommands(program: Command, recognize: Recognize): void {
  addSetup(program, recognize);
  addDemo(program, recognize);
  addHistory(program, recognize);
  addExplain(program, recognize);
  addState(program, recognize);
  addSecrets(program, recognize);
  addCompletion(program, recognize);
  addHelp(program, recognize);
  for (const command of program.commands.flatMap((child) => [child, ...child.commands])) {
    if (command.commands.length > 0) continue;
    const bare = WITHOUT_CONFIGURATION.includes(command.name());
    takesToo(command, program, bare ? FLAGS_WITHOUT_CONFIGURATION : USUAL_FLAGS);
  }
}

const WITHOUT_CONFIGURATION = ['demo', 'completion', 'help'];

/** Whether a command has to do with a configuration, so that `--config` means something to it. */
export function takesConfiguration({ command }: Subcommand): boolean {
  return command !== 'DEMO' && command !== 'TEXT';
}

/** A command as somebody would type it, for a complaint. */
export function nameOf(command: Subcommand): string {
  const action = 'action' in command ? ` ${command.action.toLowerCase()}` : '';
  return `${command.command.toLowerCase()}${action}`;
}

/** A command, or one below it, that takes nothing but what is added. */
function adopt(parent: Command, name: string, description: string): Command {
  return parent
    .command(name)
    .description(description)
    .helpCommand(false)
    .helpOption('-h, --help', 'show this help (-help works, too)')
    .allowExcessArguments(false);
}

function addSetup(program: Command, recognize: Recognize): void {
  adopt(program, 'setup', 'ask the set-up questions, try each answer, write the configuration').action(() => {
    recognize({ command: 'SETUP' });
  });
}

function addDemo(program: Command, recognize: Recognize): void {
  adopt(program, 'demo', 'see it work: a small directory and a small SCIM service on this machine')
    .option('--keep', 'leave folder and servers in place to play with')
    .action((options: { readonly keep?: true }) => {
      recognize({ command: 'DEMO', keep: options.keep === true });
    });
}

function addHistory(program: Command, recognize: Recognize): void {
  adopt(program, 'history', 'show the latest live runs, or the latest changes of one user')
    .argument('[user]', 'a userName, DN, identity of the directory, or id at the service')
    .addOption(new Option('--last <number>', 'how many to show').argParser(positive).default(20))
    .action((user: string | undefined, { last }: { readonly last: number }) => {
      recognize({ command: 'HISTORY', user: user ?? null, last });
    });
}

function addExplain(program: Command, recognize: Recognize): void {
  adopt(
    program,
    'explain',
    'show all about one user: entry, scripts, state, service, and what the next run would send',
  )
    .argument('<user>', 'a userName, a value of driver.files.attribute.name, a DN, or an id')
    .action((user: string) => {
      recognize({ command: 'EXPLAIN', user });
    });
}

function positive(value: string): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number) || number < 1) throw new InvalidArgumentError('It is no number above 0.');
  return number;
}

function addState(program: Command, recognize: Recognize): void {
  const state = adopt(program, 'state', 'look after the state file');
  adopt(
    state,
    'check',
    'say whether the state file is whole, what it holds, and which copies there are',
  ).action(() => {
    recognize({ command: 'STATE', action: 'CHECK' });
  });
  adopt(state, 'restore', 'put a copy of the state file in its place, which is set aside')
    .argument('<copy>', 'a daily copy, a file that was set aside, or one from a backup')
    .action((copy: string) => {
      recognize({ command: 'STATE', action: 'RESTORE', copy });
    });
  adopt(state, 'rebuild', 'set the state file aside: the next run learns the users from the service').action(
    () => {
      recognize({ command: 'STATE', action: 'REBUILD' });
    },
  );
}

function addSecrets(program: Command, recognize: Recognize): void {
  const secrets = adopt(program, 'secrets', 'look after the passwords');
  adopt(secrets, 'check', 'say where each password comes from and whether it can be read; shows none').action(
    () => {
      recognize({ command: 'SECRETS', action: 'CHECK', property: null });
    },
  );
  adopt(secrets, 'rotate', 'encrypt the passwords under a new key and forget the old one').action(() => {
    recognize({ command: 'SECRETS', action: 'ROTATE', property: null });
  });
  adopt(secrets, 'set', 'ask for one secret, hidden, and store it encrypted')
    .addArgument(new Argument('<property>', 'the property').choices(SECRET_KEYS))
    .action((property: SecretKey) => {
      recognize({ command: 'SECRETS', action: 'SET', property });
    });
}

function addCompletion(program: Command, recognize: Recognize): void {
  adopt(program, 'completion', 'print a script that completes the command line in a shell')
    .addArgument(new Argument('<shell>', 'the shell').choices(SHELLS))
    .action((shell: Shell) => {
      const script = completionScript(shell, program);
      recognize({ command: 'TEXT', text: script, result: completionResult(shell, script) });
    });
}

function addHelp(program: Command, recognize: Recognize): void {
  adopt(program, 'help', 'show this help, or explain the properties: c42uds help properties [NAME]')
    .argument('[topic]', 'properties, or a command')
    .argument('[name]', 'a property, or the beginning of its name')
    .action((topic: string | undefined, name: string | undefined) => {
      recognize({ command: 'TEXT', ...helpOn(program, topic, name ?? null) });
    });
}

function helpOn(program: Command, topic: string | undefined, name: string | null): Text {
  if (topic === 'properties') return { text: propertyHelp(name), result: propertyResult(name) };
  const command = topic === undefined ? program : program.commands.find((child) => child.name() === topic);
  if (command === undefined) {
    const names = program.commands.map((child) => child.name());
    throw new RunError('COMMAND_LINE', `There is no help on "${String(topic)}".`, {
      fix: `There is help on properties, ${names.join(', ')}.`,
    });
  }
  return { text: helpText(command), result: helpResult(command) };
}

/** The whole help of a command as text: commander keeps what stands behind the options to the writing itself. */
function helpText(command: Command): string {
  let text = '';
  command.configureOutput({ writeOut: (part) => (text += part), getOutHelpWidth: () => 110 }).outputHelp();
  return text.trimEnd();
}
