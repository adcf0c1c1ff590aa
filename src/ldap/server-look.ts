/** A look at the servers of `ldap.baseurl` before anybody binds: whether one answers, and what it says of itself. */

import { Resolver } from 'node:dns/promises';
import { firstToEnd } from '../lib/certificate-chain.ts';
import type { Log } from '../model/ports.ts';
import { connect, ConnectError } from './connecting.ts';
import type { Connection } from './connection.ts';
import type { DirectorySettings } from './directory-settings.ts';
import { openFirst } from './fail-over.ts';
import { openMessageTrace } from './message-trace.ts';
import { listServers } from './server-list.ts';
import { formatServer, parseServerUrls } from './server-url.ts';
import type { ServerAddress } from './server-url.ts';
import { searchSmall, textsOf } from './small-search.ts';
import { tlsTrust } from './tls-trust.ts';
import { Traffic } from './traffic.ts';

/** What a server shows to anybody. */
export interface ServerLook {
  readonly url: string;
  readonly encrypted: boolean;
  readonly loopback: boolean;
  /** When the first of its certificates ends, ISO 8601 date; `null` where there is none that was checked. */
  readonly certificateEnds: string | null;
  /** DNs below which users may be, the likeliest first; empty where it tells nobody before a bind. */
  readonly bases: readonly string[];
  /** Whether it says that it can go on encrypted. */
  readonly startTls: boolean;
}

const START_TLS = '1.3.6.1.4.1.1466.20037';
/** Parts of Active Directory and of others that hold no users. */
const NO_USERS =
  /^(?:cn=(?:configuration|schema|config|monitor|changelog|subschema)\b|dc=(?:domain|forest)dnszones\b|o=(?:netscaperoot|ipaca)\b)/i;

/**
 * Goes through the servers once. Nothing is sent but a question for the rootDSE, which needs no bind (RFC 4512 5.1).
 * @throws RunError DIRECTORY_UNREACHABLE, its cause a {@link ConnectError}; CONFIG_INVALID, FILE_UNREADABLE, FILE_INVALID
 */
export async function lookAtServer(
  settings: DirectorySettings,
  log: Log,
  signal: AbortSignal,
): Promise<ServerLook> {
  const trust = await tlsTrust(
    settings['ldap.connection.ca.file'],
    settings['ldap.connection.allowunsafecerts'],
    {
      certFile: settings['ldap.connection.client.cert'],
      keyFile: settings['ldap.connection.client.key'],
    },
  );
  const timeoutMs = settings['ldap.connection.timeout.period'];
  const names = new Resolver({ timeout: timeoutMs, tries: 2 });
  const sources = parseServerUrls(settings['ldap.baseurl']);
  const list = (): ReturnType<typeof listServers> =>
    listServers(sources, { names, random: Math.random, preferred: null });
  const traffic = new Traffic(openMessageTrace(log, settings['ldap.schema.attributes.sensitive']));
  return openFirst({ attempts: 1, delayMs: 0, log, signal }, list, async (server) => {
    const connection = await connect({
      server,
      trust,
      startTls: settings['ldap.connection.starttls'],
      connectTimeoutMs: timeoutMs,
      readTimeoutMs: settings['ldap.read.timeout.period'],
      pinnedAddress: null,
      signal,
      traffic,
    });
    try {
      return await lookOver(connection, server);
    } finally {
      connection.close();
    }
  });
}

async function lookOver(connection: Connection, server: ServerAddress): Promise<ServerLook> {
  const answer = await searchSmall(connection, {
    base: '',
    scope: 'BASE',
    filter: { type: 'PRESENT', attribute: 'objectClass' },
    attributes: ['namingContexts', 'defaultNamingContext', 'supportedExtension'],
  });
  if (!answer.answered) throw new ConnectError(answer.reason);
  const [entry] = answer.entries;
  const bases = [...textsOf(entry, 'defaultNamingContext'), ...textsOf(entry, 'namingContexts')];
  const ends = firstToEnd(connection.certificates, Date.now());
  return {
    url: formatServer(server),
    encrypted: connection.encrypted,
    loopback: /^(?:::ffff:)?127\.|^::1$/.test(connection.address ?? ''),
    certificateEnds: ends === null ? null : new Date(ends.endsMs).toISOString().slice(0, 10),
    bases: [...new Set(bases)].filter((base) => base !== '' && !NO_USERS.test(base)),
    startTls: textsOf(entry, 'supportedExtension').includes(START_TLS),
  };
}
