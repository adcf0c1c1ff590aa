/** One request and its reply: in its turn, with an overall deadline, counted and logged. */

import { RunError } from '../model/errors.ts';
import type { Log } from '../model/ports.ts';
import { describe, readAnswer, type Answer, type Reply } from './answer.ts';
import type { Call, Line, LineAnswer, LineRequest } from './line.ts';
import { withoutSecretMembers, type Mask } from './masking.ts';
import { refusal } from './refusal.ts';
import type { Throttle } from './throttle.ts';
import { Overdue, transportReply } from './transport-error.ts';

export type Method = LineRequest['method'];

/** So many forbidden changes in a row, with none taken in between, are not about those users. */
const MAX_FORBIDDEN = 5;

export interface Request {
  readonly method: Method;
  /** Below the base URL, beginning with `/`, query included. */
  readonly path: string;
  readonly body?: object;
  /** The version that the change was computed from (RFC 7644 3.14). */
  readonly ifMatch?: string | null;
  /** Something that we can do without: a 403 is about this request and not about who we are. */
  readonly isOptional?: boolean;
  /** Not about any one user: if nobody answers it, nobody is there. */
  readonly isProbe?: boolean;
}

export interface ExchangeOptions {
  readonly line: Line;
  readonly throttle: Throttle;
  readonly baseUrl: URL;
  /** Shown in messages; never the password. */
  readonly userName: string;
  readonly authorization: string;
  readonly userAgent: string;
  readonly requestTimeoutMs: number;
  readonly mask: Mask;
  readonly log: Log;
  /** How long an interrupted run waits for the answers to its writes. */
  readonly maxFinishMs: number;
  readonly signal: AbortSignal;
}

const MEDIA_TYPE = 'application/scim+json';
const TRACED_CHARACTERS = 32_768;

type Purpose = 'create' | 'update' | 'lookup' | 'list' | 'read' | 'discovery';

function purposeOf({ method, path }: Request): Purpose {
  if (method !== 'GET') return method === 'POST' ? 'create' : 'update';
  if (path.startsWith('/Users?filter=')) return 'lookup';
  if (path.startsWith('/Users/')) return 'read';
  return path.startsWith('/Users?') ? 'list' : 'discovery';
}

/** Sends requests. Until {@link permitWrites} it sends nothing but GET, whoever asks. */
export class Exchange {
  readonly #options: ExchangeOptions;
  readonly #basePath: string;
  readonly #bareHeaders: Readonly<Record<string, string>>;
  readonly #bodyHeaders: Readonly<Record<string, string>>;
  readonly #counts: Partial<Record<Method, number>> = {};
  readonly #purposes: Partial<Record<Purpose, number>> = {};
  readonly #calls = new Map<Call, Method>();
  #mayWrite = false;
  #forbidden = 0;
  #ended: RunError | null = null;

  constructor(options: ExchangeOptions) {
    this.#options = options;
    this.#basePath = options.baseUrl.pathname.replace(/\/+$/, '');
    const { authorization, userAgent } = options;
    const accept = `${MEDIA_TYPE}, application/json;q=0.9`;
    this.#bareHeaders = { accept, authorization, 'user-agent': userAgent };
    this.#bodyHeaders = { ...this.#bareHeaders, 'content-type': MEDIA_TYPE };
    options.signal.addEventListener('abort', () => {
      this.#giveUp(options.signal.reason as Error);
    });
  }

  /** To be called when a live run opens its writer, and never otherwise. */
  permitWrites(): void {
    this.#mayWrite = true;
  }

  /** Requests sent so far, by what they were for. */
  purposes(): Readonly<Record<string, number>> {
    return { ...this.#purposes };
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
    const { throttle } = this.#options;
    const sentAt = await throttle.enter();
    if (this.#ended !== null) {
      throttle.left();
      throw this.#ended;
    }
    return this.#sendNow(request, sentAt);
  }

  async #sendNow(request: Request, sentAt: number): Promise<Reply> {
    this.#counts[request.method] = (this.#counts[request.method] ?? 0) + 1;
    const purpose = purposeOf(request);
    this.#purposes[purpose] = (this.#purposes[purpose] ?? 0) + 1;
    const outgoing = this.#lineRequest(request);
    // Before it goes out: of a run that dies the trace says what may have arrived.
    if (outgoing.body !== null) this.#traceBody(`sent ${request.method} ${request.path}`, outgoing.body);
    let reply: Reply;
    try {
      reply = readAnswer(await this.#transmit(outgoing));
    } catch (error) {
      this.#options.signal.throwIfAborted();
      const lost = transportReply(error, this.#options.baseUrl.origin);
      if (lost instanceof RunError) throw this.#end(lost);
      reply = lost;
    }
    this.#trace(request.path, outgoing, reply, sentAt);
    if (reply.kind === 'ANSWER') this.#judge(reply, sentAt, request);
    return reply;
  }

  /** A question may be asked again; a write that is on its way is worth waiting for: its answer is then remembered. */
  #giveUp(reason: Error): void {
    for (const [call, method] of this.#calls) if (method === 'GET') call.abort(reason);
    const patience = setTimeout(() => {
      for (const call of this.#calls.keys()) call.abort(reason);
    }, this.#options.maxFinishMs);
    // The calls themselves keep the process up, as long as there are any.
    patience.unref();
  }

  async #transmit(request: LineRequest): Promise<LineAnswer> {
    const { line, requestTimeoutMs, throttle } = this.#options;
    // The slot is ours until undici has let go of the request, which may be later than the deadline.
    const call = line.send(request, () => throttle.left());
    this.#calls.set(call, request.method);
    const timer = setTimeout(() => call.abort(new Overdue(requestTimeoutMs)), requestTimeoutMs);
    try {
      return await call.answer;
    } finally {
      clearTimeout(timer);
      this.#calls.delete(call);
    }
  }

  #lineRequest(request: Request): LineRequest {
    const body = request.body === undefined ? null : JSON.stringify(request.body);
    let headers = body === null ? this.#bareHeaders : this.#bodyHeaders;
    if (typeof request.ifMatch === 'string') headers = { ...headers, 'if-match': request.ifMatch };
    return { method: request.method, path: this.#basePath + request.path, headers, body };
  }

  #judge(answer: Answer, sentAt: number, { method, isOptional }: Request): void {
    const { throttle, log, baseUrl, userName, mask } = this.#options;
    if (answer.quota !== null) throttle.informed(answer.quota);
    const isRate = answer.status === 429;
    if (isRate || (answer.status === 503 && answer.retryAfterMs !== null)) {
      const holdMs = throttle.refused({ sentAt, askedMs: answer.retryAfterMs, isRate });
      if (holdMs >= 1_000) {
        log.info('ScimService', `The service asks to slow down: waiting ${Math.ceil(holdMs / 1000)} s.`);
      }
      return;
    }
    if (answer.status < 500) throttle.accepted(sentAt);
    if (answer.status === 403 && isOptional === true) return;
    const isChange = method !== 'GET';
    if (isChange && answer.status < 300) this.#forbidden = 0;
    const fatal = refusal(answer, { baseUrl, userName, mask });
    if (fatal === null) return;
    if (!isChange || answer.status !== 403) throw this.#end(fatal);
    // It may be about this one user, as the owner of the tenant, and must not keep the others from being changed.
    this.#forbidden += 1;
    if (this.#forbidden >= MAX_FORBIDDEN) throw fatal;
  }

  #end(error: RunError): RunError {
    this.#ended ??= error;
    return error;
  }

  /** Header lines are never logged: one of them is the password. */
  #trace(path: string, sent: LineRequest, reply: Reply, sentAt: number): void {
    const { log, mask, throttle } = this.#options;
    // Asked first: what is not written need not be masked and put together for each request.
    if (log.isEnabled?.('debug') === false) return;
    const result =
      reply.kind === 'ANSWER' && reply.status < 400 ? `HTTP ${reply.status}` : describe(reply, mask);
    const tookMs = Math.round(throttle.since(sentAt));
    log.debug('ScimService', `${sent.method} ${path}: ${result} (${tookMs} ms)`);
    if (reply.kind === 'LOST') return;
    this.#traceBody(`received ${reply.status} to ${sent.method} ${path}`, reply.text);
  }

  #traceBody(what: string, body: string): void {
    const { log, mask } = this.#options;
    if (log.isEnabled?.('trace') === false) return;
    log.trace('ScimService', `${what}: ${traced(body, mask)}`);
  }
}

/** A body for the trace. Masked before it is cut: half a secret would not be found. */
function traced(body: string, mask: Mask): string {
  const bytes = Buffer.byteLength(body);
  if (bytes === 0) return '(no body)';
  const text = mask(withoutSecretMembers(body));
  const cut = text.length > TRACED_CHARACTERS;
  return `(${bytes} bytes) ${cut ? `${text.slice(0, TRACED_CHARACTERS)}… (cut)` : text}`;
}
