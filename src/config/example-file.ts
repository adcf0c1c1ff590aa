/** A complete, commented `config.properties` from the table: the example that we ship, and the one of a first run. */

import { OPTIONS, type Option, type OptionKey } from './options.ts';
import { escapeKey, escapeValue } from './properties-lines.ts';

interface Group {
  readonly title: string;
  readonly keys: readonly OptionKey[];
}

const TITLES: readonly (readonly [prefix: string, title: string])[] = [
  [
    'ldap.attrib.',
    'Which LDAP attribute feeds which attribute of the user; empty: the service keeps what it holds',
  ],
  ['ldap.', 'The LDAP directory'],
  ['driver.', 'Runs limited to a list of users'],
  ['scim.', 'The SCIM service'],
  ['script.', 'The scripts'],
  ['workqueues.', 'The run'],
  ['missed.', 'Users absent from the directory'],
  ['deactivate.', 'Users absent from the directory'],
  ['guard.', 'Guards'],
  ['state.', 'Files on this machine'],
  ['log.', 'Files on this machine'],
  ['secret.', 'Files on this machine'],
  ['metrics.', 'Telling others how a run ended'],
  ['notify.', 'Telling others how a run ended'],
];

const HEADER = `# Configuration of c42uds.
#
# The format is that of Java properties: a backslash is written twice (domain\\\\user, C:\\\\tools\\\\orgscript.js), and :
# and = in a value may be written \\: and \\=. Relative paths are relative to the folder of this file. A property that
# is commented out has the value shown. Passwords are not written here by hand: the commands below encrypt them.
`;

/** The properties that differ on every installation; the example shows them set. */
export const ESSENTIAL_KEYS = [
  'ldap.baseurl',
  'ldap.baseDn',
  'ldap.bind.user',
  'scim.baseurl',
  'scim.username',
  'script.active.location',
  'script.org.location',
  'script.role.location',
] as const satisfies readonly OptionKey[];

/** The text of `config.properties.example`. */
export function renderExample(): string {
  return renderConfiguration(Object.fromEntries(ESSENTIAL_KEYS.map((key) => [key, OPTIONS[key].default])));
}

/** Every property with its explanation, in groups: set to the value in `values`, else commented out with its default. */
export function renderConfiguration(values: Readonly<Partial<Record<OptionKey, string>>>): string {
  const groups = groupedOptions().map(({ title, keys }) => {
    const properties = keys.map((key) => renderProperty(key, values[key]));
    return `${'#'.repeat(78)}\n# ${title}\n${'#'.repeat(78)}\n\n${properties.join('\n')}`;
  });
  return `${HEADER}\n${groups.join('\n')}`;
}

/** The keys of the table under their headings, in the order of the table. */
export function groupedOptions(): readonly Group[] {
  const groups = new Map<string, OptionKey[]>();
  for (const key of Object.keys(OPTIONS) as OptionKey[]) {
    const title = TITLES.find(([prefix]) => key.startsWith(prefix))?.[1] ?? 'Other';
    groups.set(title, [...(groups.get(title) ?? []), key]);
  }
  return [...groups].map(([title, keys]) => ({ title, keys }));
}

/** What values a property takes, in words; empty where any text will do. */
export function allowedValues(option: Option): string {
  const { kind, min, max, choices } = option;
  if (kind === 'CHOICE') return `One of ${choices?.join(', ')}.`;
  if (kind === 'LIST') return 'Separated by commas.';
  if (kind !== 'INTEGER' && kind !== 'MILLISECONDS') return '';
  if (min !== undefined && max !== undefined) return `From ${min} to ${max}.`;
  return min === undefined ? '' : `${min} or more.`;
}

function renderProperty(key: OptionKey, value: string | undefined): string {
  const option: Option = OPTIONS[key];
  const allowed = allowedValues(option);
  const lines = [...wrap(option.doc, 100), ...(allowed === '' ? [] : [allowed])];
  const comment = lines.map((line) => `# ${line}\n`).join('');
  const pair = `${escapeKey(key)}=${escapeValue(value ?? option.default)}\n`;
  if (value === undefined) return `${comment}#${pair}`;
  return option.default === '' ? comment + pair : `${comment}# Default: ${option.default}\n${pair}`;
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
