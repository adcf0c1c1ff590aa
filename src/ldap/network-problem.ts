/** What goes wrong on the way to a server, in words for an administrator. */

import { isWithoutTls, sslReason } from '../lib/tls-words.ts';
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
        return `the server closed the connection before TLS was up: ${plainPortHint(server)}`;
      return `connection reset by the server${TLS_PORTS.has(server.port) ? `: ${tlsPortHint(server)}` : ''}`;
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return `there is no route to ${server.host}`;
    default:
      if (server.secure && isWithoutTls(code))
        return `the server does not speak TLS on port ${server.port}: ${plainPortHint(server)}`;
      if (code === 'EPROTO' || code.startsWith('ERR_SSL_')) {
        return `no TLS handshake with ${formatServer(server)}: ${sslReason(message)}`;
      }
      return message === '' ? code : message;
  }
}

/** What to look at where ldaps:// meets a port that may have no TLS. */
export function plainPortHint({ host, port }: ServerAddress): string {
  return `is this the port for ldaps (636)? If it has no TLS, set ldap.baseurl to ldap://${inUrl(host)}:${port} and ldap.connection.starttls=true`;
}

/** What to look at where ldap:// meets a port that may want TLS from the first byte. */
export function tlsPortHint(server: ServerAddress): string {
  const { host, port } = server;
  const known = TLS_PORTS.has(port) ? 'this is the port for ldaps://' : 'does this port want TLS?';
  return `${known}: set ldap.baseurl to ldaps://${inUrl(host)}:${port}`;
}

function inUrl(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
