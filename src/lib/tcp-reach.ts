/** The two steps before anything is said to a server: its addresses, and whether one of them takes a connection. */

import { lookup } from 'node:dns/promises';
import { connect } from 'node:net';

/**
 * The addresses of a host, as the operating system knows them; of an address that address.
 * @throws Error of Node with its code (ENOTFOUND, EAI_AGAIN)
 */
export async function addressesOf(host: string): Promise<string[]> {
  const found = await lookup(host, { all: true });
  return found.map(({ address }) => address);
}

/**
 * Opens a TCP connection and closes it again, having said nothing.
 * @returns the address that answered
 * @throws Error of Node with its code; one with the code ETIMEDOUT after `timeoutMs`
 */
export function reach(host: string, port: number, timeoutMs: number, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    const finish = (settle: () => void): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', aborted);
      socket.removeAllListeners();
      // What a dying socket still reports has been answered already.
      socket.on('error', () => undefined);
      socket.destroy();
      settle();
    };
    const late = Object.assign(new Error(`no connection within ${timeoutMs} ms`), { code: 'ETIMEDOUT' });
    const aborted = (): void => finish(() => reject(late));
    const timer = setTimeout(aborted, timeoutMs);
    signal.addEventListener('abort', aborted, { once: true });
    socket.once('error', (error) => finish(() => reject(error)));
    socket.once('connect', () => {
      const { remoteAddress = host } = socket;
      finish(() => resolve(remoteAddress));
    });
  });
}
