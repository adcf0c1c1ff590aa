/** `java.util.regex`, and the regular expressions of Java's string methods, by those of JavaScript. */

import { IllegalState, IndexOutOfBounds, PatternSyntax } from './java-exceptions.ts';

const FLAGS = { CASE_INSENSITIVE: 2, MULTILINE: 8, LITERAL: 16, DOTALL: 32, UNICODE_CASE: 64 } as const;

/** Java's names for sets of ASCII characters. */
const POSIX: Readonly<Record<string, string>> = {
  Lower: 'a-z',
  Upper: 'A-Z',
  ASCII: '\\x00-\\x7f',
  Alpha: 'a-zA-Z',
  Digit: '0-9',
  Alnum: 'a-zA-Z0-9',
  Punct: '!-\\/:-@\\[-`{-~',
  Blank: ' \\t',
  XDigit: '0-9a-fA-F',
  Space: ' \\t\\n\\x0b\\f\\r',
};

/** The same patterns come again for every user. */
const MAX_CACHED = 500;
const cache = new Map<string, RegExp>();

/**
 * The JavaScript form of a Java pattern.
 * @param flags of JavaScript, besides those at the pattern's beginning such as `(?i)`
 * @throws PatternSyntax for what JavaScript has no equivalent of
 */
export function javaRegExp(pattern: unknown, flags: string, whole = false): RegExp {
  const key = `${whole ? 'w' : 'p'}${flags}/${String(pattern)}`;
  const known = cache.get(key);
  if (known !== undefined) {
    known.lastIndex = 0;
    return known;
  }
  const text = String(pattern);
  const leading = /^\(\?([imsu]+)\)/.exec(text);
  const body = translate(leading === null ? text : text.slice(leading[0].length), text);
  const inline = (leading?.[1] ?? '').replace('u', '');
  const all = [...new Set(`${flags}${inline}${/\\p\{/i.test(body) ? 'u' : ''}`)].join('');
  let made: RegExp;
  try {
    made = new RegExp(whole ? `^(?:${body})$` : body, whole ? all.replace('m', '') : all);
  } catch (error) {
    throw new PatternSyntax(`${text}: ${error instanceof Error ? error.message : ''}`);
  }
  if (cache.size < MAX_CACHED) cache.set(key, made);
  return made;
}

/** Goes through a pattern once: quoted parts, named sets and anchors are written anew, the rest is the same. */
function translate(source: string, whole: string): string {
  let out = '';
  let inClass = false;
  for (let i = 0; i < source.length; i += 1) {
    const at = source.charAt(i);
    const next = source.charAt(i + 1);
    if (at === '\\') {
      const [text, used] = translateEscape(source, i, inClass, whole);
      out += text;
      i += used - 1;
      continue;
    }
    const isSecondQuantifier = next === '+' && /[*+?}]/.test(at) && !inClass;
    const isNested = inClass && (at === '[' || (at === '&' && next === '&'));
    const isAtomic = source.startsWith('(?>', i) || /^\(\?[a-zA-Z]*x/.test(source.slice(i, i + 8));
    if (isSecondQuantifier || isNested || (isAtomic && !inClass)) {
      throw new PatternSyntax(`${whole}: possessive, atomic and nested parts are not available`);
    }
    if (at === '[' && !inClass) inClass = true;
    else if (at === ']' && inClass) inClass = false;
    out += at;
  }
  return out;
}

/** The translation of what begins with the backslash at `i`, and how many characters it took. */
function translateEscape(source: string, i: number, inClass: boolean, whole: string): [string, number] {
  const next = source.charAt(i + 1);
  if (next === 'Q') {
    const end = source.indexOf('\\E', i + 2);
    const quoted = source.slice(i + 2, end < 0 ? source.length : end);
    return [escapeRegExp(quoted), quoted.length + (end < 0 ? 2 : 4)];
  }
  if (next === 'A') return ['(?<![^])', 2];
  if (next === 'z') return ['(?![^])', 2];
  if (next === 'Z') return ['(?=\\r?\\n?(?![^]))', 2];
  if (next === 'h') return [inClass ? ' \\t\\xa0' : '[ \\t\\xa0]', 2];
  if (next !== 'p' && next !== 'P') return [source.slice(i, i + 2), 2];
  const named = /^\\[pP](?:\{(\w+)\}|(\w))/.exec(source.slice(i, i + 40));
  if (named === null) throw new PatternSyntax(whole);
  const name = (named[1] ?? named[2] ?? '').replace(/^Is(?=[A-Z][a-z]?$)/, '');
  const posix = Object.hasOwn(POSIX, name) ? POSIX[name] : undefined;
  if (posix === undefined) return [`\\${next}{${name}}`, named[0].length];
  if (inClass && next === 'P') throw new PatternSyntax(`${whole}: \\P{${name}} between [ and ]`);
  return [inClass ? posix : `[${next === 'P' ? '^' : ''}${posix}]`, named[0].length];
}

function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}

/** A Java replacement: `$1` and `${name}` as in JavaScript, a backslash makes the next character plain. */
export function javaReplacement(text: unknown): string {
  return String(text).replace(
    /\\([^])|\$(?:\{(\w+)\}|(\d))|\$/g,
    (all, plain?: string, name?: string, digit?: string) => {
      if (plain !== undefined) return plain === '$' ? '$$' : plain;
      if (name !== undefined) return `$<${name}>`;
      if (digit !== undefined) return digit === '0' ? '$&' : `$${digit}`;
      throw new PatternSyntax(`Illegal group reference ${all}`);
    },
  );
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
  readonly #regExp: RegExp;
  readonly #whole: RegExp;
  readonly #text: string;
  #match: RegExpExecArray | null = null;
  #at = 0;

  constructor(source: string, flags: string, text: unknown) {
    this.#regExp = javaRegExp(source, `${flags}g`);
    this.#whole = javaRegExp(source, flags, true);
    this.#text = String(text);
  }
  matches(): boolean {
    this.#match = this.#whole.exec(this.#text);
    return this.#match !== null;
  }
  lookingAt(): boolean {
    this.#regExp.lastIndex = 0;
    const match = this.#regExp.exec(this.#text);
    this.#match = match?.index === 0 ? match : null;
    return this.#match !== null;
  }
  find(from?: unknown): boolean {
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
    // One more alternative that always matches tells how many groups there are.
    return (new RegExp(`${this.#regExp.source}|`).exec('')?.length ?? 1) - 1;
  }
  start(): number {
    return this.#found().index;
  }
  end(): number {
    const match = this.#found();
    return match.index + match[0].length;
  }
  reset(): this {
    this.#at = 0;
    this.#match = null;
    return this;
  }
  replaceAll(replacement: unknown): string {
    this.#regExp.lastIndex = 0;
    return this.#text.replace(this.#regExp, javaReplacement(replacement));
  }
  replaceFirst(replacement: unknown): string {
    const once = new RegExp(this.#regExp.source, this.#regExp.flags.replace('g', ''));
    return this.#text.replace(once, javaReplacement(replacement));
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
    this.#flags = has(FLAGS.CASE_INSENSITIVE, 'i') + has(FLAGS.MULTILINE, 'm') + has(FLAGS.DOTALL, 's');
    javaRegExp(this.#source, this.#flags);
  }
  static compile(text: unknown, flags: unknown = 0): Pattern {
    return new Pattern(String(text), Number(flags));
  }
  static matches(pattern: unknown, text: unknown): boolean {
    return javaRegExp(pattern, '', true).test(String(text));
  }
  static quote(text: unknown): string {
    return `\\Q${String(text)}\\E`;
  }
  matcher(text: unknown): Matcher {
    return new Matcher(this.#source, this.#flags, text);
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
