/** Java's sets: one class over the tables that make the difference between them. */

import { javaClass, NoSuchElement, Unsupported } from './java-exceptions.ts';
import { addProperties } from './java-properties.ts';
import { isAccepted, iteratorOf, javaEquals, valuesOf } from './java-lists.ts';
import { toText } from './java-value.ts';
import type { KeyTable } from './key-tables.ts';

/** `java.util.Set`. */
export class JavaSet {
  readonly #table: KeyTable;

  constructor(table: KeyTable, values: readonly unknown[] = []) {
    this.#table = table;
    for (const value of values) this.add(value);
  }
  add(value: unknown): boolean {
    if (this.#table.has(value)) return false;
    this.#table.set(value, true);
    return true;
  }
  addAll(values: unknown): boolean {
    return valuesOf(values).filter((value) => this.add(value)).length > 0;
  }
  contains(value: unknown): boolean {
    return this.#table.has(value);
  }
  containsAll(values: unknown): boolean {
    return valuesOf(values).every((value) => this.#table.has(value));
  }
  remove(value: unknown): boolean {
    return this.#table.delete(value);
  }
  removeAll(values: unknown): boolean {
    return valuesOf(values).filter((value) => this.remove(value)).length > 0;
  }
  retainAll(values: unknown): boolean {
    const kept = valuesOf(values);
    return this.removeIf((value: unknown) => !kept.some((one) => javaEquals(one, value)));
  }
  removeIf(test: unknown): boolean {
    return this.toArray().filter((value) => isAccepted(test, value) && this.remove(value)).length > 0;
  }
  clear(): void {
    this.#table.clear();
  }
  size(): number {
    return this.#table.size;
  }
  get length(): number {
    return this.#table.size;
  }
  isEmpty(): boolean {
    return this.#table.size === 0;
  }
  get empty(): boolean {
    return this.isEmpty();
  }
  toArray(): unknown[] {
    return this.#table.keys();
  }
  iterator(): unknown {
    return iteratorOf(this.toArray(), (value) => this.remove(value));
  }
  forEach(action: (value: unknown) => void): void {
    for (const value of this.toArray()) action(value);
  }
  first(): unknown {
    if (this.isEmpty()) throw new NoSuchElement();
    return this.toArray()[0];
  }
  last(): unknown {
    if (this.isEmpty()) throw new NoSuchElement();
    return this.toArray().at(-1);
  }
  equals(other: unknown): boolean {
    return other instanceof JavaSet && other.size() === this.size() && this.containsAll(other.toArray());
  }
  getClass(): object {
    return javaClass('java.util.HashSet');
  }
  toString(): string {
    return `[${this.toArray().map(toText).join(', ')}]`;
  }
  [Symbol.iterator](): Iterator<unknown> {
    return this.toArray().values();
  }
}

addProperties(JavaSet.prototype, ['class']);

/** `Map.keySet()` and `Map.entrySet()`: what is removed from them leaves the map, and nothing can be added. */
export class JavaSetView extends JavaSet {
  override add(): boolean {
    throw new Unsupported('add');
  }
}
