/** How long to wait before something that keeps failing is tried again by a program that runs now and then. */

const HOUR_MS = 3_600_000;
const FREE_ATTEMPTS = 3;
/** No interval is longer. */
export const LONGEST_RETRY_MS = 24 * HOUR_MS;

/**
 * Milliseconds until the next attempt: none after each of the first three, then one hour, doubled each time, at most
 * a day. What heals by itself heals soon; what does not must not cost a request in every hourly run for ever.
 */
export function retryIntervalMs(attempts: number): number {
  if (attempts < FREE_ATTEMPTS) return 0;
  return Math.min(LONGEST_RETRY_MS, HOUR_MS * 2 ** Math.min(attempts - FREE_ATTEMPTS, 16));
}
