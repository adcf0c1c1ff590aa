/** Opens the socket to an LDAP server, with TLS where the URL says so, and puts into words why it could not. */

import { connect as connectTcp } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls, TLSSocket } from 'node:tls';
import type { ConnectionOptions } from 'node:tls';
import { Connection } from './connection.ts';
import { networkProblem, plainPortHint } from './network-problem.ts';
import type { ServerAddress } from './server-url.ts';
import { askForTls } from './start-tls.ts';
import type { Traffic } from './traffic.ts';
import { certificateProblem } from './tls-trust.ts';
import type { TlsTrust } from './tls-trust.ts';

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

export interface ConnectOptions {
  readonly server: ServerAddress;
  readonly trust: TlsTrust;
  /** Whether a connection to ldap:// is to be encrypted before anything else is said. */
  readonly startTls: boolean;
  /** TCP and TLS handshake together; with StartTLS each step has as much. */
  readonly connectTimeoutMs: number;
  /** How long nothing at all may come while an answer is owed. */
  readonly readTimeoutMs: number;
  /** Connect to this IP address instead of resolving the host again: the name may stand for several servers. */
  readonly pinnedAddress: string | null;
  readonly signal: AbortSignal;
  /** Counts what goes over the connection. */
  readonly traffic: Traffic;
}

/**
 * Opens TCP, or TCP and TLS with a check of the host name; TLS from the first byte or by StartTLS.
 * @throws ConnectError
 */
export async function connect(options: ConnectOptions): Promise<Connection> {
  const socket = await openSocket(options);
  socket.setNoDelay(true);
  return new Connection(socket, options.server, options.readTimeoutMs, undefined, options.traffic);
}

/** As {@link connect}, the socket alone: nothing has been said over it but what StartTLS takes. @throws ConnectError */
export async function openSocket(options: Omit<ConnectOptions, 'readTimeoutMs'>): Promise<Socket> {
  const { server, signal } = options;
  if (signal.aborted) throw new ConnectError('the run was stopped', { lasting: true });
  const address = { host: options.pinnedAddress ?? server.host, port: server.port };
  let socket: Socket;
  if (server.secure) {
    socket = await ready(connectTls({ ...address, ...tlsOptions(options) }), 'secureConnect', options);
  } else {
    socket = await ready(connectTcp(address), 'connect', options);
    if (options.startTls) socket = await encrypted(socket, options);
  }
  return socket;
}

type SocketOptions = Parameters<typeof openSocket>[0];

async function encrypted(socket: Socket, options: SocketOptions): Promise<Socket> {
  const stop = (): void => void socket.destroy();
  options.signal.addEventListener('abort', stop);
  const problem = await askForTls(socket, options.connectTimeoutMs, options.server, options.traffic);
  options.signal.removeEventListener('abort', stop);
  // From here on errors are for the socket with TLS to report, or for nobody.
  socket.on('error', () => undefined);
  if (problem !== null) {
    socket.destroy();
    // Going on in clear is what whoever is in the middle would like best.
    throw new ConnectError(problem, { lasting: true });
  }
  const { host } = options.server;
  return ready(connectTls({ socket, host, ...tlsOptions(options) }), 'secureConnect', options);
}

function tlsOptions({ server, trust }: SocketOptions): ConnectionOptions {
  // SNI must not carry an IP address (RFC 6066 3); the check of the certificate then uses `host`.
  return { ...(/^[\d.]+$|:/.test(server.host) ? {} : { servername: server.host }), ...trust };
}

/** Waits for the event that makes the socket usable; destroys it where that does not come. @throws ConnectError */
async function ready<T extends Socket>(
  socket: T,
  event: 'connect' | 'secureConnect',
  { server, connectTimeoutMs, signal }: SocketOptions,
): Promise<T> {
  let validTo: string | null = null;
  // Before Node judges the certificate: a socket with a bad one is destroyed and has forgotten it.
  socket.prependListener('secure', () => {
    if (socket instanceof TLSSocket) validTo = socket.getPeerCertificate().valid_to ?? null;
  });
  await new Promise<void>((resolve, reject) => {
    const finish = (error: Error | null): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', aborted);
      socket.off(event, connected).off('error', failed).off('close', closed);
      if (error === null) return resolve();
      // Whatever the dying socket still reports has been answered already.
      socket.on('error', () => undefined);
      socket.destroy();
      reject(error);
    };
    const connected = (): void => finish(null);
    const failed = (error: Error): void => finish(connectError(error, server, validTo));
    const closed = (): void => finish(new ConnectError(closedAtOnce(server)));
    const aborted = (): void => finish(new ConnectError('the run was stopped', { lasting: true }));
    const late = `no connection within ${connectTimeoutMs} ms (ldap.connection.timeout.period)`;
    const timer = setTimeout(() => finish(new ConnectError(late)), connectTimeoutMs);
    signal.addEventListener('abort', aborted);
    socket.once(event, connected).once('error', failed).once('close', closed);
  });
  return socket;
}

function closedAtOnce(server: ServerAddress): string {
  const closed = 'the server closed the connection at once';
  return server.secure ? `${closed}, before TLS was up: ${plainPortHint(server)}` : closed;
}

function connectError(error: Error, server: ServerAddress, validTo: string | null): ConnectError {
  const certificate = certificateProblem(error, server.host, validTo);
  if (certificate !== null) return new ConnectError(certificate, { certificate: true, cause: error });
  return new ConnectError(networkProblem(error, server), { cause: error });
}
