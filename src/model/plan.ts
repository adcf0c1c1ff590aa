/** What a run means to do: one change for each user, and what became of it. */

import type { Decision } from './decision.ts';
import type { Failure } from './failure.ts';
import { differingAttributes, type UserAttribute, type UserResource } from './user.ts';

export type ChangeKind = 'CREATE' | 'UPDATE' | 'REACTIVATE' | 'DEACTIVATE' | 'NONE';

/** Why a user is deactivated: the Active script said so, or complete reads missed the user too often. */
export type DeactivationCause = 'SCRIPT' | 'ABSENT';

/**
 * One planned change. `from` is what the service last confirmed, `null` for a user it does not know of;
 * `attributes` are those to send: what differs, or all of them in a full sync.
 */
export interface Change {
  readonly identity: string;
  readonly dn: string;
  readonly kind: ChangeKind;
  readonly cause: DeactivationCause | null;
  readonly scimId: string | null;
  readonly from: UserResource | null;
  readonly to: UserResource;
  readonly attributes: readonly UserAttribute[];
  /** The identity of a manager who has no id at the service yet, because this run creates him. */
  readonly awaitsManager: string | null;
}

/** Whether nothing differs from what the service has confirmed: a full sync sends such a user again. */
export function isResend({ kind, from, to, awaitsManager }: Change): boolean {
  return (
    kind === 'UPDATE' && from !== null && awaitsManager === null && differingAttributes(from, to).length === 0
  );
}

/** The entry of a user by what finds it in the directory; `null` where it is not known. */
export interface EntryName {
  readonly dn: string | null;
  readonly identity: string | null;
}

/** A user as the dry run shows it: the decision, and the change that follows. */
export interface Preview {
  readonly userName: string;
  readonly decision: Decision | null;
  readonly change: Change | null;
  readonly failure: Failure | null;
  /** The user's entry, where there may be no change that names it. */
  readonly entry?: EntryName;
}

/** What the SCIM service answered to one change. */
export type Outcome =
  | {
      readonly ok: true;
      /** The user's id at the service: may differ from the one asked for when the user had been removed by hand. */
      readonly scimId: string;
      /** How the service came to hold the user. `GONE`: it says that it does not, and the user was not to be made anew. */
      readonly how: 'CREATED' | 'ADOPTED' | 'UPDATED' | 'GONE';
      /** Attributes that the service's own answer shows with another value than the one sent. */
      readonly held: readonly UserAttribute[];
      /** What the service shows for the attributes of `held`; absent where there are none. */
      readonly holds?: Partial<UserResource>;
      /** Present where an account under another id was closed and nothing but `active` sent: what it held. */
      readonly found?: Partial<UserResource>;
      /** Present where the service's own answer shows the account as inactive. */
      readonly showsClosed?: true;
    }
  | { readonly ok: false; readonly failure: Failure };
