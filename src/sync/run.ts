/** One run, told in its order: check, collect, compare, guard, apply, remember. A newcomer reads this file first. */

import { EXIT_CODES, RunError, type ExitCode } from '../model/errors.ts';
import type { Change } from '../model/plan.ts';
import type { Directory, Judge, Log, UserReader, UserWriter } from '../model/ports.ts';
import type {
  FailedUser,
  RunObserver,
  RunRequest,
  RunRules,
  RunSummary,
  TrippedGuard,
} from '../model/run.ts';
import type { State } from '../model/state.ts';
import { apply, type Applied } from './apply.ts';
import { collect, isLimited, type Collected } from './collect.ts';
import { compare } from './compare.ts';
import { guard } from './guard.ts';
import { learn } from './learn.ts';
import { preview } from './preview.ts';

export interface RunParts {
  readonly request: RunRequest;
  readonly rules: RunRules;
  readonly directory: Directory;
  readonly judge: Judge;
  readonly reader: UserReader;
  /** `null` in a dry run: then no object that could write to the service exists. */
  readonly openWriter: (() => UserWriter) | null;
  readonly state: State;
  readonly log: Log;
  readonly observer: RunObserver;
  /** Given the plan of the run, before anything of it is applied; for `--plan`. */
  readonly exportPlan?: (planId: string, changes: Iterable<Change>) => void;
  /** Aborted, with a RunError as its reason, to interrupt the run: requests in flight finish, nothing else starts. */
  readonly signal: AbortSignal;
}

/**
 * Runs once.
 * @throws RunError when the run itself fails or is interrupted; a user's failure is part of the summary
 */
export async function run(parts: RunParts): Promise<RunSummary> {
  const startedAt = new Date();
  const startedMs = performance.now();
  const { observer, state } = parts;

  observer.stage('CHECK');
  const facts = await parts.directory.check();
  await parts.reader.check();

  observer.stage('COLLECT');
  const collected = await collect(parts, facts);
  parts.signal.throwIfAborted();

  observer.stage('COMPARE');
  await learn(parts);
  compareAll(parts, collected);

  observer.stage('GUARD');
  const { guards, planId, stopped } = guardPlan(parts, collected);
  parts.exportPlan?.(planId, state.changes(['CREATE', 'UPDATE', 'REACTIVATE', 'DEACTIVATE']));

  let applied: Applied | null = null;
  if (parts.openWriter === null) {
    preview(parts, collected);
  } else if (!stopped) {
    observer.stage('APPLY');
    applied = await apply(parts, parts.openWriter());
    observer.stage('REMEMBER');
    remember(parts, collected);
  }
  const failures = [...collected.unusable, ...failuresBeforeSending(state), ...(applied?.failures ?? [])];
  const waiting = isLimited(parts) ? [] : [...state.waitingFailures()];

  const summary: RunSummary = {
    request: parts.request,
    verdict: collected.verdict,
    planned: state.planned(),
    confirmed: applied?.confirmed ?? { CREATE: 0, UPDATE: 0, REACTIVATE: 0, DEACTIVATE: 0, NONE: 0 },
    adopted: applied?.adopted ?? 0,
    failures,
    waiting,
    guards,
    planId,
    namesNotFound: collected.namesNotFound,
    requests: parts.reader.requests(),
    durationMs: performance.now() - startedMs,
    exitCode: exitCodeOf(stopped, collected, failures.length + waiting.length),
  };
  if (parts.openWriter !== null) record(parts, summary, startedAt);
  return summary;
}

function compareAll(parts: RunParts, collected: Collected): void {
  const { rules, request, state, log } = parts;
  compare(state, {
    scope: request.scope,
    absenceThreshold: absenceCounts(parts, collected) ? rules.deactivateUserThreshold : null,
    onAbsent: (user, missedCount) =>
      log.info(
        'SyncService',
        `${user.confirmed?.userName ?? user.dn} is absent from the search base (${Math.min(missedCount, rules.deactivateUserThreshold)} of ${rules.deactivateUserThreshold}).`,
      ),
  });
}

/** The one place that decides what an incomplete read may not do: nobody is absent from what was not read. */
function absenceCounts({ rules }: RunParts, { verdict, wholeBase }: Collected): boolean {
  return rules.missedUserCheck && wholeBase && verdict.complete;
}

interface GuardVerdict {
  readonly guards: TrippedGuard[];
  readonly planId: string;
  readonly stopped: boolean;
}

function guardPlan(parts: RunParts, collected: Collected): GuardVerdict {
  const { state, log } = parts;
  const approved = parts.request.approve ?? null;
  const guards = guard(parts, collected);
  const planId = state.planId();
  if (approved === null && guards.length === 0) return { guards, planId, stopped: false };
  if (approved === planId) {
    log.warn('SyncService', `Plan ${planId} goes past ${guards.length} guards: it was approved.`);
    return { guards, planId, stopped: false };
  }
  if (approved !== null) guards.push(movedSince(approved, planId, state));
  // Stored so that an approval of this plan can be told what has moved since.
  if (parts.openWriter !== null) state.storePlan(planId);
  return { guards, planId, stopped: true };
}

function movedSince(approved: string, planId: string, state: State): TrippedGuard {
  const drift = state.planDrift(approved);
  const what =
    drift === null
      ? 'no plan of that id has been stopped here'
      : [
          ...drift.added.map((user) => `${user} came in`),
          ...drift.gone.map((user) => `${user} dropped out`),
          ...drift.changed.map((user) => `${user} changes otherwise`),
        ].join(', ');
  const message = `Plan ${approved} was approved, but the plan is ${planId} now: ${what}.`;
  const users = drift === null ? [] : [...drift.added, ...drift.gone, ...drift.changed];
  return { property: '--approve', message, users };
}

function* failuresBeforeSending(state: State): Iterable<FailedUser> {
  for (const { identity, userName, dn, failure } of state.failures()) {
    const { since, attempts } = state.failureOf(identity) ?? {};
    const age = since === undefined || attempts === undefined ? {} : { since, attempts };
    yield { user: userName ?? dn, failure, ...age };
  }
}

function remember(parts: RunParts, collected: Collected): void {
  const { state } = parts;
  const { verdict } = collected;
  for (const user of [...state.failures()]) state.fail(user, user.failure);
  state.remember({
    watermark: verdict.complete && !isLimited(parts) ? verdict.watermark : null,
    countAbsence: absenceCounts(parts, collected),
    retriedEverybody: verdict.complete && collected.retriedEverybody,
    sentEverybody: verdict.complete && !isLimited(parts) && parts.request.scope === 'FULL',
  });
}

function record(parts: RunParts, summary: RunSummary, startedAt: Date): void {
  const before = parts.state.latestRunStart();
  const sinceMs = before === null ? Infinity : startedAt.getTime() - before.getTime();
  if (summary.durationMs > sinceMs) {
    const minutes = (ms: number): string => (ms / 60_000).toFixed(1);
    parts.log.warn(
      'SyncService',
      `This run took ${minutes(summary.durationMs)} minutes, longer than the ${minutes(sinceMs)} between its start and that of the run before: schedule runs further apart.`,
    );
  }
  parts.state.record({
    mode: summary.request.mode,
    scope: summary.request.scope,
    startedAt: startedAt.toISOString(),
    durationMs: summary.durationMs,
    exitCode: summary.exitCode,
    counts: { ...summary.confirmed, failed: summary.failures.length, read: summary.verdict.entryCount },
  });
}

function exitCodeOf(stopped: boolean, collected: Collected, failed: number): ExitCode {
  if (stopped) return EXIT_CODES.GUARD;
  if (!collected.verdict.complete) return EXIT_CODES.DIRECTORY;
  if (failed > 0 || collected.namesNotFound.length > 0) return EXIT_CODES.USERS_FAILED;
  return EXIT_CODES.DONE;
}

/** The reason to abort a run with. */
export function interruption(signalName: 'SIGINT' | 'SIGTERM'): RunError {
  return new RunError(
    signalName === 'SIGINT' ? 'INTERRUPTED' : 'TERMINATED',
    `The run was interrupted by ${signalName}. Everything that was confirmed is remembered.`,
  );
}
