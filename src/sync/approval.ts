/** Decides whether a plan may be applied: no guard trips, or an administrator has approved exactly this plan. */

import { createHash } from 'node:crypto';
import type { TrippedGuard } from '../model/run.ts';
import type { State } from '../model/state.ts';
import type { Collected } from './collect.ts';
import { ABSENCE_GUARD, guard } from './guard.ts';
import type { RunParts } from './run-parts.ts';

export interface PlanVerdict {
  readonly guards: readonly TrippedGuard[];
  readonly planId: string;
  readonly stopped: boolean;
}

export function judgePlan(parts: RunParts, collected: Collected, userFilter: string): PlanVerdict {
  const { state, log, openWriter } = parts;
  const approved = parts.request.approve ?? null;
  const guards = guard(parts, collected, userFilter);
  const planId = idOf(state, guards);
  if (approved === null && guards.length === 0) return { guards, planId, stopped: false };
  if (approved === planId) {
    for (const { property, message } of guards) {
      log.warn('SyncService', `Approved, so past ${property}: ${message}`);
    }
    return { guards, planId, stopped: false };
  }
  // Stored so that an approval of this plan can be told what has moved since.
  const drift = approved === null ? [] : [movedSince(approved, planId, state)];
  if (openWriter !== null) state.storePlan(planId);
  return { guards: [...guards, ...drift], planId, stopped: true };
}

/** The changes, and why they were stopped: an empty plan after one broken read is not the same as after another. */
function idOf(state: State, guards: readonly TrippedGuard[]): string {
  if (guards.length === 0) return state.planId();
  const hash = createHash('sha256').update(state.planId()).update(JSON.stringify(guards));
  if (guards.some(({ property }) => property === ABSENCE_GUARD)) {
    for (const { identity } of state.absentees()) hash.update(`absent ${identity}\n`);
  }
  for (const { identity } of state.failures()) hash.update(`failed ${identity}\n`);
  return hash.digest('hex').slice(0, 12);
}

function movedSince(approved: string, planId: string, state: State): TrippedGuard {
  const drift = state.planDrift(approved);
  const moved =
    drift === null
      ? ['no plan of that id has been stopped here']
      : [
          ...drift.added.map((user) => `${user} came in`),
          ...drift.gone.map((user) => `${user} dropped out`),
          ...drift.changed.map((user) => `${user} changes otherwise`),
        ];
  const what = moved.length === 0 ? 'the users are others who are absent or fail' : moved.join(', ');
  const message = `Plan ${approved} was approved, but the plan is ${planId} now: ${what}.`;
  const users = drift === null ? [] : [...drift.added, ...drift.gone, ...drift.changed];
  return { property: '--approve', message, users, userCount: users.length };
}
