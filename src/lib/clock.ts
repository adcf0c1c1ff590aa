/** Time as a part that can be exchanged: a test runs minutes of it in milliseconds. */

import { pause } from './backoff.ts';

export interface Clock {
  /** Milliseconds since some moment; never goes back. */
  now(): number;
  /** Waits. @throws the signal's reason as soon as it is aborted */
  pause(delayMs: number, signal: AbortSignal): Promise<void>;
  /** Does the work later; nobody is kept waiting for it, and a process may end before. */
  later(delayMs: number, work: () => void): void;
}

export const SYSTEM_CLOCK: Clock = {
  now: () => performance.now(),
  pause,
  later: (delayMs, work) => void setTimeout(work, delayMs).unref(),
};
