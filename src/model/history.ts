/** What is remembered of earlier runs and of what they changed, for people who ask later. */

import type { ChangeKind, DeactivationCause } from './plan.ts';
import type { UserAttribute, UserResource } from './user.ts';

type Value = UserResource[UserAttribute];

/** A change that the service has confirmed. */
export interface PastChange {
  /** Of the run that made it; `null` where that died, or left no id. */
  readonly runId: string | null;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly identity: string;
  readonly userName: string;
  readonly kind: ChangeKind;
  readonly cause: DeactivationCause | null;
  /** Old and new value of what differed; of a new user his name, organization and roles. */
  readonly attributes: Readonly<Partial<Record<UserAttribute, { readonly from: Value; readonly to: Value }>>>;
  /** Attributes that differed and whose values are not kept, because they are sensitive. */
  readonly withheld: readonly UserAttribute[];
}

/** What the state knows of a user now. */
export interface UserStanding {
  readonly identity: string;
  readonly userName: string | null;
  readonly dn: string;
  readonly scimId: string | null;
  readonly active: boolean;
  /** Complete live runs in a row that did not find him. */
  readonly missed: number;
  readonly failure: { readonly message: string; readonly since: string; readonly attempts: number } | null;
}

export interface UserHistory {
  /** More than one where a name has passed from one entry to another; none where only the log knows the name. */
  readonly users: readonly UserStanding[];
  /** The latest first. */
  readonly changes: readonly PastChange[];
}
