/** The entries of the demo directory in memory: how they are changed, and what a real server then writes along. */

import { randomUUID } from 'node:crypto';
import { dnKey, isUnder, parentDn, parseDn } from './ldap-dn.ts';
import { DemoEntry } from './ldap-entry.ts';
import type { FilterContext } from './ldap-filter.ts';
import {
  comparable,
  generalizedTime,
  RECOGNIZED,
  syntaxOf,
  type DemoDirectoryKind,
  type DemoValue,
} from './ldap-syntax.ts';

/** Attributes by name; an empty list or `null` stands for no value. */
export type DemoAttributes = Readonly<Record<string, DemoValue | readonly DemoValue[] | null>>;

export interface DemoChanges {
  readonly replace?: DemoAttributes;
  readonly add?: DemoAttributes;
  readonly remove?: DemoAttributes;
}

/** Attributes that only the directory itself writes; what a caller gives for them is left out. */
const COMPUTED = new Set([
  'memberof',
  'distinguishedname',
  'usnchanged',
  'usncreated',
  'whenchanged',
  'modifytimestamp',
]);
const FIRST_USN = 12_000;

export interface DemoTreeOptions {
  readonly kind: DemoDirectoryKind;
  /** The clock behind whenChanged and modifyTimestamp. */
  readonly now: () => Date;
}

export class DemoTree implements FilterContext {
  readonly #kind: DemoDirectoryKind;
  readonly #now: () => Date;
  readonly #entries = new Map<string, DemoEntry>();
  /** Groups by the key of their member: what memberOf is made of, members that are yet to come included. */
  readonly #groupsOf = new Map<string, Set<string>>();
  readonly #recognized = new Set<string>(RECOGNIZED);
  #usn = FIRST_USN;

  constructor(options: DemoTreeOptions) {
    this.#kind = options.kind;
    this.#now = options.now;
  }

  get highestUsn(): number {
    return this.#usn;
  }

  get size(): number {
    return this.#entries.size;
  }

  find(dn: string): DemoEntry | undefined {
    return this.#entries.get(dnKey(dn));
  }

  byKey(key: string): DemoEntry | undefined {
    return this.#entries.get(key);
  }

  entries(): Iterable<DemoEntry> {
    return this.#entries.values();
  }

  recognizes(attribute: string): boolean {
    return this.#recognized.has(attribute);
  }

  chain(attribute: string, keys: readonly string[]): ReadonlySet<string> {
    const reached = new Set(keys);
    // A Set that grows while it is walked is walked to its end: each new group is followed once.
    for (const key of reached) {
      for (const next of this.#entries.get(key)?.comparableValues(attribute) ?? []) {
        if (next !== null) reached.add(next);
      }
    }
    return reached;
  }

  /** @throws Error if there is such an entry already */
  add(dn: string, attributes: DemoAttributes): DemoEntry {
    const key = dnKey(dn);
    if (this.#entries.has(key)) throw new Error(`The demo directory already has ${dn}`);
    const entry = new DemoEntry(dn, key);
    for (const [name, values] of Object.entries(attributes)) this.#put(entry, name, listOf(values));
    this.#entries.set(key, entry);
    this.#stampNew(entry);
    this.#link(entry, [], entry.comparableValues('member'));
    this.#refreshMemberOf(key);
    return entry;
  }

  /** Values to remove go first, then those to add, then those that replace. @throws Error without such an entry */
  modify(dn: string, changes: DemoChanges): DemoEntry {
    const entry = this.#require(dn);
    const membersBefore = entry.comparableValues('member');
    for (const [name, values] of Object.entries(changes.remove ?? {})) {
      const gone = new Set(listOf(values).map((value) => comparable(value, syntaxOf(name.toLowerCase()))));
      const kept = entry
        .values(name)
        .filter((value) => !gone.has(comparable(value, syntaxOf(name.toLowerCase()))));
      this.#put(entry, name, kept);
    }
    for (const [name, values] of Object.entries(changes.add ?? {})) {
      this.#put(entry, name, [...entry.values(name), ...listOf(values)]);
    }
    for (const [name, values] of Object.entries(changes.replace ?? {}))
      this.#put(entry, name, listOf(values));
    this.#link(entry, membersBefore, entry.comparableValues('member'));
    this.#stampChanged(entry);
    return entry;
  }

  /** Removes the entry and, as real servers do, its name from the groups. @throws Error without such an entry */
  remove(dn: string): void {
    const entry = this.#require(dn);
    this.#link(entry, entry.comparableValues('member'), []);
    this.#entries.delete(entry.key);
    this.#usn++;
    for (const groupKey of this.#groupsOf.get(entry.key) ?? []) {
      const group = this.#entries.get(groupKey);
      if (group !== undefined)
        this.#replaceDns(group, (key) => (key === entry.key ? null : undefined), ['member']);
    }
    this.#groupsOf.delete(entry.key);
  }

  /**
   * Gives the entry, and everything below it, another name. References to it (member, manager, …) follow without
   * touching the time stamps of the entries that hold them: they are links, in Active Directory and in OpenLDAP's
   * integrity overlay alike.
   * @throws Error without such an entry, or where the new name is taken
   */
  rename(oldDn: string, newDn: string): DemoEntry {
    const entry = this.#require(oldDn);
    const oldKey = entry.key;
    const newKey = dnKey(newDn);
    if (newKey !== oldKey && this.#entries.has(newKey))
      throw new Error(`The demo directory already has ${newDn}`);
    const moved = new Map<string, string>();
    for (const one of [...this.#entries.values()]) {
      if (isUnder(one.key, oldKey)) moved.set(one.key, this.#move(one, oldDn, newDn));
    }
    for (const one of this.#entries.values()) this.#replaceDns(one, (key) => moved.get(key));
    this.#relinkAll();
    this.#stampNames(entry, oldDn);
    this.#stampChanged(entry);
    return entry;
  }

  #move(entry: DemoEntry, oldBase: string, newBase: string): string {
    const depth = parseDn(entry.dn).length - parseDn(oldBase).length;
    let above = entry.dn;
    for (let level = 0; level < depth; level++) above = parentDn(above);
    this.#entries.delete(entry.key);
    entry.dn = entry.dn.slice(0, entry.dn.length - above.length) + newBase;
    entry.key = dnKey(entry.dn);
    this.#entries.set(entry.key, entry);
    if (this.#kind === 'ACTIVE_DIRECTORY') entry.set('distinguishedName', [entry.dn]);
    return entry.dn;
  }

  /** The values of the naming attribute follow the name. */
  #stampNames(entry: DemoEntry, oldDn: string): void {
    for (const { type, value } of parseDn(oldDn)[0] ?? []) {
      entry.set(
        type,
        entry.values(type).filter((one) => one !== value),
      );
    }
    for (const { type, value } of parseDn(entry.dn)[0] ?? []) {
      if (!entry.values(type).includes(value)) this.#put(entry, type, [...entry.values(type), value]);
    }
  }

  /** `replacement` says for the key of a DN: the new DN, `null` to drop it, `undefined` to leave it. */
  #replaceDns(
    entry: DemoEntry,
    replacement: (key: string) => string | null | undefined,
    names: Iterable<string> = entry.attributes.keys(),
  ): void {
    for (const name of [...names]) {
      if (syntaxOf(name) !== 'DN' || COMPUTED.has(name)) continue;
      const keys = entry.comparableValues(name);
      const fresh = keys.map((key) => (key === null ? undefined : replacement(key)));
      if (fresh.every((dn) => dn === undefined)) continue;
      const values = entry.values(name).map((value, at) => (fresh[at] === undefined ? value : fresh[at]));
      entry.set(
        name,
        values.filter((value) => value !== null),
      );
    }
  }

  #relinkAll(): void {
    this.#groupsOf.clear();
    for (const entry of this.#entries.values()) {
      for (const member of entry.comparableValues('member'))
        if (member !== null) this.#groups(member).add(entry.key);
    }
    for (const key of this.#entries.keys()) this.#refreshMemberOf(key);
  }

  #link(group: DemoEntry, before: readonly (string | null)[], after: readonly (string | null)[]): void {
    if (before === after) return;
    const now = new Set(after);
    const was = new Set(before);
    for (const key of was) {
      if (key === null || now.has(key)) continue;
      this.#groups(key).delete(group.key);
      this.#refreshMemberOf(key);
    }
    for (const key of now) {
      if (key === null || was.has(key)) continue;
      this.#groups(key).add(group.key);
      this.#refreshMemberOf(key);
    }
  }

  #groups(memberKey: string): Set<string> {
    const known = this.#groupsOf.get(memberKey);
    if (known !== undefined) return known;
    const fresh = new Set<string>();
    this.#groupsOf.set(memberKey, fresh);
    return fresh;
  }

  /** A change of membership does not touch the member's time stamps: true of both kinds of server. */
  #refreshMemberOf(key: string): void {
    const names: string[] = [];
    for (const groupKey of this.#groupsOf.get(key) ?? []) {
      const group = this.#entries.get(groupKey);
      if (group !== undefined) names.push(group.dn);
    }
    this.#entries.get(key)?.set('memberOf', names);
  }

  #put(entry: DemoEntry, name: string, values: readonly DemoValue[]): void {
    const lower = name.toLowerCase();
    if (COMPUTED.has(lower)) return;
    this.#recognized.add(lower);
    entry.set(name, values);
  }

  #stampNew(entry: DemoEntry): void {
    const now = generalizedTime(this.#now(), this.#kind);
    if (this.#kind === 'ACTIVE_DIRECTORY') {
      if (entry.values('objectGUID').length === 0) {
        entry.set('objectGUID', [Buffer.from(randomUUID().replaceAll('-', ''), 'hex')]);
      }
      entry.set('distinguishedName', [entry.dn]);
      entry.set('whenCreated', [now]);
      entry.set('uSNCreated', [String(this.#usn + 1)]);
    } else {
      if (entry.values('entryUUID').length === 0) entry.set('entryUUID', [randomUUID()]);
      entry.set('createTimestamp', [now]);
    }
    this.#stampChanged(entry);
  }

  #stampChanged(entry: DemoEntry): void {
    const now = generalizedTime(this.#now(), this.#kind);
    this.#usn++;
    if (this.#kind === 'ACTIVE_DIRECTORY') {
      entry.set('uSNChanged', [String(this.#usn)]);
      entry.set('whenChanged', [now]);
    } else {
      entry.set('modifyTimestamp', [now]);
    }
  }

  #require(dn: string): DemoEntry {
    const entry = this.find(dn);
    if (entry === undefined) throw new Error(`The demo directory has no ${dn}`);
    return entry;
  }
}

function listOf(values: DemoValue | readonly DemoValue[] | null): readonly DemoValue[] {
  if (values === null) return [];
  return typeof values === 'string' || Buffer.isBuffer(values) ? [values] : values;
}
