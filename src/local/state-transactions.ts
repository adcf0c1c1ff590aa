/** What changes several tables of the state at once: each change gets into the file wholly or not at all. */

import type { DatabaseSync } from 'node:sqlite';
import type { Change, Outcome } from '../model/plan.ts';
import type { Memory } from '../model/memory.ts';
import type { Learning } from '../model/state.ts';
import { USER_ATTRIBUTES, type UserAttribute, type UserResource } from '../model/user.ts';
import { learnFrom } from './learning.ts';
import { keepLiveScripts } from './live-scripts.ts';
import type { StateTables } from './state-tables.ts';
import type { StateOptions } from './state.ts';
import { forgetUnmanaged } from './unmanaged.ts';

export class StateTransactions {
  readonly #database: DatabaseSync;
  readonly #options: Pick<StateOptions, 'mode' | 'scripts' | 'managed'>;
  readonly #tables: StateTables;

  constructor(
    database: DatabaseSync,
    options: Pick<StateOptions, 'mode' | 'scripts' | 'managed'>,
    tables: StateTables,
  ) {
    this.#database = database;
    this.#options = options;
    this.#tables = tables;
  }

  learn(byUserName: boolean, readEverybody: boolean): Learning {
    const { taken, ...others } = this.#tables.matching.matchFound(byUserName, readEverybody);
    if (taken.length === 0) return { taken: 0, ...others };
    if (this.#options.mode === 'DRY') this.#tables.users.shadow();
    this.#tables.commits.once(() => {
      for (const match of taken) learnFrom(match, this.#database, this.#tables.users);
      if (this.#options.mode === 'LIVE') this.#tables.origin.bindToService();
    });
    return { taken: taken.length, ...others };
  }

  beginWriting(): void {
    // At once and for good: settings put back must leave nobody as these made him, and who was seen is not absent.
    this.#tables.origin.beginRun(() => {
      this.#tables.users.noteSeen();
      if (this.#tables.origin.countsAbsenceAnew) this.#tables.users.countAbsenceAnew();
      if (this.#tables.origin.doubt !== null) this.#tables.deviations.doubtEverybodyInactive();
    });
  }

  begin(change: Change, attributes: readonly UserAttribute[]): void {
    this.#tables.deviations.begin(change);
    this.#tables.users.begin({ ...change, userName: change.to.userName }, attributes);
  }

  confirm(
    change: Change,
    sent: UserResource,
    settled: readonly UserAttribute[],
    outcome: Extract<Outcome, { ok: true }>,
  ): boolean {
    const { identity, dn } = change;
    let isNews = false;
    this.#tables.commits.once(() => {
      this.#tables.changes.add(change, sent);
      if (outcome.how === 'GONE') {
        this.#noteGone(identity);
        return;
      }
      isNews = this.#tables.deviations.noteOutcome(identity, sent, settled, outcome);
      const managerDnKey = this.#tables.desired.managerDnKeyOf(identity);
      this.#tables.users.put({ ...outcome, identity, dn, managerDnKey, resource: sent, settled });
      this.#tables.origin.bindToService();
    });
    return isNews;
  }

  /**
   * One "nobody" is not believed (docs/decisions/engine.md): the account is kept and looked for, unless it was seen closed
   * before it went.
   */
  #noteGone(identity: string): void {
    if (this.#tables.deviations.noteGone(identity)) this.#tables.users.settle(identity);
    else this.#tables.users.remove(identity);
  }

  remember(memory: Memory): void {
    this.#tables.commits.lastingly(() => {
      for (const user of memory.failures) this.#tables.failures.add(user, user.failure);
      this.#tables.users.followEntries();
      forgetUnmanaged(this.#database, this.#options.managed ?? USER_ATTRIBUTES, this.#tables.meta);
      this.#tables.lost.remember(memory.notFound);
      this.#tables.deviations.remember();
      this.#tables.failures.clearMended(memory.retriedEverybody);
      if (this.#tables.origin.doubt !== null) this.#tables.users.unsettleFailing();
      if (memory.absence === 'COUNT') this.#tables.users.countAbsence();
      // A row of runs ends with one that does not look: what was counted before would complete a row of next year.
      if (memory.absence === 'FORGET') this.#tables.users.countAbsenceAnew();
      this.#tables.traces.remember(memory);
      this.#tables.changes.prune();
      if (memory.wholeRun) keepLiveScripts(this.#tables.meta, this.#options.scripts);
      this.#tables.serviceList.remember(memory);
      this.#tables.origin.endRun(memory.sentEverybody);
      if (memory.watermark !== null) this.#tables.origin.setWatermark(memory.watermark);
    });
    this.#database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    this.#tables.origin.markEnd();
  }
}
