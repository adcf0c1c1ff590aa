/** Reads filters as administrators write them, strictly by RFC 4515: a filter that means something else than it says selects the wrong people. */

import { RunError } from '../model/errors.ts';
import type { ErrorCode } from '../model/errors.ts';
import type { Filter } from './filter.ts';

/** What is wrong with a filter, and where: `position` counts characters from 1. */
export class FilterSyntaxError extends Error {
  readonly position: number;

  constructor(text: string, index: number, problem: string) {
    super(`${problem} (${place(text, index)})`);
    this.name = 'FilterSyntaxError';
    this.position = index + 1;
  }
}

/** Nesting beyond this is no filter that a person meant. */
const MAX_DEPTH = 100;

/** RFC 4512 1.4: a short name (with the underscore that some servers allow) or a numeric OID; then options. */
const ATTRIBUTE = /(?:[A-Za-z][A-Za-z0-9_-]*|[0-9]+(?:\.[0-9]+)+)(?:;[A-Za-z0-9-]+)*/y;
const MATCHING_RULE = /[A-Za-z][A-Za-z0-9_-]*|[0-9]+(?:\.[0-9]+)+/y;
const HEX_PAIR = /[0-9A-Fa-f]{2}/y;

/**
 * Parses one filter. Beyond RFC 4515 it accepts white space (line breaks too) around the brackets, since filter files
 * are written over several lines; within a value every blank counts.
 * @throws FilterSyntaxError naming the place and what is wrong there
 */
export function parseFilter(text: string): Filter {
  return new FilterParser(text).parse();
}

/**
 * Checks a filter without using it. `source` names where it stands ("ldap.search.filter", a path).
 * @throws RunError with the given code
 */
export function checkFilter(
  text: string,
  code: Extract<ErrorCode, 'FILE_INVALID' | 'CONFIG_INVALID'>,
  source: string,
): void {
  parseFilterOf(text, code, source);
}

/** Like {@link checkFilter}, and returns the filter. */
export function parseFilterOf(
  text: string,
  code: Extract<ErrorCode, 'FILE_INVALID' | 'CONFIG_INVALID'>,
  source: string,
): Filter {
  try {
    return parseFilter(text);
  } catch (error) {
    if (!(error instanceof FilterSyntaxError)) throw error;
    throw new RunError(code, `${source} is not an LDAP filter: ${error.message}`, {
      fix: 'Correct the filter at the named place. RFC 4515 describes the notation: (&(objectClass=person)(mail=*)).',
    });
  }
}

class FilterParser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  parse(): Filter {
    this.#skipBlanks();
    if (this.#at === this.#text.length) this.#fail('the filter is empty');
    const filter = this.#filter(1);
    this.#skipBlanks();
    if (this.#at < this.#text.length) {
      this.#fail(
        this.#peek() === ')'
          ? 'a ")" too many'
          : 'text after the end of the filter: join filters as (&(...)(...))',
      );
    }
    return filter;
  }

  #filter(depth: number): Filter {
    if (depth > MAX_DEPTH) this.#fail(`filters are nested more than ${MAX_DEPTH} deep`);
    if (this.#peek() !== '(') this.#fail('a filter begins with "("');
    const opened = this.#at;
    this.#at++;
    this.#skipBlanks();
    const filter = this.#component(depth);
    if (this.#peek() !== ')') {
      if (this.#at < this.#text.length) this.#fail('")" is missing');
      this.#fail('this "(" is never closed', opened);
    }
    this.#at++;
    return filter;
  }

  #component(depth: number): Filter {
    switch (this.#peek()) {
      case '&':
        return { type: 'AND', parts: this.#list(depth) };
      case '|':
        return { type: 'OR', parts: this.#list(depth) };
      case '!': {
        this.#at++;
        this.#skipBlanks();
        const part = this.#filter(depth + 1);
        this.#skipBlanks();
        if (this.#peek() === '(') this.#fail('"!" takes one filter only: write (!(|(...)(...)))');
        return { type: 'NOT', part };
      }
      case '(':
        return this.#fail('"&", "|", "!" or an attribute belongs here, not another "("');
      default:
        return this.#item();
    }
  }

  /** RFC 4526: the empty list is allowed, (&) is true and (|) is false. */
  #list(depth: number): Filter[] {
    this.#at++;
    const parts: Filter[] = [];
    this.#skipBlanks();
    while (this.#peek() === '(') {
      parts.push(this.#filter(depth + 1));
      this.#skipBlanks();
    }
    return parts;
  }

  #item(): Filter {
    const attribute = this.#match(ATTRIBUTE);
    if (this.#peek() === ':') return this.#extensible(attribute);
    if (attribute === null) return this.#fail('an attribute name belongs here');
    const sign = this.#text.slice(this.#at, this.#at + 2);
    if (sign === '>=' || sign === '<=' || sign === '~=') {
      this.#at += 2;
      const type = sign === '>=' ? 'GREATER_OR_EQUAL' : sign === '<=' ? 'LESS_OR_EQUAL' : 'APPROXIMATE';
      return { type, attribute, value: this.#wholeValue() };
    }
    if (this.#peek() !== '=') this.#fail(`"=", ">=", "<=", "~=" or ":=" belongs after "${attribute}"`);
    this.#at++;
    return this.#equality(attribute);
  }

  #equality(attribute: string): Filter {
    const pieces = [this.#value()];
    while (this.#peek() === '*') {
      this.#at++;
      pieces.push(this.#value());
    }
    const [initial, ...rest] = pieces;
    const final = rest.pop();
    if (initial === undefined) throw new Error('a value has at least one piece');
    if (final === undefined) return { type: 'EQUAL', attribute, value: initial };
    const any = rest.filter((piece) => piece.length > 0);
    if (initial.length === 0 && final.length === 0 && any.length === 0) return { type: 'PRESENT', attribute };
    return {
      type: 'SUBSTRINGS',
      attribute,
      initial: initial.length === 0 ? null : initial,
      any,
      final: final.length === 0 ? null : final,
    };
  }

  /** `attr[:dn][:rule]:=value` or `[:dn]:rule:=value` */
  #extensible(attribute: string | null): Filter {
    let dnAttributes = false;
    let rule: string | null = null;
    while (this.#text.slice(this.#at, this.#at + 2) !== ':=') {
      if (this.#peek() !== ':' || rule !== null) this.#fail('":=" belongs here');
      this.#at++;
      const word = this.#match(MATCHING_RULE);
      if (word === null) return this.#fail('a matching rule or "dn" belongs after ":"');
      if (word.toLowerCase() === 'dn' && !dnAttributes) dnAttributes = true;
      else rule = word;
    }
    if (attribute === null && rule === null)
      this.#fail('a matching rule is needed where no attribute is named');
    this.#at += 2;
    return { type: 'EXTENSIBLE', attribute, rule, dnAttributes, value: this.#wholeValue() };
  }

  #wholeValue(): Buffer {
    const value = this.#value();
    if (this.#peek() === '*')
      this.#fail('"*" stands for any text only after "=": as a character it is written \\2a');
    return value;
  }

  /** Up to the next ")" or "*". Escapes stand for bytes, not characters, so the value is built of bytes. */
  #value(): Buffer {
    const pieces: Buffer[] = [];
    let plainFrom = this.#at;
    const takePlain = (): void => {
      if (this.#at > plainFrom) pieces.push(Buffer.from(this.#text.slice(plainFrom, this.#at)));
    };
    for (;;) {
      const char = this.#peek();
      if (char === ')' || char === '*' || char === '') break;
      if (char === '(') this.#fail('"(" within a value is written \\28');
      if (char === '\0') this.#fail('the character NUL within a value is written \\00');
      // Legal, but never meant: the filter would look for the line break and match nobody.
      if (char === '\n' || char === '\r')
        this.#fail('a line break within a value: close the filter with ")" before it');
      if (char !== '\\') {
        this.#at++;
        continue;
      }
      takePlain();
      this.#at++;
      const pair = this.#match(HEX_PAIR);
      if (pair === null)
        return this.#fail(
          '"\\" is followed by two hexadecimal digits (RFC 4515): \\5c is "\\" itself',
          this.#at - 1,
        );
      pieces.push(Buffer.from(pair, 'hex'));
      plainFrom = this.#at;
    }
    takePlain();
    return Buffer.concat(pieces);
  }

  /** The character at the position; `''` at the end. */
  #peek(): string {
    return this.#text.charAt(this.#at);
  }

  #match(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? null;
    if (found !== null) this.#at += found.length;
    return found;
  }

  #skipBlanks(): void {
    while (' \t\r\n'.includes(this.#peek()) && this.#at < this.#text.length) this.#at++;
  }

  #fail(problem: string, index = this.#at): never {
    throw new FilterSyntaxError(this.#text, index, problem);
  }
}

/** "at character 12, before ..." or, in a filter of several lines, the line too. */
function place(text: string, index: number): string {
  const before = text.slice(0, index).split('\n');
  const column = (before.at(-1)?.length ?? 0) + 1;
  const at = text.trimEnd().includes('\n')
    ? `line ${before.length}, character ${column}`
    : `character ${index + 1}`;
  const rest = text
    .slice(index, index + 20)
    .replace(/\s+/g, ' ')
    .trim();
  return rest === '' ? `${at}, at the end` : `${at}, at "${rest}"`;
}
