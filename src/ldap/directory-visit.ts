/** Questions to a directory server about itself that no run asks, on one connection, none of which changes anything. */

import type { Log } from '../model/ports.ts';
import type { Connection } from './connection.ts';
import type { DirectorySettings } from './directory-settings.ts';
import { equal } from './filter.ts';
import { parseGeneralizedTime } from './generalized-time.ts';
import { contextOf, groupSearch } from './group-search.ts';
import { leadsToNobody } from './referral.ts';
import { describeResult, RESULT } from './result-codes.ts';
import { readRootDse } from './root-dse.ts';
import type { RootDse } from './root-dse.ts';
import type { ServerAddress } from './server-url.ts';
import { openSession } from './session.ts';
import { searchSmall } from './small-search.ts';
import type { SearchSpec } from './requests.ts';
import type { SmallSearchAnswer } from './small-search.ts';
import { tlsTrust } from './tls-trust.ts';
import { refusalInWords, SHOW_DELETED } from './whereabouts.ts';
import { ConnectError } from './connecting.ts';
import { RunError } from '../model/errors.ts';

/** Nobody is called so: a search for it costs a server nothing and still shows where its tree goes on elsewhere. */
const NOBODY = equal('cn', 'c42uds-doctor-looks-for-nobody');
const ANY = { type: 'PRESENT', attribute: 'objectClass' } as const;

type Answered = Extract<SmallSearchAnswer, { answered: true }>;

/** A bound connection, and what the server said of itself. */
export class DirectoryVisit {
  readonly rootDse: RootDse;
  /** When the rootDSE came, on our clock: milliseconds since 1970. */
  readonly arrivedMs: number;
  readonly #connection: Connection;
  readonly #settings: DirectorySettings;

  private constructor(connection: Connection, settings: DirectorySettings, rootDse: RootDse) {
    this.#connection = connection;
    this.#settings = settings;
    this.rootDse = rootDse;
    this.arrivedMs = Date.now();
  }

  /**
   * Connects to one server, binds as a run does, once, and reads the rootDSE.
   * @throws RunError DIRECTORY_UNREACHABLE, DIRECTORY_REFUSED, CONFIG_INVALID
   */
  static async begin(
    server: ServerAddress,
    { settings, bindPassword, log, signal }: VisitOptions,
  ): Promise<DirectoryVisit> {
    const client = {
      certFile: settings['ldap.connection.client.cert'],
      keyFile: settings['ldap.connection.client.key'],
    };
    const unsafe = settings['ldap.connection.allowunsafecerts'];
    const trust = await tlsTrust(settings['ldap.connection.ca.file'], unsafe, client);
    try {
      const connection = await openSession({ settings, bindPassword, trust, log, signal }, server, null);
      const kind = settings['ldap.server.kind'];
      const rootDse = await readRootDse(connection, kind === 'AUTO' ? null : kind);
      if (typeof rootDse !== 'string') return new DirectoryVisit(connection, settings, rootDse);
      connection.close();
      throw new ConnectError(rootDse);
    } catch (error) {
      if (!(error instanceof ConnectError)) throw error;
      const message = `The directory server ${server.host} takes the connection, but not the bind: ${error.message}.`;
      throw new RunError('DIRECTORY_UNREACHABLE', message, { cause: error });
    }
  }

  /** How far our clock is ahead of the server's, in milliseconds; `null` where it does not tell the time. */
  clockAheadMs(): number | null {
    const { currentTime } = this.rootDse;
    const serverMs = currentTime === null ? null : parseGeneralizedTime(currentTime);
    return serverMs === null ? null : this.arrivedMs - serverMs;
  }

  /** Whether deleted entries may be seen: `null` where the server keeps none, else true or why not, in words. */
  async seesDeleted(): Promise<true | string | null> {
    if (this.rootDse.kind !== 'ACTIVE_DIRECTORY') return null;
    const context = contextOf(this.#settings['ldap.baseDn'], this.rootDse);
    const answer = await this.#search({
      base: `CN=Deleted Objects,${context}`,
      scope: 'BASE',
      filter: ANY,
      attributes: ['1.1'],
      controls: [SHOW_DELETED],
    });
    if (typeof answer === 'string') return answer;
    return answer.entries.length > 0 ? true : `nothing is shown of CN=Deleted Objects,${context}`;
  }

  /** Whether a group below `ldap.group.baseDn` may be read: true, or why not, in words. */
  async seesGroups(): Promise<true | string> {
    const { base, scope, filter } = groupSearch(this.#settings, this.rootDse);
    const answer = await this.#search({ base, scope, filter, attributes: ['1.1'], sizeLimit: 1 });
    if (typeof answer === 'string') return answer;
    return answer.entries.length > 0 ? true : `no group is shown below ${base}`;
  }

  /** Whether the server sends a part of a list where a part is asked for: `null` where it never does, else true or why not. */
  async sendsRanges(): Promise<true | string | null> {
    if (this.rootDse.kind !== 'ACTIVE_DIRECTORY') return null;
    const answer = await this.#search({
      base: this.#settings['ldap.baseDn'],
      scope: 'BASE',
      filter: ANY,
      attributes: ['objectClass;range=0-0'],
    });
    if (typeof answer === 'string') return answer;
    const names = [...(answer.entries[0]?.attributes.keys() ?? [])];
    return names.some((name) => /^objectclass;range=0-(0|\*)$/.test(name))
      ? true
      : 'the server sent no range where one was asked for';
  }

  /** Where parts of the search base lie that this server does not hold: the URLs of each; a reason where it did not say. */
  async referrals(): Promise<readonly (readonly string[])[] | string> {
    const base = this.#settings['ldap.baseDn'];
    const answer = await this.#search({ base, scope: 'SUB', filter: NOBODY, attributes: ['1.1'] });
    if (typeof answer === 'string') return answer;
    return answer.references.filter((urls) => !leadsToNobody(urls, this.rootDse));
  }

  /** May be called twice. */
  end(): void {
    this.#connection.close();
  }

  async #search(spec: SearchSpec): Promise<Answered | string> {
    const answer = await searchSmall(this.#connection, spec);
    if (!answer.answered) return answer.reason;
    const { code } = answer.result;
    // A size limit is what we asked for; a referral says where the base lies.
    const isFine = code === RESULT.SUCCESS || (code === RESULT.SIZE_LIMIT && spec.sizeLimit !== undefined);
    if (isFine) return answer;
    return spec.controls === undefined ? describeResult(answer.result) : refusalInWords(answer.result);
  }
}

export interface VisitOptions {
  readonly settings: DirectorySettings;
  readonly bindPassword: string | null;
  readonly log: Log;
  readonly signal: AbortSignal;
}
