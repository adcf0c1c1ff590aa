/** The parts of the state file, each with its table and its class, made once over one open database. */

import type { DatabaseSync } from 'node:sqlite';
import { ChangeLog, NO_HISTORY } from './change-log.ts';
import { Commits } from './commits.ts';
import { DesiredUsers } from './desired-users.ts';
import { DeviationTable } from './deviations.ts';
import { FailureMemory } from './failure-memory.ts';
import { KnownUsers } from './known-users.ts';
import { ListMemory } from './list-memory.ts';
import { LostCreations } from './lost-creations.ts';
import { MetaValues } from './meta-values.ts';
import { NameMatching } from './name-matching.ts';
import { PopulationCounts } from './population-counts.ts';
import { PlanArchive } from './plan-archive.ts';
import { PlanTable } from './plan-table.ts';
import { RunHistory } from './run-history.ts';
import { StateOrigin } from './state-origin.ts';
import type { StateOptions } from './state.ts';
import { TraceTable } from './trace-table.ts';
import { VainLookups } from './vain-lookups.ts';

export class StateTables {
  readonly meta: MetaValues;
  readonly desired: DesiredUsers;
  readonly matching: NameMatching;
  readonly plan: PlanTable;
  readonly users: KnownUsers;
  readonly counts: PopulationCounts;
  readonly failures: FailureMemory;
  readonly lost: LostCreations;
  readonly deviations: DeviationTable;
  readonly traces: TraceTable;
  readonly plans: PlanArchive;
  readonly changes: ChangeLog;
  readonly runs: RunHistory;
  readonly commits: Commits;
  readonly origin: StateOrigin;
  readonly serviceList: ListMemory;

  /** @throws RunError STATE_FOREIGN */
  constructor(database: DatabaseSync, options: StateOptions) {
    const now = options.now ?? (() => new Date());
    this.meta = new MetaValues(database);
    this.desired = new DesiredUsers(database, options.managed);
    this.matching = new NameMatching(database, this.desired);
    this.plan = new PlanTable(database);
    this.users = new KnownUsers(database, options.managed);
    this.counts = new PopulationCounts(database);
    this.failures = new FailureMemory(database, now);
    this.lost = new LostCreations(database, now);
    const vain = new VainLookups(database, now);
    this.deviations = new DeviationTable(database, now, () => this.failures.dueBy, vain);
    this.traces = new TraceTable(database, this.meta, options.mode, now);
    this.plans = new PlanArchive(database);
    this.changes = new ChangeLog(database, options.history ?? NO_HISTORY, now);
    this.runs = new RunHistory(database, now, options.runId);
    this.commits = new Commits(database, options);
    this.origin = new StateOrigin(this.meta, this.commits, options, () => this.counts.population().known > 0);
    this.serviceList = new ListMemory(this.meta, options.populationKey, this.origin.doubt !== null);
  }
}
