/** Options that take a value, and what is no value. */

import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';

/** An option that takes one value and may be given once: of two filters, one would be ignored unseen. */
export function once(flags: string, description: string): Option {
  return new Option(flags, description).argParser((value: string, previous: string | undefined) => {
    if (previous !== undefined) throw new InvalidArgumentError('It is given twice.');
    return fileNamed(value);
  });
}

/**
 * Names flags of the program that mean something to a command, so that its help and the completion know them: each is
 * read by the program itself, wherever it stands.
 */
export function takesToo(command: Command, program: Command, flags: readonly string[]): Command {
  for (const option of program.options.filter(({ long }) => flags.includes(long ?? ''))) {
    command.addOption(option);
  }
  return command;
}

/** Flags of the program that every command with a configuration takes, and every other. */
export const USUAL_FLAGS = ['--json', '--config', '--debug', '--trace'] as const;
export const FLAGS_WITHOUT_CONFIGURATION = ['--json', '--debug', '--trace'] as const;

/** An option that takes values as often as it is given. */
export function several(flags: string, description: string): Option {
  return new Option(flags, description).argParser(
    (value: string, previous: readonly string[] | undefined) => [...(previous ?? []), fileNamed(value)],
  );
}

/** commander gives an option that wants a value whatever comes next, `--sync-now` too. */
function fileNamed(value: string): string {
  if (value.startsWith('-')) throw new InvalidArgumentError('A value is missing before this flag.');
  return value;
}
