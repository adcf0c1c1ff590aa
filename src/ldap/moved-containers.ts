/** Whether an incremental read by change would miss users who came into the base with the container that they are in. */

import type { DirectoryKind } from '../model/ports.ts';
import type { Connection } from './connection.ts';
import { allOf, atLeast, equal } from './filter.ts';
import type { Filter } from './filter.ts';
import { describeResult, RESULT } from './result-codes.ts';
import { searchSmall, textsOf } from './small-search.ts';

/** The classes of entries that hold other entries, on the servers that we know. */
const CONTAINER_CLASSES = [
  ...['organizationalUnit', 'organization', 'container', 'nsContainer', 'builtinDomain'],
  ...['country', 'locality'],
];
/** On Active Directory the top of a domain, which cannot be moved and shows changes of the server's own bookkeeping. */
const DOMAIN_CLASSES = ['domain', 'dcObject'];

/**
 * Looks for containers in the base that have changed. Where one was moved or renamed, the users below it have another DN,
 * and perhaps are in the base for the first time; nothing about themselves shows it.
 * @param kind of directory
 * @param timeAttribute what the time of a change stands in; `null` where changes are not told by time
 * @returns why everybody has to be read, or `null` where the changed entries are enough; and the times of the changes
 */
export async function movedContainers(
  connection: Connection,
  baseDn: string,
  since: Filter,
  kind: DirectoryKind,
  timeAttribute: string | null,
): Promise<{ readonly why: string | null; readonly times: readonly string[] }> {
  const names = kind === 'ACTIVE_DIRECTORY' ? CONTAINER_CLASSES : [...CONTAINER_CLASSES, ...DOMAIN_CLASSES];
  const classes = names.map((name) => equal('objectClass', name));
  // Elsewhere anything may hold users, a person too; who does not know one of these attributes passes it over.
  const holders: Filter[] =
    kind === 'ACTIVE_DIRECTORY' ? [] : [equal('hasSubordinates', 'TRUE'), atLeast('numSubordinates', '1')];
  const answer = await searchSmall(connection, {
    base: baseDn,
    scope: 'SUB',
    // The change first: whether an entry holds others takes a look at each that is asked about.
    filter: allOf([since, { type: 'OR', parts: [...classes, ...holders] }]),
    attributes: [timeAttribute ?? '1.1'],
  });
  // Whatever ails the connection, the read itself will find out.
  if (!answer.answered) return { why: null, times: [] };
  const [first] = answer.entries;
  if (first !== undefined) {
    const more = answer.entries.length > 1 ? ` and ${answer.entries.length - 1} more containers` : '';
    const times = answer.entries.flatMap((entry) => textsOf(entry, timeAttribute ?? ''));
    const why = `${first.dn}${more} changed since the last run, and users show no change when what they are in is moved`;
    return { why, times };
  }
  const { code } = answer.result;
  if (code === RESULT.SUCCESS || code === RESULT.REFERRAL) return { why: null, times: [] };
  const why = `whether containers were moved cannot be asked (${describeResult(answer.result)})`;
  return { why, times: [] };
}
