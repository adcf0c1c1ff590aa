/** The way to the web hook, for whoever wants to know whether it can be told of a run, without telling it of one. */

import { addressesOf, reach } from '../lib/tcp-reach.ts';
import { shakeHandsWith, type Handshake } from '../lib/tls-handshake.ts';
import { isWithoutTls, sslReason } from '../lib/tls-words.ts';

export interface HookRoute {
  /** Scheme, host and port: the rest of the URL may hold a token. */
  readonly origin: string;
  readonly address: string;
  /** `null` for http://. */
  readonly handshake: Handshake | null;
}

/** Why nobody is reached, in words, without the URL. */
export class HookUnreachable extends Error {}

/**
 * Looks the host up, connects, and shakes hands where the URL is https://. No request is sent: most hooks would take any for
 * a message.
 * @throws HookUnreachable
 */
export async function hookRoute(url: string, timeoutMs: number, signal: AbortSignal): Promise<HookRoute> {
  const { origin, protocol, hostname, port: named } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  const port = named === '' ? (protocol === 'https:' ? 443 : 80) : Number(named);
  try {
    await addressesOf(host);
    const address = await reach(host, port, timeoutMs, signal);
    if (protocol !== 'https:') return { origin, address, handshake: null };
    return { origin, address, handshake: await shakeHandsWith({ host, port, timeoutMs, signal }) };
  } catch (error) {
    throw new HookUnreachable(`${origin} is not reached: ${problemOf(error)}`, { cause: error });
  }
}

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'its host name is not known here',
  EAI_AGAIN: 'its host name cannot be resolved at the moment',
  ETIMEDOUT: 'no connection within the time allowed',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host',
};

function problemOf(error: unknown): string {
  const { code = '', message = '' } = error instanceof Error ? (error as NodeJS.ErrnoException) : {};
  if (isWithoutTls(code)) return 'the port does not speak TLS, but notify.url begins with https://';
  const known = WORDS[code];
  if (known !== undefined) return known;
  return /CERT|SIGNATURE|ISSUER/.test(code)
    ? `its certificate is not trusted (${code}); an authority of your own is named in NODE_EXTRA_CA_CERTS`
    : sslReason(message || code);
}
