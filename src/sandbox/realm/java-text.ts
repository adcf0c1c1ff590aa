/** Java's strings: the methods they have beyond those of JavaScript, `java.lang.String` itself, builders, tokenizers. */

import { javaClass, IndexOutOfBounds, NoSuchElement } from './java-exceptions.ts';
import { javaRegExp, javaReplacement } from './java-regex.ts';
import { compareTexts, elementOf, iteratorOf, valuesOf, type Method } from './java-lists.ts';

/** Text of anything, as Java's `String.valueOf`. */
export function toText(value: unknown): string {
  return `${(value ?? null) as string | null}`;
}

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
    return compareTexts(String(this), String(other));
  },
  compareToIgnoreCase(other) {
    return compareTexts(String(this).toLowerCase(), String(other).toLowerCase());
  },
  contains(part) {
    return String(this).includes(String(part));
  },
  contentEquals(other) {
    return String(this) === String(other);
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
    return String(this).replace(javaRegExp(pattern, 'g'), javaReplacement(replacement));
  },
  replaceFirst(pattern, replacement) {
    return String(this).replace(javaRegExp(pattern, ''), javaReplacement(replacement));
  },
  regionMatches(...args) {
    const ignoreCase = args[0] === true;
    const [at, other, from, length] = typeof args[0] === 'boolean' ? args.slice(1) : args;
    const mine = String(this).substr(Number(at), Number(length));
    const theirs = String(other).substr(Number(from), Number(length));
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

/** `String.format`: `%s %d %x %c %b %n %%` with width, zeros and precision. */
function format(pattern: unknown, ...values: unknown[]): string {
  let at = 0;
  return String(pattern).replace(
    /%(?:(\d+)\$)?([-0,+ ]*)(\d*)(?:\.(\d+))?([a-zA-Z%])/g,
    (
      _all,
      index: string | undefined,
      flags: string,
      width: string,
      precision: string | undefined,
      kind: string,
    ) => {
      if (kind === '%') return '%';
      if (kind === 'n') return '\n';
      const value = index === undefined ? values[at++] : values[Number(index) - 1];
      const text = formatOne(value, kind, precision);
      const size = Math.min(Number(width), 1_000);
      if (flags.includes('-')) return text.padEnd(size);
      return text.padStart(size, flags.includes('0') ? '0' : ' ');
    },
  );
}

function formatOne(value: unknown, kind: string, precision: string | undefined): string {
  switch (kind) {
    case 'd':
      return String(Math.trunc(Number(value)));
    case 'x':
      return Math.trunc(Number(value)).toString(16);
    case 'f':
      return Number(value).toFixed(Math.min(Number(precision ?? 6), 20));
    case 'S':
      return toText(value).toUpperCase();
    case 's':
    case 'c':
    case 'b':
      return precision === undefined ? toText(value) : toText(value).slice(0, Number(precision));
    default:
      throw new TypeError(`String.format knows no %${kind} here`);
  }
}

/** `java.lang.StringBuilder` and `StringBuffer`. */
export class StringBuilder {
  #text: string;

  constructor(text?: unknown) {
    this.#text = typeof text === 'number' || text === undefined ? '' : toText(text);
  }
  append(value: unknown): this {
    this.#text += toText(value);
    return this;
  }
  insert(at: number, value: unknown): this {
    this.#text = this.#text.slice(0, at) + toText(value) + this.#text.slice(at);
    return this;
  }
  delete(start: number, end: number): this {
    return this.replace(start, end, '');
  }
  deleteCharAt(at: number): this {
    if (at < 0 || at >= this.#text.length) throw new IndexOutOfBounds(`index ${at}`);
    return this.replace(at, at + 1, '');
  }
  replace(start: number, end: number, text: unknown): this {
    this.#text = this.#text.slice(0, start) + toText(text) + this.#text.slice(Math.max(start, end));
    return this;
  }
  reverse(): this {
    this.#text = [...this.#text].reverse().join('');
    return this;
  }
  setLength(length: number): void {
    this.#text = this.#text.slice(0, length);
  }
  setCharAt(at: number, letter: unknown): void {
    this.replace(at, at + 1, letter);
  }
  charAt(at: number): string {
    return this.#text.charAt(at);
  }
  indexOf(part: unknown): number {
    return this.#text.indexOf(String(part));
  }
  lastIndexOf(part: unknown): number {
    return this.#text.lastIndexOf(String(part));
  }
  substring(start: number, end?: number): string {
    return this.#text.substring(start, end);
  }
  length(): number {
    return this.#text.length;
  }
  toString(): string {
    return this.#text;
  }
}

/** `java.util.StringTokenizer`. */
export class StringTokenizer {
  readonly #tokens: string[];

  constructor(text: unknown, delimiters: unknown = ' \t\n\r\f') {
    const ends = new Set(String(delimiters));
    this.#tokens = [''];
    for (const letter of String(text)) {
      if (ends.has(letter)) this.#tokens.push('');
      else this.#tokens[this.#tokens.length - 1] += letter;
    }
    this.#tokens = this.#tokens.filter((token) => token !== '');
  }
  hasMoreTokens(): boolean {
    return this.#tokens.length > 0;
  }
  hasMoreElements(): boolean {
    return this.hasMoreTokens();
  }
  nextToken(): string {
    const token = this.#tokens.shift();
    if (token === undefined) throw new NoSuchElement();
    return token;
  }
  nextElement(): string {
    return this.nextToken();
  }
  countTokens(): number {
    return this.#tokens.length;
  }
}
