/** Which start of the machine this is, and how long ago it was by a clock that nobody can set. */

import { readFileSync } from 'node:fs';
import { uptime } from 'node:os';

/** Steps of the clock and rounding; no machine starts twice in so short a time and gets to work in between. */
const TOLERANCE_MS = 120_000;

/** Linux names each start; elsewhere it is the time of the start. */
export function presentBoot(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return new Date(Date.now() - uptime() * 1000).toISOString();
  }
}

/** A moment since the machine was started. */
export interface Uptime {
  readonly boot: string;
  /** Never runs ahead of what has really passed: sleep may be missing. The same for all processes. */
  readonly ms: number;
}

export function presentUptime(): Uptime {
  return { boot: presentBoot(), ms: Number(process.hrtime.bigint() / 1_000_000n) };
}

/** Whether both are of one start of the machine. */
export function isSameBoot(one: string, other: string): boolean {
  if (one === other) return true;
  return Math.abs(Date.parse(one) - Date.parse(other)) <= TOLERANCE_MS;
}
