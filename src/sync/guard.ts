/** Reasons why a plan must not be applied: the field's commonest disaster is a deactivation of everybody. */

import type { TrippedGuard } from '../model/run.ts';
import { tooManyAlike, tooManyCreations, tooManyReactivations } from './change-guards.ts';
import type { Collected } from './collect.ts';
import { tooManyDeactivations, tooManyInADay, tooManyOfOnePart } from './deactivation-guards.ts';
import type { RunParts } from './run-parts.ts';
import { Tally, type Measure } from './tally.ts';

export const ABSENCE_GUARD = 'guard.absent.max.percent';
/** Of a search that finds nobody: what follows from it cannot be reviewed, so no approval lifts it. */
export const EMPTY_GUARD = 'ldap.search.filter';

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
    ...tooManyOfOnePart(parts, measure),
    ...tooManyInADay(parts, active, measure),
    ...tooManyReactivations(parts, active, measure),
    ...tooManyCreations(parts, active, measure),
    ...tooManyAbsent(parts, collected, active, measure),
    ...tooManyFailures(parts, collected, measure),
    ...tooManyAlike(parts, active, measure),
  ];
}

/** An empty directory is a mistake of the search, on the first day as on any other. */
function nobodyFound({ state }: RunParts, collected: Collected, userFilter: string): TrippedGuard[] {
  // A sweep of identities sees everybody, too.
  if (!collected.wholeBase || !collected.verdict.complete || state.seesAnybody()) return [];
  const message = `The search found nobody: no entry below ldap.baseDn matches ${userFilter}. Check both; this cannot be approved.`;
  return [{ property: EMPTY_GUARD, message, users: [], userCount: 0 }];
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
