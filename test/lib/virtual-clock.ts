/** Time that passes only when everybody waits: minutes of it in milliseconds. */

import type { Clock } from '../../src/lib/clock.ts';

export class VirtualClock implements Clock {
  #now = 0;
  #sequence = 0;
  readonly #timers: { readonly at: number; readonly sequence: number; readonly work: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  async pause(delayMs: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (delayMs <= 0) return;
    await new Promise<void>((resolve, reject) => {
      const abort = (): void => reject(signal.reason as Error);
      signal.addEventListener('abort', abort, { once: true });
      this.later(delayMs, () => {
        signal.removeEventListener('abort', abort);
        resolve();
      });
    });
  }

  later(delayMs: number, work: () => void): void {
    this.#timers.push({ at: this.#now + Math.max(delayMs, 0), sequence: this.#sequence, work });
    this.#sequence += 1;
  }

  /** Lets time pass until `done` says so, or nothing is left to happen. */
  async run(done: () => boolean = () => false): Promise<void> {
    for (;;) {
      // Everything that can happen at this moment has to happen before time goes on.
      await new Promise((resolve) => setImmediate(resolve));
      if (done()) return;
      const next = this.#takeNext();
      if (next === null) return;
      this.#now = Math.max(this.#now, next.at);
      next.work();
    }
  }

  #takeNext(): { at: number; work: () => void } | null {
    let index = -1;
    for (const [i, { at, sequence }] of this.#timers.entries()) {
      const best = this.#timers[index];
      if (best === undefined || at < best.at || (at === best.at && sequence < best.sequence)) index = i;
    }
    return index === -1 ? null : (this.#timers.splice(index, 1)[0] ?? null);
  }
}
