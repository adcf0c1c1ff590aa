/** One connection to an LDAP server: bytes out, whole messages in, and a single place that knows when and why it was lost. */

import { connect as connectTcp } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { BerCursor, BerError, TAG } from './ber.ts';
import { MessageSplitter } from './message-splitter.ts';
import { abandonRequest, OPERATION, unbindRequest } from './requests.ts';
import { readResult } from './result-codes.ts';
import type { ServerAddress } from './server-url.ts';
import { formatServer } from './server-url.ts';
import { certificateProblem } from './tls-trust.ts';
import type { TlsTrust } from './tls-trust.ts';

/** RFC 4511 4.4.1 */
const NOTICE_OF_DISCONNECTION = '1.3.6.1.4.1.1466.20036';

/** A timer that rings so much later than it was set for tells that this process was busy. */
const LATE_MS = 20;

/** Why there is no connection. `lasting` means that trying again cannot help. */
export class ConnectError extends Error {
  readonly lasting: boolean;
  readonly certificate: boolean;

  constructor(message: string, options: { lasting?: boolean; certificate?: boolean; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = 'ConnectError';
    this.certificate = options.certificate ?? false;
    this.lasting = options.lasting ?? this.certificate;
  }
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

export interface ConnectOptions {
  readonly server: ServerAddress;
  readonly trust: TlsTrust;
  /** TCP and TLS handshake together. */
  readonly connectTimeoutMs: number;
  /** How long nothing at all may come while an answer is owed. */
  readonly readTimeoutMs: number;
  /** Connect to this IP address instead of resolving the host again: the name may stand for several servers. */
  readonly pinnedAddress: string | null;
  readonly signal: AbortSignal;
}

/**
 * Opens TCP, or TCP and TLS with a check of the host name.
 * @throws ConnectError
 */
export async function connect(options: ConnectOptions): Promise<Connection> {
  const { server, connectTimeoutMs, signal } = options;
  if (signal.aborted) throw new ConnectError('the run was stopped', { lasting: true });
  const address = options.pinnedAddress ?? server.host;
  const socket = server.secure
    ? connectTls({
        host: address,
        port: server.port,
        // SNI must not carry an IP address (RFC 6066 3); the check of the certificate then uses `host`.
        ...(/^[\d.]+$|:/.test(server.host) ? {} : { servername: server.host }),
        ...options.trust,
      })
    : connectTcp({ host: address, port: server.port });
  socket.setNoDelay(true);
  await new Promise<void>((resolve, reject) => {
    const finish = (error: Error | null): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', aborted);
      socket.removeAllListeners();
      if (error === null) resolve();
      else {
        // Whatever the dying socket still reports has been answered already.
        socket.on('error', () => undefined);
        socket.destroy();
        reject(error);
      }
    };
    const aborted = (): void => finish(new ConnectError('the run was stopped', { lasting: true }));
    const timer = setTimeout(
      () =>
        finish(
          new ConnectError(`no connection within ${connectTimeoutMs} ms (ldap.connection.timeout.period)`),
        ),
      connectTimeoutMs,
    );
    signal.addEventListener('abort', aborted);
    socket.once(server.secure ? 'secureConnect' : 'connect', () => finish(null));
    socket.once('error', (error: Error) => finish(connectError(error, server, socket)));
    socket.once('close', () => finish(new ConnectError('the server closed the connection at once')));
  });
  return new Connection(socket, options);
}

function connectError(error: Error, server: ServerAddress, socket: Socket): ConnectError {
  const peer = server.secure ? (socket as TLSSocket).getPeerCertificate() : null;
  const certificate = certificateProblem(error, server.host, peer?.valid_to ?? null);
  if (certificate !== null) return new ConnectError(certificate, { certificate: true, cause: error });
  return new ConnectError(networkProblem(error, server), { cause: error });
}

/** An error of the socket in words; several addresses of one name give an AggregateError with an empty message. */
function networkProblem(error: Error, server: ServerAddress): string {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  const { code = '', message = '' } = first instanceof Error ? (first as NodeJS.ErrnoException) : {};
  switch (code) {
    case 'ECONNREFUSED':
      return `connection refused: nothing listens on port ${server.port} of ${server.host}`;
    case 'ENOTFOUND':
      return `the host name ${server.host} is not known`;
    case 'EAI_AGAIN':
      return `the host name ${server.host} cannot be resolved at the moment`;
    case 'ECONNRESET':
      return server.secure
        ? 'the server closed the connection before TLS was up: is this the port for ldaps (636)?'
        : 'connection reset by the server';
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return `there is no route to ${server.host}`;
    default:
      if (code === 'EPROTO' || code.startsWith('ERR_SSL_')) {
        return `no TLS handshake with ${formatServer(server)}: ${sslReason(message)}`;
      }
      return message === '' ? code : message;
  }
}

/** OpenSSL's messages carry file names and numbers; the last words before them are the reason. */
function sslReason(message: string): string {
  return /:SSL routines:[^:]*:([^:]+):/.exec(message)?.[1] ?? message.trim();
}

export class Connection {
  readonly server: ServerAddress;
  /** The IP address that answered. */
  readonly address: string | null;
  /** Why nothing more can be sent; `null` while the connection is good. */
  lostReason: string | null = null;

  readonly #socket: Socket;
  readonly #splitter: MessageSplitter;
  readonly #handlers = new Map<number, ReplyHandler>();
  readonly #readTimeoutMs: number;
  #idleTimer: NodeJS.Timeout | null = null;
  #chunks = 0;
  #activeAtMs = 0;
  #paused = false;
  #lastId = 0;

  constructor(socket: Socket, options: ConnectOptions) {
    this.#socket = socket;
    this.server = options.server;
    this.address = socket.remoteAddress ?? null;
    this.#readTimeoutMs = options.readTimeoutMs;
    this.#splitter = new MessageSplitter((bytes, start, end) => this.#receive(bytes, start, end));
    socket.on('data', (chunk: Buffer) => this.#data(chunk));
    socket.on('error', (error: Error) =>
      this.lose(`the connection broke: ${networkProblem(error, this.server)}`),
    );
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
    this.#handlers.set(id, handler);
    this.#socket.write(encode(id));
    this.#watch();
    return id;
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
    this.#socket.resume();
    this.#watch();
  }

  /** Tells the server that nobody waits for the answers to `id` any more (RFC 4511 4.11). */
  abandon(id: number): void {
    if (this.lostReason !== null || !this.#handlers.delete(id)) return;
    this.#socket.write(abandonRequest(++this.#lastId, id));
  }

  /** Unbinds and closes. */
  close(): void {
    if (this.lostReason !== null) return;
    this.#socket.end(unbindRequest(++this.#lastId));
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
    for (const handler of handlers) handler.lost(reason);
  }

  #data(chunk: Buffer): void {
    if (this.lostReason !== null) return;
    this.#chunks++;
    this.#activeAtMs = performance.now();
    this.#idleTimer?.refresh();
    try {
      this.#splitter.push(chunk);
    } catch (error) {
      if (!(error instanceof BerError)) throw error;
      this.lose(`the server's answer cannot be read: ${error.message}`);
    }
  }

  #receive(bytes: Buffer, start: number, end: number): boolean {
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
    const handler = this.#handlers.get(id);
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
    const text = result.text === '' ? `result code ${result.code}` : result.text;
    this.lose(`the server ended the connection: ${text}`);
  }

  #closedReason(): string {
    return this.#splitter.midMessage
      ? 'the server closed the connection in the middle of an answer'
      : 'the server closed the connection';
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
