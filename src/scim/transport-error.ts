/** What undici, TLS and proxies throw, sorted by what it means for a run. */

import { isWithoutTls, sslReason } from '../lib/tls-words.ts';
import { RunError } from '../model/errors.ts';
import type { Lost } from './answer.ts';

/** Thrown at a request that took longer than `scim.read.timeout.period` in all. */
export class Overdue extends Error {
  constructor(timeoutMs: number) {
    super(`no complete answer within ${timeoutMs} ms (scim.read.timeout.period)`);
    this.name = 'Overdue';
  }
}

const UNTRUSTED = new Set([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'CERT_UNTRUSTED',
  'CERT_SIGNATURE_FAILURE',
  'CERT_CHAIN_TOO_LONG',
  'INVALID_CA',
]);

/** Everything else that is wrong with a certificate or with TLS, and what to do about it. */
const TLS_FIXES: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'Have the certificate renewed, and check the clock of this machine.',
  CERT_NOT_YET_VALID: 'Check the clock of this machine.',
  CERT_REVOKED: 'Have the certificate replaced.',
  ERR_TLS_CERT_ALTNAME_INVALID: 'Set scim.baseurl to a host name that is in the certificate.',
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: 'The service must offer TLS 1.2 or later.',
  ERR_SSL_UNSUPPORTED_PROTOCOL: 'The service must offer TLS 1.2 or later.',
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED:
    'The service wants a client certificate, which c42uds cannot send.',
  ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: 'The service and c42uds share no way to encrypt.',
};

/**
 * Sorts an error by what it means: one that no waiting will mend ends the run, everything else is a lost answer.
 * @returns the RunError to throw, or the reply that was lost
 */
export function transportReply(error: unknown, origin: string): RunError | Lost {
  if (error instanceof RunError) return error;
  const chain = causes(error);
  const code = chain.map(codeOf).find((found) => found !== null) ?? null;
  const message = chain.map((cause) => cause.message).find((text) => text !== '') ?? String(code ?? error);

  const proxyStatus = /^Proxy response \((\d{3})\)/.exec(message)?.[1];
  if (proxyStatus !== undefined) return proxyRefusal(Number(proxyStatus), origin);

  for (const cause of chain) {
    const fatal = tlsError(codeOf(cause), cause, origin);
    if (fatal !== null) return fatal;
  }
  const reason = sslReason(message);
  const shownCode = code === null || reason.includes(code) ? '' : `${code}: `;
  return {
    kind: 'LOST',
    reason: `${shownCode}${reason}${schemeHint(chain, code, origin)}`,
    unknownHost: chain.some((cause) => codeOf(cause) === 'ENOTFOUND' || codeOf(cause) === 'EAI_AGAIN'),
  };
}

/** What a proxy's own refusal means: 407 and 403 will not change by waiting. */
function proxyRefusal(status: number, origin: string): RunError | Lost {
  const message = `The proxy answered ${status} instead of connecting to ${origin}`;
  if (status >= 500 || status === 408 || status === 429)
    return { kind: 'LOST', reason: message, unknownHost: false };
  return proxyError(message, status);
}

/** The error for a proxy that does not let us through. */
export function proxyError(message: string, status: number): RunError {
  const fix =
    status === 407 || status === 401
      ? 'Give the proxy credentials in https_proxy: http://USER:PASSWORD@HOST:PORT (special characters percent-encoded).'
      : 'Have the proxy allow the address, or name the host in no_proxy.';
  return new RunError('SERVICE_UNREACHABLE', `${message}.`, { fix });
}

function tlsError(code: string | null, cause: Error, origin: string): RunError | null {
  if (code === null) return null;
  if (isWithoutTls(code)) return noTls(origin, cause);
  const isUntrusted = UNTRUSTED.has(code);
  const fix = isUntrusted
    ? 'If this is your own authority or an inspecting proxy, name its certificate in scim.connection.ca.file.'
    : TLS_FIXES[code];
  if (fix === undefined) return null;
  const what = isUntrusted ? 'has a certificate that is not trusted' : 'cannot be reached safely';
  const words = sslReason(cause.message);
  const reason = words.includes(code) ? words : `${code}: ${words}`;
  return new RunError('SERVICE_UNREACHABLE', `The SCIM service at ${origin} ${what}: ${reason}`, {
    fix,
    cause,
  });
}

function noTls(origin: string, cause: Error): RunError {
  const clear = origin.replace(/^https:/, 'http:');
  return new RunError(
    'SERVICE_UNREACHABLE',
    `The SCIM service at ${origin} does not speak TLS on this port, but scim.baseurl begins with https://.`,
    {
      fix: `Correct the port in scim.baseurl, or let it begin with ${clear} if the service really has no TLS (the password then goes unencrypted). Where https_proxy names a proxy by https://, it may be that one: try http:// there.`,
      cause,
    },
  );
}

/** What a connection that was closed without an answer, or answered in another language, says of the scheme. */
function schemeHint(chain: readonly Error[], code: string | null, origin: string): string {
  const broken = code === 'UND_ERR_SOCKET' || code === 'ECONNRESET';
  if (origin.startsWith('https:')) {
    if (code === 'UND_ERR_SOCKET')
      return ' (some services close like this when they want a client certificate)';
    // In the middle of a run a reset says nothing of TLS.
    const isEarly = chain.some(({ message }) => message.includes('before secure TLS'));
    return isEarly ? ' (does this port speak TLS at all? If not, scim.baseurl has the wrong port)' : '';
  }
  // What no parser of HTTP understands is most likely a TLS alert.
  const isNoHttp = chain.some(({ name }) => name === 'HTTPParserError');
  const saidNothing = broken && chain.every((error) => (bytesReadIn(error) ?? 0) === 0);
  return isNoHttp || saidNothing
    ? ` (does this port want TLS? Then scim.baseurl has to begin with ${origin.replace(/^http:/, 'https:')})`
    : '';
}

/** undici tells it of a socket that was lost. */
function bytesReadIn(error: Error): number | null {
  const read = (error as { socket?: { bytesRead?: unknown } }).socket?.bytesRead;
  return typeof read === 'number' ? read : null;
}

/** The error, its causes and, for a host with several addresses, the error of each. */
function causes(error: unknown): Error[] {
  const chain: Error[] = [];
  let next: unknown = error;
  while (next instanceof Error && chain.length < 10) {
    chain.push(next);
    if (next instanceof AggregateError) chain.push(...next.errors.filter((each) => each instanceof Error));
    next = next.cause;
  }
  return chain;
}

function codeOf(error: Error): string | null {
  const code = (error as { code?: unknown }).code;
  return typeof code === 'string' ? code : null;
}
