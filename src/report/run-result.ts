/** A run as one JSON object: its verdict and its figures, for `--json` and for every report. */

import { EXIT_CODES, RunError, type ExitCode } from '../model/errors.ts';
import type { ScriptImpact } from '../model/impact.ts';
import type { Instability } from '../model/instability.ts';
import type { ChangeKind } from '../model/plan.ts';
import type { FailedUser, RunCost, RunEstimate, RunSummary } from '../model/run.ts';
import type { RunRecord } from '../model/run-log.ts';

/** Raised when a member changes its meaning or goes; new members may come without. */
export const SCHEMA_VERSION = 1;

/** What is known of a run before it begins. */
export interface RunHead {
  /** Of c42uds. */
  readonly version: string;
  /** On each line of this run in the log files. */
  readonly runId: string;
  readonly mode: 'DRY' | 'LIVE';
  readonly scope: 'INCREMENTAL' | 'FULL';
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly directory: string;
  readonly baseDn: string;
  readonly service: string;
  /** The file of `--filter`, and those of `--files`. */
  readonly filterFile: string | null;
  readonly nameFiles: readonly string[] | null;
}

/** What a run is, in one word. */
export type RunVerdict =
  | 'PLAN_READY'
  | 'NOTHING_TO_DO'
  | 'SYNCHRONIZED'
  | 'USERS_FAILED'
  | 'READ_INCOMPLETE'
  | 'STOPPED_BY_GUARD'
  | 'ENDED_EARLY';

export type Counts = Readonly<Record<ChangeKind, number>>;

/** A run as `docs/schemas/run.json` has it. Of a run that ended early only what is known of it. */
export interface RunResult extends RunHead {
  readonly schemaVersion: number;
  readonly type: 'run';
  readonly verdict: RunVerdict;
  readonly exitCode: ExitCode;
  readonly durationMs: number;
  readonly planId: string | null;
  readonly read: {
    readonly complete: boolean;
    readonly entries: number;
    readonly reason: string | null;
  } | null;
  readonly planned: Counts | null;
  readonly confirmed: Counts | null;
  readonly adopted: number;
  /** Of the updates: users whom a full sync sends again though nothing differs; `null` where it is not known. */
  readonly resent: { readonly planned: number; readonly confirmed: number } | null;
  readonly failures: readonly FailureResult[];
  readonly waiting: readonly (FailureResult & { readonly retryAt: string })[];
  readonly guards: RunSummary['guards'];
  readonly headroom: RunSummary['headroom'];
  readonly estimate: RunEstimate | null;
  readonly namesNotFound: readonly string[];
  readonly requests: Readonly<Record<string, number>>;
  readonly cost: RunCost | null;
  /** What edited scripts have to do with it; `null` where they are those of the last live run for everybody. */
  readonly scriptImpact: ScriptImpact | null;
  /** Scripts that do not decide by the entry alone, as far as a dry run has asked. */
  readonly instabilities: readonly Instability[];
  readonly error: Omit<ErrorFacts, 'exitCode'> | null;
}

/** An error that has ended a run, as JSON has it. */
export interface ErrorFacts {
  readonly exitCode: ExitCode;
  readonly code: string;
  readonly message: string;
  readonly fix: string;
}

/** @param redacted takes secrets out of a text */
export function errorFacts(error: unknown, redacted: (text: string) => string): ErrorFacts {
  if (error instanceof RunError) {
    const { exitCode, code, message, fix } = error;
    return { exitCode, code, message: redacted(message), fix };
  }
  const fix = 'It is a bug in c42uds: please report it with the log file.';
  return { exitCode: EXIT_CODES.UNEXPECTED, code: 'UNEXPECTED', message: redacted(String(error)), fix };
}

export interface FailureResult {
  readonly user: string;
  readonly dn: string | null;
  /** `null` of an entry that has none. */
  readonly identity: string | null;
  readonly stage: string;
  readonly message: string;
  /** ISO 8601, UTC; `null` where nothing is remembered of it. */
  readonly since: string | null;
  readonly attempts: number | null;
}

export function runResult(head: RunHead, summary: RunSummary): RunResult {
  const { verdict, exitCode, durationMs, planId, planned, confirmed, adopted } = summary;
  return {
    type: 'run',
    schemaVersion: SCHEMA_VERSION,
    ...head,
    scope: summary.request.scope,
    verdict: verdictOf(summary),
    exitCode,
    durationMs: Math.round(durationMs),
    planId,
    read: {
      complete: verdict.complete,
      entries: verdict.entryCount,
      reason: verdict.complete ? null : verdict.reason,
    },
    planned,
    confirmed,
    adopted,
    resent: summary.resent ?? null,
    failures: summary.failures.map(failureResult),
    waiting: summary.waiting.map((one) => ({ ...failureResult(one), retryAt: one.retryAt })),
    guards: summary.guards,
    headroom: summary.headroom,
    namesNotFound: summary.namesNotFound,
    requests: summary.requests,
    estimate: summary.estimate ?? null,
    cost: summary.cost === undefined ? null : inWholeMs(summary.cost),
    scriptImpact: summary.scriptImpact ?? null,
    instabilities: summary.instabilities ?? [],
    error: null,
  };
}

function inWholeMs({ stagesMs, scripts, ...cost }: RunCost): RunCost {
  const stages = Object.entries(stagesMs).map(([stage, ms]) => [stage, Math.round(ms)]);
  return {
    stagesMs: Object.fromEntries(stages) as RunCost['stagesMs'],
    scripts: scripts && { ...scripts, ms: Math.round(scripts.ms) },
    ...cost,
  };
}

/**
 * The result of a run that an error has ended.
 * @param confirmed what the service had confirmed until then
 */
export function endedEarly(
  head: RunHead,
  { exitCode, ...error }: ErrorFacts,
  durationMs: number,
  confirmed: Counts,
): RunResult {
  return {
    type: 'run',
    schemaVersion: SCHEMA_VERSION,
    ...head,
    verdict: 'ENDED_EARLY',
    exitCode,
    durationMs: Math.round(durationMs),
    planId: null,
    read: null,
    planned: null,
    confirmed,
    adopted: 0,
    resent: null,
    failures: [],
    waiting: [],
    guards: [],
    headroom: [],
    namesNotFound: [],
    requests: {},
    estimate: null,
    cost: null,
    scriptImpact: null,
    instabilities: [],
    error,
  };
}

function failureResult({ user, dn, identity, failure, since, attempts }: FailedUser): FailureResult {
  return {
    user,
    dn,
    identity,
    stage: failure.stage,
    message: failure.message,
    since: since ?? null,
    attempts: attempts ?? null,
  };
}

function verdictOf({ request, exitCode, planned, verdict }: RunSummary): RunVerdict {
  if (exitCode === EXIT_CODES.GUARD) return 'STOPPED_BY_GUARD';
  if (!verdict.complete) return 'READ_INCOMPLETE';
  if (exitCode === EXIT_CODES.USERS_FAILED) return 'USERS_FAILED';
  if (request.mode === 'LIVE') return 'SYNCHRONIZED';
  const changes = planned.CREATE + planned.UPDATE + planned.REACTIVATE + planned.DEACTIVATE;
  return changes === 0 ? 'NOTHING_TO_DO' : 'PLAN_READY';
}

/** An earlier run, in a report's history and in `c42uds history`. */
export interface PastRun {
  /** On each line of the run in the log files; `null` of a run before ids were kept. */
  readonly runId: string | null;
  readonly startedAt: string;
  readonly durationMs: number;
  readonly mode: string;
  readonly scope: string;
  readonly exitCode: number;
  readonly read: number;
  readonly created: number;
  readonly updated: number;
  /** Among the updated: sent again by a full sync though nothing differed; 0 of a run before they were counted. */
  readonly resent: number;
  readonly reactivated: number;
  readonly deactivated: number;
  readonly failed: number;
}

export function pastRun({ runId, startedAt, durationMs, mode, scope, exitCode, counts }: RunRecord): PastRun {
  const count = (name: string): number => counts[name] ?? 0;
  return {
    runId,
    startedAt,
    durationMs,
    mode,
    scope,
    exitCode,
    read: count('read'),
    created: count('CREATE'),
    updated: count('UPDATE'),
    resent: count('resent'),
    reactivated: count('REACTIVATE'),
    deactivated: count('DEACTIVATE'),
    failed: count('failed'),
  };
}
