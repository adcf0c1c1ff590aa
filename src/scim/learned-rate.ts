/**
 * Learns from refusals how many requests a service takes, so that it is asked for nearly all of that and hardly refuses.
 *
 * Between the ends of two waits that the service imposed it took what it allows, whether it counts with a bucket, a
 * fixed window or a sliding one. That is a measurement with an error, which shrinks with the number of requests. The pace
 * begins at its lower end, comes to its middle and goes beyond it along a cubic (as TCP's CUBIC does, RFC 9438): flat
 * near what was measured, steep far from it.
 */

/** A refusal, as it bears on the rate. Moments are in milliseconds. */
export interface RateRefusal {
  readonly now: number;
  /** When requests will be sent again. */
  readonly until: number;
  /** Before then the service would have refused for sure: what it asked for, less its rounding; `now` if it did not. */
  readonly surelyUntil: number;
  /** False for a refusal that may be about something else than the rate (a 503). */
  readonly teaches: boolean;
}

/** Requests taken between the ends of two waits. */
interface Epoch {
  readonly startedAt: number;
  readonly accepted: number;
}

/** Requests a second, at least and at most. */
interface Bounds {
  readonly lower: number;
  readonly upper: number;
}

/** How far below the measured rate an epoch begins, as a share of it. */
const MIN_DEPTH = 0.03;
const MAX_DEPTH = 0.5;
/**
 * Requests after which the measured rate is reached again: three to five times as many as it was measured with, the
 * better it is known the more. That is what bounds the refusals: each epoch is some times as long as the one before.
 */
const MIN_PLATEAU = 16;
const MAX_PLATEAU = 300;
/** Where the tail of an epoch is so much faster than the whole, the whole says little. */
const SLOW_BEGINNING = 1.2;
/** So many plateaus without a refusal, beyond all that was measured, double the rate. */
const DOUBLING = 4;
/** From one mark to the next the requests of an epoch grow by this factor. */
const MARK_FACTOR = 1.25;
const FIRST_MARK = 8;

export class LearnedRate {
  /** Requests a second; `null` as long as nothing has been refused. */
  #measured: number | null = null;
  #depth = MIN_DEPTH;
  #plateau = MAX_PLATEAU;
  #startedAt: number | null = null;
  #accepted = 0;
  #previous: Epoch | null = null;
  /** The latest two marks: from the older one on is the tail of the epoch, at least its last fifth. */
  #marks: readonly [Epoch, Epoch] | null = null;

  /** Requests a second that may be sent now; `null` for no limit known. */
  get perSecond(): number | null {
    if (this.#measured === null) return null;
    const distance = this.#accepted / this.#plateau - 1;
    const rate = this.#measured * (1 + this.#depth * Math.min(distance, 1) ** 3);
    if (distance <= 1) return rate;
    // Past all that was measured, with nothing refused: perhaps the service allows much more than it did.
    return rate * (1 + ((distance - 1) / DOUBLING) ** 2);
  }

  /** A request is on its way: the first one begins the first epoch. */
  sent(now: number): void {
    this.#startedAt ??= now;
  }

  /** The service has taken a request. */
  accepted(now: number): void {
    this.#accepted += 1;
    if (this.#accepted < (this.#marks?.[1].accepted ?? FIRST_MARK / MARK_FACTOR) * MARK_FACTOR) return;
    const mark = { startedAt: now, accepted: this.#accepted };
    this.#marks = [this.#marks?.[1] ?? mark, mark];
  }

  /** The service has refused a request. */
  refused(refusal: RateRefusal): void {
    const previous = this.#previous;
    // Refused again at once: the wait was too short, so it belongs to the epoch before.
    const isAgain = this.#accepted <= 1 && previous !== null;
    const epoch = {
      startedAt: isAgain ? previous.startedAt : (this.#startedAt ?? refusal.now),
      accepted: this.#accepted + (isAgain ? previous.accepted : 0),
    };
    const isUseful = epoch.accepted > 0 && (refusal.teaches || !(isAgain || previous === null));
    // Where nothing has been taken yet there is nothing to measure: the waits alone make the pace.
    if (isUseful) this.#learn(epoch.accepted, this.#boundsOf(epoch, refusal, isAgain));
    this.#previous = epoch;
    this.#startedAt = refusal.until;
    this.#accepted = 0;
    this.#marks = null;
  }

  #learn(accepted: number, { lower, upper }: Bounds): void {
    const uncertainty = (upper - lower) / (upper + lower) + 0.5 / accepted;
    this.#measured = (lower + upper) / 2;
    this.#depth = within(MIN_DEPTH, uncertainty, MAX_DEPTH);
    this.#plateau = within(MIN_PLATEAU, accepted * within(3, 0.3 / uncertainty, 5), MAX_PLATEAU);
  }

  #boundsOf(epoch: Epoch, { now, until, surelyUntil }: RateRefusal, isAgain: boolean): Bounds {
    const mean = perSecondOf(epoch.accepted, until - epoch.startedAt);
    const current = this.perSecond;
    const isLong = surelyUntil - now > (now - epoch.startedAt) / 10;
    if (!isAgain && !isLong && current !== null && this.#accepted > this.#plateau) {
      // Refused beyond what was measured. The mean holds the slow beginning of the epoch; its tail tells more.
      const tail = this.#tailPerSecond(now);
      const lower = Math.min(tail > mean * SLOW_BEGINNING ? tail : mean, current);
      return { lower, upper: current };
    }
    const most = perSecondOf(epoch.accepted, Math.max(surelyUntil, now) - epoch.startedAt);
    const upper = isAgain || current === null ? most : Math.min(most, current);
    return { lower: Math.min(mean, upper), upper };
  }

  #tailPerSecond(now: number): number {
    if (this.#marks === null) return 0;
    const [{ startedAt, accepted }] = this.#marks;
    return perSecondOf(this.#accepted - accepted, now - startedAt);
  }
}

function perSecondOf(count: number, spanMs: number): number {
  return (count * 1000) / Math.max(spanMs, 1);
}

function within(least: number, value: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
