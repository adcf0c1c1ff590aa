/** The state port over one SQLite file: it passes each question to the part that has the table. */

import type { DatabaseSync } from 'node:sqlite';
import type { Failure } from '../model/failure.ts';
import type { Change, ChangeKind, Outcome } from '../model/plan.ts';
import type { RemoteUser, Watermark } from '../model/ports.ts';
import type { Memory } from '../model/memory.ts';
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
  PlanDrift,
  Population,
  Reconsidered,
  RememberedFailure,
} from '../model/state.ts';
import type { Unclaimed } from '../model/unclaimed.ts';
import type { UserAttribute, UserResource } from '../model/user.ts';
import { liveScriptsIn } from './live-scripts.ts';
import type { ListMemory } from './list-memory.ts';
import type { DeviationTable } from './deviations.ts';
import type { RunHistory } from './run-history.ts';
import { leaveOneFile } from './state-file.ts';
import { StateTables } from './state-tables.ts';
import { StateTransactions } from './state-transactions.ts';
import type { TraceTable } from './trace-table.ts';
import type { OpenState, StateOptions } from './state.ts';

/** Made by `openState`. @throws RunError STATE_FOREIGN */
export class SqliteState implements OpenState {
  readonly #database: DatabaseSync;
  readonly #options: StateOptions;
  readonly #tables: StateTables;
  readonly #transactions: StateTransactions;

  constructor(database: DatabaseSync, options: StateOptions) {
    this.#database = database;
    this.#options = options;
    this.#tables = new StateTables(database, options);
    this.#transactions = new StateTransactions(database, options, this.#tables);
  }

  get otherConfiguration(): string | null {
    return this.#tables.origin.otherConfiguration;
  }

  get readsAnewBecause(): string | null {
    return this.#tables.origin.readsAnewBecause;
  }

  get doubt(): string | null {
    return this.#tables.origin.doubt;
  }

  get traces(): TraceTable {
    return this.#tables.traces;
  }

  get deviations(): DeviationTable {
    return this.#tables.deviations;
  }

  get serviceList(): ListMemory {
    return this.#tables.serviceList;
  }

  get runs(): RunHistory {
    return this.#tables.runs;
  }

  liveScripts(): LiveScripts | null {
    return liveScriptsIn(this.#tables.meta);
  }

  watermark(): Watermark | null {
    return this.#tables.origin.watermark();
  }

  population(): Population {
    return this.#tables.counts.population();
  }

  isActive(identity: string): boolean {
    return this.#tables.users.isActive(identity);
  }

  organizations(): string[] {
    return this.#tables.counts.organizations();
  }

  activeByUnit(parents: ReadonlySet<string>): ReadonlyMap<string, number> {
    return this.#tables.counts.activeByUnit(parents);
  }

  activeByOrganization(): ReadonlyMap<string, number> {
    return this.#tables.counts.activeByOrganization();
  }

  addDesired(users: readonly DesiredUser[]): void {
    this.#tables.desired.addDesired(users);
  }

  addFormer(users: readonly DesiredUser[]): void {
    this.#tables.desired.addFormer(users);
  }

  reconsidered(): Iterable<Reconsidered> {
    return this.#tables.desired.reconsidered();
  }

  addPresent(identities: readonly string[]): void {
    this.#tables.desired.addPresent(identities);
  }

  hasDesired(identity: string): boolean {
    return this.#tables.desired.hasDesired(identity);
  }

  doubtedHolders(): string[] {
    return this.#tables.matching.doubtedHolders();
  }

  addSought(identities: readonly string[]): void {
    this.#tables.matching.addSought(identities);
  }

  seesAnybody(): boolean {
    return this.#tables.desired.seesAnybody();
  }

  unknownCount(): number {
    return this.#tables.desired.unknownCount();
  }

  failures(): Iterable<DesiredUser & { readonly failure: Failure }> {
    return this.#tables.desired.failures();
  }

  comparisons(which: 'ALL' | 'DIFFERING'): Iterable<Comparison> {
    return this.#tables.desired.comparisons(which);
  }

  dependents(which: 'PRESENT' | 'ALL'): Iterable<Dependent> {
    return this.#tables.desired.dependents(which);
  }

  absentees(): Iterable<KnownUser> {
    return this.#tables.desired.absentees(!this.#tables.origin.countsAbsenceAnew);
  }

  addFound(user: RemoteUser): void {
    this.#tables.matching.addFound(user);
  }

  failClashes(absenceIsProven: boolean): void {
    this.#tables.matching.failClashes(absenceIsProven);
  }

  rightfulHolder(
    scimId: string,
    identity: string,
    absenceIsProven: boolean,
    byUserName: boolean,
  ): string | null {
    return this.#tables.matching.rightfulHolder(scimId, identity, absenceIsProven, byUserName);
  }

  addChanges(changes: readonly Change[]): void {
    this.#tables.plan.addChanges(changes);
  }

  planned(): Record<ChangeKind, number> {
    return this.#tables.plan.planned();
  }

  plannedResends(): number {
    return this.#tables.plan.resends;
  }

  changes(which: readonly ChangeKind[] | 'UNREAD'): Iterable<Change> {
    return which === 'UNREAD' ? this.#tables.plan.unreadChanges() : this.#tables.plan.changes(which);
  }

  hasRenames(): boolean {
    return this.#tables.plan.hasRenames();
  }

  planId(): string {
    return this.#tables.plan.planId();
  }

  failedIdentities(): string[] {
    return this.#tables.failures.dueIdentities();
  }

  returnedIdentities(): string[] {
    return this.#tables.users.returnedIdentities();
  }

  isClaimed({ identity, confirmed }: KnownUser): boolean {
    return confirmed !== null && this.#tables.users.isClaimed(identity, confirmed.userName);
  }

  failureOf(identity: string): RememberedFailure | null {
    return this.#tables.failures.of(identity);
  }

  waitingFailures(): Iterable<RememberedFailure> {
    return this.#tables.failures.waiting();
  }

  lostCreations(absenceIsKnown: boolean): LostCreation[] {
    return this.#tables.lost.all(absenceIsKnown);
  }

  unclaimed(limit: number): Unclaimed {
    return this.#tables.matching.unclaimed(limit);
  }

  learn(byUserName: boolean, readEverybody: boolean): Learning {
    return this.#transactions.learn(byUserName, readEverybody);
  }

  scimIdOf(identity: string): string | null {
    return this.#tables.users.scimIdOf(identity);
  }

  settle(identity: string): void {
    this.#tables.users.settle(identity);
  }

  leaveUnlinked(identity: string): void {
    this.#tables.users.leaveUnlinked(identity);
  }

  lostNameOf(identity: string, userName: string): string | null {
    return this.#tables.lost.nameOf(identity, userName);
  }

  unsettledOf(identity: string): UserAttribute[] {
    return this.#tables.users.unsettledOf(identity);
  }

  holderOf(userName: string): string | null {
    return this.#tables.users.holderOf(userName);
  }

  beginWriting(): void {
    this.#transactions.beginWriting();
  }

  begin(change: Change, attributes: readonly UserAttribute[]): void {
    this.#transactions.begin(change, attributes);
  }

  confirm(
    change: Change,
    sent: UserResource,
    settled: readonly UserAttribute[],
    outcome: Extract<Outcome, { ok: true }>,
  ): boolean {
    return this.#transactions.confirm(change, sent, settled, outcome);
  }

  fail(user: FailingUser, failure: Failure): void {
    this.#tables.failures.add(user, failure);
  }

  storePlan(planId: string, bystanders: Iterable<Bystander>): void {
    this.#tables.commits.once(() => {
      this.#tables.plans.store(planId, new Date().toISOString(), this.#tables.plan.planDigests(), bystanders);
    });
  }

  planDrift(planId: string, bystanders: Iterable<Bystander>): PlanDrift | null {
    return this.#tables.plans.drift(planId, this.#tables.plan.planDigests(), bystanders);
  }

  remember(memory: Memory): void {
    this.#transactions.remember(memory);
  }

  close(): void {
    if (!this.#database.isOpen) return;
    if (this.#options.mode === 'LIVE') {
      this.#tables.origin.leave();
      leaveOneFile(this.#database);
    }
    this.#database.close();
  }
}
