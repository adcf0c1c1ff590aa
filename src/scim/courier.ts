/** Sends requests again where that is safe, and knows when it has become pointless. */

import { backoffDelayMs } from '../lib/backoff.ts';
import type { Clock } from '../lib/clock.ts';
import { RunError } from '../model/errors.ts';
import type { Log } from '../model/ports.ts';
import { describe, isTransient, isUnreachable, type Reply } from './answer.ts';
import type { Exchange, Request } from './exchange.ts';
import type { Mask } from './masking.ts';
import type { Pace, Throttle } from './throttle.ts';

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
  readonly throttle: Throttle;
  readonly pace: Pace;
  readonly clock: Clock;
  readonly maxAttempts: number;
  readonly origin: string;
  readonly mask: Mask;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** Requests given up in a row, across all workers, after which the errors are not about those users' data any more. */
const MAX_GIVEN_UP = 25;
/** A refusal for rate cost nobody anything, so a request survives more of them than of real faults. */
const THROTTLED_FACTOR = 5;
/** What is asked to learn whether the service is there at all. */
const PROBE: Request = {
  method: 'GET',
  path: '/Users?startIndex=1&count=1',
  isOptional: true,
  isProbe: true,
};

export class Courier {
  readonly #options: CourierOptions;
  /** Reading may go well where writing does not, and says nothing about it. */
  readonly #givenUp = { READ: 0, WRITE: 0 };
  /** Attempts since the service has last answered anybody properly. */
  #vainAttempts = 0;
  #probe: Promise<Reply> | null = null;

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
   * @throws RunError SERVICE_UNREACHABLE when it has been saying that to everybody for `maxStarvedMs`
   */
  async once(request: Request): Promise<Reply> {
    const { exchange, maxAttempts } = this.#options;
    for (let attempt = 1; ; attempt += 1) {
      const reply = await exchange.send(request);
      this.#takeNote(request, reply);
      if (!isThrottled(reply) || attempt >= maxAttempts * THROTTLED_FACTOR) return reply;
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
      if (attempt >= attempts) return this.gaveUp(request, reply, attempts);
      await this.backOff(attempt, reply);
    }
  }

  /** Waits before the next attempt; where the service said how long, all workers wait for that already. */
  async backOff(attempt: number, reply: Reply): Promise<void> {
    const { pace, clock, signal, log, maxAttempts } = this.#options;
    log.debug('ScimService', `attempt ${attempt} of ${maxAttempts} failed: ${this.describe(reply)}`);
    if (reply.kind === 'ANSWER' && reply.status === 503 && reply.retryAfterMs !== null) return;
    await clock.pause(backoffDelayMs(attempt, pace), signal);
  }

  /**
   * Takes note that a request has had all its attempts; gives the reply back. This is the circuit breaker: where nobody
   * else has been answered meanwhile the service is asked for something that has nothing to do with this user, and if
   * that is not answered either the run ends, without a user being blamed.
   * @throws RunError SERVICE_UNREACHABLE when this is no longer about one user
   */
  async gaveUp(request: Request, reply: Reply, attempts = this.#options.maxAttempts): Promise<Reply> {
    if (reply.kind === 'LOST' && reply.unknownHost) throw this.unreachable(reply);
    if (isUnreachable(reply) && this.#vainAttempts >= attempts) {
      const probed = request.isProbe === true ? reply : await this.#probeOnce();
      if (isUnreachable(probed)) throw this.unreachable(reply);
    }
    const kind = kindOf(request);
    this.#givenUp[kind] += 1;
    if (this.#givenUp[kind] < MAX_GIVEN_UP) return reply;
    if (kind === 'READ' || !(await this.#isThere())) throw this.unreachable(reply);
    throw new RunError(
      'SERVICE_REFUSED',
      `The SCIM service at ${this.#options.origin} is there and takes no change: ${MAX_GIVEN_UP} in a row have failed, the last with ${this.describe(reply)}`,
      {
        fix: 'Ask who runs the service why it fails; what could not be sent is tried again by the next run.',
      },
    );
  }

  /** The error for a service that does not answer. */
  unreachable(reply: Reply): RunError {
    const { origin } = this.#options;
    const message = `The SCIM service at ${origin} cannot be reached: ${this.describe(reply)}`;
    return new RunError('SERVICE_UNREACHABLE', message);
  }

  async #isThere(): Promise<boolean> {
    const probed = await this.#probeOnce();
    return probed.kind === 'ANSWER' && probed.status < 300;
  }

  /** One probe for all workers that give up at the same moment. */
  async #probeOnce(): Promise<Reply> {
    this.#probe ??= this.#options.exchange.send(PROBE).finally(() => {
      this.#probe = null;
    });
    return this.#probe;
  }

  /** Whoever is answered properly shows that what failed before was about those users. */
  #takeNote(request: Request, reply: Reply): void {
    if (!isTransient(reply)) {
      this.#vainAttempts = 0;
      this.#givenUp[kindOf(request)] = 0;
      return;
    }
    this.#vainAttempts += 1;
    const { throttle, origin, pace } = this.#options;
    if (!isThrottled(reply) || throttle.starvedMs < pace.maxStarvedMs) return;
    const message = `The SCIM service at ${origin} refuses every request for its rate limit: ${this.describe(reply)}`;
    throw new RunError('SERVICE_UNREACHABLE', message);
  }
}

function isThrottled(reply: Reply): boolean {
  return reply.kind === 'ANSWER' && reply.status === 429;
}

function kindOf(request: Request): 'READ' | 'WRITE' {
  return request.method === 'GET' ? 'READ' : 'WRITE';
}
