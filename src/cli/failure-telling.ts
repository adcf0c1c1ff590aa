/** Tells each failure of a live run once: at once where it happens, and in the end what was not told before. */

import { EXIT_CODES } from '../model/errors.ts';
import type { Log } from '../model/ports.ts';
import type { FailedUser, RunSummary } from '../model/run.ts';
import { failureSentence } from '../report/failure-text.ts';

const FAILURES_OF_A_STOPPED_RUN = 20;

export class FailureTelling {
  readonly #log: Log;
  /** How often each was told. */
  readonly #told = new Map<string, number>();

  constructor(log: Log) {
    this.#log = log;
  }

  tell(failed: FailedUser): void {
    const key = keyOf(failed);
    this.#told.set(key, (this.#told.get(key) ?? 0) + 1);
    this.#log.warn('SyncService', `FAILED ${failureSentence(failed)}`);
  }

  /** What was not told while it happened, and what goes on failing. */
  tellRemaining({ failures, exitCode }: RunSummary): void {
    const before = new Map(this.#told);
    let hidden = 0;
    let shown = 0;
    for (const failed of failures) {
      const { user, since, attempts = 1 } = failed;
      const key = keyOf(failed);
      const left = before.get(key) ?? 0;
      before.set(key, left - 1);
      // A plan that a guard has stopped for ten thousand failures is not made clearer by ten thousand lines.
      if (left <= 0 && exitCode === EXIT_CODES.GUARD && shown >= FAILURES_OF_A_STOPPED_RUN) hidden += 1;
      else if (left <= 0) this.tell(failed);
      if (left <= 0) shown += 1;
      if (attempts > 1) {
        this.#log.warn('SyncService', `STILL FAILING ${user}: attempt ${attempts} since ${since}`);
      }
    }
    if (hidden > 0) this.#log.warn('SyncService', `and ${hidden} more; a dry run shows all of them`);
  }
}

function keyOf({ user, identity, dn, failure }: FailedUser): string {
  return [identity ?? dn, user, failure.message].join('\n');
}
