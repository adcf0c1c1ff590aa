/** What happens at the made-up company: hires, leavers, moves and marriages, written into the demo directory. */

import { ACCOUNT_DISABLED, personAttributes } from './company-entries.ts';
import { asciiName, departmentDn, DEPARTMENTS, type DepartmentPlan } from './company-names.ts';
import { logonName, PersonMaker, type Company, type Person } from './company.ts';
import { escapeDnValue } from './ldap-dn.ts';
import type { DemoDirectory } from './ldap-server.ts';
import { seededRandom, type SeededRandom } from './random.ts';

export type HappeningKind = 'HIRE' | 'DISABLE' | 'DELETE' | 'MOVE' | 'MARRIAGE' | 'PROMOTION';

/** One thing that happened. `mail` is the person's address afterwards, `text` says it in a sentence. */
export interface Happening {
  readonly kind: HappeningKind;
  readonly dn: string;
  readonly mail: string;
  readonly mailBefore: string | null;
  readonly text: string;
}

/**
 * Tells the company's story, the same one for the same seed. Nobody is met twice: each happening concerns another
 * person, none of them somebody's manager, so that the number of users that change is the number of happenings.
 */
export class CompanyStory {
  readonly #directory: DemoDirectory;
  readonly #company: Company;
  readonly #random: SeededRandom;
  readonly #maker: PersonMaker;
  readonly #untouched: Person[];
  readonly #dnOf: Map<string, string>;

  constructor(directory: DemoDirectory, company: Company, seed = 7) {
    this.#directory = directory;
    this.#company = company;
    this.#random = seededRandom(seed);
    this.#maker = new PersonMaker(
      this.#random,
      company.peopleBase,
      company.people.map(({ account }) => account),
    );
    this.#dnOf = new Map(company.people.map(({ account, dn }) => [account, dn]));
    const managers = new Set(company.people.map(({ manager }) => manager));
    this.#untouched = company.people.filter(({ account, enabled }) => enabled && !managers.has(account));
  }

  /** New people, in the groups of their department, the staff and the backup users. */
  hires(count: number): Happening[] {
    return this.#times(count, () => {
      const colleague = this.#random.pick(this.#company.people.filter(({ manager }) => manager !== null));
      const department = planOf(colleague.department);
      const post = {
        department,
        title: this.#random.pick(department.titles),
        manager: this.#leadOf(department),
      };
      const person = { ...this.#maker.make(post), employeeType: 'Employee' as const };
      const managerDn = this.#dnOf.get(post.manager) ?? null;
      this.#directory.add(person.dn, personAttributes(person, managerDn, this.#company.kind, this.#random));
      for (const group of [department.name, 'All Staff', 'Backup Users']) this.#join(group, person.dn);
      const text = `${fullName(person)} joins ${department.name} in ${person.office} as ${person.title}`;
      return { kind: 'HIRE', dn: person.dn, mail: person.mail, mailBefore: null, text };
    });
  }

  /** People who leave and whose account is kept, disabled. */
  disables(count: number): Happening[] {
    return this.#times(count, () => {
      const person = this.#somebody();
      this.#directory.modify(person.dn, { replace: { userAccountControl: String(ACCOUNT_DISABLED) } });
      const text = `${fullName(person)} leaves ${person.department}; the account is disabled`;
      return { kind: 'DISABLE', dn: person.dn, mail: person.mail, mailBefore: person.mail, text };
    });
  }

  /** People who leave and whose account is deleted. */
  deletions(count: number): Happening[] {
    return this.#times(count, () => {
      const person = this.#somebody();
      this.#directory.remove(person.dn);
      const text = `${fullName(person)} left ${person.department} long ago; the account is deleted`;
      return { kind: 'DELETE', dn: person.dn, mail: person.mail, mailBefore: person.mail, text };
    });
  }

  /** People who change to another department: OU, manager, title, division and groups change with it. */
  moves(count: number): Happening[] {
    return this.#times(count, () => {
      const person = this.#somebody();
      const to = this.#random.pick(DEPARTMENTS.filter(({ name }) => name !== person.department));
      const title = this.#random.pick(to.titles);
      const [rdn = ''] = /^CN=(?:\\.|[^,\\])+/.exec(person.dn) ?? [];
      const dn = `${rdn},${departmentDn(this.#company.peopleBase, to.name)}`;
      this.#directory.rename(person.dn, dn);
      const manager = this.#dnOf.get(this.#leadOf(to)) ?? null;
      this.#directory.modify(dn, { replace: { department: to.name, division: to.division, title, manager } });
      this.#leave(person.department, dn);
      this.#join(to.name, dn);
      const text = `${fullName(person)} moves from ${person.department} to ${to.name} and is ${title} there`;
      return { kind: 'MOVE', dn, mail: person.mail, mailBefore: person.mail, text };
    });
  }

  /** People who marry and take another name: DN, account and e-mail address change; the person does not. */
  marriages(count: number): Happening[] {
    return this.#times(count, () => {
      const person = this.#somebody();
      const others = this.#company.people.filter(
        ({ country, lastName }) =>
          country === person.country && asciiName(lastName) !== asciiName(person.lastName),
      );
      const { lastName } = this.#random.pick(others.length > 0 ? others : this.#company.people);
      const account = this.#maker.account(person.firstName, lastName);
      const mail = `${account}@example.com`;
      const displayName = `${person.firstName} ${lastName}`;
      const [count] = /\d+$/.exec(account) ?? [];
      const name = count === undefined ? displayName : `${displayName} ${count}`;
      const dn = `CN=${escapeDnValue(name)},${departmentDn(this.#company.peopleBase, person.department)}`;
      this.#directory.rename(person.dn, dn);
      const sAMAccountName = logonName(account, person.employeeNumber);
      const logon = this.#company.kind === 'OPENLDAP' ? { uid: account } : { userPrincipalName: mail };
      this.#directory.modify(dn, {
        replace: { sn: lastName, displayName, mail, sAMAccountName, ...logon },
      });
      const text = `${fullName(person)} marries and is now ${displayName}, ${mail} instead of ${person.mail}`;
      return { kind: 'MARRIAGE', dn, mail, mailBefore: person.mail, text };
    });
  }

  /** People who get another title and nothing else. */
  promotions(count: number): Happening[] {
    return this.#times(count, () => {
      const person = this.#somebody();
      const title = `Principal ${person.title.replace(/^Senior /, '')}`;
      this.#directory.modify(person.dn, { replace: { title } });
      const text = `${fullName(person)} is promoted from ${person.title} to ${title}`;
      return { kind: 'PROMOTION', dn: person.dn, mail: person.mail, mailBefore: person.mail, text };
    });
  }

  #times(count: number, tell: () => Happening): Happening[] {
    return Array.from({ length: count }, tell);
  }

  /** @throws Error when everybody has been met */
  #somebody(): Person {
    const at = this.#random.below(this.#untouched.length);
    const [person] = this.#untouched.splice(at, 1);
    if (person === undefined) throw new Error('The company has nobody left for its story: make it larger');
    return person;
  }

  #leadOf(department: DepartmentPlan): string {
    const { people } = this.#company;
    const inside = people.filter((person) => person.department === department.name);
    const lead = inside.find(({ title }) => title === department.leadTitle);
    const head = inside.find(({ title }) => title === department.headTitle);
    return (lead ?? head ?? people[0])?.account ?? '';
  }

  #join(group: string, dn: string): void {
    this.#directory.modify(this.#groupDn(group), { add: { member: dn } });
  }

  #leave(group: string, dn: string): void {
    this.#directory.modify(this.#groupDn(group), { remove: { member: dn } });
  }

  #groupDn(group: string): string {
    return `CN=${escapeDnValue(group)},${this.#company.groupsBase}`;
  }
}

function planOf(department: string): DepartmentPlan {
  const plan = DEPARTMENTS.find(({ name }) => name === department);
  if (plan === undefined) throw new Error(`The company has no department ${department}`);
  return plan;
}

function fullName(person: Person): string {
  return `${person.firstName} ${person.lastName}`;
}
