/** The pace of all requests together: what the service asks for, and what `scim.requests.per.second` allows. */

import { backoffDelayMs, pause, type BackoffLimits } from '../lib/backoff.ts';

export interface Pace extends BackoffLimits {
  /** The longest that a Retry-After is obeyed. */
  readonly maxHoldMs: number;
}

export const DEFAULT_PACE: Pace = { baseDelayMs: 1_000, maxDelayMs: 30_000, maxHoldMs: 300_000 };

/** One for all workers: when the service asks one of them to wait, each of them waits. */
export class Throttle {
  readonly #pace: Pace;
  readonly #intervalMs: number;
  readonly #signal: AbortSignal;
  #heldUntil = 0;
  #nextTurnAt = 0;
  #refusedInARow = 0;

  /** @param requestsPerSecond the most requests a second; 0 for no limit of ours */
  constructor(pace: Pace, requestsPerSecond: number, signal: AbortSignal) {
    this.#pace = pace;
    this.#intervalMs = requestsPerSecond === 0 ? 0 : 1000 / requestsPerSecond;
    this.#signal = signal;
  }

  /** Resolves when a request may be sent. @throws the signal's reason */
  async turn(): Promise<void> {
    // A loop, because the service may have asked for more patience while we slept.
    for (;;) {
      const waitMs = this.#heldUntil - performance.now();
      if (waitMs <= 0) break;
      await pause(waitMs + Math.random() * Math.min(waitMs, this.#pace.baseDelayMs), this.#signal);
    }
    if (this.#intervalMs === 0) return;
    const now = performance.now();
    const turnAt = Math.max(now, this.#nextTurnAt);
    this.#nextTurnAt = turnAt + this.#intervalMs;
    await pause(turnAt - now, this.#signal);
  }

  /**
   * The service refused a request for its rate or load: everybody waits as long as it asks, within `maxHoldMs`; without
   * a usable wish, longer each time. Returns how long that is in milliseconds, 0 when a longer wait is under way.
   */
  refused(askedMs: number | null): number {
    const isHeld = performance.now() < this.#heldUntil;
    // Workers refused at the same moment are one refusal, not a reason to wait sixteen times as long.
    if (isHeld && askedMs === null) return 0;
    if (!isHeld) this.#refusedInARow += 1;
    const holdMs =
      askedMs === null
        ? backoffDelayMs(this.#refusedInARow, this.#pace)
        : Math.min(askedMs, this.#pace.maxHoldMs);
    const until = performance.now() + holdMs;
    if (until <= this.#heldUntil) return 0;
    this.#heldUntil = until;
    return holdMs;
  }

  /** The service takes requests. */
  accepted(): void {
    this.#refusedInARow = 0;
  }
}
