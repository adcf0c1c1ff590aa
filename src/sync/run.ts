/** One run, told in its order: check, collect, compare, guard, apply, remember. A newcomer reads this file first. */

import { EXIT_CODES, RunError, type ExitCode } from '../model/errors.ts';
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

  const failures = [...collected.unusable, ...failuresBeforeSending(state)];
  let applied: Applied | null = null;
  if (parts.openWriter === null) {
    preview(parts, collected);
  } else if (!stopped) {
    observer.stage('APPLY');
    applied = await apply(parts, parts.openWriter());
    failures.push(...applied.failures);
    observer.stage('REMEMBER');
    remember(parts, collected);
  }

  const summary: RunSummary = {
    request: parts.request,
    verdict: collected.verdict,
    planned: state.planned(),
    confirmed: applied?.confirmed ?? { CREATE: 0, UPDATE: 0, REACTIVATE: 0, DEACTIVATE: 0, NONE: 0 },
    adopted: applied?.adopted ?? 0,
    failures,
    guards,
    planId,
    namesNotFound: collected.namesNotFound,
    requests: parts.reader.requests(),
    durationMs: performance.now() - startedMs,
    exitCode: exitCodeOf(stopped, collected, failures),
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
  readonly planId: string | null;
  readonly stopped: boolean;
}

function guardPlan(parts: RunParts, collected: Collected): GuardVerdict {
  const approved = parts.request.approve ?? null;
  const guards = guard(parts, collected);
  if (guards.length === 0 && approved === null) return { guards, planId: null, stopped: false };
  const planId = parts.state.planId();
  if (approved === planId) {
    parts.log.warn('SyncService', `Plan ${planId} goes past ${guards.length} guards: it was approved.`);
    return { guards, planId, stopped: false };
  }
  if (approved !== null) {
    guards.push({
      property: '--approve',
      message: `Plan ${approved} was approved, but the plan is now ${planId}: the directory or the state has moved.`,
      users: [],
    });
  }
  return { guards, planId, stopped: true };
}

function* failuresBeforeSending(state: State): Iterable<FailedUser> {
  for (const { userName, dn, failure } of state.failures()) yield { user: userName ?? dn, failure };
}

function remember(parts: RunParts, collected: Collected): void {
  const { state } = parts;
  const { verdict } = collected;
  for (const user of [...state.failures()]) state.fail(user, user.failure);
  state.remember({
    watermark: verdict.complete && !isLimited(parts) ? verdict.watermark : null,
    countAbsence: absenceCounts(parts, collected),
    retriedEverybody: verdict.complete && collected.retriedEverybody,
  });
}

function record(parts: RunParts, summary: RunSummary, startedAt: Date): void {
  parts.state.record({
    mode: summary.request.mode,
    scope: summary.request.scope,
    startedAt: startedAt.toISOString(),
    durationMs: summary.durationMs,
    exitCode: summary.exitCode,
    counts: { ...summary.confirmed, failed: summary.failures.length, read: summary.verdict.entryCount },
  });
}

function exitCodeOf(stopped: boolean, collected: Collected, failures: readonly FailedUser[]): ExitCode {
  if (stopped) return EXIT_CODES.GUARD;
  if (!collected.verdict.complete) return EXIT_CODES.DIRECTORY;
  if (failures.length > 0 || collected.namesNotFound.length > 0) return EXIT_CODES.USERS_FAILED;
  return EXIT_CODES.DONE;
}

/** The reason to abort a run with. */
export function interruption(signalName: 'SIGINT' | 'SIGTERM'): RunError {
  return new RunError(
    signalName === 'SIGINT' ? 'INTERRUPTED' : 'TERMINATED',
    `The run was interrupted by ${signalName}. Everything that was confirmed is remembered.`,
  );
}
