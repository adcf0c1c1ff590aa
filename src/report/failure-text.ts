/** A user's failure as text: who it is, what happened, and which entry of the directory it is about. */

import type { EntryName } from '../model/plan.ts';
import type { FailedUser } from '../model/run.ts';

/**
 * `ann@example.com: the service refused the title (entry CN=ann,OU=People,DC=example,DC=com, identity 3f9a…)`. Two entries
 * may have one userName, and one may have none: only DN and identity lead to the entry that is meant.
 */
export function failureSentence({ user, failure, ...entry }: FailedUser): string {
  const { message } = failure;
  // Most messages begin with the user as it is.
  return (message.startsWith(user) ? message : `${user}: ${message}`) + entryNote(entry, user);
}

/**
 * The entry in brackets, with a blank before them. Also where the message names its DN: that of two entries which claim one
 * userName names both, and does not say whose failure it is.
 * @param user as he has been named: the DN, where he has no other name, is not told twice
 */
export function entryNote({ dn, identity }: EntryName, user: string): string {
  const names = [
    ...(dn === null || dn === user ? [] : [`entry ${dn}`]),
    ...(identity === null ? [] : [`identity ${identity}`]),
  ];
  return names.length === 0 ? '' : ` (${names.join(', ')})`;
}
