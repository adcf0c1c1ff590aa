/** Keys with values in the orders of Java's maps: by hash as in `HashMap`, by insertion, or sorted. */

import { orderOf, type Order } from './java-lists.ts';
import { hashOf } from './java-text.ts';

export interface KeyTable {
  readonly size: number;
  has(key: unknown): boolean;
  get(key: unknown): unknown;
  set(key: unknown, value: unknown): void;
  delete(key: unknown): boolean;
  clear(): void;
  /** To be called before so many keys are copied from another map. */
  prepare?(count: number): void;
  /** In the order in which Java would go through them. */
  keys(): unknown[];
}

const FIRST_CAPACITY = 16;
const LOAD = 0.75;

/** In the order of insertion. */
export class LinkedTable implements KeyTable {
  readonly #entries = new Map<unknown, unknown>();

  get size(): number {
    return this.#entries.size;
  }
  has(key: unknown): boolean {
    return this.#entries.has(key);
  }
  get(key: unknown): unknown {
    return this.#entries.get(key);
  }
  set(key: unknown, value: unknown): void {
    this.#entries.set(key, value);
  }
  delete(key: unknown): boolean {
    return this.#entries.delete(key);
  }
  clear(): void {
    this.#entries.clear();
  }
  keys(): unknown[] {
    return [...this.#entries.keys()];
  }
}

/**
 * In the order of Java 8's `HashMap`, which scripts that take the first of a set depend on: by the bucket of the hash,
 * within a bucket by insertion. (A bucket of more than eight keys, which Java turns into a tree, may differ.)
 */
export class HashTable extends LinkedTable {
  #capacity = FIRST_CAPACITY;
  /** Nothing was put in yet, and no capacity was asked for: the first map that is copied sets it. */
  readonly #isOpen: boolean;
  #isUsed = false;

  /** @param wanted the capacity that Java's constructor starts with, before it is rounded up to a power of two */
  constructor(wanted?: number) {
    super();
    this.#isOpen = wanted === undefined;
    if (wanted !== undefined) this.#capacity = roundedUp(wanted);
  }
  prepare(count: number): void {
    if (count === 0) return;
    if (this.#isUsed) {
      if (count > this.#capacity * LOAD) this.#capacity *= 2;
      return;
    }
    const wanted = roundedUp(HashTable.capacityFor(count));
    this.#capacity = this.#isOpen ? wanted : Math.max(this.#capacity, wanted);
  }
  /** The capacity that Java chooses for so many elements that are copied. */
  static capacityFor(size: number): number {
    return Math.floor(size / LOAD + 1);
  }
  override set(key: unknown, value: unknown): void {
    this.#isUsed = true;
    super.set(key, value);
    while (this.size > this.#capacity * LOAD) this.#capacity *= 2;
  }
  override keys(): unknown[] {
    const buckets = super.keys().map((key) => ({ key, bucket: this.#bucketOf(key) }));
    return buckets.sort((a, b) => a.bucket - b.bucket).map(({ key }) => key);
  }
  #bucketOf(key: unknown): number {
    const hash = javaHash(key);
    return (hash ^ (hash >>> 16)) & (this.#capacity - 1);
  }
}

function roundedUp(wanted: number): number {
  return 2 ** Math.ceil(Math.log2(Math.min(Math.max(1, wanted), 2 ** 30)));
}

/** Objects have the hash 0, which keeps them in the order of insertion: in Java it is by chance. */
function javaHash(key: unknown): number {
  switch (typeof key) {
    case 'string':
      return hashOf(key);
    case 'number':
      return Number.isInteger(key) ? key | 0 : 0;
    case 'boolean':
      return key ? 1231 : 1237;
    default:
      return 0;
  }
}

/** Sorted by a comparator, which also says which keys are the same. */
export class SortedTable implements KeyTable {
  readonly #order: Order;
  #keys: unknown[] = [];
  #values: unknown[] = [];

  constructor(comparator?: unknown) {
    this.#order = orderOf(comparator);
  }
  get size(): number {
    return this.#keys.length;
  }
  has(key: unknown): boolean {
    return this.#find(key).found;
  }
  get(key: unknown): unknown {
    const { at, found } = this.#find(key);
    return found ? this.#values[at] : undefined;
  }
  set(key: unknown, value: unknown): void {
    const { at, found } = this.#find(key);
    if (found) this.#values[at] = value;
    else {
      this.#keys.splice(at, 0, key);
      this.#values.splice(at, 0, value);
    }
  }
  delete(key: unknown): boolean {
    const { at, found } = this.#find(key);
    if (!found) return false;
    this.#keys.splice(at, 1);
    this.#values.splice(at, 1);
    return true;
  }
  clear(): void {
    this.#keys = [];
    this.#values = [];
  }
  keys(): unknown[] {
    return this.#keys.slice();
  }
  #find(key: unknown): { at: number; found: boolean } {
    let low = 0;
    let high = this.#keys.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const order = this.#order(this.#keys[middle], key);
      if (order === 0) return { at: middle, found: true };
      if (order < 0) low = middle + 1;
      else high = middle;
    }
    return { at: low, found: false };
  }
}
