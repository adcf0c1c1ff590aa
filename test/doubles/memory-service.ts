/** A SCIM service in memory behind the engine's ports: userName unique, organizations made on first mention. */

import type { Outcome } from '../../src/model/plan.ts';
import type {
  ListEnd,
  RemoteUser,
  Sighting,
  UserListing,
  UserReader,
  UserWriter,
  Wanted,
} from '../../src/model/ports.ts';
import { differingAttributes, type UserAttribute, type UserResource } from '../../src/model/user.ts';

type Held = { scimId: string; resource: UserResource };

export class MemoryService implements UserReader, UserWriter {
  readonly users = new Map<string, Held>();
  readonly writes: string[] = [];
  gets = 0;
  /** Whether a userName alone makes a user ours, as with scim.adopt.by=USER_NAME. */
  adoptsByName = false;
  /** externalIds of users who were created though inactive: the real service would make them active. */
  readonly createdInactive: string[] = [];
  writersOpened = 0;
  /** Walks over the list so far. */
  lists = 0;
  /** How the next walks over the list end, if not where they should. */
  listEnds: ({ readonly after: number; readonly end: ListEnd } | null)[] = [];
  /** Users whom the list leaves out and look-ups do not find yet: for services that are slow, or wrong, about whom they hold. */
  hides: ((user: UserResource, from: 'LIST' | 'LOOKUP') => boolean) | null = null;
  /** Called before each write; may throw a RunError, or return a failure for this user. */
  beforeWrite: ((kind: 'create' | 'update', user: UserResource) => Outcome | undefined) | null = null;
  /** Called when a write is done and its answer is still to come; may throw: then the answer is lost. */
  afterWrite: (() => void) | null = null;
  /** What the service makes of a user whom it was sent, for services that take a change and hold something else. */
  transforms: ((resource: UserResource) => UserResource) | null = null;
  /** Answers to updates without a body (204). */
  showsNothing = false;
  #nextId = 1;

  openWriter = (): UserWriter => {
    this.writersOpened += 1;
    return this;
  };

  async check(): Promise<void> {
    this.gets += 1;
  }

  async count(): Promise<number | null> {
    this.gets += 1;
    return this.users.size;
  }

  list(): UserListing {
    this.gets += 1;
    this.lists += 1;
    const { users, hides } = this;
    const breaksOff = this.listEnds.shift() ?? null;
    async function* walk(): AsyncGenerator<RemoteUser> {
      for (const user of [...users.values()].slice(0, breaksOff?.after)) {
        if (hides?.(user.resource, 'LIST') !== true) yield { ...user };
      }
    }
    return Object.assign(walk(), { end: () => breaksOff?.end ?? ({ reached: true } as const) });
  }

  async find(wanted: Wanted): Promise<Sighting> {
    this.gets += 1;
    const known = this.users.get(wanted.scimId ?? '');
    if (known !== undefined) return { kind: 'FOUND', user: known };
    const user = [...this.users.values()].find(
      ({ resource }) =>
        resource.externalId === wanted.externalId && this.hides?.(resource, 'LOOKUP') !== true,
    );
    return user === undefined ? { kind: 'NONE' } : { kind: 'FOUND', user };
  }

  requests(): Readonly<Record<string, number>> {
    return { GET: this.gets, WRITE: this.writes.length };
  }

  async create(
    user: UserResource,
    mayAdopt: (scimId: string) => boolean,
    mayReopen: (scimId: string) => string | null = () => null,
  ): Promise<Outcome> {
    await settle();
    const refused = this.beforeWrite?.('create', user);
    if (refused !== undefined) return refused;
    const holder = this.byName(user.userName);
    if (holder !== undefined) {
      const ours = holder.resource.externalId === user.externalId || this.adoptsByName;
      if (!ours || !mayAdopt(holder.scimId)) return conflict(user);
      const objection = holder.resource.active ? null : mayReopen(holder.scimId);
      if (objection !== null) return { ok: false, failure: { stage: 'SEND', message: objection } };
      return { ok: true, how: 'ADOPTED', ...this.#write('update', holder.scimId, user) };
    }
    if (!user.active) this.createdInactive.push(user.externalId);
    const scimId = String(this.#nextId++);
    return { ok: true, how: 'CREATED', ...this.#write('create', scimId, user) };
  }

  async update(
    scimId: string,
    user: UserResource,
    attributes: readonly UserAttribute[],
    mayAdopt: (scimId: string) => boolean,
    isRead = true,
  ): Promise<Outcome> {
    await settle();
    const refused = this.beforeWrite?.('update', user);
    if (refused !== undefined) return refused;
    const held = this.users.get(scimId);
    if (held === undefined) {
      const gone: Outcome = { ok: true, scimId, how: 'GONE', held: [] };
      return user.active && isRead ? this.create(user, mayAdopt) : gone;
    }
    const named = Object.fromEntries(attributes.map((attribute) => [attribute, user[attribute]]));
    const merged = { ...held.resource, ...named };
    const holder = this.byName(merged.userName);
    if (holder !== undefined && holder.scimId !== scimId) return conflict(user);
    return { ok: true, how: 'UPDATED', ...this.#write(`update ${attributes.join(',')}`, scimId, merged) };
  }

  byName(userName: string): Held | undefined {
    const wanted = userName.toLowerCase();
    return [...this.users.values()].find(({ resource }) => resource.userName.toLowerCase() === wanted);
  }

  #write(
    kind: string,
    scimId: string,
    sent: UserResource,
  ): { scimId: string; held: UserAttribute[]; holds?: Partial<UserResource>; showsClosed?: true } {
    const resource = this.transforms?.(sent) ?? sent;
    this.writes.push(`${kind} ${sent.userName}`);
    this.users.set(scimId, { scimId, resource });
    this.afterWrite?.();
    const held = differingAttributes(sent, resource);
    const seen = this.showsNothing || resource.active ? {} : ({ showsClosed: true } as const);
    if (held.length === 0 || this.showsNothing) return { scimId, held: [], ...seen };
    return { scimId, held, ...seen, holds: Object.fromEntries(held.map((name) => [name, resource[name]])) };
  }
}

/** Answers come later and in no order, as over a network. */
async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

function conflict(user: UserResource): Outcome {
  return {
    ok: false,
    failure: { stage: 'CONFLICT', message: `userName ${user.userName} belongs to another user.` },
  };
}
