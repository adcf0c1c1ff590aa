/** The directory port over LDAP: what is found out once and then shared by all reads of a run. */

import { RunError } from '../model/errors.ts';
import type {
  ChangeTracking,
  Directory,
  DirectoryCost,
  DirectoryFacts,
  DirectoryKind,
  DirectoryQuery,
  DirectoryRead,
  Log,
  Watermark,
  Whereabouts,
} from '../model/ports.ts';
import {
  anotherServer,
  canReadSince,
  changeAttribute,
  chooseTracking,
  identityWarning,
  ownerOf,
  sinceFilter,
  WatermarkFinder,
} from './change-tracking.ts';
import type { WatermarkOwner } from './change-tracking.ts';
import { Connections } from './connections.ts';
import type { Surroundings } from './connections.ts';
import { LdapRead } from './directory-read.ts';
import type { PreparedRead } from './directory-read.ts';
import { requestedAttributes } from './directory-settings.ts';
import { NEVER_READ } from './credentials.ts';
import type { DirectorySettings } from './directory-settings.ts';
import { EntryDecoder } from './entry-decoder.ts';
import type { DecoderOptions } from './entry-decoder.ts';
import { parseFilterOf } from './filter-parser.ts';
import type { Filter } from './filter.ts';
import type { GroupGraph } from './group-graph.ts';
import {
  askedFor,
  contextOf,
  groupAttributes,
  groupsFrom,
  groupSearch,
  wantsAllGroups,
} from './group-search.ts';
import { movedContainers } from './moved-containers.ts';
import { probeServer } from './root-dse.ts';
import { identityAttributeOf, NO_IDENTITY, requireBase, USER_FILTERS } from './search-base.ts';
import { planSearches } from './search-plan.ts';
import { formatServer } from './server-url.ts';
import type { ServerAddress } from './server-url.ts';
import { tlsTrust } from './tls-trust.ts';
import { hearWitnesses, NO_DOUBT, withWitnesses } from './witnesses.ts';
import { findWhereabouts } from './whereabouts.ts';
import type { TlsTrust } from './tls-trust.ts';

export type { DirectorySettings } from './directory-settings.ts';

/**
 * The directory that the settings name. Nothing is sent before `check()`.
 * @param bindPassword in plain text; `null` where none is stored
 */
export function openDirectory(
  settings: DirectorySettings,
  bindPassword: string | null,
  log: Log,
  surroundings: Surroundings = {},
): Directory {
  return new LdapDirectory(settings, new Connections(settings, bindPassword, log, surroundings), log);
}

/** What `check()` found out. */
interface Checked {
  readonly server: ServerAddress;
  readonly trust: TlsTrust;
  readonly identityAttribute: string | null;
  readonly userFilter: Filter;
  readonly tracking: ChangeTracking;
  readonly kind: DirectoryKind;
}

class LdapDirectory implements Directory {
  readonly #settings: DirectorySettings;
  readonly #connections: Connections;
  readonly #log: Log;
  #checked: Checked | null = null;
  /** Whose the first read of this run was. */
  #readFrom: WatermarkOwner | null = null;
  #last: Watermark | null = null;
  #groups: GroupGraph | null = null;
  /** What `ldap.referral=IGNORE` has left out, said once in a run. */
  readonly #leftOut = new Set<string>();

  constructor(settings: DirectorySettings, connections: Connections, log: Log) {
    this.#settings = settings;
    this.#connections = connections;
    this.#log = log;
  }

  async check(last: Watermark | null = null): Promise<DirectoryFacts> {
    const settings = this.#settings;
    const configured = settings['ldap.search.filter'].trim();
    if (configured !== '') parseFilterOf(configured, 'CONFIG_INVALID', 'ldap.search.filter');
    const trust = await tlsTrust(
      settings['ldap.connection.ca.file'],
      settings['ldap.connection.allowunsafecerts'],
      {
        certFile: settings['ldap.connection.client.cert'],
        keyFile: settings['ldap.connection.client.key'],
      },
    );
    const { server, connection, answer } = await this.#connections.choose(trust, last, (connection) =>
      probeServer(connection, settings['ldap.baseDn'], kindOf(settings)),
    );
    this.#last = last;
    const { rootDse, base } = answer;
    try {
      requireBase(settings, base, rootDse);
      const identityAttribute = identityAttributeOf(settings, rootDse, base);
      if (identityAttribute === null && settings['ldap.attrib.externalId'].trim() === '')
        this.#log.warn('LdapService', NO_IDENTITY);
      const filterText = configured === '' ? USER_FILTERS[rootDse.kind] : configured;
      const wish = settings['ldap.change.tracking'];
      const tracking = chooseTracking(wish, rootDse, base.modifyTimestamp);
      if (wish !== 'AUTO' && wish !== tracking) {
        this.#log.warn(
          'LdapService',
          `The directory cannot serve ldap.change.tracking=${wish}: every run reads everything.`,
        );
      }
      const owner = await ownerOf(tracking, connection, rootDse, this.#connections.several);
      const warning = identityWarning(tracking, owner, rootDse);
      if (warning !== null) this.#log.warn('LdapService', warning);
      const userFilter = parseFilterOf(filterText, 'CONFIG_INVALID', 'ldap.search.filter');
      this.#checked = { server, trust, identityAttribute, userFilter, tracking, kind: rootDse.kind };
      return {
        url: formatServer(server),
        kind: rootDse.kind,
        identityAttribute: identityAttribute ?? 'DN',
        userFilter: filterText,
        changeTracking: tracking,
        canReadSince: (since) => canReadSince(since, tracking, rootDse, owner),
      };
    } finally {
      this.#connections.release(connection);
    }
  }

  read(query: DirectoryQuery): DirectoryRead {
    const checked = this.#checked;
    if (checked === null) throw new Error('read() needs a successful check() before');
    const attributes = this.#attributesFor(query, checked);
    const { identityAttribute } = checked;
    return this.#newRead(checked, attributes, () => this.#prepare(checked, query), {
      identityAttribute,
      sensitive: [...NEVER_READ, ...this.#settings['ldap.schema.attributes.sensitive']],
      attributes: query.attributes !== 'IDENTITIES',
    });
  }

  #newRead(
    checked: Checked,
    attributes: readonly string[],
    prepare: () => Promise<PreparedRead | string>,
    decoderOptions: DecoderOptions,
  ): LdapRead {
    return new LdapRead({
      pageSize: this.#settings['ldap.paging.size'],
      referralPolicy: this.#settings['ldap.referral'],
      attributes,
      decoder: new EntryDecoder(decoderOptions),
      log: this.#log,
      prepare,
      release: (connection) => this.#connections.release(connection),
      openOther: (server) => this.#connections.openReferred(server, checked.trust),
      closeOther: (connection) => this.#connections.discard(connection),
      tellLeftOut: (urls) => this.#tellLeftOut(urls.join(' ')),
    });
  }

  #tellLeftOut(where: string): void {
    if (this.#leftOut.has(where)) return;
    this.#leftOut.add(where);
    this.#log.info('LdapService', `Left out on purpose (ldap.referral=IGNORE): ${where}`);
  }

  #attributesFor(
    { attributes, also = [] }: DirectoryQuery,
    { identityAttribute, tracking }: Checked,
  ): string[] {
    if (attributes === 'ALL' || attributes === 'NAMED') {
      const changes = changeAttribute(tracking);
      return requestedAttributes(this.#settings, identityAttribute, changes, attributes, askedFor(also));
    }
    const names = attributes === 'IDENTITIES' ? [] : askedFor(attributes);
    // "1.1" asks for no attributes at all (RFC 4511 4.5.1.8).
    return [...new Set([identityAttribute ?? '1.1', ...names])];
  }

  cost(): DirectoryCost {
    return { ...this.#connections.traffic };
  }

  async close(): Promise<void> {
    this.#connections.close();
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
    const groups = wantsAllGroups(query) ? await this.#groupsOf(checked) : null;
    if (typeof groups === 'string') return groups;
    const { connection, rootDse } = await this.#connections.acquire(checked.trust, kindOf(this.#settings));
    // The name in ldap.baseurl may stand for several domain controllers: each connection is asked whose it is.
    const owner = await ownerOf(checked.tracking, connection, rootDse, this.#connections.several);
    if (query.since !== null && anotherServer(query.since, owner) !== null) {
      this.#connections.release(connection);
      return 'another server answers than the one that the watermark is of';
    }
    // Behind one address there may be several, and what one knows another need not have heard of.
    this.#readFrom ??= owner;
    if (anotherServer(this.#readFrom, owner) !== null) {
      this.#connections.release(connection);
      return 'another server answers than the one that this run has read from so far';
    }
    const moved =
      since === null
        ? null
        : await movedContainers(
            connection,
            this.#settings['ldap.baseDn'],
            since,
            checked.kind,
            changeAttribute(checked.tracking),
          );
    const waiting = { overlapMs: this.#settings['ldap.change.overlap.period'], now: Date.now() };
    const testimony = query.since === null ? NO_DOUBT : await hearWitnesses(connection, query.since, waiting);
    const why = testimony.why ?? moved?.why ?? null;
    if (why !== null) this.#log.info('LdapService', `Reading every user: ${why}.`);
    const whole = query.attributes === 'ALL' || query.attributes === 'NAMED';
    const limited = !whole || query.extraFilter !== null || query.anyOf !== null;
    const watermark = new WatermarkFinder({
      tracking: checked.tracking,
      rootDse,
      owner,
      since: testimony.why === null ? query.since : null,
      last: this.#last,
      overlapMs: this.#settings['ldap.change.overlap.period'],
      uptime: this.#connections.uptime(),
      log: this.#log,
    });
    for (const time of moved?.times ?? []) watermark.seeTime(time, this.#settings['ldap.baseDn']);
    return {
      connection,
      rootDse,
      searches: planSearches({
        baseDn: this.#settings['ldap.baseDn'],
        userFilter: checked.userFilter,
        identityAttribute: checked.identityAttribute,
        extra,
        since: why === null ? since : null,
        anyOf: query.anyOf,
      }),
      watermark: limited ? null : withWitnesses(watermark, checked.tracking, query.since, testimony, waiting),
      groups,
    };
  }

  async whereabouts(identities: readonly string[]): Promise<ReadonlyMap<string, Whereabouts>> {
    const checked = this.#checked;
    if (checked === null) throw new Error('whereabouts() needs a successful check() before');
    const { identityAttribute } = checked;
    // A DN names nobody any more when the entry has gone from there.
    if (identityAttribute === null || identities.length === 0) return new Map();
    try {
      const { connection, rootDse } = await this.#connections.acquire(checked.trust, kindOf(this.#settings));
      const context = contextOf(this.#settings['ldap.baseDn'], rootDse);
      const inquiry = { connection, rootDse, context, identityAttribute, log: this.#log };
      const found = await findWhereabouts(inquiry, identities);
      this.#connections.release(connection);
      return found;
    } catch (error) {
      if (!(error instanceof RunError)) throw error;
      this.#log.warn('LdapService', `Whether absent users were deleted cannot be told: ${error.message}`);
      return new Map();
    }
  }

  /** Once for all reads of a run, so that they agree. */
  async #groupsOf(checked: Checked): Promise<GroupGraph | string> {
    if (this.#groups !== null) return this.#groups;
    const prepare = async (): Promise<PreparedRead> => {
      const { connection, rootDse } = await this.#connections.acquire(checked.trust, kindOf(this.#settings));
      const searches = [groupSearch(this.#settings, rootDse)];
      return { connection, rootDse, searches, watermark: null, groups: null };
    };
    const options = { identityAttribute: null, sensitive: [], attributes: true };
    const groups = await groupsFrom(
      this.#newRead(checked, groupAttributes(checked), prepare, options),
      this.#log,
    );
    if (typeof groups !== 'string') this.#groups = groups;
    return groups;
  }
}

function kindOf(settings: DirectorySettings): DirectoryKind | null {
  const kind = settings['ldap.server.kind'];
  return kind === 'AUTO' ? null : kind;
}
