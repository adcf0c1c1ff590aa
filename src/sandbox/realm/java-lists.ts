/** Java's lists: the methods that arrays get, the lists whose text is Java's, and what goes through any collection. */

import { addProperties } from './java-properties.ts';
import { ClassCast, IndexOutOfBounds, javaClass, NoSuchElement, Unsupported } from './java-exceptions.ts';

export type Method = (this: unknown, ...args: unknown[]) => unknown;

/** Orders two values: negative, zero or positive. */
export type Order = (a: unknown, b: unknown) => number;

/** `String.compareTo`: the difference of the first characters that differ, or of the lengths. */
export function compareTexts(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length);
  for (let i = 0; i < shorter; i += 1) {
    const difference = a.charCodeAt(i) - b.charCodeAt(i);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** The order of `Comparable`. */
export function naturalOrder(a: unknown, b: unknown): number {
  if (typeof a === 'string' && typeof b === 'string') return compareTexts(a, b);
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b);
  const comparable = a as { compareTo?: Order } | null;
  if (typeof a === 'object' && typeof comparable?.compareTo === 'function') {
    return Number((comparable.compareTo as (other: unknown) => unknown)(b));
  }
  throw new ClassCast('these values have no common order');
}

/** A comparator as scripts give it: none, a function, or an object with `compare`. */
export function orderOf(comparator: unknown): Order {
  if (comparator === null || comparator === undefined) return naturalOrder;
  // What a comparator answers becomes a whole number, as in the original's engine: a half is 0 there.
  if (typeof comparator === 'function') return (a, b) => Number((comparator as Order)(a, b)) | 0;
  const object = comparator as { compare?: Order };
  if (typeof object.compare !== 'function') throw new ClassCast('this is no comparator');
  return (a, b) => Number(object.compare?.(a, b)) | 0;
}

/**
 * What `for each` goes through: the elements of a list, the values of a map or an object, a single value as a list
 * of one, nothing for `null`.
 */
export function valuesOf(value: unknown): unknown[] {
  if (value === null || value === undefined) return [];
  if (Array.isArray(value)) return value as unknown[];
  if (typeof value !== 'object') return [value];
  if (value instanceof Map) return [...(value as Map<unknown, unknown>).values()];
  if (Symbol.iterator in value) return [...(value as Iterable<unknown>)];
  return Object.values(value);
}

/** `Object.equals` for the values that scripts hold: lists and other Java objects by content, the rest by `===`. */
export function javaEquals(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || a === null || typeof b !== 'object' || b === null) return false;
  const { equals } = a as { equals?: unknown };
  return typeof equals === 'function' && Reflect.apply(equals, a, [b]) === true;
}

/** The position of a value in a list by {@link javaEquals}, -1 for none. */
function indexIn(values: readonly unknown[], wanted: unknown): number {
  const at = values.indexOf(wanted);
  if (at >= 0 || typeof wanted !== 'object' || wanted === null) return at;
  return values.findIndex((value) => javaEquals(value, wanted));
}

export function elementOf(values: readonly unknown[], index: unknown): unknown {
  const at = Number(index);
  if (!Number.isInteger(at) || at < 0 || at >= values.length) {
    throw new IndexOutOfBounds(`index ${String(index)} of a list of ${values.length}`);
  }
  return values[at];
}

/** Where something can be put into a list: also at its end. @throws IndexOutOfBounds */
function positionIn(values: readonly unknown[], index: unknown): number {
  const at = Number(index);
  if (Number.isInteger(at) && at >= 0 && at <= values.length) return at;
  throw new IndexOutOfBounds(`Index: ${String(index)}, Size: ${values.length}`);
}

/** What a `java.util.function.Predicate` answers: whatever a script returns is taken for yes or no. */
export function isAccepted(test: unknown, value: unknown): boolean {
  if (typeof test === 'function') return Boolean((test as (value: unknown) => unknown)(value));
  const object = test as { test?: (value: unknown) => unknown } | null;
  if (typeof object?.test !== 'function') throw new ClassCast('this is no predicate');
  return Boolean(object.test(value));
}

/** `java.util.Iterator`: `hasNext()`, `next()`, which gives the value itself, and `remove()` where the collection can. */
export function iteratorOf(
  values: readonly unknown[],
  remove?: (value: unknown, at: number) => void,
): { hasNext(): boolean; next(): unknown; remove(): void } {
  let at = 0;
  let removed = 0;
  const snapshot = values.slice();
  return {
    hasNext: () => at < snapshot.length,
    next() {
      if (at >= snapshot.length) throw new NoSuchElement();
      at += 1;
      return snapshot[at - 1];
    },
    remove() {
      if (remove === undefined) throw new TypeError('nothing can be removed here');
      remove(snapshot[at - 1], at - 1 - removed);
      removed += 1;
    },
  };
}

/** What arrays have besides JavaScript's own. */
export const LIST_METHODS: Readonly<Record<string, Method>> = {
  size() {
    return list(this).length;
  },
  isEmpty() {
    return list(this).length === 0;
  },
  get(index) {
    return elementOf(list(this), index);
  },
  set(index, value) {
    const before = elementOf(list(this), index);
    list(this)[Number(index)] = value;
    return before;
  },
  contains(value) {
    return indexIn(list(this), value) >= 0;
  },
  containsAll(values) {
    return valuesOf(values).every((value) => indexIn(list(this), value) >= 0);
  },
  toArray() {
    return list(this).slice();
  },
  iterator() {
    return iteratorOf(list(this), (_value, at) => list(this).splice(at, 1));
  },
  add(...args) {
    if (args.length > 1) list(this).splice(positionIn(list(this), args[0]), 0, args[1]);
    else list(this).push(args[0]);
    return true;
  },
  addAll(...args) {
    const at = args.length > 1 ? positionIn(list(this), args[0]) : list(this).length;
    const values = valuesOf(args.at(-1)).slice();
    list(this).splice(at, 0, ...values);
    return values.length > 0;
  },
  remove(what) {
    const at = typeof what === 'number' ? what : indexIn(list(this), what);
    if (typeof what === 'number') elementOf(list(this), what);
    const [removed] = at < 0 ? [] : list(this).splice(at, 1);
    return typeof what === 'number' ? removed : at >= 0;
  },
  removeAll(values) {
    const gone = valuesOf(values).slice();
    return keep(list(this), (value) => indexIn(gone, value) < 0);
  },
  retainAll(values) {
    const kept = valuesOf(values).slice();
    return keep(list(this), (value) => indexIn(kept, value) >= 0);
  },
  removeIf(test) {
    return keep(list(this), (value) => !isAccepted(test, value));
  },
  subList(from, to) {
    const [start, end] = [Number(from), Number(to)];
    if (!(start >= 0 && start <= end && end <= list(this).length)) {
      throw new IndexOutOfBounds(`fromIndex: ${start}, toIndex: ${end}`);
    }
    return subListOf.make(list(this), start, end);
  },
  clear() {
    list(this).length = 0;
  },
};

/** How a part of a list is made; set by the module of that class, which needs this one. */
export const subListOf = {
  make: (values: readonly unknown[], start: number, end: number): unknown[] => values.slice(start, end),
};

function keep(values: unknown[], test: (value: unknown) => boolean): boolean {
  const kept = values.filter(test);
  const changed = kept.length !== values.length;
  values.length = 0;
  for (const value of kept) values.push(value);
  return changed;
}

function list(value: unknown): unknown[] {
  if (!Array.isArray(value)) throw new TypeError('this is a method of lists');
  return value as unknown[];
}

/** `java.util.ArrayList`, and the lists in an entry: an array whose text, order and equality are Java's. */
export class JavaList extends Array<unknown> {
  constructor(values: readonly unknown[]) {
    super(values.length);
    for (let i = 0; i < values.length; i += 1) this[i] = values[i];
  }
  /** `map`, `filter` and the like give plain arrays. */
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }
  override toString(): string {
    const texts: string[] = [];
    for (const value of this)
      texts.push(value === this ? '(this Collection)' : `${(value ?? null) as string}`);
    return `[${texts.join(', ')}]`;
  }
  override sort(order?: unknown): this {
    const sorted = [...this].sort(orderOf(order));
    for (const [i, value] of sorted.entries()) this[i] = value;
    return this;
  }
  equals(other: unknown): boolean {
    return (
      Array.isArray(other) &&
      other.length === this.length &&
      this.every((value, i) => javaEquals(value, (other as unknown[])[i]))
    );
  }
  getClass(): object {
    return javaClass(this instanceof JavaLinkedList ? 'java.util.LinkedList' : 'java.util.ArrayList');
  }
  get empty(): boolean {
    return this.length === 0;
  }
}

addProperties(JavaList.prototype, ['class']);

/** `java.util.Arrays.asList`: its elements can be replaced, their number cannot be changed. */
export class JavaFixedList extends JavaList {}
for (const name of ['add', 'addAll', 'remove', 'removeAll', 'retainAll', 'removeIf', 'clear']) {
  Object.defineProperty(JavaFixedList.prototype, name, {
    value: () => {
      throw new Unsupported(name);
    },
  });
}
Object.defineProperty(JavaFixedList.prototype, 'iterator', {
  value(this: JavaList) {
    return iteratorOf(this);
  },
});

/** `java.util.LinkedList`: also a queue and a stack, whose top is its first element. */
export class JavaLinkedList extends JavaList {
  override push(...values: unknown[]): number {
    return this.unshift(values[0]);
  }
  override pop(): unknown {
    return this.removeFirst();
  }
  addFirst(value: unknown): void {
    this.unshift(value);
  }
  addLast(value: unknown): void {
    this[this.length] = value;
  }
  offer(value: unknown): boolean {
    this[this.length] = value;
    return true;
  }
  add(...args: unknown[]): boolean {
    if (args.length > 1) this.splice(positionIn(this, args[0]), 0, args[1]);
    else this[this.length] = args[0];
    return true;
  }
  peek(): unknown {
    return this[0] ?? null;
  }
  poll(): unknown {
    return this.shift() ?? null;
  }
  getFirst(): unknown {
    return this.#need(0);
  }
  getLast(): unknown {
    return this.#need(this.length - 1);
  }
  removeFirst(): unknown {
    this.#need(0);
    return this.shift();
  }
  removeLast(): unknown {
    const last = this.#need(this.length - 1);
    this.length -= 1;
    return last;
  }
  #need(at: number): unknown {
    if (this.length === 0) throw new NoSuchElement();
    return this[at];
  }
}
addProperties(JavaLinkedList.prototype, ['first', 'last']);
