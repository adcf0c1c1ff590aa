/** Services that allow so many requests in a time, each counting in a way of its own: what a pace has to cope with. */

import type { Quota } from '../../src/scim/rate-limit-headers.ts';

export interface Verdict {
  readonly isAccepted: boolean;
  /** Milliseconds from now after which a refused request would be accepted. */
  readonly waitMs: number;
  readonly quota: Quota;
}

export interface Limiter {
  take(nowMs: number): Verdict;
}

const WINDOW_MS = 60_000;

/** Refills evenly, and holds at most `burst`. */
export class TokenBucket implements Limiter {
  perMinute: number;
  readonly #burst: number;
  #tokens: number;
  #at = 0;

  constructor(perMinute: number, burst: number) {
    this.perMinute = perMinute;
    this.#burst = burst;
    this.#tokens = burst;
  }

  take(nowMs: number): Verdict {
    const perMs = this.perMinute / WINDOW_MS;
    this.#tokens = Math.min(this.#burst, this.#tokens + (nowMs - this.#at) * perMs);
    this.#at = nowMs;
    const isAccepted = this.#tokens >= 1;
    if (isAccepted) this.#tokens -= 1;
    const remaining = Math.floor(this.#tokens);
    const waitMs = Math.max(0, (1 - this.#tokens) / perMs);
    const resetMs = (this.#burst - this.#tokens) / perMs;
    return { isAccepted, waitMs, quota: { remaining, resetMs, limit: this.#burst, windowMs: null } };
  }
}

/** Counts anew each minute; the first minute may have begun earlier. */
export class FixedWindow implements Limiter {
  readonly #perMinute: number;
  readonly #offsetMs: number;
  #window = -1;
  #count = 0;

  constructor(perMinute: number, offsetMs = 0) {
    this.#perMinute = perMinute;
    this.#offsetMs = offsetMs;
  }

  take(nowMs: number): Verdict {
    const at = nowMs + this.#offsetMs;
    const window = Math.floor(at / WINDOW_MS);
    if (window !== this.#window) [this.#window, this.#count] = [window, 0];
    const isAccepted = this.#count < this.#perMinute;
    if (isAccepted) this.#count += 1;
    const resetMs = (window + 1) * WINDOW_MS - at;
    const remaining = this.#perMinute - this.#count;
    const quota = { remaining, resetMs, limit: this.#perMinute, windowMs: WINDOW_MS };
    return { isAccepted, waitMs: resetMs, quota };
  }
}

/** Never more than so many accepted in any minute. */
export class SlidingWindow implements Limiter {
  readonly #perMinute: number;
  readonly #accepted: number[] = [];

  constructor(perMinute: number) {
    this.#perMinute = perMinute;
  }

  take(nowMs: number): Verdict {
    while (this.#accepted[0] !== undefined && this.#accepted[0] <= nowMs - WINDOW_MS) this.#accepted.shift();
    const isAccepted = this.#accepted.length < this.#perMinute;
    if (isAccepted) this.#accepted.push(nowMs);
    const resetMs = (this.#accepted[0] ?? nowMs) + WINDOW_MS - nowMs;
    const remaining = this.#perMinute - this.#accepted.length;
    return {
      isAccepted,
      waitMs: resetMs,
      quota: { remaining, resetMs, limit: this.#perMinute, windowMs: WINDOW_MS },
    };
  }
}
