/** Questions to a SCIM service about itself that no run asks; nothing but GET. */

import { isSuccess, isTransient, type Answer, type Reply } from './answer.ts';
import type { Courier, Getter } from './courier.ts';
import { countOf, flagOf, listOf, memberOf, objectOf, type JsonObject } from './json.ts';
import type { Layout } from './layout.ts';
import { filterQuery } from './lookup.ts';
import type { Quota } from './rate-limit-headers.ts';
import { isSameName, readUser, type StoredUser } from './reading.ts';

/** What the service says that it can do (RFC 7643 5); `null`: it does not say. */
export interface ServiceFeatures {
  readonly patch: boolean | null;
  readonly etag: boolean | null;
  readonly filter: boolean | null;
  readonly maxResults: number | null;
}

/** What the first pages of the list tell. */
export interface ListFindings {
  /** `totalResults`, `null` where it does not say. */
  readonly total: number | null;
  /** The first user of the list; `null` where it shows none. */
  readonly first: StoredUser | null;
  /** What is not as RFC 7644 3.4.2.4 has it, in words. */
  readonly problems: readonly string[];
}

export interface InquiryOptions {
  readonly getter: Getter;
  readonly courier: Pick<Courier, 'describe' | 'unreachable'>;
  readonly layout: Layout;
}

type FilterKey = 'userName' | 'externalId';

/** So many users are asked for at a time: two pages of them show whether pages are pages. */
const PAGE = 2;
/** Nobody is called so, by RFC 2606. */
const NOBODY = 'c42uds-doctor@nobody.invalid';

/** Each question is answered, or throws RunError SERVICE_UNREACHABLE or SERVICE_REFUSED. */
export class ServiceInquiry {
  readonly #options: InquiryOptions;
  #latest: Answer | null = null;
  /** When it came, on our clock. */
  #arrivedMs = 0;
  #quota: Quota | null = null;

  constructor(options: InquiryOptions) {
    this.#options = options;
  }

  /** What the service says of itself; a reason in words where it says nothing. */
  async features(): Promise<ServiceFeatures | string> {
    const reply = await this.#get('/ServiceProviderConfig');
    if (!isSuccess(reply) || reply.body === null) return this.#options.courier.describe(reply);
    const supported = (name: string): boolean | null => {
      const feature = objectOf(memberOf(reply.body ?? {}, name));
      return feature === null ? null : flagOf(memberOf(feature, 'supported'));
    };
    const filter = objectOf(memberOf(reply.body, 'filter'));
    return {
      patch: supported('patch'),
      etag: supported('etag'),
      filter: supported('filter'),
      maxResults: filter === null ? null : countOf(memberOf(filter, 'maxResults')),
    };
  }

  /** Asks for two small pages and holds what comes against what was asked for; a reason where the service does not list. */
  async list(): Promise<ListFindings | string> {
    const first = await this.#page(1);
    if (typeof first === 'string') return first;
    const { ids, total } = first;
    const findings = { total, first: first.user };
    const problems: string[] = [];
    if (total === null) problems.push('it does not say how many users there are (totalResults)');
    else if (total < ids.length) problems.push(`its totalResults is ${total}, and it sends ${ids.length}`);
    if (ids.length > PAGE) problems.push(`it sends ${ids.length} users where ${PAGE} were asked for (count)`);
    if (ids.length < PAGE) {
      if (total !== null && total > ids.length)
        problems.push(`its totalResults is ${total}, and it sends ${ids.length}`);
      return { ...findings, problems };
    }
    const second = await this.#page(PAGE + 1);
    if (typeof second === 'string') return { ...findings, problems: [...problems, `page 2: ${second}`] };
    const [next] = second.ids;
    if (next !== undefined && next === ids[0])
      problems.push('it sends the first page whatever startIndex says: only a part of the users can be seen');
    else if (ids.length === PAGE && next === undefined && total !== null && total > PAGE)
      problems.push(`its totalResults is ${total}, and it sends none from the third on`);
    else if (ids.length === PAGE && next !== undefined && total === PAGE)
      problems.push(`its totalResults is ${total}, and it sends more`);
    return { ...findings, problems };
  }

  /** Whether the service finds a user by a filter: true, or what it does instead. @param user one of its list; `null` for none */
  async filter(key: FilterKey, user: StoredUser | null): Promise<true | string> {
    const wanted = user?.resource[key] ?? NOBODY;
    const reply = await this.#get(filterQuery(key, wanted));
    if (!isSuccess(reply) || reply.body === null)
      return `it refuses a filter by ${key}: ${this.#options.courier.describe(reply)}`;
    const found = usersIn(reply.body, this.#options.layout);
    const fit = found.filter(({ resource }) => isSame(key, resource[key], wanted));
    if (found.length > fit.length) return `it answers a filter by ${key} with users whom nobody asked for`;
    if (user?.resource[key] === undefined || fit.some(({ scimId }) => scimId === user.scimId)) return true;
    return `it does not find by ${key} a user whom its own list shows`;
  }

  /** The version of a user (RFC 7644 3.14): whether the service keeps one. */
  async showsVersion(user: StoredUser): Promise<boolean> {
    if (user.version !== null) return true;
    const reply = await this.#get(`/Users/${encodeURIComponent(user.scimId)}`);
    if (!isSuccess(reply)) return false;
    return reply.etag !== null || readUser(reply.body, this.#options.layout)?.version !== null;
  }

  /** How far our clock is ahead of the service's, in milliseconds; `null` before an answer with a date. */
  clockAheadMs(): number | null {
    const dateMs = Date.parse(this.#latest?.date ?? '');
    return Number.isNaN(dateMs) ? null : this.#arrivedMs - dateMs;
  }

  /** What the answers so far have said of a rate limit; `null`: nothing. */
  get quota(): Quota | null {
    return this.#quota;
  }

  async #get(path: string): Promise<Reply> {
    const reply = await this.#options.getter.get(path);
    if (isTransient(reply)) throw this.#options.courier.unreachable(reply);
    if (reply.kind === 'ANSWER') {
      this.#latest = reply;
      this.#arrivedMs = Date.now();
      this.#quota = reply.quota ?? this.#quota;
    }
    return reply;
  }

  async #page(
    startIndex: number,
  ): Promise<{ ids: readonly string[]; total: number | null; user: StoredUser | null } | string> {
    const reply = await this.#get(`/Users?startIndex=${startIndex}&count=${PAGE}`);
    if (!isSuccess(reply) || reply.body === null) return this.#options.courier.describe(reply);
    const users = usersIn(reply.body, this.#options.layout);
    return {
      ids: users.map(({ scimId }) => scimId),
      total: countOf(memberOf(reply.body, 'totalResults')),
      user: users[0] ?? null,
    };
  }
}

function usersIn(body: JsonObject, layout: Layout): StoredUser[] {
  return listOf(memberOf(body, 'Resources')).flatMap((each) => readUser(each, layout) ?? []);
}

function isSame(key: FilterKey, value: string | undefined, wanted: string): boolean {
  if (value === undefined) return false;
  return key === 'userName' ? isSameName(value, wanted) : value === wanted;
}
