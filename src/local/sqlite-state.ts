/** The state port over one SQLite file: each part has its table and its class, and this one ties them together. */

import type { DatabaseSync } from 'node:sqlite';
import type { Failure } from '../model/failure.ts';
import type { Change, ChangeKind, Outcome } from '../model/plan.ts';
import type { RemoteUser, Watermark } from '../model/ports.ts';
import type {
  Bystander,
  Comparison,
  Dependent,
  DesiredUser,
  FailingUser,
  KnownUser,
  Learning,
  LiveScripts,
  LostCreation,
  Memory,
  PlanDrift,
  Population,
  Reconsidered,
  RememberedFailure,
} from '../model/state.ts';
import type { Unclaimed } from '../model/unclaimed.ts';
import type { UserAttribute, UserResource } from '../model/user.ts';
import { ChangeLog, NO_HISTORY } from './change-log.ts';
import { Commits } from './commits.ts';
import { FailureMemory } from './failure-memory.ts';
import { KnownUsers } from './known-users.ts';
import { learnFrom } from './learning.ts';
import { keepLiveScripts, liveScriptsIn } from './live-scripts.ts';
import { ListMemory } from './list-memory.ts';
import { LostCreations } from './lost-creations.ts';
import { MetaValues } from './meta-values.ts';
import { DeviationTable } from './deviations.ts';
import { PlanArchive } from './plan-archive.ts';
import { DesiredUsers } from './desired-users.ts';
import { NameMatching } from './name-matching.ts';
import { PlanTable } from './plan-table.ts';
import { RunHistory } from './run-history.ts';
import { leaveOneFile } from './state-file.ts';
import { StateOrigin } from './state-origin.ts';
import { TraceTable } from './trace-table.ts';
import type { OpenState, StateOptions } from './state.ts';

/** Made by `openState`. @throws RunError STATE_FOREIGN */
export class SqliteState implements OpenState {
  readonly readsAnewBecause: string | null;
  readonly doubt: string | null;
  readonly traces: TraceTable;
  readonly deviations: DeviationTable;
  readonly serviceList: ListMemory;
  readonly #database: DatabaseSync;
  readonly #options: StateOptions;
  readonly #commits: Commits;
  readonly #meta: MetaValues;
  readonly #origin: StateOrigin;
  readonly #desired: DesiredUsers;
  readonly #matching: NameMatching;
  readonly #plan: PlanTable;
  readonly #users: KnownUsers;
  readonly #failures: FailureMemory;
  readonly #lost: LostCreations;
  readonly #plans: PlanArchive;
  readonly #changes: ChangeLog;
  readonly runs: RunHistory;

  constructor(database: DatabaseSync, options: StateOptions) {
    this.#meta = new MetaValues(database);
    this.#desired = new DesiredUsers(database, options.managed);
    this.#matching = new NameMatching(database, this.#desired);
    this.#plan = new PlanTable(database);
    this.#users = new KnownUsers(database, options.managed);
    const now = options.now ?? (() => new Date());
    this.#failures = new FailureMemory(database, now);
    this.#lost = new LostCreations(database, now);
    this.deviations = new DeviationTable(database, now, () => this.#failures.dueBy);
    this.traces = new TraceTable(database, this.#meta, options.mode, now);
    this.#plans = new PlanArchive(database);
    this.#changes = new ChangeLog(database, options.history ?? NO_HISTORY, now);
    this.runs = new RunHistory(database, now, options.runId);
    this.#database = database;
    this.#commits = new Commits(database, options);
    this.#options = options;
    this.#origin = new StateOrigin(this.#meta, this.#commits, options, () => this.population().known > 0);
    this.readsAnewBecause = this.#origin.readsAnewBecause;
    this.doubt = this.#origin.doubt;
    this.serviceList = new ListMemory(this.#meta, options.populationKey, this.doubt !== null);
  }

  liveScripts(): LiveScripts | null {
    return liveScriptsIn(this.#meta);
  }

  watermark(): Watermark | null {
    return this.#origin.watermark();
  }

  population(): Population {
    return this.#users.population();
  }

  organizations(): string[] {
    return this.#users.organizations();
  }

  activeByOrganization(): ReadonlyMap<string, number> {
    return this.#users.activeByOrganization();
  }

  addDesired(users: readonly DesiredUser[]): void {
    this.#desired.addDesired(users);
  }

  addFormer(users: readonly DesiredUser[]): void {
    this.#desired.addFormer(users);
  }

  reconsidered(): Iterable<Reconsidered> {
    return this.#desired.reconsidered();
  }

  addPresent(identities: readonly string[]): void {
    this.#desired.addPresent(identities);
  }

  hasDesired(identity: string): boolean {
    return this.#desired.hasDesired(identity);
  }

  doubtedHolders(): string[] {
    return this.#matching.doubtedHolders();
  }

  addSought(identities: readonly string[]): void {
    this.#matching.addSought(identities);
  }

  seesAnybody(): boolean {
    return this.#desired.seesAnybody();
  }

  unknownCount(): number {
    return this.#desired.unknownCount();
  }

  failures(): Iterable<DesiredUser & { readonly failure: Failure }> {
    return this.#desired.failures();
  }

  comparisons(which: 'ALL' | 'DIFFERING'): Iterable<Comparison> {
    return this.#desired.comparisons(which);
  }

  dependents(which: 'PRESENT' | 'ALL'): Iterable<Dependent> {
    return this.#desired.dependents(which);
  }

  absentees(): Iterable<KnownUser> {
    return this.#desired.absentees(this.doubt === null);
  }

  addFound(user: RemoteUser): void {
    this.#matching.addFound(user);
  }

  failClashes(absenceIsProven: boolean): void {
    this.#matching.failClashes(absenceIsProven);
  }

  rightfulHolder(scimId: string, identity: string, absenceIsProven: boolean): string | null {
    return this.#matching.rightfulHolder(scimId, identity, absenceIsProven);
  }

  addChanges(changes: readonly Change[]): void {
    this.#plan.addChanges(changes);
  }

  planned(): Record<ChangeKind, number> {
    return this.#plan.planned();
  }

  changes(which: readonly ChangeKind[] | 'UNREAD'): Iterable<Change> {
    return which === 'UNREAD' ? this.#plan.unreadChanges() : this.#plan.changes(which);
  }

  hasRenames(): boolean {
    return this.#plan.hasRenames();
  }

  planId(): string {
    return this.#plan.planId();
  }

  failedIdentities(): string[] {
    return this.#failures.dueIdentities();
  }

  returnedIdentities(): string[] {
    return this.#users.returnedIdentities();
  }

  isClaimed({ identity, confirmed }: KnownUser): boolean {
    return confirmed !== null && this.#users.isClaimed(identity, confirmed.userName);
  }

  failureOf(identity: string): RememberedFailure | null {
    return this.#failures.of(identity);
  }

  waitingFailures(): Iterable<RememberedFailure> {
    return this.#failures.waiting();
  }

  lostCreations(absenceIsKnown: boolean): LostCreation[] {
    return this.#lost.all(absenceIsKnown);
  }

  unclaimed(limit: number): Unclaimed {
    return this.#matching.unclaimed(limit);
  }

  learn(byUserName: boolean, readEverybody: boolean): Learning {
    const { taken, unclear } = this.#matching.matchFound(byUserName, readEverybody);
    if (taken.length === 0) return { taken: 0, unclear };
    if (this.#options.mode === 'DRY') this.#users.shadow();
    this.#commits.once(() => {
      for (const match of taken) learnFrom(match, this.#database, this.#users);
      if (this.#options.mode === 'LIVE') this.#origin.bindToService();
    });
    return { taken: taken.length, unclear };
  }

  scimIdOf(identity: string): string | null {
    return this.#users.scimIdOf(identity);
  }

  settle(identity: string): void {
    this.#users.settle(identity);
  }

  lostNameOf(identity: string, userName: string): string | null {
    return this.#lost.nameOf(identity, userName);
  }

  unsettledOf(identity: string): UserAttribute[] {
    return this.#users.unsettledOf(identity);
  }

  holderOf(userName: string): string | null {
    return this.#users.holderOf(userName);
  }

  beginWriting(): void {
    // At once and for good: settings put back must leave nobody as these made him, and who was seen is not absent.
    this.#origin.beginRun(() => {
      this.#users.noteSeen();
      if (this.doubt !== null) this.#users.doubtEverybody(this.deviations);
    });
  }

  begin(change: Change, attributes: readonly UserAttribute[]): void {
    this.deviations.begin(change);
    this.#users.begin({ ...change, userName: change.to.userName }, attributes);
  }

  confirm(
    change: Change,
    sent: UserResource,
    settled: readonly UserAttribute[],
    outcome: Extract<Outcome, { ok: true }>,
  ): boolean {
    const { identity, dn } = change;
    let isNews = false;
    this.#commits.once(() => {
      this.#changes.add(change, sent);
      isNews = this.deviations.noteOutcome(identity, sent, settled, outcome);
      if (outcome.how === 'GONE') {
        this.#users.remove(identity);
        return;
      }
      const managerDnKey = this.#desired.managerDnKeyOf(identity);
      this.#users.put({ ...outcome, identity, dn, managerDnKey, resource: sent, settled });
      this.#origin.bindToService();
    });
    return isNews;
  }

  fail(user: FailingUser, failure: Failure): void {
    this.#failures.add(user, failure);
  }

  storePlan(planId: string, bystanders: Iterable<Bystander>): void {
    this.#commits.once(() => {
      this.#plans.store(planId, new Date().toISOString(), this.#plan.planDigests(), bystanders);
    });
  }

  planDrift(planId: string, bystanders: Iterable<Bystander>): PlanDrift | null {
    return this.#plans.drift(planId, this.#plan.planDigests(), bystanders);
  }

  remember(memory: Memory): void {
    this.#commits.lastingly(() => {
      for (const user of memory.failures) this.#failures.add(user, user.failure);
      this.#users.followEntries();
      this.#users.forgetUnmanaged(this.#meta);
      this.#lost.remember(memory.notFound);
      this.#failures.clearMended(memory.retriedEverybody);
      if (this.doubt !== null) this.#users.unsettleFailing();
      if (memory.countAbsence) this.#users.countAbsence();
      this.traces.remember(memory);
      this.#changes.prune();
      if (memory.wholeRun) keepLiveScripts(this.#meta, this.#options.scripts);
      this.serviceList.remember(memory);
      this.#origin.endRun(memory.sentEverybody);
      if (memory.watermark !== null) this.#origin.setWatermark(memory.watermark);
    });
    this.#database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  }

  close(): void {
    if (!this.#database.isOpen) return;
    if (this.#options.mode === 'LIVE') {
      this.#origin.leave();
      leaveOneFile(this.#database);
    }
    this.#database.close();
  }
}
