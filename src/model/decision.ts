/** What the three scripts said about one user. */

import type { Failure } from './failure.ts';

/** `org: null` leaves the organization to the service's mapping, `roles: null` leaves the roles to the organization's default. */
export interface Decision {
  readonly active: boolean;
  readonly org: string | null;
  readonly roles: readonly string[] | null;
}

/** One user's decision, or why there is none: a script's failure costs that user and nobody else. */
export type Judgement =
  { readonly ok: true; readonly decision: Decision } | { readonly ok: false; readonly failure: Failure };
