/** The made-up company's people and groups as directory entries, in the words of either kind of directory. */

import type { Company, Person } from './company.ts';
import { COUNTRIES, departmentDn, DEPARTMENTS } from './company-names.ts';
import { escapeDnValue } from './ldap-dn.ts';
import type { DemoDirectoryEntry } from './ldap-server.ts';
import type { DemoDirectoryKind } from './ldap-syntax.ts';
import type { DemoAttributes } from './ldap-tree.ts';
import type { SeededRandom } from './random.ts';

export const ACCOUNT_ENABLED = 512;
/** NORMAL_ACCOUNT and ACCOUNTDISABLE of userAccountControl. */
export const ACCOUNT_DISABLED = 514;

/** The company as directory entries, parents before children. */
export function companyEntries(
  company: Omit<Company, 'entries'>,
  random: SeededRandom,
): DemoDirectoryEntry[] {
  const { suffix, peopleBase, groupsBase, people, groups, kind } = company;
  const dc = /^dc=([^,]+)/i.exec(suffix)?.[1] ?? 'example';
  const unit = (dn: string, ou: string): DemoDirectoryEntry => ({
    dn,
    attributes: { objectClass: ['top', 'organizationalUnit'], ou, name: ou },
  });
  const entries = [
    { dn: suffix, attributes: { objectClass: ['top', 'domain'], dc } },
    unit(peopleBase, 'People'),
    unit(groupsBase, 'Groups'),
    ...DEPARTMENTS.map(({ name }) => unit(departmentDn(peopleBase, name), name)),
  ];
  const dnOf = new Map(people.map((person) => [person.account, person.dn]));
  for (const person of people) {
    const managerDn = person.manager === null ? null : (dnOf.get(person.manager) ?? null);
    entries.push({ dn: person.dn, attributes: personAttributes(person, managerDn, kind, random) });
  }
  for (const [name, members] of groups) entries.push(groupEntry(name, members, groupsBase, kind, random));
  return entries;
}

/** A person's entry: Active Directory's user, or inetOrgPerson with the two attributes that scripts ask for. */
export function personAttributes(
  person: Person,
  managerDn: string | null,
  kind: DemoDirectoryKind,
  random: SeededRandom,
): DemoAttributes {
  const displayName = `${person.firstName} ${person.lastName}`;
  const { code, name: countryName } = COUNTRIES.find((one) => one.code === person.country) ?? {
    code: 'US',
    name: '',
  };
  const common = {
    cn: /^CN=((?:\\.|[^,\\])+)/.exec(person.dn)?.[1]?.replace(/\\(.)/g, '$1') ?? displayName,
    sn: person.lastName,
    givenName: person.firstName,
    displayName,
    mail: person.mail,
    title: person.title,
    department: person.department,
    division: person.division,
    employeeType: person.employeeType,
    employeeNumber: person.employeeNumber,
    company: 'Example Inc.',
    c: code,
    co: countryName,
    l: person.office,
    physicalDeliveryOfficeName: person.office,
    telephoneNumber: `+1 555 0${String(100 + random.below(900))}`,
    sAMAccountName: person.logonName,
    userAccountControl: String(person.enabled ? ACCOUNT_ENABLED : ACCOUNT_DISABLED),
    manager: managerDn,
  };
  if (kind === 'OPENLDAP') {
    const objectClass = ['top', 'person', 'organizationalPerson', 'inetOrgPerson', 'demoAccount'];
    return { objectClass, uid: person.account, ...common, entryUUID: uuidText(uuidBytes(random)) };
  }
  return {
    objectClass: ['top', 'person', 'organizationalPerson', 'user'],
    objectCategory: 'CN=Person,CN=Schema,CN=Configuration,DC=example,DC=com',
    ...common,
    userPrincipalName: person.mail,
    objectGUID: uuidBytes(random),
    objectSid: sidBytes(random),
  };
}

function groupEntry(
  name: string,
  members: readonly string[],
  groupsBase: string,
  kind: DemoDirectoryKind,
  random: SeededRandom,
): DemoDirectoryEntry {
  const dn = `CN=${escapeDnValue(name)},${groupsBase}`;
  if (kind === 'OPENLDAP') {
    const entryUUID = uuidText(uuidBytes(random));
    return { dn, attributes: { objectClass: ['top', 'groupOfNames'], cn: name, member: members, entryUUID } };
  }
  const attributes = {
    objectClass: ['top', 'group'],
    objectCategory: 'CN=Group,CN=Schema,CN=Configuration,DC=example,DC=com',
    cn: name,
    sAMAccountName: name,
    groupType: '-2147483646',
    member: members,
    objectGUID: uuidBytes(random),
  };
  return { dn, attributes };
}

/** A random UUID of version 4, which no UTF-8 decoder takes for text. */
function uuidBytes(random: SeededRandom): Buffer {
  const bytes = random.bytes(16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[7] = ((bytes[7] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes;
}

function uuidText(bytes: Buffer): string {
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** S-1-5-21-… of one made-up domain. */
function sidBytes(random: SeededRandom): Buffer {
  const sid = Buffer.from('010500000000000515000000a065cf7e784b9b5fe77c877000000000', 'hex');
  sid.writeUInt32LE(1100 + random.below(1_000_000), 24);
  return sid;
}
