/** What goes wrong on the way to a server, in words for an administrator. */

import type { ServerAddress } from './server-url.ts';
import { formatServer } from './server-url.ts';

/** LDAPS, and the global catalog of Active Directory over TLS. */
const TLS_PORTS = new Set([636, 3269]);

/** An error of the socket in words; several addresses of one name give an AggregateError with an empty message. */
export function networkProblem(error: Error, server: ServerAddress): string {
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
      if (server.secure)
        return 'the server closed the connection before TLS was up: is this the port for ldaps (636)?';
      return `connection reset by the server${TLS_PORTS.has(server.port) ? ': this is the port for ldaps://' : ''}`;
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
