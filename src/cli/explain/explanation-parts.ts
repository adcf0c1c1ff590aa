/** The parts of an explanation, each made of what one place holds of the user. */

import type { Settings } from '../../config/options.ts';
import type { OpenState } from '../../local/state.ts';
import type { UserFacts } from '../../local/user-facts.ts';
import type { Entry } from '../../model/entry.ts';
import type { UserStanding } from '../../model/history.ts';
import { managedAttributes } from '../../model/run.ts';
import { managedPart, sameValue, type UserAttribute } from '../../model/user.ts';
import type { AttributeSources } from '../../report/attribute-sources.ts';
import type { Holding } from '../../scim/user-inspector.ts';
import { runRules } from '../run-rules.ts';
import { shown, type Explanation, type ServicePart, type StatePart } from './explanation.ts';
import type { Judged } from './judging.ts';
import type { Elsewhere } from './search.ts';

export interface Knowledge {
  readonly settings: Settings;
  readonly state: OpenState;
  readonly sources: AttributeSources;
}

export function directoryPart(entry: Entry | null, elsewhere: Elsewhere | null): Explanation['directory'] {
  if (entry !== null) return { place: 'FOUND', dn: entry.dn, attributes: entry.attributes };
  return { place: elsewhere?.place ?? 'MISSING', dn: elsewhere?.dn ?? null, attributes: null };
}

/** As it would be sent: with the manager's id, where he has one. */
export function desiredOf(judged: Judged | null, { sensitive }: AttributeSources): Explanation['desired'] {
  if (judged === null) return null;
  const { desired, manager } = judged.comparison;
  if (desired.resource === null) return null;
  return shown({ ...desired.resource, manager: manager.kind === 'KNOWN' ? manager.scimId : null }, sensitive);
}

export function statePart(standing: UserStanding, facts: UserFacts | null, tools: Knowledge): StatePart {
  const { settings, state, sources } = tools;
  const { sensitive } = sources;
  const confirmed = facts?.confirmed ?? null;
  const deviation = facts?.deviation ?? null;
  const retryAt = state.failureOf(standing.identity)?.retryAt ?? '';
  return {
    ...standing,
    missed: Math.max(0, standing.missed),
    threshold: settings['deactivate.user.threshold'],
    countsAbsence: settings['missed.user.check'],
    confirmed: confirmed === null ? null : shown(confirmed, sensitive),
    confirmedAt: facts?.confirmedAt ?? null,
    unsettled: facts?.unsettled ?? [],
    failure: standing.failure === null ? null : { ...standing.failure, retryAt },
    deviation: deviation === null ? null : { ...deviation, holds: shown(deviation.holds, sensitive) },
    trace: facts?.trace ?? null,
  };
}

export function servicePart(
  holding: Holding,
  facts: UserFacts | null,
  { sources, settings }: Knowledge,
): ServicePart {
  const nothing = { by: null, scimId: null, holds: null, reason: null, otherwise: [] };
  if (holding.kind === 'NONE') return { ...nothing, kind: 'NONE' };
  if (holding.kind === 'UNKNOWN') return { ...nothing, kind: 'UNKNOWN', reason: holding.reason };
  const { by, user } = holding;
  const { resource, scimId } = user;
  const managed = managedAttributes(runRules(settings).mapping);
  const confirmed = facts?.confirmed ? managedPart(facts.confirmed, managed) : null;
  // What the service does not show is no difference.
  const seen = Object.keys(resource) as UserAttribute[];
  const otherwise = confirmed === null ? [] : seen.filter((name) => differs(name, resource, confirmed));
  return { kind: 'FOUND', by, scimId, holds: shown(resource, sources.sensitive), reason: null, otherwise };
}

function differs(
  name: UserAttribute,
  held: Explanation['desired'] & object,
  confirmed: Explanation['desired'] & object,
): boolean {
  const value = confirmed[name] ?? null;
  // What was left to the service it may choose.
  if (value === null && (name === 'org' || name === 'roles')) return false;
  return !sameValue(name, held[name] ?? null, value);
}
