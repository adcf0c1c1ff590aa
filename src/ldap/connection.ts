/** One connection to an LDAP server: bytes out, whole messages in, and a single place that knows when and why it was lost. */

import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { certificateChain, type ChainLink } from '../lib/certificate-chain.ts';
import { looksLikeTls } from '../lib/tls-words.ts';
import { BerCursor, BerError, TAG } from './ber.ts';
import { MessageSplitter } from './message-splitter.ts';
import { networkProblem, tlsPortHint } from './network-problem.ts';
import { abandonRequest, OPERATION, unbindRequest } from './requests.ts';
import { readable, readResult } from './result-codes.ts';
import type { ServerAddress } from './server-url.ts';
import { Traffic } from './traffic.ts';

/** RFC 4511 4.4.1 */
const NOTICE_OF_DISCONNECTION = '1.3.6.1.4.1.1466.20036';

/** A timer that rings so much later than it was set for tells that this process was busy. */
const LATE_MS = 20;

/**
 * How many times `ldap.read.timeout.period` an answer may take in all: silence has its own clock, but a byte now and then
 * would keep that one from ever running out.
 */
const PERIODS_PER_ANSWER = 100;

interface Owed {
  readonly handler: ReplyHandler;
  /** When it was asked for, or last got on; on the clock of `performance.now()`. */
  sinceMs: number;
}

/** Gets the answers to one request. Exceptions of type BerError end the connection. */
export interface ReplyHandler {
  /**
   * @param operation tag of the protocol operation; its content is `start` to `end`, controls follow up to `messageEnd`
   * @returns true when this was the last answer
   */
  reply(operation: number, bytes: Buffer, start: number, end: number, messageEnd: number): boolean;
  /** No further answer will come. */
  lost(reason: string): void;
}

/** A connection that is up. It never reconnects: what was lost is lost, and its owner decides what that means. */
export class Connection {
  readonly server: ServerAddress;
  /** The IP address that answered. */
  readonly address: string | null;
  readonly encrypted: boolean;
  /** The certificates that the server has shown and that were checked, its own first. */
  readonly certificates: readonly ChainLink[];
  /** Why nothing more can be sent; `null` while the connection is good. */
  lostReason: string | null = null;

  readonly #socket: Socket;
  readonly #splitter: MessageSplitter;
  readonly #handlers = new Map<number, Owed>();
  readonly #readTimeoutMs: number;
  readonly #answerTimeoutMs: number;
  readonly #traffic: Traffic;
  #idleTimer: NodeJS.Timeout | null = null;
  #chunks = 0;
  #activeAtMs = 0;
  #paused = false;
  #lastId = 0;

  /** @param answerTimeoutMs how long one answer may take in all, the time in which we are not listening left out */
  constructor(
    socket: Socket,
    server: ServerAddress,
    readTimeoutMs: number,
    answerTimeoutMs = readTimeoutMs * PERIODS_PER_ANSWER,
    traffic = new Traffic(),
  ) {
    this.#traffic = traffic;
    this.#socket = socket;
    this.server = server;
    this.address = socket.remoteAddress ?? null;
    this.encrypted = socket instanceof TLSSocket;
    const checked = socket instanceof TLSSocket && socket.authorized;
    this.certificates = checked ? certificateChain(socket) : [];
    this.#readTimeoutMs = readTimeoutMs;
    this.#answerTimeoutMs = answerTimeoutMs;
    this.#splitter = new MessageSplitter((bytes, start, end) => this.#receive(bytes, start, end));
    socket.on('data', (chunk: Buffer) => this.#data(chunk));
    socket.on('error', (error: Error) => this.lose(this.#brokenReason(error)));
    socket.on('end', () => this.lose(this.#closedReason()));
    socket.on('close', () => this.lose(this.#closedReason()));
    // A forgotten idle connection must not keep the process alive; an owed answer is guarded by the timer below.
    socket.unref();
  }

  /** Sends a request and hands its answers to `handler` until that says it was the last. */
  request(encode: (id: number) => Buffer, handler: ReplyHandler): number {
    const id = ++this.#lastId;
    if (this.lostReason !== null) {
      handler.lost(this.lostReason);
      return id;
    }
    this.#handlers.set(id, { handler, sinceMs: performance.now() });
    this.#traffic.requests += 1;
    this.#send(encode(id));
    this.#watch();
    return id;
  }

  /** The answer to `id` has got on by as much as may take the time of an answer. */
  progress(id: number): void {
    const owed = this.#handlers.get(id);
    if (owed !== undefined) owed.sinceMs = performance.now();
  }

  /** Stops reading from the socket, and the clock with it: it is we who are slow. */
  pause(): void {
    this.#paused = true;
    this.#socket.pause();
    this.#watch();
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    for (const id of this.#handlers.keys()) this.progress(id);
    this.#socket.resume();
    this.#watch();
  }

  /** Tells the server that nobody waits for the answers to `id` any more (RFC 4511 4.11). */
  abandon(id: number): void {
    if (this.lostReason !== null || !this.#handlers.delete(id)) return;
    this.#send(abandonRequest(++this.#lastId, id));
  }

  /** Unbinds and closes. */
  close(): void {
    if (this.lostReason !== null) return;
    this.#send(unbindRequest(++this.#lastId));
    this.#socket.end();
    this.lose('the connection was closed');
  }

  /** The one way to the end: every owed answer is told why it will not come. */
  lose(reason: string): void {
    if (this.lostReason !== null) return;
    this.lostReason = reason;
    if (this.#idleTimer !== null) clearTimeout(this.#idleTimer);
    // After a normal close the last bytes still have to go out.
    if (this.#socket.writableEnded) this.#socket.destroySoon();
    else this.#socket.destroy();
    const handlers = [...this.#handlers.values()];
    this.#handlers.clear();
    for (const { handler } of handlers) handler.lost(reason);
  }

  #send(bytes: Buffer): void {
    this.#traffic.bytesSent += bytes.length;
    this.#traffic.trace?.sent(bytes, this.server);
    this.#socket.write(bytes);
  }

  #data(chunk: Buffer): void {
    if (this.lostReason !== null) return;
    this.#chunks++;
    this.#traffic.bytesRead += chunk.length;
    this.#activeAtMs = performance.now();
    this.#idleTimer?.refresh();
    try {
      this.#splitter.push(chunk);
    } catch (error) {
      if (!(error instanceof BerError)) throw error;
      const isTls = this.#chunks === 1 && !this.encrypted && looksLikeTls(chunk);
      this.lose(
        isTls
          ? `the server answers in TLS: ${tlsPortHint(this.server)}`
          : `the server's answer cannot be read: ${error.message}`,
      );
    }
    this.#endWhatTakesTooLong();
  }

  /** Looked at when something came: where nothing comes, the clock of silence ends it. */
  #endWhatTakesTooLong(): void {
    const limitMs = this.#answerTimeoutMs;
    const now = performance.now();
    for (const { sinceMs } of this.#handlers.values()) {
      if (now - sinceMs <= limitMs || this.#paused) continue;
      this.lose(
        `an answer was not complete after ${limitMs} ms (${PERIODS_PER_ANSWER} times ldap.read.timeout.period)`,
      );
    }
  }

  #receive(bytes: Buffer, start: number, end: number): boolean {
    this.#traffic.trace?.received(bytes, start, end, this.server);
    const cursor = new BerCursor(bytes, start, end);
    cursor.open(TAG.SEQUENCE, end);
    const id = cursor.integer(TAG.INTEGER, end);
    const operation = cursor.peek(end);
    if (operation === -1) throw new BerError('a message holds no operation');
    const operationEnd = cursor.open(operation, end);
    if (id === 0) {
      this.#unsolicited(cursor, operation, operationEnd);
      return this.lostReason === null;
    }
    if (operation === OPERATION.SEARCH_ENTRY) this.#traffic.entries += 1;
    const handler = this.#handlers.get(id)?.handler;
    if (handler === undefined) throw new BerError(`it answers request ${id}, which was never sent`);
    if (handler.reply(operation, bytes, cursor.at, operationEnd, end)) {
      this.#handlers.delete(id);
      this.#watch();
    }
    return this.lostReason === null;
  }

  #unsolicited(cursor: BerCursor, operation: number, end: number): void {
    if (operation !== OPERATION.EXTENDED_RESPONSE) throw new BerError('an answer carries no message number');
    const result = readResult(cursor, end);
    const name = cursor.peek(end) === 0x8a ? cursor.text(0x8a, end) : '';
    if (name !== NOTICE_OF_DISCONNECTION) return;
    const text = readable(result.text);
    this.lose(`the server ended the connection: ${text === '' ? `result code ${result.code}` : text}`);
  }

  #brokenReason(error: Error): string {
    const reset = (error as NodeJS.ErrnoException).code === 'ECONNRESET';
    if (reset && this.#chunks === 0 && !this.encrypted)
      return `the server broke the connection off without a word: ${tlsPortHint(this.server)}`;
    return `the connection broke: ${networkProblem(error, this.server)}`;
  }

  #closedReason(): string {
    if (this.#splitter.midMessage) return 'the server closed the connection in the middle of an answer';
    const closed = 'the server closed the connection';
    return this.#chunks === 0 && !this.encrypted
      ? `${closed} without a word: ${tlsPortHint(this.server)}`
      : closed;
  }

  /**
   * The clock has run out. If it was we who were busy for so long, an answer may wait in the socket, or the server has
   * not even had our request: what has come is read first, and a clock that rang late is set anew.
   */
  #idle(): void {
    this.#idleTimer = null;
    const chunks = this.#chunks;
    const late = performance.now() - this.#activeAtMs > this.#readTimeoutMs + LATE_MS;
    setImmediate(() => {
      if (late || this.#chunks !== chunks || this.#handlers.size === 0 || this.#paused) this.#watch();
      else this.lose(`no answer within ${this.#readTimeoutMs} ms (ldap.read.timeout.period)`);
    });
  }

  /** Keeps the clock running exactly while an answer is owed and we are listening. */
  #watch(): void {
    const owed = this.#handlers.size > 0 && !this.#paused && this.lostReason === null;
    if (!owed) {
      if (this.#idleTimer !== null) clearTimeout(this.#idleTimer);
      this.#idleTimer = null;
    } else if (this.#idleTimer === null) {
      this.#activeAtMs = performance.now();
      this.#idleTimer = setTimeout(() => this.#idle(), this.#readTimeoutMs);
    } else {
      this.#activeAtMs = performance.now();
      this.#idleTimer.refresh();
    }
  }
}
