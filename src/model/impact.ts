/** What edited scripts do to people: who is judged otherwise than by the scripts of the last live run, and what follows. */

import type { UserResource } from './user.ts';

/**
 * SPARED: would have been created, reactivated or deactivated by the former scripts and is not any more. OTHER: another
 * attribute, such as the manager whom only one of the two creates.
 */
export type ImpactKind =
  'CREATE' | 'REACTIVATE' | 'DEACTIVATE' | 'ORG' | 'ROLES' | 'FAILS' | 'MENDED' | 'SPARED' | 'OTHER';

export const IMPACT_KINDS: readonly ImpactKind[] = [
  'DEACTIVATE',
  'CREATE',
  'REACTIVATE',
  'ORG',
  'ROLES',
  'FAILS',
  'MENDED',
  'SPARED',
  'OTHER',
];

/** What a user would be by one set of scripts; `null` where there is no account. */
export type ImpactSide = Pick<UserResource, 'active' | 'org' | 'roles'> | null;

export interface ImpactExample {
  readonly userName: string;
  readonly from: ImpactSide;
  readonly to: ImpactSide;
  /** Why the user fails (FAILS) or failed before (MENDED); `null` for the other kinds. */
  readonly failure: string | null;
}

export interface ScriptImpact {
  /** File names of the scripts whose text differs. */
  readonly changedScripts: readonly string[];
  /** Since when the former scripts were in force (ISO 8601, UTC); `null` where nobody knows. */
  readonly since: string | null;
  /** Users whom both judged. */
  readonly judged: number;
  /** Users for whom the run does something else because of the scripts. */
  readonly users: number;
  /** Users whom the scripts judge otherwise, but for whom nothing follows: unknown to the service and inactive, say. */
  readonly withoutEffect: number;
  /** Planned changes that the former scripts would have led to, too. */
  readonly otherChanges: number;
  /** How many users of each kind, and the first of them by userName; a user may be of several kinds. */
  readonly kinds: Readonly<
    Record<ImpactKind, { readonly count: number; readonly first: readonly ImpactExample[] }>
  >;
}
