/** What the demo service answers to each request, once somebody is logged in (RFC 7644 3 and 4). */

import type { ServiceBehaviour } from './scim-options.ts';
import {
  DEMO_EXTENSION_URN,
  describeResourceTypes,
  describeSchemas,
  ENTERPRISE_URN,
  filterUsers,
  ORG_ATTRIBUTE,
  patchUser,
  readUser,
  ScimFault,
  showUser,
  type Json,
} from './scim-schema.ts';
import type { DemoUser, ScimStore } from './scim-store.ts';

export interface ScimRequest {
  readonly method: string;
  /** Below the base URL, without the query: `/Users/123`. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly ifMatch: string | null;
  readonly ifNoneMatch: string | null;
  readonly body: Json | null;
}

export interface ScimAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Json | null;
}

const LIST_URN = 'urn:ietf:params:scim:api:messages:2.0:ListResponse';
const WHOLE = { only: null, without: null };

export class ScimRoutes {
  readonly #store: ScimStore;
  readonly #behaviour: ServiceBehaviour;
  readonly #baseUrl: string;
  /** What a user looks like, until he changes: the library takes a millisecond to put one together. */
  readonly #shown = new WeakMap<DemoUser, Json>();

  constructor(store: ScimStore, behaviour: ServiceBehaviour, baseUrl: string) {
    this.#store = store;
    this.#behaviour = behaviour;
    this.#baseUrl = baseUrl;
  }

  /** @throws ScimFault for every answer that is an error */
  async answer(request: ScimRequest): Promise<ScimAnswer> {
    const [, kind, id, ...rest] = request.path.split('/');
    if (rest.length > 0) throw new ScimFault(404, null, `There is no ${request.path}`);
    switch (kind) {
      case 'Users':
        return id === undefined ? this.#users(request) : await this.#user(request, decodeURIComponent(id));
      case 'ServiceProviderConfig':
      case 'ResourceTypes':
      case 'Schemas':
        if (request.method !== 'GET')
          throw new ScimFault(405, null, `${kind} is read-only`, { Allow: 'GET' });
        return ok(this.#discovery(kind));
      default:
        throw new ScimFault(404, null, `There is no ${request.path}`);
    }
  }

  #users(request: ScimRequest): ScimAnswer | Promise<ScimAnswer> {
    if (request.method === 'GET') return ok(this.#list(request.query));
    if (request.method === 'POST') return this.#create(request);
    throw new ScimFault(405, null, `${request.method} is not for /Users`, { Allow: 'GET, POST' });
  }

  async #user(request: ScimRequest, id: string): Promise<ScimAnswer> {
    const user = this.#store.get(id);
    switch (request.method) {
      case 'GET': {
        const headers = { ETag: etagOf(user) };
        if (request.ifNoneMatch !== null && matchesEtag(request.ifNoneMatch, user)) {
          return { status: 304, headers, body: null };
        }
        return { status: 200, headers, body: this.#show(user, wantedAttributes(request.query)) };
      }
      case 'PUT':
        refuseStale(request, user);
        return this.#changed(await this.#store.replace(id, readUser(request.body)));
      case 'PATCH':
        if (this.#behaviour.noPatch) throw new ScimFault(501, null, 'PATCH is not supported');
        refuseStale(request, user);
        if (this.#behaviour.nestedExtensionPatch500) refuseNestedExtension(request.body);
        return this.#changed(
          await this.#store.replace(id, await patchUser({ ...user.resource, id }, request.body ?? {})),
        );
      case 'DELETE':
        throw new ScimFault(501, null, 'Users cannot be deleted; deactivate them');
      default:
        throw new ScimFault(405, null, `${request.method} is not for a user`, { Allow: 'GET, PUT, PATCH' });
    }
  }

  async #create(request: ScimRequest): Promise<ScimAnswer> {
    const user = await this.#store.create(readUser(request.body));
    const headers = { Location: `${this.#baseUrl}/Users/${user.id}`, ETag: etagOf(user) };
    return { status: 201, headers, body: this.#behaviour.emptyCreated ? null : this.#show(user, WHOLE) };
  }

  #changed(user: DemoUser): ScimAnswer {
    const headers = { Location: `${this.#baseUrl}/Users/${user.id}`, ETag: etagOf(user) };
    if (this.#behaviour.noContent) return { status: 204, headers, body: null };
    return { status: 200, headers, body: this.#show(user, WHOLE) };
  }

  #list(query: URLSearchParams): Json {
    const startIndex = Math.max(integerOf(query.get('startIndex'), 1), 1);
    const count = Math.min(
      Math.max(integerOf(query.get('count'), this.#behaviour.maxPage), 0),
      this.#behaviour.maxPage,
    );
    const filter = query.get('filter');
    const found = filter === null ? null : this.#filter(filter);
    const page =
      found === null
        ? this.#store.slice(startIndex - 1, count)
        : found.slice(startIndex - 1, startIndex - 1 + count);
    const wanted = wantedAttributes(query);
    const resources = page.map((user) => this.#show(user, wanted));
    return {
      schemas: [LIST_URN],
      totalResults: found === null ? this.#store.size : found.length,
      startIndex,
      itemsPerPage: page.length,
      ...(resources.length === 0 && this.#behaviour.omitEmptyResources ? {} : { Resources: resources }),
    };
  }

  #filter(filter: string): readonly DemoUser[] {
    if (this.#behaviour.nonAsciiFilter400 && /[^ -~]/.test(filter)) {
      throw new ScimFault(400, 'invalidFilter', 'token recognition error in the filter');
    }
    const equality = readEquality(filter);
    if (equality?.attribute === 'username') return listOf(this.#store.byUserName(equality.value));
    if (equality?.attribute === 'externalid') return this.#store.byExternalId(equality.value);
    if (equality?.attribute === 'id') return this.#store.all().filter(({ id }) => id === equality.value);
    // The library's filter finds what the user shows; the user it belongs to comes along under a symbol of ours.
    const shown = this.#store.all().map((user) => ({ ...this.#show(user, WHOLE), [OWNER]: user }));
    return filterUsers(shown, filter).map((user) => user[OWNER]);
  }

  #show(user: DemoUser, wanted: { readonly only: string | null; readonly without: string | null }): Json {
    const whole = wanted.only === null && wanted.without === null;
    const known = whole ? this.#shown.get(user) : undefined;
    const shown = known ?? this.#put(user, wanted);
    if (whole) this.#shown.set(user, shown);
    const stillActive = user.activeUntil !== null && Date.now() < user.activeUntil;
    return stillActive && 'active' in shown ? { ...shown, active: true } : shown;
  }

  #put(user: DemoUser, wanted: { readonly only: string | null; readonly without: string | null }): Json {
    const meta = {
      created: user.created.toISOString(),
      lastModified: user.lastModified.toISOString(),
      version: etagOf(user),
    };
    const resource = { ...user.resource, id: user.id, meta };
    if (!this.#behaviour.showOrg) {
      delete (resource as Json)[ORG_ATTRIBUTE];
      delete (resource as Json)[DEMO_EXTENSION_URN];
    }
    return showUser(resource, `${this.#baseUrl}/Users`, wanted);
  }

  #discovery(kind: 'ServiceProviderConfig' | 'ResourceTypes' | 'Schemas'): Json {
    if (kind === 'ServiceProviderConfig') return serviceProviderConfig(this.#behaviour, this.#baseUrl);
    const resources =
      kind === 'Schemas' ? describeSchemas(this.#baseUrl) : describeResourceTypes(this.#baseUrl);
    return {
      schemas: [LIST_URN],
      totalResults: resources.length,
      startIndex: 1,
      itemsPerPage: resources.length,
      Resources: resources,
    };
  }
}

const OWNER = Symbol('owner');

function ok(body: Json): ScimAnswer {
  return { status: 200, headers: {}, body };
}

function listOf(user: DemoUser | null): readonly DemoUser[] {
  return user === null ? [] : [user];
}

function wantedAttributes(query: URLSearchParams): { only: string | null; without: string | null } {
  return { only: query.get('attributes'), without: query.get('excludedAttributes') };
}

function integerOf(text: string | null, otherwise: number): number {
  return text !== null && /^-?\d+$/.test(text) ? Number(text) : otherwise;
}

/** The one filter that a provisioning client lives on, with all the escapes of JSON, which the library does not read. */
function readEquality(filter: string): { attribute: string; value: string } | null {
  const match =
    /^\s*(?:urn:ietf:params:scim:schemas:core:2\.0:User:)?(\w+)\s+eq\s+("(?:[^"\\]|\\.)*")\s*$/i.exec(filter);
  if (match?.[1] === undefined || match[2] === undefined) return null;
  try {
    return { attribute: match[1].toLowerCase(), value: JSON.parse(match[2]) as string };
  } catch {
    throw new ScimFault(400, 'invalidFilter', 'The filter holds a string that is not JSON');
  }
}

function etagOf(user: DemoUser): string {
  return `W/"${user.version}"`;
}

/** `*`, or the user's version in a list of them, weak or strong. */
function matchesEtag(header: string, user: DemoUser): boolean {
  return header
    .split(',')
    .map((tag) => tag.trim())
    .some((tag) => tag === '*' || tag.replace(/^W\//, '') === `"${user.version}"`);
}

function refuseStale(request: ScimRequest, user: DemoUser): void {
  if (request.ifMatch === null || matchesEtag(request.ifMatch, user)) return;
  throw new ScimFault(412, null, `The user is at version ${etagOf(user)} by now`, { ETag: etagOf(user) });
}

function refuseNestedExtension(body: Json | null): void {
  const operations = Array.isArray(body?.['Operations']) ? (body['Operations'] as readonly Json[]) : [];
  for (const { path, value } of operations) {
    const asObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    const namesExtension =
      asObject && Object.entries(value).some(([key, of]) => /^urn:/i.test(key) && of instanceof Object);
    const isExtension = asObject && (path === ENTERPRISE_URN || path === DEMO_EXTENSION_URN);
    if (namesExtension || isExtension) throw new ScimFault(500, null, 'Internal server error');
  }
}

function serviceProviderConfig(behaviour: ServiceBehaviour, baseUrl: string): Json {
  return {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'],
    patch: { supported: !behaviour.noPatch },
    bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
    filter: { supported: true, maxResults: behaviour.maxPage },
    changePassword: { supported: false },
    sort: { supported: false },
    etag: { supported: true },
    authenticationSchemes: [
      { type: 'httpbasic', name: 'HTTP Basic', description: 'User name and password', primary: true },
      { type: 'oauthbearertoken', name: 'Bearer token', description: 'A token made in the console' },
    ],
    meta: { resourceType: 'ServiceProviderConfig', location: `${baseUrl}/ServiceProviderConfig` },
  };
}
