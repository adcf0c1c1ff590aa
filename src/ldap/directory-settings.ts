/** The properties that the directory reader takes, and the state that its parts share during a run. */

import type { Settings } from '../config/options.ts';

export type DirectorySettings = Pick<
  Settings,
  | 'ldap.baseurl'
  | 'ldap.baseDn'
  | 'ldap.bind.authtype'
  | 'ldap.bind.user'
  | 'ldap.connection.allowunsafecerts'
  | 'ldap.connection.pool'
  | 'ldap.connection.timeout.period'
  | 'ldap.delay.between.attempts'
  | 'ldap.max.attempts'
  | 'ldap.paging.size'
  | 'ldap.read.timeout.period'
  | 'ldap.referral'
  | 'ldap.schema.attributes.sensitive'
  | 'ldap.attrib.countryCode'
  | 'ldap.attrib.department'
  | 'ldap.attrib.division'
  | 'ldap.attrib.employeeType'
  | 'ldap.attrib.firstName'
  | 'ldap.attrib.givenName'
  | 'ldap.attrib.lastName'
  | 'ldap.attrib.manager'
  | 'ldap.attrib.title'
  | 'ldap.attrib.userName'
  | 'ldap.attrib.email'
  | 'ldap.attrib.externalId'
  | 'ldap.search.filter'
  | 'ldap.server.kind'
  | 'ldap.change.tracking'
  | 'ldap.change.overlap.period'
  | 'ldap.group.baseDn'
  | 'ldap.connection.ca.file'
  | 'ldap.connection.cleartext'
  | 'ldap.connection.client.cert'
  | 'ldap.connection.client.key'
  | 'ldap.connection.starttls'
  | 'driver.files.attribute.name'
>;

const MAPPED = [
  'ldap.attrib.countryCode',
  'ldap.attrib.department',
  'ldap.attrib.division',
  'ldap.attrib.employeeType',
  'ldap.attrib.firstName',
  'ldap.attrib.givenName',
  'ldap.attrib.lastName',
  'ldap.attrib.manager',
  'ldap.attrib.title',
  'ldap.attrib.userName',
  'ldap.attrib.email',
  'driver.files.attribute.name',
] as const;

/** Operational attributes that scripts ask for: memberOf is one except on Active Directory; the others tell the state of accounts. */
const OPERATIONAL = [
  'memberOf',
  'createTimestamp',
  'modifyTimestamp',
  'pwdAccountLockedTime',
  'pwdChangedTime',
  'pwdEndTime',
  'nsAccountLock',
];

/**
 * What to ask for where scripts see everything: all user attributes, and by name those that `*` leaves out
 * (RFC 4511 4.5.1.8), operational or constructed ones that the mapping names among them.
 */
export function requestedAttributes(
  settings: DirectorySettings,
  identityAttribute: string | null,
  changeAttribute: string | null,
  also: readonly string[],
): string[] {
  const names = new Map<string, string>([['*', '*']]);
  const mapped = MAPPED.map((key) => settings[key]);
  const wanted = [identityAttribute, changeAttribute, ...OPERATIONAL, ...mapped, ...also];
  for (const name of wanted) {
    if (name !== null && name.trim() !== '' && !names.has(name.toLowerCase()))
      names.set(name.toLowerCase(), name.trim());
  }
  return [...names.values()];
}
