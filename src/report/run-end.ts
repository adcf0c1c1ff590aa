/** How a live run ended, in numbers: what is told to other programs. No user is named in it. */

import type { ExitCode } from '../model/errors.ts';
import { SCHEMA_VERSION, type Counts, type RunResult, type RunVerdict } from './run-result.ts';

/** `docs/schemas/run-end.json`. A member that `docs/schemas/run.json` has, too, means the same there. */
export interface RunEnd {
  readonly type: 'runEnd';
  readonly schemaVersion: number;
  /** Of c42uds. */
  readonly version: string;
  /** On each line of this run in the log files, in its reports and in the history. */
  readonly runId: string;
  readonly host: string;
  /** Path of the configuration. */
  readonly configuration: string;
  readonly mode: 'DRY' | 'LIVE';
  readonly scope: 'INCREMENTAL' | 'FULL';
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly durationMs: number;
  readonly verdict: RunVerdict;
  readonly exitCode: ExitCode;
  /** The error that ended the run; `null` where none did. Its text may name a user, so it stays in the log. */
  readonly error: { readonly code: string } | null;
  /** `null` where the run did not come to the end of its read. */
  readonly read: { readonly complete: boolean; readonly entries: number } | null;
  readonly planned: Counts | null;
  readonly confirmed: Counts;
  readonly adopted: number;
  /** Of the updates: users whom a full sync sends again though nothing differs; `null` where it is not known. */
  readonly resent: RunResult['resent'];
  /** How many users failed in this run. */
  readonly failedUsers: number;
  /** How many failed before, and are not yet to be tried again. */
  readonly waitingUsers: number;
  /** The safety limits that the plan breaks, and how many users each is about. */
  readonly guards: readonly { readonly property: string; readonly userCount: number }[];
  /** Under this id the plan can be approved; `null` where there was none. */
  readonly planId: string | null;
  readonly requests: Readonly<Record<string, number>>;
  readonly certificates: CertificateEnds;
}

/**
 * When the TLS certificates end, the first of each chain that was shown; ISO 8601, UTC. `null` where none was seen: the
 * server was not reached, or not by TLS.
 */
export interface CertificateEnds {
  readonly directory: string | null;
  readonly service: string | null;
}

const NOTHING: Counts = { CREATE: 0, UPDATE: 0, REACTIVATE: 0, DEACTIVATE: 0, NONE: 0 };

/** The result of a run without whatever may name a user. */
export function runEnd(
  result: RunResult,
  { host, configuration, certificates }: Pick<RunEnd, 'host' | 'configuration' | 'certificates'>,
): RunEnd {
  const { version, runId, mode, scope, startedAt, durationMs, verdict, exitCode, error, read } = result;
  return {
    type: 'runEnd',
    schemaVersion: SCHEMA_VERSION,
    version,
    runId,
    host,
    configuration,
    mode,
    scope,
    startedAt,
    durationMs,
    verdict,
    exitCode,
    error: error === null ? null : { code: error.code },
    read: read === null ? null : { complete: read.complete, entries: read.entries },
    planned: result.planned,
    confirmed: result.confirmed ?? NOTHING,
    adopted: result.adopted,
    resent: result.resent,
    failedUsers: result.failures.length,
    waitingUsers: result.waiting.length,
    guards: result.guards.map(({ property, userCount }) => ({ property, userCount })),
    planId: result.planId,
    requests: result.requests,
    certificates,
  };
}
