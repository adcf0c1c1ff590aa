/** A clock that jumps: whoever waits for seconds or minutes waits for a moment, and the clock says that they have passed. */

import type { Clock } from '../../src/lib/clock.ts';

interface Timer {
  readonly at: number;
  readonly work: () => void;
}

/** Real sockets go on in real time; only pauses are cut short, in their order. */
export class HurriedClock implements Clock {
  #aheadMs = 0;
  #hopping = false;
  readonly #pauses: Timer[] = [];
  /** Work for which nobody waits: done when pauses have carried the clock past it. */
  readonly #later: Timer[] = [];

  now(): number {
    return performance.now() + this.#aheadMs;
  }

  async pause(delayMs: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (delayMs <= 0) return;
    await new Promise<void>((resolve, reject) => {
      const abort = (): void => reject(signal.reason as Error);
      signal.addEventListener('abort', abort, { once: true });
      const work = (): void => {
        signal.removeEventListener('abort', abort);
        resolve();
      };
      this.#pauses.push({ at: this.now() + delayMs, work });
      this.#hop();
    });
  }

  later(delayMs: number, work: () => void): void {
    this.#later.push({ at: this.now() + delayMs, work });
  }

  /** A moment for what is on its way, then the clock jumps to the pause that ends first. */
  #hop(): void {
    if (this.#hopping) return;
    this.#hopping = true;
    setTimeout(() => {
      this.#hopping = false;
      const next = takeEarliest(this.#pauses);
      if (next === null) return;
      this.#aheadMs += Math.max(0, next.at - this.now());
      for (let due = this.#takeDue(); due !== null; due = this.#takeDue()) due.work();
      next.work();
      if (this.#pauses.length > 0) this.#hop();
    }, 1);
  }

  #takeDue(): Timer | null {
    const now = this.now();
    const at = this.#later.findIndex((timer) => timer.at <= now);
    return at === -1 ? null : (this.#later.splice(at, 1)[0] ?? null);
  }
}

function takeEarliest(timers: Timer[]): Timer | null {
  let earliest = 0;
  for (const [index, timer] of timers.entries()) {
    if (timer.at < (timers[earliest]?.at ?? Infinity)) earliest = index;
  }
  return timers.splice(earliest, 1)[0] ?? null;
}
