/** Closed accounts that a creation comes upon: opened without having stood in a plan, so only a handful of them. */

import type { Change } from '../model/plan.ts';
import type { RunParts } from './run-parts.ts';

/** As many as one might open by hand without a second thought; more are a mistake until somebody says that they are none. */
const MOST_REOPENED = 5;
const LEFT_CLOSED = 'is closed at the service, and was left closed';

/**
 * After the state was lost, and where the service does not list its users, somebody who left long ago looks like somebody new
 * whose account happens to be there. Guards count what is planned, and a creation is no reactivation to them. See
 * docs/decisions/engine.md, "A creation reopens a handful".
 */
export class Reopenings {
  readonly #parts: Pick<RunParts, 'request' | 'state'>;
  readonly #reopened = new Set<string>();

  constructor(parts: Pick<RunParts, 'request' | 'state'>) {
    this.#parts = parts;
  }

  /** Asks why a closed account may not be opened by this creation; `null` where it may. */
  objection({ identity, to }: Change): (scimId: string) => string | null {
    const { request, state } = this.#parts;
    return (scimId) => {
      // Whoever lists people by name has looked at them.
      if (request.userNames !== null || this.#reopened.has(identity)) return null;
      const isLeft = state.failureOf(identity)?.failure.message.includes(LEFT_CLOSED) === true;
      if (!isLeft && this.#reopened.size < MOST_REOPENED) {
        this.#reopened.add(identity);
        return null;
      }
      return `The account of ${to.userName} (id ${scimId}) ${LEFT_CLOSED}: nothing is known of it, and a run opens at most ${MOST_REOPENED} such accounts. Look whether the Active script and the search are right; then run once with --sync-now --files and a file that lists who is to have his account back.`;
    };
  }
}
