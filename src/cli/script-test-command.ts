/** `c42uds script test`: the scripts on one user, or on every case beside them. */

import { writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileProblem } from '../lib/file-problem.ts';
import type { Settings } from '../config/options.ts';
import type { LoadedSettings } from '../config/settings.ts';
import type { Entry } from '../model/entry.ts';
import { EXIT_CODES, RunError, type ExitCode } from '../model/errors.ts';
import type { ScriptTrial } from '../model/scripts.ts';
import { printable } from '../lib/printable.ts';
import { COLOURED, PLAIN } from '../report/palette.ts';
import { SCHEMA_VERSION } from '../report/run-result.ts';
import { trialLines } from '../report/trial-text.ts';
import type { TrialJudge } from '../sandbox/judge.ts';
import { namedFor } from '../sync/traceless.ts';
import { openDirectoryOf, openJudgeOf } from './adapters.ts';
import { configurationPath, openConfiguration } from './configuration.ts';
import type { ScriptTestInvocation } from './invocation.ts';
import { needsBindPassword, openPassword } from './passwords.ts';
import { runCases } from './script-case-run.ts';
import { readScriptsAt, scriptPaths } from './script-drafts.ts';
import type { Session } from './session.ts';
import { findUsers } from './user-lookup.ts';

const MOST_NAMED = 5;
const CASE_NAME = /^[\p{L}\p{N}][\p{L}\p{N}._@-]*$/u;

/**
 * @returns USERS_FAILED where a case, or a script on the user, fails, or the directory holds no such user
 * @throws RunError FILE_INVALID, SCRIPT_INVALID, and for `--user` whatever keeps the directory from being read
 */
export async function testScripts(invocation: ScriptTestInvocation, session: Session): Promise<ExitCode> {
  const { subject, saveCase, draftFolder, configPath } = invocation;
  if (saveCase !== null && !CASE_NAME.test(saveCase)) {
    throw new RunError(
      'COMMAND_LINE',
      `--save-case ${saveCase} is no name for a case: letters, digits, - and _.`,
    );
  }
  const loaded = openConfiguration(configurationPath(configPath, session), session);
  const { settings } = loaded;
  const paths = scriptPaths(settings, draftFolder, session);
  const scripts = await readScriptsAt(paths);
  if (subject.kind === 'ALL') {
    const inForce = scriptPaths(settings, null, session);
    return runCases({ settings, scripts, paths: [paths, inForce], session });
  }
  const judge = await openJudgeOf(settings, scripts, session);
  try {
    const found =
      subject.kind === 'USER'
        ? await entriesOfUser(subject.user, namedFor(judge), loaded, session)
        : [await entryOfFile(resolve(session.cwd, subject.file))];
    const [entry, ...others] = found;
    if (entry === undefined || others.length > 0) {
      printTrial(EXIT_CODES.USERS_FAILED, { found: found.map(({ dn }) => dn) }, session);
      return EXIT_CODES.USERS_FAILED;
    }
    const target = saveCase === null ? null : join(dirname(paths.active), 'cases', `${saveCase}.json`);
    return await tryOn(entry, { judge, settings, target, caseName: saveCase ?? '', session });
  } finally {
    await judge.close();
  }
}

interface Trying {
  readonly judge: TrialJudge;
  readonly settings: Settings;
  /** The file of the case to be saved; `null` for none. */
  readonly target: string | null;
  readonly caseName: string;
  readonly session: Session;
}

async function tryOn(
  entry: Entry,
  { judge, settings, target, caseName, session }: Trying,
): Promise<ExitCode> {
  const { terminal } = session;
  const trials = await judge.tryOn(entry);
  terminal.say(printable(entry.dn));
  for (const line of trialLines(trials, terminal.colours ? COLOURED : PLAIN)) terminal.say(line);
  const fails = trials.some(({ failure }) => failure !== null);
  const exitCode = fails ? EXIT_CODES.USERS_FAILED : EXIT_CODES.DONE;
  if (target !== null) {
    const { makeCase } = await import('../sandbox/script-cases.ts');
    const { json, leftOut } = makeCase(caseName, entry, trials);
    await saveCase(target, json, leftOut, settings, session);
  }
  printTrial(exitCode, { found: [entry.dn], trials, savedCase: target }, session);
  return exitCode;
}

/** As docs/schemas/script-trial.json has it; `found` are the DNs of those who are called so. */
function printTrial(
  exitCode: ExitCode,
  facts: { found: readonly string[]; trials?: readonly ScriptTrial[]; savedCase?: string | null },
  { results }: Session,
): void {
  const { found, trials = [], savedCase = null } = facts;
  const answers = trials.map(({ kind, name: script, answer, failure, durationMs, read, absent, prints }) => {
    return { kind, script, answer, failure, durationMs, read, absent, prints };
  });
  const result = { exitCode, found: found.slice(0, MOST_NAMED), matches: found.length, answers, savedCase };
  results.print({ type: 'scriptTrial', schemaVersion: SCHEMA_VERSION, ...result });
}

async function saveCase(
  target: string,
  json: string,
  leftOut: readonly string[],
  settings: Settings,
  { openLog }: Session,
): Promise<void> {
  const { log } = openLog;
  try {
    await mkdir(dirname(target), { recursive: true });
    // Never over another case, and for nobody else to read: it holds what the directory knows of a person.
    writeFileSync(target, json, { flag: 'wx', mode: 0o600 });
  } catch (cause) {
    const exists = (cause as NodeJS.ErrnoException).code === 'EEXIST';
    const message = exists
      ? `The case ${target} is there already.`
      : `Cannot write ${target}: ${fileProblem(cause)}.`;
    throw new RunError(exists ? 'FILE_INVALID' : 'FOLDER_READ_ONLY', message, {
      ...(exists ? { fix: 'Choose another name, or remove the file first.' } : {}),
      cause,
    });
  }
  const sensitive = settings['ldap.schema.attributes.sensitive'].join(', ');
  log.info('main', `The case was written to ${target}. It holds personal data of this user.`);
  log.info(
    'main',
    `Left out, as ldap.schema.attributes.sensitive says: ${sensitive === '' ? 'nothing' : sensitive}.`,
  );
  if (leftOut.length > 0) log.info('main', `Left out because their values are long: ${leftOut.join(', ')}.`);
}

/** Exactly one where it is clear who is meant; otherwise that is said. */
async function entriesOfUser(
  user: string,
  also: readonly string[],
  loaded: LoadedSettings,
  session: Session,
): Promise<readonly Entry[]> {
  const { settings } = loaded;
  const { log } = session.openLog;
  const password = needsBindPassword(settings)
    ? await openPassword('ldap.bind.password', loaded, session.openLog)
    : null;
  const directory = await openDirectoryOf(settings, password, session);
  try {
    await directory.check();
    const found = await findUsers(directory, user, settings, also);
    if (found.length === 0) {
      log.warn(
        'LdapService',
        `No user "${user}" was found in ${settings['ldap.baseDn']}: correct the name, ldap.baseDn or ldap.search.filter.`,
      );
      return found;
    }
    if (found.length === 1) return found;
    const names = found.slice(0, MOST_NAMED).map(({ dn }) => dn);
    log.warn(
      'LdapService',
      `${found.length} users are called "${user}": ${names.join('; ')}. Name one by its DN.`,
    );
    return found;
  } finally {
    await directory.close();
  }
}

async function entryOfFile(path: string): Promise<Entry> {
  const { entryFromJson, readJson } = await import('../sandbox/script-cases.ts');
  return entryFromJson(await readJson(path), path);
}
