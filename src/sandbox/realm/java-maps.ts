/** Java's maps, and how scripts see them: by methods and by the names of their keys. */

import { javaClass, NullPointer, Unsupported } from './java-exceptions.ts';
import { javaEquals } from './java-lists.ts';
import { JavaValues } from './java-list-views.ts';
import { JavaSetView } from './java-sets.ts';
import { toText } from './java-value.ts';
import type { KeyTable } from './key-tables.ts';
import { trapsOf } from './proxy-traps.ts';

/** `java.util.Map.Entry`. */
class MapEntry {
  readonly key: unknown;
  readonly #map: JavaMap;

  constructor(map: JavaMap, key: unknown) {
    this.#map = map;
    this.key = key;
  }
  get value(): unknown {
    return this.#map.get(this.key);
  }
  getKey(): unknown {
    return this.key;
  }
  getValue(): unknown {
    return this.value;
  }
  setValue(value: unknown): unknown {
    return this.#map.put(this.key, value);
  }
  toString(): string {
    return `${toText(this.key)}=${toText(this.value)}`;
  }
}

/** The entries of a map as the keys of a table, as sets want them. */
class EntryTable implements KeyTable {
  readonly #map: JavaMap;
  readonly #table: KeyTable;

  constructor(map: JavaMap, table: KeyTable) {
    this.#map = map;
    this.#table = table;
  }
  get size(): number {
    return this.#table.size;
  }
  has(entry: unknown): boolean {
    if (!(entry instanceof MapEntry) || !this.#table.has(entry.key)) return false;
    const value = this.#map.get(entry.key);
    return value === entry.value || javaEquals(value, entry.value);
  }
  get(entry: unknown): unknown {
    return this.has(entry) ? true : undefined;
  }
  set(): void {
    throw new Unsupported('add');
  }
  delete(entry: unknown): boolean {
    return this.has(entry) && this.#table.delete((entry as MapEntry).key);
  }
  clear(): void {
    this.#table.clear();
  }
  keys(): unknown[] {
    return this.#table.keys().map((key) => new MapEntry(this.#map, key));
  }
}

// Entries are reached through maps only, so nothing else would keep a script from changing what all of them share.
Object.freeze(MapEntry);
Object.freeze(MapEntry.prototype);

/** `java.util.Map`, by its methods. Scripts see it through {@link mapView}. */
export class JavaMap {
  readonly #table: KeyTable;

  constructor(table: KeyTable, content?: unknown) {
    this.#table = table;
    if (content !== undefined && content !== null) this.putAll(content);
  }
  get(key: unknown): unknown {
    return this.#table.get(key) ?? null;
  }
  getOrDefault(key: unknown, otherwise: unknown): unknown {
    return this.#table.has(key) ? this.#table.get(key) : otherwise;
  }
  put(key: unknown, value: unknown): unknown {
    const before = this.get(key);
    this.#table.set(key, value);
    return before;
  }
  putIfAbsent(key: unknown, value: unknown): unknown {
    const before = this.get(key);
    if (before === null) this.#table.set(key, value);
    return before;
  }
  computeIfAbsent(key: unknown, make: (key: unknown) => unknown): unknown {
    if (this.get(key) === null) this.#table.set(key, make(key));
    return this.get(key);
  }
  putAll(other: unknown): void {
    if (other === null || other === undefined) throw new NullPointer();
    const map = other as { keySet?: () => Iterable<unknown>; get(key: unknown): unknown };
    const isMap = typeof map.keySet === 'function';
    const keys: unknown[] = isMap ? [...(map.keySet?.() ?? [])] : Object.keys(other);
    this.#table.prepare?.(keys.length);
    for (const key of keys) {
      this.#table.set(key, isMap ? map.get(key) : (other as Record<string, unknown>)[key as string]);
    }
  }
  remove(key: unknown): unknown {
    const before = this.get(key);
    this.#table.delete(key);
    return before;
  }
  clear(): void {
    this.#table.clear();
  }
  containsKey(key: unknown): boolean {
    return this.#table.has(key);
  }
  containsValue(value: unknown): boolean {
    return this.values().some((one) => javaEquals(one, value));
  }
  size(): number {
    return this.#table.size;
  }
  isEmpty(): boolean {
    return this.#table.size === 0;
  }
  replace(key: unknown, value: unknown): unknown {
    return this.#table.has(key) ? this.put(key, value) : null;
  }
  compute(key: unknown, make: (key: unknown, value: unknown) => unknown): unknown {
    return this.#store(key, make(key, this.get(key)));
  }
  computeIfPresent(key: unknown, make: (key: unknown, value: unknown) => unknown): unknown {
    const before = this.get(key);
    return before === null ? null : this.#store(key, make(key, before));
  }
  merge(key: unknown, value: unknown, join: (before: unknown, value: unknown) => unknown): unknown {
    const before = this.get(key);
    return this.#store(key, before === null ? value : join(before, value));
  }
  #store(key: unknown, value: unknown): unknown {
    if (value === null || value === undefined) this.#table.delete(key);
    else this.#table.set(key, value);
    return value ?? null;
  }
  keySet(): JavaSetView {
    return new JavaSetView(this.#table);
  }
  firstEntry(): unknown {
    return this.isEmpty() ? null : new MapEntry(this, this.firstKey());
  }
  lastEntry(): unknown {
    return this.isEmpty() ? null : new MapEntry(this, this.lastKey());
  }
  firstKey(): unknown {
    return this.keySet().first();
  }
  lastKey(): unknown {
    return this.keySet().last();
  }
  values(): unknown[] {
    const keys = this.#table.keys();
    return new JavaValues(
      keys.map((key) => this.#table.get(key)),
      (at) => {
        this.#table.delete(keys[at]);
        keys.splice(at, 1);
      },
    );
  }
  entrySet(): JavaSetView {
    return new JavaSetView(new EntryTable(this, this.#table));
  }
  forEach(action: (key: unknown, value: unknown) => void): void {
    for (const key of this.#table.keys()) action(key, this.#table.get(key));
  }
  getClass(): object {
    return javaClass('java.util.HashMap');
  }
  toString(): string {
    return `{${this.entrySet().toArray().map(toText).join(', ')}}`;
  }
}

const TRAPS = trapsOf<JavaMap>({
  get(map, key) {
    if (key === Symbol.iterator) return () => map.values().values();
    if (typeof key === 'symbol') return undefined;
    if (key in JavaMap.prototype && key !== 'constructor') {
      const method: unknown = Reflect.get(map, key, map);
      return typeof method === 'function' ? (method.bind(map) as unknown) : method;
    }
    if (key === 'empty' && !map.containsKey(key)) return map.isEmpty();
    if (key === 'class' && !map.containsKey(key)) return map.getClass();
    return map.get(key);
  },
  set(map, key, value) {
    if (typeof key === 'string') map.put(key, value);
    return true;
  },
  deleteProperty(map, key) {
    map.remove(key);
    return true;
  },
  has: (map, key) => key === Symbol.iterator || map.containsKey(key),
  ownKeys: (map) => [...new Set(map.keySet().toArray().map(String))],
  getOwnPropertyDescriptor(map, key) {
    if (!map.containsKey(key)) return undefined;
    return { value: map.get(key), writable: true, enumerable: true, configurable: true };
  },
  defineProperty: () => false,
  setPrototypeOf: () => false,
  isExtensible: () => true,
  preventExtensions: () => false,
});

/** A map whose keys are also properties: `map.key`, `map['key'] = …`, `for (key in map)`; methods come before keys. */
export function mapView(map: JavaMap): JavaMap {
  return new Proxy(map, TRAPS);
}
