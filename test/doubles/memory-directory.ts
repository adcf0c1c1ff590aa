/** A directory in memory that passes the same contract suite as the real ones, and fails on request. */

import type { Entry } from '../../src/model/entry.ts';
import { valuesOf } from '../../src/model/entry.ts';
import type {
  Directory,
  DirectoryFacts,
  DirectoryKind,
  DirectoryQuery,
  DirectoryRead,
  EntryPage,
  ReadVerdict,
  Watermark,
  Whereabouts,
} from '../../src/model/ports.ts';

export interface Fault {
  /** Ends a read after so many pages, as a lost connection does. */
  readonly afterPages: number;
  readonly reason: string;
}

interface Stored {
  entry: Entry;
  usn: number;
}

/** Entries by identity; each change gets the next update sequence number, as on Active Directory. */
export class MemoryDirectory implements Directory {
  readonly entries = new Map<string, Stored>();
  pageSize = 100;
  serverId = 'server-1';
  usn = 0;
  kind: DirectoryKind = 'GENERIC';
  userFilter = '(objectClass=*)';
  /** Entries that the user filter leaves out. */
  readonly #hidden = new Set<string>();
  /** Whom the server shows, and does not find by his identity. */
  unfindable: string | null = null;
  /** An attribute that the account may not read. */
  unreadable: string | null = null;
  /** Applies to the next reads, the first element to the first of them; `null` for a good one. */
  faults: (Fault | null)[] = [];
  entriesRead = 0;
  readonly queries: DirectoryQuery[] = [];

  put(identity: string, dn: string, attributes: Record<string, string | string[]>): void {
    const lists = Object.fromEntries(
      Object.entries(attributes).map(([name, value]) => [name, typeof value === 'string' ? [value] : value]),
    );
    this.usn += 1;
    this.entries.set(identity, { entry: { identity, dn, attributes: lists }, usn: this.usn });
  }

  change(identity: string, attributes: Record<string, string | string[] | null>, dn?: string): void {
    const stored = this.entries.get(identity);
    if (stored === undefined) throw new Error(`no entry ${identity}`);
    const merged: Record<string, string | string[]> = {};
    for (const [name, value] of Object.entries({ ...stored.entry.attributes, ...attributes })) {
      if (value !== null) merged[name] = value as string | string[];
    }
    this.put(identity, dn ?? stored.entry.dn, merged);
  }

  /** Changes attributes without a trace, as Active Directory changes memberOf. */
  link(identity: string, attributes: Record<string, string[]>): void {
    const stored = this.entries.get(identity);
    if (stored === undefined) throw new Error(`no entry ${identity}`);
    stored.entry = { ...stored.entry, attributes: { ...stored.entry.attributes, ...attributes } };
  }

  /** Takes the entry out of what the user filter finds, without a trace on it. */
  hide(identity: string): void {
    this.#hidden.add(identity);
  }

  show(identity: string): void {
    this.#hidden.delete(identity);
  }

  isHidden(identity: string): boolean {
    return this.#hidden.has(identity);
  }

  remove(identity: string): void {
    this.usn += 1;
    this.entries.delete(identity);
  }

  async check(): Promise<DirectoryFacts> {
    return {
      url: 'memory:',
      kind: this.kind,
      identityAttribute: 'id',
      userFilter: this.userFilter,
      changeTracking: 'USN_CHANGED',
      canReadSince: (since: Watermark) =>
        since.serverId === this.serverId ? true : 'the watermark is of another server',
    };
  }

  read(query: DirectoryQuery): DirectoryRead {
    this.queries.push(query);
    const fault = this.faults.shift() ?? null;
    const watermark: Watermark = {
      tracking: 'USN_CHANGED',
      serverId: this.serverId,
      value: String(this.usn),
    };
    let verdict: ReadVerdict | null = null;
    const pages = this.#pages(query, fault, (end) => {
      verdict = end.complete ? { ...end, watermark } : end;
    });
    return {
      pages,
      verdict: () => {
        if (verdict === null) throw new Error('verdict() was asked for before the pages had ended');
        return verdict;
      },
    };
  }

  async *#pages(
    query: DirectoryQuery,
    fault: Fault | null,
    end: (verdict: ReadVerdict) => void,
  ): AsyncGenerator<EntryPage> {
    const hits = [...this.entries.values()]
      .filter(({ entry }) => !this.#hidden.has(entry.identity))
      .filter((stored) => matches(stored, query))
      .filter(({ entry }) => query.anyOf?.attribute !== null || entry.identity !== this.unfindable)
      .map(({ entry }) => entry);
    let count = 0;
    for (let page = 0; page * this.pageSize < hits.length; page += 1) {
      if (fault?.afterPages === page) break;
      const entries = hits.slice(page * this.pageSize, (page + 1) * this.pageSize);
      count += entries.length;
      this.entriesRead += entries.length;
      yield {
        entries: entries.map((entry) => without(this.unreadable, shown(entry, query))),
        unusable: [],
      };
    }
    end(
      fault === null
        ? { complete: true, entryCount: count, watermark: null }
        : { complete: false, entryCount: count, reason: fault.reason },
    );
  }

  async whereabouts(identities: readonly string[]): Promise<ReadonlyMap<string, Whereabouts>> {
    const where = (identity: string): Whereabouts => {
      const stored = this.entries.get(identity);
      return stored === undefined ? { kind: 'DELETED' } : { kind: 'ELSEWHERE', dn: stored.entry.dn };
    };
    return new Map(identities.map((identity) => [identity, where(identity)]));
  }

  async close(): Promise<void> {}
}

/** The mapping is the settings' business elsewhere; here it is these. */
const MAPPED = new Set(['uid', 'mail', 'sn', 'givenname', 'title', 'department', 'manager']);

function shown(entry: Entry, { attributes, also = [] }: DirectoryQuery): Entry {
  if (attributes === 'ALL') return entry;
  const asked = Array.isArray(attributes) ? (attributes as readonly string[]) : also;
  const wanted = new Set(asked.map((name) => name.toLowerCase()));
  const kept = Object.entries(entry.attributes).filter(
    ([name]) =>
      attributes !== 'IDENTITIES' &&
      (wanted.has(name.toLowerCase()) || (attributes === 'NAMED' && MAPPED.has(name.toLowerCase()))),
  );
  return { ...entry, attributes: Object.fromEntries(kept) };
}

function without(name: string | null, entry: Entry): Entry {
  if (name === null) return entry;
  const readable = Object.entries(entry.attributes).filter(([key]) => key !== name);
  return { ...entry, attributes: Object.fromEntries(readable) };
}

function matches({ entry, usn }: Stored, query: DirectoryQuery): boolean {
  const extra = query.extraFilter === null ? null : /^\(([^=()]+)=([^()*]*)\)$/.exec(query.extraFilter);
  if (query.extraFilter !== null && extra === null) throw new Error(`only (a=b) here: ${query.extraFilter}`);
  if (extra !== null && !valuesOf(entry, extra[1] ?? '').includes(extra[2] ?? '')) return false;
  if (query.since !== null && usn <= Number(query.since.value)) return false;
  if (query.anyOf === null) return true;
  const { attribute, values } = query.anyOf;
  if (attribute === null) return values.includes(entry.identity);
  const wanted = new Set(values.map((value) => value.toLowerCase()));
  return valuesOf(entry, attribute).some((value) => wanted.has(value.toLowerCase()));
}
