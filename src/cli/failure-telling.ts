/** Tells each failure of a live run once: at once where it happens, and in the end what was not told before. */

import { EXIT_CODES } from '../model/errors.ts';
import type { Failure } from '../model/failure.ts';
import type { Log } from '../model/ports.ts';
import type { RunSummary } from '../model/run.ts';

const FAILURES_OF_A_STOPPED_RUN = 20;

export class FailureTelling {
  readonly #log: Log;
  /** How often each was told: two entries may fail under one userName. */
  readonly #told = new Map<string, number>();

  constructor(log: Log) {
    this.#log = log;
  }

  tell(user: string, failure: Failure): void {
    const key = `${user}\n${failure.message}`;
    this.#told.set(key, (this.#told.get(key) ?? 0) + 1);
    // Most messages begin with the user as it is.
    const named = failure.message.startsWith(user) ? failure.message : `${user}: ${failure.message}`;
    this.#log.warn('SyncService', `FAILED ${named}`);
  }

  /** What was not told while it happened, and what goes on failing. */
  tellRemaining({ failures, exitCode }: RunSummary): void {
    const before = new Map(this.#told);
    let hidden = 0;
    let shown = 0;
    for (const { user, failure, since, attempts = 1 } of failures) {
      const key = `${user}\n${failure.message}`;
      const left = before.get(key) ?? 0;
      before.set(key, left - 1);
      // A plan that a guard has stopped for ten thousand failures is not made clearer by ten thousand lines.
      if (left <= 0 && exitCode === EXIT_CODES.GUARD && shown >= FAILURES_OF_A_STOPPED_RUN) hidden += 1;
      else if (left <= 0) this.tell(user, failure);
      if (left <= 0) shown += 1;
      if (attempts > 1) {
        this.#log.warn('SyncService', `STILL FAILING ${user}: attempt ${attempts} since ${since}`);
      }
    }
    if (hidden > 0) this.#log.warn('SyncService', `and ${hidden} more; a dry run shows all of them`);
  }
}
