/** One request for a page of search results: collects what comes and says how it ended. */

import { BerCursor, BerError, TAG } from './ber.ts';
import type { Connection, ReplyHandler } from './connection.ts';
import type { DecodedEntries, EntryDecoder } from './entry-decoder.ts';
import { OPERATION, pagingCookie, searchRequest } from './requests.ts';
import type { SearchSpec } from './requests.ts';
import { readResult } from './result-codes.ts';
import type { LdapResult } from './result-codes.ts';

/** How many batches handed over early may wait before the socket is left unread. */
const MAX_WAITING_BATCHES = 2;

/** So many entries with open ranges, which have to be kept until the answer has ended, no page of a sane server has. */
const MAX_RANGED = 10_000;

/** How a request ended. `cookie` is `null` where the answer has no paging control. */
export type PageEnd =
  | { readonly lost: string }
  | { readonly lost: null; readonly result: LdapResult; readonly cookie: Buffer | null };

/** Entries that came together, and the URLs of the search references between them (each a list of alternatives). */
export interface Batch extends DecodedEntries {
  references: (readonly string[])[];
}

export class PageRequest implements ReplyHandler {
  /** Set when the server has answered to the end, or never will. */
  end: PageEnd | null = null;

  readonly #connection: Connection;
  readonly #decoder: EntryDecoder;
  readonly #batchSize: number;
  readonly #waiting: Batch[] = [];
  #batch: Batch = emptyBatch();
  /** Entries since the last batch was handed over, usable or not. */
  #count = 0;
  #wake: (() => void) | null = null;
  readonly #id: number;

  /**
   * Sends the request. Without a `page`, a batch is handed over as soon as it has `batchSize` entries, since the answer
   * may be the whole directory. A page is one batch, unless the server sends more of them than it was asked for.
   */
  constructor(
    connection: Connection,
    decoder: EntryDecoder,
    spec: SearchSpec,
    page: { readonly size: number; readonly cookie: Buffer } | null,
    batchSize: number,
  ) {
    this.#connection = connection;
    this.#decoder = decoder;
    this.#batchSize = page === null ? batchSize : page.size + 1;
    this.#id = connection.request((id) => searchRequest(id, spec, page), this);
  }

  /** The next batch that was handed over early; `null` when the request has ended and {@link rest} has what is left. */
  async early(): Promise<Batch | null> {
    for (;;) {
      const batch = this.#waiting.shift();
      if (batch !== undefined) {
        if (this.#waiting.length < MAX_WAITING_BATCHES) this.#connection.resume();
        return batch;
      }
      if (this.end !== null) return null;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** What came and was not handed over early, entries with open ranges included. */
  rest(): Batch {
    return this.#batch;
  }

  abandon(): void {
    if (this.end === null) this.#connection.abandon(this.#id);
  }

  reply(operation: number, bytes: Buffer, start: number, end: number, messageEnd: number): boolean {
    switch (operation) {
      case OPERATION.SEARCH_ENTRY:
        this.#decoder.decode(bytes, start, end, this.#batch);
        limitRanged(this.#batch);
        if (++this.#count >= this.#batchSize) this.#handOver();
        return false;
      case OPERATION.SEARCH_REFERENCE: {
        const cursor = new BerCursor(bytes, start, end);
        const urls: string[] = [];
        while (cursor.at < end) urls.push(cursor.text(TAG.OCTET_STRING, end));
        this.#batch.references.push(urls);
        return false;
      }
      case OPERATION.SEARCH_DONE: {
        const cursor = new BerCursor(bytes, start, end);
        const result = readResult(cursor, end);
        this.#finish({ lost: null, result, cookie: pagingCookie(bytes, end, messageEnd) });
        return true;
      }
      case OPERATION.INTERMEDIATE_RESPONSE:
        // RFC 4511 4.13: may come with any operation; those that were not asked for mean nothing to us.
        return false;
      default:
        throw new BerError(`a search was answered by operation 0x${operation.toString(16)}`);
    }
  }

  lost(reason: string): void {
    this.#finish({ lost: reason });
  }

  #handOver(): void {
    const { ranged, ...full } = this.#batch;
    // Further ranges can only be asked for when this search has ended; those entries stay behind until then.
    this.#waiting.push({ ...full, ranged: [] });
    this.#batch = { ...emptyBatch(), ranged };
    this.#count = 0;
    this.#connection.progress(this.#id);
    if (this.#waiting.length >= MAX_WAITING_BATCHES) this.#connection.pause();
    this.#wakeUp();
  }

  #finish(end: PageEnd): void {
    this.end = end;
    this.#wakeUp();
  }

  #wakeUp(): void {
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  }
}

function limitRanged({ ranged, unusable }: Batch): void {
  if (ranged.length <= MAX_RANGED) return;
  const last = ranged.pop();
  if (last === undefined) return;
  const message = `more than ${MAX_RANGED} entries of one answer have values that must be read in ranges`;
  unusable.push({ dn: last.entry.dn, message });
}

function emptyBatch(): Batch {
  return { entries: [], unusable: [], ranged: [], references: [] };
}
