/** What is said of certificates and clocks, of the directory and of the service alike. */

import { daysLeft, firstToEnd, NOTICE_DAYS } from '../../lib/certificate-chain.ts';
import type { Handshake } from '../../lib/tls-handshake.ts';
import { counted, duration } from '../../report/quantity.ts';
import { doubtful, fine, type Finding } from './check.ts';

/** Beyond it time stamps of two machines cannot be held against each other, and certificates may seem to have ended. */
const MOST_CLOCK_MS = 5 * 60_000;
/** HTTP dates and many directories tell whole seconds. */
const CLOCK_GRAIN_MS = 2_000;

/** A handshake, by what its chain says: names, and how long it is good. */
export function handshakeFinding<T>(
  place: string,
  { protocol, chain }: Handshake,
  value: T,
  loss = 'every run fails',
): Finding<T> {
  const names = chain.map(({ name }) => name).join(' ← ');
  const first = firstToEnd(chain, Date.now());
  if (first === null) return fine(`${place}: ${protocol}`, value);
  const days = daysLeft(first, Date.now());
  const end = new Date(first.endsMs).toISOString().slice(0, 10);
  const message = `${place}: ${protocol}, ${names}; "${first.name}" ends in ${counted(days, 'day')}, on ${end}`;
  if (days >= NOTICE_DAYS) return fine(message, value);
  const fix = `Have the certificate renewed: without a new one ${loss} from that day on.`;
  return doubtful(message, fix, value);
}

/** @param aheadMs how far this machine is ahead; `null` where the other side does not tell the time */
export function clockFinding(aheadMs: number | null, who: string): Finding<null> {
  if (aheadMs === null) return fine(`${who} does not tell its time`, null);
  const apart = Math.abs(aheadMs);
  if (apart <= CLOCK_GRAIN_MS) return fine(`${who} has the same time as this host`, null);
  const message = `this host is ${duration(apart)} ${aheadMs > 0 ? 'ahead of' : 'behind'} ${who}`;
  if (apart <= MOST_CLOCK_MS) return fine(message, null);
  return doubtful(message, 'Set the clocks by NTP, that of this host first.', null);
}
