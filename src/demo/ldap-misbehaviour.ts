/** Faults that the demo directory commits on request: how the answer to one search goes wrong. */

/**
 * How one search goes wrong. DISCONNECT cuts the connection before any answer, HALF_MESSAGE in the middle of one,
 * MID_PAGE after half of the page; NOTICE says so first. HANG never answers. EMPTY_PAGE sends a page of nothing with a
 * cookie that goes on properly. NO_PAGING leaves the paging control out; SAME_COOKIE sends a cookie that leads nowhere.
 * GARBAGE is not LDAP. EMPTY claims success and the end, without an entry. REPEATED_PAGE sends a page and a cookie that
 * brings it once more. A number is a result code sent after the entries; a `reference` is sent among them; `hidden` is
 * left out of the first entry.
 */
export type Misbehaviour =
  | 'DISCONNECT'
  | 'HALF_MESSAGE'
  | 'NOTICE'
  | 'HANG'
  | 'EMPTY_PAGE'
  | 'NO_PAGING'
  | 'SAME_COOKIE'
  | 'GARBAGE'
  | 'MID_PAGE'
  | 'EMPTY'
  | 'REPEATED_PAGE'
  | number
  | { readonly reference: string }
  | { readonly hidden: string };

/** What `misbehave` is told of the search at hand; `search` counts those of all connections, from 1. */
export interface SearchSeen {
  readonly search: number;
  readonly page: number;
  readonly base: string;
  readonly entryCount: number;
  /** Whether the client asked for pages. */
  readonly paged: boolean;
}

export type Misbehave = (seen: SearchSeen) => Misbehaviour | null;
