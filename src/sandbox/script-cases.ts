/** Golden cases: entries, and what the scripts are expected to say of them. Reads and writes the files of `cases/`. */

import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileProblem } from '../lib/file-problem.ts';
import type { Entry } from '../model/entry.ts';
import { RunError } from '../model/errors.ts';
import {
  SCRIPT_KINDS,
  type ScriptAnswer,
  type ScriptKind,
  type ScriptSet,
  type ScriptTrial,
} from '../model/scripts.ts';
import { sameValue } from '../model/user.ts';

/** What is expected of one user: of each script that is named; the others may say what they like. */
export type Expected = Readonly<Partial<Record<ScriptKind, ScriptAnswer>>>;

export interface ScriptCase {
  /** The file that it stands in, without its folder. */
  readonly file: string;
  readonly name: string;
  readonly entry: Entry;
  readonly expected: Expected;
  /** What the scripts are to take for now, in milliseconds since 1970; `null`: the real time. */
  readonly todayMs: number | null;
}

export interface CaseFolder {
  readonly cases: readonly ScriptCase[];
  /** Files whose cases are about another script than the one in force, in words. */
  readonly skipped: readonly string[];
}

/** In the file the roles are called as in every other place where all three stand together. */
const MEMBER: Readonly<Record<ScriptKind, string>> = { active: 'active', org: 'org', role: 'roles' };
const DEFAULT_DN = 'CN=somebody,DC=example,DC=com';
const LARGEST_FILE_BYTES = 16 * 1024 * 1024;

/**
 * The cases of all `*.json` files in a folder; none where there is no such folder.
 *
 * A file is `{"cases": [{"name", "entry", "expected", "today"}]}`. `entry` holds attributes, each a text or a list of
 * texts, and `dn`. `expected` is `{"active", "org", "roles"}` or some of them; in a file with `"kind": "active"`, `"org"` or
 * `"role"` it is the answer of that script alone. `"script"` names the script that a file of one kind is about. `today`
 * is a date, at which the clock of the scripts then stands.
 * @throws RunError FILE_UNREADABLE, FILE_INVALID naming the file and the case
 */
export async function readCases(folder: string, scripts: ScriptSet): Promise<CaseFolder> {
  const cases: ScriptCase[] = [];
  const skipped: string[] = [];
  for (const file of await caseFiles(folder)) {
    const { kind, script, list } = shapeOf(await readJson(join(folder, file)), file);
    if (kind !== null && script !== null && script !== scripts[kind].name) {
      skipped.push(`${file} is about ${script}, but the ${kind} script here is ${scripts[kind].name}`);
      continue;
    }
    list.forEach((one, at) => cases.push(caseOf(one, kind, file, at)));
  }
  return { cases, skipped };
}

async function caseFiles(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => name.endsWith('.json')).sort();
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new RunError('FILE_UNREADABLE', `Cannot read the folder ${folder}: ${fileProblem(cause)}.`, {
      cause,
    });
  }
}

/** A JSON file of the administrator. @throws RunError FILE_UNREADABLE, FILE_INVALID */
export async function readJson(path: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new RunError('FILE_UNREADABLE', `Cannot read ${path}: ${fileProblem(cause)}.`, { cause });
  }
  if (text.length > LARGEST_FILE_BYTES) throw new RunError('FILE_INVALID', `${path} is too large.`);
  try {
    return JSON.parse(text.replace(/^\uFEFF/, '')) as unknown;
  } catch (cause) {
    throw new RunError('FILE_INVALID', `${path} is not JSON: ${(cause as Error).message}.`, { cause });
  }
}

interface Shape {
  readonly kind: ScriptKind | null;
  readonly script: string | null;
  readonly list: readonly unknown[];
}

function shapeOf(value: unknown, file: string): Shape {
  const { kind = null, script = null, cases } = membersOf(value, file);
  if (!Array.isArray(cases)) throw wrong(file, 'has no list "cases"');
  if (kind !== null && !SCRIPT_KINDS.some((known) => known === kind)) {
    throw wrong(file, `has "kind": ${JSON.stringify(kind)}; it must be "active", "org" or "role"`);
  }
  if (script !== null && typeof script !== 'string') throw wrong(file, 'has a "script" that is no text');
  return { kind: kind as ScriptKind | null, script, list: cases };
}

function caseOf(value: unknown, kind: ScriptKind | null, file: string, at: number): ScriptCase {
  const {
    name = `case ${at + 1}`,
    entry,
    expected,
    today = null,
  } = membersOf(value, `${file}, case ${at + 1}`);
  if (typeof name !== 'string') throw wrong(file, `case ${at + 1} has a name that is no text`);
  const where = `${file}, "${name}"`;
  const todayMs = today === null ? null : typeof today === 'string' ? Date.parse(today) : NaN;
  if (Number.isNaN(todayMs)) throw wrong(where, `has "today": ${JSON.stringify(today)}, which is no date`);
  return {
    file,
    name,
    entry: entryFromJson(entry, where),
    expected: kind === null ? expectedOf(expected, where) : { [kind]: answerOf(kind, expected, where) },
    todayMs,
  };
}

/**
 * An entry as scripts' cases write it: `{"dn": "...", "mail": "...", "memberOf": ["...", "..."]}`.
 * @param where how a message calls the place
 * @throws RunError FILE_INVALID
 */
export function entryFromJson(value: unknown, where: string): Entry {
  const attributes: Record<string, string[]> = {};
  let dn = DEFAULT_DN;
  for (const [name, given] of Object.entries(membersOf(value, `${where}, "entry"`))) {
    if (given === null) continue;
    const values = (Array.isArray(given) ? given : [given]) as unknown[];
    if (!values.every((one) => typeof one === 'string')) {
      const [example] = values.filter((one) => typeof one !== 'string');
      const isPlain = typeof example === 'number' || typeof example === 'boolean';
      const quote = isPlain ? `: write "${example}" in quotes` : '';
      throw wrong(where, `has an attribute ${name} that is neither a text nor a list of texts${quote}`);
    }
    if (name === 'dn') dn = values[0] ?? DEFAULT_DN;
    else if (values.length > 0) attributes[name] = values;
  }
  return { identity: where, dn, attributes };
}

function expectedOf(value: unknown, where: string): Expected {
  const members = membersOf(value, `${where}, "expected"`);
  const known = SCRIPT_KINDS.filter((kind) => Object.hasOwn(members, MEMBER[kind]));
  const stray = Object.keys(members).find((name) => !known.some((kind) => MEMBER[kind] === name));
  if (stray !== undefined) throw wrong(where, `expects "${stray}"; there are active, org and roles`);
  if (known.length === 0) throw wrong(where, 'expects nothing: name active, org or roles');
  return Object.fromEntries(known.map((kind) => [kind, answerOf(kind, members[MEMBER[kind]], where)]));
}

function answerOf(kind: ScriptKind, value: unknown, where: string): ScriptAnswer {
  if (kind === 'active' && typeof value === 'boolean') return value;
  if (kind === 'org' && (value === null || typeof value === 'string')) return value;
  if (kind === 'role') {
    if (value === null) return null;
    const roles = (Array.isArray(value) ? value : [value]) as unknown[];
    if (roles.every((role) => typeof role === 'string')) return roles.length === 0 ? null : roles;
  }
  const may = { active: 'true or false', org: 'a name or null', role: 'a list of names or null' }[kind];
  throw wrong(where, `expects ${JSON.stringify(value)} for ${MEMBER[kind]}; it must be ${may}`);
}

function membersOf(value: unknown, where: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw wrong(where, 'is not an object {...}');
}

function wrong(where: string, what: string): RunError {
  return new RunError('FILE_INVALID', `${where} ${what}.`, {
    fix: 'docs/operating.md shows how a case is written.',
  });
}

/** The trials that did not give what the case expects. */
export function mismatches({ expected }: ScriptCase, trials: readonly ScriptTrial[]): ScriptTrial[] {
  return trials.filter(({ kind, answer, failure }) => {
    if (!Object.hasOwn(expected, kind)) return false;
    return failure !== null || !sameAnswer(kind, expected[kind] ?? null, answer);
  });
}

function sameAnswer(kind: ScriptKind, a: ScriptAnswer, b: ScriptAnswer): boolean {
  // The order of roles, and their case, mean nothing to the service.
  return kind === 'role' ? sameValue('roles', a, b) : a === b;
}

/** Longer values are photos and certificates, which no script decides by. */
const LONGEST_VALUE = 1000;

export interface MadeCase {
  readonly json: string;
  /** Attributes that were left out because their values are long. */
  readonly leftOut: readonly string[];
}

/** A file with one case: the entry, and what the scripts say of it now. @throws RunError SCRIPT_INVALID where one fails */
export function makeCase(name: string, { dn, attributes }: Entry, trials: readonly ScriptTrial[]): MadeCase {
  const failed = trials.find(({ failure }) => failure !== null);
  if (failed !== undefined) {
    throw new RunError(
      'SCRIPT_INVALID',
      `No case can be made of a user for whom a script fails: ${failed.failure}`,
    );
  }
  const names = Object.keys(attributes).sort();
  const isLong = (attribute: string): boolean =>
    attributes[attribute]?.some((value) => value.length > LONGEST_VALUE) === true;
  const kept = names.filter((attribute) => !isLong(attribute));
  const valueOf = (attribute: string): string | readonly string[] => {
    const values = attributes[attribute] ?? [];
    return values.length === 1 ? (values[0] ?? '') : values;
  };
  const entry = Object.fromEntries([['dn', dn], ...kept.map((one) => [one, valueOf(one)] as const)]);
  const expected = Object.fromEntries(trials.map(({ kind, answer }) => [MEMBER[kind], answer]));
  const json = `${JSON.stringify({ cases: [{ name: basename(name), entry, expected }] }, null, 2)}\n`;
  return { json, leftOut: names.filter(isLong) };
}
