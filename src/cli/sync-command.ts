/** A run, dry or live: gathers what the engine needs, lets it run, and shows what came of it. */

import { existsSync } from 'node:fs';
import type { LoadedSettings } from '../config/settings.ts';
import type { ExitCode } from '../model/errors.ts';
import type { RunRequest, RunSummary } from '../model/run.ts';
import { openDirectoryOf, openJudgeOf, openServiceOf } from './adapters.ts';
import { configurationPath, openConfiguration } from './configuration.ts';
import { flagsOf } from './invocation.ts';
import type { SyncInvocation } from './invocation.ts';
import { openPasswords } from './passwords.ts';
import type { Passwords } from './passwords.ts';
import { openRunOutput } from './run-output.ts';
import type { RunOutput } from './run-output.ts';
import { runRules, scopeKey } from './run-rules.ts';
import type { Session } from './session.ts';
import { readFilterFile, readNameFiles } from './user-limits.ts';

/**
 * Runs once, or sets up where a person starts c42uds for the first time.
 * @throws RunError when the run itself fails
 */
export async function synchronize(invocation: SyncInvocation, session: Session): Promise<ExitCode> {
  const path = configurationPath(invocation.configPath, session);
  if (invocation.mode === 'DRY' && session.interactive && !existsSync(path)) {
    const { setUp } = await import('./setup-command.ts');
    return setUp(path, session);
  }
  const loaded = openConfiguration(path, session);
  session.openLog.log.info('main', announcement(invocation, path));
  const passwords = await openPasswords(loaded, session.openLog);
  const request = await requestOf(invocation, session);
  const output = openRunOutput(request, session.terminal, session.openLog);
  try {
    const summary = await runLocked(request, loaded, passwords, session, output);
    output.end();
    output.summarize(summary, flagsOf(invocation));
    return summary.exitCode;
  } finally {
    output.end();
  }
}

function announcement({ mode, scope }: SyncInvocation, path: string): string {
  const kind = scope === 'FULL' ? 'full' : 'incremental';
  const effect = mode === 'LIVE' ? 'Live' : 'Dry run, nothing is written:';
  return `${effect} ${kind} synchronization with ${path}`;
}

async function requestOf(invocation: SyncInvocation, { cwd }: Session): Promise<RunRequest> {
  const { mode, scope, approve, filterFile, nameFiles } = invocation;
  const userNames = nameFiles === null ? null : readNameFiles(nameFiles, cwd);
  if (filterFile === null) return { mode, scope, approve, extraFilter: null, userNames };
  const { checkFilter } = await import('../ldap/filter-parser.ts');
  const extraFilter = readFilterFile(filterFile, cwd, (filter, source) => {
    checkFilter(filter, 'FILE_INVALID', source);
  });
  return { mode, scope, approve, extraFilter, userNames };
}

/** A dry run takes no lock: it writes nothing, and reads a state that is whole at any moment. */
async function runLocked(
  request: RunRequest,
  loaded: LoadedSettings,
  passwords: Passwords,
  session: Session,
  output: RunOutput,
): Promise<RunSummary> {
  if (request.mode === 'DRY') return runOnce(request, loaded, passwords, session, output);
  const { acquireRunLock } = await import('../local/run-lock.ts');
  const lock = acquireRunLock(`${loaded.settings['state.location']}.lock`);
  try {
    return await runOnce(request, loaded, passwords, session, output);
  } finally {
    lock.release();
  }
}

async function runOnce(
  request: RunRequest,
  { settings }: LoadedSettings,
  passwords: Passwords,
  session: Session,
  output: RunOutput,
): Promise<RunSummary> {
  const { log } = session.openLog;
  await using closing = new AsyncDisposableStack();
  const { openState } = await import('../local/state.ts');
  const state = openState({
    path: settings['state.location'],
    mode: request.mode,
    service: settings['scim.baseurl'],
    scopeKey: scopeKey(settings),
  });
  closing.defer(() => {
    state.close();
  });
  if (state.readsAnewBecause !== null && request.scope === 'INCREMENTAL') {
    log.info('main', `Every user is read: ${state.readsAnewBecause}.`);
  }
  // The scripts before the network: a syntax error should not wait for a server.
  const judge = await openJudgeOf(settings, session);
  closing.defer(() => judge.close());
  const directory = await openDirectoryOf(settings, passwords.bindPassword, session);
  closing.defer(() => directory.close());
  const service = await openServiceOf(settings, passwords.scimPassword, state.organizations(), session);
  closing.defer(() => service.close());
  const { run } = await import('../sync/run.ts');
  // Awaited here: without it the adapters would be closed before the run has begun.
  return await run({
    request,
    rules: runRules(settings),
    directory,
    judge,
    reader: service.reader,
    openWriter: request.mode === 'LIVE' ? () => service.openWriter() : null,
    state,
    log,
    observer: output.observer,
    signal: session.signal,
  });
}
