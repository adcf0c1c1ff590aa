/** The state port: what c42uds remembers between runs, and the scratch tables of the run in progress. */

import type { Decision } from './decision.ts';
import type { Deviations } from './deviations.ts';
import type { Failure } from './failure.ts';
import type { Memory } from './memory.ts';
import type { Change, ChangeKind, Outcome } from './plan.ts';
import type { RemoteUser, Watermark } from './ports.ts';
import type { RunLog } from './run-log.ts';
import type { ScriptSet } from './scripts.ts';
import type { ServiceList } from './service-list.ts';
import type { Traces } from './traces.ts';
import type { Unclaimed } from './unclaimed.ts';
import type { UserAttribute, UserResource } from './user.ts';

/** A user of earlier runs. `scimId` and `confirmed` are `null` while the service has never confirmed him. */
export interface KnownUser {
  readonly identity: string;
  readonly dn: string;
  readonly scimId: string | null;
  readonly confirmed: UserResource | null;
  /** Complete live reads in a row that did not return the user. */
  readonly missedCount: number;
  /**
   * Attributes that were sent and never confirmed: the run died, or the service refused. Nobody knows what it holds for
   * them, so they are sent again whatever they are wanted to be by now.
   */
  readonly unsettled: readonly UserAttribute[];
}

/** A user that this run has read and judged: either `resource` and `decision`, or `failure`. */
export interface DesiredUser {
  readonly identity: string;
  readonly dn: string;
  readonly managerDn: string | null;
  readonly userName: string | null;
  readonly decision: Decision | null;
  /** `manager` is `null` here: it can be told only when the whole directory has been read. */
  readonly resource: UserResource | null;
  readonly failure: Failure | null;
}

/**
 * Where a user's manager stands: nobody, somebody with an id, somebody whom this run is about to create, or somebody
 * who fails and so has no id yet.
 */
export type ManagerLink =
  | { readonly kind: 'NONE' }
  | { readonly kind: 'FAILING' }
  | { readonly kind: 'KNOWN'; readonly scimId: string }
  | { readonly kind: 'AWAITED'; readonly identity: string };

/** What we want of a user beside what we know of him. */
export interface Comparison {
  readonly desired: DesiredUser;
  readonly known: KnownUser | null;
  readonly manager: ManagerLink;
}

/** A user whom the former scripts would have had otherwise, or whose manager they would have. */
export interface Reconsidered extends Comparison {
  /** As the former scripts wanted the user; `null` where both want the same. */
  readonly former: DesiredUser | null;
  /** The manager as the former scripts would have left him. */
  readonly formerManager: ManagerLink;
}

/** A known user whom this run did not read, but whose manager it did and whose link to the manager is out of date. */
export interface Dependent {
  readonly known: KnownUser;
  readonly manager: ManagerLink;
}

/** A creation that was sent and whose answer nobody has heard: the service may hold an account that the state has no id of. */
export interface LostCreation {
  readonly identity: string;
  readonly dn: string;
  /** The userName under which it was sent. */
  readonly userName: string;
  /** Whether the user is still to have an account, by now under another userName. */
  readonly wanted: boolean;
}

export interface FailingUser {
  readonly identity: string;
  readonly dn: string;
  readonly userName: string | null;
}

/** A failure that is remembered from run to run until the user succeeds or his entry is gone. Times are ISO 8601, UTC. */
export interface RememberedFailure {
  readonly identity: string;
  readonly dn: string;
  /** userName, or the DN where none is known. */
  readonly user: string;
  readonly failure: Failure;
  readonly since: string;
  readonly attempts: number;
  /** Before this the user is not tried again unless his entry changes or a run reads everybody. */
  readonly retryAt: string;
}

export interface Learning {
  /** Users who are known by now. */
  readonly taken: number;
  /** Users who stay unknown because several accounts could be theirs, or the only one is another system's by its externalId. */
  readonly unclear: number;
  readonly doubles: readonly DoubleAccount[];
}

/** An open account under the externalId of a known user of this run whose account is another one. */
export interface DoubleAccount {
  readonly identity: string;
  readonly dn: string;
  readonly userName: string;
  /** The account that was confirmed, and the other one. */
  readonly scimId: string;
  readonly otherId: string;
  /** Whether the list shows the one that was confirmed, too. */
  readonly isListed: boolean;
}

export interface Population {
  /** Users whom the service has confirmed. */
  readonly known: number;
  /** Those of them who are active. */
  readonly active: number;
}

/** The scripts of the latest live run that was carried out for everybody, and when that was first so (ISO 8601, UTC). */
export interface LiveScripts {
  readonly scripts: ScriptSet;
  readonly since: string;
}

/** Somebody of whom a guard speaks though the plan does not change him. */
export interface Bystander {
  readonly identity: string;
  /** userName, or the DN where none is known. */
  readonly user: string;
  readonly why: 'ABSENT' | 'FAILED';
}

/** Whose change, absence or failure came, went or is another one since a plan was stored. */
export interface PlanDrift {
  readonly added: readonly string[];
  readonly gone: readonly string[];
  readonly changed: readonly string[];
}

export interface State {
  readonly traces: Traces;
  readonly deviations: Deviations;
  readonly serviceList: ServiceList;
  readonly runs: RunLog;

  // -- what is remembered
  watermark(): Watermark | null;
  population(): Population;
  /** Whether the service has confirmed this user, and as active. */
  isActive(identity: string): boolean;
  /** Every organization that the service has confirmed for some user. */
  organizations(): string[];
  /** Identities of the users who failed or are unsettled, and whose time to be tried again has come. */
  failedIdentities(): string[];
  /** Users who were missed and whom a read of identities has returned: where their way back left no trace, no read of changes shows them. */
  returnedIdentities(): string[];
  /** What is remembered of a user's failure; `null` if nothing is. */
  failureOf(identity: string): RememberedFailure | null;
  /** Failures of users whom this run did not read, oldest first. */
  waitingFailures(): Iterable<RememberedFailure>;
  /** Active users whom the service has confirmed, by organization; `''` for those of none. */
  activeByOrganization(): ReadonlyMap<string, number>;
  /** Active users whom the service has confirmed, by the `parentKey` of their DN as it was when last read: of these parents. */
  activeByUnit(parents: ReadonlySet<string>): ReadonlyMap<string, number>;

  // -- collect
  addDesired(users: readonly DesiredUser[]): void;
  /** As the scripts of the last live run would have these users; has no effect but on {@link reconsidered}. */
  addFormer(users: readonly DesiredUser[]): void;
  /** Identities that a read of identities returned; users in `addDesired` are present without it. */
  addPresent(identities: readonly string[]): void;
  hasDesired(identity: string): boolean;
  /** Identities of active known users whose userName another entry of this run claims, and whom it has not seen so far. */
  doubtedHolders(): string[];
  /** A complete read has looked for these identities: whoever of them is not desired by now is gone. */
  addSought(identities: readonly string[]): void;
  /** Whether this run's reads have returned anybody at all. */
  seesAnybody(): boolean;
  /**
   * Creations without an answer that repeating would not find: of people who are not to have an account any more, and of
   * those who have another userName by now. Those looked for least often come first.
   * @param absenceIsKnown whether whoever this run did not read has no entry any more
   */
  lostCreations(absenceIsKnown: boolean): readonly LostCreation[];
  /** Wanted users of this run whom the service has never confirmed; those who failed do not count. */
  unknownCount(): number;
  /** Notes a user found in the list of the service; has no effect until {@link learn}. */
  addFound(user: RemoteUser): void;
  /**
   * Takes the found users as confirmed whom this run has read, failing ones among them, by externalId, else by userName. An entry that is inactive is
   * never matched by its name alone, and a name that carries another externalId is a conflict, unless `byUserName`; even
   * then an inactive entry comes after every other of its name, and only where everybody was read. A found user is taken
   * for one entry at most, and two for one entry are a conflict. Has no lasting effect in a dry run.
   */
  learn(byUserName: boolean, readEverybody: boolean): Learning;
  /**
   * Of the found users those who are active, unknown by id, and whom no entry of this run has by externalId, and no active
   * one by userName.
   * To be asked after {@link learn}, and when everybody has been read.
   * @param limit how many are named
   */
  unclaimed(limit: number): Unclaimed;

  // -- compare
  /**
   * Turns every desired user whose userName another entry claims as well into a failure that names the DNs: another
   * entry of this run, or an active known user whom this run has not shown to be gone, by reading everybody or by
   * looking for him.
   */
  failClashes(absenceIsProven: boolean): void;
  /** DIFFERING leaves out who is wanted exactly as confirmed. Ordered by userName. */
  comparisons(which: 'ALL' | 'DIFFERING'): Iterable<Comparison>;
  /** Users of {@link addFormer}, and those whose manager is one of them. Ordered by userName. */
  reconsidered(): Iterable<Reconsidered>;
  /** PRESENT: only of those whom a read of identities returned; ALL: where there was no such read. */
  dependents(which: 'PRESENT' | 'ALL'): Iterable<Dependent>;
  /** Active known users whom this run's reads did not return. */
  absentees(): Iterable<KnownUser>;
  /** Whether another entry claims the userName of an absent user: deleted and made anew, it may be the same person. */
  isClaimed(absentee: KnownUser): boolean;
  addChanges(changes: readonly Change[]): void;

  // -- the plan
  planned(): Record<ChangeKind, number>;
  /** How many of the planned updates are no more than sending users again of whom nothing differs. */
  plannedResends(): number;
  /**
   * The planned changes of these kinds, page by page: creations of managers before those of their reports, so that
   * the manager has an id by then. The caller may confirm while iterating. UNREAD: those of users whom this run has not
   * read, because others' changes or absence concern them.
   */
  changes(which: readonly ChangeKind[] | 'UNREAD'): Iterable<Change>;
  /** The desired users who failed before anything was sent. */
  failures(): Iterable<DesiredUser & { readonly failure: Failure }>;
  /** A hash of the plan's content: equal plans have equal ids. */
  planId(): string;
  /** Remembers the plan and whom its guards speak of, for {@link planDrift}. The latest few plans are kept. */
  storePlan(planId: string, bystanders: Iterable<Bystander>): void;
  /** How this run's plan differs from a stored one; `null` if that is not stored. */
  planDrift(planId: string, bystanders: Iterable<Bystander>): PlanDrift | null;

  /** Whether the plan renames anybody: then a name that is refused now may be free in a moment. */
  hasRenames(): boolean;

  // -- apply
  /** Forgets the failure of a user of whom everything that can be sent has been confirmed. */
  settle(identity: string): void;
  /** The service did not know whoever was sent a link to his manager: it is sent again when his entry has been read. */
  leaveUnlinked(identity: string): void;
  /**
   * To be called before the first write. On disk when it returns: that there is a run which copies of the file made before
   * do not know, whatever becomes of it; who was seen, since whoever is there has not been absent; and that the watermark is
   * worthless where it is one of other settings.
   */
  beginWriting(): void;
  scimIdOf(identity: string): string | null;
  /** The userName under which a creation without an answer was sent, if it is another one than this. */
  lostNameOf(identity: string, userName: string): string | null;
  /** See {@link KnownUser.unsettled}. */
  unsettledOf(identity: string): readonly UserAttribute[];
  /**
   * The identity of the known user with this id at the service, unless it is `identity` itself or proven to be gone. Whose
   * account is closed stays its holder though his entry is gone, unless names decide (`byUserName`).
   */
  rightfulHolder(
    scimId: string,
    identity: string,
    absenceIsProven: boolean,
    byUserName: boolean,
  ): string | null;
  /** The DN of the known user who holds this userName at the service; `null` where nobody is known to. */
  holderOf(userName: string): string | null;
  /** Commits, before it is sent, that a change is under way: see {@link KnownUser.unsettled}. */
  begin(change: Change, attributes: readonly UserAttribute[]): void;
  /**
   * Commits a confirmed outcome at once: it survives the death of the process. An id at the service belongs to one
   * user: whoever had it before (an entry that was deleted and made anew) is forgotten. What the answer showed instead of
   * what was sent is noted with it; returns whether that was not known before.
   */
  confirm(
    change: Change,
    sent: UserResource,
    attributes: readonly UserAttribute[],
    outcome: Extract<Outcome, { ok: true }>,
  ): boolean;

  // -- remember
  /** Commits a user's failure, so that he is read again: in each of the next runs at first, later at growing intervals. */
  fail(user: FailingUser, failure: Failure): void;
  /** Moves failures, absence counts and watermark in one transaction. */
  remember(memory: Memory): void;
  /** May be called twice. */
  close(): void;
}
