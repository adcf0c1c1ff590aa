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
  const named = message.startsWith(user) ? message : `${user}: ${message}`;
  return named + entryNote(entry, named);
}

/** What of the entry's names is not in `told` yet, in brackets, with a blank before them; empty where all is told. */
export function entryNote({ dn, identity }: EntryName, told: string): string {
  const names = [
    ...(dn === null || told.includes(dn) ? [] : [`entry ${dn}`]),
    ...(identity === null || told.includes(identity) ? [] : [`identity ${identity}`]),
  ];
  return names.length === 0 ? '' : ` (${names.join(', ')})`;
}
