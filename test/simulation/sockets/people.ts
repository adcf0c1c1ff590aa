/** Who is in the directory of a world: the truth, and the two servers behind one name that both hold it. */

import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { startDemoDirectory, type DemoDirectory } from '../../../src/demo/ldap-server.ts';
import type { Misbehave } from '../../../src/demo/ldap-misbehaviour.ts';
import { guidText } from '../../../src/ldap/binary-values.ts';
import type { Dice } from './dice.ts';
import type { Attributes } from './scripts.ts';

export const BIND = { bindDn: 'CN=reader,DC=example,DC=com', bindPassword: 'of-the-reader' };
export const PEOPLE_BASE = 'OU=People,DC=example,DC=com';
const UNITS = ['OU=North', 'OU=South'].map((unit) => `${unit},${PEOPLE_BASE}`);
const DEPARTMENTS = ['Sales', 'Legal', 'Research'];
export type Kind = 'ACTIVE_DIRECTORY' | 'OPENLDAP';

export interface Person {
  readonly name: string;
  /** As the engine knows him; another one when the entry was made anew. */
  identity: string;
  dn: string;
  attributes: Record<string, readonly string[]>;
  /** The name of his manager. */
  manager: string | null;
  isHere: boolean;
  anew: number;
}

const TEN_DAYS_MS = 10 * 24 * 3_600_000;

export class People {
  readonly all = new Map<string, Person>();
  readonly kind: Kind;
  readonly #dice: Dice;
  /** The second one has the same entries under other update sequence numbers. */
  readonly #servers: DemoDirectory[] = [];
  readonly #sockets = new Set<Socket>();
  #front: Server | null = null;
  #now = Date.now() - TEN_DAYS_MS;
  /** How wrong the servers' clock is. */
  skewMs = 0;
  /** Which of the servers answers. */
  answering = 0;
  #hired = 0;

  constructor(kind: Kind, dice: Dice) {
    this.kind = kind;
    this.#dice = dice;
  }

  async start(maxValueRange: number): Promise<void> {
    const user = { objectClass: ['top', 'organizationalUnit'] };
    const entries = [PEOPLE_BASE, ...UNITS].map((dn) => ({ dn, attributes: user }));
    const now = (): Date => new Date(this.#now + this.skewMs);
    const options = { ...BIND, kind: this.kind, entries, maxValueRange, now };
    this.#servers.push(await startDemoDirectory(options), await startDemoDirectory(options));
    const second = this.#servers[1];
    for (let n = 0; n < 100; n += 1) second?.modify(PEOPLE_BASE, { replace: { description: `change ${n}` } });
    this.#front = createServer((socket) => this.#forward(socket));
    this.#front.listen(0, '127.0.0.1');
    await once(this.#front, 'listening');
  }

  get url(): string {
    return `ldap://127.0.0.1:${(this.#front?.address() as AddressInfo).port}`;
  }

  misbehave(misbehave: Misbehave | null): void {
    for (const server of this.#servers) server.setMisbehave(misbehave);
  }

  /** Minutes go by. */
  later(minutes: number): void {
    this.#now += minutes * 60_000;
  }

  here(): Person[] {
    return [...this.all.values()].filter((person) => person.isHere);
  }

  hire(): void {
    const dice = this.#dice;
    const name = `user${this.#hired++}`;
    const managers = this.here();
    const person: Person = {
      name,
      identity: this.#identityOf(name, 0),
      dn: `CN=${name},${dice.pick(UNITS)}`,
      attributes: {
        sn: [name],
        givenName: ['Ann'],
        mail: [`${name}@example.com`],
        department: [dice.pick(DEPARTMENTS)],
        employeeType: [dice.chance(0.12) ? 'off' : 'on'],
        tags: this.#tags(true),
      },
      manager: managers.length > 0 && dice.chance(0.5) ? dice.pick(managers).name : null,
      isHere: false,
      anew: 0,
    };
    this.all.set(name, person);
    this.#put(person);
  }

  /** Something happens to somebody. */
  change(): void {
    const dice = this.#dice;
    const here = this.here();
    const what = dice.below(13);
    if (what === 0 || here.length < 3) return this.hire();
    const person = dice.pick(here);
    const title = dice.pick(['Clerk', 'Officer', 'Grenade', '']);
    if (what === 1) this.set(person, { title: title === '' ? [] : [title] });
    else if (what === 2) this.set(person, { department: [dice.pick(DEPARTMENTS)] });
    else if (what <= 4) this.set(person, { employeeType: [dice.chance(0.5) ? 'off' : 'on'] });
    else if (what === 5) this.set(person, { mail: [`${person.name}.${dice.below(100)}@example.com`] });
    else if (what === 6) this.#setManager(person, dice.pick(here));
    else if (what === 7) this.#makeAnew(person);
    else if (what === 8) this.leave(person);
    else if (what === 9) this.#move(person);
    else if (what === 10) this.set(person, { tags: this.#tags(dice.chance(0.8)) });
    else if (what === 11) this.set(person, { givenName: [dice.pick(['Ann', 'Bob', 'Zoë "Q" \\'])] });
    else this.#comeBack();
  }

  /** Everybody who has left for a while is back, and each has a name of his own. */
  settle(): void {
    for (const person of this.all.values()) {
      if (!person.isHere && !this.#isGone(person)) this.#put(person);
    }
    this.separateTwins();
  }

  /** Somebody gets the userName of somebody else. */
  makeTwins(): void {
    const [one, other] = [this.#dice.pick(this.here()), this.#dice.pick(this.here())];
    const mail = other?.attributes['mail'];
    if (one !== undefined && one !== other && mail !== undefined) this.set(one, { mail });
  }

  separateTwins(): void {
    const names = new Set<string>();
    for (const person of this.all.values()) {
      const mail = person.attributes['mail']?.[0] ?? '';
      if (!names.has(mail)) names.add(mail);
      else if (person.isHere) this.set(person, { mail: [`${person.name}.own${this.#hired++}@example.com`] });
    }
  }

  set(person: Person, attributes: Attributes): void {
    person.attributes = { ...person.attributes, ...attributes };
    for (const server of this.#servers) server.modify(person.dn, { replace: attributes });
  }

  leave(person: Person): void {
    person.isHere = false;
    for (const server of this.#servers) server.remove(person.dn);
    // On Active Directory a link to an entry that is gone is gone.
    if (this.#dice.chance(0.5)) this.#gone.add(person.name);
  }

  readonly #gone = new Set<string>();

  /** Nobody who is away comes back any more. */
  banish(): void {
    for (const person of this.all.values()) if (!person.isHere) this.#gone.add(person.name);
  }

  #isGone({ name }: Person): boolean {
    return this.#gone.has(name);
  }

  #comeBack(): void {
    const away = [...this.all.values()].filter((person) => !person.isHere && !this.#isGone(person));
    if (away.length > 0) this.#put(this.#dice.pick(away));
  }

  #setManager(person: Person, manager: Person): void {
    person.manager = manager.name;
    for (const server of this.#servers) server.modify(person.dn, { replace: { manager: [manager.dn] } });
  }

  /** Deleted and made anew: another identity, the same person and the same userName. */
  #makeAnew(person: Person): void {
    for (const server of this.#servers) server.remove(person.dn);
    person.anew += 1;
    person.identity = this.#identityOf(person.name, person.anew);
    this.#put(person);
  }

  #move(person: Person): void {
    const unit = UNITS.find((dn) => !person.dn.endsWith(`,${dn}`)) ?? PEOPLE_BASE;
    const dn = `CN=${person.name},${unit}`;
    for (const server of this.#servers) server.rename(person.dn, dn);
    person.dn = dn;
  }

  #put(person: Person): void {
    person.isHere = true;
    const classes = ['top', 'person', 'organizationalPerson'];
    const bytes = this.#bytesOf(person.name, person.anew);
    const manager = person.manager === null ? undefined : this.all.get(person.manager);
    const known =
      this.kind === 'ACTIVE_DIRECTORY'
        ? {
            objectClass: [...classes, 'user'],
            objectCategory: 'CN=Person,CN=Schema,CN=Configuration,DC=example,DC=com',
          }
        : { objectClass: [...classes, 'inetOrgPerson'] };
    const identity =
      this.kind === 'ACTIVE_DIRECTORY' ? { objectGUID: bytes } : { entryUUID: person.identity };
    // The name of an absent manager may stay in an entry of OpenLDAP; here it never does.
    const link: { manager?: string } =
      manager?.isHere === true && manager !== person ? { manager: manager.dn } : {};
    if (link.manager === undefined) person.manager = null;
    for (const server of this.#servers) {
      server.add(person.dn, { ...known, ...identity, ...person.attributes, ...link });
    }
  }

  #tags(isStaff: boolean): string[] {
    const tags = Array.from({ length: this.#dice.below(6) }, (_, n) => `tag${n}`);
    if (this.#dice.chance(0.3)) tags.push('admin');
    return isStaff ? [...tags, 'staff'] : [...tags, 'visitor'];
  }

  #bytesOf(name: string, anew: number): Buffer {
    return createHash('sha256').update(`${name} ${anew}`).digest().subarray(0, 16);
  }

  #identityOf(name: string, anew: number): string {
    return guidText(this.#bytesOf(name, anew)) ?? '';
  }

  #forward(socket: Socket): void {
    const other = connect({ host: '127.0.0.1', port: this.#servers[this.answering]?.port ?? 0 });
    for (const [one, two] of [
      [socket, other],
      [other, socket],
    ] as const) {
      this.#sockets.add(one);
      one.setNoDelay(true);
      one.pipe(two);
      one.on('error', () => two.destroy());
      one.on('close', () => {
        this.#sockets.delete(one);
        two.destroy();
      });
    }
  }

  async stop(): Promise<void> {
    this.#front?.close();
    for (const socket of this.#sockets) socket.destroy();
    for (const server of this.#servers) await server.stop();
  }
}
