/** The state port: what c42uds remembers between runs, and the scratch tables of the run in progress. */

import type { Decision } from './decision.ts';
import type { Failure } from './failure.ts';
import type { Change, ChangeKind } from './plan.ts';
import type { Watermark } from './ports.ts';
import type { UserResource } from './user.ts';

/** A user that the service has confirmed, or that has failed so far. */
export interface KnownUser {
  readonly identity: string;
  readonly dn: string;
  readonly managerDn: string | null;
  /** `null` while the service has never confirmed the user. */
  readonly scimId: string | null;
  readonly confirmed: UserResource | null;
  readonly missedCount: number;
  readonly failure: Failure | null;
}

/** A user that this run has read and judged. */
export interface DesiredUser {
  readonly identity: string;
  readonly dn: string;
  readonly managerDn: string | null;
  readonly userName: string | null;
  readonly decision: Decision | null;
  /** `manager` is not set yet: it is known only when the whole directory has been read. */
  readonly resource: UserResource | null;
  readonly failure: Failure | null;
}

/** One row of the comparison: what we want of a user beside what we know of him. */
export interface Comparison {
  readonly desired: DesiredUser;
  readonly known: KnownUser | null;
  readonly manager: ManagerLink;
}

/** Where a user's manager stands: nobody, somebody with an id, or somebody whom this run may create. */
export type ManagerLink =
  | { readonly kind: 'NONE' }
  | { readonly kind: 'KNOWN'; readonly scimId: string }
  | { readonly kind: 'AWAITED'; readonly identity: string };

export interface RunCounts {
  readonly read: number;
  readonly created: number;
  readonly updated: number;
  readonly deactivated: number;
  readonly reactivated: number;
  readonly unchanged: number;
  readonly failed: number;
}
export type { Change, ChangeKind, Watermark };
