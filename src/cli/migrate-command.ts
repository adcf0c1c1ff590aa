/** `c42uds migrate FOLDER`: settings and scripts of the original tool into a new folder, and what became of each. */

import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { setProperty, writeInitialConfig } from '../config/configuration-changes.ts';
import { replaceFile } from '../config/file-replacement.ts';
import { isDefault } from '../config/migration.ts';
import { OPTIONS, type OptionKey } from '../config/options.ts';
import { PASSWORD_COMMANDS, type SecretKey } from '../config/secret-properties.ts';
import { loadSettings } from '../config/settings.ts';
import { fileProblem } from '../lib/file-problem.ts';
import { EXIT_CODES, RunError, type ExitCode } from '../model/errors.ts';
import { SCHEMA_VERSION } from '../report/run-result.ts';
import { counted } from '../report/quantity.ts';
import { interpretArguments } from './arguments.ts';
import type { MigrateInvocation } from './invocation.ts';
import { managedLocations } from './managed-locations.ts';
import { checkScripts } from './migrated-scripts.ts';
import { isInside, readOriginal, type Original } from './original-folder.ts';
import { sealPassword } from './passwords.ts';
import { openPrompts, type Prompts } from './prompts.ts';
import type { Session } from './session.ts';

const DEFAULT_TARGET = 'c42uds-migrated';
const BOTH_PASSWORDS: readonly SecretKey[] = ['ldap.bind.password', 'scim.password'];

/**
 * @returns USAGE where a value or a script needs the administrator's hand before a run, else DONE or what the first
 *   comparison run ended with
 * @throws RunError NOT_CONFIGURED, FILE_UNREADABLE, FILE_INVALID, FOLDER_READ_ONLY; then nothing was written
 */
export async function migrate(invocation: MigrateInvocation, session: Session): Promise<ExitCode> {
  const original = placed(readOriginal(resolve(session.cwd, invocation.from)), managedLocations(session.env));
  const target = resolve(session.cwd, invocation.to ?? DEFAULT_TARGET);
  if (isInside(target, original.root)) {
    throw new RunError(
      'FILE_INVALID',
      `The new folder ${target} is in the folder of the original, which stays as it is.`,
      {
        fix: 'Name another one with --to.',
      },
    );
  }
  const prompts = session.interactive ? await openPrompts(session) : null;
  await requireFree(target, original, invocation.overwrite, prompts);
  tellKeys(original, session);
  const scripts = await checkScripts(original, session);
  const configPath = join(target, 'config.properties');
  await writeFolder(target, configPath, original, session);
  const problems = tellProblems(configPath, original, session);
  const usable = problems.errors.length === 0 && scripts.every(({ problem }) => problem === null);
  const missing = await setPasswords(configPath, prompts, session);
  session.results.print({
    type: 'migration',
    schemaVersion: SCHEMA_VERSION,
    exitCode: usable ? EXIT_CODES.DONE : EXIT_CODES.USAGE,
    original: original.configPath,
    configuration: configPath,
    properties: original.migration.keys,
    scripts,
    leftBehind: original.leftBehind,
    ...problems,
    missingPasswords: missing,
  });
  return offerComparison({ configPath, usable, missing, prompts, session, asks: !invocation.json });
}

/** The original with state and logs where a service may write, whatever it says itself. */
function placed(original: Original, locations: Partial<Record<OptionKey, string>>): Original {
  const { keys, values } = original.migration;
  const told = keys.map((key) => {
    const place = key.as === null || key.fate === 'IGNORED' ? undefined : locations[key.as];
    return place === undefined ? key : { ...key, why: `now ${place}` };
  });
  return {
    ...original,
    migration: { ...original.migration, keys: told, values: { ...values, ...locations } },
  };
}

/** Files of an earlier attempt may hold work: they are written over only by a person's word. */
async function requireFree(
  target: string,
  { scripts }: Original,
  overwrite: boolean,
  prompts: Prompts | null,
): Promise<void> {
  const names = ['config.properties', ...scripts.map((script) => script.target)];
  const taken = names.filter((name) => existsSync(join(target, name)));
  if (taken.length === 0 || overwrite) return;
  const what = `${target} holds ${taken.join(', ')} already`;
  if (prompts !== null && (await isYes(prompts, `${what}. Write over them?`))) return;
  throw new RunError('FILE_INVALID', `${what}. Nothing was written.`, {
    fix: 'Name another folder with --to, or add --overwrite.',
  });
}

async function isYes(prompts: Prompts, question: string): Promise<boolean> {
  const answer = await prompts.text(`${question} (yes/no)`, (text) =>
    /^(y|yes|n|no)$/i.test(text) ? true : 'Answer yes or no.',
  );
  return /^y/i.test(answer);
}

function tellKeys({ configPath, migration }: Original, { terminal }: Session): void {
  const { keys } = migration;
  terminal.out(`${configPath}: ${counted(keys.length, 'property', 'properties')}`);
  const width = Math.max(0, ...keys.map(({ key }) => key.length));
  for (const { key, fate, as, why } of keys) {
    const name = fate === 'RENAMED' ? ` to ${as}` : '';
    const reason = why === '' ? '' : `${name === '' ? ' ' : ', '}${why}`;
    terminal.out(`  ${key.padEnd(width)}  ${fate.toLowerCase()}${name}${reason}`);
  }
}

async function writeFolder(
  target: string,
  configPath: string,
  { migration, scripts }: Original,
  { openLog }: Session,
): Promise<void> {
  const values: Partial<Record<OptionKey, string>> = { ...migration.values };
  for (const script of scripts) {
    const key = `script.${script.kind}.location` as const;
    if (!isDefault(key, script.target) || key in migration.scripts) values[key] = script.target;
  }
  const { defaultScriptsFolder } = await import('../sandbox/judge.ts');
  try {
    for (const { kind, target: name, bytes } of scripts) {
      const path = join(target, name);
      mkdirSync(dirname(path), { recursive: true });
      replaceFile(path, bytes ?? readFileSync(join(defaultScriptsFolder(), `${kind}script.js`)));
      openLog.log.info('main', `Wrote ${path}`);
    }
    rmSync(configPath, { force: true });
  } catch (cause) {
    if (cause instanceof RunError) throw cause;
    throw new RunError('FOLDER_READ_ONLY', `Cannot write to ${target}: ${fileProblem(cause)}.`, { cause });
  }
  writeInitialConfig(configPath, values);
  openLog.log.info('main', `Wrote ${configPath}`);
}

/** What is doubtful in the new configuration, and what keeps every run from beginning. */
interface Problems {
  readonly warnings: readonly string[];
  readonly errors: readonly string[];
}

/** Says what is wrong or doubtful. */
function tellProblems(configPath: string, original: Original, { openLog }: Session): Problems {
  const { log } = openLog;
  const { leftBehind, migration } = original;
  if (leftBehind.length > 0) {
    log.info(
      'main',
      `Not taken over: ${leftBehind.join(', ')}. Lists and filters of --files and --filter still fit.`,
    );
  }
  const warnings = migration.warnings.map((warning) => `In the original: ${warning}`);
  for (const warning of warnings) log.warn('main', warning);
  try {
    const ours = loadSettings(configPath).warnings;
    for (const warning of ours) log.warn('main', warning);
    return { warnings: [...warnings, ...ours], errors: [] };
  } catch (error) {
    if (!(error instanceof RunError)) throw error;
    const errors = error.message.split('\n');
    for (const line of errors) log.error('main', line);
    log.error('main', `No run is possible until this is corrected in ${configPath}.`);
    return { warnings, errors };
  }
}

/** Asks for both, an empty answer leaves one for later; returns those that are still to be set. */
async function setPasswords(
  configPath: string,
  prompts: Prompts | null,
  session: Session,
): Promise<SecretKey[]> {
  const { log } = session.openLog;
  const missing: SecretKey[] = [];
  for (const key of neededSecrets(configPath)) {
    const password =
      prompts === null ? '' : await prompts.hidden(`${key} (not shown; Enter: later)`, () => true);
    if (password === '') {
      missing.push(key);
      continue;
    }
    session.openLog.redact(password);
    setProperty(
      configPath,
      key,
      await sealPassword(key, password, configPath, OPTIONS['secret.store'].default),
    );
    log.info('main', `The password was encrypted and written to ${key} in ${configPath}`);
  }
  for (const key of missing) {
    log.info('main', `Next: ${PASSWORD_COMMANDS[key]} --config ${quoted(configPath)}`);
  }
  return missing;
}

function neededSecrets(configPath: string): readonly SecretKey[] {
  try {
    const anonymous = loadSettings(configPath).settings['ldap.bind.authtype'] === 'NONE';
    return anonymous ? ['scim.password'] : BOTH_PASSWORDS;
  } catch {
    // What is wrong has been told; which passwords are needed does not hang on it.
    return BOTH_PASSWORDS;
  }
}

interface Outlook {
  readonly configPath: string;
  readonly usable: boolean;
  readonly missing: readonly SecretKey[];
  readonly prompts: Prompts | null;
  readonly session: Session;
  /** Whether a person may be asked to compare now: not under `--json`, where a run would have a result of its own. */
  readonly asks: boolean;
}

async function offerComparison({
  configPath,
  usable,
  missing,
  prompts,
  session,
  asks,
}: Outlook): Promise<ExitCode> {
  const { log } = session.openLog;
  const words = ['--full-sync', '--config', configPath];
  const command = `c42uds ${words.map(quoted).join(' ')}`;
  const ready = asks && usable && missing.length === 0 && prompts !== null;
  if (ready && (await isYes(prompts, 'Compare now? A dry run reads both sides and writes nothing'))) {
    const comparison = interpretArguments(words, session.version);
    if (comparison.command === 'SYNC') {
      const { synchronize } = await import('./sync-command.ts');
      return synchronize(comparison, session);
    }
  }
  log.info('main', `Then compare, which writes nothing: ${command}`);
  log.info('main', 'Stop the schedule of the original before the first run with --sync-now.');
  return usable ? EXIT_CODES.DONE : EXIT_CODES.USAGE;
}

function quoted(word: string): string {
  return /^[\w./:\\-]+$/.test(word) ? word : `"${word}"`;
}
