/** What the commands that only print a text have to say to programs: version, help, properties, completion. */

import type { Argument, Command, Option } from 'commander';
import { ERRORS, EXIT_CODES } from '../model/errors.ts';
import { SCHEMA_VERSION } from '../report/run-result.ts';
import { fullName } from './command-tree.ts';
import { EXIT_CODE_MEANINGS } from './help.ts';

/** As docs/schemas/version.json has it. */
export function versionResult(version: string): object {
  return {
    type: 'version',
    schemaVersion: SCHEMA_VERSION,
    version,
    node: process.versions.node,
    platform: process.platform,
    architecture: process.arch,
  };
}

/** As docs/schemas/help.json has it. */
export function helpResult(command: Command): object {
  return {
    type: 'help',
    schemaVersion: SCHEMA_VERSION,
    command: fullName(command),
    description: command.description(),
    arguments: command.registeredArguments.map(argumentFacts),
    options: command.options.map(optionFacts),
    commands: command.commands.map((child) => ({
      name: child.name(),
      command: fullName(child),
      description: child.description(),
    })),
    exitCodes: Object.entries(EXIT_CODES).map(([name, exitCode]) => ({
      name,
      exitCode,
      meaning: EXIT_CODE_MEANINGS[name as keyof typeof EXIT_CODES],
    })),
    errorCodes: Object.entries(ERRORS).map(([code, { exitCode }]) => ({ code, exitCode })),
  };
}

/** As docs/schemas/completion.json has it. */
export function completionResult(shell: string, script: string): object {
  return { type: 'completion', schemaVersion: SCHEMA_VERSION, shell, script };
}

function argumentFacts(argument: Argument): object {
  return {
    name: argument.name(),
    description: argument.description,
    required: argument.required,
    choices: argument.argChoices ?? null,
  };
}

/** `value` as the help writes it, `<file...>` for several. */
function optionFacts({ long, short, flags, description, variadic }: Option): object {
  return {
    name: long ?? flags,
    short: short ?? null,
    value: /<([^>.]*)/.exec(flags)?.[1] ?? null,
    variadic,
    description,
  };
}
