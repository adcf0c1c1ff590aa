/** The connections to the SCIM service: undici, told about every limit, and nothing that retries or redirects. */

import type { IncomingHttpHeaders } from 'node:http';
import { Pool, ProxyAgent, type Dispatcher } from 'undici';

export interface LineOptions {
  readonly origin: string;
  readonly connections: number;
  readonly connectTimeoutMs: number;
  readonly requestTimeoutMs: number;
  /** See `trust.ts`. */
  readonly authorities: string[] | undefined;
  readonly proxy: URL | null;
}

export interface LineRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT';
  /** Path and query at the origin. */
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string | null;
}

export interface LineAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Line {
  /** One request and its whole answer. Rejects with undici's, Node's or the signal's error. */
  send(request: LineRequest, signal: AbortSignal): Promise<LineAnswer>;
  /** Drops every connection; requests in flight are rejected. */
  close(): Promise<void>;
}

/** No SCIM answer is larger: a page of 200 users is some 170 KB. */
const MAX_RESPONSE_BYTES = 8 * 1024 * 1024;
/** Below the 5 s after which many servers close an idle connection, so that we close it first. */
const KEEP_ALIVE_MS = 4_000;

/** Opens (lazily: nothing connects yet) the connections to `origin`, directly or through the proxy. */
export function openLine(options: LineOptions): Line {
  const { proxy, origin } = options;
  if (proxy === null) return lineOver(new Pool(origin, poolOptions(options)), origin, '', {});
  if (origin.startsWith('http:') && proxy.protocol.startsWith('http')) {
    // Plain HTTP through an HTTP proxy is a request in absolute form (RFC 9112 3.2.2): proxies seldom tunnel it.
    const headers = { host: new URL(origin).host, ...proxyCredentials(proxy) };
    return lineOver(new Pool(proxy.origin, poolOptions(options)), proxy.origin, origin, headers);
  }
  return lineOver(tunnel(proxy, options), origin, '', {});
}

function poolOptions(options: LineOptions): Pool.Options {
  return { ...poolLimits(options), connect: tlsOptions(options) };
}

function poolLimits(options: LineOptions): Pool.Options {
  return {
    connections: options.connections,
    pipelining: 1,
    allowH2: false,
    keepAliveTimeout: KEEP_ALIVE_MS,
    headersTimeout: options.requestTimeoutMs,
    bodyTimeout: options.requestTimeoutMs,
    maxResponseSize: MAX_RESPONSE_BYTES,
  };
}

function tlsOptions(options: LineOptions): { timeout: number; ca?: string[] } {
  return {
    timeout: options.connectTimeoutMs,
    ...(options.authorities === undefined ? {} : { ca: options.authorities }),
  };
}

function tunnel(proxy: URL, options: LineOptions): Dispatcher {
  const token = proxyCredentials(proxy)['proxy-authorization'];
  const isSocks = proxy.protocol.startsWith('socks');
  return new ProxyAgent({
    ...poolLimits(options),
    // SOCKS takes its credentials from the URL. For HTTP the token says them, since undici drops a user without a password.
    uri: isSocks ? proxy.href : proxy.origin,
    ...(isSocks || token === undefined ? {} : { token }),
    requestTls: tlsOptions(options),
    proxyTls: tlsOptions(options),
    // A proxy that takes the connection and never answers CONNECT is bounded by this alone.
    clientFactory: (url, clientOptions) =>
      new Pool(url, {
        ...clientOptions,
        connections: options.connections,
        headersTimeout: options.connectTimeoutMs,
        bodyTimeout: options.requestTimeoutMs,
      }),
  });
}

function proxyCredentials(proxy: URL): { 'proxy-authorization'?: string } {
  if (proxy.username === '') return {};
  const pair = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` };
}

function lineOver(
  dispatcher: Dispatcher,
  origin: string,
  pathPrefix: string,
  extraHeaders: Record<string, string>,
): Line {
  return {
    async send(request, signal) {
      const answer = await dispatcher.request({
        origin,
        method: request.method,
        path: pathPrefix + request.path,
        headers: { ...request.headers, ...extraHeaders },
        body: request.body,
        signal,
      });
      const body = Buffer.from(await answer.body.arrayBuffer());
      return { status: answer.statusCode, headers: answer.headers, body };
    },
    close: () => dispatcher.destroy(),
  };
}
