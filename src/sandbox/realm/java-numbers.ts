/** `java.lang.Integer`, `Long`, `Double`, `Boolean`, `Character`, `System`, and what numbers and booleans have of them. */

import { NumberFormat } from './java-exceptions.ts';
import type { Method } from './java-lists.ts';
import { toText } from './java-value.ts';

/** A function with members of its own, even such as built-in functions inherit read-only. */
function withMembers(
  made: (value: unknown) => unknown,
  members: object,
  test: (value: unknown) => boolean,
): object {
  Object.defineProperties(made, Object.getOwnPropertyDescriptors(members));
  return Object.defineProperty(made, Symbol.hasInstance, { value: test });
}

export const NUMBER_METHODS: Readonly<Record<string, Method>> = {
  intValue() {
    return Math.trunc(Number(this));
  },
  longValue() {
    return Math.trunc(Number(this));
  },
  doubleValue() {
    return Number(this);
  },
  equals(other) {
    return Number(this) === other;
  },
  compareTo(other) {
    return Math.sign(Number(this) - Number(other));
  },
};

export const BOOLEAN_METHODS: Readonly<Record<string, Method>> = {
  booleanValue() {
    return String(this) === 'true';
  },
  equals(other) {
    return (String(this) === 'true') === other;
  },
};

/** The limits of a type of whole numbers. Beyond 2^53 a JavaScript number is the nearest one that there is. */
interface WholeType {
  readonly min: number;
  readonly max: number;
}

function parseWhole({ min, max }: WholeType, value: unknown, radix: unknown = 10): number {
  const text = toText(value);
  const digits = '0123456789abcdefghijklmnopqrstuvwxyz'.slice(0, Number(radix));
  const isNumber = new RegExp(`^[-+]?[${digits}]+$`, 'i').test(text);
  const number = Number.parseInt(text, Number(radix));
  if (!isNumber || number < min || number > max) throw new NumberFormat(`For input string: "${text}"`);
  return number;
}

/** A class whose instances are numbers; without `new`, which is what `new` is rewritten to, it gives one. */
function wholeClass(type: WholeType, parseName: string): object {
  const parse = (value: unknown, radix?: unknown): number => parseWhole(type, value, radix);
  const valueOf = (value: unknown, radix?: unknown): number =>
    typeof value === 'number' ? Math.trunc(value) : parse(value, radix);
  const members = {
    MIN_VALUE: type.min,
    MAX_VALUE: type.max,
    [parseName]: parse,
    valueOf,
    toString: (value: unknown, radix?: number) => Number(value).toString(radix),
    toHexString: (value: number) => (value < 0 ? value >>> 0 : value).toString(16),
    toBinaryString: (value: number) => (value < 0 ? value >>> 0 : value).toString(2),
    compare: (a: number, b: number) => Math.sign(a - b),
    max: (a: number, b: number) => Math.max(a, b),
    min: (a: number, b: number) => Math.min(a, b),
  };
  const isOne = (value: unknown): boolean =>
    typeof value === 'number' && Number.isInteger(value) && value >= type.min && value <= type.max;
  return withMembers((value) => valueOf(value), members, isOne);
}

function parseDouble(value: unknown): number {
  const text = toText(value).trim();
  if (!/^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?[df]?$/i.test(text)) {
    throw new NumberFormat(`For input string: "${text}"`);
  }
  return Number.parseFloat(text);
}

const parseBoolean = (value: unknown): boolean =>
  value === true || (typeof value === 'string' && value.toLowerCase() === 'true');

const INT: WholeType = { min: -(2 ** 31), max: 2 ** 31 - 1 };
const LONG: WholeType = { min: -(2 ** 63), max: 2 ** 63 };

const doubleOf = (value: unknown): number => (typeof value === 'number' ? value : parseDouble(value));

const DoubleClass = withMembers(
  doubleOf,
  {
    parseDouble,
    valueOf: doubleOf,
    isNaN: (value: unknown) => Number.isNaN(value),
    compare: (a: number, b: number) => Math.sign(a - b),
  },
  (value) => typeof value === 'number',
);

const BooleanClass = withMembers(
  parseBoolean,
  { TRUE: true, FALSE: false, parseBoolean, valueOf: parseBoolean },
  (value) => typeof value === 'boolean',
);

const letter = (value: unknown): string =>
  typeof value === 'number' ? String.fromCodePoint(value) : String(value).charAt(0);

const CharacterClass = {
  isDigit: (value: unknown) => /^\p{Nd}$/u.test(letter(value)),
  isLetter: (value: unknown) => /^\p{L}$/u.test(letter(value)),
  isLetterOrDigit: (value: unknown) => /^[\p{L}\p{Nd}]$/u.test(letter(value)),
  isUpperCase: (value: unknown) => /^\p{Lu}$/u.test(letter(value)),
  isLowerCase: (value: unknown) => /^\p{Ll}$/u.test(letter(value)),
  isWhitespace: (value: unknown) => /^\s$/.test(letter(value)),
  toUpperCase: (value: unknown) => letter(value).toUpperCase(),
  toLowerCase: (value: unknown) => letter(value).toLowerCase(),
  toString: (value: unknown) => letter(value),
};

/** @param print what `System.out.println` writes with */
export function numberClasses(print: (...values: unknown[]) => void): Readonly<Record<string, unknown>> {
  const stream = { println: print, print };
  return {
    'java.lang.Integer': wholeClass(INT, 'parseInt'),
    'java.lang.Long': wholeClass(LONG, 'parseLong'),
    'java.lang.Double': DoubleClass,
    'java.lang.Boolean': BooleanClass,
    'java.lang.Character': CharacterClass,
    'java.lang.Math': Math,
    'java.lang.System': { out: stream, err: stream, currentTimeMillis: () => Date.now() },
  };
}
