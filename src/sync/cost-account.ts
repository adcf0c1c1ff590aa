/** Keeps account of what a run costs while it goes on. */

import type { RunCost, RunObserver, Stage } from '../model/run.ts';
import type { RunParts } from './run-parts.ts';

const BYTES_PER_KIB = 1024;

export class CostAccount {
  readonly #stagesMs: Partial<Record<Stage, number>> = {};
  #stage: Stage | null = null;
  #sinceMs = performance.now();

  /** Closes the stage before and tells the observer of the new one. */
  enter(stage: Stage, observer: RunObserver): void {
    this.#close();
    this.#stage = stage;
    observer.stage(stage);
  }

  /** Closes the last stage. */
  finish({ directory, judge, reader }: RunParts): RunCost {
    this.#close();
    this.#stage = null;
    return {
      stagesMs: this.#stagesMs,
      directory: directory.cost?.() ?? null,
      scripts: judge.cost?.() ?? null,
      purposes: reader.purposes?.() ?? {},
      peakMemoryBytes: process.resourceUsage().maxRSS * BYTES_PER_KIB,
    };
  }

  #close(): void {
    const now = performance.now();
    if (this.#stage !== null) {
      this.#stagesMs[this.#stage] = (this.#stagesMs[this.#stage] ?? 0) + now - this.#sinceMs;
    }
    this.#sinceMs = now;
  }
}
