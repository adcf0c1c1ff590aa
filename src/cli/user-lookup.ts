/** Finds the entries of one user in the directory by whatever name a person knows him by. */

import { userNameAttributes } from '../config/attribute-order.ts';
import type { Settings } from '../config/options.ts';
import type { Entry } from '../model/entry.ts';
import { RunError } from '../model/errors.ts';
import type { Directory } from '../model/ports.ts';

/** Names that people type, on the kinds of directory there are. */
const USUAL_NAMES = ['sAMAccountName', 'userPrincipalName', 'uid', 'mail', 'cn'] as const;
/** Where a directory lets itself be asked for a DN. */
const DN_NAMES = ['distinguishedName', 'entryDN'] as const;

/**
 * The users of the search base whose name, address or DN it is.
 * @param also attributes that must be asked for by name, as a run asks for what scripts name
 * @throws RunError DIRECTORY_UNREACHABLE and the like; DIRECTORY_INCOMPLETE where the search did not end well
 */
export async function findUsers(
  directory: Directory,
  user: string,
  settings: Settings,
  also: readonly string[] = [],
): Promise<Entry[]> {
  const read = directory.read({
    attributes: 'ALL',
    also,
    since: null,
    extraFilter: userFilter(user, settings),
    anyOf: null,
  });
  const entries: Entry[] = [];
  for await (const page of read.pages) entries.push(...page.entries);
  const verdict = read.verdict();
  if (entries.length === 0 && !verdict.complete) {
    throw new RunError(
      'DIRECTORY_INCOMPLETE',
      `The directory was not searched to its end: ${verdict.reason}`,
      {
        fix: 'Mend the named cause and try again.',
      },
    );
  }
  return entries;
}

/** An RFC 4515 filter; attributes that a directory does not know match nothing there (RFC 4511 4.5.1.7). */
export function userFilter(user: string, settings: Settings): string {
  const names = new Set<string>([
    settings['driver.files.attribute.name'],
    ...userNameAttributes(settings),
    ...USUAL_NAMES,
    ...(user.includes('=') ? DN_NAMES : []),
  ]);
  const value = escaped(user.trim());
  return `(|${[...names].map((name) => `(${name}=${value})`).join('')})`;
}

/** RFC 4515 section 3: what would end or widen the filter is written as its bytes. */
function escaped(text: string): string {
  return text.replace(/[\\*()\0]/g, (char) => `\\${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
