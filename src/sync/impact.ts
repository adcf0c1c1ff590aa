/** Compares what follows from the scripts of this run with what would follow from those of the last live run. Pure. */

import {
  IMPACT_KINDS,
  type ImpactExample,
  type ImpactKind,
  type ImpactSide,
  type ScriptImpact,
} from '../model/impact.ts';
import type { Change } from '../model/plan.ts';
import type { DesiredUser, KnownUser, Reconsidered, State } from '../model/state.ts';
import { differingAttributes, sameValue, type UserResource } from '../model/user.ts';
import { changeFor, type ChangeOptions } from './compare.ts';

const EXAMPLES = 3;

/** What is known of the two sets of scripts before anybody is judged. */
export interface ScriptEdit {
  readonly changedScripts: readonly string[];
  readonly since: string | null;
}

/**
 * The difference that the scripts make to the plan in the scratch table. To be called when the plan is made and nothing
 * of it is sent yet.
 * @param judged how many users both sets have judged
 */
export function impactOf(
  state: State,
  edit: ScriptEdit,
  judged: number,
  options: ChangeOptions,
): ScriptImpact {
  const kinds = noKinds();
  let users = 0;
  let withoutEffect = 0;
  let planned = 0;
  for (const one of state.reconsidered()) {
    const effect = effectOn(one, options);
    if (effect === null) {
      if (one.former !== null) withoutEffect += 1;
      continue;
    }
    users += 1;
    if (effect.isPlanned) planned += 1;
    for (const kind of effect.kinds) {
      const tally = kinds[kind];
      tally.count += 1;
      if (tally.first.length < EXAMPLES) tally.first.push(effect.example);
    }
  }
  const { CREATE, UPDATE, REACTIVATE, DEACTIVATE } = state.planned();
  const otherChanges = CREATE + UPDATE + REACTIVATE + DEACTIVATE - planned;
  return { ...edit, judged, users, withoutEffect, otherChanges, kinds };
}

function noKinds(): Record<ImpactKind, { count: number; first: ImpactExample[] }> {
  const none = (): { count: number; first: ImpactExample[] } => ({ count: 0, first: [] });
  const entries = IMPACT_KINDS.map((kind) => [kind, none()] as const);
  return Object.fromEntries(entries) as Record<ImpactKind, ReturnType<typeof none>>;
}

interface Effect {
  readonly kinds: readonly ImpactKind[];
  readonly example: ImpactExample;
  /** Whether the plan holds a change of this user. */
  readonly isPlanned: boolean;
}

/** What the scripts alone change for one user; `null` where both sets lead to the same. */
export function effectOn(
  { desired, known, manager, former, formerManager }: Reconsidered,
  options: ChangeOptions,
): Effect | null {
  const wanted = former ?? desired;
  const now = changeFor({ desired, known, manager }, options);
  const before = changeFor({ desired: wanted, known, manager: formerManager }, options);
  const kinds = [
    ...failureKinds(wanted, desired),
    ...(desired.failure === null ? changeKinds(before, now, known) : []),
  ];
  if (kinds.length === 0) {
    if (desired.failure !== null || isSame(before, now)) return null;
    kinds.push('OTHER');
  }
  const example: ImpactExample = {
    userName: desired.userName ?? known?.confirmed?.userName ?? desired.dn,
    from: sideOf(before, known),
    to: sideOf(now, known),
    failure: desired.failure?.message ?? wanted.failure?.message ?? null,
  };
  return { kinds, example, isPlanned: now !== null };
}

function failureKinds(before: DesiredUser, now: DesiredUser): ImpactKind[] {
  if (before.failure === null) return now.failure === null ? [] : ['FAILS'];
  return now.failure === null ? ['MENDED'] : [];
}

const ACCOUNT_KINDS = ['CREATE', 'REACTIVATE', 'DEACTIVATE'] as const;

function changeKinds(before: Change | null, now: Change | null, known: KnownUser | null): ImpactKind[] {
  const kinds: ImpactKind[] = [];
  const kind = ACCOUNT_KINDS.find((one) => now?.kind === one && before?.kind !== one);
  if (kind !== undefined) kinds.push(kind);
  else if (before !== null && before.kind !== 'UPDATE' && before.kind !== now?.kind) kinds.push('SPARED');
  // Who comes or goes has no former place to be moved from.
  const to = wholeSide(now, known);
  const from = wholeSide(before, known);
  if (to === null || from === null || !to.active || kinds.includes('CREATE')) return kinds;
  if (!sameValue('org', from.org, to.org)) kinds.push('ORG');
  if (!sameValue('roles', from.roles, to.roles)) kinds.push('ROLES');
  return kinds;
}

function isSame(before: Change | null, now: Change | null): boolean {
  if (before === null || now === null) return before === now;
  return (
    before.kind === now.kind &&
    before.awaitsManager === now.awaitsManager &&
    differingAttributes(before.to, now.to).length === 0
  );
}

/** What the service would hold of the user after the change. */
function wholeSide(change: Change | null, known: KnownUser | null): UserResource | null {
  return change?.to ?? known?.confirmed ?? null;
}

function sideOf(change: Change | null, known: KnownUser | null): ImpactSide {
  const side = wholeSide(change, known);
  return side === null ? null : { active: side.active, org: side.org, roles: side.roles };
}

/** One sentence for the log of every run after an edit. */
export function impactSentence({ changedScripts, users, judged }: ScriptImpact): string {
  const scripts = changedScripts.join(', ');
  const who = users === 0 ? 'nobody differs' : users === 1 ? '1 user differs' : `${users} users differ`;
  return `Scripts changed since the last run (${scripts}): ${who} because of it, of ${judged} judged by both.`;
}
