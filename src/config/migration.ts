/** What becomes of each property of the original's `config.properties`. Reads nothing but the bytes it is given. */

import { resolve } from 'node:path';
import { nearestName } from './nearest-name.ts';
import { OPTIONS, type Option, type OptionKey } from './options.ts';
import { PropertiesFile, type PropertyEntry } from './properties-file.ts';
import { PASSWORD_COMMANDS, SECRET_KEYS, type SecretKey } from './secret-properties.ts';
import { keyNamed, SettingsReading } from './settings-reading.ts';

/** TAKEN under its own name, RENAMED to ours, IGNORED for the reason given. */
export type KeyFate = 'TAKEN' | 'RENAMED' | 'IGNORED';

export interface MigratedKey {
  readonly line: number;
  /** As the original spells it. */
  readonly key: string;
  readonly fate: KeyFate;
  /** Our name of it, for what was taken or renamed. */
  readonly as: OptionKey | null;
  /** Why it was ignored or renamed, or what else there is to say; may be empty. Holds no value of a password. */
  readonly why: string;
}

export interface Migration {
  readonly keys: readonly MigratedKey[];
  /** The values for the new file, by our names; scripts and passwords are not among them. */
  readonly values: Readonly<Partial<Record<OptionKey, string>>>;
  /** The paths of the scripts as the original has them. */
  readonly scripts: Readonly<Partial<Record<ScriptKey, string>>>;
  /** Values that the original, too, reads otherwise than they were meant. */
  readonly warnings: readonly string[];
}

export type ScriptKey = 'script.active.location' | 'script.org.location' | 'script.role.location';

const SCRIPT_KEYS: readonly string[] = [
  'script.active.location',
  'script.org.location',
  'script.role.location',
] satisfies ScriptKey[];

/** @param path absolute path of the original's file, which relative paths in it are relative to */
export function migrationOf(path: string, bytes: Uint8Array): Migration {
  const entries = new PropertiesFile(bytes).entries();
  const reading = new SettingsReading(path, entries);
  reading.readAll();
  const keys: MigratedKey[] = [];
  const values: Partial<Record<OptionKey, string>> = {};
  const scripts: Partial<Record<ScriptKey, string>> = {};
  entries.forEach((entry, at) => {
    const { line, key } = entry;
    const name = ourName(key);
    const later = entries.slice(at + 1).find((other) => ourName(other.key) === name);
    if (name === null) {
      keys.push({ line, key, fate: 'IGNORED', as: null, why: whyUnknown(key) });
    } else if (isSecret(name)) {
      const why = `only the original can decrypt it: set it with ${PASSWORD_COMMANDS[name]}`;
      keys.push({ line, key, fate: 'IGNORED', as: null, why });
    } else if (later !== undefined) {
      keys.push({ line, key, fate: 'IGNORED', as: null, why: `line ${later.line} sets it again and counts` });
    } else {
      const value = valueOf(name, entry, path);
      if (SCRIPT_KEYS.includes(name)) scripts[name as ScriptKey] = value;
      else values[name] = value;
      const renamed = name !== key;
      keys.push({
        line,
        key,
        fate: renamed ? 'RENAMED' : 'TAKEN',
        as: name,
        why: value === entry.value.trim() ? '' : `now ${value}`,
      });
    }
  });
  // What the new file will say as well need not be said twice.
  const warnings = reading.warnings.filter((text) => text.includes('a single backslash begins an escape'));
  return { keys, values, scripts, warnings };
}

function isSecret(name: OptionKey): name is SecretKey {
  return SECRET_KEYS.some((key) => key === name);
}

/** Files of other kinds than scripts stay where they are; a new folder must still find them. */
function valueOf(name: OptionKey, entry: PropertyEntry, path: string): string {
  const value = entry.value.trim();
  if (!name.endsWith('.ca.file') || value === '') return value;
  return resolve(path, '..', value);
}

/** Our name of a property: the same, an alias, one that differs in case, or another spelling of an attribute type. */
function ourName(key: string): OptionKey | null {
  const known = keyNamed(key);
  if (known !== null) return known;
  const sameLetters = KEYS.find((name) => name.toLowerCase() === key.toLowerCase());
  if (sameLetters !== undefined) return sameLetters;
  const type = /^ldap\.attrib\.(.+)$/i.exec(key)?.[1];
  return type === undefined ? null : (ATTRIBUTE_TYPES.get(lettersOf(type)) ?? null);
}

const KEYS = Object.keys(OPTIONS) as OptionKey[];

// The article calls the attribute types by their titles ("Country code"), and the file's spelling is not in it.
const ATTRIBUTE_TYPES: ReadonlyMap<string, OptionKey> = new Map<string, OptionKey>([
  ...KEYS.filter((key) => key.startsWith('ldap.attrib.')).map(
    (key) => [lettersOf(key.slice('ldap.attrib.'.length)), key] as const,
  ),
  ['country', 'ldap.attrib.countryCode'],
  ['surname', 'ldap.attrib.lastName'],
  ['familyname', 'ldap.attrib.lastName'],
  ['jobtitle', 'ldap.attrib.title'],
  ['usertype', 'ldap.attrib.employeeType'],
  ['login', 'ldap.attrib.userName'],
]);

function lettersOf(text: string): string {
  return text.toLowerCase().replace(/[^a-z]/g, '');
}

function whyUnknown(key: string): string {
  const near = nearestName(key, KEYS);
  return `c42uds has no such property${near === null ? '' : `; if ${near} is meant, set that`}`;
}

/** Whether the value says no more than what happens without it. */
export function isDefault(key: OptionKey, value: string): boolean {
  return (OPTIONS[key] as Option).default === value;
}
