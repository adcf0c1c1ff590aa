/** Writes the regular expressions of Java 8 anew for JavaScript, which reads anchors, classes and case in another way. */

import { PatternSyntax } from './java-exceptions.ts';
import {
  AFTER_BREAK,
  ANCHORS,
  BEFORE_BREAK,
  BEFORE_LAST_BREAK,
  BREAK,
  CHARACTERS,
  complementOf,
  POSIX,
  SETS,
} from './regex-sets.ts';

/** What `(?i)`, `(?m)` and `(?s)` switch, up to the end of the group that they stand in. */
interface Modes {
  readonly ignoreCase: boolean;
  readonly multiline: boolean;
  readonly dotAll: boolean;
}

/** How the message of everything ends that Java has and JavaScript has not. */
export const NOT_HERE = 'not available here';

/**
 * The source of a JavaScript pattern with the flag `u` that means the same.
 * @param modes what is switched on before the pattern begins
 * @throws PatternSyntax for what JavaScript has no equivalent of
 */
export function translatePattern(source: string, modes: Modes): string {
  return new Translation(source, modes).all();
}

class Translation {
  readonly #source: string;
  #modes: Modes;
  #at = 0;

  constructor(source: string, modes: Modes) {
    this.#source = source;
    this.#modes = modes;
  }

  all(): string {
    const outer: Modes[] = [];
    let out = '';
    let isQuantified = false;
    while (this.#at < this.#source.length) {
      const next = this.#peek();
      if (next === '\\') out += this.#escape();
      else if (next === '[') out += this.#class();
      else if (next === '(') {
        outer.push(this.#modes);
        const group = this.#group();
        // Flags alone hold until the group around them ends.
        if (group === null) outer.pop();
        out += group ?? '';
      } else {
        this.#at += next.length;
        if (next === ')') this.#modes = outer.pop() ?? this.#modes;
        const translated = this.#plain(next, isQuantified);
        out += translated;
        isQuantified = /^[*+?}]$/.test(translated);
        continue;
      }
      isQuantified = false;
    }
    return out;
  }

  #peek(): string {
    return String.fromCodePoint(this.#source.codePointAt(this.#at) ?? 0);
  }

  #fail(what: string): never {
    throw new PatternSyntax(`${this.#source}: ${what} ${NOT_HERE}`);
  }

  /** Java would not take it either. */
  #wrong(): never {
    throw new PatternSyntax(this.#source);
  }

  #plain(next: string, wasQuantified: boolean): string {
    const { multiline, dotAll } = this.#modes;
    switch (next) {
      case '.':
        return dotAll ? '[^]' : `[^${BREAK}]`;
      case '^':
        return multiline ? AFTER_BREAK : '(?<![^])';
      case '$':
        return multiline ? BEFORE_BREAK : BEFORE_LAST_BREAK;
      case ']':
        return '\\]';
      case '+':
        return wasQuantified ? this.#fail('possessive quantifiers are') : next;
      case '}':
        return /\{\d+(?:,\d*)?$/.test(this.#source.slice(0, this.#at - 1)) ? next : '\\}';
      default:
        return /^[)*?{|]$/.test(next) ? next : this.#literal(next);
    }
  }

  /** A character for itself; Java ignores the case of ASCII letters only. */
  #literal(letter: string): string {
    const other = this.#modes.ignoreCase ? otherCase(letter) : letter;
    return other === letter ? quoted(letter) : `[${letter}${other}]`;
  }

  /** The beginning of a group; `null` for flags alone. */
  #group(): string | null {
    const rest = this.#source.slice(this.#at, this.#at + 60);
    const begin = /^\((?:\?(?:<[a-zA-Z]\w*>|<?[=!]|:))?(?!\?)/.exec(rest)?.[0];
    if (begin !== undefined) {
      this.#at += begin.length;
      return begin;
    }
    const flags = /^\(\?([a-zA-Z]*)(?:-([a-zA-Z]*))?([:)])/.exec(rest);
    if (flags === null) return this.#fail('atomic groups are');
    const [all, on = '', off = '', end] = flags;
    if (/[^ims]/.test(on + off)) this.#fail(`the flags ${all} are`);
    this.#at += all.length;
    const value = (letter: string, before: boolean): boolean =>
      !off.includes(letter) && (on.includes(letter) || before);
    this.#modes = {
      ignoreCase: value('i', this.#modes.ignoreCase),
      multiline: value('m', this.#modes.multiline),
      dotAll: value('s', this.#modes.dotAll),
    };
    return end === ':' ? '(?:' : null;
  }

  /** What begins with a backslash, outside of a class. */
  #escape(): string {
    const next = this.#source.charAt(this.#at + 1);
    const anchor = Object.hasOwn(ANCHORS, next) ? ANCHORS[next] : undefined;
    if (anchor !== undefined) {
      this.#at += 2;
      return anchor;
    }
    if (next === 'Q') return [...this.#quotation()].map((letter) => this.#literal(letter)).join('');
    const reference = /^\\(?:[1-9]|k<\w+>)/.exec(this.#source.slice(this.#at, this.#at + 40))?.[0];
    if (reference !== undefined) {
      if (this.#modes.ignoreCase) this.#fail('references to groups whatever their case are');
      this.#at += reference.length;
      return reference;
    }
    const set = this.#set();
    if (set !== null) return `[${set}]`;
    return this.#literal(this.#character());
  }

  /** The text between `\Q` and `\E`. */
  #quotation(): string {
    const end = this.#source.indexOf('\\E', this.#at + 2);
    const text = this.#source.slice(this.#at + 2, end < 0 ? this.#source.length : end);
    this.#at = end < 0 ? this.#source.length : end + 2;
    return text;
  }

  /** `\d`, `\p{Lower}` and the like as what stands between brackets; `null` where there is none. */
  #set(): string | null {
    const rest = this.#source.slice(this.#at, this.#at + 40);
    const letter = rest.charAt(1);
    const lower = letter.toLowerCase();
    if (Object.hasOwn(SETS, lower)) {
      this.#at += 2;
      return letter === lower ? (SETS[lower] ?? '') : complementOf(SETS[lower] ?? '');
    }
    if (lower !== 'p') return null;
    const named = /^\\[pP](?:\{(\w+)\}|(\w))/.exec(rest);
    if (named === null) return this.#fail(`${rest.slice(0, 3)} is`);
    this.#at += named[0].length;
    const name = (named[1] ?? named[2] ?? '').replace(/^Is(?=[A-Z][a-z]?$)/, '');
    const posix = Object.hasOwn(POSIX, name) ? POSIX[name] : undefined;
    if (posix === undefined) return `\\${letter}{${name.replace(/^(?:java(?=[A-Z]))/, '')}}`;
    const ranges = this.#modes.ignoreCase && /^(?:Lower|Upper)$/.test(name) ? 'a-zA-Z' : posix;
    return letter === 'p' ? ranges : complementOf(ranges);
  }

  /** The character that an escape means. */
  #character(): string {
    const rest = this.#source.slice(this.#at, this.#at + 12);
    const code =
      /^\\(?:u([\da-fA-F]{4})|x([\da-fA-F]{2})|x\{([\da-fA-F]{1,6})\}|0([0-3]?[0-7]{1,2})|c(.))/.exec(rest);
    if (code !== null) {
      this.#at += code[0].length;
      const [, unit, byte, point, octal, control] = code;
      if (control !== undefined) return String.fromCharCode(control.charCodeAt(0) ^ 64);
      const hex = unit ?? byte ?? point;
      return String.fromCodePoint(hex === undefined ? parseInt(octal ?? '', 8) : parseInt(hex, 16));
    }
    this.#at += 1;
    const next = this.#peek();
    this.#at += next.length;
    if (rest.length < 2) return this.#wrong();
    const named = Object.hasOwn(CHARACTERS, next) ? CHARACTERS[next] : undefined;
    if (named !== undefined) return named;
    return /^[a-zA-Z]$/.test(next) ? this.#fail(`\\${next} is`) : next;
  }

  /** A class, whose first character is itself even if it is the closing bracket. */
  #class(): string {
    const isNegated = this.#source.charAt(this.#at + 1) === '^';
    this.#at += isNegated ? 2 : 1;
    let out = '';
    let before: string | null = null;
    for (let isFirst = true; isFirst || this.#source.charAt(this.#at) !== ']'; isFirst = false) {
      if (this.#at >= this.#source.length) return this.#wrong();
      const next = this.#peek();
      if (next === '[' || this.#source.startsWith('&&', this.#at)) this.#fail('classes within classes are');
      const set = next === '\\' ? this.#set() : null;
      if (set !== null) {
        out += set;
        before = null;
      } else if (this.#source.startsWith('\\Q', this.#at)) {
        for (const letter of this.#quotation()) out += this.#range(letter, letter);
        before = null;
      } else {
        const letter = next === '\\' ? this.#character() : this.#take();
        const isRange = letter === '-' && next === '-' && before !== null && this.#upTo() !== null;
        if (isRange) {
          out += this.#range(before ?? '', this.#rangeEnd());
          before = null;
        } else {
          out += this.#range(letter, letter);
          before = letter;
        }
      }
    }
    this.#at += 1;
    return `[${isNegated ? '^' : ''}${out}]`;
  }

  #take(): string {
    const letter = this.#peek();
    this.#at += letter.length;
    return letter;
  }

  /** What follows the hyphen of a range; `null` where the hyphen is one. */
  #upTo(): string | null {
    const next = this.#source.charAt(this.#at);
    if (next === ']' || next === '[' || next === '') return null;
    return next === '\\' && /[dDwWsShHvVpPQ]/.test(this.#source.charAt(this.#at + 1)) ? null : next;
  }

  #rangeEnd(): string {
    return this.#peek() === '\\' ? this.#character() : this.#take();
  }

  #range(from: string, to: string): string {
    const plain = from === to ? inClass(from) : `${inClass(from)}-${inClass(to)}`;
    if (!this.#modes.ignoreCase) return plain;
    let out = plain;
    for (const [least, most] of ['az', 'AZ']) {
      const low = from > String(least) ? from : String(least);
      const high = to < String(most) ? to : String(most);
      if (low <= high) out += `${otherCase(low)}-${otherCase(high)}`;
    }
    return out;
  }
}

function otherCase(letter: string): string {
  if (letter >= 'a' && letter <= 'z' && letter.length === 1) return letter.toUpperCase();
  return letter >= 'A' && letter <= 'Z' && letter.length === 1 ? letter.toLowerCase() : letter;
}

function quoted(letter: string): string {
  return letter.replace(/[\\^$.*+?()[\]{}|/]/, '\\$&');
}

function inClass(letter: string): string {
  return letter.replace(/[\\\]^-]/, '\\$&');
}
