/** How far apart live runs usually are, and what to say of one that takes longer. Pure. */

/** Who starts runs by hand, one after the other, needs no schedule. */
const SHORT_RUN_MS = 60_000;

/**
 * The median of the distances between the starts of runs, in milliseconds; `null` for fewer than two runs.
 * @param starts in any order
 */
export function usualIntervalMs(starts: readonly Date[]): number | null {
  const sorted = starts.map((start) => start.getTime()).sort((a, b) => a - b);
  const distances = sorted.slice(1).map((start, at) => start - (sorted[at] ?? start));
  distances.sort((a, b) => a - b);
  return distances[Math.floor((distances.length - 1) / 2)] ?? null;
}

/** The warning about a run that took longer than the usual interval; `null` where there is nothing to say. */
export function overrun(durationMs: number, intervalMs: number | null): string | null {
  if (intervalMs === null || durationMs <= Math.max(intervalMs, SHORT_RUN_MS)) return null;
  const minutes = (ms: number): string => (ms / 60_000).toFixed(1);
  return `This run took ${minutes(durationMs)} minutes; live runs here usually start ${minutes(intervalMs)} minutes apart. The next one ends at once with exit code 7 if it finds this one running: schedule runs further apart.`;
}
