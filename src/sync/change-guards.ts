/** Guards on changes that are no deactivations: many of one kind at once are the mark of a mistake. */

import type { RunRules, TrippedGuard } from '../model/run.ts';
import { differingAttributes, type UserAttribute, type UserResource } from '../model/user.ts';
import type { RunParts } from './run-parts.ts';
import { Tally, tallyOf, type Measure } from './tally.ts';

/** So many new users are a new department: an account too many costs a licence, not somebody's work. */
const DEPARTMENT = 50;
/** With fewer active users a service is being tried out: a pilot group, and the whole company after it. */
const PILOT = 100;

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
  if (!state.runs.hadWholeRun() || active < PILOT) return [];
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

/** The same change for many users at once: a lost right to read, a mapping or a script with a mistake. */
export function tooManyAlike({ rules, state }: RunParts, active: number, measure: Measure): TrippedGuard[] {
  const tallies = new Map(KINDS.map((kind) => [kind, new Map<UserAttribute, Tally>()]));
  for (const change of state.changes(['UPDATE', 'REACTIVATE'])) {
    const { from, to } = change;
    // A full sync sends what a leaver's entry has lost, too: nobody notices, and the limits are shares of the active.
    if (from === null || !to.active) continue;
    // What really differs: a full sync sends unchanged attributes, too.
    for (const attribute of differingAttributes(from, to)) {
      const kind = KINDS.find(({ counts }) => counts(attribute, from, to));
      const ofKind = kind === undefined ? undefined : tallies.get(kind);
      if (ofKind !== undefined) tallyOf(ofKind, attribute).add(to.userName);
    }
  }
  const tripped: TrippedGuard[] = [];
  for (const [kind, byAttribute] of tallies) {
    const limit = kind.limit(rules);
    for (const [attribute, tally] of shown(kind, byAttribute)) {
      tally.measure(kind.property, kind.what(attribute), limit, active).forEach(measure);
    }
    for (const [attribute, tally] of byAttribute) {
      if (!tally.exceeds(limit, active)) continue;
      const message = `${kind.verdict(attribute, tally.shareOf(active))}; the limit is ${limit} %. ${kind.question(attribute)}`;
      tripped.push({ property: kind.property, message, users: tally.users, userCount: tally.count });
    }
  }
  return tripped;
}

/** A kind of change that is told attribute by attribute. */
interface Kind {
  readonly property: string;
  readonly limit: (rules: RunRules) => number;
  readonly counts: (attribute: UserAttribute, from: UserResource, to: UserResource) => boolean;
  /** The attributes that are measured whether they change or not; absent: the one that changes for most users. */
  readonly always?: readonly UserAttribute[];
  /** `null` where nothing of the kind changes. */
  readonly what: (attribute: UserAttribute | null) => string;
  readonly verdict: (attribute: UserAttribute, share: string) => string;
  readonly question: (attribute: UserAttribute) => string;
}

/** Each change of an attribute is of the first kind that counts it. */
const KINDS: readonly Kind[] = [
  {
    property: 'guard.moved.max.percent',
    limit: (rules) => rules.movedMaxPercent,
    counts: (attribute) => attribute === 'org' || attribute === 'roles',
    always: ['org', 'roles'],
    what: (attribute) => (attribute === 'org' ? 'Another organization' : 'Other roles'),
    verdict: (attribute, share) =>
      `${attribute === 'org' ? 'The organization' : 'The roles'} of ${share} active users would change`,
    question: () => 'Was a script changed?',
  },
  {
    property: 'guard.cleared.max.percent',
    limit: (rules) => rules.clearedMaxPercent,
    counts: (attribute, _, to) => to[attribute] === null,
    what: (attribute) => (attribute === null ? 'Attributes cleared' : `${attribute} cleared`),
    verdict: (attribute, share) => `${attribute} would be cleared for ${share} active users`,
    question: () => 'May ldap.bind.user still read the attribute?',
  },
  {
    // By these people log in, get their mail and are found; a department may well get another name.
    property: 'guard.replaced.max.percent',
    limit: (rules) => rules.replacedMaxPercent,
    counts: (attribute, from) =>
      from[attribute] !== null && ['userName', 'email', 'manager'].includes(attribute),
    what: (attribute) => `Another ${attribute ?? 'userName, email or manager'}`,
    verdict: (attribute, share) => `${share} active users would get another ${attribute}`,
    question: (attribute) =>
      `Was ldap.attrib.${attribute}, or what the directory holds there, changed for all of them?`,
  },
];

function shown(
  kind: Kind,
  byAttribute: Map<UserAttribute, Tally>,
): (readonly [UserAttribute | null, Tally])[] {
  if (kind.always !== undefined) {
    return kind.always.map((attribute) => [attribute, byAttribute.get(attribute) ?? new Tally()] as const);
  }
  const [most] = [...byAttribute].sort(([, a], [, b]) => b.count - a.count);
  return [most ?? [null, new Tally()]];
}
