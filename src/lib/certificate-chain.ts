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
  const chain: ChainLink[] = [];
  let next: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true);
  // A root is its own issuer, and an empty object stands for "none".
  while (next?.valid_to !== undefined && chain.length < LONGEST_CHAIN) {
    chain.push({
      name: nameIn(next.subject),
      issuer: nameIn(next.issuer),
      endsMs: Date.parse(next.valid_to),
    });
    if (next.issuerCertificate === next) break;
    next = next.issuerCertificate;
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

/** The certificate of the chain that ends first; `null` for an empty chain. */
export function firstToEnd(chain: readonly ChainLink[]): ChainLink | null {
  return chain.reduce<ChainLink | null>(
    (first, link) => (first === null || link.endsMs < first.endsMs ? link : first),
    null,
  );
}

/** What to warn of while there is time to renew the certificate of a host; `null` where nothing is due. */
export function expiryWarning(endsMs: number | null, host: string, nowMs: number): string | null {
  if (endsMs === null || Number.isNaN(endsMs) || endsMs - nowMs > NOTICE_DAYS * DAY_MS) return null;
  const days = Math.max(0, daysLeft({ endsMs }, nowMs));
  const end = new Date(endsMs).toISOString().slice(0, 10);
  return `The certificate of ${host} ends in ${days} days, on ${end}: without a new one every run fails from then on.`;
}
