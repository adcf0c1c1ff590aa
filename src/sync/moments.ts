/** Moments that an entry names: when they pass nothing changes in the directory, but a script may decide otherwise. */

import type { Entry } from '../model/entry.ts';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const TICKS_PER_MS = 10_000;
const FIRST_TICK_MS = 11_644_473_600_000;
/** The end of the year 9999: a date beyond it means "never". */
const LAST_MOMENT_MS = 253_402_300_799_000;

/**
 * The next moment that the entry names, ISO 8601: an account that expires, a contract that ends or begins; `null` for
 * none. A date without a time names two of them, its beginning and its end, in our time zone and in UTC: a script may
 * mean any. Known are generalized time (RFC 4517 3.3.13), ISO 8601, dates with the day or the month first, ticks of
 * Windows ([MS-DTYP] FILETIME), and the days of shadowExpire (shadow(5)).
 */
export function nextMoment(entry: Entry, nowMs: number): string | null {
  let next = Infinity;
  for (const [name, values] of Object.entries(entry.attributes)) {
    const isDays = name.toLowerCase() === 'shadowexpire';
    for (const value of values) {
      for (const moment of isDays ? [Number(value) * DAY_MS] : momentsOf(value)) {
        if (moment > nowMs && moment < next) next = moment;
      }
    }
  }
  return next < LAST_MOMENT_MS ? new Date(next).toISOString() : null;
}

/** `20301231235959.5Z`, `2030-12-31T23:59:59+01:00` and what lies between; the zone may be missing in the latter. */
const DATE_AND_TIME =
  /^(\d{4})(-?)(\d\d)\2(\d\d)(?:[T ]?)(\d\d)(?::?(\d\d))?(?::?(\d\d))?(?:[.,]\d+)?(Z|[+-]\d\d(?::?\d\d)?)?$/;
const YEAR_FIRST = /^(\d{4})([-./]?)(\d\d)\2(\d\d)(?:[ ,T].*)?$/;
const YEAR_LAST = /^(\d\d?)([-./])(\d\d?)\2(\d{4})(?:[ ,].*)?$/;
const TICKS = /^\d{17,19}$/;
const LONGEST = 35;

function momentsOf(padded: string): readonly number[] {
  const value = padded.charCodeAt(0) > 0x20 ? padded : padded.trim();
  if (value.length < 8 || value.length > LONGEST) return [];
  const first = value.charCodeAt(0);
  // Most values are no dates, and each value of each user comes here.
  if (first < 0x30 || first > 0x39) return [];
  if (TICKS.test(value)) return [Number(value) / TICKS_PER_MS - FIRST_TICK_MS];
  const exact = dateAndTime(DATE_AND_TIME.exec(value));
  if (exact.length > 0) return exact;
  // A time behind the date in any other form: the bounds of the day will do.
  const [, year, , month, day] = YEAR_FIRST.exec(value) ?? [];
  if (year !== undefined) return wholeDay(Number(year), Number(month), Number(day));
  const [, one, , other, lastYear] = YEAR_LAST.exec(value) ?? [];
  if (lastYear !== undefined) {
    return [
      ...wholeDay(Number(lastYear), Number(one), Number(other)),
      ...wholeDay(Number(lastYear), Number(other), Number(one)),
    ];
  }
  return [];
}

function dateAndTime(parts: RegExpExecArray | null): readonly number[] {
  if (parts === null) return [];
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = [1, 3, 4, 5, 6, 7].map((at) =>
    Number(parts[at] ?? 0),
  );
  if (!isDay(year, month, day) || hour > 24 || minute > 59 || second > 60) return [];
  const asUtc = Date.UTC(year, month - 1, day, hour, minute, second);
  const zone = parts[8];
  if (zone === undefined) return [asUtc, new Date(year, month - 1, day, hour, minute, second).getTime()];
  if (zone === 'Z') return [asUtc];
  const [, sign, hours, minutes = '0'] = /^([+-])(\d\d):?(\d\d)?$/.exec(zone) ?? [];
  const offsetMs = (Number(hours) * 60 + Number(minutes)) * MINUTE_MS;
  return [sign === '-' ? asUtc + offsetMs : asUtc - offsetMs];
}

function wholeDay(year: number, month: number, day: number): readonly number[] {
  if (!isDay(year, month, day)) return [];
  return [0, 1].flatMap((after) => [
    Date.UTC(year, month - 1, day + after),
    new Date(year, month - 1, day + after).getTime(),
  ]);
}

function isDay(year: number, month: number, day: number): boolean {
  return year >= 1970 && month >= 1 && month <= 12 && day >= 1 && day <= 31;
}
