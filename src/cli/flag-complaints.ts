/** What is wrong with a command line, as one sentence with a way out: commander's complaints in plain words. */

import type { Command, CommanderError } from 'commander';
import { nearestName } from '../config/nearest-name.ts';
import { fullName, typedCommand } from './command-tree.ts';

const DRY_RUN = 'Every run without --sync-now is a dry run.';

/** What people know from other programs, and neither commander nor likeness would find. */
const KNOWN_ELSEWHERE: Readonly<Record<string, string>> = {
  '--dry-run': DRY_RUN,
  '-dry-run': DRY_RUN,
  '--dryrun': DRY_RUN,
  '-n': DRY_RUN,
  '-v': 'Did you mean --version?',
  '-V': 'Did you mean --version?',
};

/** The word itself may be the secret, and an error message ends up in mails and journals. */
const TYPED_SECRET =
  'A word too many: secrets are no part of the command line, where others can read them. They are asked for, or read from standard input.';

function asksForSecret(words: readonly string[]): boolean {
  return ['--ldap-bind-password', '--scim-password', 'secrets'].some((word) => words.includes(word));
}

/** What stands for the value of an option in the help, in words. */
const VALUES: Readonly<Record<string, string>> = {
  '<file>': 'the path of a file',
  '<file...>': 'the path of at least one file',
  '<plan-id>': 'the id of a plan',
  '<folder>': 'the path of a folder',
  '<user>': 'the name of a user',
  '<name>': 'a name',
};

/**
 * @param words the command line
 * @param flags every flag that is known, with its two dashes
 * @param program as it was when it failed: with the words that are no flags, and every command that there is
 */
export function complaintOf(
  error: CommanderError,
  words: readonly string[],
  flags: readonly string[],
  program: Command,
): string {
  // The vendor's article itself prints "--sync-now--full-sync" once.
  const runTogether = words.map(flagIn).find((word) => /^--[a-z-]*[a-z]--[a-z]/.test(word));
  if (error.code === 'commander.unknownOption' && runTogether !== undefined) {
    const parts = runTogether.split(/(?<=[a-z])(?=--)/);
    return `Unknown flag ${runTogether}. Write a blank between the flags: ${parts.join(' ')}`;
  }
  if (error.code === 'commander.excessArguments') {
    return asksForSecret(words) ? TYPED_SECRET : strayWord(program);
  }
  const [sentence = '', suggestion = ''] = error.message.replace(/^error: /, '').split('\n');
  const hint = suggestion.replace(/^\(|\)$/g, '');
  const unknown = /^unknown option '(.*)'$/.exec(sentence)?.[1];
  if (unknown !== undefined) return unknownFlag(unknown, flags, hint);
  const missing = /^option '(--[a-z-]+) (<.*>)' argument missing$/.exec(sentence);
  if (missing !== null) {
    const [, flag = '', value = ''] = missing;
    return `${flag} needs ${VALUES[value] ?? 'a value'} behind it.`;
  }
  const refused = /^option '(--[a-z-]+) <.*>' argument '(.*)' is invalid\. (.*)$/.exec(sentence);
  if (refused !== null) return `"${refused[1]} ${refused[2]}" is not understood. ${refused[3]}`;
  // A secret in the place of a name.
  if (asksForSecret(words) && hint === '') return TYPED_SECRET;
  const text = sentence.replaceAll("'", '"');
  return `${text.charAt(0).toUpperCase()}${text.slice(1).replace(/[.]$/, '')}.${hint === '' ? '' : ` ${hint}`}`;
}

/** A command that is none, or a word behind a command that takes none or no more. */
function strayWord(program: Command): string {
  const command = typedCommand(program);
  const takes = command.registeredArguments;
  const stray = command.args[takes.length] ?? '';
  if (command !== program) {
    const usual = takes.map((one) => (one.required ? `<${one.name()}>` : `[${one.name()}]`)).join(' ');
    const quotes = takes.length === 0 ? '' : ' What has a blank in it goes in quotes.';
    return `"${stray}" is too much: ${fullName(command)} takes ${usual === '' ? 'no word' : `nothing but ${usual}`} behind it.${quotes}`;
  }
  const names = program.commands.map((child) => child.name());
  const asFlag = program.options.find(({ long }) => long === `--${stray}`)?.long ?? null;
  const near = asFlag ?? nearestName(stray, names);
  const hint = near === null ? '' : ` Did you mean ${near}?`;
  const commands = `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`;
  return `"${stray}" is not understood.${hint} c42uds takes flags, and the commands ${commands}.`;
}

function unknownFlag(word: string, flags: readonly string[], suggestion: string): string {
  const name = flagIn(word);
  const known = KNOWN_ELSEWHERE[name];
  if (known !== undefined) return `Unknown flag "${name}". ${known}`;
  if (name !== word && flags.includes(name)) {
    const advice = asksForSecret([name]) ? ` ${TYPED_SECRET}` : '';
    return `${name} takes no value behind "=".${advice}`;
  }
  // commander itself suggests nothing for a single dash.
  const single = /^-[^-]{2}|^-[^-]-/.test(name) ? nearestName(`-${name}`, flags) : null;
  // Nor for a flag with its value behind it.
  const near = name === word ? single : (single ?? nearestName(name, flags));
  const hint = near === null ? suggestion : `Did you mean ${near}?`;
  // `-phunter2`: as other programs take a password.
  const shown = hint === '' && /^-[^-]{2}/.test(name) ? `${name.slice(0, 2)}…` : name;
  return `Unknown flag "${shown}".${hint === '' ? '' : ` ${hint}`}`;
}

/** The flag without what stands behind it: the value of a mistyped one may be a secret. */
function flagIn(word: string): string {
  return word.startsWith('-') ? word.replace(/[^\w-].*$/s, '') : word;
}
