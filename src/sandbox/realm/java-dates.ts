/** `java.util.Date` and `java.text.SimpleDateFormat`, for texts in English. */

import { momentOf, piecesOf, textOf, type Piece } from './date-patterns.ts';
import { ClassCast, IllegalArgument, javaClass, NullPointer, ParseException } from './java-exceptions.ts';
import { JavaLocale } from './java-locales.ts';
import { addProperties } from './java-properties.ts';
import { TimeZone } from './java-zones.ts';

/** The moment that the arguments of `new java.util.Date(…)` mean: years count from 1900. */
function momentOfArguments(given: readonly unknown[]): number {
  const [first] = given;
  if (given.length > 1) {
    const [year, month, ...rest] = given.map((one) => Math.trunc(Number(one)));
    return new Date(1900 + Number(year), Number(month), ...rest).getTime();
  }
  if (given.length === 0) return Date.now();
  if (first === null) throw new NullPointer();
  if (typeof first !== 'string') return Math.trunc(Number(first));
  // Java knows no ISO dates here.
  const ms = /^\s*\d{4}-/.test(first) ? Number.NaN : Date.parse(first);
  if (Number.isNaN(ms)) throw new IllegalArgument(`no date: ${first}`);
  return ms;
}

export class JavaDate extends Date {
  constructor(...given: unknown[]) {
    super(momentOfArguments(given));
  }
  before(other: Date): boolean {
    return this.getTime() < momentOfDate(other);
  }
  after(other: Date): boolean {
    return this.getTime() > momentOfDate(other);
  }
  compareTo(other: Date): number {
    return Math.sign(this.getTime() - momentOfDate(other));
  }
  equals(other: unknown): boolean {
    return other instanceof Date && this.getTime() === other.getTime();
  }
  /** Years count from 1900, in JavaScript only those below 100. */
  setYear(year: unknown): void {
    this.setFullYear(1900 + Math.trunc(Number(year)));
  }
  hashCode(): number {
    const ms = BigInt(this.getTime());
    return Number(BigInt.asIntN(32, ms ^ (ms >> 32n)));
  }
  clone(): JavaDate {
    return new JavaDate(this.getTime());
  }
  getClass(): object {
    return javaClass('java.util.Date');
  }
  override toString(): string {
    return new SimpleDateFormat('EEE MMM dd HH:mm:ss z yyyy').format(this);
  }
}
addProperties(JavaDate.prototype, [
  ...['time', 'year', 'month', 'date', 'day', 'hours', 'minutes', 'seconds', 'timezoneOffset', 'class'],
]);

/** What Java's methods take for a date. @throws NullPointer, ClassCast */
function momentOfDate(date: unknown): number {
  if (date === null || date === undefined) throw new NullPointer();
  if (date instanceof Date) return date.getTime();
  throw new ClassCast('this is no date');
}

export class SimpleDateFormat {
  readonly #pattern: string;
  readonly #pieces: readonly Piece[];
  #zone = TimeZone.getDefault();
  #lenient = true;

  /** @throws IllegalArgument for names of months or days in another language than English */
  constructor(pattern: unknown, locale?: unknown) {
    this.#pattern = String(pattern);
    this.#pieces = piecesOf(this.#pattern);
    const hasNames = this.#pieces.some(
      (piece) =>
        'letter' in piece && (/[EaG]/.test(piece.letter) || (piece.letter === 'M' && piece.count > 2)),
    );
    if (hasNames && locale instanceof JavaLocale && !locale.isEnglish()) {
      throw new IllegalArgument('names of months and days are known in English only');
    }
  }
  setTimeZone(zone: unknown): void {
    if (!(zone instanceof TimeZone)) throw new ClassCast('this is no time zone');
    this.#zone = zone;
  }
  getTimeZone(): TimeZone {
    return this.#zone;
  }
  setLenient(lenient: unknown): void {
    this.#lenient = Boolean(lenient);
  }
  isLenient(): boolean {
    return this.#lenient;
  }
  toPattern(): string {
    return this.#pattern;
  }
  /** @throws IllegalArgument for what is no date */
  format(date: unknown): string {
    const ms = date instanceof Date ? date.getTime() : date;
    if (ms === null || ms === undefined) throw new NullPointer();
    if (typeof ms !== 'number') throw new IllegalArgument('Cannot format given Object as a Date');
    return textOf(this.#pieces, ms, this.#zone);
  }
  /** @throws ParseException */
  parse(text: unknown): JavaDate {
    if (text === null || text === undefined) throw new NullPointer();
    const source = `${text as string}`;
    const ms = momentOf(this.#pieces, source, this.#zone, this.#lenient);
    if (ms === null) throw new ParseException(`Unparseable date: "${source}"`);
    return new JavaDate(ms);
  }
}
addProperties(SimpleDateFormat.prototype, ['timeZone', 'lenient']);
