/** A run, dry or live: gathers what the engine needs, lets it run, and shows what came of it. */

import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import type { Settings } from '../config/options.ts';
import type { OpenState } from '../local/state.ts';
import { RunError, type ExitCode } from '../model/errors.ts';
import { managedAttributes, type RunRequest, type RunSummary } from '../model/run.ts';
import { changedScripts, type ScriptSet } from '../model/scripts.ts';
import type { LiveScripts } from '../model/state.ts';
import { openDirectoryOf, openJudgeOf, openServiceOf, readScriptsOf, secondOpinionOf } from './adapters.ts';
import { attributeSources, type AttributeSources } from '../report/attribute-sources.ts';
import type { FormerScripts, RunParts } from '../sync/run-parts.ts';
import { RunAccount } from './run-account.ts';
import { configurationPath, openConfiguration } from './configuration.ts';
import { flagsOf } from './invocation.ts';
import type { SyncInvocation } from './invocation.ts';
import { openPasswords } from './passwords.ts';
import type { Passwords } from './passwords.ts';
import { openRunOutput } from './run-output.ts';
import type { RunOutput } from './run-output.ts';
import { announceEnd } from './run-end.ts';
import type { SeenCertificates } from './run-end.ts';
import { populationKey, runRules, scopeKey } from './run-rules.ts';
import type { Session } from './session.ts';
import { readFilterFile, readNameFiles } from './user-limits.ts';

/** Runs whose figures a report shows. */
const RUNS_REPORTED = 60;

/**
 * Runs once, or sets up where a person starts c42uds for the first time.
 * @throws RunError when the run itself fails
 */
export async function synchronize(invocation: SyncInvocation, session: Session): Promise<ExitCode> {
  const path = configurationPath(invocation.configPath, session);
  if (invocation.mode === 'DRY' && session.interactive && !invocation.json && !existsSync(path)) {
    const { setUp } = await import('./setup-command.ts');
    return setUp(path, session);
  }
  session.ending.begin();
  const loaded = openConfiguration(path, session);
  session.openLog.log.info('main', announcement(invocation, path));
  const { settings } = loaded;
  const sources = attributeSources(settings);
  const account = new RunAccount(invocation, settings, sources, session);
  const certificates: SeenCertificates = { directoryEndsMs: null, serviceEndsMs: null };
  const tellOthers = async (): Promise<void> => {
    const { result } = account;
    if (invocation.mode === 'LIVE' && result !== null)
      await announceEnd(result, certificates, loaded, session);
  };
  try {
    const passwords = await openPasswords(loaded, session.openLog);
    const request = await requestOf(invocation, session);
    const task = { invocation, request, settings, sources, passwords, session, account, certificates };
    const summary = await runShown(task);
    await tellOthers();
    return summary.exitCode;
  } catch (error) {
    const reason: unknown = session.signal.aborted ? session.signal.reason : error;
    account.endedEarly(reason);
    await tellOthers();
    throw error;
  } finally {
    account.discard();
  }
}

async function runShown(task: Omit<Task, 'output'>): Promise<RunSummary> {
  const { invocation, request, sources, session } = task;
  const { json, quiet } = invocation;
  const output = openRunOutput(request, session.terminal, session.openLog, { json, quiet, sources });
  try {
    const summary = await runLocked({ ...task, output });
    output.end();
    output.summarize(summary, flagsOf(invocation));
    return summary;
  } catch (error) {
    output.end();
    output.summarizeStopped(session.signal.aborted);
    throw error;
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

/** One run and all that it needs. */
export interface Task {
  readonly invocation: SyncInvocation;
  readonly request: RunRequest;
  /** The scripts to judge with; absent: those of the configuration, as they are now. */
  readonly scripts?: ScriptSet;
  readonly settings: Settings;
  readonly sources: AttributeSources;
  readonly passwords: Passwords;
  readonly session: Session;
  readonly output: Pick<RunOutput, 'observer'> & Partial<Pick<RunOutput, 'noteDoubt'>>;
  readonly account: RunAccount;
  /** To be filled with what is seen of the servers' certificates; absent: nobody asks. */
  readonly certificates?: SeenCertificates;
}

/** A dry run takes no lock: it writes nothing, and reads a state that is whole at any moment. */
async function runLocked(task: Task): Promise<RunSummary> {
  if (task.request.mode === 'DRY') return runOnce(task);
  const { settings, session } = task;
  const { acquireRunLock } = await import('../local/run-lock.ts');
  const lock = acquireRunLock(`${settings['state.location']}.lock`);
  try {
    await keepCopy(settings, session);
    return await runOnce(task);
  } catch (error) {
    // A full disk or a locked file shows at whatever statement comes next.
    const { explained } = await import('../local/state-file.ts');
    throw explained(error, settings['state.location']);
  } finally {
    lock.release();
  }
}

async function keepCopy(settings: Settings, { openLog }: Session): Promise<void> {
  const { keepGeneration } = await import('../local/state-generations.ts');
  try {
    const copy = keepGeneration(settings['state.location'], settings['state.keep'], new Date());
    if (copy !== null) openLog.log.debug('main', `The state file was copied to ${copy}`);
  } catch (error) {
    // The copy reads the file from end to end: damage that the run itself would meet late, or not at all, shows here.
    const { explained } = await import('../local/state-file.ts');
    const cause = explained(error, settings['state.location']);
    if (cause instanceof RunError && cause.code === 'STATE_DAMAGED') throw cause;
    // A full disk must not keep leavers' accounts open.
    openLog.log.warn('main', `No copy of the state file could be kept: ${String(error)}`);
  }
}

/** Opens everything, runs, and closes everything; for dry runs, which need no lock. @throws RunError */
export async function runOnce(task: Task): Promise<RunSummary> {
  const { settings, passwords, session, output, account } = task;
  const { log } = session.openLog;
  await using closing = new AsyncDisposableStack();
  // Read once: what is judged with, what decides whether everybody is read, and what is kept are the same texts.
  const scripts = task.scripts ?? (await readScriptsOf(settings));
  const state = await openStateOf(task, scripts);
  closing.defer(() => {
    state.close();
  });
  const request = state.doubt !== null ? { ...task.request, scope: 'FULL' as const } : task.request;
  if (state.doubt !== null) output.noteDoubt?.();
  // The scripts before the network: a syntax error should not wait for a server.
  const judge = await openJudgeOf(settings, scripts, session);
  closing.defer(() => judge.close());
  const former = await openFormer(state.liveScripts(), scripts, task);
  closing.defer(() => former?.judge.close());
  const seen = task.certificates;
  const directory = await openDirectoryOf(settings, passwords.bindPassword, session, (endsMs) => {
    if (seen !== undefined) seen.directoryEndsMs = endsMs;
  });
  closing.defer(() => directory.close());
  const orgs = state.organizations();
  const service = await openServiceOf(settings, passwords.scimPassword, orgs, session, (endsMs) => {
    if (seen !== undefined) seen.serviceEndsMs = endsMs;
  });
  closing.defer(() => service.close());
  const { run } = await import('../sync/run.ts');
  // Awaited here: without it the adapters would be closed before the run has begun.
  const summary = await run({
    request,
    rules: runRules(settings),
    directory,
    judge,
    ...(former === null ? {} : { former }),
    ...(request.mode === 'DRY' ? { secondOpinion: secondOpinionOf(settings, scripts, session) } : {}),
    reader: service.reader,
    openWriter: request.mode === 'LIVE' ? () => service.openWriter() : null,
    state,
    log,
    observer: {
      ...output.observer,
      preview(preview) {
        output.observer.preview(preview);
        account.preview(preview);
      },
    },
    exportPlan: await planExport(task),
    signal: session.signal,
  });
  account.ended(summary, state.runs.latest(RUNS_REPORTED));
  return summary;
}

/** The scripts of the last live run for everybody, ready to judge; `null` where they are the same, or fit to judge no more. */
async function openFormer(
  live: LiveScripts | null,
  scripts: ScriptSet,
  { settings, session }: Task,
): Promise<FormerScripts | null> {
  if (live === null) return null;
  const changed = changedScripts(live.scripts, scripts);
  if (changed.length === 0) return null;
  try {
    const judge = await openJudgeOf(settings, live.scripts, session);
    return { judge, changedScripts: changed.map((kind) => scripts[kind].name), since: live.since };
  } catch (error) {
    if (!(error instanceof RunError)) throw error;
    session.openLog.log.warn(
      'ScriptService',
      `What the edited scripts change cannot be told, because those of the last live run do not load: ${error.message}`,
    );
    return null;
  }
}

async function openStateOf(
  { invocation, request, settings, sources, session }: Task,
  scripts: ScriptSet,
): Promise<OpenState> {
  const { log } = session.openLog;
  const { openState } = await import('../local/state.ts');
  const { runMarkOf } = await import('../local/run-mark.ts');
  const path = settings['state.location'];
  const state = openState({
    path,
    mode: request.mode,
    service: settings['scim.baseurl'],
    scopeKey: scopeKey(settings, scripts),
    populationKey: populationKey(settings),
    configuration: basename(configurationPath(invocation.configPath, session)),
    managed: managedAttributes(runRules(settings).mapping),
    scripts,
    mark: runMarkOf(path),
    runId: session.openLog.runId,
    history: { days: settings['state.history.days'], sensitive: sources.sensitive },
  });
  if (state.otherConfiguration !== null) {
    log.warn(
      'main',
      `${path} was last used with ${state.otherConfiguration}. If both are in use, set state.location in one of them: with one state each takes the other's people for absent.`,
    );
  }
  if (state.doubt !== null) {
    log.warn('main', `${state.doubt}: every user is read and sent again.`);
  } else if (state.readsAnewBecause !== null && request.scope === 'INCREMENTAL') {
    log.info('main', `Every user is read: ${state.readsAnewBecause}.`);
  } else if (request.scope === 'INCREMENTAL' && state.watermark() === null) {
    log.info('main', 'No complete live run with these settings to go on from: every user is read.');
  }
  return state;
}

type PlanExport = NonNullable<RunParts['exportPlan']>;

async function planExport({ invocation, request, sources, session, account }: Task): Promise<PlanExport> {
  const { planFile } = invocation;
  const { exportPlan } = await import('./plan-export.ts');
  const { planLines } = await import('../report/plan-file.ts');
  return ({ planId, stopped, changes, absent }) => {
    const { mode, scope } = request;
    if (planFile !== null) {
      const header = { planId, mode, scope, madeAt: new Date().toISOString() };
      exportPlan(planFile, session.cwd, planLines(header, changes(), absent(), sources));
      session.openLog.log.info('main', `The plan ${planId} was written to ${planFile}`);
    }
    if (stopped && mode === 'LIVE') account.stopped(changes());
  };
}
