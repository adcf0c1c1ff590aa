/** The pace of all requests together: what the service asks for, what was learned from it, and what the settings allow. */

import { backoffDelayMs, type BackoffLimits } from '../lib/backoff.ts';
import { SYSTEM_CLOCK, type Clock } from '../lib/clock.ts';
import { Semaphore } from '../lib/semaphore.ts';
import { LearnedRate } from './learned-rate.ts';
import type { Quota } from './rate-limit-headers.ts';

export interface Pace extends BackoffLimits {
  /** The longest that the service's wish to wait is obeyed at a time. */
  readonly maxHoldMs: number;
  /** A service that has taken nothing for so long, although we waited as it asked, counts as down. */
  readonly maxStarvedMs: number;
  /** How many requests may be on their way at a time when nothing is known of the service yet. */
  readonly firstConnections: number;
  /** How long an interrupted run waits for the answers to its writes. */
  readonly maxFinishMs: number;
}

export const DEFAULT_PACE: Pace = {
  baseDelayMs: 1_000,
  maxDelayMs: 30_000,
  maxHoldMs: 300_000,
  maxStarvedMs: 1_800_000,
  firstConnections: 1,
  maxFinishMs: 10_000,
};

export interface ThrottleOptions {
  readonly pace: Pace;
  /** The most requests a second; 0 for no limit of ours. */
  readonly requestsPerSecond: number;
  /** The most requests at a time. */
  readonly connections: number;
  readonly signal: AbortSignal;
  readonly clock?: Clock;
  readonly random?: () => number;
}

/** A request that the service would not take now. */
export interface Refusal {
  readonly sentAt: number;
  /** How long it asks us to wait, `null` where it does not say. */
  readonly askedMs: number | null;
  /** Whether it is surely about our rate (429), or may be about the service's health (503). */
  readonly isRate: boolean;
}

/**
 * Connections are opened one after the other, one more for each so many requests taken and for each so much time, so
 * that few requests are on their way when a limit that we do not know is met for the first time.
 */
const REQUESTS_TO_WIDEN = 64;
const WIDENING_MS = 2_000;
/** What a late timer may catch up with, in time: without it each late timer would cost some of the pace. */
const CATCH_UP_MS = 20;
/** Of a known allowance this share may be spent at any speed; the rest is spread over the time until it is renewed. */
const FREE_SHARE = 0.5;

/** One for all workers: when the service asks one of them to wait, each of them waits. */
export class Throttle {
  readonly #options: ThrottleOptions;
  readonly #clock: Clock;
  readonly #slots: Semaphore;
  /** One request at a time waits for its turn, the others behind it in their order. */
  readonly #turnstile = new Semaphore(1);
  readonly #learned = new LearnedRate();
  #heldUntil = 0;
  #refusedAt = -1;
  #refusedInARow = 0;
  #nextTurnAt = 0;
  #inFlight = 0;
  #untilWider = REQUESTS_TO_WIDEN;
  #isWidening = false;
  #quota: { readonly until: number; readonly intervalMs: number } | null = null;
  #quotaLimit = 0;
  #quotaRate: number | null = null;
  #starvedSince: number | null = null;
  #latencyMs: number | null = null;

  constructor(options: ThrottleOptions) {
    this.#options = options;
    this.#clock = options.clock ?? SYSTEM_CLOCK;
    this.#slots = new Semaphore(Math.min(options.pace.firstConnections, options.connections));
  }

  /**
   * Resolves when a request may be sent, with the moment. Each has to be ended by {@link left}.
   * @throws the signal's reason
   */
  async enter(): Promise<number> {
    if (!this.#slots.tryAcquire()) {
      this.#widenLater();
      await this.#slots.acquire();
    }
    // The way of nearly every request to a service without limits: nobody waits for a turn, and none is needed.
    if (this.#turnstile.isFree && this.#waitMs() <= 0 && !this.#options.signal.aborted) return this.#go();
    try {
      return await this.#turn();
    } catch (error) {
      this.#slots.release();
      throw error;
    }
  }

  /** The connection of a request is free again. */
  left(): void {
    this.#inFlight -= 1;
    this.#slots.release();
  }

  /** The service has taken a request. */
  accepted(sentAt: number): void {
    const now = this.#clock.now();
    const tookMs = now - sentAt;
    this.#latencyMs = this.#latencyMs === null ? tookMs : this.#latencyMs + (tookMs - this.#latencyMs) / 16;
    this.#refusedInARow = 0;
    this.#starvedSince = null;
    this.#learned.accepted(now);
    this.#untilWider -= 1;
    if (this.#untilWider <= 0) this.#widen();
  }

  /**
   * The service refused a request: everybody waits as long as it asks, within `maxHoldMs`; without a usable wish, longer
   * each time. Returns how long that is in milliseconds, 0 where that wait is known already.
   */
  refused({ sentAt, askedMs, isRate }: Refusal): number {
    const { pace, random = Math.random } = this.#options;
    const now = this.#clock.now();
    this.#starvedSince ??= now;
    // Requests that were on their way when the first was refused are one refusal, not a reason to wait longer for each.
    const isNew = sentAt > this.#refusedAt;
    if (!isNew && askedMs === null) return 0;
    if (isNew) {
      this.#refusedAt = now;
      this.#refusedInARow += 1;
    }
    const wishMs = askedMs ?? backoffDelayMs(this.#refusedInARow, pace, random);
    const holdMs = Math.min(wishMs, pace.maxHoldMs);
    // Some chance, lest all clients of the service come back at the same moment.
    const until = now + holdMs + random() * Math.min(holdMs / 10, pace.baseDelayMs / 4);
    if (isNew) {
      // Whole seconds are rounded up.
      const surelyUntil = askedMs === null ? now : now + Math.max(holdMs - 1_000, 0);
      this.#learned.refused({ now, until, surelyUntil, teaches: isRate });
      this.#slots.resize(Math.max(1, this.#slots.slots >> 1));
      this.#untilWider = REQUESTS_TO_WIDEN;
    }
    return this.#holdUntil(until) ? holdMs : 0;
  }

  /** The service has said what is left of its allowance. */
  informed({ remaining, resetMs, limit, windowMs }: Quota): void {
    const now = this.#clock.now();
    this.#quotaLimit = limit ?? Math.max(this.#quotaLimit, remaining);
    this.#quotaRate = windowMs === null ? null : (this.#quotaLimit * 1000) / windowMs;
    // Those on their way may not have been counted yet; the one that brought this answer has been.
    const left = remaining - Math.max(this.#inFlight - 1, 0);
    if (left > this.#quotaLimit * FREE_SHARE) {
      this.#quota = null;
      return;
    }
    const spreadMs = Math.min(resetMs, this.#options.pace.maxHoldMs);
    this.#quota = { until: now + resetMs, intervalMs: spreadMs / Math.max(left, 1) };
    if (left <= 0) this.#holdUntil(now + spreadMs);
  }

  /** Requests a second that are allowed at present, as far as we know; `null` where nothing limits them. */
  get perSecond(): number | null {
    const { requestsPerSecond } = this.#options;
    const limits = [this.#learned.perSecond, this.#quotaRate, requestsPerSecond || null];
    const known = limits.filter((limit) => limit !== null);
    return known.length === 0 ? null : Math.min(...known);
  }

  /** How long answers take at present, in milliseconds; `null` before the first. */
  get latencyMs(): number | null {
    return this.#latencyMs;
  }

  /** Milliseconds since a moment that {@link enter} gave. */
  since(moment: number): number {
    return this.#clock.now() - moment;
  }

  /** For how long the service has refused everything, in milliseconds. */
  get starvedMs(): number {
    return this.#starvedSince === null ? 0 : this.#clock.now() - this.#starvedSince;
  }

  async #turn(): Promise<number> {
    if (!this.#turnstile.tryAcquire()) await this.#turnstile.acquire();
    try {
      const { signal } = this.#options;
      signal.throwIfAborted();
      // A loop, because the service may have asked for more patience while we slept.
      for (let waitMs = this.#waitMs(); waitMs > 0; waitMs = this.#waitMs()) {
        await this.#clock.pause(waitMs, signal);
      }
      return this.#go();
    } finally {
      this.#turnstile.release();
    }
  }

  #go(): number {
    const now = this.#clock.now();
    this.#takeTurn(now);
    this.#inFlight += 1;
    this.#learned.sent(now);
    return now;
  }

  #holdUntil(until: number): boolean {
    if (until <= this.#heldUntil) return false;
    this.#heldUntil = until;
    this.#nextTurnAt = until;
    return true;
  }

  /** How long the next request has to wait; 0 or less: not at all. */
  #waitMs(): number {
    // The hot path of a service without limits: no clock is read.
    if (this.#heldUntil === 0 && this.#intervalMs(0) === 0) return 0;
    const now = this.#clock.now();
    const holdMs = this.#heldUntil - now;
    if (holdMs > 0) return holdMs;
    return this.#intervalMs(now) === 0 ? 0 : this.#nextTurnAt - now;
  }

  #takeTurn(now: number): void {
    const intervalMs = this.#intervalMs(now);
    if (intervalMs === 0) return;
    const catchUpMs = Math.max(CATCH_UP_MS, intervalMs / 10);
    const turnAt = this.#nextTurnAt === 0 ? now : Math.max(this.#nextTurnAt, now - catchUpMs);
    this.#nextTurnAt = turnAt + intervalMs;
  }

  /** The time between two requests; 0 where they may come at any speed. */
  #intervalMs(now: number): number {
    const { requestsPerSecond } = this.#options;
    let intervalMs = requestsPerSecond === 0 ? 0 : 1000 / requestsPerSecond;
    const learned = this.#learned.perSecond;
    if (learned !== null) intervalMs = Math.max(intervalMs, 1000 / learned);
    if (this.#quota !== null && now < this.#quota.until)
      intervalMs = Math.max(intervalMs, this.#quota.intervalMs);
    return intervalMs;
  }

  #widen(): void {
    this.#untilWider = REQUESTS_TO_WIDEN;
    const { slots } = this.#slots;
    if (slots < this.#options.connections) this.#slots.resize(slots + 1);
  }

  /** Somebody waits for a slot: there is one more in a while even if nobody is answered. */
  #widenLater(): void {
    if (this.#isWidening || this.#slots.slots >= this.#options.connections) return;
    this.#isWidening = true;
    this.#clock.later(WIDENING_MS, () => {
      this.#isWidening = false;
      this.#widen();
      this.#widenLater();
    });
  }
}
