/** Patterns of `java.text.SimpleDateFormat`: how they show a moment and read one, for texts in English. */

import { IllegalArgument } from './java-exceptions.ts';
import { fieldsIn, momentIn, type TimeZone } from './java-zones.ts';

export const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
export const MONTHS = [
  ...['January', 'February', 'March', 'April', 'May', 'June'],
  ...['July', 'August', 'September', 'October', 'November', 'December'],
];

/** A run of one letter of a pattern. */
interface Field {
  readonly letter: string;
  readonly count: number;
}

/** A field, or text between fields. */
export type Piece = Field | { readonly text: string };

/** What was read of a text, by the letters of the pattern; `zone` in minutes. */
type Found = Record<string, number>;

const MAX_CACHED = 100;
const patterns = new Map<string, readonly Piece[]>();

/** @throws IllegalArgument for letters that are not known here */
export function piecesOf(pattern: string): readonly Piece[] {
  const known = patterns.get(pattern);
  if (known !== undefined) return known;
  const pieces: Piece[] = [];
  for (const [all, quoted, letters] of pattern.matchAll(/'((?:[^']|'')*)'|(([a-zA-Z])\3*)|[^a-zA-Z']+/g)) {
    if (quoted !== undefined) pieces.push({ text: quoted === '' ? "'" : quoted.replaceAll(/''/g, "'") });
    else if (letters === undefined) pieces.push({ text: all });
    else if (/[GyMdDHhkKmsSaEzZX]/.test(all)) pieces.push({ letter: all.charAt(0), count: all.length });
    else throw new IllegalArgument(`SimpleDateFormat knows no ${all} here`);
  }
  if (patterns.size < MAX_CACHED) patterns.set(pattern, pieces);
  return pieces;
}

function dayOfYear(date: Date): number {
  return Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / 86_400_000) + 1;
}

/** The letters that are numbers: what they show of a date's UTC fields. */
const NUMBERS: Readonly<Record<string, (date: Date) => number>> = {
  y: (date) => date.getUTCFullYear(),
  M: (date) => date.getUTCMonth() + 1,
  d: (date) => date.getUTCDate(),
  D: dayOfYear,
  H: (date) => date.getUTCHours(),
  k: (date) => date.getUTCHours() || 24,
  h: (date) => date.getUTCHours() % 12 || 12,
  K: (date) => date.getUTCHours() % 12,
  m: (date) => date.getUTCMinutes(),
  s: (date) => date.getUTCSeconds(),
  S: (date) => date.getUTCMilliseconds(),
};

export function textOf(pieces: readonly Piece[], ms: number, zone: TimeZone): string {
  const fields = fieldsIn(zone, ms);
  const offset = zone.getOffset(ms) / 60_000;
  return pieces.map((piece) => ('text' in piece ? piece.text : show(piece, fields, offset))).join('');
}

function show({ letter, count }: Field, date: Date, offset: number): string {
  const number = NUMBERS[letter]?.(date);
  if (letter === 'M' && count > 2) return shortened(MONTHS[date.getUTCMonth()], count);
  if (letter === 'y' && count === 2) return String(Number(number) % 100).padStart(2, '0');
  if (number !== undefined) return String(number).padStart(count, '0');
  if (letter === 'E') return shortened(DAYS[date.getUTCDay()], count);
  if (letter === 'a') return date.getUTCHours() < 12 ? 'AM' : 'PM';
  if (letter === 'G') return 'AD';
  if (letter === 'z') return offset === 0 ? 'UTC' : `GMT${zoneText(offset, ':')}`;
  if (letter === 'X' && offset === 0) return 'Z';
  return letter === 'X' && count === 1
    ? zoneText(offset, '').slice(0, 3)
    : zoneText(offset, count === 3 ? ':' : '');
}

function shortened(name = '', count: number): string {
  return count > 3 ? name : name.slice(0, 3);
}

function zoneText(offset: number, colon: string): string {
  const minutes = Math.abs(offset);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${offset < 0 ? '-' : '+'}${two(Math.trunc(minutes / 60))}${colon}${two(minutes % 60)}`;
}

/**
 * The moment that a text means, in milliseconds since 1970.
 * @param lenient whether February 30 is March 2, as it is unless `setLenient(false)` was called
 * @returns `null` where the text does not follow the pattern
 */
export function momentOf(
  pieces: readonly Piece[],
  source: string,
  zone: TimeZone,
  lenient: boolean,
): number | null {
  const found: Found = {};
  let at = 0;
  for (const [i, piece] of pieces.entries()) {
    const next = pieces[i + 1];
    const isNumber = next !== undefined && 'letter' in next && next.letter in NUMBERS;
    const used = 'text' in piece ? skip(source, at, piece.text) : read(piece, source, at, isNumber, found);
    if (used < 0) return null;
    at += used;
  }
  return momentOfFields(found, zone, lenient);
}

function skip(source: string, at: number, text: string): number {
  return source.startsWith(text, at) ? text.length : -1;
}

/** Reads one field into `found`; how many characters it took, -1 where it is not there. */
function read(field: Field, source: string, at: number, beforeNumber: boolean, found: Found): number {
  const { letter, count } = field;
  const rest = source.slice(at, at + 40);
  if (letter === 'M' && count > 2) return readName(MONTHS, rest, (i) => (found['M'] = i + 1));
  if (letter === 'E') return readName(DAYS, rest, (i) => (found['E'] = i));
  if (letter === 'a') return readName(['AM', 'PM'], rest, (i) => (found['a'] = i));
  if (letter === 'G') return 2;
  if (letter === 'X') return readIsoZone(count, rest, found);
  if (letter === 'z' || letter === 'Z') return readZone(rest, found);
  // Numbers that touch have the width of their letters; others go as far as there are digits.
  const digits = /^\s*-?\d+/.exec(beforeNumber ? rest.slice(0, count) : rest)?.[0];
  if (digits === undefined) return -1;
  const value = Number(digits);
  found[letter] = letter === 'y' && count <= 2 && digits.length === 2 ? fullYear(value) : value;
  return digits.length;
}

/** `Z`, or hours with as many minutes and colons as the pattern has letters: `+01`, `+0100`, `+01:00`. */
function readIsoZone(count: number, rest: string, found: Found): number {
  const form = count === 3 ? /^(?:([-+])(\d\d):(\d\d)|Z)/ : /^(?:([-+])(\d\d)(\d\d)|Z)/;
  const match = form.exec(rest) ?? (count === 1 ? /^([-+])(\d\d)/.exec(rest) : null);
  return takeZone(match, found);
}

/** `+0100`, `GMT+1:00`, or one of the usual abbreviations; `Z` alone is none of them. */
function readZone(rest: string, found: Found): number {
  const match = /^([-+])(\d\d)(\d\d)/.exec(rest) ?? /^GMT([-+])(\d\d?):(\d\d)/.exec(rest);
  if (match !== null) return takeZone(match, found);
  const name = /^[A-Z]{3,4}/.exec(rest)?.[0] ?? '';
  for (const one of [name, name.slice(0, 3)]) {
    if (!Object.hasOwn(ZONE_HOURS, one)) continue;
    found['zone'] = (ZONE_HOURS[one] ?? 0) * 60;
    return one.length;
  }
  return -1;
}

const ZONE_HOURS: Readonly<Record<string, number>> = {
  ...{ GMT: 0, UTC: 0, WET: 0, WEST: 1, BST: 1, CET: 1, CEST: 2, EET: 2, EEST: 3, MSK: 3, JST: 9 },
  ...{ EST: -5, EDT: -4, CST: -6, CDT: -5, MST: -7, MDT: -6, PST: -8, PDT: -7 },
};

function takeZone(match: RegExpExecArray | null, found: Found): number {
  if (match === null) return -1;
  found['zone'] = (match[1] === '-' ? -1 : 1) * (Number(match[2] ?? 0) * 60 + Number(match[3] ?? 0));
  return match[0].length;
}

/** Two digits mean the year within 80 years before and 20 years after now. */
function fullYear(value: number): number {
  const last = new Date().getUTCFullYear() + 20;
  const year = last - (last % 100) + value;
  return year > last ? year - 100 : year;
}

function readName(names: readonly string[], rest: string, take: (index: number) => void): number {
  const lower = rest.toLowerCase();
  for (const [i, name] of names.entries()) {
    const whole = name.toLowerCase();
    const fit = [whole, whole.slice(0, 3)].find((text) => lower.startsWith(text));
    if (fit === undefined) continue;
    take(i);
    return fit.length;
  }
  return -1;
}

/** The least and the greatest value of a field, where dates are not lenient. */
const LIMITS: Readonly<Record<string, readonly [number, number]>> = {
  ...{ y: [1, 1e9], M: [1, 12], d: [1, 31], D: [1, 366], H: [0, 23], k: [1, 24], h: [1, 12], K: [0, 11] },
  ...{ m: [0, 59], s: [0, 59], S: [0, 999] },
};

function momentOfFields(found: Readonly<Found>, zone: TimeZone, lenient: boolean): number | null {
  const { y = 1970, M = 1, D, a = 0, h, K, k, m, s, S } = found;
  const d = found['d'] ?? 1;
  const half = h === 12 ? 0 : (h ?? K);
  const hours = found['H'] ?? (half === undefined ? (k === 24 ? 0 : (k ?? 0)) : half + 12 * a);
  const shifted = new Date(0);
  shifted.setUTCFullYear(y, D === undefined ? M - 1 : 0, D ?? d);
  if (!lenient) {
    const isOutside = Object.entries(LIMITS).some(
      ([letter, [least, most]]) => Number(found[letter] ?? least) < least || Number(found[letter]) > most,
    );
    const isRolled = D === undefined ? shifted.getUTCDate() !== d : shifted.getUTCFullYear() !== y;
    const isOtherDay = found['E'] !== undefined && found['E'] !== shifted.getUTCDay();
    if (isOutside || isRolled || isOtherDay) return null;
  }
  shifted.setUTCHours(hours, m ?? 0, s ?? 0, S ?? 0);
  return found['zone'] === undefined
    ? momentIn(zone, shifted.getTime())
    : shifted.getTime() - found['zone'] * 60_000;
}
