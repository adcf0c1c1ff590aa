/** Tells who is absent, in few words where many are: a mistaken search base makes everybody absent. */

import type { Log } from '../model/ports.ts';
import type { AbsentUser } from '../model/run.ts';

const NAMED = 50;

export class AbsenceReport {
  readonly #first: AbsentUser[] = [];
  #count = 0;

  add(user: AbsentUser): void {
    this.#count += 1;
    if (this.#first.length < NAMED) this.#first.push(user);
  }

  /** @param counted whether the run counts them, or would as a live run: not where a guard has stopped it */
  tell(log: Log, counted: boolean): void {
    if (this.#count === 0) return;
    if (!counted) {
      log.info('SyncService', `${this.#count} absent users are not counted, because the run was stopped.`);
      return;
    }
    for (const { user, missed, threshold } of this.#first) {
      log.info('SyncService', `${user} is absent from the search base (${missed} of ${threshold}).`);
    }
    const more = this.#count - this.#first.length;
    if (more > 0) log.info('SyncService', `and ${more} more are absent; --plan FILE lists all of them.`);
  }
}
