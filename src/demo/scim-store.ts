/** The users and organizations of the demo service, in memory, with the rules Code42 is known for. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceBehaviour } from './scim-options.ts';
import { DEMO_EXTENSION_URN, ORG_ATTRIBUTE, ScimFault, type Json } from './scim-schema.ts';

export interface DemoUser {
  readonly id: string;
  readonly userName: string;
  readonly externalId: string | null;
  readonly active: boolean;
  /** The organization's id: two organizations may have one name, which is the mistake to look for. */
  readonly orgId: string;
  readonly org: string;
  readonly roles: readonly string[];
  /** Everything the user holds, as the schema understands it. */
  readonly resource: Json;
  readonly version: number;
  readonly created: Date;
  readonly lastModified: Date;
  /** Until then a deactivated user is shown as active; `null` where that is no matter. */
  readonly activeUntil: number | null;
}

export interface DemoOrg {
  readonly id: string;
  readonly name: string;
}

/** Identifiers are 18 decimal digits, more than a JavaScript number holds: a client must keep them as text. */
const FIRST_ID = 910_000_000_000_000_001n;

export class ScimStore {
  readonly #behaviour: ServiceBehaviour;
  readonly #users = new Map<string, DemoUser>();
  readonly #idByName = new Map<string, string>();
  readonly #idsByExternalId = new Map<string, Set<string>>();
  readonly #orgs: DemoOrg[] = [];
  readonly #local: ReadonlySet<string>;
  #order: string[] = [];
  #count = 0n;

  constructor(behaviour: ServiceBehaviour) {
    this.#behaviour = behaviour;
    this.#local = new Set(behaviour.localUsers.map((name) => name.toLowerCase()));
  }

  get size(): number {
    return this.#users.size;
  }

  /** Users in the order of their creation, from a position on. */
  slice(from: number, count: number): DemoUser[] {
    return this.#order.slice(from, from + count).map((id) => this.get(id));
  }

  all(): readonly DemoUser[] {
    return [...this.#users.values()];
  }

  orgs(): readonly DemoOrg[] {
    return [...this.#orgs];
  }

  /** @throws ScimFault 404 */
  get(id: string): DemoUser {
    const user = this.#users.get(id);
    if (user === undefined) throw new ScimFault(404, null, `Resource ${id} not found`);
    return user;
  }

  byUserName(userName: string): DemoUser | null {
    const id = this.#idByName.get(userName.toLowerCase());
    return id === undefined ? null : (this.#users.get(id) ?? null);
  }

  byExternalId(externalId: string): DemoUser[] {
    return [...(this.#idsByExternalId.get(externalId) ?? [])].map((id) => this.get(id));
  }

  /** @throws ScimFault 409 for a userName that is taken */
  async create(resource: Json): Promise<DemoUser> {
    const id = String(FIRST_ID + this.#count++ * 7n);
    // The name is taken before the pause in which the organization is made: of two creates at once, one is a 409.
    this.#claim(userNameOf(resource), id);
    try {
      const meant = orgMeant(resource, null);
      const org = await this.#findOrMakeOrg(meant.name);
      const now = new Date();
      // Whoever is created is active, whatever the request says.
      const activated = { ...meant.resource, active: true };
      return this.#put(
        this.#userOf(id, activated, org, { version: 1, created: now, lastModified: now, activeUntil: null }),
      );
    } catch (error) {
      this.#release(userNameOf(resource), id);
      throw error;
    }
  }

  /** Gives the user another resource, whole. @throws ScimFault 404, 409 */
  async replace(id: string, resource: Json): Promise<DemoUser> {
    const before = this.get(id);
    this.#claim(userNameOf(resource), id);
    const meant = orgMeant(resource, before.resource);
    const org = await this.#findOrMakeOrg(meant.name);
    const leaves = before.active && resource['active'] === false;
    const delayMs = this.#behaviour.deactivationDelayMs;
    return this.#put(
      this.#userOf(id, meant.resource, org, {
        version: before.version + 1,
        created: before.created,
        lastModified: new Date(),
        activeUntil: leaves && delayMs > 0 ? Date.now() + delayMs : null,
      }),
    );
  }

  /** Removes a user behind the client's back, as an administrator in the console does. */
  remove(id: string): void {
    const user = this.get(id);
    this.#users.delete(id);
    this.#idByName.delete(user.userName.toLowerCase());
    if (user.externalId !== null) this.#idsByExternalId.get(user.externalId)?.delete(id);
    this.#order = this.#order.filter((one) => one !== id);
  }

  #claim(userName: string, id: string): void {
    const key = userName.toLowerCase();
    const holder = this.#idByName.get(key);
    if (this.#local.has(key) || (holder !== undefined && holder !== id)) {
      throw new ScimFault(409, 'uniqueness', `A user named ${userName} exists already`);
    }
    this.#idByName.set(key, id);
  }

  #release(userName: string, id: string): void {
    const key = userName.toLowerCase();
    if (this.#idByName.get(key) === id) this.#idByName.delete(key);
  }

  async #findOrMakeOrg(wanted: string | null): Promise<DemoOrg> {
    const name = wanted ?? this.#behaviour.defaultOrg;
    const known = this.#orgs.find((org) => org.name === name);
    if (known !== undefined) return known;
    // The gap is on purpose: two requests that name a new organization at once make two of it, as the real service does.
    if (wanted !== null && this.#behaviour.orgGapMs > 0) await sleep(this.#behaviour.orgGapMs);
    const org = { id: String(400_000 + this.#orgs.length), name };
    this.#orgs.push(org);
    return org;
  }

  #userOf(
    id: string,
    resource: Json,
    org: DemoOrg,
    stamps: Pick<DemoUser, 'version' | 'created' | 'lastModified' | 'activeUntil'>,
  ): DemoUser {
    const roles = this.#managedRoles(resource['roles']);
    const externalId = resource['externalId'];
    return {
      id,
      userName: userNameOf(resource),
      externalId: typeof externalId === 'string' ? externalId : null,
      active: resource['active'] !== false,
      orgId: org.id,
      org: org.name,
      roles,
      resource: { ...resource, roles: roles.map((value) => ({ value })) },
      ...stamps,
    };
  }

  #managedRoles(given: unknown): readonly string[] {
    const names = Array.isArray(given)
      ? given.map((role: unknown) => String((role as Json)['value']).toLowerCase())
      : [];
    const managed = this.#behaviour.roles.filter((role) => names.includes(role.toLowerCase()));
    return managed.length > 0 ? managed : this.#behaviour.defaultRoles;
  }

  #put(user: DemoUser): DemoUser {
    const before = this.#users.get(user.id);
    if (before === undefined) this.#order.push(user.id);
    else if (before.userName.toLowerCase() !== user.userName.toLowerCase())
      this.#release(before.userName, user.id);
    if (before?.externalId !== user.externalId) {
      if (before !== undefined && before.externalId !== null)
        this.#idsByExternalId.get(before.externalId)?.delete(user.id);
      if (user.externalId !== null) {
        const ids = this.#idsByExternalId.get(user.externalId) ?? new Set<string>();
        this.#idsByExternalId.set(user.externalId, ids.add(user.id));
      }
    }
    this.#users.set(user.id, user);
    return user;
  }
}

function userNameOf(resource: Json): string {
  return String(resource['userName']);
}

/**
 * The organization a resource names, at the top or in the extension. Where an update changes only one of the two, that
 * one is meant, and the other is dropped from the resource: it would go on showing what was.
 */
function orgMeant(
  resource: Json,
  before: Json | null,
): { readonly name: string | null; readonly resource: Json } {
  const { [ORG_ATTRIBUTE]: top, [DEMO_EXTENSION_URN]: nested, ...rest } = resource;
  const inside = (value: unknown): string | null => textOrNull((value as Json | undefined)?.[ORG_ATTRIBUTE]);
  const atTop = { name: textOrNull(top), was: textOrNull(before?.[ORG_ATTRIBUTE]) };
  const atExtension = { name: inside(nested), was: inside(before?.[DEMO_EXTENSION_URN]) };
  const given = [atTop, atExtension].filter(({ name }) => name !== null);
  const meant = given.find(({ name, was }) => name !== was) ?? given[0];
  if (meant === undefined) return { name: null, resource: rest };
  const kept = meant === atTop ? { [ORG_ATTRIBUTE]: top } : { [DEMO_EXTENSION_URN]: nested };
  return { name: meant.name, resource: { ...rest, ...kept } };
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
