/** The properties that the directory reader takes, and the state that its parts share during a run. */

import { userNameAttributes } from '../config/attribute-order.ts';
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

/** Active Directory answers these in searches of one entry only, and fails any other search ([MS-ADTS] 3.1.1.4.5.19). */
const BASE_SEARCH_ONLY = /^(?:(?:msds-)?tokengroup|msds-member(?:of)?transitive$)/i;

/**
 * What to ask for. ALL, where scripts may look at anything: all user attributes, and by name those that `*` leaves out
 * (RFC 4511 4.5.1.8), operational or constructed ones that the mapping or a script names among them. NAMED: those names
 * alone.
 */
export function requestedAttributes(
  settings: DirectorySettings,
  identityAttribute: string | null,
  changeAttribute: string | null,
  which: 'ALL' | 'NAMED',
  also: readonly string[],
): string[] {
  const sensitive = new Set(settings['ldap.schema.attributes.sensitive'].map((name) => name.toLowerCase()));
  const readable = also.filter(
    (name) => !BASE_SEARCH_ONLY.test(name) && !sensitive.has(name.toLowerCase()) && !/^dn$/i.test(name),
  );
  const names = new Map<string, string>();
  const everything = which === 'ALL' ? ['*', ...OPERATIONAL] : [];
  const mapped = [...MAPPED.map((key) => settings[key]), ...userNameAttributes(settings)];
  for (const name of [...everything, identityAttribute, changeAttribute, ...mapped, ...readable]) {
    if (name !== null && name.trim() !== '' && !names.has(name.toLowerCase()))
      names.set(name.toLowerCase(), name.trim());
  }
  return [...names.values()];
}
