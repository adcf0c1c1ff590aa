/** Decides whether a plan may be applied: no guard trips, or an administrator has approved exactly this plan. */

import { createHash } from 'node:crypto';
import type { GuardHeadroom, TrippedGuard } from '../model/run.ts';
import type { Bystander, PlanDrift, State } from '../model/state.ts';
import type { Collected } from './collect.ts';
import { ABSENCE_GUARD, EMPTY_GUARD, guard } from './guard.ts';
import type { RunParts } from './run-parts.ts';

const MOVED_NAMED = 10;

export interface PlanVerdict {
  readonly guards: readonly TrippedGuard[];
  readonly headroom: readonly GuardHeadroom[];
  readonly planId: string;
  readonly stopped: boolean;
}

export function judgePlan(parts: RunParts, collected: Collected, userFilter: string): PlanVerdict {
  const { state, log, openWriter } = parts;
  const approved = parts.request.approve ?? null;
  const headroom: GuardHeadroom[] = [];
  const guards = guard(parts, collected, userFilter, (measured) => headroom.push(measured));
  const bystanders = [...bystandersOf(state, guards)];
  const planId = idOf(state, guards, bystanders);
  if (approved === null && guards.length === 0) return { guards, headroom, planId, stopped: false };
  const isLiftable = guards.every(({ property }) => property !== EMPTY_GUARD);
  if (approved === planId && isLiftable) {
    for (const { property, message } of guards) {
      log.warn('SyncService', `Approved, so past ${property}: ${message}`);
    }
    return { guards, headroom, planId, stopped: false };
  }
  // Stored so that an approval of this plan can be told what has moved since.
  const drift =
    approved === null || approved === planId ? [] : [movedSince(approved, planId, state, bystanders)];
  if (openWriter !== null) state.storePlan(planId, bystanders);
  return { guards: [...drift, ...guards], headroom, planId, stopped: true };
}

/** Whom the guards speak of besides those whom the plan changes. */
function* bystandersOf(state: State, guards: readonly TrippedGuard[]): Iterable<Bystander> {
  if (guards.length === 0) return;
  if (guards.some(({ property }) => property === ABSENCE_GUARD)) {
    for (const { identity, confirmed, dn } of state.absentees()) {
      yield { identity, user: confirmed?.userName ?? dn, why: 'ABSENT' };
    }
  }
  for (const { identity, userName, dn } of state.failures()) {
    yield { identity, user: userName ?? dn, why: 'FAILED' };
  }
}

/** The changes, and why they were stopped: an empty plan after one broken read is not the same as after another. */
function idOf(state: State, guards: readonly TrippedGuard[], bystanders: readonly Bystander[]): string {
  if (guards.length === 0) return state.planId();
  const hash = createHash('sha256').update(state.planId()).update(JSON.stringify(guards));
  // An approval is for once: the same mistake next month is another plan, though an old id stands in a schedule.
  hash.update(String(state.runs.approvals()));
  for (const { identity, why } of bystanders) hash.update(`${why} ${identity}\n`);
  return hash.digest('hex').slice(0, 12);
}

function movedSince(
  approved: string,
  planId: string,
  state: State,
  bystanders: readonly Bystander[],
): TrippedGuard {
  const drift = state.planDrift(approved, bystanders);
  const moved = drift === null ? [] : movements(drift);
  const what =
    drift === null
      ? 'no plan of that id has been stopped here'
      : moved.length === 0
        ? 'it concerns the same users, but a plan has been approved and carried out since, or the figures of the guards are others'
        : moved.join('; ');
  const message = `Plan ${approved} was approved, but the plan is ${planId} now: ${what}. Review it again.`;
  return { property: '--approve', message, users: [], userCount: 0 };
}

function movements({ added, gone, changed }: PlanDrift): string[] {
  const all: readonly (readonly [readonly string[], string])[] = [
    [added, 'came in'],
    [gone, 'dropped out'],
    [changed, 'changes otherwise'],
  ];
  return all.filter(([users]) => users.length > 0).map(([users, what]) => `${someOf(users)} ${what}`);
}

function someOf(users: readonly string[]): string {
  const named = users.slice(0, MOVED_NAMED).join(', ');
  return users.length > MOVED_NAMED ? `${named} and ${users.length - MOVED_NAMED} more` : named;
}
