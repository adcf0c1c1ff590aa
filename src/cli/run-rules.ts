/** Picks from the settings what the engine obeys, and what makes a remembered watermark worthless. */

import { createHash } from 'node:crypto';
import { attributesInOrder } from '../config/attribute-order.ts';
import { OPTIONS } from '../config/options.ts';
import type { OptionKey, Settings } from '../config/options.ts';
import type { AttributeMapping, RunRules } from '../model/run.ts';
import { SCRIPT_KINDS, type ScriptSet } from '../model/scripts.ts';

export function runRules(settings: Settings): RunRules {
  return {
    mapping: mappingOf(settings),
    filesAttributeName: settings['driver.files.attribute.name'],
    workQueueSize: settings['workqueues.size'],
    adoptByUserName: settings['scim.adopt.by'] === 'USER_NAME',
    clientThreads: settings['scim.client.threads'],
    groupChanges: settings['ldap.group.changes'],
    missedUserCheck: settings['missed.user.check'],
    deactivateUserThreshold: settings['deactivate.user.threshold'],
    deactivateMaxPercent: settings['deactivate.max.percent'],
    deactivateMaxCount: settings['deactivate.max.count'],
    deactivateDayMaxPercent: settings['deactivate.day.max.percent'],
    deactivateOrgMaxPercent: settings['deactivate.org.max.percent'],
    absentMaxPercent: settings['guard.absent.max.percent'],
    createdMaxPercent: settings['guard.created.max.percent'],
    failedMaxPercent: settings['guard.failed.max.percent'],
    clearedMaxPercent: settings['guard.cleared.max.percent'],
    reactivatedMaxPercent: settings['guard.reactivated.max.percent'],
    movedMaxPercent: settings['guard.moved.max.percent'],
    replacedMaxPercent: settings['guard.replaced.max.percent'],
    deactivateUnitMaxPercent: settings['deactivate.unit.max.percent'],
  };
}

/** A sensitive attribute is never read: taken for empty it would be cleared, so it is left to the service instead. */
function mappingOf(settings: Settings): AttributeMapping {
  const sensitive = new Set(settings['ldap.schema.attributes.sensitive'].map(plainName));
  const from = (key: OptionKey): string => {
    const name = String(settings[key]);
    return sensitive.has(plainName(name)) ? '' : name;
  };
  return {
    userName: attributesInOrder(settings['ldap.attrib.userName']),
    email: from('ldap.attrib.email'),
    givenName: from('ldap.attrib.givenName'),
    firstName: from('ldap.attrib.firstName'),
    familyName: from('ldap.attrib.lastName'),
    title: from('ldap.attrib.title'),
    userType: from('ldap.attrib.employeeType'),
    country: from('ldap.attrib.countryCode'),
    department: from('ldap.attrib.department'),
    division: from('ldap.attrib.division'),
    manager: from('ldap.attrib.manager'),
  };
}

/** Without options (RFC 4512 2.5), in one case. */
function plainName(name: string): string {
  return name.trim().replace(/;.*$/, '').toLowerCase();
}

/** Who is read, and known by what. */
const POPULATION_KEYS: readonly OptionKey[] = [
  'ldap.baseDn',
  'ldap.search.filter',
  'ldap.referral',
  'ldap.bind.authtype',
  'ldap.bind.user',
  'ldap.attrib.externalId',
];

/** Who is read, and what is made of an entry. Another server of the same directory changes neither. */
const SCOPE_KEYS: readonly OptionKey[] = [
  'ldap.baseDn',
  'ldap.search.filter',
  'ldap.referral',
  'ldap.group.baseDn',
  'ldap.bind.authtype',
  'ldap.bind.user',
  'ldap.schema.attributes.sensitive',
  ...(Object.keys(OPTIONS) as OptionKey[]).filter((key) => key.startsWith('ldap.attrib.')),
];

/** The properties that name the scripts. */
export const SCRIPT_KEYS = ['script.active.location', 'script.org.location', 'script.role.location'] as const;

/**
 * A hash over the settings and scripts that decide who is read and what is made of him. When it moves, an incremental
 * run reads everybody: a new rule in a script concerns users whose entries have not changed.
 */
export function scopeKey(settings: Settings, scripts: ScriptSet): string {
  const hash = createHash('sha256');
  for (const key of SCOPE_KEYS) hash.update(JSON.stringify([key, settings[key]]));
  for (const kind of SCRIPT_KINDS) {
    hash.update(JSON.stringify([`script.${kind}.location`, scripts[kind].text]));
  }
  return hash.digest('hex');
}

/** A hash over those of these settings that decide who is read; whenever it moves, {@link scopeKey} does. */
export function populationKey(settings: Settings): string {
  const hash = createHash('sha256');
  for (const key of POPULATION_KEYS) hash.update(JSON.stringify([key, settings[key]]));
  return hash.digest('hex');
}
