/** `java.util.Date` and `java.text.SimpleDateFormat`, for texts in English. */

import { ParseException } from './java-exceptions.ts';
import { fieldsIn, momentIn, TimeZone } from './java-zones.ts';

export const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
export const MONTHS = [
  ...['January', 'February', 'March', 'April', 'May', 'June'],
  ...['July', 'August', 'September', 'October', 'November', 'December'],
];

export class JavaDate extends Date {
  before(other: Date): boolean {
    return this.getTime() < other.getTime();
  }
  after(other: Date): boolean {
    return this.getTime() > other.getTime();
  }
  compareTo(other: Date): number {
    return Math.sign(this.getTime() - other.getTime());
  }
  equals(other: unknown): boolean {
    return other instanceof Date && this.getTime() === other.getTime();
  }
  get time(): number {
    return this.getTime();
  }
  override toString(): string {
    return new SimpleDateFormat('EEE MMM dd HH:mm:ss z yyyy').format(this);
  }
}

/** A run of one letter of a pattern, or text between them. */
type Piece = { readonly letter: string; readonly count: number } | { readonly text: string };

const MAX_CACHED = 100;
const patterns = new Map<string, readonly Piece[]>();

function piecesOf(pattern: string): readonly Piece[] {
  const known = patterns.get(pattern);
  if (known !== undefined) return known;
  const pieces: Piece[] = [];
  for (const [all, quoted, letters] of pattern.matchAll(/'((?:[^']|'')*)'|(([a-zA-Z])\3*)|[^a-zA-Z']+/g)) {
    if (quoted !== undefined) pieces.push({ text: quoted === '' ? "'" : quoted.replaceAll(/''/g, "'") });
    else if (letters === undefined) pieces.push({ text: all });
    else if (/[GyMdHhkKmsSaEzZX]/.test(all)) pieces.push({ letter: all.charAt(0), count: all.length });
    else throw new TypeError(`SimpleDateFormat knows no ${all} here`);
  }
  if (patterns.size < MAX_CACHED) patterns.set(pattern, pieces);
  return pieces;
}

/** The letters that are numbers: what they show of a date's UTC fields. */
const NUMBERS: Readonly<Record<string, (date: Date) => number>> = {
  y: (date) => date.getUTCFullYear(),
  M: (date) => date.getUTCMonth() + 1,
  d: (date) => date.getUTCDate(),
  H: (date) => date.getUTCHours(),
  k: (date) => date.getUTCHours() || 24,
  h: (date) => date.getUTCHours() % 12 || 12,
  K: (date) => date.getUTCHours() % 12,
  m: (date) => date.getUTCMinutes(),
  s: (date) => date.getUTCSeconds(),
  S: (date) => date.getUTCMilliseconds(),
};

export class SimpleDateFormat {
  readonly #pieces: readonly Piece[];
  #zone = TimeZone.getDefault();

  constructor(pattern: unknown, _locale?: unknown) {
    this.#pieces = piecesOf(String(pattern));
  }
  setTimeZone(zone: TimeZone): void {
    this.#zone = zone;
  }
  setLenient(_lenient: boolean): void {}
  format(date: Date | number): string {
    const ms = Number(date);
    const fields = fieldsIn(this.#zone, ms);
    const offset = this.#zone.getOffset(ms) / 60_000;
    return this.#pieces.map((piece) => ('text' in piece ? piece.text : show(piece, fields, offset))).join('');
  }
  /** @throws ParseException */
  parse(text: unknown): JavaDate {
    const source = String(text);
    const found: Record<string, number> = {};
    let at = 0;
    this.#pieces.forEach((piece, i) => {
      const next = this.#pieces[i + 1];
      const isNumber = next !== undefined && 'letter' in next && next.letter in NUMBERS;
      const used = 'text' in piece ? skip(source, at, piece.text) : read(piece, source, at, isNumber, found);
      if (used < 0) throw new ParseException(`Unparseable date: "${source}"`);
      at += used;
    });
    return new JavaDate(momentOf(found, this.#zone));
  }
}

function show({ letter, count }: { letter: string; count: number }, date: Date, offset: number): string {
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

function skip(source: string, at: number, text: string): number {
  return source.startsWith(text, at) ? text.length : -1;
}

/** Reads one field into `found`; how many characters it took, -1 where it is not there. */
function read(
  { letter, count }: { letter: string; count: number },
  source: string,
  at: number,
  beforeNumber: boolean,
  found: Record<string, number>,
): number {
  const rest = source.slice(at, at + 40);
  if (letter === 'M' && count > 2) return readName(MONTHS, rest, (i) => (found['M'] = i + 1));
  if (letter === 'E') return readName(DAYS, rest, () => 0);
  if (letter === 'a') return readName(['AM', 'PM'], rest, (i) => (found['a'] = i));
  if (letter === 'G') return 2;
  if (/[zZX]/.test(letter)) {
    const match = /^(?:(?:GMT|UTC)?([-+])(\d\d):?(\d\d)?|GMT|UTC|Z)/.exec(rest);
    if (match === null) return -1;
    found['zone'] = (match[1] === '-' ? -1 : 1) * (Number(match[2] ?? 0) * 60 + Number(match[3] ?? 0));
    return match[0].length;
  }
  // Numbers that touch have the width of their letters; others go as far as there are digits.
  const digits = /^\s*-?\d+/.exec(beforeNumber ? rest.slice(0, count) : rest)?.[0];
  if (digits === undefined) return -1;
  const value = Number(digits);
  found[letter] = letter === 'y' && count <= 2 && digits.length === 2 ? fullYear(value) : value;
  return digits.length;
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

function momentOf(found: Readonly<Record<string, number>>, zone: TimeZone): number {
  const half = found['h'] ?? found['K'];
  const hours =
    half === undefined ? (found['H'] ?? found['k'] ?? 0) % 24 : (half % 12) + 12 * (found['a'] ?? 0);
  const shifted = new Date(0);
  shifted.setUTCFullYear(found['y'] ?? 1970, (found['M'] ?? 1) - 1, found['d'] ?? 1);
  shifted.setUTCHours(found['H'] ?? hours, found['m'] ?? 0, found['s'] ?? 0, found['S'] ?? 0);
  return found['zone'] === undefined
    ? momentIn(zone, shifted.getTime())
    : shifted.getTime() - found['zone'] * 60_000;
}
