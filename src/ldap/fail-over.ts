/** Goes from server to server, as often as `ldap.max.attempts` says, and puts together why none of them would do. */

import { setTimeout as delay } from 'node:timers/promises';
import { RunError } from '../model/errors.ts';
import type { Log } from '../model/ports.ts';
import { ConnectError } from './connecting.ts';
import type { ServerList } from './server-list.ts';
import { formatServer } from './server-url.ts';
import type { ServerAddress } from './server-url.ts';
import { CERTIFICATE_FIX } from './tls-trust.ts';

export interface FailOver {
  /** How often the list is gone through. */
  readonly attempts: number;
  readonly delayMs: number;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/**
 * What `open` makes of the first server for which it does not throw a ConnectError. A server whose fault lasts (a bad
 * certificate) is asked once; anything but a ConnectError ends the search, refused credentials above all: the next
 * server would count them, too, and lock the account.
 * @param list asked anew for each round: names may lead elsewhere by then
 * @throws RunError DIRECTORY_UNREACHABLE with the last reason of each server; whatever else `open` throws
 */
export async function openFirst<T>(
  { attempts, delayMs, log, signal }: FailOver,
  list: () => Promise<ServerList>,
  open: (server: ServerAddress) => Promise<T>,
): Promise<T> {
  const lasting = new Map<string, ConnectError>();
  for (let attempt = 1; ; attempt++) {
    const { servers, problems } = await list();
    const failed = new Map<string, ConnectError>();
    const left = servers.filter((server) => !lasting.has(formatServer(server)));
    const isLast = attempt >= attempts;
    for (const [index, server] of left.entries()) {
      try {
        return await open(server);
      } catch (error) {
        if (!(error instanceof ConnectError)) throw error;
        const url = formatServer(server);
        failed.set(url, error);
        if (error.lasting) lasting.set(url, error);
        const next = left[index + 1];
        if (signal.aborted) break;
        if (next !== undefined) {
          log.warn('LdapService', `${url} is not used: ${error.message}; trying ${formatServer(next)}`);
        } else if (!isLast && !error.lasting) {
          const what = `Attempt ${attempt} of ${attempts} to contact ${url} failed`;
          log.warn('LdapService', `${what}: ${error.message}; trying again in ${delayMs} ms`);
        }
      }
    }
    const allLasting = servers.length > 0 && servers.every((server) => lasting.has(formatServer(server)));
    if (isLast || allLasting || signal.aborted) throw unreachable(new Map([...lasting, ...failed]), problems);
    if (servers.length === 0)
      log.warn('LdapService', `${problems.join('; ')}; trying again in ${delayMs} ms`);
    await delay(delayMs, undefined, { signal }).catch(() => undefined);
  }
}

/** The article's line for an LDAP failure, going on with the other servers where there are some. */
function unreachable(errors: ReadonlyMap<string, ConnectError>, problems: readonly string[]): RunError {
  const reasons = [...errors].map(([url, { message }]) => `LDAP source at ${url}, reason: '${message}'`);
  const list = [...reasons, ...problems.map((problem) => `LDAP source, reason: '${problem}'`)];
  const cause = [...errors.values()][0];
  const certificate = [...errors.values()].some((error) => error.certificate);
  return new RunError('DIRECTORY_UNREACHABLE', `Unable to contact ${list.join('; nor ')}`, {
    ...(cause === undefined ? {} : { cause }),
    ...(certificate ? { fix: CERTIFICATE_FIX } : {}),
  });
}
