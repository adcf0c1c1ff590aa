/** The folder of the original tool: found, and read without touching anything in it. */

import { isUtf8 } from 'node:buffer';
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, normalize, relative, resolve, sep } from 'node:path';
import { fileProblem } from '../lib/file-problem.ts';
import { migrationOf, type Migration, type ScriptKey } from '../config/migration.ts';
import { OPTIONS } from '../config/options.ts';
import { readConfiguration } from '../config/settings.ts';
import { RunError } from '../model/errors.ts';
import { SCRIPT_KINDS, type ScriptKind } from '../model/scripts.ts';

export interface OriginalScript {
  readonly kind: ScriptKind;
  /** Where it was found; `null` where it is missing. */
  readonly source: string | null;
  /** Its place in the new folder. */
  readonly target: string;
  readonly bytes: Buffer | null;
  /** What there is to say of it. */
  readonly notes: readonly string[];
}

export interface Original {
  readonly root: string;
  readonly configPath: string;
  readonly migration: Migration;
  readonly scripts: readonly OriginalScript[];
  /** What else lies in the folder and is not taken over. */
  readonly leftBehind: readonly string[];
}

/**
 * @param folder its root, its `bin`, or its `config.properties`
 * @throws RunError NOT_CONFIGURED where there is no configuration, FILE_UNREADABLE, CONFIG_INVALID for one that is no text
 */
export function readOriginal(folder: string): Original {
  const configPath = findConfiguration(folder);
  const root = dirname(configPath);
  const migration = migrationOf(configPath, readConfiguration(configPath));
  const scripts = SCRIPT_KINDS.map((kind) => readScript(kind, root, migration));
  const taken = new Set([configPath, ...scripts.map(({ source }) => source)]);
  const leftBehind = readdirSync(root, { withFileTypes: true })
    .filter((one) => !taken.has(join(root, one.name)))
    .map((one) => (one.isDirectory() ? `${one.name}/` : one.name))
    .sort();
  return { root, configPath, migration, scripts, leftBehind };
}

function findConfiguration(folder: string): string {
  const places = [join(folder, 'config.properties'), join(folder, '..', 'config.properties'), folder];
  const found = places.filter((path, at) => (at === 1 ? basename(folder) === 'bin' : true)).find(isFile);
  if (found !== undefined) return found;
  const missing = !existsSync(folder);
  throw new RunError(
    'NOT_CONFIGURED',
    missing ? `There is no folder ${folder}.` : `There is no config.properties in ${folder}.`,
    {
      fix: 'Name the folder in which the original was installed: the one with config.properties and the scripts.',
    },
  );
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

function readScript(kind: ScriptKind, root: string, { scripts }: Migration): OriginalScript {
  const key: ScriptKey = `script.${kind}.location`;
  const usual = OPTIONS[key].default;
  const given = scripts[key] ?? '';
  const name = given === '' ? usual : given;
  const parts = name.split(/[\\/]/).filter((part) => part !== '' && part !== '.');
  const last = parts.at(-1) ?? usual;
  const source = isFile(resolve(root, name)) ? resolve(root, name) : findByTail(root, parts);
  const target = targetOf(source, root, last);
  if (source === null) {
    const notes = [
      `${name} is not there: the new folder gets a script that ${WITHOUT[kind]}. Put the original's script in its place before the first run`,
    ];
    return { kind, source, target: usual, bytes: null, notes };
  }
  const { bytes, notes } = asUtf8(source);
  return { kind, source, target, bytes, notes };
}

/**
 * A path of another machine, or of another system, still says where the file lies below its folder: the longest end of
 * it that is there, in any case of letters, as on Windows.
 */
function findByTail(root: string, parts: readonly string[]): string | null {
  for (let from = 0; from < parts.length; from += 1) {
    const tail = parts.slice(from);
    if (tail.includes('..')) continue;
    let path: string | null = root;
    for (const part of tail) path = path === null ? null : childOf(path, part);
    if (path !== null && isFile(path)) return path;
  }
  return null;
}

function childOf(folder: string, name: string): string | null {
  if (existsSync(join(folder, name))) return join(folder, name);
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) return null;
  const found = readdirSync(folder).find((one) => one.toLowerCase() === name.toLowerCase());
  return found === undefined ? null : join(folder, found);
}

const WITHOUT: Readonly<Record<ScriptKind, string>> = {
  active: 'provisions nobody',
  org: "leaves the organization to the console's mapping",
  role: "leaves the roles to the organization's defaults",
};

/** The same place below the new folder; a script from elsewhere comes to its top. */
function targetOf(source: string | null, root: string, last: string): string {
  const path = source === null ? last : relative(root, source);
  return isAbsolute(path) || path.startsWith('..') ? last : normalize(path).split(sep).join('/');
}

/** The original read scripts in the encoding of its system, which on Windows is Windows-1252. */
function asUtf8(path: string): { bytes: Buffer; notes: string[] } {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    throw new RunError('FILE_UNREADABLE', `Cannot read ${path}: ${fileProblem(cause)}.`, { cause });
  }
  if (isUtf8(bytes)) return { bytes, notes: [] };
  const text = new TextDecoder('windows-1252').decode(bytes);
  return { bytes: Buffer.from(text, 'utf8'), notes: ['was in Windows-1252 and is written in UTF-8'] };
}

/** Whether `path`, which may not exist yet, is the folder or in it, by whatever links. */
export function isInside(path: string, folder: string): boolean {
  let existing = resolve(path);
  while (!existsSync(existing) && dirname(existing) !== existing) existing = dirname(existing);
  const real = join(realpathSync(existing), relative(existing, resolve(path)));
  const way = relative(realpathSync(folder), real);
  return way === '' || (!way.startsWith(`..${sep}`) && way !== '..' && !isAbsolute(way));
}
