/**
 * Reads one search to its end, page by page (RFC 2696), and says whether it *was* the end.
 *
 * A search is over only when the server says so: result code 0 and a paging control with an empty cookie. An empty
 * page, a lost control, a lost connection are never taken for the end, because the users behind them would look as if
 * they had left.
 */

import { completeRanges } from './attribute-ranges.ts';
import type { Connection } from './connection.ts';
import type { EntryDecoder } from './entry-decoder.ts';
import { PageRequest } from './page-request.ts';
import type { Batch, PageEnd } from './page-request.ts';
import type { SearchSpec } from './requests.ts';
import { describeResult, readable, RESULT } from './result-codes.ts';

/** RFC 2696 allows empty pages with a cookie; a server that sends nothing else for so long is going in circles. */
const MAX_EMPTY_PAGES = 1000;

export type SearchEnd =
  | { readonly kind: 'COMPLETE' }
  /** `baseMissing`: there is no entry at the base (noSuchObject). */
  | { readonly kind: 'INCOMPLETE'; readonly reason: string; readonly baseMissing?: boolean }
  /** Result code 10: the base itself lies elsewhere. */
  | { readonly kind: 'REFERRAL'; readonly urls: readonly string[] };

export interface PagedSearch {
  readonly connection: Connection;
  readonly decoder: EntryDecoder;
  readonly spec: SearchSpec;
  readonly pageSize: number;
  /** False for a server that says it has no paged results: then result code 0 alone is the end. */
  readonly paging: boolean;
}

/**
 * Yields the search's batches and returns how it ended. The next page is asked for before a page is handed over, so
 * that the server works while we do, and never more than that one. Stopping the iteration abandons the search and
 * closes the connection. Never throws for what the server does.
 */
export async function* searchPages(search: PagedSearch): AsyncGenerator<Batch, SearchEnd> {
  const { connection, decoder, spec, pageSize, paging } = search;
  const request = (cookie: Buffer): PageRequest =>
    new PageRequest(connection, decoder, spec, paging ? { size: pageSize, cookie } : null, pageSize);
  const progress = new Progress();
  let page = request(Buffer.alloc(0));
  let ended = false;
  try {
    for (;;) {
      let first: string | null = null;
      for (let early = await page.early(); early !== null; early = await page.early()) {
        first ??= firstDn(early);
        yield early;
      }
      const { end } = page;
      if (end === null) throw new Error('a page that hands over nothing more has ended');
      const batch = page.rest();
      // Before the next page is asked for: the server is idle now, and the paged search stays the latest one.
      if (batch.ranged.length > 0) await completeRanges(connection, batch);
      const next = paging ? progress.judge(end, first ?? firstDn(batch)) : unpagedEnd(end);
      if (Buffer.isBuffer(next)) page = request(next);
      else ended = true;
      yield batch;
      if (!Buffer.isBuffer(next)) return next;
    }
  } finally {
    if (!ended) {
      page.abandon();
      connection.close();
    }
  }
}

function firstDn({ entries, unusable }: Batch): string | null {
  return entries[0]?.dn ?? unusable[0]?.dn ?? null;
}

function incomplete(reason: string): SearchEnd {
  return { kind: 'INCOMPLETE', reason };
}

/** An end that needs no look at the paging control; `null` where that decides. */
function plainEnd(end: PageEnd): SearchEnd | null {
  if (end.lost !== null) return incomplete(end.lost);
  if (end.result.code === RESULT.REFERRAL) return { kind: 'REFERRAL', urls: end.result.referrals };
  if (end.result.code === RESULT.SUCCESS) return null;
  const reason = `the search ended with ${describeResult(end.result)}`;
  return { kind: 'INCOMPLETE', reason, baseMissing: end.result.code === RESULT.NO_SUCH_OBJECT };
}

function unpagedEnd(end: PageEnd): SearchEnd {
  return plainEnd(end) ?? { kind: 'COMPLETE' };
}

/** Follows the cookies of one search. */
class Progress {
  #pages = 0;
  #emptyPages = 0;
  readonly #cookies = new Set<string>();
  readonly #firstEntries = new Set<string>();

  /** The cookie to go on with, or how the search ended. `first`: DN of the page's first entry, `null` for an empty page. */
  judge(end: PageEnd, first: string | null): Buffer | SearchEnd {
    this.#pages++;
    const plain = plainEnd(end);
    if (plain !== null || end.lost !== null) return plain ?? incomplete('the connection was lost');
    const { cookie, result } = end;
    if (cookie === null) {
      return incomplete(
        `the answer to page ${this.#pages} has no paging control, so that it may not be the last`,
      );
    }
    if (cookie.length === 0) {
      // 389 Directory Server reports a paged search that it gave up itself as a success with no cookie.
      if (/abandoned/i.test(result.text))
        return incomplete(`the server gave the search up: ${readable(result.text)}`);
      return { kind: 'COMPLETE' };
    }
    this.#emptyPages = first === null ? this.#emptyPages + 1 : 0;
    if (this.#emptyPages > MAX_EMPTY_PAGES) {
      return incomplete(`the server sent ${MAX_EMPTY_PAGES} empty pages in a row and no end`);
    }
    if (this.#repeats(cookie, first)) {
      return incomplete(`the server sends the same page again and again (page ${this.#pages})`);
    }
    return cookie;
  }

  /**
   * A repeated cookie alone proves nothing: 389 Directory Server and Samba give every page of a search the same one and
   * count on their side. Together with a page that has been there before, it does.
   */
  #repeats(cookie: Buffer, first: string | null): boolean {
    const key = cookie.toString('latin1');
    const seenCookie = this.#cookies.has(key);
    this.#cookies.add(key);
    if (first === null) return false;
    const seenPage = this.#firstEntries.has(first);
    this.#firstEntries.add(first);
    return seenCookie && seenPage;
  }
}
