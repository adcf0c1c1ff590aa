/** Reasons why a plan must not be applied: the field's commonest disaster is a deactivation of everybody. */

import type { Change } from '../model/plan.ts';
import type { GuardHeadroom, TrippedGuard } from '../model/run.ts';
import { differingAttributes, type UserAttribute } from '../model/user.ts';
import type { Collected } from './collect.ts';
import type { RunParts } from './run-parts.ts';

/** Below this many, percentages say nothing: three leavers of ten are a normal week. */
const HANDFUL = 5;
const LISTED = 20;
const ORGANIZATIONS_NAMED = 5;
export const ABSENCE_GUARD = 'guard.absent.max.percent';
/** Of a search that finds nobody: what follows from it cannot be reviewed, so no approval lifts it. */
export const EMPTY_GUARD = 'ldap.search.filter';

/** Takes down how near the plan comes to each limit. */
export type Measure = (headroom: GuardHeadroom) => void;

/** Every guard that the plan in the scratch table trips; none means that it may be applied. */
export function guard(
  parts: RunParts,
  collected: Collected,
  userFilter: string,
  measure: Measure,
): TrippedGuard[] {
  const { active } = parts.state.population();
  return [
    ...nobodyFound(parts, collected, userFilter),
    ...tooManyDeactivations(parts, active, measure),
    ...tooManyInADay(parts, active, measure),
    ...tooManyReactivations(parts, active, measure),
    ...tooManyAbsent(parts, collected, active, measure),
    ...tooManyFailures(parts, collected, measure),
    ...tooManyAlike(parts, active, measure),
  ];
}

/** Counts users and keeps the names of the first ones, whatever their number. */
class Tally {
  count = 0;
  readonly users: string[] = [];

  add(userName: string): void {
    this.count += 1;
    if (this.users.length < LISTED) this.users.push(userName);
  }

  addAll({ count, users }: Tally): void {
    this.count += count;
    this.users.push(...users.slice(0, LISTED - this.users.length));
  }

  /** Whether these are more than a handful and more than so many percent of `all`. */
  exceeds(maxPercent: number, all: number): boolean {
    return this.count > HANDFUL && maxPercent < 100 && this.count * 100 > all * maxPercent;
  }

  /** The same rule, told instead of judged; nothing where the limit is switched off. */
  measure(property: string, what: string, limit: number, of: number): GuardHeadroom[] {
    const { count } = this;
    return limit >= 100 ? [] : [{ property, what, count, of, limit, tripped: this.exceeds(limit, of) }];
  }

  shareOf(all: number): string {
    return `${this.count} of ${all} (${((100 * this.count) / Math.max(1, all)).toFixed(1)} %)`;
  }
}

/** An empty directory is a mistake of the search, on the first day as on any other. */
function nobodyFound({ state }: RunParts, collected: Collected, userFilter: string): TrippedGuard[] {
  // A sweep of identities sees everybody, too.
  if (!collected.wholeBase || !collected.verdict.complete || state.seesAnybody()) return [];
  const message = `The search found nobody: no entry below ldap.baseDn matches ${userFilter}. Check both; this cannot be approved.`;
  return [{ property: EMPTY_GUARD, message, users: [], userCount: 0 }];
}

function tooManyDeactivations({ rules, state }: RunParts, active: number, measure: Measure): TrippedGuard[] {
  const all = new Tally();
  const byOrg = new Map<string, Tally>();
  let absent = 0;
  for (const { to, cause } of state.changes(['DEACTIVATE'])) {
    all.add(to.userName);
    tallyOf(byOrg, to.org ?? '').add(to.userName);
    if (cause === 'ABSENT') absent += 1;
  }
  all.measure('deactivate.max.percent', 'Deactivations', rules.deactivateMaxPercent, active).forEach(measure);
  if (rules.deactivateMaxCount > 0) {
    const [limit, tripped] = [rules.deactivateMaxCount, all.count > rules.deactivateMaxCount];
    measure({
      property: 'deactivate.max.count',
      what: 'Deactivations',
      count: all.count,
      of: null,
      limit,
      tripped,
    });
  }
  const tripped: TrippedGuard[] = [];
  const why = reasonsOf(absent, all.count - absent);
  const add = (property: string, what: string, limit: string, { users, count }: Tally): void => {
    const message = `${what} would be deactivated; the limit is ${limit}. ${why}`;
    tripped.push({ property, message, users, userCount: count });
  };
  if (all.exceeds(rules.deactivateMaxPercent, active)) {
    const what = `${all.shareOf(active)} active users`;
    add('deactivate.max.percent', what, `${rules.deactivateMaxPercent} %`, all);
  }
  if (rules.deactivateMaxCount > 0 && all.count > rules.deactivateMaxCount) {
    add('deactivate.max.count', `${all.count} active users`, `${rules.deactivateMaxCount}`, all);
  }
  if (all.count <= HANDFUL) return tripped;
  const activeByOrg = state.activeByOrganization();
  const concernedOrgs = [...byOrg].map(([org, tally]) => ({
    org,
    tally,
    members: activeByOrg.get(org) ?? 0,
  }));
  // Of the organizations the one that comes nearest to the limit.
  const nearest = concernedOrgs.filter(({ tally }) => tally.count > HANDFUL).sort(byShare)[0];
  if (nearest !== undefined) {
    const { org, tally, members } = nearest;
    const what = `Deactivations in ${organizationNamed(org)}`;
    tally
      .measure('deactivate.org.max.percent', what, rules.deactivateOrgMaxPercent, members)
      .forEach(measure);
  }
  const exceeding = concernedOrgs
    .filter(({ tally, members }) => tally.exceeds(rules.deactivateOrgMaxPercent, members))
    .sort((a, b) => b.tally.count - a.tally.count);
  if (exceeding.length > 0) {
    const concerned = new Tally();
    for (const { tally } of exceeding) concerned.addAll(tally);
    const parts = exceeding
      .slice(0, ORGANIZATIONS_NAMED)
      .map(
        ({ org, tally, members }) => `${tally.shareOf(members)} active users of ${organizationNamed(org)}`,
      );
    const more = exceeding.length - parts.length;
    const what = parts.join(', ') + (more > 0 ? ` and the like in ${more} more organizations` : '');
    add('deactivate.org.max.percent', what, `${rules.deactivateOrgMaxPercent} %`, concerned);
  }
  return tripped;
}

interface Concerned {
  readonly tally: Tally;
  readonly members: number;
}

function byShare(a: Concerned, b: Concerned): number {
  return b.tally.count / Math.max(1, b.members) - a.tally.count / Math.max(1, a.members);
}

function organizationNamed(org: string): string {
  return org === '' ? 'no organization' : `the organization "${org}"`;
}

/** Why they would be deactivated, and where to look if that is a mistake. */
function reasonsOf(absent: number, judged: number): string {
  const byScript = 'Check the Active script and whether ldap.bind.user may still read what it looks at';
  const byAbsence = 'Check ldap.baseDn, ldap.search.filter and the rights of ldap.bind.user';
  if (absent === 0) return `The Active script says so. ${byScript}.`;
  if (judged === 0) return `The directory did not return them in too many runs. ${byAbsence}.`;
  return `The Active script says so of ${judged}, and ${absent} were absent too often. ${byScript}. ${byAbsence}.`;
}

/**
 * What goes wrong slowly, as a right that is lost from unit to unit, stays below the limits of each run. Counted are what
 * runs of the last 24 hours have done and what this one would; a run that deactivates nobody is never stopped for others.
 */
function tooManyInADay({ rules, state }: RunParts, active: number, measure: Measure): TrippedGuard[] {
  const [property, limit] = ['deactivate.day.max.percent', rules.deactivateDayMaxPercent];
  const planned = new Tally();
  for (const { to } of state.changes(['DEACTIVATE'])) planned.add(to.userName);
  const before = state.runs.deactivatedLately();
  if (before === 0 || planned.count === 0) return [];
  const together = new Tally();
  together.addAll(planned);
  together.count = planned.count + before;
  together.measure(property, 'Deactivations in 24 hours', limit, active + before).forEach(measure);
  if (!together.exceeds(limit, active + before)) return [];
  const message = `${planned.count} active users would be deactivated, after ${before} in the last 24 hours: together ${together.shareOf(active + before)}; the limit is ${limit} %. Look at "c42uds history": does the directory lose its users little by little?`;
  return [{ property, message, users: planned.users, userCount: planned.count }];
}

/** A script that takes everybody for active opens the account of everybody who ever left. */
function tooManyReactivations({ rules, state }: RunParts, active: number, measure: Measure): TrippedGuard[] {
  const [property, limit] = ['guard.reactivated.max.percent', rules.reactivatedMaxPercent];
  const opened = new Tally();
  for (const { to } of state.changes(['REACTIVATE'])) opened.add(to.userName);
  opened.measure(property, 'Reactivations', limit, active).forEach(measure);
  if (!opened.exceeds(limit, active)) return [];
  const message = `${opened.count} deactivated users would become active again, beside ${active} active ones; the limit is ${limit} % of these. Was the Active script changed?`;
  return [{ property, message, users: opened.users, userCount: opened.count }];
}

/** A complete read that misses so many is a wrong base, a wrong filter or a lost right. */
function tooManyAbsent(
  { rules, state }: RunParts,
  collected: Collected,
  active: number,
  measure: Measure,
): TrippedGuard[] {
  // Without missed.user.check nothing follows from absence: then a narrower base is the administrator's business.
  if (!rules.missedUserCheck || !collected.wholeBase || !collected.verdict.complete) return [];
  const absent = new Tally();
  for (const { confirmed, dn } of state.absentees()) absent.add(confirmed?.userName ?? dn);
  absent.measure(ABSENCE_GUARD, 'Users not found', rules.absentMaxPercent, active).forEach(measure);
  if (!absent.exceeds(rules.absentMaxPercent, active)) return [];
  const message = `${absent.shareOf(active)} known active users were not found in the directory; the limit is ${rules.absentMaxPercent} %. Check ldap.baseDn, ldap.search.filter and the rights of ldap.bind.user.`;
  return [{ property: ABSENCE_GUARD, message, users: absent.users, userCount: absent.count }];
}

function tooManyFailures(
  { rules, state }: RunParts,
  { judged }: Collected,
  measure: Measure,
): TrippedGuard[] {
  const failed = new Tally();
  let example = '';
  for (const { identity, userName, dn, failure } of state.failures()) {
    // Whoever fails in the same way since an earlier run was counted there, and says nothing new.
    if (state.failureOf(identity)?.failure.stage === failure.stage) continue;
    if (failure.stage !== 'SCRIPT' && failure.stage !== 'MAPPING') continue;
    failed.add(userName ?? dn);
    example ||= failure.message;
  }
  failed
    .measure('guard.failed.max.percent', 'Users who cannot be judged', rules.failedMaxPercent, judged)
    .forEach(measure);
  if (!failed.exceeds(rules.failedMaxPercent, judged)) return [];
  const message = `${failed.shareOf(judged)} users could not be judged or have no userName; the limit is ${rules.failedMaxPercent} %. Check the scripts and ldap.attrib.userName. The first failure: ${example}`;
  return [{ property: 'guard.failed.max.percent', message, users: failed.users, userCount: failed.count }];
}

/** The same loss for many users is the mark of a lost right to read, or of a script with a mistake. */
function tooManyAlike({ rules, state }: RunParts, active: number, measure: Measure): TrippedGuard[] {
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

function tallyOf(tallies: Map<string, Tally>, key: string): Tally {
  const tally = tallies.get(key) ?? new Tally();
  tallies.set(key, tally);
  return tally;
}
