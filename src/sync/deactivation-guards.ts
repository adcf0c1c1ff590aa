/** Guards on deactivations: of all, of one organization or unit, in one run and in a day. */

import { dnKey, parentKey } from '../model/dn.ts';
import type { TrippedGuard } from '../model/run.ts';
import type { RunParts } from './run-parts.ts';
import { HANDFUL, Tally, tallyOf, type Measure } from './tally.ts';

const PARTS_NAMED = 5;

/** Deactivations of this run: too large a share of all active users, or too many at all. */
export function tooManyDeactivations(
  { rules, state }: RunParts,
  active: number,
  measure: Measure,
): TrippedGuard[] {
  const all = new Tally();
  let absent = 0;
  for (const { to, cause } of state.changes(['DEACTIVATE'])) {
    all.add(to.userName);
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
  return tripped;
}

/** Most of one organization, or of one unit of the directory, though they are few of all. */
export function tooManyOfOnePart({ rules, state }: RunParts, measure: Measure): TrippedGuard[] {
  const byOrg = new Map<string, Tally>();
  const byUnit = new Map<string, Tally>();
  let [judged, absent] = [0, 0];
  for (const { to, cause, dn } of state.changes(['DEACTIVATE'])) {
    tallyOf(byOrg, to.org ?? '').add(to.userName);
    if (cause !== 'ABSENT') judged += 1;
    else {
      absent += 1;
      // Only of the absent: whoever is seen may have been moved to a unit of leavers.
      tallyOf(byUnit, parentKey(dnKey(dn))).add(to.userName);
    }
  }
  const parts: Part[] = [];
  if (judged + absent > HANDFUL) {
    const why = reasonsOf(absent, judged);
    const [property, limit] = ['deactivate.org.max.percent', rules.deactivateOrgMaxPercent] as const;
    const [name, plural] = [organizationNamed, 'organizations'];
    parts.push({ property, limit, name, plural, why, tallies: byOrg, members: state.activeByOrganization() });
  }
  if (absent > HANDFUL) {
    const why = reasonsOf(absent, 0);
    const [property, limit] = ['deactivate.unit.max.percent', rules.deactivateUnitMaxPercent] as const;
    const members = state.activeByUnit(new Set(byUnit.keys()));
    const name = (unit: string): string => `the unit ${unit}`;
    parts.push({ property, limit, name, plural: 'units', why, tallies: byUnit, members });
  }
  return parts.flatMap((part) => mostOf(part, measure));
}

/** Users to be deactivated by some part that they belong to, and how many active ones each part has. */
interface Part {
  readonly property: string;
  /** Percent. */
  readonly limit: number;
  readonly name: (key: string) => string;
  readonly plural: string;
  readonly why: string;
  readonly tallies: ReadonlyMap<string, Tally>;
  readonly members: ReadonlyMap<string, number>;
}

function mostOf(
  { property, limit, name, plural, why, tallies, members }: Part,
  measure: Measure,
): TrippedGuard[] {
  const concerned = [...tallies].map(([key, tally]) => ({ key, tally, members: members.get(key) ?? 0 }));
  // The one that comes nearest to the limit.
  const nearest = concerned.filter(({ tally }) => tally.count > HANDFUL).sort(byShare)[0];
  if (nearest !== undefined) {
    const what = `Deactivations in ${name(nearest.key)}`;
    nearest.tally.measure(property, what, limit, nearest.members).forEach(measure);
  }
  const exceeding = concerned
    .filter(({ tally, members: all }) => tally.exceeds(limit, all))
    .sort((a, b) => b.tally.count - a.tally.count);
  if (exceeding.length === 0) return [];
  const together = new Tally();
  for (const { tally } of exceeding) together.addAll(tally);
  const named = exceeding
    .slice(0, PARTS_NAMED)
    .map(({ key, tally, members: all }) => `${tally.shareOf(all)} active users of ${name(key)}`);
  const more = exceeding.length - named.length;
  const what = named.join(', ') + (more > 0 ? ` and the like in ${more} more ${plural}` : '');
  const message = `${what} would be deactivated; the limit is ${limit} %. ${why}`;
  return [{ property, message, users: together.users, userCount: together.count }];
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
