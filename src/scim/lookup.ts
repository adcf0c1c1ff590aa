/** Finds one user at the service by name or externalId, whatever the service makes of filters. */

import { isSameIdentity } from '../model/identity.ts';
import type { Sighting } from '../model/ports.ts';
import type { UserResource } from '../model/user.ts';
import { isSuccess, isTransient, type Reply } from './answer.ts';
import type { Getter } from './courier.ts';
import { countOf, listOf, memberOf } from './json.ts';
import type { Layout } from './layout.ts';
import { isSameName, readUser, type StoredUser } from './reading.ts';

export type Found =
  | { readonly kind: 'FOUND'; readonly user: StoredUser }
  | { readonly kind: 'NONE' }
  /** More than one user fits, and nothing tells which is meant. */
  | { readonly kind: 'SEVERAL'; readonly count: number }
  /** The service did not say, after every attempt. */
  | { readonly kind: 'FAILED'; readonly reply: Reply };

/** A sighting with all that the service said of the user. */
export type StoredSighting =
  Exclude<Sighting, { kind: 'FOUND' }> | { readonly kind: 'FOUND'; readonly user: StoredUser };

type Failed = Extract<Found, { kind: 'FAILED' }>;
/** What one filter brought. `UNUSABLE`: the service refused it, or answered something else than was asked. */
type Hits = { readonly kind: 'HITS'; readonly users: readonly StoredUser[] };
type Filtered = Hits | Failed | { readonly kind: 'UNUSABLE' };
type Key = 'userName' | 'externalId';
type Wanted = Pick<UserResource, 'userName' | 'externalId'>;

export interface LookupOptions {
  readonly getter: Getter;
  readonly layout: Layout;
  /** A walk over all users: the last resort. */
  readonly walk: () => AsyncIterable<StoredUser>;
}

/** The filter `attribute eq "value"` as a query: the value escaped as JSON (RFC 7644 3.4.2.2), then percent-encoded. */
export function filterQuery(attribute: Key, value: string): string {
  const filter = `${attribute} eq ${JSON.stringify(value)}`;
  return `/Users?filter=${encodeURIComponent(filter).replace(/'/g, '%27')}`;
}

export class Lookup {
  readonly #options: LookupOptions;

  constructor(options: LookupOptions) {
    this.#options = options;
  }

  /** Under an id at the service. A body that shows another id is a proxy's cache, or worse, and nobody's. */
  async byId(scimId: string): Promise<Found> {
    const { getter, layout } = this.#options;
    const reply = await getter.get(`/Users/${encodeURIComponent(scimId)}`);
    if (isTransient(reply)) return { kind: 'FAILED', reply };
    // RFC 7644 3.4.1: 404 where there is none; some refuse an id that none of theirs can be.
    const user = isSuccess(reply) ? readUser(reply.body, layout) : null;
    return user?.scimId === scimId ? { kind: 'FOUND', user } : { kind: 'NONE' };
  }

  /** By userName, then by externalId: for a user who was, or may have been, created. */
  async byNameFirst(wanted: Wanted): Promise<Found> {
    return this.#inOrder(['userName', 'externalId'], wanted);
  }

  /** By externalId, then by userName: for a user who is no longer under the id that we knew. */
  async byExternalIdFirst(wanted: Wanted): Promise<Found> {
    return this.#inOrder(['externalId', 'userName'], wanted);
  }

  /**
   * Whether the service holds the user under our externalId. "Nobody" takes an answer to at least one filter that the
   * service understands; a name that carries another externalId is somebody else's.
   */
  async sighting(wanted: Wanted): Promise<StoredSighting> {
    const byId = await this.#filtered('externalId', wanted);
    if (byId.kind === 'FAILED') return UNANSWERED;
    if (byId.kind === 'HITS' && byId.users.length > 0) return seen(byId.users);
    const byName = await this.#filtered('userName', wanted);
    if (byName.kind === 'FAILED') return UNANSWERED;
    if (byName.kind === 'HITS') {
      const own = byName.users.filter((user) => fits(user, 'externalId', wanted));
      if (own.length > 0) return seen(own);
      const nameless = byName.users.find((user) => user.resource.externalId === undefined);
      if (nameless !== undefined) {
        // What does not say that it is closed may be open.
        const active = nameless.resource.active !== false;
        return { kind: 'NAMESAKE', scimId: nameless.scimId, active };
      }
    }
    if (byId.kind === 'HITS' || byName.kind === 'HITS') return { kind: 'NONE' };
    return { kind: 'UNKNOWN', reason: 'it cannot be asked for an externalId or a userName.' };
  }

  /** By reading the whole list. */
  async scan(wanted: Wanted): Promise<Found> {
    const users: StoredUser[] = [];
    for await (const user of this.#options.walk()) {
      if (fits(user, 'userName', wanted) || fits(user, 'externalId', wanted)) users.push(user);
    }
    return users.length === 0 ? { kind: 'NONE' } : chosen({ kind: 'HITS', users }, wanted);
  }

  async #inOrder(keys: readonly Key[], wanted: Wanted): Promise<Found> {
    let isNameUnusable = false;
    for (const key of keys) {
      const result = await this.#filtered(key, wanted);
      if (result.kind === 'FAILED') return result;
      if (result.kind === 'HITS' && result.users.length > 0) return chosen(result, wanted);
      if (key === 'userName') isNameUnusable = result.kind === 'UNUSABLE';
    }
    // A service that cannot be asked for a name (some refuse any letter beyond ASCII) has not said that it is not there.
    return isNameUnusable ? this.scan(wanted) : { kind: 'NONE' };
  }

  async #filtered(attribute: Key, wanted: Wanted): Promise<Filtered> {
    const { getter, layout } = this.#options;
    const reply = await getter.get(filterQuery(attribute, wanted[attribute]));
    if (isTransient(reply)) return { kind: 'FAILED', reply };
    // 400 to a letter it cannot read, 404, 414, 501: never "not there".
    if (!isSuccess(reply) || reply.body === null) return { kind: 'UNUSABLE' };
    const resources = listOf(memberOf(reply.body, 'Resources'));
    const users = resources
      .flatMap((each) => readUser(each, layout) ?? [])
      .filter((user) => fits(user, attribute, wanted));
    if (users.length > 0) return { kind: 'HITS', users };
    // Decided in docs/decisions/scim.md ("Nobody" is a total of 0): hits of which none fits come from a service that has not
    // looked at the filter, and an answer without a total, or with another one, has not said that there is nobody.
    const total = countOf(memberOf(reply.body, 'totalResults'));
    return total === 0 && resources.length === 0 ? { kind: 'HITS', users } : { kind: 'UNUSABLE' };
  }
}

const UNANSWERED: StoredSighting = { kind: 'UNKNOWN', reason: 'it did not answer.' };

function seen(users: readonly StoredUser[]): StoredSighting {
  const ids = [...new Set(users.map((user) => user.scimId))];
  const [first] = users;
  if (first === undefined) return { kind: 'NONE' };
  if (ids.length > 1) return { kind: 'UNKNOWN', reason: `users ${ids.join(' and ')} carry one externalId.` };
  return { kind: 'FOUND', user: first };
}

function fits(user: StoredUser, attribute: Key, wanted: Wanted): boolean {
  const value = user.resource[attribute];
  if (value === undefined) return false;
  return attribute === 'userName'
    ? isSameName(value, wanted.userName)
    : isSameIdentity(value, wanted.externalId);
}

/** The one meant among several: the one under our externalId, else the only one of exactly this name. */
function chosen(hits: Hits, wanted: Wanted): Found {
  const distinct = [...new Map(hits.users.map((user) => [user.scimId, user])).values()];
  const candidates = [
    distinct,
    distinct.filter((user) => fits(user, 'externalId', wanted)),
    distinct.filter((user) => user.resource.userName === wanted.userName),
  ];
  for (const users of candidates) {
    const [only] = users;
    if (only !== undefined && users.length === 1) return { kind: 'FOUND', user: only };
  }
  return { kind: 'SEVERAL', count: distinct.length };
}
