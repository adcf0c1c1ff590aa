/** The IP addresses of a host name, which may be those of several servers. */

import dns from 'node:dns';
import { isIP } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** Nobody waits long for something that only makes a run cheaper. */
const TIMEOUT_MS = 2000;

/**
 * Whether `address` is one of several that the name has by now; false where it is the only one, or nobody can tell. Never
 * throws.
 */
export async function hasAddress(host: string, address: string, signal: AbortSignal): Promise<boolean> {
  if (isIP(host) !== 0) return false;
  const stop = new AbortController();
  const nothing: string[] = [];
  const late = delay(TIMEOUT_MS, nothing, { signal: AbortSignal.any([signal, stop.signal]) }).catch(
    () => nothing,
  );
  const found = await Promise.race([addressesOf(host), late]);
  stop.abort();
  return found.length > 1 && found.includes(address);
}

function addressesOf(host: string): Promise<string[]> {
  return new Promise((resolve) => {
    dns.lookup(host, { all: true }, (error, addresses) => {
      resolve(error === null ? addresses.map(({ address }) => address) : []);
    });
  });
}
