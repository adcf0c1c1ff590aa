/** `entry` as scripts see it: attributes by name in any case, absent ones `null`, one value as a string. */

import type { WireEntry } from '../protocol.ts';
import { JavaSet } from './java-classes.ts';
import { valuesOf } from './java-methods.ts';

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

/** One user during one script: what the script writes or sorts is its own and is gone after it. */
class View {
  readonly dn: string;
  readonly attributes: Attributes;
  #spelled: Map<string, string> | null = null;
  /** Lists that the script was given, and what it wrote, by name in lower case. */
  #own: Map<string, unknown> | null = null;

  constructor([dn, attributes]: WireEntry) {
    this.dn = dn;
    this.attributes = attributes;
  }

  /** The value of an attribute; `undefined` where the entry has none. */
  read(name: string): unknown {
    if (this.#own !== null) {
      const own = this.#own.get(lower(name));
      if (own !== undefined) return own;
    }
    const values = this.#values(name);
    if (values === undefined) return DN_NAMES.has(lower(name)) ? this.dn : undefined;
    if (values.length === 1) return values[0];
    const copy = values.slice();
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
    return Object.keys(this.attributes);
  }

  values(): unknown[] {
    return this.names().map((name) => this.read(name));
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
  ['keySet', (view) => () => new JavaSet(view.names())],
  ['values', (view) => () => view.values()],
  ['size', (view) => () => view.names().length],
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

const HANDLER: ProxyHandler<View> = {
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
  preventExtensions: () => false,
};

function valuesIterator(view: View): () => Iterator<unknown> {
  return () => view.values().values();
}

/** A fresh `entry` for one script. */
export function viewOf(entry: WireEntry): object {
  return new Proxy(new View(entry), HANDLER);
}
