/** Brings a user who is at the service to the values we want: PATCH, or GET and PUT where there is no PATCH. */

import type { Log } from '../model/ports.ts';
import type { Outcome } from '../model/plan.ts';
import { isSameIdentity } from '../model/identity.ts';
import { USER_ATTRIBUTES, type UserAttribute, type UserResource } from '../model/user.ts';
import { isSuccess, isTransient, scimTypeOf, type Answer, type Reply } from './answer.ts';
import type { Courier } from './courier.ts';
import { flagOf, idOf, memberOf, objectOf } from './json.ts';
import type { Layout } from './layout.ts';
import { conflict, sendFailure, takenOver } from './outcome.ts';
import {
  attributesToSend,
  deviationOf,
  NO_DEVIATION,
  readResource,
  readUser,
  type Deviation,
  type StoredUser,
} from './reading.ts';
import { mergedResource, patchBody } from './resource.ts';

/** `MISSING`: the service knows no user of this id. */
export type Update =
  | { readonly kind: 'DONE'; readonly deviation: Deviation }
  | { readonly kind: 'MISSING' }
  | { readonly kind: 'FAILED'; readonly outcome: Outcome; readonly isTransient?: boolean };

/** A user read afresh, because the service had another version than we thought. */
type Fresh =
  { readonly kind: 'FRESH'; readonly user: StoredUser } | Exclude<Update, { readonly kind: 'DONE' }>;

export interface UserUpdateOptions {
  readonly courier: Courier;
  readonly layout: Layout;
  readonly method: 'AUTO' | 'PATCH' | 'PUT';
  readonly log: Log;
}

/** Times that a change is recomputed against a fresh copy. */
const MAX_RECOMPUTATIONS = 3;
const DONE: Update = { kind: 'DONE', deviation: NO_DEVIATION };

interface Change {
  readonly scimId: string;
  readonly user: UserResource;
  readonly attributes: readonly UserAttribute[];
}

export class UserUpdate {
  readonly #options: UserUpdateOptions;
  #usesPut: boolean;
  #isPatchProved = false;
  #discovery: Promise<boolean> | null = null;

  constructor(options: UserUpdateOptions) {
    this.#options = options;
    this.#usesPut = options.method === 'PUT';
  }

  /**
   * Brings those of the named attributes that are managed to the user's values; nothing to change is no request.
   * @throws RunError
   */
  async apply(scimId: string, user: UserResource, named: readonly UserAttribute[]): Promise<Update> {
    const attributes = named.filter((name) => this.#options.layout.managed.includes(name));
    if (attributes.length === 0) return DONE;
    const change = { scimId, user, attributes };
    return this.#usesPut ? this.#put(change) : this.#patch(change);
  }

  /**
   * As {@link apply}, for a change that closes the account or keeps it closed: read first, for an open account under the
   * externalId of somebody else is another system's by now (docs/decisions/scim.md, "Whose account is closed").
   * @param externalIds those under which the account is ours
   * @throws RunError
   */
  async applyToOurs(
    scimId: string,
    user: UserResource,
    named: readonly UserAttribute[],
    externalIds: readonly string[],
  ): Promise<Update> {
    const attributes = named.filter((name) => this.#options.layout.managed.includes(name));
    const change = { scimId, user, attributes };
    const read = await this.#read(change);
    if (read.kind === 'FAILED' && read.isTransient) return read;
    // A service that does not let itself be read, or shows no externalId, cannot be asked whose the account is.
    if (read.kind !== 'FRESH') return this.apply(scimId, user, named);
    const { resource } = read.user;
    const isOurs = externalIds.some((one) => isSameIdentity(one, resource.externalId ?? one));
    if (!isOurs && resource.active !== false) return { kind: 'FAILED', outcome: takenOver(user, read.user) };
    // Closed already: nothing to do, and another system's is none of our business.
    if (resource.active === false && (!isOurs || attributesToSend(resource, user, attributes).length === 0))
      return { kind: 'DONE', deviation: { held: [], showsClosed: true } };
    return this.#usesPut ? this.#put(change, read.user) : this.#patch(change);
  }

  async #patch(change: Change): Promise<Update> {
    const { courier, layout } = this.#options;
    let { attributes } = change;
    let ifMatch: string | null = null;
    for (let recomputed = 0; ; recomputed += 1) {
      const body = patchBody(change.user, attributes, layout);
      const reply = await courier.repeatedly({ method: 'PATCH', path: pathTo(change.scimId), body, ifMatch });
      if (isSuccess(reply)) {
        this.#isPatchProved = true;
        return this.#done(reply, change);
      }
      if (!isStale(reply, change)) {
        if (await this.#isDoneAlready(reply, change)) return DONE;
        if (!(await this.#isPatchMissing(reply))) return this.#refused(reply, change);
        this.#switchToPut(reply);
        return this.#put(change);
      }
      if (recomputed === MAX_RECOMPUTATIONS) return this.#refused(reply, change);
      const fresh = await this.#read(change);
      if (fresh.kind !== 'FRESH') return fresh;
      attributes = attributesToSend(fresh.user.resource, change.user, change.attributes);
      if (attributes.length === 0) return DONE;
      ifMatch = fresh.user.version;
    }
  }

  /** @param known the user as he has just been read */
  async #put(change: Change, known: StoredUser | null = null): Promise<Update> {
    const { courier, layout } = this.#options;
    for (let recomputed = 0; ; recomputed += 1) {
      const fresh: Fresh =
        known !== null && recomputed === 0 ? { kind: 'FRESH', user: known } : await this.#read(change);
      if (fresh.kind !== 'FRESH') return fresh;
      const { resource, raw, version } = fresh.user;
      // After a refusal only: the lost answer before it may have been the one that did the change.
      if (recomputed > 0 && attributesToSend(resource, change.user, change.attributes).length === 0)
        return DONE;
      const named = [...change.attributes, ...unshown(resource, change)];
      const body = mergedResource(raw, change.user, named, layout);
      const reply = await courier.repeatedly({
        method: 'PUT',
        path: pathTo(change.scimId),
        body,
        ifMatch: version,
      });
      if (isSuccess(reply)) return this.#done(reply, change);
      if (await this.#isDoneAlready(reply, change)) return DONE;
      if (!isStale(reply, change) || recomputed === MAX_RECOMPUTATIONS) return this.#refused(reply, change);
    }
  }

  /** Whether the name is taken by the user himself: renamed by an attempt whose answer was lost. */
  async #isDoneAlready(reply: Reply, change: Change): Promise<boolean> {
    if (reply.kind !== 'ANSWER' || reply.status !== 409 || !change.attributes.includes('userName'))
      return false;
    const fresh = await this.#read(change);
    if (fresh.kind !== 'FRESH') return false;
    return attributesToSend(fresh.user.resource, change.user, change.attributes).length === 0;
  }

  async #read(change: Change): Promise<Fresh> {
    const { courier, layout } = this.#options;
    const reply = await courier.repeatedly({ method: 'GET', path: pathTo(change.scimId) });
    if (!isSuccess(reply)) return this.#refused(reply, change);
    // A service may answer a GET without the id: it is the one that we asked for.
    const user = readUser({ id: change.scimId, ...reply.body }, layout);
    if (user === null || reply.body === null) return this.#refused(reply, change);
    if (user.scimId !== change.scimId) {
      // A proxy's cache, or worse: merging would give this user somebody else's name.
      const description = `asked for ${change.scimId}, the service showed ${user.scimId}`;
      return { kind: 'FAILED', outcome: sendFailure(change.user, description) };
    }
    return { kind: 'FRESH', user: { ...user, version: reply.etag ?? user.version } };
  }

  #refused(reply: Reply, change: Change): Exclude<Update, { readonly kind: 'DONE' }> {
    if (reply.kind === 'ANSWER' && reply.status === 404) return { kind: 'MISSING' };
    const description = this.#options.courier.describe(reply);
    const isTaken = reply.kind === 'ANSWER' && reply.status === 409;
    const outcome = isTaken
      ? conflict(change.user, null, description)
      : sendFailure(change.user, description);
    return { kind: 'FAILED', outcome, isTransient: isTransient(reply) };
  }

  /**
   * An answer that shows another user than the one asked for says nothing of ours (docs/decisions/scim.md, "A yes that
   * says no"): he is read again by his id, and
   * what that shows counts; where it is not what was sent, the change is tried again.
   */
  async #done(reply: Answer, change: Change): Promise<Update> {
    const shownId = reply.body === null ? null : idOf(memberOf(reply.body, 'id'));
    if (shownId === null || shownId === change.scimId)
      return { kind: 'DONE', deviation: await this.#deviation(reply, change) };
    const fresh = await this.#read(change);
    if (fresh.kind !== 'FRESH') return fresh;
    const deviation = deviationOf(fresh.user.resource, change.user, change.attributes);
    if (deviation.held.length === 0) return { kind: 'DONE', deviation };
    const description = `it answered with user ${shownId}, and ${change.scimId} is as before`;
    return { kind: 'FAILED', outcome: sendFailure(change.user, description) };
  }

  /** Attributes that the answer shows unchanged. Read once more before anybody is alarmed: some answer with the old copy. */
  async #deviation(reply: Answer, change: Change): Promise<Deviation> {
    if (reply.status === 204 || reply.status === 202) return NO_DEVIATION;
    const { user, attributes } = change;
    const shown = reply.body === null ? {} : readResource(reply.body, this.#options.layout);
    const deviation = deviationOf(shown, user, attributes);
    if (reply.body !== null && deviation.held.length === 0) return deviation;
    const fresh = await this.#read(change);
    // What cannot be read again is as the answer showed it.
    return fresh.kind === 'FRESH' ? deviationOf(fresh.user.resource, user, attributes) : deviation;
  }

  /** Whether the service turns out to have no PATCH, judging by its answer and, where that leaves doubt, by what it declares. */
  async #isPatchMissing(reply: Reply): Promise<boolean> {
    if (this.#options.method !== 'AUTO' || this.#isPatchProved || reply.kind !== 'ANSWER') return false;
    if (reply.status === 405 || reply.status === 501) return true;
    if (reply.status !== 400 && reply.status !== 404 && reply.status !== 500) return false;
    this.#discovery ??= this.#declaresNoPatch();
    return this.#discovery;
  }

  async #declaresNoPatch(): Promise<boolean> {
    const reply = await this.#options.courier.repeatedly(
      { method: 'GET', path: '/ServiceProviderConfig', isOptional: true },
      1,
    );
    if (!isSuccess(reply) || reply.body === null) return false;
    const patch = objectOf(memberOf(reply.body, 'patch'));
    return patch !== null && flagOf(memberOf(patch, 'supported')) === false;
  }

  #switchToPut(reply: Reply): void {
    if (this.#usesPut) return;
    this.#usesPut = true;
    const { log, courier } = this.#options;
    log.info(
      'ScimService',
      `The service has no PATCH (${courier.describe(reply)}): updating with GET and PUT.`,
    );
  }
}

/**
 * What we want and the service does not show (the organization, on many): a PUT replaces the whole resource, so that
 * leaving it out would take it away.
 */
function unshown(shown: Partial<UserResource>, { user, attributes }: Change): UserAttribute[] {
  return USER_ATTRIBUTES.filter(
    (name) => user[name] !== null && shown[name] === undefined && !attributes.includes(name),
  );
}

function pathTo(scimId: string): string {
  return `/Users/${encodeURIComponent(scimId)}`;
}

/** Whether the service refused because it holds something else than we thought, and not for what we want. */
function isStale(reply: Reply, change: Change): boolean {
  if (isTransient(reply) || reply.kind !== 'ANSWER') return false;
  if (reply.status === 412 || reply.status === 428) return true;
  // RFC 7644 3.12 uses 409 for versions too; without a new name in the request it cannot be about the name.
  if (reply.status === 409)
    return !change.attributes.includes('userName') && scimTypeOf(reply) !== 'uniqueness';
  // `remove` of what is already gone, for instance by an earlier attempt whose answer was lost.
  return reply.status === 400 && scimTypeOf(reply) === 'noTarget';
}
