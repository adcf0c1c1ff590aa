/** Java's maps, and how scripts see them: by methods and by the names of their keys. */

import { javaClass } from './java-exceptions.ts';
import { javaEquals, JavaList } from './java-lists.ts';
import { JavaSet } from './java-sets.ts';
import { toText } from './java-value.ts';
import { LinkedTable, type KeyTable } from './key-tables.ts';
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
    const map = other as { keySet?: () => Iterable<unknown>; get(key: unknown): unknown };
    if (typeof map.keySet === 'function') for (const key of map.keySet()) this.#table.set(key, map.get(key));
    else for (const [key, value] of Object.entries(other as object)) this.#table.set(key, value);
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
  keySet(): JavaSet {
    return new JavaSet(new LinkedTable(), this.#table.keys());
  }
  firstKey(): unknown {
    return this.keySet().first();
  }
  lastKey(): unknown {
    return this.keySet().last();
  }
  values(): unknown[] {
    return new JavaList(this.#table.keys().map((key) => this.#table.get(key)));
  }
  entrySet(): JavaSet {
    return new JavaSet(
      new LinkedTable(),
      this.#table.keys().map((key) => new MapEntry(this, key)),
    );
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
