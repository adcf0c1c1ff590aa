/** The way to the SCIM service, step by step, for whoever wants to know where it breaks off. */

import { addressesOf, reach } from '../lib/tcp-reach.ts';
import { shakeHandsWith, type Handshake } from '../lib/tls-handshake.ts';
import { RunError } from '../model/errors.ts';
import { proxyFor, type Environment } from './proxy.ts';
import type { ServiceSettings } from './service.ts';
import { transportReply } from './transport-error.ts';
import { trustedAuthorities } from './trust.ts';

export interface ServiceRoute {
  /** Scheme, host and port of `scim.baseurl`. */
  readonly origin: string;
  /** The proxy in between; `null` for none. It may hold credentials. */
  readonly proxy: URL | null;
  /** Whom connections are made to: the proxy where there is one. */
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
}

const USUAL_PORTS: Readonly<Record<string, number>> = { 'https:': 443, 'http:': 80 };
/** Where a SOCKS proxy listens unless its URL says otherwise. */
const SOCKS_PORT = 1080;

/** Whom requests go to. @throws RunError CONFIG_INVALID for a proxy variable */
export function serviceRoute(settings: ServiceSettings, environment: Environment): ServiceRoute {
  const target = new URL(settings['scim.baseurl']);
  const proxy = proxyFor(target, environment);
  const next = proxy ?? target;
  const port = next.port === '' ? (USUAL_PORTS[next.protocol] ?? SOCKS_PORT) : Number(next.port);
  return {
    origin: target.origin,
    proxy,
    host: next.hostname.replace(/^\[|\]$/g, ''),
    port,
    secure: next.protocol === 'https:',
  };
}

/** The addresses of the host. @throws RunError SERVICE_UNREACHABLE */
export async function serviceAddresses(route: ServiceRoute): Promise<string[]> {
  try {
    return await addressesOf(route.host);
  } catch (error) {
    const message = `The host name ${route.host} of ${placeOf(route)} is not known here (${codeOf(error)}).`;
    throw new RunError('SERVICE_UNREACHABLE', message, {
      fix: `Check ${propertyOf(route)} and the DNS of this host.`,
      cause: error,
    });
  }
}

/** The address that takes a connection. @throws RunError SERVICE_UNREACHABLE */
export async function reachService(
  route: ServiceRoute,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<string> {
  try {
    return await reach(route.host, route.port, timeoutMs, signal);
  } catch (error) {
    const why = codeOf(error) === 'ECONNREFUSED' ? 'nothing listens there' : (error as Error).message;
    const message = `${route.host}, port ${route.port}, of ${placeOf(route)} takes no connection: ${why}.`;
    throw new RunError('SERVICE_UNREACHABLE', message, { cause: error });
  }
}

/**
 * Makes the TLS handshake of a direct connection and says nothing else.
 * @throws RunError SERVICE_UNREACHABLE; FILE_UNREADABLE, FILE_INVALID for `scim.connection.ca.file`
 */
export async function shakeHandsWithService(
  route: ServiceRoute,
  settings: ServiceSettings,
  signal: AbortSignal,
): Promise<Handshake> {
  const authorities = trustedAuthorities(settings['scim.connection.ca.file']);
  const { host, port } = route;
  const timeoutMs = settings['scim.connection.timeout.period'];
  try {
    return await shakeHandsWith({
      host,
      port,
      timeoutMs,
      signal,
      ...(authorities === undefined ? {} : { authorities }),
    });
  } catch (error) {
    const lost = transportReply(error, route.origin);
    if (lost instanceof RunError) throw lost;
    throw new RunError('SERVICE_UNREACHABLE', `No TLS with ${route.origin}: ${lost.reason}.`, {
      cause: error,
    });
  }
}

function placeOf({ proxy, origin }: ServiceRoute): string {
  return proxy === null ? `the SCIM service ${origin}` : `the proxy for ${origin}`;
}

function propertyOf({ proxy }: ServiceRoute): string {
  return proxy === null ? 'scim.baseurl' : 'the proxy variable of the environment';
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}
