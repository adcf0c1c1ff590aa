/** The read side of the service: all that a dry run constructs. */

import { RunError } from '../model/errors.ts';
import type { ListEnd, ServicePace, Sighting, UserListing, UserReader, Wanted } from '../model/ports.ts';
import { isPage, isSuccess, isTransient, type Answer, type Reply } from './answer.ts';
import type { Courier, Getter } from './courier.ts';
import { countOf, memberOf } from './json.ts';
import type { StoredUser } from './reading.ts';
import { filterQuery, type Lookup } from './lookup.ts';
import { listingOf, remoteUser } from './user-list.ts';

export interface UserReaderOptions {
  readonly getter: Getter;
  /** For the check: fewer attempts, since somebody is waiting for the answer, and a 403 ends the run. */
  readonly checkGetter: Getter;
  readonly courier: Pick<Courier, 'describe' | 'unreachable'>;
  readonly baseUrl: URL;
  readonly userName: string;
  readonly walk: () => AsyncGenerator<StoredUser, ListEnd>;
  readonly lookup: Pick<Lookup, 'sighting' | 'byId'>;
  readonly purposes: () => Readonly<Record<string, number>>;
  readonly counts: () => Readonly<Record<string, number>>;
  readonly pace: () => ServicePace;
}

export class ScimUserReader implements UserReader {
  readonly #options: UserReaderOptions;

  constructor(options: UserReaderOptions) {
    this.#options = options;
  }

  async check(): Promise<void> {
    const { checkGetter, userName } = this.#options;
    const filtered = await checkGetter.get(`${filterQuery('userName', userName)}&count=1`);
    if (isScim(filtered)) return;
    // Some services have no filter, or not for this name: the plain list tells whether there is a service at all.
    const listed = isTransient(filtered) ? filtered : await checkGetter.get('/Users?startIndex=1&count=1');
    if (isScim(listed)) return;
    throw this.#notAService(listed);
  }

  async count(): Promise<number | null> {
    const reply = await this.#options.getter.get('/Users?startIndex=1&count=1');
    if (isTransient(reply)) throw this.#options.courier.unreachable(reply);
    if (!isSuccess(reply) || reply.body === null) return null;
    return countOf(memberOf(reply.body, 'totalResults'));
  }

  list(): UserListing {
    return listingOf(this.#options.walk());
  }

  async find(wanted: Wanted): Promise<Sighting> {
    const { lookup } = this.#options;
    if (wanted.scimId !== undefined) {
      const found = await lookup.byId(wanted.scimId);
      if (found.kind === 'FAILED') return { kind: 'UNKNOWN', reason: 'it did not answer.' };
      if (found.kind === 'FOUND') return { kind: 'FOUND', user: remoteUser(found.user) };
    }
    const sighting = await lookup.sighting(wanted);
    if (sighting.kind === 'FOUND') return { kind: 'FOUND', user: remoteUser(sighting.user) };
    if (sighting.kind !== 'NAMESAKE' || wanted.scimId === undefined) return sighting;
    // The account that we knew is not there: another of the same name may be his, made anew by hand.
    if (sighting.scimId !== wanted.scimId) return sighting;
    return { kind: 'UNKNOWN', reason: `it shows the user as ${wanted.scimId} and then knows no such id.` };
  }

  requests(): Readonly<Record<string, number>> {
    return this.#options.counts();
  }

  purposes(): Readonly<Record<string, number>> {
    return this.#options.purposes();
  }

  pace(): ServicePace {
    return this.#options.pace();
  }

  #notAService(reply: Reply): RunError {
    const { courier, baseUrl } = this.#options;
    if (isTransient(reply) && !isPage(reply)) return courier.unreachable(reply);
    const url = baseUrl.href;
    if (reply.kind === 'ANSWER' && wantsTls(reply, baseUrl)) {
      const fix = `Let scim.baseurl begin with https://${baseUrl.host}.`;
      const message = `The port of ${url} wants TLS, but scim.baseurl begins with http://: ${courier.describe(reply)}`;
      return new RunError('SERVICE_UNREACHABLE', message, { fix });
    }
    const message =
      isSuccess(reply) || isPage(reply)
        ? `${url} answers, but not as a SCIM service does: ${courier.describe(reply)}`
        : `There is no SCIM service at ${url}: ${courier.describe(reply)}`;
    return new RunError('SERVICE_UNREACHABLE', message, {
      fix: 'Set scim.baseurl to the base URL that the console shows for the provisioning provider.',
    });
  }
}

/** How web servers word it when they are asked in clear where they speak TLS: nginx, Apache, Go, Tomcat. */
const ASKED_IN_CLEAR =
  /plain HTTP request was sent to HTTPS|speaking plain HTTP to an SSL|HTTP request to an HTTPS server|host and port requires TLS/i;

function wantsTls({ status, text }: Answer, { protocol }: URL): boolean {
  return protocol === 'http:' && status === 400 && ASKED_IN_CLEAR.test(text);
}

/** A SCIM answer to a query: a list, or a SCIM error that is about the query and not about the address. */
function isScim(reply: Reply): boolean {
  if (reply.kind === 'LOST' || reply.body === null) return false;
  if (isSuccess(reply)) return true;
  // RFC 7644 3.4.2: too many results, or a query without a filter that the service will not answer.
  return reply.status === 400 || reply.status === 403 || reply.status === 501;
}
