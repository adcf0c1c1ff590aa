/** The people of the test directory: made from their number alone, so that every test knows what it must read. */

export const BASE_DN = 'dc=example,dc=com';
export const PEOPLE_DN = `ou=People,${BASE_DN}`;
export const GROUPS_DN = `ou=Groups,${BASE_DN}`;

const GIVEN_NAMES = [
  'Anna',
  'Björn',
  'Chloë',
  'David',
  'Élise',
  'Frank',
  'Grace',
  'Henrik',
  'Inés',
  'Jürgen',
];
const SURNAMES = [
  'Smith',
  'Müller',
  'García',
  'Novák',
  'Olsen',
  "O'Brien",
  'Kowalska',
  'Dupont',
  'Rossi',
  'Ito',
  'Weiß',
];
const DEPARTMENTS = ['Engineering', 'Sales', 'Finance', 'Legal', 'Support', 'Research'];
const COUNTRIES = ['US', 'DE', 'ES', 'CZ', 'NO', 'IE', 'PL', 'FR'];
const TITLES = ['Engineer', 'Manager', 'Director', 'Analyst', 'Clerk'];

export interface Person {
  readonly number: number;
  readonly dn: string;
  readonly uid: string;
  readonly givenName: string;
  readonly sn: string;
  readonly mail: string;
  readonly title: string;
  readonly department: string;
  readonly division: string;
  readonly employeeType: string;
  readonly c: string;
  /** DN; `null` for the first person. */
  readonly manager: string | null;
  readonly groups: readonly string[];
}

function pick<T>(list: readonly T[], index: number): T {
  return list[index % list.length] as T;
}

export function groupDn(name: string): string {
  return `cn=${name},${GROUPS_DN}`;
}

export function personDn(number: number): string {
  return `uid=u${String(number).padStart(6, '0')},${PEOPLE_DN}`;
}

/** Person 1 leads; everybody else reports to one of the first twenty. */
export function person(number: number): Person {
  const uid = `u${String(number).padStart(6, '0')}`;
  const groups = [groupDn(`team-${number % 20}`)];
  if (number % 3 === 0) groups.push(groupDn('backup-users'));
  return {
    number,
    dn: personDn(number),
    uid,
    givenName: pick(GIVEN_NAMES, number),
    sn: pick(SURNAMES, number),
    mail: `${uid}@example.com`,
    title: pick(TITLES, number),
    department: pick(DEPARTMENTS, number),
    division: number % 2 === 0 ? 'East' : 'West',
    employeeType: number % 7 === 0 ? 'Contractor' : 'Employee',
    c: pick(COUNTRIES, number),
    manager: number === 1 ? null : personDn(1 + (number % Math.min(20, number - 1))),
    groups,
  };
}

function line(name: string, value: string | number | null): string {
  if (value === null) return '';
  const text = String(value);
  const plain = /^[\x21-\x39\x3b\x3d-\x7e][\x20-\x7e]*$/.test(text) && !text.endsWith(' ');
  return plain ? `${name}: ${text}\n` : `${name}:: ${Buffer.from(text).toString('base64')}\n`;
}

/** The person as one LDIF record, memberOf included only for slapadd, which bypasses the overlay that keeps it. */
export function personLdif(who: Person, options: { readonly memberOf: boolean }): string {
  const { number, uid } = who;
  const cn = `${who.givenName} ${who.sn} ${number}`;
  return [
    line('dn', who.dn),
    'objectClass: inetOrgPerson\nobjectClass: adUser\n',
    line('uid', uid),
    line('cn', cn),
    line('sn', who.sn),
    line('givenName', who.givenName),
    line('displayName', cn),
    line('mail', who.mail),
    line('title', who.title),
    line('department', who.department),
    line('division', who.division),
    line('company', 'Example Corporation'),
    line('employeeType', who.employeeType),
    line('employeeNumber', 100_000 + number),
    line('c', who.c),
    line('l', `City ${number % 50}`),
    line('street', `${number % 200} Main Street`),
    line('postalCode', String(10_000 + (number % 5000))),
    line('telephoneNumber', `+1 555 ${String(number).padStart(7, '0')}`),
    line('description', `Test person number ${number} of the generated directory`),
    line('manager', who.manager),
    line('sAMAccountName', uid),
    line('userPrincipalName', `${uid}@example.com`),
    line('userAccountControl', 512),
    line('uSNChanged', 1000 + number),
    line('whenChanged', '20240101120000.0Z'),
    line('userPassword', `secret-of-${uid}`),
    options.memberOf ? who.groups.map((group) => line('memberOf', group)).join('') : '',
    '\n',
  ].join('');
}

/** The whole directory as LDIF for slapadd, in pieces. `referral` adds an entry that refers to another server. */
export function* directoryLdif(
  users: number,
  readerPassword: string,
  referral: string | null,
): Generator<string> {
  yield `dn: ${BASE_DN}\nobjectClass: dcObject\nobjectClass: organization\ndc: example\no: Example\n\n`;
  for (const name of ['People', 'Groups']) {
    yield `dn: ou=${name},${BASE_DN}\nobjectClass: organizationalUnit\nou: ${name}\n\n`;
  }
  yield `dn: cn=reader,${BASE_DN}\nobjectClass: person\ncn: reader\nsn: reader\nuserPassword: ${readerPassword}\n\n`;
  if (referral !== null) {
    yield `dn: ou=Remote,${PEOPLE_DN}\nobjectClass: referral\nobjectClass: extensibleObject\nou: Remote\nref: ${referral}\n\n`;
  }
  for (let from = 1; from <= users; from += 1000) {
    let text = '';
    for (let number = from; number < from + 1000 && number <= users; number++) {
      text += personLdif(person(number), { memberOf: true });
    }
    yield text;
  }
  yield* groupsLdif(users);
}

/** groupOfNames must have a member: the base entry stands in where nobody else does. */
function* groupsLdif(users: number): Generator<string> {
  const names = ['backup-users', ...Array.from({ length: 20 }, (_, team) => `team-${team}`)];
  for (const name of names) {
    let text = `dn: ${groupDn(name)}\nobjectClass: groupOfNames\ncn: ${name}\nmember: ${BASE_DN}\n`;
    for (let number = 1; number <= users; number++) {
      if (name === 'backup-users' ? number % 3 === 0 : name === `team-${number % 20}`) {
        text += `member: ${personDn(number)}\n`;
      }
    }
    yield `${text}\n`;
  }
}
