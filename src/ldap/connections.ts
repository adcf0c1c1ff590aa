/** The connections of a run: which server it is that answers, one bound connection kept or a new one for each search. */

import { Resolver } from 'node:dns/promises';
import { presentUptime } from '../lib/boot.ts';
import type { Uptime } from '../lib/boot.ts';
import { expiryWarning, firstToEnd } from '../lib/certificate-chain.ts';
import type { DirectoryKind, Log, Watermark } from '../model/ports.ts';
import { ConnectError } from './connecting.ts';
import type { Connection } from './connection.ts';
import type { DirectorySettings } from './directory-settings.ts';
import { openFirst } from './fail-over.ts';
import { openMessageTrace } from './message-trace.ts';
import { readRootDse } from './root-dse.ts';
import type { RootDse } from './root-dse.ts';
import { hasAddress } from './host-addresses.ts';
import { listServers } from './server-list.ts';
import type { NameService } from './server-list.ts';
import { formatServer, isGlobalCatalog, parseServerUrls } from './server-url.ts';
import type { ServerAddress } from './server-url.ts';
import { openSession } from './session.ts';
import type { TlsTrust } from './tls-trust.ts';
import { Traffic } from './traffic.ts';

/** What stands in for the outside in tests: the DNS, and chance; and who is told what is seen there. */
export interface Surroundings {
  readonly names?: NameService;
  readonly random?: () => number;
  /** How long the machine has been up. */
  readonly uptime?: () => Uptime;
  /** Told when the first of the chosen server's certificates ends that were checked, in ms since 1970; never called without TLS. */
  readonly onCertificate?: (endsMs: number) => void;
}

/** A server that has been found fit for the run, and what it said. */
export interface Found<T> {
  readonly server: ServerAddress;
  readonly connection: Connection;
  readonly answer: T;
}

export class Connections {
  readonly traffic: Traffic;
  readonly #settings: DirectorySettings;
  readonly #bindPassword: string | null;
  readonly #log: Log;
  readonly #surroundings: Surroundings;
  readonly #stop = new AbortController();
  readonly #open = new Set<Connection>();
  /** Servers that referrals led to in this run. */
  readonly #referredTo = new Set<string>();
  #idle: Connection | null = null;
  /** The server that the run stays with, and the IP address that answered by its name. */
  #chosen: ServerAddress | null = null;
  #pinnedAddress: string | null = null;

  constructor(
    settings: DirectorySettings,
    bindPassword: string | null,
    log: Log,
    surroundings: Surroundings,
  ) {
    this.#settings = settings;
    this.#bindPassword = bindPassword;
    this.#log = log;
    this.traffic = new Traffic(openMessageTrace(log, settings['ldap.schema.attributes.sensitive']));
    this.#surroundings = surroundings;
  }

  /** Whether more than one server may answer: then a point in time of one says nothing of another. */
  get several(): boolean {
    const sources = parseServerUrls(this.#settings['ldap.baseurl']);
    return sources.length > 1 || sources[0]?.kind === 'DOMAIN';
  }

  /**
   * The first server of `ldap.baseurl` that `probe` finds fit; the run stays with it.
   * @param probe asks the server what has to be known of it; throws ConnectError where another is to be tried
   * @param last the watermark of the last run: of equal servers the one that it is of is asked first
   * @throws RunError as {@link openFirst}
   */
  async choose<T>(
    trust: TlsTrust,
    last: Watermark | null,
    probe: (connection: Connection) => Promise<T>,
  ): Promise<Found<T>> {
    const sources = parseServerUrls(this.#settings['ldap.baseurl']);
    const { names = this.#resolver(), random = Math.random } = this.#surroundings;
    const list = (): ReturnType<typeof listServers> =>
      listServers(sources, { names, random, preferred: last?.url ?? null });
    const found = await openFirst(this.#failOver(), list, async (server) => {
      const connection = await this.#first(server, trust, last);
      try {
        return { server, connection, answer: await probe(connection) };
      } catch (error) {
        this.discard(connection);
        throw error;
      }
    });
    this.#chosen = found.server;
    this.#pinnedAddress = found.connection.address;
    const { certificates } = found.connection;
    const ends = firstToEnd(certificates, Date.now());
    if (ends !== null) this.#surroundings.onCertificate?.(ends.endsMs);
    const expiry = expiryWarning(certificates, found.server.host, Date.now());
    if (expiry !== null) this.#log.warn('LdapService', expiry);
    this.#warnOfGlobalCatalog(found.server);
    return found;
  }

  uptime(): Uptime {
    return (this.#surroundings.uptime ?? presentUptime)();
  }

  /** A connection to the address of the last run, if the name still has it; else to whichever answers. @throws RunError */
  async #first(server: ServerAddress, trust: TlsTrust, last: Watermark | null): Promise<Connection> {
    const isLast = last?.url === undefined || last.url === formatServer(server);
    const address = isLast ? (last?.address ?? null) : null;
    if (address !== null && (await hasAddress(server.host, address, this.#stop.signal))) {
      try {
        return await this.#session(server, trust, address);
      } catch (error) {
        if (!(error instanceof ConnectError) || error.lasting) throw error;
        this.#log.debug('LdapService', `${address} of ${server.host} does not answer: ${error.message}`);
      }
    }
    return this.#session(server, trust, null);
  }

  /** Said in each run: what is missing there looks like what nobody has. */
  #warnOfGlobalCatalog(server: ServerAddress): void {
    if (!isGlobalCatalog(server)) return;
    this.#log.warn(
      'LdapService',
      `Port ${server.port} of ${server.host} is a global catalog: it shows some attributes of each user only, and of groups of other domains only the universal ones. Scripts and the mapping take what is missing for empty. Use port ${server.secure ? 636 : 389} unless one search has to see the whole forest.`,
    );
  }

  /** A connection to the chosen server that has just answered: a kept one may have died unseen. @throws RunError */
  async acquire(
    trust: TlsTrust,
    kind: DirectoryKind | null,
  ): Promise<{ connection: Connection; rootDse: RootDse }> {
    const kept = this.#idle;
    this.#idle = null;
    if (kept !== null) {
      const rootDse = await readRootDse(kept, kind);
      if (typeof rootDse !== 'string') return { connection: kept, rootDse };
      this.#log.debug('LdapService', `The kept connection is gone (${rootDse}); opening another.`);
      this.discard(kept);
    }
    const server = this.#chosen;
    if (server === null) throw new Error('acquire() needs a chosen server');
    return this.#openOne(server, async (first) => {
      const connection = await this.#session(server, trust, first ? this.#pinnedAddress : null);
      const rootDse = await readRootDse(connection, kind);
      if (typeof rootDse !== 'string') return { connection, rootDse };
      this.discard(connection);
      throw new ConnectError(rootDse);
    });
  }

  /** A connection to a server that a referral names. @throws RunError */
  async openReferred(server: ServerAddress, trust: TlsTrust): Promise<Connection> {
    this.#warnOfReferral(server);
    return this.#openOne(server, () => this.#session(server, trust, null));
  }

  /** Takes a connection back: keeps it for the next read, or closes it. */
  release(connection: Connection): void {
    const keep =
      this.#settings['ldap.connection.pool'] && this.#idle === null && connection.lostReason === null;
    if (keep && !this.#stop.signal.aborted) this.#idle = connection;
    else this.discard(connection);
  }

  discard(connection: Connection): void {
    connection.close();
    this.#open.delete(connection);
  }

  /** Ends whatever is under way; may be called twice. */
  close(): void {
    this.#stop.abort();
    this.#idle = null;
    for (const connection of this.#open) connection.close();
    this.#open.clear();
  }

  #openOne<T>(server: ServerAddress, open: (first: boolean) => Promise<T>): Promise<T> {
    let first = true;
    return openFirst(
      this.#failOver(),
      async () => ({ servers: [server], problems: [] }),
      () => {
        const isFirst = first;
        first = false;
        return open(isFirst);
      },
    );
  }

  #failOver(): Parameters<typeof openFirst>[0] {
    return {
      attempts: this.#settings['ldap.max.attempts'],
      delayMs: this.#settings['ldap.delay.between.attempts'],
      log: this.#log,
      signal: this.#stop.signal,
    };
  }

  async #session(server: ServerAddress, trust: TlsTrust, pinned: string | null): Promise<Connection> {
    const connection = await openSession(
      {
        settings: this.#settings,
        bindPassword: this.#bindPassword,
        trust,
        log: this.#log,
        signal: this.#stop.signal,
        traffic: this.traffic,
      },
      server,
      pinned,
    );
    this.#open.add(connection);
    // Bound in the very moment of close(), which did not know it yet.
    if (this.#stop.signal.aborted) this.discard(connection);
    return connection;
  }

  /** Whoever may write a referral decides who gets the bind password: its way must be seen, once for each server. */
  #warnOfReferral({ host, port }: ServerAddress): void {
    const key = `${host.toLowerCase()} ${port}`;
    const main = this.#chosen;
    if (this.#settings['ldap.bind.authtype'] !== 'SIMPLE' || this.#referredTo.has(key)) return;
    if (main !== null && key === `${main.host.toLowerCase()} ${main.port}`) return;
    this.#referredTo.add(key);
    this.#log.warn(
      'LdapService',
      `A referral leads to ${host}, port ${port}: with ldap.referral=FOLLOW the bind password is sent there, too.`,
    );
  }

  #resolver(): NameService {
    const timeout = this.#settings['ldap.connection.timeout.period'];
    const resolver = new Resolver({ timeout, tries: 2 });
    this.#stop.signal.addEventListener('abort', () => resolver.cancel(), { once: true });
    return resolver;
  }
}
