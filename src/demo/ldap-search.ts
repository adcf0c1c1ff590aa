/** Searches of the demo directory: which entries match, page by page (RFC 4511 4.5, RFC 2696). */

import { randomBytes } from 'node:crypto';
import { BerError } from './ber.ts';
import { dnKey, isUnder, parentDn } from './ldap-dn.ts';
import { compileFilter } from './ldap-filter.ts';
import {
  PAGED_RESULTS,
  readPaging,
  RESULT,
  type Paging,
  type Result,
  type SearchRequest,
} from './ldap-message.ts';
import { dsServiceName, ntdsSettings, rootDse } from './ldap-root.ts';
import type { DemoDirectoryKind } from './ldap-syntax.ts';
import type { DemoEntry } from './ldap-entry.ts';
import type { DemoTree } from './ldap-tree.ts';

export interface SearchLimits {
  readonly kind: DemoDirectoryKind;
  /** The entry at the top; searches outside find nothing. */
  readonly suffix: string;
  /** Most entries in one answer: Active Directory's MaxPageSize, OpenLDAP's sizelimit. */
  readonly maxPageSize: number;
  readonly now: () => Date;
}

/** An answer ready to be written. `paging` is set where the client asked for pages. */
export interface SearchAnswer {
  readonly entries: readonly DemoEntry[];
  /** URLs of parts of the tree that are elsewhere (objectClass referral). */
  readonly references: readonly string[];
  readonly result: Result;
  readonly paging: Paging | null;
  /** 1 for the first page of a search. */
  readonly page: number;
  /** Where this page began; `null` where the client asked for no pages. */
  readonly from: OpenSearch | null;
}

interface OpenSearch {
  readonly entries: readonly DemoEntry[];
  readonly shape: string;
  readonly page: number;
  readonly position: number;
}

/** Most paged searches that one connection may leave open; the oldest is dropped. */
const MAX_OPEN_SEARCHES = 10;

/** The searches of one connection: a paging cookie is worth nothing on another one. */
export class SearchSession {
  readonly #tree: DemoTree;
  readonly #limits: SearchLimits;
  readonly #open = new Map<string, OpenSearch>();
  readonly #invocationId: Buffer;

  constructor(tree: DemoTree, limits: SearchLimits, invocationId: Buffer) {
    this.#tree = tree;
    this.#limits = limits;
    this.#invocationId = invocationId;
  }

  /** @throws BerError for a paging control that cannot be read */
  answer(request: SearchRequest): SearchAnswer {
    const unknown = request.controls.find((control) => control.critical && control.oid !== PAGED_RESULTS);
    if (unknown !== undefined) {
      return refused(
        RESULT.UNAVAILABLE_CRITICAL_EXTENSION,
        `critical extension ${unknown.oid} is not recognized`,
      );
    }
    const control = request.controls.find((one) => one.oid === PAGED_RESULTS);
    if (control === undefined) return this.#unpaged(request);
    if (control.value === null) throw new BerError('paging control without value');
    const { size, cookie } = readPaging(control.value);
    return cookie === '' ? this.#firstPage(request, size) : this.#nextPage(request, size, cookie);
  }

  /** An empty page in place of the answer, with a cookie that brings the answer after all (RFC 2696 allows that). */
  postpone(answer: SearchAnswer): SearchAnswer {
    if (answer.from === null) return answer;
    const cookie = randomBytes(9).toString('base64url');
    this.#keep(cookie, answer.from);
    return { ...answer, entries: [], references: [], paging: { estimate: 0, cookie } };
  }

  #unpaged(request: SearchRequest): SearchAnswer {
    const found = this.#find(request);
    if ('code' in found) return { ...refused(found.code, found.message ?? ''), result: found };
    const limit = Math.min(request.sizeLimit === 0 ? Infinity : request.sizeLimit, this.#limits.maxPageSize);
    const all = found.entries.length <= limit;
    return {
      entries: all ? found.entries : found.entries.slice(0, limit),
      references: found.references,
      result: { code: all ? RESULT.SUCCESS : RESULT.SIZE_LIMIT },
      paging: null,
      page: 1,
      from: null,
    };
  }

  #firstPage(request: SearchRequest, size: number): SearchAnswer {
    const found = this.#find(request);
    if ('code' in found) return { ...refused(found.code, found.message ?? ''), result: found };
    const search = { entries: found.entries, shape: shapeOf(request), page: 1, position: 0 };
    return { ...this.#page(request, search, size), references: found.references };
  }

  #nextPage(request: SearchRequest, size: number, cookie: string): SearchAnswer {
    const search = this.#open.get(cookie);
    this.#open.delete(cookie);
    if (search === undefined || search.shape !== shapeOf(request)) {
      return this.#limits.kind === 'ACTIVE_DIRECTORY'
        ? refused(RESULT.UNWILLING, '00002120: SvcErr: the paging cookie is not of this connection')
        : refused(RESULT.PROTOCOL_ERROR, 'paged results cookie is invalid');
    }
    return this.#page(request, search, size);
  }

  #page(request: SearchRequest, search: OpenSearch, size: number): SearchAnswer {
    const { entries, page, position } = search;
    const estimate = this.#limits.kind === 'ACTIVE_DIRECTORY' ? 0 : entries.length;
    if (size === 0 && position > 0) {
      // RFC 2696 3: a size of 0 with a cookie gives the search up.
      return {
        entries: [],
        references: [],
        result: { code: 0 },
        paging: { estimate, cookie: '' },
        page,
        from: search,
      };
    }
    const cap = request.sizeLimit === 0 ? entries.length : Math.min(request.sizeLimit, entries.length);
    const end = Math.min(position + Math.min(Math.max(size, 1), this.#limits.maxPageSize), cap);
    let cookie = '';
    if (end < cap) {
      cookie = randomBytes(9).toString('base64url');
      this.#keep(cookie, { entries, shape: search.shape, page: page + 1, position: end });
    }
    const cut = end === cap && cap < entries.length;
    return {
      // Entries removed since the first page are left out: a page may be shorter than the size asked for.
      entries: entries.slice(position, end).filter((entry) => entry.key === '' || this.#stillThere(entry)),
      references: [],
      result: { code: cut ? RESULT.SIZE_LIMIT : RESULT.SUCCESS },
      paging: { estimate, cookie },
      page,
      from: search,
    };
  }

  #stillThere(entry: DemoEntry): boolean {
    return this.#tree.byKey(entry.key) === entry;
  }

  #keep(cookie: string, search: OpenSearch): void {
    if (this.#open.size >= MAX_OPEN_SEARCHES) {
      const [oldest] = this.#open.keys();
      if (oldest !== undefined) this.#open.delete(oldest);
    }
    this.#open.set(cookie, search);
  }

  #find(request: SearchRequest): { entries: DemoEntry[]; references: string[] } | Result {
    const { kind, suffix, now } = this.#limits;
    const matches = compileFilter(request.filter, this.#tree);
    let baseKey: string;
    try {
      baseKey = dnKey(request.base);
    } catch {
      return { code: RESULT.INVALID_DN, message: 'invalid DN' };
    }
    if (baseKey === '' && request.scope === 'BASE') {
      const root = rootDse({ kind, suffix, now: now(), highestUsn: this.#tree.highestUsn });
      // Whatever the filter asks, a root DSE has an objectClass: Active Directory's does not show it.
      return { entries: [root], references: [] };
    }
    const ownKey = dnKey(dsServiceName(suffix));
    if (kind === 'ACTIVE_DIRECTORY' && baseKey === ownKey && request.scope === 'BASE') {
      return { entries: [ntdsSettings(suffix, '', this.#invocationId)], references: [] };
    }
    const base = this.#tree.byKey(baseKey);
    if (base === undefined) return this.#missing(request.base, kind);
    if (request.scope === 'BASE') {
      if (isReferral(base)) return { code: RESULT.REFERRAL, referrals: base.values('ref').map(String) };
      return { entries: matches(base) === true ? [base] : [], references: [] };
    }
    return this.#collect(baseKey, request.scope, (entry) => matches(entry) === true);
  }

  #collect(baseKey: string, scope: 'ONE' | 'SUB', matches: (entry: DemoEntry) => boolean) {
    const entries: DemoEntry[] = [];
    const references: string[] = [];
    for (const entry of this.#tree.entries()) {
      if (!isUnder(entry.key, baseKey)) continue;
      if (scope === 'ONE' && dnKey(parentDn(entry.dn)) !== baseKey) continue;
      if (isReferral(entry)) references.push(...entry.values('ref').map(String));
      else if (matches(entry)) entries.push(entry);
    }
    return { entries, references };
  }

  #missing(base: string, kind: DemoDirectoryKind): Result {
    let matchedDn = parentDn(base);
    while (matchedDn !== '' && this.#tree.find(matchedDn) === undefined) matchedDn = parentDn(matchedDn);
    const message =
      kind === 'ACTIVE_DIRECTORY'
        ? "0000208D: NameErr: problem 2001 (NO_OBJECT), data 0, best match of: ''"
        : '';
    return { code: RESULT.NO_SUCH_OBJECT, message, matchedDn };
  }
}

function isReferral(entry: DemoEntry): boolean {
  return entry.attributes.has('ref') && entry.comparableValues('objectclass').includes('referral');
}

/** What must stay the same from page to page of one search (RFC 2696 3). */
function shapeOf(request: SearchRequest): string {
  return JSON.stringify([request.base, request.scope, request.filter, request.attributes, request.sizeLimit]);
}

function refused(code: number, message: string): SearchAnswer {
  return { entries: [], references: [], result: { code, message }, paging: null, page: 1, from: null };
}
