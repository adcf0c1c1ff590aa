/** Finds the one user who is meant: in the directory, the state file and, where neither knows him, the service. */

import { readUserHistory } from '../../local/history-reading.ts';
import type { Entry } from '../../model/entry.ts';
import { EXIT_CODES, RunError } from '../../model/errors.ts';
import type { UserHistory, UserStanding } from '../../model/history.ts';
import type { Service } from '../../scim/service.ts';
import type { Asked, Holding } from '../../scim/user-inspector.ts';
import type { Rules } from './judging.ts';
import { entriesOf, several, type Elsewhere } from './search.ts';

/** Past changes that an explanation shows. */
export const MOST_CHANGES = 10;

export interface Finding extends Rules {
  readonly service: Service;
}

export interface Found {
  readonly entry: Entry | null;
  readonly standing: UserStanding | null;
  readonly history: UserHistory;
  /** What the service holds under the name as it was typed, where nothing else knows it. */
  readonly held: Holding | null;
}

/** The one user who is meant. @throws RunError COMMAND_LINE where several are */
export async function find(user: string, tools: Finding): Promise<Found> {
  const { directory, settings, also } = tools;
  const path = settings['state.location'];
  const named = readUserHistory(path, user, MOST_CHANGES);
  const identities = [...new Set([...named.users, ...named.changes].map(({ identity }) => identity))];
  let entries = await entriesOf(directory, user, identities, settings, also);
  let held: Holding | null = null;
  if (entries.length === 0 && named.users.length === 0) {
    held = await ask(tools, { scimId: user, externalId: user, userName: user });
    // An id at the service of which the state knows nothing leads to an entry all the same.
    const identity = externalIdOf(held);
    if (identity !== null) entries = await entriesOf(directory, '', [identity], settings, also);
  }
  const candidates = new Map<string, string>();
  for (const { identity, dn } of [...named.users, ...entries]) candidates.set(identity, dn);
  if (candidates.size > 1) throw several(user, candidates);
  const [entry = null] = entries;
  const identity = entry?.identity ?? named.users[0]?.identity ?? null;
  const history = identity === null ? named : readUserHistory(path, identity, MOST_CHANGES);
  const standing = history.users.find((one) => one.identity === identity) ?? null;
  return { entry, standing, history, held };
}

export function nobody(user: string, { settings }: Finding): RunError {
  const places = `the directory below ${settings['ldap.baseDn']}, the state file and the service`;
  return new RunError('COMMAND_LINE', `Nobody called "${user}" is in ${places}.`, {
    fix: 'Name a userName, a DN, an identity of the directory, or an id at the service.',
  });
}

/** A service that cannot be asked must not keep the rest from being told. */
export async function ask({ service }: Finding, asked: Asked): Promise<Holding> {
  try {
    return await service.inspector.find(asked);
  } catch (error) {
    if (!(error instanceof RunError) || error.exitCode !== EXIT_CODES.SERVICE) throw error;
    return { kind: 'UNKNOWN', reason: error.message };
  }
}

export function externalIdOf(held: Holding | null): string | null {
  return held?.kind === 'FOUND' ? (held.user.resource.externalId ?? null) : null;
}

/**
 * What is known of somebody whose entry was found beyond search base and filter. The state does not keep every name that
 * the directory has for him: asked by one of those it, and the service, have not yet been asked for him at all.
 */
export function knownElsewhere(found: Found, elsewhere: Elsewhere | null, path: string): Found {
  const identity = elsewhere?.identity ?? null;
  if (identity === null || found.standing !== null) return found;
  const history = readUserHistory(path, identity, MOST_CHANGES);
  const standing = history.users.find((one) => one.identity === identity) ?? null;
  return { ...found, standing, history, held: found.held?.kind === 'FOUND' ? found.held : null };
}
