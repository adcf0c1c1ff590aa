/** Guards on changes that are no deactivations: many of one kind at once are the mark of a mistake. */

import type { Change } from '../model/plan.ts';
import type { TrippedGuard } from '../model/run.ts';
import { differingAttributes, type UserAttribute } from '../model/user.ts';
import type { RunParts } from './run-parts.ts';
import { Tally, tallyOf, type Measure } from './tally.ts';

/** So many new users are a new department: an account too many costs a licence, not somebody's work. */
const DEPARTMENT = 50;

/** A script that takes everybody for active opens the account of everybody who ever left. */
export function tooManyReactivations(
  { rules, state }: RunParts,
  active: number,
  measure: Measure,
): TrippedGuard[] {
  const [property, limit] = ['guard.reactivated.max.percent', rules.reactivatedMaxPercent];
  const opened = new Tally();
  for (const { to } of state.changes(['REACTIVATE'])) opened.add(to.userName);
  opened.measure(property, 'Reactivations', limit, active).forEach(measure);
  if (!opened.exceeds(limit, active)) return [];
  const message = `${opened.count} deactivated users would become active again, beside ${active} active ones; the limit is ${limit} % of these. Was the Active script changed?`;
  return [{ property, message, users: opened.users, userCount: opened.count }];
}

/**
 * A search that has become too wide gives an account, and a licence, to machines and strangers. The first synchronization
 * creates everybody, and whoever has failed since was planned for by a run that was let through.
 */
export function tooManyCreations(
  { rules, state }: RunParts,
  active: number,
  measure: Measure,
): TrippedGuard[] {
  if (!state.runs.hadWholeRun()) return [];
  const [property, limit] = ['guard.created.max.percent', rules.createdMaxPercent];
  const created = new Tally(DEPARTMENT);
  for (const { identity, to } of state.changes(['CREATE'])) {
    if (state.failureOf(identity) === null) created.add(to.userName);
  }
  created.measure(property, 'Creations', limit, active).forEach(measure);
  if (!created.exceeds(limit, active)) return [];
  const message = `${created.count} users would be created, beside ${active} active ones; the limit is ${limit} % of these. Were ldap.search.filter or ldap.baseDn widened, or the Active script changed?`;
  return [{ property, message, users: created.users, userCount: created.count }];
}

/** The same loss for many users is the mark of a lost right to read, or of a script with a mistake. */
export function tooManyAlike({ rules, state }: RunParts, active: number, measure: Measure): TrippedGuard[] {
  const cleared = new Map<string, Tally>();
  const moved = new Map<string, Tally>();
  for (const change of state.changes(['UPDATE', 'REACTIVATE'])) {
    const { userName, active: isActive } = change.to;
    // A full sync sends what a leaver's entry has lost, too: nobody notices, and the limits are shares of the active.
    if (!isActive) continue;
    for (const attribute of changedValues(change)) {
      if (attribute === 'org' || attribute === 'roles') tallyOf(moved, attribute).add(userName);
      else if (change.to[attribute] === null) tallyOf(cleared, attribute).add(userName);
    }
  }
  const [most] = [...cleared].sort(([, a], [, b]) => b.count - a.count);
  const what = most === undefined ? 'Attributes cleared' : `${most[0]} cleared`;
  const tally = most?.[1] ?? new Tally();
  tally.measure('guard.cleared.max.percent', what, rules.clearedMaxPercent, active).forEach(measure);
  for (const [attribute, change] of [
    ['org', 'Another organization'],
    ['roles', 'Other roles'],
  ] as const) {
    const moves = moved.get(attribute) ?? new Tally();
    moves.measure('guard.moved.max.percent', change, rules.movedMaxPercent, active).forEach(measure);
  }
  const tripped: TrippedGuard[] = [];
  for (const [attribute, tally] of cleared) {
    if (!tally.exceeds(rules.clearedMaxPercent, active)) continue;
    const message = `${attribute} would be cleared for ${tally.shareOf(active)} active users; the limit is ${rules.clearedMaxPercent} %. May ldap.bind.user still read the attribute?`;
    tripped.push({
      property: 'guard.cleared.max.percent',
      message,
      users: tally.users,
      userCount: tally.count,
    });
  }
  for (const [attribute, tally] of moved) {
    if (!tally.exceeds(rules.movedMaxPercent, active)) continue;
    const message = `${attribute === 'org' ? 'The organization' : 'The roles'} of ${tally.shareOf(active)} active users would change; the limit is ${rules.movedMaxPercent} %. Was a script changed?`;
    tripped.push({
      property: 'guard.moved.max.percent',
      message,
      users: tally.users,
      userCount: tally.count,
    });
  }
  return tripped;
}

/** What really differs: a full sync sends unchanged attributes, too. */
function changedValues({ from, to }: Change): UserAttribute[] {
  return from === null ? [] : differingAttributes(from, to);
}
