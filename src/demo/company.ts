/** A made-up company for the demo directory: the same people for the same seed, with managers, groups and offices. */

import { escapeDnValue } from './ldap-dn.ts';
import { companyEntries } from './company-entries.ts';
import {
  asciiName,
  COUNTRIES,
  departmentDn,
  DEPARTMENTS,
  type Country,
  type DepartmentPlan,
} from './company-names.ts';
import type { DemoDirectoryEntry } from './ldap-server.ts';
import type { DemoDirectoryKind } from './ldap-syntax.ts';
import { seededRandom, type SeededRandom } from './random.ts';

export interface CompanyOptions {
  readonly kind: DemoDirectoryKind;
  readonly size?: number;
  readonly seed?: number;
  readonly suffix?: string;
}

/** One person as the directory holds him. `manager` is his manager's `account`; `null` for the head of the company. */
export interface Person {
  readonly account: string;
  /** sAMAccountName: the account, made to fit the 20 characters that Active Directory allows. */
  readonly logonName: string;
  readonly dn: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly mail: string;
  readonly department: string;
  readonly division: string;
  readonly title: string;
  readonly employeeType: 'Employee' | 'Contractor' | 'Intern';
  readonly country: string;
  readonly office: string;
  readonly manager: string | null;
  readonly enabled: boolean;
  readonly employeeNumber: string;
}

export interface Company {
  readonly kind: DemoDirectoryKind;
  readonly suffix: string;
  readonly peopleBase: string;
  readonly groupsBase: string;
  readonly people: readonly Person[];
  /** DNs of members by the group's name. */
  readonly groups: ReadonlyMap<string, readonly string[]>;
  /** Everything as entries, parents before children, ready for a directory. */
  readonly entries: readonly DemoDirectoryEntry[];
}

const TEAM_SIZE = 9;

/** Makes 500 people, or as many as asked for; at least 20. */
export function makeCompany(options: CompanyOptions): Company {
  const { kind, size = 500, seed = 42, suffix = 'dc=example,dc=com' } = options;
  const random = seededRandom(seed);
  const maker = new PersonMaker(random, peopleBaseOf(suffix));
  const people = hireEverybody(maker, random, Math.max(size, 20));
  const groups = formGroups(people, random);
  const company = {
    kind,
    suffix,
    peopleBase: peopleBaseOf(suffix),
    groupsBase: `OU=Groups,${suffix}`,
    people,
    groups,
  };
  return { ...company, entries: companyEntries(company, random) };
}

function peopleBaseOf(suffix: string): string {
  return `OU=People,${suffix}`;
}

/** Where a person is, and what he is: everything of a person but what follows from his name. */
export interface Post {
  readonly department: DepartmentPlan;
  readonly title: string;
  readonly manager: string | null;
}

/** Makes people whose accounts, addresses and DNs are all different. */
export class PersonMaker {
  readonly #random: SeededRandom;
  readonly #peopleBase: string;
  readonly #accounts = new Set<string>();
  #number = 10_000;

  constructor(random: SeededRandom, peopleBase: string, taken: Iterable<string> = []) {
    this.#random = random;
    this.#peopleBase = peopleBase;
    for (const account of taken) this.#accounts.add(account);
    this.#number += this.#accounts.size;
  }

  make(post: Post): Person {
    const country = byShare(COUNTRIES, this.#random);
    const firstName = this.#random.pick(country.firstNames);
    const lastName = this.#random.pick(country.lastNames);
    const lot = this.#random.next();
    const employeeType = lot < 0.85 ? 'Employee' : lot < 0.96 ? 'Contractor' : 'Intern';
    return this.#named(firstName, lastName, post, country, employeeType);
  }

  /** A free account name; the second Ava Reed is `ava.reed2`. */
  account(firstName: string, lastName: string): string {
    const wanted = `${asciiName(firstName)}.${asciiName(lastName)}`;
    let account = wanted;
    for (let count = 2; this.#accounts.has(account); count++) account = `${wanted}${count}`;
    this.#accounts.add(account);
    return account;
  }

  #named(
    firstName: string,
    lastName: string,
    post: Post,
    country: Country,
    employeeType: Person['employeeType'],
  ): Person {
    const account = this.account(firstName, lastName);
    const { name: department, division } = post.department;
    const suffix = /\d+$/.exec(account)?.[0] ?? '';
    const commonName = `${firstName} ${lastName}${suffix === '' ? '' : ` ${suffix}`}`;
    const employeeNumber = String(++this.#number);
    return {
      account,
      logonName: logonName(account, employeeNumber),
      dn: `CN=${escapeDnValue(commonName)},${departmentDn(this.#peopleBase, department)}`,
      firstName,
      lastName,
      mail: `${account}@example.com`,
      department,
      division,
      title: post.title,
      employeeType: post.manager === null ? 'Employee' : employeeType,
      country: country.code,
      office: country.office,
      manager: post.manager,
      enabled: true,
      employeeNumber,
    };
  }
}

/** The account itself where it fits into 20 characters; else cut, and told apart by the employee's number. */
export function logonName(account: string, employeeNumber: string): string {
  return account.length <= 20 ? account : account.slice(0, 20 - employeeNumber.length) + employeeNumber;
}

function byShare<T extends { readonly share: number }>(list: readonly T[], random: SeededRandom): T {
  let lot = random.next() * list.reduce((sum, one) => sum + one.share, 0);
  for (const one of list) {
    lot -= one.share;
    if (lot < 0) return one;
  }
  return random.pick(list);
}

/** The chief, the heads of departments, then teams of a lead and up to nine people. */
function hireEverybody(maker: PersonMaker, random: SeededRandom, size: number): Person[] {
  const [engineering] = DEPARTMENTS;
  if (engineering === undefined) throw new RangeError('a company without departments');
  const operations = DEPARTMENTS.find(({ name }) => name === 'Operations') ?? engineering;
  const chief = maker.make({ department: operations, title: 'Chief Executive Officer', manager: null });
  const people = [chief];
  const teams = DEPARTMENTS.map((department) => {
    const head = maker.make({ department, title: department.headTitle, manager: chief.account });
    people.push(head);
    return { department, share: department.share, head, lead: head, teamSize: 0 };
  });
  while (people.length < size) {
    const team = byShare(teams, random);
    const { department, head } = team;
    if (team.lead === head || team.teamSize >= TEAM_SIZE) {
      team.lead = maker.make({ department, title: department.leadTitle, manager: head.account });
      team.teamSize = 0;
      people.push(team.lead);
      continue;
    }
    team.teamSize++;
    const person = maker.make({
      department,
      title: random.pick(department.titles),
      manager: team.lead.account,
    });
    // One in forty has left or is on long leave: the account is there, and disabled.
    people.push(random.next() < 0.025 ? { ...person, enabled: false } : person);
  }
  return people;
}

function formGroups(people: readonly Person[], random: SeededRandom): Map<string, readonly string[]> {
  const dns = (chosen: readonly Person[]): string[] => chosen.map((person) => person.dn);
  const groups = new Map<string, readonly string[]>();
  for (const { name } of DEPARTMENTS)
    groups.set(name, dns(people.filter((person) => person.department === name)));
  groups.set('All Staff', dns(people.filter((person) => person.employeeType === 'Employee')));
  groups.set('Contractors', dns(people.filter((person) => person.employeeType === 'Contractor')));
  groups.set('Managers', dns(people.filter((person) => /Chief|Head|Vice|Lead|Manager$/.test(person.title))));
  groups.set('VPN Users', dns(people.filter(() => random.next() < 0.6)));
  groups.set('Backup Users', dns(people.filter((person) => person.employeeType !== 'Intern')));
  groups.set(
    'Backup Admins',
    dns(people.filter(({ title }) => title === 'Systems Administrator').slice(0, 6)),
  );
  groups.set('Legal Hold', dns(people.filter(() => random.next() < 0.02)));
  return groups;
}
