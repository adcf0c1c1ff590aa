/** The progress line of a run: stage, count and rate, for a person who waits. */

import type { Stage } from '../model/run.ts';
import { count, duration } from '../report/quantity.ts';
import type { Terminal } from './terminal.ts';

const LABELS: Readonly<Record<Stage, string>> = {
  CHECK: 'Checking the connections',
  COLLECT: 'Reading users',
  COMPARE: 'Comparing users',
  GUARD: 'Checking the plan',
  APPLY: 'Sending changes',
  REMEMBER: 'Saving the state',
};
const SHORTEST_INTERVAL_MS = 100;
/** A rate over less says nothing. */
const RATE_AFTER_MS = 1000;

export interface Progress {
  stage(stage: Stage): void;
  progress(stage: Stage, done: number, total: number | null): void;
  /** Removes the line. */
  end(): void;
}

export interface ProgressOptions {
  readonly quiet?: boolean;
  /** Milliseconds since whenever. */
  readonly now?: () => number;
}

/**
 * Draws at most ten times a second, so that telling it of every user costs nothing worth counting. Silent where
 * standard error is no terminal.
 */
export function openProgress(
  terminal: Terminal,
  { quiet = false, now = () => performance.now() }: ProgressOptions = {},
): Progress {
  let stageStart = 0;
  let lastDrawn = -Infinity;
  if (!terminal.showsProgress || quiet) return { stage: ignore, progress: ignore, end: ignore };
  return {
    stage(stage) {
      stageStart = now();
      lastDrawn = stageStart;
      terminal.progress(`${LABELS[stage]} ...`);
    },
    progress(stage, done, total) {
      const time = now();
      if (time - lastDrawn < SHORTEST_INTERVAL_MS) return;
      lastDrawn = time;
      const elapsed = time - stageStart;
      const of = total === null ? '' : ` of ${count(total)}`;
      const rate = elapsed < RATE_AFTER_MS ? '' : `, ${count(Math.round((done * 1000) / elapsed))} a second`;
      terminal.progress(`${LABELS[stage]}: ${count(done)}${of}${rate}${timeLeft(done, total, elapsed)}`);
    },
    end() {
      terminal.progress(null);
    },
  };
}

/** Over less than this the rate of the first requests, which open the connections, would be taken for that of all. */
const TIME_LEFT_AFTER_MS = 3000;

function timeLeft(done: number, total: number | null, elapsedMs: number): string {
  if (total === null || done === 0 || done >= total || elapsedMs < TIME_LEFT_AFTER_MS) return '';
  return `, about ${duration(((total - done) * elapsedMs) / done)} left`;
}

function ignore(): void {
  // Under a scheduler nobody looks at progress, and it would fill a log.
}
