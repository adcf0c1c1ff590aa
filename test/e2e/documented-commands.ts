/** The commands that the documents show, and what each document says of those that cannot run in a test. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesBelow, ROOT } from '../house/source-tree.ts';

/** Fenced blocks in these languages hold commands, one a line; those in any other hold none. */
const COMMAND_LANGUAGES = ['sh', 'crontab', 'bat', 'powershell'];
/** A span of code in a sentence or a table is a command if it begins like one. */
const COMMAND_SPAN =
  /^(?:c42uds$|(?:c42uds|npm|npx|apt|apt-get|tar|mkdir|cp|journalctl|systemctl) |node \S+\.[jt]s\b|[A-Z\d_]+=\S+ npm |\d+ \* \* \* \* |\/opt\/c42uds)/;
const FENCE = /^ *```(\S*)\n([^]*?)^ *```$/gm;
const NOT_RUN_HERE = /<!-- not run here:\n([^]*?)\n-->\n*$/;

export interface DocumentedCommands {
  /** Relative to the root of the project. */
  readonly path: string;
  /** Each one once, in the order of the document, without comments. */
  readonly commands: readonly string[];
  /** By the command: why it is not run. A command that ends in `*` stands for all that begin so. */
  readonly notRunHere: ReadonlyMap<string, string>;
  /** Blocks of code that do not say their language, and lists of commands that cannot be read. */
  readonly complaints: readonly string[];
}

/** What the package for Debian shows, and why not all of it runs in any test; a plain text has no room for such notes. */
const DEBIAN = 'packaging/debian/README.Debian';
const DEBIAN_NOT_RUN_HERE = [
  'c42uds  # asks in a terminal: test/packaging/debian.test.ts',
  'editor *  # asks somebody',
  'systemctl *  # needs systemd: test/packaging/debian.test.ts',
  'systemd-run *  # needs systemd: as the command of the package does it, in test/packaging/debian.test.ts',
  'journalctl *  # needs systemd and its journal: test/packaging/debian.test.ts',
  'install *  # needs the user c42uds',
  'cp -r /root/*  # needs a folder of root',
  'chown *  # needs the user c42uds',
  'apt *  # changes the machine: test/packaging/debian.test.ts',
  'c42uds state restore *  # needs the state of an older version: test/packaging/debian.test.ts',
  'c42uds --sync-now --approve ID  # a guard must have stopped a plan: test/packaging/debian.test.ts',
];

/** The documents for people, but for the changelog, which tells of the past. */
export function documentedCommands(): readonly DocumentedCommands[] {
  const above = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md'].map((path) => ({
    path,
    text: readFileSync(join(ROOT, path), 'utf8'),
  }));
  const texts = [...above, ...filesBelow('docs', /\.md$/), ...filesBelow('bench', /\.md$/)];
  return [
    ...texts.map(({ path, text }) => readCommands(path, text)),
    readPlainText(DEBIAN, readFileSync(join(ROOT, DEBIAN), 'utf8'), DEBIAN_NOT_RUN_HERE),
  ];
}

/**
 * What a plain text shows: lines indented by two, a command up to two blanks or to its end. Names of files, properties and
 * sections stand so, too: they begin with a slash or bracket, or hold a "=" in their first word.
 */
export function readPlainText(path: string, text: string, notRunHere: readonly string[]): DocumentedCommands {
  const commands = [...text.matchAll(/^ {2}([^\s/[=]+(?: [^ \n]+)*)(?: {2,}.*)?$/gm)].map(
    ([, command = '']) => command,
  );
  const notes = notRunHere.map((line) => line.split('  # ', 2) as [string, string]);
  return { path, commands: [...new Set(commands)], notRunHere: new Map(notes), complaints: [] };
}

/** What `text`, the Markdown of a document, shows. */
export function readCommands(path: string, text: string): DocumentedCommands {
  const complaints: string[] = [];
  const found: { at: number; command: string }[] = [];
  for (const { index, 1: language = '', 2: body = '' } of text.matchAll(FENCE)) {
    if (language === '') complaints.push(`a block without a language: ${firstLine(body)}`);
    if (!COMMAND_LANGUAGES.includes(language)) continue;
    const comment = language === 'bat' ? /^rem\b.*/gm : /(?:^|\s+)#.*/gm;
    for (const line of body
      .replaceAll(/\\\n\s*/g, '')
      .replace(comment, '')
      .split('\n'))
      found.push({ at: index, command: line.trim() });
  }
  const prose = text.replaceAll(FENCE, (block) => block.replaceAll(/[^\n]/g, '`'));
  for (const [block] of prose.matchAll(/(?<=\n\n) {4,}[^\s`].*/g))
    complaints.push(`an indented block instead of one with a language: ${firstLine(block)}`);
  for (const { index, 1: span = '' } of prose.matchAll(/(?<!`)`([^`]+)`(?!`)/g)) {
    const command = span.replaceAll(/\s*\n\s*/g, ' ').replaceAll(String.raw`\|`, '|');
    if (COMMAND_SPAN.test(command)) found.push({ at: index, command });
  }
  const notRunHere = new Map<string, string>();
  for (const line of NOT_RUN_HERE.exec(text)?.[1]?.split('\n') ?? []) {
    const [command = '', reason = ''] = line.split(/ {2,}# /);
    if (reason.trim() === '') complaints.push(`no reason behind "  # ": ${line}`);
    notRunHere.set(command.trim(), reason.trim());
  }
  const commands = found
    .sort((a, b) => a.at - b.at)
    .map(({ command }) => command.replace(/^\d+ \* \* \* \* +/, ''))
    .filter((command) => command !== '');
  return { path, commands: [...new Set(commands)], notRunHere, complaints };
}

/** The entry of `notRunHere` that a command falls under; `null` where it has to run. */
export function reasonNotRun(command: string, { notRunHere }: DocumentedCommands): string | null {
  for (const named of notRunHere.keys()) {
    if (named === command || (named.endsWith('*') && command.startsWith(named.slice(0, -1)))) return named;
  }
  return null;
}

function firstLine(text: string): string {
  return text.trim().split('\n')[0] ?? '';
}
