/** `c42uds state check`, `restore` and `rebuild`: the way out when the state file is in doubt. */

import { resolve } from 'node:path';
import { EXIT_CODES, RunError, type ExitCode } from '../model/errors.ts';
import type { Settings } from '../config/options.ts';
import type { StateReport } from '../local/state-inspection.ts';
import { SCHEMA_VERSION } from '../report/run-result.ts';
import { openServiceOf } from './adapters.ts';
import { configurationPath, openConfiguration } from './configuration.ts';
import type { StateInvocation, StateRestoreInvocation } from './invocation.ts';
import { openPasswords } from './passwords.ts';
import type { Session } from './session.ts';

/** @throws RunError STATE_DAMAGED and the like for a check; LOCKED, SERVICE_UNREACHABLE and the like for a rebuild */
export async function lookAfterState(invocation: StateInvocation, session: Session): Promise<ExitCode> {
  const loaded = openConfiguration(configurationPath(invocation.configPath, session), session);
  if (invocation.action === 'CHECK') return check(loaded.settings, session);
  if (invocation.action === 'RESTORE') return restore(invocation, loaded.settings, session);
  const { scimPassword } = await openPasswords(loaded, session.openLog);
  return rebuild(loaded.settings, scimPassword, session);
}

async function check(settings: Settings, { openLog, results }: Session): Promise<ExitCode> {
  const { inspectState } = await import('../local/state-inspection.ts');
  const { generationsOf } = await import('../local/state-generations.ts');
  const path = settings['state.location'];
  const say = (text: string): void => openLog.log.info('main', text);
  let report;
  try {
    report = inspectState(path);
  } catch (error) {
    const latest = generationsOf(path).at(-1);
    if (!(error instanceof RunError) || error.code !== 'STATE_DAMAGED' || latest === undefined) throw error;
    throw new RunError(error.code, error.message, {
      fix: `Put the latest copy back with c42uds state restore ${latest}, or begin anew with c42uds state rebuild.`,
      cause: error,
    });
  }
  results.print({ type: 'stateCheck', schemaVersion: SCHEMA_VERSION, state: path, file: fileFacts(report) });
  if (report === null) {
    say(`There is no state file at ${path} yet: the next run reads everybody.`);
    return EXIT_CODES.DONE;
  }
  say(`The state file ${path} is whole (${(report.sizeBytes / 1e6).toFixed(1)} MB).`);
  say(`  service          ${report.service ?? 'none yet'}`);
  say(`  latest live run  ${report.latestRun ?? 'none yet'}`);
  say(`  users known      ${report.known}, ${report.active} of them active`);
  say(`  failing          ${report.failed}`);
  say(`  absent           ${report.absent}`);
  for (const copy of report.copies) say(`  copy             ${copy}`);
  return EXIT_CODES.DONE;
}

/** Without the path, which stands beside it. */
function fileFacts(report: StateReport | null): Omit<StateReport, 'path'> | null {
  if (report === null) return null;
  const { sizeBytes, whole, service, latestRun, known, active, failed, absent, copies } = report;
  return { sizeBytes, whole, service, latestRun, known, active, failed, absent, copies };
}

async function restore(
  invocation: StateRestoreInvocation,
  settings: Settings,
  session: Session,
): Promise<ExitCode> {
  const { log } = session.openLog;
  const { acquireRunLock } = await import('../local/run-lock.ts');
  const { runMarkOf } = await import('../local/run-mark.ts');
  const { restoreState } = await import('../local/state-restore.ts');
  const statePath = settings['state.location'];
  const copy = resolve(session.cwd, invocation.copy);
  const lock = acquireRunLock(`${statePath}.lock`);
  let restored;
  try {
    const order = { copy, statePath, service: settings['scim.baseurl'], mark: runMarkOf(statePath) };
    restored = restoreState({ ...order, now: new Date() });
  } finally {
    lock.release();
  }
  const { holds, aside } = restored;
  if (aside !== null) log.info('main', `The state file was moved to ${aside}.`);
  log.info(
    'main',
    `${copy} was put in its place: it knows ${holds.known} users, ${holds.active} of them active, as after the live run of ${holds.latestRun ?? 'no day that it remembers'}.`,
  );
  log.info(
    'main',
    holds.known === 0
      ? 'It knows of nobody: the next run, dry or live, reads everybody and learns the users from the service.'
      : 'The next run, dry or live, takes it for an older copy: it reads everybody and the list of the service. Live it sends everybody again, and counts absence from zero.',
  );
  const { known, active, latestRun } = holds;
  const facts = { state: statePath, copy, aside, known, active, latestRun };
  session.results.print({ type: 'stateRestored', schemaVersion: SCHEMA_VERSION, ...facts });
  return EXIT_CODES.DONE;
}

async function rebuild(settings: Settings, password: string, session: Session): Promise<ExitCode> {
  const { log } = session.openLog;
  const { acquireRunLock } = await import('../local/run-lock.ts');
  const { setStateAside } = await import('../local/state-aside.ts');
  const path = settings['state.location'];
  const lock = acquireRunLock(`${path}.lock`);
  const service = await openServiceOf(settings, password, [], session);
  try {
    // First that the service answers: without it nothing could be learned, and the old file is better than none.
    await service.reader.check();
    const held = await service.reader.count();
    if (held === null) {
      throw new RunError('SERVICE_REFUSED', `${settings['scim.baseurl']} does not list its users.`, {
        fix: 'Delete the state file yourself: each user is then found one by one when he is created again.',
      });
    }
    const aside = setStateAside(path, new Date());
    log.info(
      'main',
      aside === null ? `There was no state file at ${path}.` : `The state file was moved to ${aside}.`,
    );
    log.info(
      'main',
      `The service holds ${held} users. The next run, dry or live, learns them from its list.`,
    );
    const facts = { state: path, aside, usersAtService: held };
    session.results.print({ type: 'stateRebuilt', schemaVersion: SCHEMA_VERSION, ...facts });
    return EXIT_CODES.DONE;
  } finally {
    lock.release();
    await service.close();
  }
}
