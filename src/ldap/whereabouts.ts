/** Looks for entries that a read of the search base did not return: deleted, moved away, or not found by the filter any more. */

import type { Log, Whereabouts } from '../model/ports.ts';
import type { Connection } from './connection.ts';
import { decodeSingleValue } from './entry-decoder.ts';
import { describeResult, RESULT } from './result-codes.ts';
import type { LdapResult } from './result-codes.ts';
import type { RootDse } from './root-dse.ts';
import { comparisons } from './search-plan.ts';
import { searchSmall, textsOf } from './small-search.ts';

/** [MS-ADTS] 3.1.1.3.4.1.14: also returns what has been deleted, from the container of deleted objects. */
export const SHOW_DELETED = '1.2.840.113556.1.4.417';

/** Identities in one search: any server takes a filter of that length. */
const PER_SEARCH = 50;

export interface Inquiry {
  readonly connection: Connection;
  readonly rootDse: RootDse;
  /** The naming context of the search base: whoever was moved is somewhere in it, or out of reach. */
  readonly context: string;
  readonly identityAttribute: string;
  readonly log: Log;
}

/**
 * Where the entries are, as far as the server tells; who is not among them was deleted long ago, or may not be seen.
 * Never throws for what the server does: a server that refuses is warned of once, and nothing hangs on the answer.
 */
export async function findWhereabouts(
  { connection, rootDse, context, identityAttribute, log }: Inquiry,
  identities: readonly string[],
): Promise<ReadonlyMap<string, Whereabouts>> {
  const found = new Map<string, Whereabouts>();
  const wanted = new Set(identities);
  let controls = rootDse.kind === 'ACTIVE_DIRECTORY' ? [SHOW_DELETED] : [];
  for (let at = 0; at < identities.length;) {
    const some = identities.slice(at, at + PER_SEARCH);
    const answer = await searchSmall(connection, {
      base: context,
      scope: 'SUB',
      filter: { type: 'OR', parts: some.flatMap((identity) => comparisons(identityAttribute, identity)) },
      attributes: [identityAttribute, 'isDeleted'],
      controls,
    });
    if (!answer.answered || answer.result.code !== RESULT.SUCCESS) {
      const why = answer.answered ? refusalInWords(answer.result) : answer.reason;
      log.warn(
        'LdapService',
        `Whether absent users were deleted cannot be told: ${why}. Nothing hangs on it.`,
      );
      // Whoever may not look at what was deleted may still see what was moved.
      if (!answer.answered || controls.length === 0) return found;
      controls = [];
      continue;
    }
    at += PER_SEARCH;
    for (const identity of some) found.set(identity, { kind: 'UNSEEN' });
    for (const entry of answer.entries) {
      const value = entry.attributes.get(identityAttribute.toLowerCase())?.[0];
      const identity = value === undefined ? '' : decodeSingleValue(value, identityAttribute);
      const isDeleted = textsOf(entry, 'isDeleted').some((word) => word.toLowerCase() === 'true');
      const key = wanted.has(identity) ? identity : identity.toLowerCase();
      if (wanted.has(key))
        found.set(key, isDeleted ? { kind: 'DELETED' } : { kind: 'ELSEWHERE', dn: entry.dn });
    }
  }
  return found;
}

/** Why the server does not show deleted entries: a code that means another thing elsewhere. */
export function refusalInWords(result: LdapResult): string {
  const refused = result.code === RESULT.UNAVAILABLE_CRITICAL_EXTENSION;
  return refused ? 'the server shows no deleted entries' : describeResult(result);
}
