/** From an entry and its decision to the SCIM user that we want. Pure. */

import type { Judgement } from '../model/decision.ts';
import { firstValueAmong, firstValueOf, type Entry } from '../model/entry.ts';
import type { AttributeMapping } from '../model/run.ts';
import type { DesiredUser } from '../model/state.ts';
import type { UserResource } from '../model/user.ts';

/**
 * What is wanted of one user. A user without a userName fails if he is active, since he cannot be provisioned; if he
 * is inactive there is nothing to name, and whoever the service knows him as is deactivated.
 */
export function desiredUserFrom(entry: Entry, judgement: Judgement, mapping: AttributeMapping): DesiredUser {
  const userName = firstValueAmong(entry, mapping.userName);
  const user = {
    identity: entry.identity,
    dn: entry.dn,
    managerDn: firstValueOf(entry, mapping.manager),
    userName,
  };
  if (!judgement.ok) return { ...user, decision: null, resource: null, failure: judgement.failure };
  const { decision } = judgement;
  if (userName !== null) {
    return { ...user, decision, resource: resourceFrom(entry, userName, decision, mapping), failure: null };
  }
  if (!decision.active) return { ...user, decision, resource: null, failure: null };
  const message = `The entry has no ${mapping.userName.join(' and no ')}, which ldap.attrib.userName names as the userName.`;
  return { ...user, decision, resource: null, failure: { stage: 'MAPPING', message } };
}

function resourceFrom(
  entry: Entry,
  userName: string,
  decision: { active: boolean; org: string | null; roles: readonly string[] | null },
  mapping: AttributeMapping,
): UserResource {
  return {
    userName,
    externalId: entry.identity,
    active: decision.active,
    givenName: firstValueOf(entry, mapping.givenName) ?? firstValueOf(entry, mapping.firstName),
    familyName: firstValueOf(entry, mapping.familyName),
    email: emailFrom(entry, userName, mapping),
    title: firstValueOf(entry, mapping.title),
    userType: firstValueOf(entry, mapping.userType),
    country: countryFrom(firstValueOf(entry, mapping.country)),
    department: firstValueOf(entry, mapping.department),
    division: firstValueOf(entry, mapping.division),
    manager: null,
    org: decision.org,
    roles: decision.roles,
  };
}

function emailFrom(entry: Entry, userName: string, mapping: AttributeMapping): string | null {
  if (mapping.email === '') return null;
  return firstValueOf(entry, mapping.email) ?? (userName.includes('@') ? userName : null);
}

/** RFC 7643 4.1.2 allows ISO 3166-1 alpha-2 codes only; a service refuses the whole user for a country's name. */
function countryFrom(value: string | null): string | null {
  return value !== null && /^[a-z]{2}$/i.test(value) ? value.toUpperCase() : null;
}
