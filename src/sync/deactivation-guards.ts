/** Guards on deactivations: of all, of one organization, in one run and in a day. */

import type { TrippedGuard } from '../model/run.ts';
import type { RunParts } from './run-parts.ts';
import { HANDFUL, Tally, tallyOf, type Measure } from './tally.ts';

const ORGANIZATIONS_NAMED = 5;

/** Deactivations of this run: too many of all active users, of those of one organization, or too many at all. */
export function tooManyDeactivations(
  { rules, state }: RunParts,
  active: number,
  measure: Measure,
): TrippedGuard[] {
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
export function tooManyInADay({ rules, state }: RunParts, active: number, measure: Measure): TrippedGuard[] {
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
