/** Time zones: the difference from UTC at a moment, and the fields of a moment in a zone. */

import { addProperties } from './java-properties.ts';

/** A moment's fields are read with the `getUTC…` methods of a date that is shifted by the zone's offset. */
export class TimeZone {
  readonly #id: string;
  readonly #offset: (ms: number) => number;

  constructor(id: string, offset: (ms: number) => number) {
    this.#id = id;
    this.#offset = offset;
    // One zone is given to every user who asks for it.
    Object.freeze(this);
  }
  static getDefault(): TimeZone {
    return LOCAL;
  }
  /** UTC, `GMT+2`, `GMT-05:30`, or a name such as `Europe/Berlin`. As in Java, anything unknown (`UTC+2`) is GMT. */
  static getTimeZone(id: unknown): TimeZone {
    const name = String(id);
    const match = /^GMT([-+])(\d{1,2})(?::?(\d\d))?$/.exec(name);
    if (match !== null) {
      const minutes = Number(match[2]) * 60 + Number(match[3] ?? 0);
      return fixed(name, match[1] === '-' ? -minutes : minutes);
    }
    if (/^(?:UTC|GMT)$/.test(name)) return fixed(name, 0);
    return named(name) ?? fixed('GMT', 0);
  }
  getID(): string {
    return this.#id;
  }
  getRawOffset(): number {
    const year = new Date().getUTCFullYear();
    return Math.min(...[0, 6].map((month) => this.#offset(Date.UTC(year, month))));
  }
  getOffset(ms: number): number {
    return this.#offset(ms);
  }
  toString(): string {
    return this.#id;
  }
}

addProperties(TimeZone.prototype, ['ID', 'rawOffset']);

function fixed(id: string, minutes: number): TimeZone {
  return new TimeZone(id, () => minutes * 60_000);
}

const LOCAL = new TimeZone('default', (ms) => -new Date(ms).getTimezoneOffset() * 60_000);

const MAX_CACHED = 50;
const zones = new Map<string, TimeZone | null>();

function named(name: string): TimeZone | null {
  const known = zones.get(name);
  if (known !== undefined) return known;
  const zone = make(name);
  if (zones.size < MAX_CACHED) zones.set(name, zone);
  return zone;
}

function make(name: string): TimeZone | null {
  try {
    if (/^(?:[-+\d]|Z$)/.test(name)) return null;
    const format = new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' });
    return new TimeZone(name, (ms) => {
      const text = format.formatToParts(ms).find(({ type }) => type === 'timeZoneName')?.value ?? '';
      const [, sign = '+', hours = '0', minutes = '0'] = /([-+])(\d\d):(\d\d)/.exec(text) ?? [];
      return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
    });
  } catch {
    return null;
  }
}

/** The date whose UTC fields are those of `ms` in the zone. */
export function fieldsIn(zone: TimeZone, ms: number): Date {
  return new Date(ms + zone.getOffset(ms));
}

/** The moment at which clocks in the zone show what the UTC fields of `shifted` say. */
export function momentIn(zone: TimeZone, shifted: number): number {
  const guess = shifted - zone.getOffset(shifted);
  return shifted - zone.getOffset(guess);
}
