/** The directory port over LDAP: what is found out once and then shared by all reads of a run. */

import { RunError } from '../model/errors.ts';
import type {
  ChangeTracking,
  Directory,
  DirectoryFacts,
  DirectoryKind,
  DirectoryQuery,
  DirectoryRead,
  Log,
} from '../model/ports.ts';
import {
  canReadSince,
  changeAttribute,
  chooseTracking,
  sinceFilter,
  WatermarkFinder,
} from './change-tracking.ts';
import type { Connection } from './connection.ts';
import { LdapRead } from './directory-read.ts';
import type { PreparedRead } from './directory-read.ts';
import { requestedAttributes } from './directory-settings.ts';
import type { DirectorySettings } from './directory-settings.ts';
import { EntryDecoder } from './entry-decoder.ts';
import { parseFilterOf } from './filter-parser.ts';
import type { Filter } from './filter.ts';
import { RESULT } from './result-codes.ts';
import { readBaseEntry, readRootDse, readServerId } from './root-dse.ts';
import type { BaseEntry, RootDse } from './root-dse.ts';
import { planSearches } from './search-plan.ts';
import { formatServer, parseServerUrl } from './server-url.ts';
import type { ServerAddress } from './server-url.ts';
import { openSession } from './session.ts';
import { expiryWarning, tlsTrust } from './tls-trust.ts';
import type { TlsTrust } from './tls-trust.ts';

export type { DirectorySettings } from './directory-settings.ts';

/** Active Directory's answer to who is a user leaves out computers, whose class is derived from user. */
const USER_FILTERS: Readonly<Record<DirectoryKind, string>> = {
  ACTIVE_DIRECTORY: '(&(objectCategory=person)(objectClass=user))',
  OPENLDAP: '(objectClass=inetOrgPerson)',
  '389_DIRECTORY_SERVER': '(objectClass=inetOrgPerson)',
  GENERIC: '(objectClass=inetOrgPerson)',
};

/**
 * The directory that the settings name. Nothing is sent before `check()`.
 * @param bindPassword in plain text; `null` where none is stored
 */
export function openDirectory(settings: DirectorySettings, bindPassword: string | null, log: Log): Directory {
  return new LdapDirectory(settings, bindPassword, log);
}

/** What `check()` found out. */
interface Checked {
  readonly server: ServerAddress;
  readonly trust: TlsTrust;
  readonly identityAttribute: string | null;
  readonly userFilter: Filter;
  readonly tracking: ChangeTracking;
}

class LdapDirectory implements Directory {
  readonly #settings: DirectorySettings;
  readonly #bindPassword: string | null;
  readonly #log: Log;
  readonly #stop = new AbortController();
  readonly #connections = new Set<Connection>();
  /** Servers that referrals led to in this run. */
  readonly #referredTo = new Set<string>();
  #idle: Connection | null = null;
  #pinnedAddress: string | null = null;
  #checked: Checked | null = null;

  constructor(settings: DirectorySettings, bindPassword: string | null, log: Log) {
    this.#settings = settings;
    this.#bindPassword = bindPassword;
    this.#log = log;
  }

  async check(): Promise<DirectoryFacts> {
    const settings = this.#settings;
    const server = parseServerUrl(settings['ldap.baseurl']);
    const configured = settings['ldap.search.filter'].trim();
    if (configured !== '') parseFilterOf(configured, 'CONFIG_INVALID', 'ldap.search.filter');
    const trust = await tlsTrust(
      settings['ldap.connection.ca.file'],
      settings['ldap.connection.allowunsafecerts'],
    );
    const connection = await this.#open(server, trust);
    this.#pinnedAddress = connection.address;
    const expiry = expiryWarning(connection.certificateEndsMs, server.host, Date.now());
    if (expiry !== null) this.#log.warn('LdapService', expiry);
    try {
      const rootDse = this.#arrived(server, await readRootDse(connection));
      const base = this.#arrived(server, await readBaseEntry(connection, settings['ldap.baseDn']));
      this.#requireBase(base, rootDse);
      const identityAttribute = this.#identityAttribute(rootDse, base);
      const filterText = configured === '' ? USER_FILTERS[rootDse.kind] : configured;
      const wish = settings['ldap.change.tracking'];
      const tracking = chooseTracking(wish, rootDse, base.modifyTimestamp);
      if (wish !== 'AUTO' && wish !== tracking) {
        this.#log.warn(
          'LdapService',
          `The directory cannot serve ldap.change.tracking=${wish}: every run reads everything.`,
        );
      }
      const serverId = tracking === 'USN_CHANGED' ? await readServerId(connection, rootDse) : null;
      const userFilter = parseFilterOf(filterText, 'CONFIG_INVALID', 'ldap.search.filter');
      this.#checked = { server, trust, identityAttribute, userFilter, tracking };
      return {
        url: formatServer(server),
        kind: rootDse.kind,
        identityAttribute: identityAttribute ?? 'DN',
        userFilter: filterText,
        changeTracking: tracking,
        canReadSince: (since) => canReadSince(since, tracking, rootDse, serverId),
      };
    } finally {
      this.#release(connection);
    }
  }

  read(query: DirectoryQuery): DirectoryRead {
    const checked = this.#checked;
    if (checked === null) throw new Error('read() needs a successful check() before');
    const settings = this.#settings;
    const { identityAttribute } = checked;
    return new LdapRead({
      query,
      pageSize: settings['ldap.paging.size'],
      referralPolicy: settings['ldap.referral'],
      attributes: this.#attributesFor(query, checked),
      decoder: new EntryDecoder({
        identityAttribute,
        sensitive: settings['ldap.schema.attributes.sensitive'],
        attributes: query.attributes !== 'IDENTITIES',
      }),
      log: this.#log,
      prepare: () => this.#prepare(checked, query),
      release: (connection) => this.#release(connection),
      openOther: (server) => this.#openOther(checked, server),
      closeOther: (connection) => this.#discard(connection),
    });
  }

  #attributesFor({ attributes }: DirectoryQuery, { identityAttribute, tracking }: Checked): string[] {
    if (attributes === 'ALL')
      return requestedAttributes(this.#settings, identityAttribute, changeAttribute(tracking));
    const names = attributes === 'IDENTITIES' ? [] : attributes;
    // "1.1" asks for no attributes at all (RFC 4511 4.5.1.8).
    return [...new Set([identityAttribute ?? '1.1', ...names])];
  }

  async close(): Promise<void> {
    this.#stop.abort();
    this.#idle = null;
    for (const connection of this.#connections) connection.close();
    this.#connections.clear();
  }

  async #prepare(checked: Checked, query: DirectoryQuery): Promise<PreparedRead | string> {
    const extra =
      query.extraFilter === null
        ? null
        : parseFilterOf(query.extraFilter, 'FILE_INVALID', 'The extra filter');
    const since =
      query.since === null ? null : sinceFilter(query.since, this.#settings['ldap.change.overlap.period']);
    if (query.since !== null && (since === null || query.since.tracking !== checked.tracking)) {
      return `changes since ${query.since.tracking} ${query.since.value} cannot be asked for here`;
    }
    const { connection, rootDse } = await this.#acquire(checked);
    // The name in ldap.baseurl may stand for several domain controllers: each connection is asked whose it is.
    const serverId = checked.tracking === 'USN_CHANGED' ? await readServerId(connection, rootDse) : null;
    if (query.since !== null && query.since.serverId !== serverId) {
      this.#release(connection);
      return 'another domain controller answers than the one that the watermark is of';
    }
    const limited = query.attributes !== 'ALL' || query.extraFilter !== null || query.anyOf !== null;
    return {
      connection,
      rootDse,
      searches: planSearches({
        baseDn: this.#settings['ldap.baseDn'],
        userFilter: checked.userFilter,
        identityAttribute: checked.identityAttribute,
        extra,
        since,
        anyOf: query.anyOf,
      }),
      watermark: limited
        ? null
        : new WatermarkFinder(checked.tracking, rootDse, serverId, query.since, this.#log),
    };
  }

  /** A connection that has just answered: a kept one may have died unseen, and then a new one takes its place. */
  async #acquire(checked: Checked): Promise<{ connection: Connection; rootDse: RootDse }> {
    const kept = this.#idle;
    this.#idle = null;
    if (kept !== null) {
      const rootDse = await readRootDse(kept);
      if (typeof rootDse !== 'string') return { connection: kept, rootDse };
      this.#log.debug('LdapService', `The kept connection is gone (${rootDse}); opening another.`);
      this.#discard(kept);
    }
    const connection = await this.#open(checked.server, checked.trust);
    try {
      return { connection, rootDse: this.#arrived(checked.server, await readRootDse(connection)) };
    } catch (error) {
      this.#discard(connection);
      throw error;
    }
  }

  async #open(server: ServerAddress, trust: TlsTrust, pinned = this.#pinnedAddress): Promise<Connection> {
    const options = {
      settings: this.#settings,
      bindPassword: this.#bindPassword,
      trust,
      log: this.#log,
      signal: this.#stop.signal,
    };
    const connection = await openSession(options, server, pinned);
    this.#connections.add(connection);
    // Bound in the very moment of close(), which did not know it yet.
    if (this.#stop.signal.aborted) this.#discard(connection);
    return connection;
  }

  #openOther(checked: Checked, server: ServerAddress): Promise<Connection> {
    this.#warnOfReferral(checked.server, server);
    return this.#open(server, checked.trust, null);
  }

  /** Whoever may write a referral decides who gets the bind password: its way must be seen, once for each server. */
  #warnOfReferral(main: ServerAddress, { host, port }: ServerAddress): void {
    const key = `${host.toLowerCase()} ${port}`;
    if (this.#settings['ldap.bind.authtype'] === 'NONE' || this.#referredTo.has(key)) return;
    if (key === `${main.host.toLowerCase()} ${main.port}`) return;
    this.#referredTo.add(key);
    this.#log.warn(
      'LdapService',
      `A referral leads to ${host}, port ${port}: with ldap.referral=FOLLOW the bind password is sent there, too.`,
    );
  }

  #release(connection: Connection): void {
    const keep =
      this.#settings['ldap.connection.pool'] && this.#idle === null && connection.lostReason === null;
    if (keep && !this.#stop.signal.aborted) this.#idle = connection;
    else this.#discard(connection);
  }

  #discard(connection: Connection): void {
    connection.close();
    this.#connections.delete(connection);
  }

  #arrived<T extends object>(server: ServerAddress, answer: T | string): T {
    if (typeof answer !== 'string') return answer;
    throw new RunError(
      'DIRECTORY_UNREACHABLE',
      `Unable to contact LDAP source at ${formatServer(server)}, reason: '${answer}'`,
    );
  }

  #requireBase(base: BaseEntry, rootDse: RootDse): void {
    if (base.problem === null) return;
    if (base.code === RESULT.REFERRAL && this.#settings['ldap.referral'] === 'FOLLOW') return;
    const contexts = rootDse.namingContexts.map((context) => `"${context}"`).join(', ');
    const served = contexts === '' ? '' : ` The server holds ${contexts}.`;
    throw new RunError(
      'DIRECTORY_SEARCH',
      `The search base ldap.baseDn "${this.#settings['ldap.baseDn']}" cannot be read: ${base.problem}.${served}`,
      {
        fix:
          this.#settings['ldap.bind.authtype'] === 'NONE'
            ? 'Correct ldap.baseDn, or set ldap.bind.authtype=SIMPLE: the bind was anonymous.'
            : 'Correct ldap.baseDn, or give ldap.bind.user the right to read it.',
      },
    );
  }

  #identityAttribute(rootDse: RootDse, base: BaseEntry): string | null {
    const configured = this.#settings['ldap.attrib.externalId'].trim();
    if (configured !== '') return /^(dn|entrydn|distinguishedname)$/i.test(configured) ? null : configured;
    if (rootDse.kind === 'ACTIVE_DIRECTORY') return 'objectGUID';
    if (rootDse.kind === 'OPENLDAP') return 'entryUUID';
    if (rootDse.kind === '389_DIRECTORY_SERVER') return 'nsUniqueId';
    if (base.identityAttribute === null) {
      this.#log.warn(
        'LdapService',
        'The directory shows no attribute that identifies a user for ever: a renamed user counts as a new one. Set ldap.attrib.externalId.',
      );
    }
    return base.identityAttribute;
  }
}
