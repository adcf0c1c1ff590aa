/** Looks for one user in the directory by every name he may have, and for where he is if the search base has him not. */

import type { Settings } from '../../config/options.ts';
import { dnKey } from '../../model/dn.ts';
import type { Entry } from '../../model/entry.ts';
import { RunError } from '../../model/errors.ts';
import type { Directory } from '../../model/ports.ts';
import { openDirectoryOf } from '../adapters.ts';
import type { Session } from '../session.ts';
import { findUsers } from '../user-lookup.ts';
import type { Place } from './explanation.ts';

/** objectGUID, entryUUID, nsUniqueId: nothing else can be asked for as an identity. */
const IDENTITY = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$|^[0-9a-f]{8}(?:-[0-9a-f]{8}){3}$/i;
const EVERY_ENTRY = '(objectClass=*)';

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
}

/** Where somebody is whom search base and filter do not return: by his identity, else by the name that was typed. */
export async function whereIs(
  user: string,
  identity: string | null,
  { directory, settings, bindPassword, session }: Searching,
): Promise<Elsewhere> {
  const base = dnKey(settings['ldap.baseDn']);
  const isInside = (dn: string): boolean => dnKey(dn) === base || dnKey(dn).endsWith(`,${base}`);
  if (identity !== null) {
    const where = (await directory.whereabouts([identity])).get(identity);
    if (where?.kind === 'ELSEWHERE') {
      return { place: isInside(where.dn) ? 'OUTSIDE_FILTER' : 'OUTSIDE_BASE', dn: where.dn, identity };
    }
    return { place: where?.kind === 'DELETED' ? 'DELETED' : 'MISSING', dn: null, identity };
  }
  const wider = { ...settings, 'ldap.search.filter': EVERY_ENTRY };
  const bases = [settings['ldap.baseDn'], domainPart(settings['ldap.baseDn'])];
  for (const baseDn of new Set(bases.filter((dn) => dn !== ''))) {
    const found = await firstIn({ ...wider, 'ldap.baseDn': baseDn }, user, bindPassword, session);
    if (found === null) continue;
    const place = isInside(found.dn) ? 'OUTSIDE_FILTER' : 'OUTSIDE_BASE';
    return { place, dn: found.dn, identity: found.identity };
  }
  return { place: 'MISSING', dn: null, identity: null };
}

export interface Searching {
  readonly directory: Directory;
  readonly settings: Settings;
  readonly bindPassword: string | null;
  readonly session: Session;
}

/** `null` too where the bind user may not look there: this is for people to read, and nothing follows from it. */
async function firstIn(
  settings: Settings,
  user: string,
  bindPassword: string | null,
  session: Session,
): Promise<Entry | null> {
  const directory = await openDirectoryOf(settings, bindPassword, session);
  try {
    await directory.check();
    return (await findUsers(directory, user, settings))[0] ?? null;
  } catch (error) {
    if (!(error instanceof RunError)) throw error;
    session.openLog.log.debug('LdapService', `Looking below ${settings['ldap.baseDn']}: ${error.message}`);
    return null;
  } finally {
    await directory.close();
  }
}

/** The trailing `dc` parts of a DN: the whole directory, as most are built. */
function domainPart(dn: string): string {
  return /dc\s*=[^,]+(?:,\s*dc\s*=[^,]+)*\s*$/i.exec(dn)?.[0] ?? '';
}
