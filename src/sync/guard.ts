/** Reasons why a plan must not be applied: the field's commonest disaster is a deactivation of everybody. */

import type { TrippedGuard } from '../model/run.ts';
import type { State } from '../model/state.ts';
import type { Collected } from './collect.ts';
import type { RunParts } from './run.ts';

/** Below this many, percentages say nothing: three leavers of ten are a normal week. */
const HANDFUL = 5;
/** A complete read that finds fewer of the known users than this share is a wrong base or a lost permission. */
const SHRUNKEN_SHARE = 0.5;
const SCRIPT_FAILURE_SHARE = 0.2;
const LISTED = 20;

/** Every guard that the plan in the scratch table trips; none means that it may be applied. */
export function guard(parts: RunParts, collected: Collected): TrippedGuard[] {
  const { active } = parts.state.population();
  return [
    tooManyDeactivations(parts, active),
    shrunkenRead(parts.state, collected, active),
    tooManyScriptFailures(collected),
  ].filter((tripped) => tripped !== null);
}

function tooManyDeactivations({ rules, state }: RunParts, active: number): TrippedGuard | null {
  const count = state.planned().DEACTIVATE;
  const percent = active === 0 ? 0 : (100 * count) / active;
  const overPercent = count > HANDFUL && percent > rules.deactivateMaxPercent;
  const overCount = rules.deactivateMaxCount > 0 && count > rules.deactivateMaxCount;
  if (!overPercent && !overCount) return null;
  const limit = overCount ? `${rules.deactivateMaxCount}` : `${rules.deactivateMaxPercent} %`;
  return {
    property: overCount ? 'deactivate.max.count' : 'deactivate.max.percent',
    message: `${count} of ${active} active users (${percent.toFixed(1)} %) would be deactivated; the limit is ${limit}.`,
    users: firstDeactivations(state),
  };
}

function firstDeactivations(state: State): string[] {
  const users: string[] = [];
  for (const { to } of state.changes(['DEACTIVATE'])) {
    users.push(to.userName);
    if (users.length >= LISTED) break;
  }
  return users;
}

function shrunkenRead(state: State, collected: Collected, active: number): TrippedGuard | null {
  if (!collected.wholeBase || !collected.verdict.complete || active <= HANDFUL) return null;
  let absent = 0;
  const users: string[] = [];
  for (const { confirmed, dn } of state.absentees()) {
    absent += 1;
    if (users.length < LISTED) users.push(confirmed?.userName ?? dn);
  }
  if (absent <= active * (1 - SHRUNKEN_SHARE)) return null;
  return {
    property: 'ldap.baseDn',
    message: `The directory returned only ${active - absent} of ${active} known active users. Check ldap.baseDn, ldap.search.filter and the rights of ldap.bind.user.`,
    users,
  };
}

function tooManyScriptFailures({ judged, failedInScripts }: Collected): TrippedGuard | null {
  if (failedInScripts <= HANDFUL || failedInScripts <= judged * SCRIPT_FAILURE_SHARE) return null;
  return {
    property: 'script.active.location',
    message: `The scripts failed for ${failedInScripts} of ${judged} users. Correct them before anything is sent.`,
    users: [],
  };
}
