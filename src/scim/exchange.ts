/** One request and its reply: at most so many at a time, each with an overall deadline, counted and logged. */

import { Semaphore } from '../lib/semaphore.ts';
import { RunError } from '../model/errors.ts';
import type { Log } from '../model/ports.ts';
import { describe, readAnswer, type Answer, type Reply } from './answer.ts';
import type { Line, LineRequest } from './line.ts';
import type { Mask } from './masking.ts';
import { refusal } from './refusal.ts';
import type { Throttle } from './throttle.ts';
import { Overdue, transportReply } from './transport-error.ts';

export type Method = LineRequest['method'];

export interface Request {
  readonly method: Method;
  /** Below the base URL, beginning with `/`, query included. */
  readonly path: string;
  readonly body?: object;
  /** The version that the change was computed from (RFC 7644 3.14). */
  readonly ifMatch?: string | null;
  /** Something that we can do without: a 403 is about this request and not about who we are. */
  readonly isOptional?: boolean;
}

export interface ExchangeOptions {
  readonly line: Line;
  readonly throttle: Throttle;
  readonly baseUrl: URL;
  /** Shown in messages; never the password. */
  readonly userName: string;
  readonly authorization: string;
  readonly userAgent: string;
  readonly connections: number;
  readonly requestTimeoutMs: number;
  readonly mask: Mask;
  readonly log: Log;
  readonly signal: AbortSignal;
}

const MEDIA_TYPE = 'application/scim+json';
const TRACED_CHARACTERS = 4_000;

/** Sends requests. Until {@link permitWrites} it sends nothing but GET, whoever asks. */
export class Exchange {
  readonly #options: ExchangeOptions;
  readonly #slots: Semaphore;
  readonly #basePath: string;
  readonly #counts: Partial<Record<Method, number>> = {};
  readonly #inFlight = new Set<AbortController>();
  #mayWrite = false;
  #ended: RunError | null = null;

  constructor(options: ExchangeOptions) {
    this.#options = options;
    this.#slots = new Semaphore(options.connections);
    this.#basePath = options.baseUrl.pathname.replace(/\/+$/, '');
    options.signal.addEventListener('abort', () => {
      for (const request of this.#inFlight) request.abort(options.signal.reason);
    });
  }

  /** To be called when a live run opens its writer, and never otherwise. */
  permitWrites(): void {
    this.#mayWrite = true;
  }

  /** Requests sent so far, by method. */
  counts(): Readonly<Record<string, number>> {
    return { ...this.#counts };
  }

  /**
   * Sends one request, once. Resolves with whatever came of it.
   * @throws RunError where no request can succeed any more: credentials refused, certificate not trusted, a redirect.
   * The same error is then thrown for every later request, so that a wrong password is not tried for each user.
   */
  async send(request: Request): Promise<Reply> {
    if (request.method !== 'GET' && !this.#mayWrite) {
      throw new TypeError(`A dry run tried to send ${request.method} ${request.path}.`);
    }
    await this.#slots.acquire();
    try {
      await this.#options.throttle.turn();
      if (this.#ended !== null) throw this.#ended;
      this.#options.signal.throwIfAborted();
    } catch (error) {
      this.#slots.release();
      throw error;
    }
    return this.#sendNow(request);
  }

  async #sendNow(request: Request): Promise<Reply> {
    const startedAt = performance.now();
    this.#counts[request.method] = (this.#counts[request.method] ?? 0) + 1;
    const outgoing = this.#lineRequest(request);
    let reply: Reply;
    try {
      reply = await this.#transmit(outgoing);
    } catch (error) {
      this.#options.signal.throwIfAborted();
      const lost = transportReply(error, this.#options.baseUrl.origin);
      if (lost instanceof RunError) throw this.#end(lost);
      reply = lost;
    }
    this.#trace(request.path, outgoing, reply, performance.now() - startedAt);
    if (reply.kind === 'ANSWER') this.#judge(reply, request.isOptional ?? false);
    return reply;
  }

  async #transmit(request: LineRequest): Promise<Answer> {
    const { line, requestTimeoutMs } = this.#options;
    const controller = new AbortController();
    this.#inFlight.add(controller);
    // undici does not look at a signal while it connects, so the deadline has to be raced, not only passed on.
    const abandoned = new Promise<never>((_, reject) => {
      controller.signal.addEventListener('abort', () => reject(controller.signal.reason as Error));
    });
    const timer = setTimeout(() => controller.abort(new Overdue(requestTimeoutMs)), requestTimeoutMs);
    const sent = line.send(request, controller.signal);
    const release = (): void => this.#slots.release();
    // The slot is ours until undici has let go of the request, which may be later than the deadline.
    sent.then(release, release);
    try {
      return readAnswer(await Promise.race([sent, abandoned]));
    } finally {
      clearTimeout(timer);
      this.#inFlight.delete(controller);
    }
  }

  #lineRequest(request: Request): LineRequest {
    const { authorization, userAgent } = this.#options;
    const body = request.body === undefined ? null : JSON.stringify(request.body);
    const headers: Record<string, string> = {
      accept: `${MEDIA_TYPE}, application/json;q=0.9`,
      authorization,
      'user-agent': userAgent,
    };
    if (body !== null) headers['content-type'] = MEDIA_TYPE;
    if (typeof request.ifMatch === 'string') headers['if-match'] = request.ifMatch;
    return { method: request.method, path: this.#basePath + request.path, headers, body };
  }

  #judge(answer: Answer, isOptional: boolean): void {
    const { throttle, log, baseUrl, userName, mask } = this.#options;
    if (answer.status === 429 || (answer.status === 503 && answer.retryAfterMs !== null)) {
      const holdMs = throttle.refused(answer.retryAfterMs);
      if (holdMs >= 1_000) {
        log.info('ScimService', `The service asks to slow down: waiting ${Math.ceil(holdMs / 1000)} s.`);
      }
      return;
    }
    if (answer.status < 500) throttle.accepted();
    if (answer.status === 403 && isOptional) return;
    const fatal = refusal(answer, { baseUrl, userName, mask });
    if (fatal !== null) throw this.#end(fatal);
  }

  #end(error: RunError): RunError {
    this.#ended ??= error;
    return error;
  }

  /** Header lines are never logged: one of them is the password. */
  #trace(path: string, sent: LineRequest, reply: Reply, tookMs: number): void {
    const { log, mask } = this.#options;
    const result =
      reply.kind === 'ANSWER' && reply.status < 400 ? `HTTP ${reply.status}` : describe(reply, mask);
    log.debug('ScimService', `${sent.method} ${path}: ${result} (${Math.round(tookMs)} ms)`);
    if (sent.body !== null) log.trace('ScimService', `sent ${sent.body.slice(0, TRACED_CHARACTERS)}`);
    if (reply.kind === 'ANSWER' && reply.text !== '') {
      log.trace('ScimService', `received ${mask(reply.text.slice(0, TRACED_CHARACTERS))}`);
    }
  }
}
