/** Opens the socket to an LDAP server, with TLS where the URL says so, and puts into words why it could not. */

import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { Connection } from './connection.ts';
import { networkProblem } from './network-problem.ts';
import type { ServerAddress } from './server-url.ts';
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
  let validTo: string | null = null;
  // Before Node judges the certificate: a socket with a bad one is destroyed and has forgotten it.
  socket.prependListener('secure', () => {
    validTo = (socket as TLSSocket).getPeerCertificate().valid_to ?? null;
  });
  await new Promise<void>((resolve, reject) => {
    const ready = server.secure ? 'secureConnect' : 'connect';
    const finish = (error: Error | null): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', aborted);
      socket.off(ready, connected).off('error', failed).off('close', closed);
      if (error === null) return resolve();
      // Whatever the dying socket still reports has been answered already.
      socket.on('error', () => undefined);
      socket.destroy();
      reject(error);
    };
    const connected = (): void => finish(null);
    const failed = (error: Error): void => finish(connectError(error, server, validTo));
    const closed = (): void => finish(new ConnectError('the server closed the connection at once'));
    const aborted = (): void => finish(new ConnectError('the run was stopped', { lasting: true }));
    const late = `no connection within ${connectTimeoutMs} ms (ldap.connection.timeout.period)`;
    const timer = setTimeout(() => finish(new ConnectError(late)), connectTimeoutMs);
    signal.addEventListener('abort', aborted);
    socket.once(ready, connected).once('error', failed).once('close', closed);
  });
  return new Connection(socket, server, options.readTimeoutMs);
}

function connectError(error: Error, server: ServerAddress, validTo: string | null): ConnectError {
  const certificate = certificateProblem(error, server.host, validTo);
  if (certificate !== null) return new ConnectError(certificate, { certificate: true, cause: error });
  return new ConnectError(networkProblem(error, server), { cause: error });
}
