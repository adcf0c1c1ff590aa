/** What the demo directory knows of attributes: how their values compare, and which are operational. */

import { dnKey } from './ldap-dn.ts';

export type DemoValue = string | Buffer;
export type DemoDirectoryKind = 'OPENLDAP' | 'ACTIVE_DIRECTORY';
export type Syntax = 'TEXT' | 'INTEGER' | 'TIME' | 'DN' | 'BINARY';

const SYNTAXES: Readonly<Record<Exclude<Syntax, 'TEXT'>, readonly string[]>> = {
  INTEGER: [
    ...['userAccountControl', 'uSNChanged', 'uSNCreated', 'primaryGroupID', 'sAMAccountType', 'groupType'],
    ...['accountExpires', 'pwdLastSet', 'lastLogonTimestamp', 'uidNumber', 'gidNumber', 'instanceType'],
  ],
  TIME: ['whenChanged', 'whenCreated', 'modifyTimestamp', 'createTimestamp'],
  DN: [
    ...['member', 'uniqueMember', 'memberOf', 'manager', 'directReports', 'seeAlso', 'owner', 'secretary'],
    ...['distinguishedName', 'entryDN', 'objectCategory', 'creatorsName', 'modifiersName'],
  ],
  BINARY: ['objectGUID', 'objectSid', 'thumbnailPhoto', 'jpegPhoto', 'userCertificate', 'invocationId'],
};

const OPERATIONAL: readonly string[] = [
  ...[
    'entryUUID',
    'entryCSN',
    'entryDN',
    'createTimestamp',
    'modifyTimestamp',
    'creatorsName',
    'modifiersName',
  ],
  ...['memberOf', 'structuralObjectClass', 'subschemaSubentry', 'hasSubordinates'],
];

const COMMON_TEXT: readonly string[] = [
  ...[
    'objectClass',
    'cn',
    'sn',
    'givenName',
    'displayName',
    'mail',
    'uid',
    'title',
    'department',
    'division',
  ],
  ...['departmentNumber', 'employeeType', 'employeeNumber', 'c', 'co', 'l', 'ou', 'o', 'dc', 'description'],
  ...[
    'telephoneNumber',
    'sAMAccountName',
    'userPrincipalName',
    'company',
    'physicalDeliveryOfficeName',
    'ref',
  ],
];

const syntaxByName = new Map<string, Syntax>();
for (const syntax of ['INTEGER', 'TIME', 'DN', 'BINARY'] as const) {
  for (const name of SYNTAXES[syntax]) syntaxByName.set(name.toLowerCase(), syntax);
}
const operationalNames = new Set(OPERATIONAL.map((name) => name.toLowerCase()));

/** Attribute types, in lower case, that the directory recognizes even while no entry has them. */
export const RECOGNIZED: readonly string[] = [
  ...COMMON_TEXT,
  ...OPERATIONAL,
  ...Object.values(SYNTAXES).flat(),
].map((name) => name.toLowerCase());

/** The syntax of an attribute by its name in lower case. */
export function syntaxOf(name: string): Syntax {
  return syntaxByName.get(name) ?? 'TEXT';
}

/**
 * Whether `*` leaves the attribute out (RFC 3673). Active Directory has no such distinction: there `*` returns
 * memberOf, whenChanged and the rest.
 */
export function isOperational(name: string, kind: DemoDirectoryKind): boolean {
  return kind === 'OPENLDAP' && operationalNames.has(name);
}

/** The form in which equal values are equal strings; `null` for a value that the syntax does not allow. */
export function comparable(value: DemoValue, syntax: Syntax): string | null {
  if (syntax === 'BINARY') return typeof value === 'string' ? toHex(Buffer.from(value)) : toHex(value);
  const text = typeof value === 'string' ? value : value.toString('utf8');
  switch (syntax) {
    case 'TEXT':
      return foldText(text).trim();
    case 'INTEGER':
      return /^-?\d+$/.test(text.trim()) ? BigInt(text.trim()).toString() : null;
    case 'TIME':
      return comparableTime(text);
    case 'DN':
      try {
        return dnKey(text);
      } catch {
        return null;
      }
  }
}

function toHex(bytes: Buffer): string {
  return bytes.toString('hex');
}

/** Case and runs of blanks do not count (RFC 4518, the part of it that people notice). */
export function foldText(text: string): string {
  return text.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ');
}

/** GeneralizedTime (RFC 4517 3.3.13) in UTC as text that sorts by time. */
function comparableTime(text: string): string | null {
  const match = /^(\d{10})(\d{2})?(\d{2})?(?:[.,](\d{1,6}))?Z$/.exec(text.trim());
  if (match === null) return null;
  return `${match[1]}${match[2] ?? '00'}${match[3] ?? '00'}.${(match[4] ?? '').padEnd(6, '0')}`;
}

/** -1, 0 or 1 for two comparable values of one syntax. */
export function compareValues(a: string, b: string, syntax: Syntax): number {
  if (syntax === 'INTEGER') {
    const difference = BigInt(a) - BigInt(b);
    return difference < 0n ? -1 : difference > 0n ? 1 : 0;
  }
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A point in time as the directory writes it: Active Directory with a fraction, OpenLDAP without. */
export function generalizedTime(date: Date, kind: DemoDirectoryKind): string {
  const digits = date.toISOString().replace(/[-:T]/g, '').slice(0, 14);
  return kind === 'ACTIVE_DIRECTORY' ? `${digits}.0Z` : `${digits}Z`;
}
