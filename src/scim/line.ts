/** The connections to the SCIM service: undici, told about every limit, and nothing that retries or redirects. */

import type { IncomingHttpHeaders } from 'node:http';
import { checkServerIdentity, type DetailedPeerCertificate, type PeerCertificate } from 'node:tls';
import { Pool, ProxyAgent, type Dispatcher } from 'undici';
import { chainOf, type ChainLink } from '../lib/certificate-chain.ts';

/** Whose certificate it is. */
export type CertificateHolder = 'SERVICE' | 'PROXY';

/** @param chain the certificates that were shown and are trusted, the host's own first */
export type CertificateSight = (holder: CertificateHolder, host: string, chain: readonly ChainLink[]) => void;

export interface LineOptions {
  readonly origin: string;
  readonly connections: number;
  readonly connectTimeoutMs: number;
  readonly requestTimeoutMs: number;
  /** See `trust.ts`. */
  readonly authorities: string[] | undefined;
  readonly proxy: URL | null;
  /** Called for each full TLS handshake; a resumed session shows no certificate. Absent: nobody asks. */
  readonly onCertificate?: CertificateSight;
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

/** One request on its way. */
export interface Call {
  /** Its whole answer. Rejects with undici's or Node's error, or with the reason of {@link abort}. */
  readonly answer: Promise<LineAnswer>;
  /** Gives the request up, wherever it is: `answer` rejects at once, even while a connection is still being made. */
  abort(reason: Error): void;
}

export interface Line {
  /** @param onFree called once, when the connection is free again: after an {@link Call.abort} this may take a while */
  send(request: LineRequest, onFree: () => void): Call;
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
  if (proxy === null) return lineOver(new Pool(origin, poolOptions(options, 'SERVICE')), origin, '', null);
  if (origin.startsWith('http:') && proxy.protocol.startsWith('http')) {
    // Plain HTTP through an HTTP proxy is a request in absolute form (RFC 9112 3.2.2): proxies seldom tunnel it.
    const headers = { host: new URL(origin).host, ...proxyCredentials(proxy) };
    return lineOver(new Pool(proxy.origin, poolOptions(options, 'PROXY')), proxy.origin, origin, headers);
  }
  return lineOver(tunnel(proxy, options), origin, '', null);
}

function poolOptions(options: LineOptions, holder: CertificateHolder): Pool.Options {
  return { ...poolLimits(options), connect: tlsOptions(options, holder) };
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

interface TlsOptions {
  readonly timeout: number;
  readonly rejectUnauthorized: true;
  readonly ca?: string[];
  readonly checkServerIdentity: typeof checkServerIdentity;
}

function tlsOptions(options: LineOptions, holder: CertificateHolder): TlsOptions {
  return {
    timeout: options.connectTimeoutMs,
    // Said, so that NODE_TLS_REJECT_UNAUTHORIZED does not decide it.
    rejectUnauthorized: true,
    ...(options.authorities === undefined ? {} : { ca: options.authorities }),
    // The one place where both a direct connection and one inside a tunnel show the certificate.
    checkServerIdentity(host: string, certificate: PeerCertificate) {
      const refusal = checkServerIdentity(host, certificate);
      // Node hands over the whole chain, whatever its type says.
      if (refusal === undefined)
        options.onCertificate?.(holder, host, chainOf(certificate as DetailedPeerCertificate));
      return refusal;
    },
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
    requestTls: tlsOptions(options, 'SERVICE'),
    proxyTls: tlsOptions(options, 'PROXY'),
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
  extraHeaders: Record<string, string> | null,
): Line {
  return {
    send(request, onFree) {
      const call = new PendingCall(onFree);
      const headers = extraHeaders === null ? request.headers : { ...request.headers, ...extraHeaders };
      const { method, body } = request;
      try {
        dispatcher.dispatch({ origin, method, path: pathPrefix + request.path, headers, body }, call);
      } catch (error) {
        call.onResponseError(null, error as Error);
      }
      return call;
    },
    close: () => dispatcher.destroy(),
  };
}

/**
 * Collects one answer. undici's `request` would wrap each body into a stream, which costs more than all the rest of what
 * we do with a request; and it does not look at a signal as long as it connects.
 */
class PendingCall implements Call, Dispatcher.DispatchHandler {
  readonly answer: Promise<LineAnswer>;
  readonly #onFree: () => void;
  #resolve: (answer: LineAnswer) => void = () => undefined;
  #reject: (error: Error) => void = () => undefined;
  #controller: Dispatcher.DispatchController | null = null;
  #abandoned: Error | null = null;
  #isFree = false;
  #status = 0;
  #headers: IncomingHttpHeaders = {};
  readonly #chunks: Buffer[] = [];

  constructor(onFree: () => void) {
    this.#onFree = onFree;
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  abort(reason: Error): void {
    this.#abandoned = reason;
    this.#reject(reason);
    this.#controller?.abort(reason);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#abandoned !== null) controller.abort(this.#abandoned);
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
  ): void {
    // Called for each 1xx before the answer too: the last one counts.
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    const [only = Buffer.alloc(0)] = this.#chunks;
    const body = this.#chunks.length > 1 ? Buffer.concat(this.#chunks) : only;
    this.#resolve({ status: this.#status, headers: this.#headers, body });
    this.#free();
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    this.#reject(error);
    this.#free();
  }

  #free(): void {
    if (this.#isFree) return;
    this.#isFree = true;
    this.#onFree();
  }
}
