/** Sends the plan: changes first, deactivations last, each confirmed outcome committed at once. */

import { RunError } from '../model/errors.ts';
import { isResend, type Change, type ChangeKind, type Outcome } from '../model/plan.ts';
import type { UserWriter } from '../model/ports.ts';
import type { FailedUser } from '../model/run.ts';
import { USER_ATTRIBUTES, type UserAttribute, type UserResource } from '../model/user.ts';
import { Reopenings } from './reopenings.ts';
import type { RunParts } from './run-parts.ts';

export interface Applied {
  readonly confirmed: Record<ChangeKind, number>;
  adopted: number;
  resent: number;
  readonly failures: FailedUser[];
}

/**
 * Applies the whole plan with `scim.client.threads` workers, and counts it in `applied`, which is right however it ends.
 * @throws RunError when the service ends the run, or when the run is interrupted; what was confirmed stays committed
 */
export async function apply(
  parts: RunParts,
  writer: UserWriter,
  absenceIsProven: boolean,
  applied: Applied,
): Promise<Applied> {
  await new Application(parts, writer, absenceIsProven, applied).run();
  return applied;
}

/** Nothing has been sent yet. */
export function nothingApplied(): Applied {
  return {
    confirmed: { CREATE: 0, UPDATE: 0, REACTIVATE: 0, DEACTIVATE: 0, NONE: 0 },
    adopted: 0,
    resent: 0,
    failures: [],
  };
}

class Application {
  readonly applied: Applied;
  readonly #parts: RunParts;
  readonly #writer: UserWriter;
  readonly #absenceIsProven: boolean;
  readonly #hasRenames: boolean;
  readonly #reopenings: Reopenings;
  readonly #creating = new Map<string, Promise<unknown>>();
  /** Created without their manager, because manager and report await each other. */
  readonly #withoutManager: Change[] = [];
  /** Refused because another user still holds the name; that one may be renamed in this very run. */
  readonly #clashing: Change[] = [];
  readonly #total: number;
  #done = 0;

  constructor(parts: RunParts, writer: UserWriter, absenceIsProven: boolean, applied: Applied) {
    this.applied = applied;
    this.#absenceIsProven = absenceIsProven;
    this.#parts = parts;
    this.#writer = writer;
    this.#reopenings = new Reopenings(parts);
    this.#hasRenames = parts.state.hasRenames();
    const planned = parts.state.planned();
    this.#total = planned.CREATE + planned.UPDATE + planned.REACTIVATE + planned.DEACTIVATE;
  }

  async run(): Promise<void> {
    try {
      await this.#sendAllButDeactivations();
    } catch (error) {
      // What the service refuses of others must not keep a leaver's account open. An absent user waits: he may be here anew.
      if (error instanceof RunError && error.code === 'SERVICE_REFUSED')
        await this.#deactivate(({ cause }) => cause !== 'ABSENT').catch(() => undefined);
      throw error;
    }
    await this.#deactivate();
  }

  #deactivate(which: (change: Change) => boolean = () => true): Promise<void> {
    const leavers = where(this.#parts.state.changes(['DEACTIVATE']), which);
    return this.#each(leavers, (change) => this.#send(change));
  }

  async #sendAllButDeactivations(): Promise<void> {
    const { state } = this.#parts;
    // Renames free names that creations may want; who awaits a manager comes when the manager is there.
    const updates = (): Iterable<Change> => state.changes(['REACTIVATE', 'UPDATE']);
    await this.#each(
      where(updates(), (change) => change.awaitsManager === null),
      (change) => this.#send(change),
    );
    await this.#each(state.changes(['CREATE']), (change) => this.#create(change));
    await this.#each(
      where(updates(), (change) => change.awaitsManager !== null),
      (change) => this.#send(change),
    );
    await this.#each(this.#withoutManager, (change) => this.#link(change));
    await this.#resolveClashes();
  }

  /** Names free each other in chains: as long as a round brings somebody through, another one is worth it. */
  async #resolveClashes(): Promise<void> {
    let left = this.#clashing.splice(0);
    for (let before = Infinity; left.length > 0 && left.length < before;) {
      before = left.length;
      await this.#each(left, (change) => this.#send(change));
      left = this.#clashing.splice(0);
    }
    await this.#each(left, (change) => this.#send(change, true));
  }

  /** At most `scim.client.threads` at a time; the first error stops all of them once their requests have ended. */
  async #each(changes: Iterable<Change>, work: (change: Change) => Promise<void>): Promise<void> {
    const { signal, rules } = this.#parts;
    const iterator = changes[Symbol.iterator]();
    let stopped = false;
    const worker = async (): Promise<void> => {
      while (!stopped && !signal.aborted) {
        const next = iterator.next();
        if (next.done === true) return;
        try {
          await work(next.value);
        } catch (error) {
          stopped = true;
          throw error;
        }
      }
    };
    const results = await Promise.allSettled(Array.from({ length: rules.clientThreads }, worker));
    iterator.return?.();
    for (const result of results) if (result.status === 'rejected') throw result.reason;
    signal.throwIfAborted();
  }

  async #create(change: Change): Promise<void> {
    // Registered before anything is awaited: a report picked up by the next worker must find his manager here.
    const sending = this.#sendAfter(change.awaitsManager, change);
    const settled = sending.catch(() => undefined);
    this.#creating.set(change.identity, settled);
    try {
      await sending;
    } finally {
      this.#creating.delete(change.identity);
    }
  }

  /** The plan lists managers before their reports, so a manager who is not under way by now is in a circle. */
  async #sendAfter(manager: string | null, change: Change): Promise<void> {
    const underWay = manager === null ? undefined : this.#creating.get(manager);
    if (underWay !== undefined) await underWay;
    await this.#send(change);
  }

  async #send(change: Change, lastTry = false): Promise<void> {
    const { state } = this.#parts;
    const { to, attributes, awaited } = this.#resolveManager(change);
    if (change.scimId !== null && state.scimIdOf(change.identity) === null) {
      // Another entry has taken his account over in the meantime (deleted and made anew): it is not his any more.
      this.#progress();
      return;
    }
    if (attributes.length === 0) {
      // Nothing but a manager who has failed is missing, and he brings it with him when he comes. Of somebody whose entry
      // was not read that says nothing: what he failed for is still to be mended.
      if (state.hasDesired(change.identity)) state.settle(change.identity);
      this.#progress();
      return;
    }
    const formerName = change.scimId === null ? state.lostNameOf(change.identity, to.userName) : null;
    if (formerName === null) state.begin(change, change.scimId === null ? USER_ATTRIBUTES : attributes);
    const outcome =
      change.scimId === null
        ? await this.#createOnce(change, to, formerName)
        : await this.#update(change, change.scimId, to, attributes);
    if (!outcome.ok && outcome.failure.stage === 'CONFLICT' && !lastTry && this.#hasRenames) {
      this.#clashing.push(change);
      return;
    }
    this.#settle(change, to, change.scimId === null ? USER_ATTRIBUTES : attributes, outcome);
    if (outcome.ok && awaited) this.#withoutManager.push(change);
  }

  /**
   * A creation that was sent under another name and never answered may have been done, or be done yet, though look-ups find
   * nobody. The service's own rule that names are unique tells for sure: under the former name the user is created or found,
   * and then renamed; if somebody else has that name, ours cannot have been done.
   */
  async #createOnce(change: Change, to: UserResource, formerName: string | null): Promise<Outcome> {
    const { state } = this.#parts;
    const asked = [this.#mayAdopt(change), this.#reopenings.objection(change)] as const;
    if (formerName !== null) {
      const former = await this.#writer.create({ ...to, userName: formerName }, ...asked);
      if (former.ok) {
        const renamed = await this.#update(change, former.scimId, to, ['userName']);
        return renamed.ok ? { ...renamed, how: former.how } : renamed;
      }
      if (former.failure.stage !== 'CONFLICT') return former;
      state.begin(change, USER_ATTRIBUTES);
    }
    return this.#writer.create(to, ...asked);
  }

  async #update(
    change: Change,
    scimId: string,
    to: UserResource,
    attributes: readonly UserAttribute[],
  ): Promise<Outcome> {
    // A report whose manager moves was not read: he may have left, and his account may have been removed for good.
    const { state } = this.#parts;
    const isRead = state.hasDesired(change.identity);
    // Only who is closed is asked whose he is.
    const ours = to.active ? [] : [change.identity, ...state.deviations.externalIdsHeld(change.identity)];
    return this.#writer.update(scimId, to, attributes, this.#mayAdopt(change), isRead, ours);
  }

  /** An account that our own state gives to somebody else is his, unless he is known to be gone. */
  #mayAdopt({ identity }: Change): (scimId: string) => boolean {
    const { state, rules } = this.#parts;
    return (scimId) =>
      state.rightfulHolder(scimId, identity, this.#absenceIsProven, rules.adoptByUserName) === null;
  }

  /** The second pass: the user exists by now, and so may his manager. */
  async #link(change: Change): Promise<void> {
    const { state } = this.#parts;
    const scimId = state.scimIdOf(change.identity);
    const manager = change.awaitsManager === null ? null : state.scimIdOf(change.awaitsManager);
    if (scimId === null || manager === null) return;
    const to = { ...change.to, manager };
    state.begin(change, ['manager']);
    const outcome = this.#ifGone(change, await this.#update(change, scimId, to, ['manager']), to);
    if (outcome.ok) state.confirm(change, to, ['manager'], outcome);
    else this.#fail(change, outcome);
  }

  #resolveManager(change: Change): {
    to: UserResource;
    attributes: readonly UserAttribute[];
    awaited: boolean;
  } {
    const { to, attributes, awaitsManager } = change;
    if (awaitsManager === null) return { to, attributes, awaited: false };
    const manager = this.#parts.state.scimIdOf(awaitsManager);
    if (manager !== null) return { to: { ...to, manager }, attributes, awaited: false };
    // What the service holds stays until the manager is there, unless nobody knows what it holds.
    const isUnsettled =
      change.scimId !== null && this.#parts.state.unsettledOf(change.identity).includes('manager');
    return {
      to,
      attributes: isUnsettled ? attributes : attributes.filter((name) => name !== 'manager'),
      awaited: true,
    };
  }

  #settle(change: Change, sent: UserResource, attributes: readonly UserAttribute[], answered: Outcome): void {
    const { state, log, observer } = this.#parts;
    const outcome = this.#notSomebodyElse(change, this.#ifGone(change, answered, sent));
    if (!outcome.ok) {
      this.#fail(change, outcome);
      return;
    }
    const isNews = state.confirm(change, sent, attributes, outcome);
    this.applied.confirmed[change.kind] += 1;
    if (isResend(change)) this.applied.resent += 1;
    if (outcome.how === 'ADOPTED') this.applied.adopted += 1;
    if (change.kind === 'DEACTIVATE' && outcome.held.join() === 'active') {
      log.debug(
        'ScimService',
        `${sent.userName}: the service took the deactivation and still shows him as active: looked at again in a later run.`,
      );
    } else if (outcome.held.length > 0) {
      log[isNews ? 'warn' : 'debug'](
        'ScimService',
        `${sent.userName}: the service took the change and holds another value for ${outcome.held.join(', ')}; it is sent again by a full sync only.`,
      );
    }
    observer.preview({
      userName: sent.userName,
      decision: null,
      change: { ...change, to: sent },
      failure: null,
    });
    this.#progress();
  }

  /** A service that answers with somebody else's id is not believed: his row in the state would be lost. */
  #notSomebodyElse(change: Change, outcome: Outcome): Outcome {
    if (!outcome.ok || outcome.how === 'GONE' || this.#mayAdopt(change)(outcome.scimId)) return outcome;
    const message = `The service answered with the id ${outcome.scimId}, which belongs to another user.`;
    return { ok: false, failure: { stage: 'CONFLICT', message } };
  }

  /**
   * Of somebody who was sent a change without having been read, and whom the service does not know, nothing is forgotten:
   * one "nobody" is not believed (docs/decisions/engine.md), and the entry says what he is to be.
   */
  #ifGone({ identity }: Change, outcome: Outcome, sent: UserResource): Outcome {
    if (!outcome.ok || outcome.how !== 'GONE' || !sent.active) return outcome;
    this.#parts.state.leaveUnlinked(identity);
    const message = `${sent.userName} is not at the service any more. His entry is read again before he is made anew.`;
    return { ok: false, failure: { stage: 'SEND', message } };
  }

  #fail(change: Change, outcome: Extract<Outcome, { ok: false }>): void {
    const { state, observer } = this.#parts;
    const holder = outcome.failure.stage === 'CONFLICT' ? state.holderOf(change.to.userName) : null;
    const failure =
      holder === null || holder === change.dn
        ? outcome.failure
        : { ...outcome.failure, message: `${outcome.failure.message} The name is held by ${holder}.` };
    state.fail({ ...change, userName: change.to.userName }, failure);
    const { since, attempts } = state.failureOf(change.identity) ?? { since: '', attempts: 1 };
    const { dn, identity } = change;
    this.applied.failures.push({ user: change.to.userName, dn, identity, failure, since, attempts });
    observer.preview({ userName: change.to.userName, decision: null, change, failure });
    this.#progress();
  }

  #progress(): void {
    this.#done += 1;
    this.#parts.observer.progress('APPLY', this.#done, this.#total);
  }
}

function* where<T>(items: Iterable<T>, keep: (item: T) => boolean): Iterable<T> {
  for (const item of items) if (keep(item)) yield item;
}
