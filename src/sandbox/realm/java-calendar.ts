/** `java.util.Calendar` and `GregorianCalendar`. */

import { DAYS, MONTHS } from './date-patterns.ts';
import { JavaDate } from './java-dates.ts';
import { ClassCast, IllegalArgument, javaClass, NullPointer } from './java-exceptions.ts';
import { addProperties } from './java-properties.ts';
import { fieldsIn, momentIn, TimeZone } from './java-zones.ts';

const FIELD = {
  ...{ YEAR: 1, MONTH: 2, DATE: 5, DAY_OF_MONTH: 5, DAY_OF_YEAR: 6, DAY_OF_WEEK: 7 },
  ...{ AM_PM: 9, HOUR: 10, HOUR_OF_DAY: 11, MINUTE: 12, SECOND: 13, MILLISECOND: 14 },
} as const;

const NAMES = Object.fromEntries([
  ...MONTHS.map((name, i) => [name.toUpperCase(), i] as const),
  ...DAYS.map((name, i) => [name.toUpperCase(), i + 1] as const),
]);

/** The fields that can be set and added to, as arguments of {@link Date.UTC}. */
const SETTABLE: readonly number[] = [
  FIELD.YEAR,
  FIELD.MONTH,
  FIELD.DATE,
  FIELD.HOUR_OF_DAY,
  FIELD.MINUTE,
  FIELD.SECOND,
  FIELD.MILLISECOND,
];

/** Fields that {@link Calendar.add} counts in, by those that are stored. */
const ALIASES: ReadonlyMap<number, number> = new Map([
  [FIELD.DAY_OF_YEAR, FIELD.DATE],
  [FIELD.DAY_OF_WEEK, FIELD.DATE],
  [FIELD.HOUR, FIELD.HOUR_OF_DAY],
]);

const MOST: ReadonlyMap<number, number> = new Map<number, number>([
  [FIELD.MONTH, 11],
  [FIELD.HOUR_OF_DAY, 23],
  [FIELD.MINUTE, 59],
  [FIELD.SECOND, 59],
  [FIELD.MILLISECOND, 999],
]);

export class Calendar {
  #ms = Date.now();
  #zone = TimeZone.getDefault();
  #lenient = true;

  constructor(...fields: unknown[]) {
    if (fields[0] instanceof TimeZone) this.#zone = fields[0];
    else if (fields.length >= 3) {
      this.#store([...fields.map(Number), 0, 0, 0, 0].slice(0, SETTABLE.length));
    }
  }
  static getInstance(zone?: unknown): Calendar {
    return new Calendar(zone);
  }
  setTime(date: unknown): void {
    if (date === null || date === undefined) throw new NullPointer();
    if (!(date instanceof Date)) throw new ClassCast('this is no date');
    this.#ms = date.getTime();
  }
  setTimeInMillis(ms: number): void {
    this.#ms = Number(ms);
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
  getTime(): JavaDate {
    return new JavaDate(this.#ms);
  }
  getTimeInMillis(): number {
    return this.#ms;
  }
  get(field: number): number {
    const date = fieldsIn(this.#zone, this.#ms);
    const at = SETTABLE.indexOf(field);
    if (at >= 0) return this.#fields()[at] ?? 0;
    if (field === FIELD.DAY_OF_WEEK) return date.getUTCDay() + 1;
    if (field === FIELD.HOUR) return date.getUTCHours() % 12;
    if (field === FIELD.AM_PM) return date.getUTCHours() < 12 ? 0 : 1;
    if (field === FIELD.DAY_OF_YEAR) {
      return Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / 86_400_000) + 1;
    }
    throw new TypeError('this field of Calendar is not available');
  }
  set(...values: unknown[]): void {
    const [first = 0, second = 0] = values.map(Number);
    if (values.length !== 2) {
      // All at once: day 31 must not roll over in the month that was there before.
      this.#store(this.#fields().map((value, i) => (i < values.length ? Number(values[i]) : value)));
      return;
    }
    const date = this.#fields();
    const hours = date[3] ?? 0;
    if (first === FIELD.HOUR) this.#change(FIELD.HOUR_OF_DAY, () => (hours < 12 ? 0 : 12) + second);
    else if (first === FIELD.AM_PM) this.#change(FIELD.HOUR_OF_DAY, () => (hours % 12) + 12 * second);
    else if (first === FIELD.DAY_OF_YEAR) this.#store([date[0] ?? 0, 0, second, ...date.slice(3)]);
    else this.#change(first, () => second);
  }
  /** Back to the beginning of 1970, or one field back to its least value. */
  clear(field?: number): void {
    const least = [1970, 0, 1, 0, 0, 0, 0];
    if (field === undefined) this.#store(least);
    else this.#change(field, () => least[SETTABLE.indexOf(field)] ?? 0);
  }
  getActualMaximum(field: number): number {
    const [year = 0, month = 0] = this.#fields();
    if (field === FIELD.DATE) return new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
    if (field === FIELD.DAY_OF_YEAR) return (Date.UTC(year + 1, 0) - Date.UTC(year, 0)) / 86_400_000;
    const most = MOST.get(field);
    if (most === undefined) throw new TypeError('this field of Calendar is not available');
    return most;
  }
  equals(other: unknown): boolean {
    return other instanceof Calendar && this.#ms === other.getTimeInMillis();
  }
  clone(): Calendar {
    const copy = new Calendar(this.#zone);
    copy.#ms = this.#ms;
    copy.#lenient = this.#lenient;
    return copy;
  }
  getClass(): object {
    return javaClass('java.util.GregorianCalendar');
  }
  add(field: number, amount: number): void {
    if (field !== FIELD.YEAR && field !== FIELD.MONTH) {
      this.#change(ALIASES.get(field) ?? field, (value) => value + amount);
      return;
    }
    // The day stays within the month: one month after January 31 is the last of February.
    const day = this.get(FIELD.DATE);
    this.#change(FIELD.DATE, () => 1);
    this.#change(field, (value) => value + amount);
    const [year = 0, month = 0] = this.#fields();
    const last = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
    this.#change(FIELD.DATE, () => Math.min(day, last));
  }
  before(other: unknown): boolean {
    return other instanceof Calendar && this.#ms < other.getTimeInMillis();
  }
  after(other: unknown): boolean {
    return other instanceof Calendar && this.#ms > other.getTimeInMillis();
  }
  compareTo(other: unknown): number {
    if (!(other instanceof Calendar)) throw new NullPointer();
    return Math.sign(this.#ms - other.getTimeInMillis());
  }
  #fields(): number[] {
    const date = fieldsIn(this.#zone, this.#ms);
    return [
      ...[date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()],
      ...[date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds(), date.getUTCMilliseconds()],
    ];
  }
  #change(field: number, change: (value: number) => number): void {
    const at = SETTABLE.indexOf(field);
    if (at < 0) throw new TypeError('this field of Calendar cannot be changed');
    const fields = this.#fields();
    fields[at] = change(fields[at] ?? 0);
    this.#store(fields);
  }
  #store(fields: readonly number[]): void {
    const [year = 0, month, day, hours = 0, minutes, seconds, millis] = fields;
    const shifted = new Date(0);
    shifted.setUTCFullYear(year, month, day);
    shifted.setUTCHours(hours, minutes, seconds, millis);
    const isRolled = shifted.getUTCMonth() !== month || shifted.getUTCDate() !== day;
    if (!this.#lenient && (isRolled || shifted.getUTCHours() !== hours)) {
      throw new IllegalArgument('there is no such date');
    }
    this.#ms = momentIn(this.#zone, shifted.getTime());
  }
}
Object.assign(Calendar, FIELD, NAMES);
addProperties(Calendar.prototype, ['time', 'timeInMillis', 'timeZone', 'lenient', 'class']);
