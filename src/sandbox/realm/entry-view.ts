/** `entry` as scripts see it: attributes by name in any case, absent ones `null`, one value as a string. */

import type { WireEntry } from '../protocol.ts';
import { accountState } from './account-state.ts';
import { JavaSet } from './java-sets.ts';
import { javaEquals, JavaList, valuesOf } from './java-lists.ts';
import { LinkedTable } from './key-tables.ts';
import { trapsOf } from './proxy-traps.ts';

type Attributes = Readonly<Record<string, readonly string[]>>;

/** Names in lower case, remembered: the same few hundred names come again for every user. */
const loweredNames = new Map<string, string>();
const MAX_LOWERED_NAMES = 10_000;

function lower(name: string): string {
  const known = loweredNames.get(name);
  if (known !== undefined) return known;
  const lowered = name.toLowerCase();
  if (loweredNames.size < MAX_LOWERED_NAMES) loweredNames.set(name, lowered);
  return lowered;
}

/** The names that a script has asked for, and whether the entry has them; `null` while nobody looks on. */
let reads: Map<string, boolean> | null = null;

/** From now on notes which attributes are read, beginning anew, or stops. */
export function watchReads(on: boolean): void {
  reads = on ? new Map() : null;
}

/** What has been read since {@link watchReads}: attributes that the entry has, and names that it does not have. */
export function readNames(): { read: string[]; absent: string[] } {
  const names = [...(reads ?? [])];
  return {
    read: names.filter(([, found]) => found).map(([name]) => name),
    // `get` and the like are looked for as attributes first.
    absent: names.filter(([name, found]) => !found && !MAP_METHODS.has(name)).map(([name]) => name),
  };
}

/** Attributes that entries come without, because no script names them: taking them for absent would be a wrong answer. */
let withheld: ReadonlySet<string> = new Set();

export function withholdFrom(names: readonly string[]): void {
  withheld = new Set(names);
}

/** What users of a partial batch come with, in lower case. */
let expected: ReadonlySet<string> = new Set();
/** Whether a script has looked at more of a partial user than that. */
let missed = false;

export function expectReads(names: readonly string[]): void {
  expected = new Set(names.map(lower));
}

export function forgetMissed(): void {
  missed = false;
}

export function hasMissed(): boolean {
  return missed;
}

/** One user during one script: what the script writes or sorts is its own and is gone after it. */
class View {
  readonly dn: string;
  readonly attributes: Attributes;
  readonly #partial: boolean;
  #spelled: Map<string, string> | null = null;
  /** Lists that the script was given, and what it wrote, by name in lower case. */
  #own: Map<string, unknown> | null = null;

  constructor([dn, attributes]: WireEntry, partial: boolean) {
    this.#partial = partial;
    this.dn = dn;
    this.attributes = attributes;
  }

  /** The value of an attribute; `undefined` where the entry has none. */
  read(name: string): unknown {
    const value = this.#find(name);
    reads?.set(name, value !== undefined);
    return value;
  }

  #find(name: string): unknown {
    if (this.#own !== null) {
      const own = this.#own.get(lower(name));
      if (own !== undefined) return own;
    }
    const values = this.#values(name);
    if (values === undefined) return this.#workedOut(lower(name));
    if (values.length === 1) return values[0];
    const copy = new JavaList(values);
    this.write(name, copy);
    return copy;
  }

  write(name: string, value: unknown): void {
    this.#own ??= new Map();
    this.#own.set(lower(name), value === undefined ? null : value);
  }

  has(name: string): boolean {
    return this.read(name) !== undefined;
  }

  names(): string[] {
    this.#miss();
    return Object.keys(this.attributes);
  }

  values(): unknown[] {
    return new JavaList(this.names().map((name) => this.read(name)));
  }

  /** Whether a text is all that some attribute holds. */
  isOnlyValue(text: string): boolean {
    const isOne = Object.values(this.attributes).some((values) => values.length === 1 && values[0] === text);
    if (!isOne) this.#miss();
    return isOne;
  }

  #miss(): void {
    if (this.#partial) missed = true;
  }

  /** What the entry has though the directory holds no attribute of the name. */
  #workedOut(name: string): unknown {
    if (DN_NAMES.has(name)) return this.dn;
    if (withheld.has(name)) {
      throw new Error(`${name} is there only for scripts that name it: write entry.memberOfAll`);
    }
    return accountState(name, (other) => this.#values(other)) ?? undefined;
  }

  #values(name: string): readonly string[] | undefined {
    // Own properties only: whatever else an object inherits is no list.
    const exact: unknown = this.attributes[name];
    if (Array.isArray(exact)) return exact as readonly string[];
    if (this.#spelled === null) {
      this.#spelled = new Map();
      for (const key of Object.keys(this.attributes)) this.#spelled.set(lower(key), key);
    }
    const spelled = this.#spelled.get(lower(name));
    if (spelled === undefined && !expected.has(lower(name)) && !MAP_METHODS.has(name)) this.#miss();
    return spelled === undefined ? undefined : this.attributes[spelled];
  }
}

/** Both give the DN on servers that do not hold it as an attribute, so that one script fits them all. */
const DN_NAMES: ReadonlySet<string> = new Set(['dn', 'distinguishedname']);

/** The methods of a Java map and our own `list`, where the entry has no attribute of that name. */
const MAP_METHODS: ReadonlyMap<string, (view: View) => unknown> = new Map<string, (view: View) => unknown>([
  ['get', (view) => (name: unknown) => view.read(String(name)) ?? null],
  ['getOrDefault', (view) => (name: unknown, otherwise: unknown) => view.read(String(name)) ?? otherwise],
  ['list', (view) => (name: unknown) => [...valuesOf(view.read(String(name)))]],
  ['containsKey', (view) => (name: unknown) => view.has(String(name))],
  ['hasOwnProperty', (view) => (name: unknown) => view.has(String(name))],
  ['keySet', (view) => () => new JavaSet(new LinkedTable(), view.names())],
  ['values', (view) => () => view.values()],
  [
    'entrySet',
    (view) => () =>
      new JavaSet(
        new LinkedTable(),
        view.names().map((name) => pairOf(view, name)),
      ),
  ],
  ['forEach', (view) => (action: unknown) => forEach(view, action as (name: string, value: unknown) => void)],
  ['size', (view) => () => view.names().length],
  ['containsValue', (view) => (value: unknown) => view.values().some((one) => javaEquals(one, value))],
  ['put', (view) => (name: unknown, value: unknown) => swap(view, name, value)],
  ['remove', (view) => (name: unknown) => swap(view, name, null)],
  ['isEmpty', (view) => () => view.names().length === 0],
  [
    'toString',
    (view) => () =>
      `{${view
        .names()
        .map((n) => `${n}=${String(view.read(n))}`)
        .join(', ')}}`,
  ],
]);

/** `java.util.Map.Entry` of an attribute. */
function pairOf(view: View, name: string): object {
  const value = view.read(name);
  return { key: name, value, getKey: () => name, getValue: () => value };
}

/** What `Map.put` and `Map.remove` answer: the value before. */
function swap(view: View, name: unknown, value: unknown): unknown {
  const before = view.read(String(name)) ?? null;
  view.write(String(name), value);
  return before;
}

function forEach(view: View, action: (name: string, value: unknown) => void): void {
  for (const name of view.names()) action(name, view.read(name));
}

// What handles a script's view must not be found through it, nor changed by what scripts add to every object.
Object.freeze(View.prototype);
Object.freeze(View);

const TRAPS = trapsOf<View>({
  get(view, key) {
    if (typeof key === 'symbol') return key === Symbol.iterator ? valuesIterator(view) : undefined;
    const value = view.read(key);
    if (value !== undefined) return value;
    return MAP_METHODS.get(key)?.(view) ?? null;
  },
  set(view, key, value) {
    if (typeof key === 'string') view.write(key, value);
    return true;
  },
  deleteProperty(view, key) {
    if (typeof key === 'string') view.write(key, null);
    return true;
  },
  has: (view, key) => typeof key === 'symbol' || view.has(key),
  ownKeys: (view) => view.names(),
  getOwnPropertyDescriptor(view, key) {
    const value = typeof key === 'string' ? view.read(key) : undefined;
    return value === undefined ? undefined : { value, writable: true, enumerable: true, configurable: true };
  },
  defineProperty: () => false,
  getPrototypeOf: () => null,
  setPrototypeOf: () => false,
  isExtensible: () => true,
  preventExtensions: () => false,
});

function valuesIterator(view: View): () => Iterator<unknown> {
  return () => view.values().values();
}

/** The user who is being judged. */
let current: View | null = null;

/** A fresh `entry` for one script. */
export function viewOf(entry: WireEntry, partial: boolean): object {
  current = new View(entry, partial);
  return new Proxy(current, TRAPS);
}

/**
 * What a loop over the elements of `value` goes through: a list of one where `value` is a text and all that some
 * attribute of the user holds, else `value` itself.
 */
export function listed(value: unknown): unknown {
  return typeof value === 'string' && current?.isOnlyValue(value) === true ? new JavaList([value]) : value;
}

/** What `for each` goes through: as {@link listed}, a text that is no attribute's only value by its letters. */
export function eachOf(value: unknown): unknown[] {
  const whole = listed(value);
  if (typeof whole === 'string') return whole.split('');
  return typeof whole === 'number' || typeof whole === 'boolean' ? [] : valuesOf(whole);
}
