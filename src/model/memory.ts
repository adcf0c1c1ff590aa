/** What a live run that came to its end leaves behind in the state. */

import type { Failure } from './failure.ts';
import type { Watermark } from './ports.ts';
import type { ShortWalk } from './service-list.ts';
import type { FailingUser } from './state.ts';

/** What a finished live run leaves behind, in one transaction. */
export interface Memory {
  /** Users who failed before anything was sent. */
  readonly failures: Iterable<FailingUser & { readonly failure: Failure }>;
  /** `null`: the watermark stays. */
  readonly watermark: Watermark | null;
  /** COUNT only after a complete live read of the whole base; FORGET where absence is not looked for: a row of misses ends there. */
  readonly absence: 'COUNT' | 'LEAVE' | 'FORGET';
  /** Whether everybody whose failure was to be retried has been looked for by a complete read. */
  readonly retriedEverybody: boolean;
  /** Whether this run has sent everybody's whole resource: then whatever an old state was wrong about is right again. */
  readonly sentEverybody: boolean;
  /** Whether everybody in the base is by now as these scripts want him: an unlimited run after a complete read. */
  readonly wholeRun: boolean;
  /** Whether everybody in the base has been seen by complete reads. */
  readonly sawEverybody: boolean;
  /** The attributes by which everybody's links have been noted in this run; `null` where they have not. */
  readonly linkedBy: readonly string[] | null;
  /** Whether the service's list has been compared with everybody in the base. */
  readonly learned: boolean;
  /** `null`: there was no walk over the list, or it did not fall short. */
  readonly shortWalk: ShortWalk | null;
  /** See `ServiceList.showsDoubles`. */
  readonly showsDoubles?: boolean;
  /** Identities of lost creations of whom the service says that it holds nobody. */
  readonly notFound: readonly string[];
}
