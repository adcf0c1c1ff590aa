/** Looks at the service for creations whose answer was lost: nobody else knows whether it holds those accounts. */

import type { Failure } from '../model/failure.ts';
import type { FailedUser } from '../model/run.ts';
import type { LostCreation } from '../model/state.ts';
import { isLimited, type Collected } from './collect.ts';
import type { RunParts } from './run-parts.ts';

export interface LostAndFound {
  /** How many were found, and noted for `State.learn`. */
  readonly found: number;
  /** Identities of whom the service said that it holds nobody, or nobody whose account is open. */
  readonly notFound: readonly string[];
  /** Users who are to have no account, and of whom the service cannot tell whether they have one. */
  readonly failures: readonly FailedUser[];
}

/** A service that was down for a day must not cost a run thousands of questions; the others have their turn next time. */
const MOST_LOOKUPS = 500;

/**
 * Asks for each lost creation by externalId and userName. Whoever is still wanted, but under another userName, would
 * otherwise get a second account; whoever has left would keep an open one that nobody knows of. A list would not do: who
 * is missing in it may be there all the same (RFC 7644 3.4.2.4).
 */
export async function lookForLostCreations(parts: RunParts, collected: Collected): Promise<LostAndFound> {
  const { state, reader, log, signal } = parts;
  const absenceIsKnown = collected.verdict.complete && collected.retriedEverybody && !isLimited(parts);
  const lost = state.lostCreations(absenceIsKnown);
  const notFound: string[] = [];
  const failures: FailedUser[] = [];
  let found = 0;
  for (const [at, creation] of lost.entries()) {
    if (at >= MOST_LOOKUPS && !creation.wanted) break;
    signal.throwIfAborted();
    const { identity, dn, userName } = creation;
    const sighting = await reader.find({ externalId: identity, userName });
    if (sighting.kind === 'FOUND') {
      state.addFound(sighting.user);
      found += 1;
      log.info(
        'SyncService',
        `${userName} is at the service: a creation whose answer was lost had been done.`,
      );
    } else if (sighting.kind === 'NONE') {
      log.debug('SyncService', `${userName} is not at the service: a creation whose answer was lost.`);
      notFound.push(identity);
    } else if (sighting.kind === 'NAMESAKE' && !sighting.active) {
      // His or not, it is closed; of whoever is still wanted the creation will tell.
      if (!creation.wanted) notFound.push(identity);
    } else if (!creation.wanted) {
      const why = sighting.kind === 'UNKNOWN' ? sighting.reason : nameOnly(creation, sighting.scimId);
      const failure: Failure = { stage: 'SEND', message: `${UNTOLD}: ${why}` };
      failures.push({ user: userName, dn, identity, failure });
    }
  }
  return { found, notFound, failures };
}

const UNTOLD =
  'The answer to the creation was lost, the user is not to have an account any more, and whether the service holds one cannot be told';

function nameOnly({ userName }: LostCreation, scimId: string): string {
  return `user ${scimId} has the userName ${userName} and no externalId. If it is his, deactivate it in the console.`;
}
