/** What the tests of the directory reader share: settings, a log that remembers, and reading to the end. */

import { OPTIONS } from '../../src/config/options.ts';
import type { Option } from '../../src/config/options.ts';
import { openDirectory } from '../../src/ldap/directory.ts';
import type { DirectorySettings } from '../../src/ldap/directory.ts';
import type { Entry } from '../../src/model/entry.ts';
import { RunError } from '../../src/model/errors.ts';
import type {
  Directory,
  DirectoryQuery,
  DirectoryRead,
  Log,
  ReadVerdict,
  UnusableEntry,
} from '../../src/model/ports.ts';
import { startScriptedLdap } from '../servers/scripted-ldap.ts';
import type { Answer, Script, ScriptedLdap, ScriptedOptions } from '../servers/scripted-ldap.ts';

export const PASSWORD = 'the-bind-password';

/** The defaults of the table of properties, quick to fail, with `changes` on top. */
export function directorySettings(changes: Partial<DirectorySettings>): DirectorySettings {
  const values = Object.entries<Option>(OPTIONS).map(([key, option]) => [key, defaultOf(option)]);
  return {
    ...(Object.fromEntries(values) as DirectorySettings),
    'ldap.max.attempts': 1,
    'ldap.delay.between.attempts': 1,
    'ldap.bind.user': 'cn=reader',
    'ldap.baseDn': 'dc=test',
    ...changes,
  };
}

function defaultOf(option: Option): unknown {
  switch (option.kind) {
    case 'INTEGER':
    case 'MILLISECONDS':
      return Number(option.default);
    case 'BOOLEAN':
      return option.default === 'true';
    case 'LIST':
      return option.default.split(',');
    default:
      return option.default;
  }
}

/** A log whose lines are kept as `level message`. */
export function rememberingLog(): Log & { readonly lines: string[] } {
  const lines: string[] = [];
  const write =
    (level: string) =>
    (_component: string, message: string): void => {
      lines.push(`${level} ${message}`);
    };
  const [error, warn, info, debug, trace] = ['error', 'warn', 'info', 'debug', 'trace'].map(write);
  return { lines, error, warn, info, debug, trace } as Log & { lines: string[] };
}

export const EVERYTHING: DirectoryQuery = { attributes: 'ALL', since: null, extraFilter: null, anyOf: null };

export interface WholeRead {
  readonly entries: readonly Entry[];
  readonly unusable: readonly UnusableEntry[];
  readonly verdict: ReadVerdict;
  /** The reason of an incomplete verdict; `''` for a complete one. */
  readonly reason: string;
}

export async function readToEnd(read: DirectoryRead): Promise<WholeRead> {
  const entries: Entry[] = [];
  const unusable: UnusableEntry[] = [];
  for await (const page of read.pages) {
    entries.push(...page.entries);
    unusable.push(...page.unusable);
  }
  const verdict = read.verdict();
  return { entries, unusable, verdict, reason: verdict.complete ? '' : verdict.reason };
}

export interface Scene {
  readonly server: ScriptedLdap;
  readonly directory: Directory;
  readonly log: ReturnType<typeof rememberingLog>;
  readonly settings: DirectorySettings;
}

/** A scripted server, a directory that reads it, and both closed when `play` has ended. */
export async function scene<T>(
  script: Script,
  play: (scene: Scene) => Promise<T>,
  settings: Partial<DirectorySettings> = {},
  options: ScriptedOptions = {},
): Promise<T> {
  const server = await startScriptedLdap(script, options);
  const all = directorySettings({ 'ldap.baseurl': server.url, 'ldap.baseDn': server.baseDn, ...settings });
  const log = rememberingLog();
  const directory = openDirectory(all, PASSWORD, log);
  try {
    return await play({ server, directory, log, settings: all });
  } finally {
    await directory.close();
    await server.close();
  }
}

/** Checks and reads everything that the script serves. */
export function readAll(
  script: Script,
  settings: Partial<DirectorySettings> = {},
  options: ScriptedOptions = {},
  query: Partial<DirectoryQuery> = {},
): Promise<WholeRead & { readonly server: ScriptedLdap; readonly log: readonly string[] }> {
  return scene(
    script,
    async ({ server, directory, log }) => {
      await directory.check();
      return { ...(await readToEnd(directory.read({ ...EVERYTHING, ...query }))), server, log: log.lines };
    },
    settings,
    options,
  );
}

/** Sends users as entries with an entryUUID. */
export function sendUsers(answer: Answer, ...names: string[]): void {
  for (const name of names) answer.entry(`uid=${name},dc=test`, { uid: name, entryUUID: name });
}

export function namesOf(read: WholeRead): string[] {
  return read.entries.map((entry) => entry.identity);
}

/** The RunError that `action` must end with. */
export async function runError(action: Promise<unknown>): Promise<RunError> {
  try {
    await action;
  } catch (error) {
    if (error instanceof RunError) return error;
    throw error;
  }
  throw new Error('it was to fail, and did not');
}
