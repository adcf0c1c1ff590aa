/** How long to wait before trying again, and the waiting itself. */

import { setTimeout as delay } from 'node:timers/promises';

export interface BackoffLimits {
  readonly baseDelayMs: number;
  readonly maxDelayMs: number;
}

/**
 * The wait after the given failed attempt (1 for the first), in milliseconds: doubling from `baseDelayMs` up to
 * `maxDelayMs`, the upper half of it random, so that workers which failed together do not come back together.
 */
export function backoffDelayMs(attempt: number, limits: BackoffLimits, random = Math.random): number {
  const ceilingMs = Math.min(limits.maxDelayMs, limits.baseDelayMs * 2 ** (attempt - 1));
  return ceilingMs / 2 + (random() * ceilingMs) / 2;
}

/** Waits. @throws the signal's reason as soon as it is aborted */
export async function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  if (delayMs <= 0) return;
  try {
    await delay(delayMs, undefined, { signal });
  } catch (error) {
    // node:timers rejects with an AbortError of its own; callers want the reason that they gave.
    signal.throwIfAborted();
    throw error;
  }
}
