/** Whether an incremental read by change would miss users who came into the base with the container that they are in. */

import type { Connection } from './connection.ts';
import { allOf, equal } from './filter.ts';
import type { Filter } from './filter.ts';
import { describeResult, RESULT } from './result-codes.ts';
import { searchSmall } from './small-search.ts';

/** The classes of entries that hold other entries, on the servers that we know. */
const CONTAINER_CLASSES = ['organizationalUnit', 'organization', 'container', 'nsContainer', 'builtinDomain'];

/**
 * Looks for containers in the base that have changed. Where one was moved or renamed, the users below it have another DN,
 * and perhaps are in the base for the first time; nothing about themselves shows it.
 * @returns why everybody has to be read; `null` where the changed entries are enough
 */
export async function movedContainers(
  connection: Connection,
  baseDn: string,
  since: Filter,
): Promise<string | null> {
  const classes = CONTAINER_CLASSES.map((name) => equal('objectClass', name));
  const answer = await searchSmall(connection, {
    base: baseDn,
    scope: 'SUB',
    filter: allOf([{ type: 'OR', parts: classes }, since]),
    attributes: ['1.1'],
  });
  // Whatever ails the connection, the read itself will find out.
  if (!answer.answered) return null;
  const [first] = answer.entries;
  if (first !== undefined) {
    const more = answer.entries.length > 1 ? ` and ${answer.entries.length - 1} more containers` : '';
    return `${first.dn}${more} changed since the last run, and users show no change when what they are in is moved`;
  }
  if (answer.result.code === RESULT.SUCCESS || answer.result.code === RESULT.REFERRAL) return null;
  return `whether containers were moved cannot be asked (${describeResult(answer.result)})`;
}
