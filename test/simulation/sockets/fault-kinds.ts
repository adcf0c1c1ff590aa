/** The kinds of faults of the lab, by name: a world has some of them, and a violation is looked for with fewer. */

/** What the directory does wrong, or what is wrong with it. */
export const DIRECTORY_KINDS = [
  'drop', // the connection ends before, in or after half of a page
  'hang', // no answer at all
  'limit', // size, time or administrative limit, or busy
  'referral', // a part of the base is elsewhere
  'empty', // success, and nobody
  'emptyPage', // a page of nobody in the middle
  'cookie', // the paging cookie lost, worthless, or repeated with its page
  'range', // the rest of a long list of values cannot be read
  'noIdentity', // an entry without its identity
  'otherServer', // another server behind the same name
  'clock', // ten minutes wrong, in either direction
  'twins', // two entries of one userName
] as const;

/** What the service, or something on the way to it, does wrong. */
export const SERVICE_KINDS = [
  'rate', // 429 in storms, with Retry-After in seconds, as a date, or without
  'lost', // the connection ends before the request is done, or after
  'error', // 500
  'gateway', // 502, 503, 504, the request done or not
  'slow', // no answer in time, the request done at once, never, or later
  'broken', // half a body
  'html', // a page for people, with 200 or 503
  'totals', // wrong totalResults
  'pages', // overlapping, shrinking and skipping pages
  'noContent', // 204, and 201 without a body
  'spelling', // `active` as a string, names in another case
  'conflict', // 409 without a body
  'stale', // 412
  'gone', // 404 for somebody who is there
  'recreate', // removed, or made anew by hand under another id
] as const;

/** What happens to us. */
export const MACHINE_KINDS = [
  'crash', // the process ends at the nth write to the state
  'kill', // a process of its own, ended by SIGKILL at the nth request
  'interrupt', // SIGTERM at the nth request
  'oldState', // an older copy of the state file is put back
  'scripts', // other scripts from now on
] as const;

export type FaultKind =
  (typeof DIRECTORY_KINDS)[number] | (typeof SERVICE_KINDS)[number] | (typeof MACHINE_KINDS)[number];

export const FAULT_KINDS: readonly FaultKind[] = [...DIRECTORY_KINDS, ...SERVICE_KINDS, ...MACHINE_KINDS];

/** What was done wrong in one run: how its result is to be judged. */
export class FaultBook {
  /** Whether a read that the engine made cannot have been whole. */
  torn = false;
  /** Whether the directory claimed success for a read that was not. */
  lied = false;
  readonly hits: string[] = [];
}
