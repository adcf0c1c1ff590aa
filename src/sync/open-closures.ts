/** Looks whether accounts are closed that were to be, where nothing else would ever show that they are not. */

import type { OpenClosure } from '../model/deviations.ts';
import type { FailedUser } from '../model/run.ts';
import { isLimited, type Collected } from './collect.ts';
import type { RunParts } from './run-parts.ts';

/** A service of which thousands are wrong must not cost a run thousands of questions. */
const MOST_LOOKUPS = 100;

interface Open {
  readonly identity: string;
  readonly failed: FailedUser;
}

/**
 * A leaver's account that stays open is the one thing that must not go unnoticed: each live run asks again, by the id that
 * we know, and the user counts as failed until the account is seen closed.
 */
export class ClosureCheck {
  readonly #parts: RunParts;
  readonly #inactive: Open[] = [];
  readonly #leftOpen: Open[] = [];

  private constructor(parts: RunParts) {
    this.#parts = parts;
  }

  /** To be called when everybody has been read, before anything is written. */
  static async make(parts: RunParts, collected: Collected): Promise<ClosureCheck> {
    const check = new ClosureCheck(parts);
    await check.#look(collected);
    return check;
  }

  async #look({ verdict, retriedEverybody }: Collected): Promise<void> {
    if (this.#parts.openWriter === null || isLimited(this.#parts)) return;
    // Where absence deactivates, they are closed for that. Asked first: whoever is found open by now has an entry.
    const isKnown = verdict.complete && retriedEverybody && !this.#parts.rules.missedUserCheck;
    const leftOpen = isKnown ? this.#parts.state.deviations.leftOpen() : [];
    await this.#lookAtInactive();
    await this.#lookAtLeftOpen(leftOpen);
  }

  /** Those whose accounts are still open, as far as this run has not closed them by now. */
  failures(): FailedUser[] {
    const { deviations } = this.#parts.state;
    return [
      ...this.#inactive.filter(({ identity }) => deviations.mayBeOpen(identity)),
      ...this.#leftOpen,
    ].map(({ failed }) => failed);
  }

  /** Accounts that were shown as active, or never as closed, by the answer to what was to close them. */
  async #lookAtInactive(): Promise<void> {
    for (const { value: one, isAsked } of someOf(this.#parts.state.deviations.openClosures())) {
      const found = isAsked ? await this.#lookAt(one) : 'UNKNOWN';
      // A service that cannot be asked, and has never shown it open, is believed; what is not there is looked for again.
      const isUntold = found === 'UNKNOWN' || found === 'MISSING';
      if (found === 'CLOSED' || (isUntold && !one.isShown)) continue;
      const shows = found === 'OPEN' ? 'still shows' : 'when last asked still showed';
      const message =
        typeof found === 'object'
          ? namesakeSentence(one, found.namesake)
          : `The account is to be closed, and the service ${shows} it as active: look at it in the console. While the entry is in the directory, a run with --full-sync sends the deactivation again.`;
      this.#inactive.push({ identity: one.identity, failed: failedOf(one, message) });
    }
  }

  /**
   * Accounts whose deactivation was refused or never answered, and whose entry was deleted since: no read will ever bring
   * them back.
   */
  async #lookAtLeftOpen(leftOpen: readonly OpenClosure[]): Promise<void> {
    for (const { value: one, isAsked } of someOf(leftOpen)) {
      const found = isAsked ? await this.#lookAt(one) : 'UNKNOWN';
      if (found === 'CLOSED') continue;
      const message =
        'The deactivation was refused or never answered, and the entry is gone from the directory: deactivate the account in the console, or set missed.user.check=true.';
      this.#leftOpen.push({ identity: one.identity, failed: failedOf(one, message) });
    }
  }

  /** What is seen is remembered, and that nothing is to be seen. */
  async #lookAt(one: OpenClosure): Promise<Look> {
    const { reader, signal, state } = this.#parts;
    const { identity, userName, scimId } = one;
    signal.throwIfAborted();
    if (!one.isDue) return 'UNKNOWN';
    const sighting = await reader.find({ externalId: identity, userName, scimId });
    if (sighting.kind === 'FOUND' && sighting.user.resource.active !== undefined) {
      const isActive = sighting.user.resource.active;
      if (isActive) state.deviations.seenOpen(identity);
      else state.deviations.seenClosed(identity);
      return isActive ? 'OPEN' : 'CLOSED';
    }
    if (sighting.kind === 'NAMESAKE' && sighting.active) {
      const isNobodys = state.rightfulHolder(sighting.scimId, identity, false, false) === null;
      if (isNobodys) return { namesake: sighting.scimId };
    }
    if (sighting.kind !== 'NONE' && sighting.kind !== 'NAMESAKE') return 'UNKNOWN';
    // One "nobody" is not believed (docs/decisions/engine.md).
    state.deviations.notFound(identity);
    return 'MISSING';
  }
}

/** A namesake: the account is not there, and an open one of its name may be the same, made anew by hand. */
type Look = 'OPEN' | 'CLOSED' | 'MISSING' | 'UNKNOWN' | { readonly namesake: string };

function namesakeSentence({ userName, scimId }: OpenClosure, namesake: string): string {
  return `The account ${scimId} is to be closed and is not at the service any more, and user ${namesake}, who is active, has the userName ${userName} and no externalId. If that account is his, deactivate it in the console; if it is somebody else’s, give it an externalId.`;
}

function failedOf({ userName, dn, identity, since }: OpenClosure, message: string): FailedUser {
  return { user: userName, dn, identity, failure: { stage: 'SEND', message }, since };
}

/** All of them, and which are asked about: from a place that chance picks, so that in the end each has his turn. */
function* someOf<T>(all: readonly T[]): Iterable<{ readonly value: T; readonly isAsked: boolean }> {
  const first = all.length <= MOST_LOOKUPS ? 0 : Math.floor(Math.random() * all.length);
  for (const [at, value] of all.entries()) {
    yield { value, isAsked: (at - first + all.length) % all.length < MOST_LOOKUPS };
  }
}
