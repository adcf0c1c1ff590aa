/** One read of the directory: its searches, the referrals met on the way, and in the end whether that was everything. */

import { dnKey } from '../model/dn.ts';
import { RunError } from '../model/errors.ts';
import type { Entry } from '../model/entry.ts';
import type { DirectoryRead, EntryPage, Log, ReadVerdict } from '../model/ports.ts';
import type { WatermarkFinder } from './change-tracking.ts';
import type { Connection } from './connection.ts';
import type { EntryDecoder } from './entry-decoder.ts';
import { formatFilter } from './filter.ts';
import type { Batch } from './page-request.ts';
import type { GroupGraph } from './group-graph.ts';
import { searchPages } from './paged-search.ts';
import type { SearchEnd } from './paged-search.ts';
import { describeReferral, followable, leadsToNobody } from './referral.ts';
import type { ReferralPolicy } from './referral.ts';
import { readRootDse } from './root-dse.ts';
import type { RootDse } from './root-dse.ts';
import type { PlannedSearch } from './search-plan.ts';
import type { ServerAddress } from './server-url.ts';
import { formatServer } from './server-url.ts';

/** Referrals that lead to referrals: RFC 4511 4.1.10 wants a limit and names none. */
const MAX_REFERRAL_DEPTH = 5;
const MAX_REASONS = 3;

/** Sees each entry of the main server, and says in the end where the next read may start. */
export type ReadObserver = Pick<WatermarkFinder, 'see' | 'finish'>;

/** The connection of a read, and what was learnt on it before the first search. */
export interface PreparedRead {
  readonly connection: Connection;
  readonly rootDse: RootDse;
  readonly searches: readonly PlannedSearch[];
  /** `null` where the read is of a part only and moves no watermark. */
  readonly watermark: ReadObserver | null;
  /** The groups to give to each entry; `null` where nobody asked for them. */
  readonly groups: GroupGraph | null;
}

export interface ReadContext {
  readonly pageSize: number;
  readonly referralPolicy: ReferralPolicy;
  readonly attributes: readonly string[];
  readonly decoder: EntryDecoder;
  readonly log: Log;
  /** Connects and plans; a reason in words where this read cannot be done. @throws RunError */
  prepare(): Promise<PreparedRead | string>;
  /** Takes a connection back that {@link prepare} gave. */
  release(connection: Connection): void;
  /** A bound connection to another server. @throws RunError */
  openOther(server: ServerAddress): Promise<Connection>;
  closeOther(connection: Connection): void;
  /** Called for each reference that `ldap.referral=IGNORE` declares out of scope. */
  tellLeftOut(urls: readonly string[]): void;
}

export class LdapRead implements DirectoryRead {
  readonly pages: AsyncIterable<EntryPage>;
  readonly #context: ReadContext;
  readonly #faults: string[] = [];
  readonly #visited = new Set<string>();
  /** DNs delivered so far, by identity; `null` while one search alone delivers, which needs no memory of them. */
  #delivered: Map<string, string> | null = null;
  #groups: GroupGraph | null = null;
  #verdict: ReadVerdict | null = null;
  #entryCount = 0;
  #unusableCount = 0;
  #firstUnusable = '';

  constructor(context: ReadContext) {
    this.#context = context;
    this.pages = this.#run();
  }

  verdict(): ReadVerdict {
    if (this.#verdict === null) throw new Error('verdict() was called before the pages had ended');
    return this.#verdict;
  }

  async *#run(): AsyncGenerator<EntryPage, void> {
    let watermark: ReadObserver | null = null;
    let ended = false;
    try {
      const prepared = await this.#context.prepare();
      if (typeof prepared === 'string') this.#faults.push(prepared);
      else {
        watermark = prepared.watermark;
        this.#groups = prepared.groups;
        yield* this.#readAll(prepared);
      }
      ended = true;
    } catch (error) {
      if (!(error instanceof RunError)) throw error;
      this.#faults.push(error.message);
      ended = true;
    } finally {
      if (!ended) this.#faults.push('the read was stopped before its end');
      this.#verdict = this.#judge(watermark);
    }
  }

  #judge(watermark: ReadObserver | null): ReadVerdict {
    const entryCount = this.#entryCount;
    const reasons = [...new Set(this.#faults)];
    if (this.#unusableCount > 0) {
      reasons.push(
        this.#unusableCount === 1
          ? `1 entry cannot be used: ${this.#firstUnusable}`
          : `${this.#unusableCount} entries cannot be used, the first: ${this.#firstUnusable}`,
      );
    }
    if (reasons.length === 0) return { complete: true, entryCount, watermark: watermark?.finish() ?? null };
    const more = reasons.length > MAX_REASONS ? `; and ${reasons.length - MAX_REASONS} more reasons` : '';
    return { complete: false, entryCount, reason: reasons.slice(0, MAX_REASONS).join('; ') + more };
  }

  async *#readAll(prepared: PreparedRead): AsyncGenerator<EntryPage, void> {
    const { connection, rootDse, searches, watermark } = prepared;
    if (searches.length > 1 || this.#context.referralPolicy === 'FOLLOW') this.#delivered = new Map();
    try {
      for (const search of searches) {
        const faults = this.#faults.length;
        this.#visited.add(visitKey(connection.server, search));
        yield* this.#search(connection, search, rootDse, watermark, 0);
        // A search that failed leaves its connection in doubt: the others would only fail in the same way.
        if (this.#faults.length > faults && connection.lostReason !== null) return;
      }
    } finally {
      this.#context.release(connection);
    }
  }

  async *#search(
    connection: Connection,
    search: PlannedSearch,
    rootDse: RootDse,
    watermark: ReadObserver | null,
    depth: number,
  ): AsyncGenerator<EntryPage, void> {
    const { decoder, attributes, pageSize } = this.#context;
    const spec = { base: search.base, scope: search.scope, filter: search.filter, attributes };
    const references: (readonly string[])[] = [];
    const batches = searchPages({ connection, decoder, spec, pageSize, paging: rootDse.paging });
    let end: SearchEnd;
    try {
      for (;;) {
        const step = await batches.next();
        if (step.done === true) {
          end = step.value;
          break;
        }
        for (const urls of step.value.references) references.push(urls);
        const page = this.#deliver(step.value, watermark);
        if (page.entries.length > 0 || page.unusable.length > 0) yield page;
      }
    } finally {
      // After an early stop: abandons the search on the server.
      await batches.return({ kind: 'INCOMPLETE', reason: '' });
    }
    if (end.kind === 'INCOMPLETE' && !(search.baseMayBeMissing && end.baseMissing)) {
      this.#faults.push(`${formatServer(connection.server)}: ${end.reason}`);
    }
    for (const urls of references) {
      if (leadsToNobody(urls, rootDse))
        this.#context.log.debug('LdapService', `No users at ${urls.join(' ')}`);
      else yield* this.#refer(urls, search, connection.server, depth, false);
    }
    if (end.kind === 'REFERRAL') yield* this.#refer(end.urls, search, connection.server, depth, true);
  }

  #deliver(batch: Batch, watermark: ReadObserver | null): EntryPage {
    const delivered = this.#delivered;
    const entries =
      delivered === null ? batch.entries : batch.entries.filter((entry) => isNew(entry, delivered));
    if (watermark !== null) for (const entry of entries) watermark.see(entry);
    this.#entryCount += entries.length;
    for (const { dn, message } of batch.unusable) {
      if (this.#unusableCount++ === 0) this.#firstUnusable = `${dn}: ${message}`;
    }
    const groups = this.#groups;
    return {
      entries: groups === null ? entries : entries.map((entry) => groups.withGroups(entry)),
      unusable: batch.unusable,
    };
  }

  /** Deals with one referral as `ldap.referral` says. `whole`: it stands for the whole search, not for a part of it. */
  async *#refer(
    urls: readonly string[],
    search: PlannedSearch,
    from: ServerAddress,
    depth: number,
    whole: boolean,
  ): AsyncGenerator<EntryPage, void> {
    const { referralPolicy } = this.#context;
    if (referralPolicy === 'FOLLOW') {
      yield* this.#follow(urls, search, from, depth);
    } else if (referralPolicy === 'IGNORE' && !whole) {
      this.#context.tellLeftOut(urls);
    } else {
      this.#faults.push(describeReferral(urls, search.base, referralPolicy, whole));
    }
  }

  /** The URLs are alternatives (RFC 4511 4.1.10): the first that can be read is enough. */
  async *#follow(
    urls: readonly string[],
    search: PlannedSearch,
    from: ServerAddress,
    depth: number,
  ): AsyncGenerator<EntryPage, void> {
    const { log } = this.#context;
    const problems: string[] = [];
    if (depth >= MAX_REFERRAL_DEPTH) {
      this.#faults.push(
        `referrals lead on and on, at last to ${urls.join(' ')}: more than ${MAX_REFERRAL_DEPTH} deep`,
      );
      return;
    }
    for (const url of urls) {
      const target = followable(url, from, search);
      if (typeof target === 'string') {
        problems.push(target);
        continue;
      }
      const key = visitKey(target.server, target.search);
      if (this.#visited.has(key)) return;
      this.#visited.add(key);
      log.debug('LdapService', `Following the referral to ${url}`);
      const opened = await this.#openOther(target.server);
      if (typeof opened === 'string') {
        problems.push(opened);
        continue;
      }
      try {
        yield* this.#search(opened.connection, target.search, opened.rootDse, null, depth + 1);
      } finally {
        this.#context.closeOther(opened.connection);
      }
      return;
    }
    this.#faults.push(`the referral to ${urls.join(' ')} could not be followed: ${problems.join('; ')}`);
  }

  async #openOther(server: ServerAddress): Promise<{ connection: Connection; rootDse: RootDse } | string> {
    try {
      const connection = await this.#context.openOther(server);
      const rootDse = await readRootDse(connection);
      if (typeof rootDse !== 'string') return { connection, rootDse };
      this.#context.closeOther(connection);
      return rootDse;
    } catch (error) {
      if (!(error instanceof RunError)) throw error;
      return error.message;
    }
  }
}

/** The same entry, met twice, is delivered once; two entries with one identity both are, for the engine to see the conflict. */
function isNew({ identity, dn }: Entry, delivered: Map<string, string>): boolean {
  const before = delivered.get(identity);
  if (before === undefined) {
    delivered.set(identity, dn);
    return true;
  }
  return before !== dn && dnKey(before) !== dnKey(dn);
}

function visitKey(server: ServerAddress, search: PlannedSearch): string {
  return `${formatServer(server)} ${search.scope} ${search.base} ${formatFilter(search.wholeFilter)}`.toLowerCase();
}
