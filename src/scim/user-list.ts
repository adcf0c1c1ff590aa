/** Walks over the service's list of users (RFC 7644 3.4.2.4), believing as little of it as possible. */

import type { ListEnd, Log, RemoteUser, UserListing } from '../model/ports.ts';
import { isSuccess, isTransient } from './answer.ts';
import type { Courier, Getter } from './courier.ts';
import { countOf, listOf, memberOf } from './json.ts';
import type { Layout } from './layout.ts';
import { readUser, type StoredUser } from './reading.ts';

/** What many services allow at most; a page of it is some 170 KB. */
const PAGE_SIZE = 200;
/** Pages in a row without a single new id, after which the service is walking in circles. */
const MAX_STALE_PAGES = 3;

export interface UserListOptions {
  readonly getter: Getter;
  readonly courier: Pick<Courier, 'describe' | 'unreachable'>;
  readonly layout: Layout;
  readonly log: Log;
}

/**
 * Every user of a walk, each id once, one page in memory at a time. Ends at an empty page, or past a total that an
 * earlier page has proved to be more than the length of that page (some services give one for the other). Where the
 * service refuses to list, or to go on with it, the walk ends there, and a warning says so. Returns how it ended.
 * @throws RunError SERVICE_UNREACHABLE when it stops answering
 */
export async function* walkUsers(options: UserListOptions): AsyncGenerator<StoredUser, ListEnd> {
  const { getter, courier, layout, log } = options;
  const seen = new Set<string>();
  let isTotalProved = false;
  let stalePages = 0;
  for (let startIndex = 1; ;) {
    const reply = await getter.get(`/Users?startIndex=${startIndex}&count=${PAGE_SIZE}`);
    if (isTransient(reply)) throw courier.unreachable(reply);
    if (!isSuccess(reply) || reply.body === null) {
      const said = courier.describe(reply);
      const what = startIndex === 1 ? 'does not list its users' : `ends its list at user ${startIndex}`;
      log.warn('ScimService', `The service ${what}: ${said}`);
      return { reached: false, reason: `it answers ${said}` };
    }
    const page = listOf(memberOf(reply.body, 'Resources'));
    if (page.length === 0) return REACHED;
    const sizeBefore = seen.size;
    for (const each of page) {
      const user = readUser(each, layout);
      if (user === null || seen.has(user.scimId)) continue;
      seen.add(user.scimId);
      yield user;
    }
    stalePages = seen.size === sizeBefore ? stalePages + 1 : 0;
    if (stalePages === MAX_STALE_PAGES) {
      log.warn('ScimService', 'The service repeats the same page of users: the walk ends here.');
      return { reached: false, reason: 'it repeats the same page' };
    }
    startIndex += page.length;
    const total = countOf(memberOf(reply.body, 'totalResults'));
    isTotalProved ||= total !== null && total > page.length;
    if (isTotalProved && total !== null && startIndex > total) return REACHED;
  }
}

const REACHED: ListEnd = { reached: true };

/** A walk as the port shows it. */
export function listingOf(walk: AsyncGenerator<StoredUser, ListEnd>): UserListing {
  let end: ListEnd = { reached: false, reason: 'nobody has followed it to its end' };
  async function* users(): AsyncGenerator<RemoteUser> {
    let next = await walk.next();
    for (; next.done !== true; next = await walk.next()) yield remoteUser(next.value);
    end = next.value;
  }
  return Object.assign(users(), { end: () => end });
}

/** A stored user as the port shows it, without the body it came in. */
export function remoteUser(user: StoredUser): RemoteUser {
  return { scimId: user.scimId, resource: user.resource };
}
