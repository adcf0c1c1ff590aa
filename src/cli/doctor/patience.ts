/** Tries again what a run would try again, too: a doctor must not be stricter than the run before which it is asked. */

import { setTimeout as delay } from 'node:timers/promises';
import { RunError, type ErrorCode } from '../../model/errors.ts';

/** Whoever waits for a doctor has heard by then that nobody is there. */
const MOST_PATIENCE_MS = 15_000;

/** Errors of the way to a server, which may be starting at this moment. */
const PASSING: readonly ErrorCode[] = ['DIRECTORY_UNREACHABLE', 'SERVICE_UNREACHABLE'];

/**
 * The result of the first attempt that succeeds.
 * @throws what the last attempt throws; at once what no other attempt would mend
 */
export async function patiently<T>(
  { attempts, delayMs, signal }: { attempts: number; delayMs: number; signal: AbortSignal },
  attempt: () => Promise<T>,
): Promise<T> {
  const started = performance.now();
  for (let made = 1; ; made += 1) {
    try {
      return await attempt();
    } catch (error) {
      const mayPass = error instanceof RunError && PASSING.includes(error.code);
      const isLate = performance.now() - started + delayMs > MOST_PATIENCE_MS;
      if (!mayPass || made >= attempts || isLate || signal.aborted) throw error;
    }
    await delay(delayMs);
  }
}
