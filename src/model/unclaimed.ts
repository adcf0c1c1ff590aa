/** Accounts that nobody can be found for. */

/**
 * Accounts at the service of which the directory has no entry, or only one that is inactive and nothing but their userName
 * tells of, and the state no memory.
 */
export interface Unclaimed {
  readonly count: number;
  /** How many of them carry an externalId, as the accounts do that c42uds, or another tool, has made. */
  readonly provisioned: number;
  /** How many have the userName of an entry that is inactive or fails: most likely its account, and a name proves nothing. */
  readonly ofInactive: number;
  /** The first userNames, by name: of those with an externalId, then of the others. */
  readonly users: readonly string[];
}
