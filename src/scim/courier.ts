/** Sends requests again where that is safe, and knows when it has become pointless. */

import { backoffDelayMs, pause } from '../lib/backoff.ts';
import { RunError } from '../model/errors.ts';
import type { Log } from '../model/ports.ts';
import { describe, isTransient, type Reply } from './answer.ts';
import type { Exchange, Request } from './exchange.ts';
import type { Mask } from './masking.ts';
import type { Pace } from './throttle.ts';

/** What reading needs of the service. Whoever holds only this can send nothing but GET. */
export interface Getter {
  /**
   * One GET, repeated while that may help. A 403 to it is an answer like any other, unless the getter is the one that
   * asks who we are.
   * @throws RunError as {@link Courier.repeatedly}
   */
  get(path: string): Promise<Reply>;
}

export interface CourierOptions {
  readonly exchange: Exchange;
  readonly pace: Pace;
  readonly maxAttempts: number;
  readonly origin: string;
  readonly mask: Mask;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** Requests given up in a row, across all workers, after which the service counts as gone. */
const MAX_UNREACHABLE = 3;
/** The same where the service does answer, only always with an error of its own: that may be about the data. */
const MAX_FAULTY = 25;
/** A refusal for rate cost nobody anything, so a request survives more of them than of real faults. */
const THROTTLED_FACTOR = 5;

export class Courier {
  readonly #options: CourierOptions;
  #unreachable = 0;
  #faulty = 0;

  constructor(options: CourierOptions) {
    this.#options = options;
  }

  get maxAttempts(): number {
    return this.#options.maxAttempts;
  }

  /** The reply in words that may be shown. */
  describe(reply: Reply): string {
    return describe(reply, this.#options.mask);
  }

  /**
   * Sends a request that must not be repeated blindly (POST). Only 429, by which the service says that it did nothing,
   * is waited out.
   */
  async once(request: Request): Promise<Reply> {
    const limit = this.#options.maxAttempts * THROTTLED_FACTOR;
    for (let attempt = 1; ; attempt += 1) {
      const reply = await this.#options.exchange.send(request);
      if (!isTransient(reply)) this.#served();
      if (!isThrottled(reply) || attempt >= limit) return reply;
    }
  }

  /**
   * Sends a request that means the same when sent twice (GET, PUT, PATCH with absolute values) until it is answered,
   * at most `attempts` times. Resolves with the last reply, which may still be a transient one.
   * @throws RunError SERVICE_UNREACHABLE when the service has stopped answering anybody
   */
  async repeatedly(request: Request, attempts = this.#options.maxAttempts): Promise<Reply> {
    for (let attempt = 1; ; attempt += 1) {
      const reply = await this.once(request);
      if (!isTransient(reply)) return reply;
      if (attempt >= attempts) return this.gaveUp(reply);
      await this.backOff(attempt, reply);
    }
  }

  /** Waits before the next attempt; where the service said how long, all workers wait for that already. */
  async backOff(attempt: number, reply: Reply): Promise<void> {
    const { pace, signal, log, maxAttempts } = this.#options;
    log.debug('ScimService', `attempt ${attempt} of ${maxAttempts} failed: ${this.describe(reply)}`);
    if (reply.kind === 'ANSWER' && reply.status === 503 && reply.retryAfterMs !== null) return;
    await pause(backoffDelayMs(attempt, pace), signal);
  }

  /**
   * Takes note that a request has had all its attempts; gives the reply back.
   * @throws RunError SERVICE_UNREACHABLE when this is no longer about one user
   */
  gaveUp(reply: Reply): Reply {
    const isUnreachable = reply.kind === 'LOST' || [502, 503, 504].includes(reply.status);
    if (isUnreachable) this.#unreachable += 1;
    this.#faulty += 1;
    const isUnknown = reply.kind === 'LOST' && reply.unknownHost;
    if (isUnknown || this.#unreachable >= MAX_UNREACHABLE || this.#faulty >= MAX_FAULTY)
      throw this.unreachable(reply);
    return reply;
  }

  /** The error for a service that does not answer. */
  unreachable(reply: Reply): RunError {
    const { origin } = this.#options;
    const message = `The SCIM service at ${origin} cannot be reached: ${this.describe(reply)}`;
    return new RunError('SERVICE_UNREACHABLE', message);
  }

  /** The service has answered somebody: whatever failed before was about those users. */
  #served(): void {
    this.#unreachable = 0;
    this.#faulty = 0;
  }
}

function isThrottled(reply: Reply): boolean {
  return reply.kind === 'ANSWER' && reply.status === 429;
}
