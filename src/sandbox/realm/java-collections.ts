/** Java's classes of collections by name, with `java.util.Arrays` and `java.util.Collections`. */

import { NoSuchElement } from './java-exceptions.ts';
import { JavaSubList } from './java-list-views.ts';
import { javaEquals, JavaFixedList, JavaLinkedList, JavaList, orderOf, valuesOf } from './java-lists.ts';
import { JavaMap, mapView } from './java-maps.ts';
import { JavaSet } from './java-sets.ts';
import { toText } from './java-value.ts';
import { HashTable, LinkedTable, SortedTable, type KeyTable } from './key-tables.ts';

/** What `new` gives for a class that is made by a function; `instanceof` then works with `of`'s prototype. */
function classOf(of: { prototype: object }, make: (...args: unknown[]) => object): unknown {
  const made = function (...args: unknown[]): object {
    return make(...args);
  };
  made.prototype = of.prototype;
  return made;
}

/** `least` is what `HashSet` starts with for a small collection; `HashMap` starts smaller for a small map. */
function hashTable(content: unknown, least: number): HashTable {
  if (typeof content === 'number') return new HashTable(content);
  const size = content instanceof JavaMap ? content.size() : valuesOf(content).length;
  return size === 0 ? new HashTable() : new HashTable(Math.max(least, HashTable.capacityFor(size)));
}

function contentOf(content: unknown): unknown[] {
  return typeof content === 'number' ? [] : valuesOf(content);
}

/** A comparator, as opposed to a collection, among the arguments of `TreeSet` and `TreeMap`. */
function isComparator(value: unknown): boolean {
  return (
    typeof value === 'function' || typeof (value as { compare?: unknown } | null)?.compare === 'function'
  );
}

function sorted<T>(argument: unknown, make: (table: SortedTable, content: unknown) => T): T {
  return isComparator(argument)
    ? make(new SortedTable(argument), undefined)
    : make(new SortedTable(), argument ?? undefined);
}

function mapOf(table: KeyTable, content: unknown): JavaMap {
  return mapView(new JavaMap(table, typeof content === 'number' ? undefined : content));
}

const HashSet = classOf(JavaSet, (content) => new JavaSet(hashTable(content, 16), contentOf(content)));
const HashMap = classOf(JavaMap, (content) => mapOf(hashTable(content, 1), content));

/** A type that has no constructor: only `instanceof` and methods of its own. */
function interfaceOf(test: (value: unknown) => boolean): object {
  return Object.defineProperty({}, Symbol.hasInstance, { value: test });
}

const isCollection = (value: unknown): boolean => Array.isArray(value) || value instanceof JavaSet;

function swapped(values: unknown[], sortedValues: readonly unknown[]): void {
  for (const [i, value] of sortedValues.entries()) values[i] = value;
  if (values instanceof JavaSubList) values.writeBack();
}

function extreme(values: unknown, comparator: unknown, sign: number): unknown {
  const order = orderOf(comparator);
  const all = valuesOf(values);
  if (all.length === 0) throw new NoSuchElement();
  return all.reduce((best, value) => (order(value, best) * sign > 0 ? value : best));
}

const Collections = {
  sort: (values: unknown[], order?: unknown): void => swapped(values, values.slice().sort(orderOf(order))),
  reverse: (values: unknown[]): void => swapped(values, values.slice().reverse()),
  max: (values: unknown, order?: unknown): unknown => extreme(values, order, 1),
  min: (values: unknown, order?: unknown): unknown => extreme(values, order, -1),
  frequency: (values: unknown, wanted: unknown): number =>
    valuesOf(values).filter((value) => javaEquals(value, wanted)).length,
  addAll: (target: { add(value: unknown): unknown }, ...values: unknown[]): boolean =>
    values.filter((value) => target.add(value) === true).length > 0,
  disjoint: (a: unknown, b: unknown): boolean => {
    const others = valuesOf(b);
    return !valuesOf(a).some((value) => others.some((other) => javaEquals(value, other)));
  },
  emptyList: (): unknown[] => new JavaList([]),
  emptySet: (): JavaSet => new JavaSet(new LinkedTable()),
  emptyMap: (): JavaMap => mapView(new JavaMap(new LinkedTable())),
  singletonList: (value: unknown): unknown[] => new JavaList([value]),
  singleton: (value: unknown): JavaSet => new JavaSet(new LinkedTable(), [value]),
  unmodifiableList: (values: unknown): unknown => values,
  unmodifiableSet: (values: unknown): unknown => values,
  unmodifiableMap: (values: unknown): unknown => values,
  reverseOrder: (order?: unknown): object => ({ compare: (a: unknown, b: unknown) => orderOf(order)(b, a) }),
};

const Arrays = {
  asList: (...values: unknown[]): unknown[] =>
    new JavaFixedList(values.length === 1 && Array.isArray(values[0]) ? values[0] : values),
  sort: Collections.sort,
  toString: (values: unknown): string => `[${valuesOf(values).map(toText).join(', ')}]`,
  equals: (a: unknown, b: unknown): boolean => new JavaList(valuesOf(a)).equals(b),
};

export const COLLECTION_CLASSES: Readonly<Record<string, unknown>> = {
  'java.util.ArrayList': classOf(JavaList, (content) => new JavaList(contentOf(content))),
  'java.util.Vector': classOf(JavaList, (content) => new JavaList(contentOf(content))),
  'java.util.LinkedList': classOf(JavaLinkedList, (content) => new JavaLinkedList(contentOf(content))),
  'java.util.HashSet': HashSet,
  'java.util.LinkedHashSet': classOf(
    JavaSet,
    (content) => new JavaSet(new LinkedTable(), contentOf(content)),
  ),
  'java.util.TreeSet': classOf(JavaSet, (argument) =>
    sorted(argument, (table, content) => new JavaSet(table, contentOf(content))),
  ),
  'java.util.HashMap': HashMap,
  'java.util.LinkedHashMap': classOf(JavaMap, (content) => mapOf(new LinkedTable(), content)),
  'java.util.TreeMap': classOf(JavaMap, (argument) => sorted(argument, mapOf)),
  'java.util.Arrays': Arrays,
  'java.util.Collections': Collections,
  'java.util.List': interfaceOf(Array.isArray),
  'java.util.Set': interfaceOf((value) => value instanceof JavaSet),
  'java.util.Map': interfaceOf((value) => value instanceof JavaMap),
  'java.util.Collection': interfaceOf(isCollection),
  'java.util.Comparator': classOf({ prototype: {} }, (methods) => {
    return typeof methods === 'function' ? { compare: methods } : (methods as object);
  }),
};
