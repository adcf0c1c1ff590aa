/** A correct SCIM service for users, in memory: what a hostile server obeys when its script does not say otherwise. */

import { setTimeout as delay } from 'node:timers/promises';

export type Body = Record<string, unknown>;

export interface StoreRequest {
  readonly method: string;
  /** Below the base URL: `/Users/1`. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Body | null;
}

export interface StoreAnswer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Body | null;
}

export interface StoredResource {
  readonly id: string;
  version: number;
  body: Body;
}

export const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

/** Users with unique names and externalIds, eq filters, paging, PATCH by path, versions, organizations made on first mention. */
export class HostileScimStore {
  readonly users = new Map<string, StoredResource>();
  /** Every organization made, in order: one that is there twice was made twice. */
  readonly orgs: string[] = [];
  /** The gap between looking for an organization and making it, as real services have one. */
  orgGapMs = 0;
  #lastId = 987_654_321_012_345_678n;

  add(body: Body): StoredResource {
    this.#lastId += 1n;
    const user = { id: String(this.#lastId), version: 1, body: structuredClone(body) };
    this.users.set(user.id, user);
    return user;
  }

  named(userName: string): StoredResource[] {
    return [...this.users.values()].filter((user) => same(user.body['userName'], userName));
  }

  show(user: StoredResource): Body {
    const meta = { resourceType: 'User', version: `W/"${user.version}"` };
    return { schemas: [], ...user.body, id: user.id, meta };
  }

  async answer(request: StoreRequest): Promise<StoreAnswer> {
    const [, collection, rawId] = request.path.split('/');
    if (collection !== 'Users') return error(404, null, 'no such endpoint');
    if (rawId === undefined) {
      return request.method === 'POST' ? this.#create(request.body ?? {}) : this.#list(request.query);
    }
    const user = this.users.get(decodeURIComponent(rawId));
    if (user === undefined) return error(404, null, 'no such user');
    if (request.method === 'GET') return this.#shown(user, 200);
    const ifMatch = request.headers['if-match'];
    if (ifMatch !== undefined && ifMatch !== `W/"${user.version}"`)
      return error(412, null, 'another version');
    if (request.method === 'PUT') return this.#replace(user, request.body ?? {});
    if (request.method === 'PATCH') return this.#patch(user, request.body ?? {});
    return error(405, null, 'not here');
  }

  async #create(body: Body): Promise<StoreAnswer> {
    const taken = this.#taken(body, null);
    if (taken !== null) return taken;
    const user = this.add(body);
    await this.#mentionOrg(body);
    const shown = this.#shown(user, 201);
    return { ...shown, headers: { ...shown.headers, location: `/scim/v2/Users/${user.id}` } };
  }

  async #replace(user: StoredResource, body: Body): Promise<StoreAnswer> {
    const taken = this.#taken(body, user.id);
    if (taken !== null) return taken;
    user.body = structuredClone(body);
    user.version += 1;
    await this.#mentionOrg(body);
    return this.#shown(user, 200);
  }

  async #patch(user: StoredResource, body: Body): Promise<StoreAnswer> {
    const draft = structuredClone(user.body);
    for (const operation of body['Operations'] as Body[]) {
      const problem = apply(draft, operation);
      if (problem !== null) return problem;
    }
    return this.#replace(user, draft);
  }

  #list(query: URLSearchParams): StoreAnswer {
    const filter = query.get('filter');
    let users = [...this.users.values()];
    if (filter !== null) {
      const match = /^(userName|externalId) eq (".*")$/s.exec(filter);
      if (match === null) return error(400, 'invalidFilter', `cannot read ${filter}`);
      const [, attribute = '', text = ''] = match;
      const value = JSON.parse(text) as string;
      users = users.filter((user) =>
        attribute === 'userName' ? same(user.body[attribute], value) : user.body[attribute] === value,
      );
    }
    const startIndex = Number(query.get('startIndex') ?? '1');
    const count = Number(query.get('count') ?? '100');
    const page = users.slice(startIndex - 1, startIndex - 1 + count).map((user) => this.show(user));
    // Like Apache SCIMple, no `Resources` member where there is nothing.
    const resources = page.length === 0 ? {} : { Resources: page };
    return {
      status: 200,
      headers: {},
      body: { totalResults: users.length, startIndex, itemsPerPage: page.length, ...resources },
    };
  }

  #taken(body: Body, exceptId: string | null): StoreAnswer | null {
    for (const user of this.users.values()) {
      if (user.id === exceptId) continue;
      if (same(user.body['userName'], body['userName']) || user.body['externalId'] === body['externalId']) {
        return error(409, 'uniqueness', 'the user exists');
      }
    }
    return null;
  }

  async #mentionOrg(body: Body): Promise<void> {
    const org = body['c42OrgName'];
    if (typeof org !== 'string' || this.orgs.includes(org)) return;
    if (this.orgGapMs > 0) await delay(this.orgGapMs);
    this.orgs.push(org);
  }

  #shown(user: StoredResource, status: number): StoreAnswer {
    return { status, headers: { etag: `W/"${user.version}"` }, body: this.show(user) };
  }
}

export function error(status: number, scimType: string | null, detail: string): StoreAnswer {
  const schemas = ['urn:ietf:params:scim:api:messages:2.0:Error'];
  const body = { schemas, status: String(status), detail, ...(scimType === null ? {} : { scimType }) };
  return { status, headers: {}, body };
}

function same(a: unknown, b: unknown): boolean {
  return typeof a === 'string' && typeof b === 'string' && a.toLowerCase() === b.toLowerCase();
}

/** One PATCH operation, as strictly as the strictest service seen. */
function apply(draft: Body, operation: Body): StoreAnswer | null {
  const { op, path, value } = operation as { op: unknown; path: unknown; value: unknown };
  if (op !== 'replace' && op !== 'remove' && op !== 'add') return error(400, 'invalidSyntax', 'unknown op');
  if (typeof path !== 'string' || path.includes('[')) return error(400, 'noTarget', 'no such target');
  if (op !== 'remove' && (value === null || value === undefined || value === '')) {
    return error(400, 'invalidValue', 'no value');
  }
  const colon = path.lastIndexOf(':');
  if (colon !== -1 && typeof value === 'object' && path.toLowerCase() === ENTERPRISE.toLowerCase()) {
    return error(500, null, 'extension object');
  }
  let home = draft;
  if (colon !== -1) home = (draft[path.slice(0, colon)] ??= {}) as Body;
  const [name = '', subName] = path.slice(colon + 1).split('.');
  if (subName !== undefined) home = (home[name] ??= {}) as Body;
  const key = subName ?? name;
  if (op === 'remove') delete home[key];
  else home[key] = value;
  return null;
}
