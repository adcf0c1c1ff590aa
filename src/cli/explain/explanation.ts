/** All that can be said of one user, as a value: what `--json` prints and what the text is made of. */

import type { PastChange, UserStanding } from '../../model/history.ts';
import type { ScriptTrial } from '../../model/scripts.ts';
import type { UserAttribute, UserResource } from '../../model/user.ts';
import type { UserRecord } from '../../report/user-record.ts';

/**
 * Where his entry is. OUTSIDE_FILTER: in the search base, but not a user by `ldap.search.filter`. OUTSIDE_BASE: elsewhere
 * in the directory. DELETED: as the directory itself says. MISSING: nowhere that the bind user may look.
 */
export type Place = 'FOUND' | 'OUTSIDE_FILTER' | 'OUTSIDE_BASE' | 'DELETED' | 'MISSING';

export interface Explanation {
  /** As it was typed. */
  readonly asked: string;
  readonly identity: string | null;
  readonly userName: string | null;
  /** What follows, in sentences: the answer in short. */
  readonly findings: readonly string[];
  readonly directory: {
    readonly place: Place;
    readonly dn: string | null;
    /** Without those that are sensitive; values as the scripts see them. `null` where there is no entry to be judged. */
    readonly attributes: Readonly<Record<string, readonly string[]>> | null;
  };
  readonly scripts: readonly ScriptTrial[];
  /** `null` where no resource follows from the entry. */
  readonly desired: Partial<UserResource> | null;
  /** `null` where the state knows nothing of him. */
  readonly state: StatePart | null;
  readonly service: ServicePart;
  /** What the next run would do, as every report says it; `null` where it would not get to see him. */
  readonly next: UserRecord | null;
  readonly changes: readonly PastChange[];
}

export interface StatePart extends Omit<UserStanding, 'failure'> {
  readonly threshold: number;
  /** Whether complete reads without him count at all. */
  readonly countsAbsence: boolean;
  readonly confirmed: Partial<UserResource> | null;
  readonly confirmedAt: string | null;
  readonly unsettled: readonly UserAttribute[];
  readonly failure: {
    readonly message: string;
    readonly since: string;
    readonly attempts: number;
    readonly retryAt: string;
  } | null;
  readonly deviation: { readonly holds: Partial<UserResource>; readonly since: string } | null;
  readonly trace: { readonly links: boolean; readonly dueAt: string | null } | null;
}

export interface ServicePart {
  /** UNKNOWN: the service did not say. */
  readonly kind: 'FOUND' | 'NONE' | 'UNKNOWN';
  readonly by: 'scimId' | 'externalId' | 'userName' | null;
  readonly scimId: string | null;
  readonly holds: Partial<UserResource> | null;
  readonly reason: string | null;
  /** Attributes that it shows with another value than the one that it has confirmed. */
  readonly otherwise: readonly UserAttribute[];
}

/** The resource without values that may not be shown. */
export function shown(
  resource: Partial<UserResource>,
  sensitive: ReadonlySet<UserAttribute>,
): Partial<UserResource> {
  const entries = Object.entries(resource).filter(([name]) => !sensitive.has(name as UserAttribute));
  return Object.fromEntries(entries);
}
