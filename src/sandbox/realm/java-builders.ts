/** `java.lang.StringBuilder` and `StringBuffer`, `java.util.StringTokenizer`. */

import { IndexOutOfBounds, NoSuchElement } from './java-exceptions.ts';
import { needText } from './java-regex.ts';
import { toText } from './java-value.ts';

/** More is nobody's text, and memory is limited. */
const MAX_LENGTH = 1_000_000;

/** `java.lang.StringBuilder` and `StringBuffer`. */
export class StringBuilder {
  #text: string;

  constructor(text?: unknown) {
    this.#text = typeof text === 'number' || text === undefined ? '' : needText(text);
  }
  append(value: unknown): this {
    this.#text += toText(value);
    return this;
  }
  insert(at: number, value: unknown): this {
    this.#check(at, this.#text.length);
    this.#text = this.#text.slice(0, at) + toText(value) + this.#text.slice(at);
    return this;
  }
  delete(start: number, end: number): this {
    return this.replace(start, end, '');
  }
  deleteCharAt(at: number): this {
    this.#check(at, this.#text.length - 1);
    return this.replace(at, at + 1, '');
  }
  replace(start: number, end: number, text: unknown): this {
    this.#check(start, Math.min(end, this.#text.length));
    this.#text = this.#text.slice(0, start) + toText(text) + this.#text.slice(Math.max(start, end));
    return this;
  }
  reverse(): this {
    this.#text = [...this.#text].reverse().join('');
    return this;
  }
  setLength(length: number): void {
    this.#check(length, MAX_LENGTH);
    this.#text = this.#text.slice(0, length).padEnd(length, '\0');
  }
  setCharAt(at: number, letter: unknown): void {
    this.#check(at, this.#text.length - 1);
    this.replace(at, at + 1, letter);
  }
  charAt(at: number): string {
    this.#check(at, this.#text.length - 1);
    return this.#text.charAt(at);
  }
  indexOf(part: unknown, from = 0): number {
    return this.#text.indexOf(needText(part), from);
  }
  lastIndexOf(part: unknown, from = Infinity): number {
    return this.#text.lastIndexOf(needText(part), from);
  }
  substring(start: number, end = this.#text.length): string {
    this.#check(start, end);
    this.#check(end, this.#text.length);
    return this.#text.slice(start, end);
  }
  subSequence(start: number, end: number): string {
    return this.substring(start, end);
  }
  #check(at: number, most: number): void {
    if (!(at >= 0 && at <= most)) throw new IndexOutOfBounds(`String index out of range: ${at}`);
  }
  length(): number {
    return this.#text.length;
  }
  toString(): string {
    return this.#text;
  }
}

// `builder.length = 0` calls the setter, as in the original's engine; `builder.length()` stays the method.
const { length } = Object.getOwnPropertyDescriptors(StringBuilder.prototype);
Object.defineProperty(StringBuilder.prototype, 'length', {
  get: () => length.value as unknown,
  set(this: StringBuilder, value: unknown) {
    this.setLength(Number(value));
  },
  configurable: true,
});

/** `java.util.StringTokenizer`. */
export class StringTokenizer {
  readonly #tokens: string[];

  constructor(text: unknown, delimiters: unknown = ' \t\n\r\f') {
    const ends = new Set(needText(delimiters));
    this.#tokens = [''];
    for (const letter of needText(text)) {
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
