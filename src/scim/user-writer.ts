/** The write side of the service, constructed in live runs only: creates without ever leaving two, and updates. */

import type { UserWriter } from '../model/ports.ts';
import { RunError } from '../model/errors.ts';
import type { Outcome } from '../model/plan.ts';
import { USER_ATTRIBUTES, type UserAttribute, type UserResource } from '../model/user.ts';
import { isSuccess, isTransient, type Answer, type Reply } from './answer.ts';
import type { Courier } from './courier.ts';
import { idOf, memberOf } from './json.ts';
import type { Layout } from './layout.ts';
import type { Found, Lookup } from './lookup.ts';
import type { OrganizationGate } from './organization-gate.ts';
import { ambiguous, claimed, conflict, sendFailure, unmanageable, type Ownership } from './outcome.ts';
import { attributesToSend, deviationOf, readResource, type StoredUser } from './reading.ts';
import { newResource } from './resource.ts';
import type { Update, UserUpdate } from './user-update.ts';

export interface UserWriterOptions {
  readonly courier: Courier;
  readonly lookup: Lookup;
  readonly update: UserUpdate;
  readonly gate: OrganizationGate;
  readonly layout: Layout;
  readonly isOurs: Ownership;
}

/** Whether a user who is at the service already may be taken for the one that is to be written. */
type MayAdopt = (scimId: string) => boolean;
/** Why a closed account may not be opened by a creation; `null` where it may. */
type MayReopen = (scimId: string) => string | null;
const ALWAYS: MayReopen = () => null;

export class ScimUserWriter implements UserWriter {
  readonly #options: UserWriterOptions;

  constructor(options: UserWriterOptions) {
    this.#options = options;
  }

  async create(user: UserResource, mayAdopt: MayAdopt, mayReopen = ALWAYS): Promise<Outcome> {
    return this.#forOneUser(user, () =>
      this.#throughGate(user.org, () => this.#create(user, mayAdopt, mayReopen)),
    );
  }

  async update(
    scimId: string,
    user: UserResource,
    attributes: readonly UserAttribute[],
    mayAdopt: MayAdopt,
    isRead: boolean,
    externalIds: readonly string[] = [],
  ): Promise<Outcome> {
    return this.#forOneUser(user, async () => {
      const updated = await this.#updateKnown(scimId, user, attributes, externalIds);
      if (updated !== null) return updated;
      if (!isRead && user.active) return { ok: true, scimId, how: 'GONE', held: [] };
      // Removed by hand: whatever happens now mentions the organization, which the change itself may not have done.
      return this.#throughGate(user.org, () => this.#recover(scimId, user, mayAdopt));
    });
  }

  /** An answer so odd that our own code stumbles over it costs the user it is about, and nobody behind him. */
  async #forOneUser(user: UserResource, work: () => Promise<Outcome>): Promise<Outcome> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof RunError) throw error;
      // The message may quote the answer; the kind of error says enough to an administrator.
      const kind = error instanceof Error ? error.name : typeof error;
      return sendFailure(user, `its answer could not be processed (${kind})`);
    }
  }

  async #updateKnown(
    scimId: string,
    user: UserResource,
    attributes: readonly UserAttribute[],
    externalIds: readonly string[],
  ): Promise<Outcome | null> {
    const org = attributes.includes('org') ? user.org : null;
    const { update } = this.#options;
    return this.#throughGate(org, async () =>
      !user.active && attributes.includes('active')
        ? outcomeOf(
            await update.applyToOurs(scimId, user, attributes, [user.externalId, ...externalIds]),
            scimId,
          )
        : this.#change(scimId, user, attributes),
    );
  }

  /** `null` where the service knows no such id. */
  async #change(
    scimId: string,
    user: UserResource,
    attributes: readonly UserAttribute[],
  ): Promise<Outcome | null> {
    return outcomeOf(await this.#options.update.apply(scimId, user, attributes), scimId);
  }

  /**
   * Sends the POST until somebody knows how it ended. It is never repeated blindly: where an answer is lost the user is
   * looked up first, and found under our externalId means that an earlier attempt did it.
   */
  async #create(user: UserResource, mayAdopt: MayAdopt, mayReopen = ALWAYS): Promise<Outcome> {
    const { courier, layout, lookup } = this.#options;
    // Code42 makes a disabled user active when it is created: nothing would be worse.
    if (!user.active) return sendFailure(user, 'an inactive user is never created');
    const request = { method: 'POST', path: '/Users', body: newResource(user, layout) } as const;
    let reply: Reply;
    for (let attempt = 1; ; attempt += 1) {
      reply = await courier.once(request);
      const scimId = isSuccess(reply) ? createdId(reply) : null;
      if (isSuccess(reply) && scimId !== null) return this.#created(scimId, reply, user);
      if (isAnswered(reply)) return this.#notCreated(reply, user, mayAdopt, mayReopen);
      await courier.backOff(attempt, reply);
      const found = await lookup.byNameFirst(user);
      if (found.kind !== 'NONE')
        return this.#adopt(found, user, isSuccess(reply) ? 'CREATED' : 'ADOPTED', mayAdopt, mayReopen);
      // After the look-up, not before: the last attempt may be the one that did it.
      if (attempt === courier.maxAttempts) break;
    }
    if (isTransient(reply)) await courier.gaveUp(request, reply);
    return sendFailure(user, courier.describe(reply));
  }

  #created(scimId: string, answer: Answer, user: UserResource): Outcome {
    const shown = answer.body === null ? {} : readResource(answer.body, this.#options.layout);
    return { ok: true, scimId, how: 'CREATED', ...deviationOf(shown, user, USER_ATTRIBUTES) };
  }

  async #notCreated(
    reply: Reply,
    user: UserResource,
    mayAdopt: MayAdopt,
    mayReopen: MayReopen,
  ): Promise<Outcome> {
    const { courier, lookup } = this.#options;
    if (reply.kind !== 'ANSWER' || reply.status !== 409) return sendFailure(user, courier.describe(reply));
    let found = await lookup.byNameFirst(user);
    // Filters on such names miss users on several services; the service itself has just said that there is one.
    if (found.kind === 'NONE' && /[^\x20-\x7e]|["\\]/.test(user.userName)) found = await lookup.scan(user);
    if (found.kind === 'NONE') return unmanageable(user, courier.describe(reply));
    return this.#adopt(found, user, 'ADOPTED', mayAdopt, mayReopen);
  }

  /** Takes the user that is there for ours, if it is, and brings it to what we want. */
  async #adopt(
    found: Exclude<Found, { kind: 'NONE' }>,
    user: UserResource,
    how: 'CREATED' | 'ADOPTED',
    mayAdopt: MayAdopt,
    mayReopen = ALWAYS,
  ): Promise<Outcome> {
    const { courier, isOurs } = this.#options;
    if (found.kind === 'FAILED') return sendFailure(user, courier.describe(found.reply));
    if (found.kind === 'SEVERAL') return ambiguous(user, found.count);
    if (!isOurs(found.user, user)) return conflict(user, found.user, '');
    const { scimId, resource } = found.user;
    if (!mayAdopt(scimId)) return claimed(user, scimId);
    const objection = resource.active === false ? mayReopen(scimId) : null;
    if (objection !== null) return { ok: false, failure: { stage: 'SEND', message: objection } };
    const outcome = await this.#change(scimId, user, attributesToSend(resource, user));
    if (outcome === null)
      return sendFailure(user, `it shows the user as ${scimId} and then knows no such id`);
    return outcome.ok ? { ...outcome, how } : outcome;
  }

  /** The id we knew is gone: the user under another id, a new one, or, for one that is inactive anyway, nothing. */
  async #recover(scimId: string, user: UserResource, mayAdopt: MayAdopt): Promise<Outcome> {
    if (!user.active) return this.#recoverInactive(scimId, user, mayAdopt);
    const found = await this.#options.lookup.byExternalIdFirst(user);
    if (found.kind !== 'NONE') return this.#adopt(found, user, 'ADOPTED', mayAdopt);
    return this.#create(user, mayAdopt);
  }

  /**
   * Only a service that has understood a filter and shows nobody has no account to close: one that answers everything
   * with 404 (a gateway without its route) has said nothing, and the leaver's account may be open. An open account of the
   * same name under another id is not ours to close, and may be his, made anew by hand: unless it is somebody else's of
   * the directory, a person has to look.
   */
  async #recoverInactive(scimId: string, user: UserResource, mayAdopt: MayAdopt): Promise<Outcome> {
    const sighting = await this.#options.lookup.sighting(user);
    if (sighting.kind === 'FOUND') return this.#close(sighting.user, user, mayAdopt);
    if (sighting.kind === 'UNKNOWN') {
      const why = `whether it holds the account cannot be told: ${sighting.reason}`;
      return sendFailure(user, `it does not know the id ${scimId} any more, and ${why}`);
    }
    if (sighting.kind === 'NAMESAKE' && sighting.scimId === scimId) {
      return sendFailure(user, `it shows the user as ${scimId} and then knows no such id`);
    }
    if (sighting.kind === 'NAMESAKE' && sighting.active && mayAdopt(sighting.scimId)) {
      const whose = `user ${sighting.scimId}, who is active, has the userName and no externalId`;
      const fix =
        'If that account is his, deactivate it in the console; if it is somebody else’s, give it an externalId';
      return sendFailure(user, `it does not know the id ${scimId} any more, and ${whose}. ${fix}.`);
    }
    return { ok: true, scimId, how: 'GONE', held: [] };
  }

  /** Nothing but `active`: a refused rename must not keep the account open. */
  async #close(found: StoredUser, user: UserResource, mayAdopt: MayAdopt): Promise<Outcome> {
    const { scimId, resource } = found;
    if (!this.#options.isOurs(found, user)) return conflict(user, found, '');
    if (!mayAdopt(scimId)) return claimed(user, scimId);
    if (resource.active === false)
      return { ok: true, scimId, how: 'ADOPTED', held: [], found: resource, showsClosed: true };
    const outcome = await this.#change(scimId, user, ['active']);
    if (outcome === null)
      return sendFailure(user, `it shows the user as ${scimId} and then knows no such id`);
    return outcome.ok ? { ...outcome, how: 'ADOPTED', found: resource } : outcome;
  }

  #throughGate<T extends Outcome | null>(org: string | null, work: () => Promise<T>): Promise<T> {
    return this.#options.gate.pass(org, async () => {
      const result = await work();
      return { result, isKnown: result !== null && result.ok && result.how !== 'GONE' };
    });
  }
}

/** `null` where the service knows no such id. */
function outcomeOf(update: Update, scimId: string): Outcome | null {
  if (update.kind === 'MISSING') return null;
  if (update.kind === 'FAILED') return update.outcome;
  return { ok: true, scimId, how: 'UPDATED', ...update.deviation };
}

/** Whether the service said clearly that it did not create the user. */
function isAnswered(reply: Reply): boolean {
  if (reply.kind === 'LOST') return false;
  // 429 comes here only when waiting did not help: the service did nothing.
  return reply.status === 429 || !(isTransient(reply) || isSuccess(reply));
}

/** The id of a new user: in the body, else the last part of Location, whose host and path are not followed. */
function createdId(answer: Answer): string | null {
  const id = answer.body === null ? null : idOf(memberOf(answer.body, 'id'));
  if (id !== null) return id;
  const segment = /\/Users\/([^/?#]+)\/?(?:[?#].*)?$/i.exec(answer.location ?? '')?.[1];
  if (segment === undefined) return null;
  try {
    return idOf(decodeURIComponent(segment));
  } catch {
    return null;
  }
}
