/** The certificates that a server shows, and how long they are still good. */

import type { DetailedPeerCertificate, TLSSocket } from 'node:tls';

export interface ChainLink {
  /** The common name, or what else the certificate is called. */
  readonly name: string;
  readonly issuer: string;
  /** Milliseconds since 1970. */
  readonly endsMs: number;
}

const DAY_MS = 86_400_000;

/** So many days before its end a certificate is warned of: time enough to have it renewed. */
export const NOTICE_DAYS = 30;

const LONGEST_CHAIN = 10;

/** The chain of a socket whose handshake is over, the server's own certificate first; empty where it showed none. */
export function certificateChain(socket: TLSSocket): ChainLink[] {
  return chainOf(socket.getPeerCertificate(true));
}

/** The chain that begins with this certificate, as Node shows it to who checks a server's identity. */
export function chainOf(first: DetailedPeerCertificate): ChainLink[] {
  return certificatesFrom(first).map(({ subject, issuer, valid_to: end }) => ({
    name: nameIn(subject),
    issuer: nameIn(issuer),
    endsMs: Date.parse(end),
  }));
}

/** A certificate and those that vouch for it, in their order; none where a server has shown none. */
export function certificatesFrom(first: DetailedPeerCertificate): DetailedPeerCertificate[] {
  const chain: DetailedPeerCertificate[] = [];
  let next: DetailedPeerCertificate | undefined = first;
  // A root is its own issuer, and an empty object stands for "none".
  while (next?.raw !== undefined && chain.length < LONGEST_CHAIN) {
    chain.push(next);
    next = next.issuerCertificate === next ? undefined : next.issuerCertificate;
  }
  return chain;
}

function nameIn(subject: DetailedPeerCertificate['subject'] | undefined): string {
  const name = subject?.CN ?? subject?.O ?? '';
  const text = Array.isArray(name) ? name.join(', ') : name;
  return text === '' ? 'a certificate without a name' : text;
}

/** Whole days from `nowMs` until the certificate ends; negative when it has. */
export function daysLeft({ endsMs }: Pick<ChainLink, 'endsMs'>, nowMs: number): number {
  return Math.floor((endsMs - nowMs) / DAY_MS);
}

/**
 * The certificate of a trusted chain that ends first; `null` for an empty chain. One behind the server's own that has
 * ended already is passed over: the chain is trusted without it, as where an authority has a newer root.
 */
export function firstToEnd(chain: readonly ChainLink[], nowMs: number): ChainLink | null {
  return chain
    .filter(({ endsMs }, at) => !Number.isNaN(endsMs) && (at === 0 || endsMs > nowMs))
    .reduce<ChainLink | null>(
      (first, link) => (first === null || link.endsMs < first.endsMs ? link : first),
      null,
    );
}

/** What to warn of while there is time to renew a certificate of a host's chain; `null` where nothing is due. */
export function expiryWarning(chain: readonly ChainLink[], host: string, nowMs: number): string | null {
  const first = firstToEnd(chain, nowMs);
  if (first === null || first.endsMs - nowMs > NOTICE_DAYS * DAY_MS) return null;
  const days = Math.max(0, daysLeft(first, nowMs));
  const end = new Date(first.endsMs).toISOString().slice(0, 10);
  const whose = first === chain[0] ? `of ${host}` : `"${first.name}", which vouches for ${host},`;
  return `The certificate ${whose} ends in ${days} days, on ${end}: without a new one every run fails from then on.`;
}
