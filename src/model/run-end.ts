/** How a live run ended, in numbers: what is told to other programs. No user is named in it. */

import type { ErrorCode, ExitCode } from './errors.ts';
import type { ChangeKind } from './plan.ts';

export interface RunEnd {
  /** Of this form; raised when a field changes its meaning. */
  readonly version: 1;
  readonly program: string;
  readonly host: string;
  /** Path of the configuration. */
  readonly configuration: string;
  readonly scope: 'INCREMENTAL' | 'FULL';
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly durationMs: number;
  readonly exitCode: ExitCode;
  /** The name of the exit code: DONE, USERS_FAILED, GUARD… */
  readonly outcome: string;
  /** The error that ended the run; `null` where none did. Its text may name a user, so it stays in the log. */
  readonly error: ErrorCode | 'UNEXPECTED' | null;
  /** Whether the directory was read to its end; `null` where the run did not come so far. */
  readonly complete: boolean | null;
  readonly read: number;
  readonly confirmed: Readonly<Record<ChangeKind, number>>;
  readonly adopted: number;
  readonly failed: number;
  /** Failed before, and not yet to be tried again. */
  readonly waiting: number;
  /** The properties of the safety limits that the plan breaks. */
  readonly guards: readonly string[];
  /** Under this id the plan can be approved; `null` where there was none. */
  readonly planId: string | null;
  readonly requests: Readonly<Record<string, number>>;
  readonly certificates: CertificateEnds;
}

/** When the TLS certificates end, ISO 8601, UTC; `null` where none was seen: the server was not reached, or not by TLS. */
export interface CertificateEnds {
  readonly directory: string | null;
  readonly service: string | null;
}
