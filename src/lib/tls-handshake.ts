/** A TLS handshake and nothing else: whether a server can be spoken to, and what it shows. */

import { isIP } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { certificateChain, type ChainLink } from './certificate-chain.ts';

/** What a TLS handshake showed. */
export interface Handshake {
  /** `TLSv1.3` and the like. */
  readonly protocol: string;
  readonly chain: readonly ChainLink[];
}

export interface HandshakeTarget {
  readonly host: string;
  readonly port: number;
  /** PEM of the authorities to trust; absent: Node's own. */
  readonly authorities?: string[];
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * Connects, shakes hands, checks the certificate and closes again, having said nothing.
 * @throws Error of Node or OpenSSL with its code
 */
export async function shakeHandsWith(target: HandshakeTarget): Promise<Handshake> {
  const { host, port, authorities, timeoutMs, signal } = target;
  const socket = connect({
    host,
    port,
    // Said, so that NODE_TLS_REJECT_UNAUTHORIZED does not decide it.
    rejectUnauthorized: true,
    // RFC 6066 3: no IP address there.
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(authorities === undefined ? {} : { ca: authorities }),
  });
  try {
    await secured(socket, timeoutMs, signal);
    return { protocol: socket.getProtocol() ?? 'TLS', chain: certificateChain(socket) };
  } finally {
    socket.on('error', () => undefined);
    socket.destroy();
  }
}

function secured(socket: TLSSocket, timeoutMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const late = (): void => reject(new Error(`no TLS handshake within ${timeoutMs} ms`));
    const timer = setTimeout(late, timeoutMs);
    signal.addEventListener('abort', late, { once: true });
    socket.once('secureConnect', () => resolve());
    socket.once('error', reject);
    socket.once('close', () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', late);
      reject(new Error('the connection was closed before TLS was up'));
    });
  });
}
