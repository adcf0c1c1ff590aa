/** Equivalents of the Java classes that scripts may use: `Java.type('java.util.HashSet')`, `new java.util.HashMap()`. */

import type { JavaClassName } from './java-class-names.ts';
import { javaIterator, valuesOf } from './java-methods.ts';

/** Text of anything, as Java's `String.valueOf`. */
function toText(value: unknown): string {
  return `${(value ?? null) as string | null}`;
}

/** A Java list is an array: arrays have the methods of `java.util.List` here. */
function JavaList(content?: unknown): unknown[] {
  return typeof content === 'number' ? [] : [...valuesOf(content)];
}

/** `java.util.HashSet`. Iterates in the order of insertion, where Java's order is nobody's to know. */
export class JavaSet {
  readonly #values: Set<unknown>;

  constructor(content?: unknown) {
    this.#values = new Set(typeof content === 'number' ? [] : valuesOf(content));
  }
  add(value: unknown): boolean {
    const isNew = !this.#values.has(value);
    this.#values.add(value);
    return isNew;
  }
  addAll(values: unknown): boolean {
    return valuesOf(values).filter((value) => this.add(value)).length > 0;
  }
  contains(value: unknown): boolean {
    return this.#values.has(value);
  }
  containsAll(values: unknown): boolean {
    return valuesOf(values).every((value) => this.#values.has(value));
  }
  remove(value: unknown): boolean {
    return this.#values.delete(value);
  }
  clear(): void {
    this.#values.clear();
  }
  size(): number {
    return this.#values.size;
  }
  isEmpty(): boolean {
    return this.#values.size === 0;
  }
  toArray(): unknown[] {
    return [...this.#values];
  }
  iterator(): unknown {
    return javaIterator([...this.#values]);
  }
  forEach(action: (value: unknown) => void): void {
    for (const value of this.#values) action(value);
  }
  toString(): string {
    return `[${[...this.#values].map(toText).join(', ')}]`;
  }
  [Symbol.iterator](): Iterator<unknown> {
    return this.#values.values();
  }
}

/** `java.util.HashMap`, by its methods; iterates over its values, as `for each` over a map does. */
class JavaMap {
  readonly #entries = new Map<unknown, unknown>();

  constructor(content?: unknown) {
    if (content instanceof JavaMap) this.putAll(content);
  }
  get(key: unknown): unknown {
    return this.#entries.get(key) ?? null;
  }
  getOrDefault(key: unknown, otherwise: unknown): unknown {
    return this.#entries.has(key) ? this.#entries.get(key) : otherwise;
  }
  put(key: unknown, value: unknown): unknown {
    const before = this.get(key);
    this.#entries.set(key, value);
    return before;
  }
  putAll(other: JavaMap): void {
    for (const key of other.keySet()) this.#entries.set(key, other.get(key));
  }
  remove(key: unknown): unknown {
    const before = this.get(key);
    this.#entries.delete(key);
    return before;
  }
  clear(): void {
    this.#entries.clear();
  }
  containsKey(key: unknown): boolean {
    return this.#entries.has(key);
  }
  containsValue(value: unknown): boolean {
    return [...this.#entries.values()].includes(value);
  }
  size(): number {
    return this.#entries.size;
  }
  isEmpty(): boolean {
    return this.#entries.size === 0;
  }
  keySet(): JavaSet {
    return new JavaSet([...this.#entries.keys()]);
  }
  values(): unknown[] {
    return [...this.#entries.values()];
  }
  entrySet(): { getKey(): unknown; getValue(): unknown }[] {
    return [...this.#entries].map(([key, value]) => ({ getKey: () => key, getValue: () => value }));
  }
  toString(): string {
    return `{${[...this.#entries].map(([key, value]) => `${toText(key)}=${toText(value)}`).join(', ')}}`;
  }
  [Symbol.iterator](): Iterator<unknown> {
    return this.#entries.values();
  }
}

class JavaDate extends Date {
  before(other: Date): boolean {
    return this.getTime() < other.getTime();
  }
  after(other: Date): boolean {
    return this.getTime() > other.getTime();
  }
  compareTo(other: Date): number {
    return Math.sign(this.getTime() - other.getTime());
  }
  equals(other: unknown): boolean {
    return other instanceof Date && this.getTime() === other.getTime();
  }
}

/** `new JavaString(x)` gives a string object, as `new` can do no better; scripts use its methods and `valueOf`. */
function JavaString(...value: unknown[]): unknown {
  return new.target === undefined ? toText(value[0]) : new String(toText(value[0]));
}
JavaString.valueOf = toText;
JavaString.join = (separator: unknown, ...parts: unknown[]): string =>
  (parts.length === 1 ? valuesOf(parts[0]) : parts).map(toText).join(String(separator));

const Arrays = {
  asList: (...values: unknown[]): unknown[] =>
    values.length === 1 && Array.isArray(values[0]) ? (values[0] as unknown[]) : values,
};

const JAVA_CLASSES: Readonly<Record<JavaClassName, unknown>> = {
  'java.util.ArrayList': JavaList,
  'java.util.LinkedList': JavaList,
  'java.util.Arrays': Arrays,
  'java.util.HashSet': JavaSet,
  'java.util.LinkedHashSet': JavaSet,
  'java.util.HashMap': JavaMap,
  'java.util.LinkedHashMap': JavaMap,
  'java.util.Date': JavaDate,
  'java.lang.String': JavaString,
};

/** The globals `Java` and `java`. What is not among the classes was refused when the script was read. */
export function javaGlobals(): { Java: object; java: object } {
  const java: Record<string, Record<string, unknown>> = {};
  for (const [name, value] of Object.entries(JAVA_CLASSES)) {
    const [, area = '', simple = ''] = name.split('.');
    (java[area] ??= {})[simple] = value;
  }
  const Java = {
    type(name: unknown): unknown {
      const known = Object.entries(JAVA_CLASSES).find(([key]) => key === name);
      if (known === undefined) throw new TypeError(`Java.type('${String(name)}') cannot be used`);
      return known[1];
    },
    from: (values: unknown): unknown[] => [...valuesOf(values)],
  };
  return { Java, java };
}
