/** The commands of the program as a tree: which one was typed, and which there are. */

import type { Command } from 'commander';

/** The command that the words lead to, after commander has looked at them: the program itself where they lead nowhere. */
export function typedCommand(program: Command): Command {
  let command = program;
  for (;;) {
    const below = command.commands.find((child) => child.name() === command.args[0]);
    if (below === undefined) return command;
    command = below;
  }
}

/** A command as somebody types it, `c42uds state check`. */
export function fullName(command: Command): string {
  return command.parent === null ? command.name() : `${fullName(command.parent)} ${command.name()}`;
}

/** Every command that does something by itself, the program among them; `state` is none, `state check` is. */
export function commandsThatAct(program: Command): Command[] {
  const below = (command: Command): Command[] =>
    command.commands.length === 0 ? [command] : command.commands.flatMap(below);
  return [program, ...program.commands.flatMap(below)];
}
