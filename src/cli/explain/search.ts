/** Looks for one user in the directory by every name he may have, and for where he is if the search base has him not. */

import { userNameAttributes } from '../../config/attribute-order.ts';
import type { Settings } from '../../config/options.ts';
import { readUserHistory } from '../../local/history-reading.ts';
import { dnKey } from '../../model/dn.ts';
import { firstValueAmong, type Entry } from '../../model/entry.ts';
import { RunError } from '../../model/errors.ts';
import type { Directory } from '../../model/ports.ts';
import { openDirectoryOf } from '../adapters.ts';
import type { Session } from '../session.ts';
import { findUsers } from '../user-lookup.ts';
import type { Place } from './explanation.ts';

/** objectGUID, entryUUID, nsUniqueId: nothing else can be asked for as an identity. */
const IDENTITY = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$|^[0-9a-f]{8}(?:-[0-9a-f]{8}){3}$/i;
const EVERY_ENTRY = '(objectClass=*)';
const MOST_NAMED = 10;

/**
 * The users of search base and filter who are called so or have one of these identities, each once.
 * @throws RunError as {@link findUsers}
 */
export async function entriesOf(
  directory: Directory,
  user: string,
  identities: readonly string[],
  settings: Settings,
  also: readonly string[],
): Promise<Entry[]> {
  const named = user === '' ? [] : await findUsers(directory, user, settings, also);
  const wanted = [...identities, ...(IDENTITY.test(user) ? [user.toLowerCase()] : [])];
  const known = wanted.length === 0 ? [] : await entriesByIdentity(directory, wanted, also);
  return [...new Map([...named, ...known].map((entry) => [entry.identity, entry])).values()];
}

async function entriesByIdentity(
  directory: Directory,
  values: readonly string[],
  also: readonly string[],
): Promise<Entry[]> {
  const anyOf = { attribute: null, values: [...new Set(values)] };
  const read = directory.read({ attributes: 'ALL', also, since: null, extraFilter: null, anyOf });
  const entries: Entry[] = [];
  for await (const page of read.pages) entries.push(...page.entries);
  const verdict = read.verdict();
  if (!verdict.complete && entries.length === 0) {
    throw new RunError(
      'DIRECTORY_INCOMPLETE',
      `The directory was not searched to its end: ${verdict.reason}`,
      { fix: 'Mend the named cause and try again.' },
    );
  }
  return entries;
}

export interface Elsewhere {
  readonly place: Exclude<Place, 'FOUND'>;
  readonly dn: string | null;
  readonly identity: string | null;
  /** Of an entry that was found by the name that was typed. */
  readonly userName: string | null;
}

/**
 * Where somebody is whom search base and filter do not return: by his identity, else by the name that was typed.
 * @throws RunError COMMAND_LINE where several are called so and the state does not tell who is meant
 */
export async function whereIs(
  user: string,
  known: string | null,
  { directory, settings, bindPassword, session }: Searching,
): Promise<Elsewhere> {
  const base = dnKey(settings['ldap.baseDn']);
  const isInside = (dn: string): boolean => dnKey(dn) === base || dnKey(dn).endsWith(`,${base}`);
  const identity = known ?? (IDENTITY.test(user) ? user.toLowerCase() : null);
  const nowhere = { dn: null, identity, userName: null };
  if (identity !== null) {
    const where = (await directory.whereabouts([identity])).get(identity);
    if (where?.kind === 'ELSEWHERE') {
      return { ...nowhere, place: isInside(where.dn) ? 'OUTSIDE_FILTER' : 'OUTSIDE_BASE', dn: where.dn };
    }
    return { ...nowhere, place: where?.kind === 'DELETED' ? 'DELETED' : 'MISSING' };
  }
  const wider = { ...settings, 'ldap.search.filter': EVERY_ENTRY };
  const bases = [settings['ldap.baseDn'], domainPart(settings['ldap.baseDn'])];
  for (const baseDn of new Set(bases.filter((dn) => dn !== ''))) {
    const all = await allIn({ ...wider, 'ldap.baseDn': baseDn }, user, bindPassword, session);
    const found = theOneOf(user, all, settings);
    if (found === null) continue;
    const place = isInside(found.dn) ? 'OUTSIDE_FILTER' : 'OUTSIDE_BASE';
    const userName = firstValueAmong(found, userNameAttributes(settings));
    return { place, dn: found.dn, identity: found.identity, userName };
  }
  return { ...nowhere, place: 'MISSING' };
}

/** Beyond base and filter a contact or a group may share the name: whom the state knows is the user who is meant. */
function theOneOf(user: string, entries: readonly Entry[], settings: Settings): Entry | null {
  if (entries.length < 2) return entries[0] ?? null;
  const path = settings['state.location'];
  const known = entries.filter(({ identity }) => readUserHistory(path, identity, 1).users.length > 0);
  if (known.length === 1) return known[0] ?? null;
  const candidates = known.length === 0 ? entries : known;
  throw several(user, new Map(candidates.map(({ identity, dn }) => [identity, dn])));
}

/** @param candidates DN by identity */
export function several(user: string, candidates: ReadonlyMap<string, string>): RunError {
  const names = [...candidates].slice(0, MOST_NAMED).map(([identity, dn]) => `${dn} (${identity})`);
  const more = candidates.size - names.length;
  const tail = more > 0 ? `; and ${more} more` : '';
  return new RunError(
    'COMMAND_LINE',
    `${candidates.size} users are, or were, called "${user}": ${names.join('; ')}${tail}.`,
    { fix: 'Name one by the identity in brackets.' },
  );
}

export interface Searching {
  readonly directory: Directory;
  readonly settings: Settings;
  readonly bindPassword: string | null;
  readonly session: Session;
}

/** None too where the bind user may not look there: this is for people to read, and nothing follows from it. */
async function allIn(
  settings: Settings,
  user: string,
  bindPassword: string | null,
  session: Session,
): Promise<Entry[]> {
  const directory = await openDirectoryOf(settings, bindPassword, session);
  try {
    await directory.check();
    return await findUsers(directory, user, settings);
  } catch (error) {
    if (!(error instanceof RunError)) throw error;
    session.openLog.log.debug('LdapService', `Looking below ${settings['ldap.baseDn']}: ${error.message}`);
    return [];
  } finally {
    await directory.close();
  }
}

/** The trailing `dc` parts of a DN: the whole directory, as most are built. */
function domainPart(dn: string): string {
  return /dc\s*=[^,]+(?:,\s*dc\s*=[^,]+)*\s*$/i.exec(dn)?.[0] ?? '';
}
