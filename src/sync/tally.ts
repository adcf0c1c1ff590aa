/** Users counted against a limit: what every guard does with the part of the plan that it looks at. */

import type { GuardHeadroom } from '../model/run.ts';

/** Below this many, percentages say nothing: three leavers of ten are a normal week. */
export const HANDFUL = 5;
const LISTED = 20;

/** Takes down how near the plan comes to each limit. */
export type Measure = (headroom: GuardHeadroom) => void;

/** Counts users and keeps the names of the first ones, whatever their number. */
export class Tally {
  count = 0;
  readonly users: string[] = [];
  readonly #few: number;

  /** @param few up to so many exceed no share */
  constructor(few = HANDFUL) {
    this.#few = few;
  }

  add(userName: string): void {
    this.count += 1;
    if (this.users.length < LISTED) this.users.push(userName);
  }

  addAll({ count, users }: Tally): void {
    this.count += count;
    this.users.push(...users.slice(0, LISTED - this.users.length));
  }

  /** Whether these are more than a handful and more than so many percent of `all`. */
  exceeds(maxPercent: number, all: number): boolean {
    return this.count > this.#few && maxPercent < 100 && this.count * 100 > all * maxPercent;
  }

  /** The same rule, told instead of judged; nothing where the limit is switched off. */
  measure(property: string, what: string, limit: number, of: number): GuardHeadroom[] {
    const { count } = this;
    return limit >= 100 ? [] : [{ property, what, count, of, limit, tripped: this.exceeds(limit, of) }];
  }

  shareOf(all: number): string {
    return `${this.count} of ${all} (${((100 * this.count) / Math.max(1, all)).toFixed(1)} %)`;
  }
}

/** The tally of a key, made where there is none yet. */
export function tallyOf(tallies: Map<string, Tally>, key: string): Tally {
  const tally = tallies.get(key) ?? new Tally();
  tallies.set(key, tally);
  return tally;
}
