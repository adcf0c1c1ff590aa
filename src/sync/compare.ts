/** Compares who is wanted with what the service last confirmed: the plan. Pure but for the scratch tables. */

import type { Change, DeactivationCause } from '../model/plan.ts';
import type { Comparison, Dependent, KnownUser, ManagerLink, State } from '../model/state.ts';
import {
  differingAttributes,
  USER_ATTRIBUTES,
  type UserAttribute,
  type UserResource,
} from '../model/user.ts';

const BATCH = 500;
const NOBODY: ManagerLink = { kind: 'NONE' };

/** Which attributes a change may hold, and which of them even though they do not differ. */
interface Extent {
  readonly managed: readonly UserAttribute[];
  readonly whole: boolean;
  readonly unsettled: readonly UserAttribute[];
}

const ACTIVE_ALONE: Extent = { managed: ['active'], whole: false, unsettled: [] };

export interface CompareOptions {
  /** A full sync sends everybody's whole resource again, changed or not (the vendor's article). */
  readonly scope: 'INCREMENTAL' | 'FULL';
  /** See {@link managedAttributes}: no change holds any other. */
  readonly managed: readonly UserAttribute[];
  /** Whose manager's id may be out of date: nobody where everybody was read, else those still there. */
  readonly dependents: 'NONE' | 'PRESENT' | 'ALL';
  /** Whether who was not returned by this run's reads is known to be gone. */
  readonly absenceIsProven: boolean;
  /** Whether a manager's DN that nobody is known under may belong to somebody whom this run did not read. */
  readonly keepUnknownManagers: boolean;
  /** Absent users who reach it are deactivated; `null` where absence does not count in this run. */
  readonly absenceThreshold: number | null;
  /** Told of everybody who was read, changed or not, in a dry run; `null`: only what differs is looked at. */
  readonly onCompared: ((comparison: Comparison, change: Change | null) => void) | null;
  /** Told of every absent user. */
  readonly onAbsent: (user: KnownUser) => void;
  /** Told of absent users who are spared because another entry claims their userName. */
  readonly onSpared: (user: KnownUser) => void;
}

/** Writes the plan into the scratch table. */
export function compare(state: State, options: CompareOptions): void {
  state.failClashes(options.absenceIsProven);
  const { onCompared } = options;
  const which = options.scope === 'FULL' || onCompared !== null ? 'ALL' : 'DIFFERING';
  addAll(state, state.comparisons(which), (one) => {
    const change = changeFor(one, options);
    onCompared?.(one, change);
    return change;
  });
  if (options.dependents !== 'NONE') {
    addAll(state, state.dependents(options.dependents), (one) => changeForDependent(one, options.managed));
  }
  const threshold = options.absenceThreshold;
  if (threshold === null) return;
  addAll(state, state.absentees(), (known) => {
    options.onAbsent(known);
    const verdict = changeForAbsentee(state, known, threshold);
    if (verdict !== 'SPARED') return verdict;
    options.onSpared(known);
    return null;
  });
}

/** What follows from one more complete read without an active known user; SPARED: another entry claims his userName. */
export function changeForAbsentee(
  state: State,
  known: KnownUser,
  threshold: number,
): Change | 'SPARED' | null {
  if (known.missedCount + 1 < threshold) return null;
  return state.isClaimed(known) ? 'SPARED' : changeForAbsent(known);
}

function addAll<T>(state: State, items: Iterable<T>, toChange: (item: T) => Change | null): void {
  let batch: Change[] = [];
  for (const item of items) {
    const change = toChange(item);
    if (change !== null) batch.push(change);
    if (batch.length >= BATCH) {
      state.addChanges(batch);
      batch = [];
    }
  }
  state.addChanges(batch);
}

export type ChangeOptions = Pick<CompareOptions, 'scope' | 'managed' | 'keepUnknownManagers'>;

/** The change that follows from one comparison; `null` where there is nothing to send. */
export function changeFor({ desired, known, manager }: Comparison, options: ChangeOptions): Change | null {
  if (desired.failure !== null || desired.decision === null) return null;
  const full = options.scope === 'FULL';
  const unsettled = known?.unsettled ?? [];
  const extent = { managed: options.managed, whole: full, unsettled };
  const keepsManager = manager.kind === 'NONE' && desired.managerDn !== null && options.keepUnknownManagers;
  const { scimId, confirmed } = known ?? { scimId: null, confirmed: null };
  if (scimId === null || confirmed === null) {
    // New and inactive: never created. The service would create him active.
    if (!desired.decision.active || desired.resource === null) return null;
    const to = withManager(desired.resource, manager, null);
    return change(desired, 'CREATE', null, null, to, manager, extent);
  }
  if (!desired.decision.active || desired.resource === null) {
    if (confirmed.active) return deactivation(desired, scimId, confirmed, 'SCRIPT');
    // Already inactive: what else changed is sent when he comes back, or by a full sync.
    const still = { ...(desired.resource ?? confirmed), active: false, manager: confirmed.manager };
    if (!full && unsettled.length === 0) return null;
    return change(desired, 'UPDATE', scimId, confirmed, still, NOBODY, extent);
  }
  const to = keepsManager
    ? { ...desired.resource, manager: confirmed.manager }
    : withManager(desired.resource, manager, confirmed.manager);
  if (!confirmed.active) {
    return change(desired, 'REACTIVATE', scimId, confirmed, to, manager, extent);
  }
  const planned = change(desired, 'UPDATE', scimId, confirmed, to, manager, extent);
  return planned.attributes.length === 0 ? null : planned;
}

function changeForDependent({ known, manager }: Dependent, managed: readonly UserAttribute[]): Change | null {
  if (known.confirmed === null) return null;
  const to = withManager(known.confirmed, manager, known.confirmed.manager);
  const planned = change(known, 'UPDATE', known.scimId, known.confirmed, to, manager, {
    managed,
    whole: false,
    unsettled: [],
  });
  return planned.attributes.length === 0 ? null : planned;
}

function changeForAbsent(known: KnownUser): Change | null {
  if (known.confirmed === null || known.scimId === null) return null;
  return deactivation(known, known.scimId, known.confirmed, 'ABSENT');
}

/**
 * Nothing but `active`: a leaver's entry is often renamed or emptied too, and a refused rename must never keep his
 * account open.
 */
function deactivation(
  user: { readonly identity: string; readonly dn: string },
  scimId: string,
  confirmed: UserResource,
  cause: DeactivationCause,
): Change {
  const planned = change(
    user,
    'DEACTIVATE',
    scimId,
    confirmed,
    { ...confirmed, active: false },
    NOBODY,
    ACTIVE_ALONE,
  );
  return { ...planned, cause };
}

/** A manager who is awaited, or fails, has no id yet: until he has one, what the service holds stays. */
function withManager(resource: UserResource, manager: ManagerLink, confirmed: string | null): UserResource {
  if (manager.kind === 'AWAITED' || manager.kind === 'FAILING') return { ...resource, manager: confirmed };
  return { ...resource, manager: manager.kind === 'KNOWN' ? manager.scimId : null };
}

function change(
  user: { readonly identity: string; readonly dn: string },
  kind: Change['kind'],
  scimId: string | null,
  from: UserResource | null,
  to: UserResource,
  manager: ManagerLink,
  { managed, whole, unsettled }: Extent,
): Change {
  const awaitsManager = manager.kind === 'AWAITED' && to.active ? manager.identity : null;
  const differing = from === null ? USER_ATTRIBUTES : differingAttributes(from, to);
  const attributes = managed.filter(
    (name) =>
      differing.includes(name) ||
      (name === 'manager' && awaitsManager !== null) ||
      unsettled.includes(name) ||
      (whole && !isLeftToService(name, from, to)),
  );
  return {
    identity: user.identity,
    dn: user.dn,
    kind,
    cause: null,
    scimId,
    from,
    to,
    attributes,
    awaitsManager,
  };
}

/**
 * "No organization" and "no roles" leave both to the service. Where it was so and stays so, removing them again would
 * take away what the service has given by its own mapping.
 */
function isLeftToService(name: UserAttribute, from: UserResource | null, to: UserResource): boolean {
  return (name === 'org' || name === 'roles') && to[name] === null && (from?.[name] ?? null) === null;
}
