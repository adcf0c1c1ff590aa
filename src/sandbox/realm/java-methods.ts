/** Gives strings and arrays the methods of Java's String and List, as the original's engine did. */

type Method = (this: unknown, ...args: unknown[]) => unknown;

/** Defines methods that `for (x in y)` does not see. */
export function defineMethods(target: object, methods: Readonly<Record<string, Method>>): void {
  for (const [name, value] of Object.entries(methods)) {
    Object.defineProperty(target, name, { value, writable: true, enumerable: false, configurable: true });
  }
}

/** A Java regular expression, as far as JavaScript has the same: leading flags such as `(?i)` are understood. */
function javaRegExp(pattern: unknown, flags: string, whole: boolean): RegExp {
  const text = String(pattern);
  const leading = /^\(\?([imsu]+)\)/.exec(text);
  const source = leading === null ? text : text.slice(leading[0].length);
  const inline = leading?.[1]?.replace('u', '') ?? '';
  return new RegExp(whole ? `^(?:${source})$` : source, flags + inline);
}

/** Of one value. Those of a list make an attribute with one value answer as a list of one, except `contains`. */
const STRING_METHODS: Readonly<Record<string, Method>> = {
  equals(other) {
    return String(this) === other;
  },
  equalsIgnoreCase(other) {
    return typeof other === 'string' && String(this).toLowerCase() === other.toLowerCase();
  },
  compareTo(other) {
    return compare(String(this), String(other));
  },
  compareToIgnoreCase(other) {
    return compare(String(this).toLowerCase(), String(other).toLowerCase());
  },
  contains(part) {
    return String(this).includes(String(part));
  },
  isEmpty() {
    return String(this) === '';
  },
  matches(pattern) {
    return javaRegExp(pattern, '', true).test(String(this));
  },
  replaceAll(pattern, replacement) {
    // Java takes the first argument for a regular expression; one of JavaScript's own is taken as it is.
    const search = pattern instanceof RegExp ? pattern : javaRegExp(pattern, 'g', false);
    return String(this).replace(search, String(replacement));
  },
  replaceFirst(pattern, replacement) {
    return String(this).replace(javaRegExp(pattern, '', false), String(replacement));
  },
  size() {
    return 1;
  },
  get(index) {
    return elementOf([String(this)], index);
  },
  toArray() {
    return [String(this)];
  },
  iterator() {
    return javaIterator([String(this)]);
  },
  forEach(action) {
    (action as (value: string, index: number) => void)(String(this), 0);
  },
  some(test) {
    return [String(this)].some(test as (value: string) => boolean);
  },
  every(test) {
    return [String(this)].every(test as (value: string) => boolean);
  },
  filter(test) {
    return [String(this)].filter(test as (value: string) => boolean);
  },
  map(change) {
    return [String(this)].map(change as (value: string) => unknown);
  },
  join() {
    return String(this);
  },
};

const LIST_METHODS: Readonly<Record<string, Method>> = {
  size() {
    return list(this).length;
  },
  isEmpty() {
    return list(this).length === 0;
  },
  get(index) {
    return elementOf(list(this), index);
  },
  contains(value) {
    return list(this).includes(value);
  },
  containsAll(values) {
    return valuesOf(values).every((value) => list(this).includes(value));
  },
  toArray() {
    return list(this).slice();
  },
  iterator() {
    return javaIterator(list(this));
  },
  add(...args) {
    if (args.length > 1) list(this).splice(Number(args[0]), 0, args[1]);
    else list(this).push(args[0]);
    return true;
  },
  addAll(values) {
    for (const value of valuesOf(values)) list(this).push(value);
    return true;
  },
  remove(what) {
    const at = typeof what === 'number' ? what : list(this).indexOf(what);
    const [removed] = at < 0 ? [] : list(this).splice(at, 1);
    return typeof what === 'number' ? removed : at >= 0;
  },
  clear() {
    list(this).length = 0;
  },
};

function list(value: unknown): unknown[] {
  if (!Array.isArray(value)) throw new TypeError('this is a method of lists');
  return value as unknown[];
}

function compare(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

function elementOf(values: readonly unknown[], index: unknown): unknown {
  const at = Number(index);
  if (!Number.isInteger(at) || at < 0 || at >= values.length) {
    throw new RangeError(`index ${String(index)} of a list of ${values.length}`);
  }
  return values[at];
}

/** `java.util.Iterator`: `hasNext()` and `next()`, which gives the value itself. */
export function javaIterator(values: readonly unknown[]): { hasNext(): boolean; next(): unknown } {
  let at = 0;
  return {
    hasNext: () => at < values.length,
    next: () => elementOf(values, at++),
  };
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

/**
 * To be called once, before any script is loaded.
 * @returns the methods, which scripts may replace by their own: nothing here relies on them
 */
export function installJavaMethods(): ReadonlySet<unknown> {
  defineMethods(String.prototype, STRING_METHODS);
  defineMethods(Array.prototype, LIST_METHODS);
  return new Set([...Object.values(STRING_METHODS), ...Object.values(LIST_METHODS)]);
}
