/** How late it is at least at a server that does not show its clock: from the times it gave to changes, and from what has passed since. */

import { isSameBoot } from '../lib/boot.ts';
import type { Uptime } from '../lib/boot.ts';
import type { ServerMoment } from '../model/ports.ts';
import { formatGeneralizedTime, parseGeneralizedTime } from './generalized-time.ts';

/**
 * How much has to have passed beyond the overlap before nothing is expected any more at or before the latest time seen. As
 * far may the server's clock be set back, or that of another master be behind.
 */
export const SETTLED_MS = 20 * 60 * 1000;

/** What has passed is not believed beyond this: no two clocks run at the same rate. */
const LONGEST_MS = 24 * 60 * 60 * 1000;

/** The earliest that it can be at the server now, from an earlier moment there; `null` where nothing can be said. */
export function serverTimeMs(moment: ServerMoment | undefined, now: Uptime): number | null {
  if (moment === undefined || !isSameBoot(moment.boot, now.boot)) return null;
  const timeMs = parseGeneralizedTime(moment.time);
  const passedMs = now.ms - moment.uptimeMs;
  if (timeMs === null || !Number.isFinite(passedMs) || passedMs < 0) return null;
  return timeMs + Math.min(passedMs, LONGEST_MS);
}

/** The moment at which it is at least `timeMs` at the server. */
export function momentOf(timeMs: number, now: Uptime): ServerMoment {
  return { time: formatGeneralizedTime(timeMs), boot: now.boot, uptimeMs: Math.floor(now.ms) };
}
