/** Looks whether accounts are closed that were to be, where nothing else would ever show that they are not. */

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
 * A leaver's account that stays open is the one thing that must not go unnoticed: each live run asks again, by identity,
 * and the user counts as failed until the account is closed.
 */
export class ClosureCheck {
  readonly #parts: RunParts;
  #shownActive: Open[] = [];
  #leftOpen: Open[] = [];

  constructor(parts: RunParts) {
    this.#parts = parts;
  }

  /** To be called when everybody has been read, before anything is written. */
  async look({ verdict, retriedEverybody }: Collected): Promise<void> {
    if (this.#parts.openWriter === null || isLimited(this.#parts)) return;
    await this.#lookAtShownActive();
    // Where absence deactivates, they are closed for that.
    const isKnown = verdict.complete && retriedEverybody && !this.#parts.rules.missedUserCheck;
    if (isKnown) await this.#lookAtLeftOpen();
  }

  /** Those whose accounts are still open, as far as this run has not closed them by now. */
  failures(): FailedUser[] {
    const open = new Set(this.#parts.state.deviations.openClosures().map(({ identity }) => identity));
    return [...this.#shownActive.filter(({ identity }) => open.has(identity)), ...this.#leftOpen].map(
      ({ failed }) => failed,
    );
  }

  /** Accounts that the service still showed as active when it took their deactivation. */
  async #lookAtShownActive(): Promise<void> {
    const { deviations } = this.#parts.state;
    for (const { value: one, isAsked } of someOf(deviations.openClosures())) {
      const found = isAsked ? await this.#lookAt(one) : 'UNKNOWN';
      if (found === 'CLOSED') {
        deviations.closed(one.identity);
        continue;
      }
      const shows = found === 'OPEN' ? 'still shows' : 'when last asked still showed';
      const message = `The service took the deactivation and ${shows} the account as active: look at it in the console, or run with --full-sync to send the deactivation again.`;
      const failed = { user: one.userName, failure: { stage: 'SEND', message }, since: one.since } as const;
      this.#shownActive.push({ identity: one.identity, failed });
    }
  }

  /**
   * Accounts whose deactivation was refused or never answered, and whose entry was deleted since: no read will ever bring
   * them back.
   */
  async #lookAtLeftOpen(): Promise<void> {
    const { deviations } = this.#parts.state;
    for (const { value: one, isAsked } of someOf(deviations.leftOpen())) {
      if (isAsked && (await this.#lookAt(one)) === 'CLOSED') {
        deviations.release(one.identity);
        continue;
      }
      const message =
        'A change of the account was refused or never answered, and the entry is gone from the directory: deactivate the account in the console, or set missed.user.check=true.';
      const failed = { user: one.userName, failure: { stage: 'SEND', message } } as const;
      this.#leftOpen.push({ identity: one.identity, failed });
    }
  }

  async #lookAt(who: {
    readonly identity: string;
    readonly userName: string;
  }): Promise<'OPEN' | 'CLOSED' | 'UNKNOWN'> {
    const { reader, signal } = this.#parts;
    signal.throwIfAborted();
    const sighting = await reader.find({ externalId: who.identity, userName: who.userName });
    if (sighting.kind === 'NONE') return 'CLOSED';
    if (sighting.kind !== 'FOUND') return 'UNKNOWN';
    return sighting.user.resource.active === true ? 'OPEN' : 'CLOSED';
  }
}

/** All of them, and which are asked about: from a place that chance picks, so that in the end each has his turn. */
function* someOf<T>(all: readonly T[]): Iterable<{ readonly value: T; readonly isAsked: boolean }> {
  const first = all.length <= MOST_LOOKUPS ? 0 : Math.floor(Math.random() * all.length);
  for (const [at, value] of all.entries()) {
    yield { value, isAsked: (at - first + all.length) % all.length < MOST_LOOKUPS };
  }
}
