/** What `c42uds doctor` finds: one result for each step of the real path, in order. */

import type { ErrorCode, ExitCode } from './errors.ts';

/** WARNING: runs work, but not as they should. FAILURE: a run would end with `exitCode`. SKIPPED: another check failed. */
export type CheckStatus = 'OK' | 'WARNING' | 'FAILURE' | 'SKIPPED';

/** The steps of a run, in its order. */
export type CheckStage = 'RUNTIME' | 'FILES' | 'STATE' | 'SECRETS' | 'DIRECTORY' | 'SCRIPTS' | 'SERVICE';

export interface CheckResult {
  /** Names the check for good: programs and documents may rely on it. */
  readonly id: string;
  readonly stage: CheckStage;
  readonly title: string;
  readonly status: CheckStatus;
  /** What was found, without secrets. */
  readonly message: string;
  /** What to do; `null` where there is nothing to do. */
  readonly fix: string | null;
  /** Of a failure; `null` otherwise. */
  readonly error: ErrorCode | 'UNEXPECTED' | null;
  readonly exitCode: ExitCode | null;
  /** Of a skipped check: the id of the check that has to pass first. */
  readonly waitsFor: string | null;
  readonly durationMs: number;
}

export interface Examination {
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly durationMs: number;
  readonly checks: readonly CheckResult[];
  /** That of the first failure; 0 where there is none. */
  readonly exitCode: ExitCode;
}
