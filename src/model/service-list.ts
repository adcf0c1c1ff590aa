/** What is known of the service's list of users, by the walks over it. */

/** A walk, by a run that had read everybody, that showed fewer users than the service says it holds. */
export interface ShortWalk {
  readonly seen: number;
  readonly held: number;
  /** How many there have been in a row. */
  readonly runs: number;
  /** Whether another would most likely show the same. */
  readonly settled: boolean;
}

export interface ServiceList {
  /**
   * Whether the whole list of the service has been compared with the whole directory once. Not so for a state in doubt, as
   * an older copy, which does not know who was created since: a rename would then look like somebody new.
   */
  isCompared(): boolean;
  /** The latest walk, if it fell short and is not taken for whole. */
  shortWalk(): ShortWalk | null;
  /** Whether the latest walk showed further open accounts of users who have one: told until a walk shows none. */
  showsDoubles(): boolean;
}
