/** The people of the test domain: those of the OpenLDAP directory, as an Active Directory holds them. */

import { person } from './slapd-people.ts';
import type { Person } from './slapd-people.ts';

export const DOMAIN_DN = 'DC=lab,DC=test';
export const DOMAIN_NAME = 'lab.test';
export const STAFF_DN = `OU=Staff,${DOMAIN_DN}`;
export const TEAMS_DN = `OU=Teams,${DOMAIN_DN}`;

/** userAccountControl ([MS-ADTS] 2.2.16): an account that may log on, whose password never expires. */
const ENABLED = 0x10200;

export function staffDn(uid: string): string {
  return `CN=${uid},${STAFF_DN}`;
}

export function teamDn(name: string): string {
  return `CN=${name},${TEAMS_DN}`;
}

/** `person(number)` with the names that it has in the test domain. */
export function employee(number: number): Person {
  const who = person(number);
  const manager = who.manager === null ? null : /^uid=([^,]+)/.exec(who.manager)?.[1];
  return {
    ...who,
    dn: staffDn(who.uid),
    manager: manager === null || manager === undefined ? null : staffDn(manager),
    groups: who.groups.map((dn) => teamDn(/^cn=([^,]+)/.exec(dn)?.[1] ?? '')),
  };
}

/** One line of LDIF (RFC 2849), in base64 where the value needs it; nothing for `null`. */
export function ldifLine(name: string, value: string | number | Buffer | null): string {
  if (value === null) return '';
  const text = typeof value === 'number' ? String(value) : value;
  const plain =
    typeof text === 'string' && /^[\x21-\x39\x3b\x3d-\x7e][\x20-\x7e]*$/.test(text) && !text.endsWith(' ');
  return plain ? `${name}: ${text}\n` : `${name}:: ${Buffer.from(text).toString('base64')}\n`;
}

export interface Account {
  readonly dn: string;
  readonly sAMAccountName: string;
  readonly password?: string;
  readonly attributes?: Readonly<Record<string, string | number | null>>;
}

/** A user account as LDIF; with a password it must be loaded past the server or over an encrypted connection. */
export function accountLdif({ dn, sAMAccountName, password, attributes = {} }: Account): string {
  const secret = password === undefined ? null : Buffer.from(`"${password}"`, 'utf16le');
  return [
    ldifLine('dn', dn),
    'objectClass: user\n',
    ldifLine('sAMAccountName', sAMAccountName),
    ldifLine('userPrincipalName', `${sAMAccountName}@${DOMAIN_NAME}`),
    secret === null && password === undefined ? '' : ldifLine('unicodePwd', secret),
    // Without a password the domain's policy allows only an account that needs none.
    'userAccountControl' in attributes ? '' : ldifLine('userAccountControl', ENABLED | (secret ? 0 : 0x20)),
    ...Object.entries(attributes).map(([name, value]) => ldifLine(name, value)),
    '\n',
  ].join('');
}

function employeeLdif(who: Person): string {
  return accountLdif({
    dn: who.dn,
    sAMAccountName: who.uid,
    attributes: {
      uid: who.uid,
      sn: who.sn,
      givenName: who.givenName,
      displayName: `${who.givenName} ${who.sn} ${who.number}`,
      mail: who.mail,
      title: who.title,
      department: who.department,
      division: who.division,
      employeeType: who.employeeType,
      c: who.c,
      manager: who.manager,
    },
  });
}

/** The people 1 to `users` in `OU=Staff` and their groups in `OU=Teams`, as LDIF without changetypes. */
export function domainLdif(users: number): string {
  const people = Array.from({ length: users }, (_, index) => employee(index + 1));
  const members = new Map<string, string[]>();
  for (const { dn, groups } of people) {
    for (const group of groups) members.set(group, [...(members.get(group) ?? []), dn]);
  }
  const units = [STAFF_DN, TEAMS_DN].map((dn) => `dn: ${dn}\nobjectClass: organizationalUnit\n\n`);
  const groups = [...members].map(([dn, list]) => groupLdif(dn, list));
  return [...units, ...people.map(employeeLdif), ...groups].join('');
}

export function groupLdif(dn: string, members: readonly string[]): string {
  const name = /^CN=((?:[^,\\]|\\.)+)/i.exec(dn)?.[1] ?? dn;
  const list = members.map((member) => ldifLine('member', member)).join('');
  return `${ldifLine('dn', dn)}objectClass: group\n${ldifLine('sAMAccountName', name)}${list}\n`;
}
