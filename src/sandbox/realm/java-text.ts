/** Java's strings: the methods they have beyond those of JavaScript, and `java.lang.String` itself. */

import { javaClass } from './java-exceptions.ts';
import { format } from './java-format.ts';
import { javaRegExp, javaReplace, needText } from './java-regex.ts';
import { toText } from './java-value.ts';
import { compareTexts, elementOf, iteratorOf, valuesOf, type Method } from './java-lists.ts';

/** `java.lang.String.hashCode`. */
export function hashOf(text: string): number {
  let hash = 0;
  for (let i = 0; i < text.length; i += 1) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
  return hash;
}

/**
 * What strings have besides JavaScript's own. Those of a list make an attribute with one value answer as a list of one,
 * except `contains`.
 */
export const STRING_METHODS: Readonly<Record<string, Method>> = {
  equals(other) {
    return String(this) === other;
  },
  equalsIgnoreCase(other) {
    return typeof other === 'string' && String(this).toLowerCase() === other.toLowerCase();
  },
  compareTo(other) {
    return compareTexts(String(this), needText(other));
  },
  compareToIgnoreCase(other) {
    return compareTexts(String(this).toLowerCase(), needText(other).toLowerCase());
  },
  contains(part) {
    return String(this).includes(needText(part));
  },
  contentEquals(other) {
    return String(this) === needText(other);
  },
  isEmpty() {
    return String(this) === '';
  },
  matches(pattern) {
    return javaRegExp(pattern, '', true).test(String(this));
  },
  replaceAll(pattern, replacement) {
    // Java takes the first argument for a regular expression; one of JavaScript's own is taken as it is.
    if (pattern instanceof RegExp) return String(this).replace(pattern, replacement as string);
    return javaReplace(String(this), javaRegExp(pattern, 'g'), replacement);
  },
  replaceFirst(pattern, replacement) {
    return javaReplace(String(this), javaRegExp(pattern, ''), replacement);
  },
  regionMatches(...args) {
    const ignoreCase = args[0] === true;
    const [at, other, from, length] = typeof args[0] === 'boolean' ? args.slice(1) : args;
    const mine = String(this).substr(Number(at), Number(length));
    const theirs = needText(other).substr(Number(from), Number(length));
    return ignoreCase ? mine.toLowerCase() === theirs.toLowerCase() : mine === theirs;
  },
  hashCode() {
    return hashOf(String(this));
  },
  intern() {
    return String(this);
  },
  toCharArray() {
    return String(this).split('');
  },
  getClass() {
    return javaClass('java.lang.String');
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
    return iteratorOf([String(this)]);
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

/** Java's methods where JavaScript has newer ones of the same names, which take `null` for the text "null". */
export const STRICT_STRING_METHODS: Readonly<Record<string, Method>> = {
  startsWith(prefix, from) {
    const wanted = needText(prefix);
    const at = from === undefined ? 0 : Number(from);
    return at >= 0 && String(this).slice(at, at + wanted.length) === wanted;
  },
  endsWith(suffix) {
    const wanted = needText(suffix);
    const text = String(this);
    return text.length >= wanted.length && text.slice(text.length - wanted.length) === wanted;
  },
};

/** `java.lang.String`; called without `new`, which is what `new` is rewritten to, it gives a plain string. */
export function JavaString(...value: unknown[]): unknown {
  const text = value.length === 0 ? '' : Array.isArray(value[0]) ? value[0].join('') : toText(value[0]);
  return new.target === undefined ? text : new String(text);
}
JavaString.valueOf = (value: unknown): string => (Array.isArray(value) ? value.join('') : toText(value));
JavaString.join = (separator: unknown, ...parts: unknown[]): string =>
  (parts.length === 1 ? valuesOf(parts[0]) : parts).map(toText).join(String(separator));
JavaString.format = format;
JavaString.CASE_INSENSITIVE_ORDER = Object.freeze({
  compare: (a: unknown, b: unknown): number => compareTexts(String(a).toLowerCase(), String(b).toLowerCase()),
});
Object.defineProperty(JavaString, Symbol.hasInstance, {
  value: (value: unknown): boolean => typeof value === 'string' || value instanceof String,
});
