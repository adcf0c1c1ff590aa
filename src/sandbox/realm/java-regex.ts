/** `java.util.regex`, and the regular expressions of Java's string methods, by those of JavaScript. */

import {
  IllegalArgument,
  IllegalState,
  IndexOutOfBounds,
  NullPointer,
  PatternSyntax,
} from './java-exceptions.ts';
import { NOT_HERE, translatePattern } from './regex-translation.ts';

const FLAGS = { CASE_INSENSITIVE: 2, MULTILINE: 8, LITERAL: 16, DOTALL: 32, UNICODE_CASE: 64 } as const;

/** The same patterns come again for every user. */
const MAX_CACHED = 500;
const cache = new Map<string, RegExp>();

/**
 * The JavaScript form of a Java pattern.
 * @param flags `g` of JavaScript, and `i m s u` of Java, besides those in the pattern such as `(?i)`
 * @throws PatternSyntax for what JavaScript has no equivalent of, NullPointer
 */
export function javaRegExp(pattern: unknown, flags: string, whole = false): RegExp {
  const text = needText(pattern);
  const key = `${whole ? 'w' : 'p'}${flags}/${text}`;
  const known = cache.get(key);
  if (known !== undefined) {
    known.lastIndex = 0;
    return known;
  }
  const leading = /^\(\?([imsu]+)\)/.exec(text);
  const all = flags + (leading?.[1] ?? '');
  const has = (flag: string): boolean => all.includes(flag);
  // Only with `u` does Java ignore the case of other letters than those of ASCII.
  const isUnicode = has('i') && has('u');
  const modes = { ignoreCase: has('i') && !isUnicode, multiline: has('m'), dotAll: has('s') };
  const body = translatePattern(leading === null ? text : text.slice(leading[0].length), modes);
  let made: RegExp;
  try {
    made = new RegExp(whole ? `^(?:${body})$` : body, `u${isUnicode ? 'i' : ''}${has('g') ? 'g' : ''}`);
  } catch (error) {
    throw new PatternSyntax(`${text}: ${error instanceof Error ? error.message : ''}`);
  }
  if (cache.size < MAX_CACHED) cache.set(key, made);
  return made;
}

/** What a pattern has that Java knows and JavaScript does not, in words; `null` where there is nothing of the kind. */
export function missingPart(pattern: string): string | null {
  try {
    javaRegExp(pattern, '');
  } catch (error) {
    if (error instanceof PatternSyntax && error.message.endsWith(NOT_HERE)) return error.message;
  }
  return null;
}

/** What Java's methods take for a text, `undefined` as its name. @throws NullPointer for `null` */
export function needText(value: unknown): string {
  if (value === null) throw new NullPointer();
  return `${value as string}`;
}

function groupsOf(regExp: RegExp): number {
  // One more alternative that always matches tells how many groups there are.
  return (new RegExp(`${regExp.source}|`, regExp.flags).exec('')?.length ?? 1) - 1;
}

/** What a Java replacement gives for a match: `$1` and `${name}` are groups, a backslash makes the next character plain. */
function expand(replacement: string, match: RegExpExecArray): string {
  return replacement.replace(
    /\\([^]?)|\$(?:\{(\w+)\}|(\d+))?/g,
    (all, plain?: string, name?: string, digits?: string) => {
      if (plain !== undefined && plain !== '') return plain;
      if (name !== undefined && match.groups !== undefined && name in match.groups) {
        return match.groups[name] ?? '';
      }
      if (digits === undefined) throw new IllegalArgument(`Illegal group reference ${all}`);
      // As many digits as there are groups for; the rest is text.
      let length = 1;
      while (length < digits.length && Number(digits.slice(0, length + 1)) < match.length) length += 1;
      const group = Number(digits.slice(0, length));
      if (group >= match.length) throw new IndexOutOfBounds(`No group ${group}`);
      return (match[group] ?? '') + digits.slice(length);
    },
  );
}

/** `String.replaceAll` and `replaceFirst`, by whether the pattern is global. @throws as Java where there is a match */
export function javaReplace(text: string, regExp: RegExp, replacement: unknown): string {
  const by = needText(replacement);
  if (!/[$\\]/.test(by)) return text.replace(regExp, () => by);
  return text.replace(regExp, (...given: unknown[]) => {
    const at = given.findIndex((one) => typeof one === 'number');
    const groups = typeof given.at(-1) === 'object' ? given.at(-1) : undefined;
    const match = Object.assign(given.slice(0, at), { groups });
    return expand(by, match as unknown as RegExpExecArray);
  });
}

/** `Pattern.split` and Java's own `String.split`: no empty texts at the end, none at the beginning for an empty match. */
export function javaSplit(text: string, pattern: unknown, limit = 0): string[] {
  const parts: string[] = [];
  let from = 0;
  for (const match of text.matchAll(javaRegExp(pattern, 'g'))) {
    if (limit > 0 && parts.length === limit - 1) break;
    const isEmpty = match[0] === '';
    if (isEmpty && (match.index === 0 || match.index >= text.length)) continue;
    parts.push(text.slice(from, match.index));
    from = match.index + match[0].length;
  }
  if (parts.length === 0) return [text];
  parts.push(text.slice(from));
  if (limit === 0) while (parts.at(-1) === '') parts.pop();
  return parts;
}

class Matcher {
  readonly #pattern: Pattern;
  readonly #regExp: RegExp;
  readonly #whole: RegExp;
  #text: string;
  /** The one that found {@link #match}. */
  #used: RegExp;
  #match: RegExpExecArray | null = null;
  #at = 0;
  /** Up to where {@link appendReplacement} has come. */
  #appended = 0;

  constructor(pattern: Pattern, source: string, flags: string, text: unknown) {
    this.#pattern = pattern;
    this.#regExp = javaRegExp(source, `${flags}g`);
    this.#whole = javaRegExp(source, flags, true);
    this.#used = this.#regExp;
    this.#text = needText(text);
  }
  matches(): boolean {
    this.#used = this.#whole;
    this.#match = this.#whole.exec(this.#text);
    return this.#match !== null;
  }
  lookingAt(): boolean {
    this.#used = this.#regExp;
    this.#regExp.lastIndex = 0;
    const match = this.#regExp.exec(this.#text);
    this.#match = match?.index === 0 ? match : null;
    return this.#match !== null;
  }
  find(from?: unknown): boolean {
    this.#used = this.#regExp;
    this.#regExp.lastIndex = from === undefined ? this.#at : Number(from);
    this.#match = this.#regExp.exec(this.#text);
    if (this.#match !== null) this.#at = this.#regExp.lastIndex + (this.#match[0] === '' ? 1 : 0);
    return this.#match !== null;
  }
  group(which: unknown = 0): string | null {
    const match = this.#found();
    const value = typeof which === 'string' ? match.groups?.[which] : match[Number(which)];
    if (typeof which === 'number' && which >= match.length) throw new IndexOutOfBounds(`No group ${which}`);
    return value ?? null;
  }
  groupCount(): number {
    return groupsOf(this.#regExp);
  }
  start(group?: unknown): number {
    return group === undefined ? this.#found().index : this.#limitsOf(group)[0];
  }
  end(group?: unknown): number {
    const match = this.#found();
    return group === undefined ? match.index + match[0].length : this.#limitsOf(group)[1];
  }
  #limitsOf(group: unknown): [start: number, end: number] {
    const match = this.#found();
    const again = new RegExp(this.#used.source, `${this.#used.flags.replace('g', '')}dy`);
    again.lastIndex = match.index;
    const { indices } = again.exec(this.#text) ?? {};
    if (Number(group) >= match.length) throw new IndexOutOfBounds(`No group ${String(group)}`);
    return (typeof group === 'string' ? indices?.groups?.[group] : indices?.[Number(group)]) ?? [-1, -1];
  }
  /** What is between the match before and this one, and the replacement of this one. */
  appendReplacement(to: { append(text: string): unknown }, replacement: unknown): this {
    const match = this.#found();
    to.append(this.#text.slice(this.#appended, match.index) + expand(needText(replacement), match));
    this.#appended = match.index + match[0].length;
    return this;
  }
  appendTail<T extends { append(text: string): unknown }>(to: T): T {
    to.append(this.#text.slice(this.#appended));
    return to;
  }
  reset(text?: unknown): this {
    if (text !== undefined) this.#text = needText(text);
    this.#at = 0;
    this.#appended = 0;
    this.#match = null;
    return this;
  }
  replaceAll(replacement: unknown): string {
    this.#regExp.lastIndex = 0;
    return javaReplace(this.#text, this.#regExp, replacement);
  }
  replaceFirst(replacement: unknown): string {
    const once = new RegExp(this.#regExp.source, this.#regExp.flags.replace('g', ''));
    return javaReplace(this.#text, once, replacement);
  }
  pattern(): Pattern {
    return this.#pattern;
  }
  #found(): RegExpExecArray {
    if (this.#match === null) throw new IllegalState('No match found');
    return this.#match;
  }
}

export class Pattern {
  static readonly CASE_INSENSITIVE = FLAGS.CASE_INSENSITIVE;
  static readonly MULTILINE = FLAGS.MULTILINE;
  static readonly LITERAL = FLAGS.LITERAL;
  static readonly DOTALL = FLAGS.DOTALL;
  static readonly UNICODE_CASE = FLAGS.UNICODE_CASE;
  readonly #text: string;
  readonly #source: string;
  readonly #flags: string;

  constructor(text: string, flags: number) {
    this.#text = text;
    this.#source = (flags & FLAGS.LITERAL) === 0 ? text : `\\Q${text}\\E`;
    const has = (flag: number, letter: string): string => ((flags & flag) === 0 ? '' : letter);
    this.#flags =
      has(FLAGS.CASE_INSENSITIVE, 'i') +
      has(FLAGS.MULTILINE, 'm') +
      has(FLAGS.DOTALL, 's') +
      has(FLAGS.UNICODE_CASE, 'u');
    javaRegExp(this.#source, this.#flags);
  }
  static compile(text: unknown, flags: unknown = 0): Pattern {
    return new Pattern(needText(text), Number(flags));
  }
  static matches(pattern: unknown, text: unknown): boolean {
    return javaRegExp(pattern, '', true).test(needText(text));
  }
  static quote(text: unknown): string {
    return `\\Q${String(text)}\\E`;
  }
  matcher(text: unknown): Matcher {
    return new Matcher(this, this.#source, this.#flags, text);
  }
  split(text: unknown, limit?: unknown): string[] {
    return javaSplit(String(text), this.#source, Number(limit ?? 0));
  }
  pattern(): string {
    return this.#text;
  }
  toString(): string {
    return this.#text;
  }
}

export { Matcher };
