/** `java.util.Calendar` and `GregorianCalendar`. */

import { DAYS, JavaDate, MONTHS } from './java-dates.ts';
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

export class Calendar {
  #ms = Date.now();
  #zone = TimeZone.getDefault();

  constructor(...fields: unknown[]) {
    if (fields[0] instanceof TimeZone) this.#zone = fields[0];
    else if (fields.length >= 3) {
      this.#ms = momentIn(this.#zone, Date.UTC(...(fields.map(Number) as [number, number])));
    }
  }
  static getInstance(zone?: unknown): Calendar {
    return new Calendar(zone);
  }
  setTime(date: Date): void {
    this.#ms = date.getTime();
  }
  setTimeInMillis(ms: number): void {
    this.#ms = Number(ms);
  }
  setTimeZone(zone: TimeZone): void {
    this.#zone = zone;
  }
  getTime(): JavaDate {
    return new JavaDate(this.#ms);
  }
  getTimeInMillis(): number {
    return this.#ms;
  }
  get time(): JavaDate {
    return this.getTime();
  }
  get timeInMillis(): number {
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
    const [first, second] = values.map(Number);
    if (values.length === 2) this.#change(Number(first), () => Number(second));
    // All at once: day 31 must not roll over in the month that was there before.
    else this.#store(this.#fields().map((value, i) => (i < values.length ? Number(values[i]) : value)));
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
  compareTo(other: Calendar): number {
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
  #store([year = 0, month, day, hours = 0, minutes, seconds, millis]: readonly number[]): void {
    const shifted = new Date(0);
    shifted.setUTCFullYear(year, month, day);
    shifted.setUTCHours(hours, minutes, seconds, millis);
    this.#ms = momentIn(this.#zone, shifted.getTime());
  }
}
Object.assign(Calendar, FIELD, NAMES);
