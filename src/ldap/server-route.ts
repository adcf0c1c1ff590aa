/** The way to the directory's servers, step by step, for whoever wants to know where it breaks off. */

import { Resolver } from 'node:dns/promises';
import { TLSSocket } from 'node:tls';
import { certificateChain } from '../lib/certificate-chain.ts';
import { addressesOf, reach } from '../lib/tcp-reach.ts';
import type { Handshake } from '../lib/tls-handshake.ts';
import { RunError } from '../model/errors.ts';
import { ConnectError, openSocket } from './connecting.ts';
import type { DirectorySettings } from './directory-settings.ts';
import { networkProblem } from './network-problem.ts';
import { listServers } from './server-list.ts';
import type { NameService } from './server-list.ts';
import { formatServer, parseServerUrls } from './server-url.ts';
import type { ServerAddress } from './server-url.ts';
import { Traffic } from './traffic.ts';
import { CERTIFICATE_FIX, tlsTrust } from './tls-trust.ts';

export interface NamedServers {
  /** In the order in which a run tries them, those whose names lead nowhere left out. */
  readonly servers: readonly { readonly server: ServerAddress; readonly addresses: readonly string[] }[];
  /** Whether the DNS was asked which servers there are. */
  readonly bySrv: boolean;
  /** Names that lead nowhere, in words. */
  readonly problems: readonly string[];
}

/** The servers that did what was asked, and why the others did not. */
export interface Tried<T> {
  readonly fit: readonly { readonly server: ServerAddress; readonly answer: T }[];
  readonly problems: readonly string[];
}

/**
 * The servers that `ldap.baseurl` names, and their addresses.
 * @throws RunError CONFIG_INVALID; DIRECTORY_UNREACHABLE where no name leads anywhere
 */
export async function nameServers(
  settings: DirectorySettings,
  signal: AbortSignal,
  names?: NameService,
): Promise<NamedServers> {
  const sources = parseServerUrls(settings['ldap.baseurl']);
  const resolver = new Resolver({ timeout: settings['ldap.connection.timeout.period'], tries: 2 });
  signal.addEventListener('abort', () => resolver.cancel(), { once: true });
  const listed = await listServers(sources, {
    names: names ?? resolver,
    random: Math.random,
    preferred: null,
  });
  const { fit, problems } = await tryEach(listed.servers, ({ host }) => addressesOf(host));
  const all = [...listed.problems, ...problems];
  if (fit.length === 0) throw unreachable(all, 'Check ldap.baseurl and the DNS of this host.');
  return {
    servers: fit.map(({ server, answer }) => ({ server, addresses: answer })),
    bySrv: sources.some(({ kind }) => kind === 'DOMAIN'),
    problems: all,
  };
}

/** Which of the servers take a connection. @throws RunError DIRECTORY_UNREACHABLE where none does */
export async function reachServers(
  servers: readonly ServerAddress[],
  settings: DirectorySettings,
  signal: AbortSignal,
): Promise<Tried<string>> {
  const timeoutMs = settings['ldap.connection.timeout.period'];
  const tried = await tryEach(servers, ({ host, port }) => reach(host, port, timeoutMs, signal));
  if (tried.fit.length === 0) throw unreachable(tried.problems);
  return tried;
}

/**
 * Which of the servers can be spoken to over TLS (RFC 4513 3), and with which certificates; `null` for one that is spoken
 * to in clear.
 * @throws RunError DIRECTORY_UNREACHABLE where none can; FILE_UNREADABLE, FILE_INVALID for the files that are shown
 */
export async function shakeHands(
  servers: readonly ServerAddress[],
  settings: DirectorySettings,
  signal: AbortSignal,
): Promise<Tried<Handshake | null>> {
  const trust = await tlsTrust(
    settings['ldap.connection.ca.file'],
    settings['ldap.connection.allowunsafecerts'],
    { certFile: settings['ldap.connection.client.cert'], keyFile: settings['ldap.connection.client.key'] },
  );
  let isCertificate = false;
  const tried = await tryEach(servers, async (server) => {
    if (!server.secure && !settings['ldap.connection.starttls']) return null;
    try {
      const socket = await openSocket({
        server,
        trust,
        startTls: settings['ldap.connection.starttls'],
        connectTimeoutMs: settings['ldap.connection.timeout.period'],
        pinnedAddress: null,
        traffic: new Traffic(),
        signal,
      });
      try {
        if (!(socket instanceof TLSSocket)) return null;
        return { protocol: socket.getProtocol() ?? 'TLS', chain: certificateChain(socket) };
      } finally {
        socket.on('error', () => undefined);
        socket.destroy();
      }
    } catch (error) {
      if (error instanceof ConnectError && error.certificate) isCertificate = true;
      throw error;
    }
  });
  if (tried.fit.length > 0) return tried;
  throw isCertificate ? unreachable(tried.problems, CERTIFICATE_FIX) : unreachable(tried.problems);
}

async function tryEach<T>(
  servers: readonly ServerAddress[],
  attempt: (server: ServerAddress) => Promise<T>,
): Promise<Tried<T>> {
  const fit: { server: ServerAddress; answer: T }[] = [];
  const problems: string[] = [];
  for (const server of servers) {
    try {
      fit.push({ server, answer: await attempt(server) });
    } catch (error) {
      if (error instanceof RunError || !(error instanceof Error)) throw error;
      const why = error instanceof ConnectError ? error.message : networkProblem(error, server);
      problems.push(`${formatServer(server)}: ${why}`);
    }
  }
  return { fit, problems };
}

function unreachable(problems: readonly string[], fix?: string): RunError {
  const message = `No server of ldap.baseurl can be used: ${problems.join('; ')}.`;
  return new RunError('DIRECTORY_UNREACHABLE', message, fix === undefined ? {} : { fix });
}
