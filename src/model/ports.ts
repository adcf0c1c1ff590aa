/**
 * The ports: what the engine (`sync/`) needs of the outside, in its own words. The engine knows these interfaces
 * and no adapter; each port has one contract suite in `test/contract/` that every implementation passes.
 */

import type { Judgement } from './decision.ts';
import type { Entry } from './entry.ts';
import type { Outcome } from './plan.ts';
import type { UserAttribute, UserResource } from './user.ts';

// ---- the directory -------------------------------------------------------------------------------------------

export type DirectoryKind = 'ACTIVE_DIRECTORY' | 'OPENLDAP' | '389_DIRECTORY_SERVER' | 'GENERIC';

/** How an incremental run finds what changed. COMPARE reads everything and sends only what differs. */
export type ChangeTracking = 'USN_CHANGED' | 'WHEN_CHANGED' | 'MODIFY_TIMESTAMP' | 'COMPARE';

/**
 * The point up to which the directory has been read. It comes from the server's own data, never from our clock.
 * `serverId` binds a value that only one server understands (a USN) to that server; `null` where any may serve it.
 */
export interface Watermark {
  readonly tracking: ChangeTracking;
  readonly serverId: string | null;
  readonly value: string;
  /** Where that server was reached, if there were several to choose from: it is asked first next time. */
  readonly url?: string;
  /** The IP address that answered; of the addresses of a name it is asked first next time. */
  readonly address?: string;
  /** How late it was at that server at least; absent where its clock can be read, or nothing is known of it. */
  readonly moment?: ServerMoment;
  /** By whom a server is found out that was restored from an older copy; absent where nobody was read. */
  readonly witnesses?: Witnesses;
}

/** An entry, and what the attribute of its latest change said. */
export interface Witness {
  readonly dn: string;
  readonly changed: string;
}

export interface Witnesses {
  /** The entries that showed the latest changes. */
  readonly latest: readonly Witness[];
  /** Such entries of an earlier run, so that every server behind one address has to know of their changes. */
  readonly settled: readonly Witness[];
  /** When `latest` were seen: our clock, in milliseconds since 1970. */
  readonly since: number;
}

/** It was `time` at the server, or later, when this machine had been up for so long since that boot. */
export interface ServerMoment {
  readonly time: string;
  readonly boot: string;
  readonly uptimeMs: number;
}

/** What the check of the directory found. */
export interface DirectoryFacts {
  readonly url: string;
  readonly kind: DirectoryKind;
  readonly identityAttribute: string;
  readonly userFilter: string;
  readonly changeTracking: ChangeTracking;
  /** Whether `since` of a query could be honoured by this server; if not, why an incremental run reads everything. */
  canReadSince(since: Watermark): true | string;
}

/** What to read. The base DN and the filter of who is a user are the adapter's settings. */
export interface DirectoryQuery {
  /**
   * ALL reads what scripts may look at. NAMED leaves out what neither `named` nor the mapping names: photos and
   * certificates are most of a directory. IDENTITIES reads nothing but identities and DNs: entries come with no
   * attributes. A list reads these attributes alone: those whose changes leave no trace on the entry (memberOf) can be
   * compared in every run at little cost.
   */
  readonly attributes: 'ALL' | 'NAMED' | 'IDENTITIES' | readonly string[];
  /**
   * With ALL and NAMED: attributes to be asked for by name besides, because "all" may leave them out. Here and in a
   * list, `memberOfAll` is worked out: the groups of an entry, the groups of those groups, and so on.
   */
  readonly also?: readonly string[];
  /** Only entries changed since then; `null` for all. */
  readonly since: Watermark | null;
  /** An RFC 4515 filter joined by AND, from `--filter`; `null` for none. */
  readonly extraFilter: string | null;
  /** Only entries whose attribute (`null`: whose identity) has one of these values; `null` for no such limit. */
  readonly anyOf: { readonly attribute: string | null; readonly values: readonly string[] } | null;
}

/** An entry that was read but cannot be used: the user fails, the others go on. */
export interface UnusableEntry {
  readonly dn: string;
  readonly message: string;
}

export interface EntryPage {
  readonly entries: readonly Entry[];
  readonly unusable: readonly UnusableEntry[];
}

/**
 * What a read was worth. Complete only if every page came and the last cookie was empty, the result code was 0, no
 * referral inside the base was left unread (unless `ldap.referral=IGNORE`), and every entry had an identity.
 * `watermark` is where the next incremental read may start; `null` unless the read was complete.
 */
export type ReadVerdict =
  | { readonly complete: true; readonly entryCount: number; readonly watermark: Watermark | null }
  | { readonly complete: false; readonly entryCount: number; readonly reason: string };

/**
 * One read in progress. `pages` never throws for a fault of the directory: it ends, and `verdict()` says whether what
 * came was everything. So a caller cannot take a torn read for a whole one without having asked.
 */
export interface DirectoryRead {
  readonly pages: AsyncIterable<EntryPage>;
  /** To be called when `pages` has ended; throws a programmer's error before. */
  verdict(): ReadVerdict;
}

/** What was said to the directory so far. Bytes are those of LDAP messages, as they are before encryption. */
export interface DirectoryCost {
  readonly requests: number;
  readonly entries: number;
  readonly bytesSent: number;
  readonly bytesRead: number;
}

export interface Directory {
  /** What this run has cost so far; absent where nobody counts. */
  cost?(): DirectoryCost;
  /**
   * Connects, binds and reads the rootDSE, trying again as `ldap.max.attempts` says. Where there are several servers, the
   * first that answers is the one of this run.
   * @param last the watermark of the last run: among equal servers the one it is of can go on from there
   * @throws RunError DIRECTORY_UNREACHABLE, DIRECTORY_REFUSED, DIRECTORY_SEARCH
   */
  check(last?: Watermark | null): Promise<DirectoryFacts>;
  /** Starts a paged search. Needs a successful {@link check} before. Abandons the search when the iteration stops. */
  read(query: DirectoryQuery): DirectoryRead;
  /**
   * Where entries are that a complete read of the base did not return, by identity; those of whom nothing can be told are
   * left out. For people to read: absence follows from complete reads alone, and never from this. Never throws.
   */
  whereabouts(identities: readonly string[]): Promise<ReadonlyMap<string, Whereabouts>>;
  /** Unbinds and closes; may be called twice and after any error. */
  close(): Promise<void>;
}

/**
 * ELSEWHERE: the entry is there, but outside of the search base, or not found by the filter any more. UNSEEN: it is nowhere
 * that the bind user may look; so is a deleted one for most accounts.
 */
export type Whereabouts =
  { readonly kind: 'DELETED' | 'UNSEEN' } | { readonly kind: 'ELSEWHERE'; readonly dn: string };

// ---- the scripts ---------------------------------------------------------------------------------------------

/** Judges entries that hold no more than what the scripts are known to look at. */
export interface NamedJudge {
  /** The attributes that the scripts look at, as far as their texts tell. */
  readonly reads: readonly string[];
  /** As {@link Judge.judge}. UNREAD: a script looked at more of the user; he is to be read with everything and judged again. */
  judge(entries: readonly Entry[]): Promise<readonly (Judgement | 'UNREAD')[]>;
}

/** How many users were judged so far, twice judged ones twice, and how long the scripts were waited for. */
export interface JudgeCost {
  readonly users: number;
  readonly ms: number;
}

export interface Judge {
  /** What this run has cost so far; absent where nobody counts. */
  cost?(): JudgeCost;
  /**
   * One judgement for each entry, in the same order. Never throws for what a script does to one user.
   * @throws RunError SCRIPT_INVALID when the scripts cannot be run at all
   */
  judge(entries: readonly Entry[]): Promise<readonly Judgement[]>;
  /** Which script names the attribute, in words ("rolescript.js reads memberOf (line 3)"); `null` for none. */
  names(attribute: string): string | null;
  /** As {@link names}; also a script of which one cannot tell what it reads. */
  mayRead(attribute: string): string | null;
  /** `null` or absent: the scripts may look at any attribute. */
  readonly named?: NamedJudge | null;
  /** Ends the script process; may be called twice. */
  close(): Promise<void>;
}

// ---- the SCIM service ----------------------------------------------------------------------------------------

/** A user as the service holds it; what it does not show (the organization, on many) is absent from `known`. */
export interface RemoteUser {
  readonly scimId: string;
  readonly resource: Partial<UserResource>;
}

/** Whom to look for. `scimId`: the id under which the service knew him, which is asked for first. */
export type Wanted = Pick<UserResource, 'externalId' | 'userName'> & { readonly scimId?: string };

/** What the service says of one user whom it may or may not hold. */
export type Sighting =
  /** Under our externalId. */
  | { readonly kind: 'FOUND'; readonly user: RemoteUser }
  /** Under the userName, without any externalId: nobody can say whether it is ours. */
  | { readonly kind: 'NAMESAKE'; readonly scimId: string; readonly active: boolean }
  /** At least one filter that the service understands was answered, and nothing of ours was found. */
  | { readonly kind: 'NONE' }
  /** The service did not say. */
  | { readonly kind: 'UNKNOWN'; readonly reason: string };

/** How a walk over the list ended: at the end that the service gives it, or before. */
export type ListEnd = { readonly reached: true } | { readonly reached: false; readonly reason: string };

/** One walk in progress, which does not throw where the service will not go on with it. */
export interface UserListing extends AsyncIterable<RemoteUser> {
  /** To be asked when the iteration has ended. Even an end that was reached may be too early: see {@link UserReader.count}. */
  end(): ListEnd;
}

/** From it the duration of a live run can be estimated: so many requests in parallel, and no more a second. */
export interface ServicePace {
  /** The most requests a second: from the settings, the service's own words or its refusals; `null`: none is known. */
  readonly requestsPerSecond: number | null;
  /** How long an answer took, the mean of the latest; `null` before the first. */
  readonly latencyMs: number | null;
  /** Requests that may be on their way at a time. */
  readonly connections: number;
}

/** The read side: the only part of the service that a dry run constructs. It sends nothing but GET. */
export interface UserReader {
  /**
   * One authenticated request.
   * @throws RunError SERVICE_UNREACHABLE, SERVICE_REFUSED
   */
  check(): Promise<void>;
  /** How many users the service says it holds; `null` where it does not say. One request. */
  count(): Promise<number | null>;
  /** Every user of a walk over the list, each id once. RFC 7644 3.4.2.4: never proof that somebody is absent. */
  list(): UserListing;
  /**
   * Asks for one user by externalId, then by userName: two requests at most, and more telling than any list.
   * @throws RunError SERVICE_UNREACHABLE, SERVICE_REFUSED
   */
  find(wanted: Wanted): Promise<Sighting>;
  /** Requests sent so far, by HTTP method. */
  requests(): Readonly<Record<string, number>>;
  /** The same by what they were for; absent where nobody counts. */
  purposes?(): Readonly<Record<string, number>>;
  /** How fast the service lets itself be asked, as far as the requests so far have told. */
  pace?(): ServicePace;
}

/** The write side. Constructed in live runs only. */
export interface UserWriter {
  /**
   * Creates the user, or adopts the one that is already there under the same externalId. Never leaves two.
   * @param mayAdopt asked before an existing user is touched: false makes it a conflict, because the user belongs to
   *   somebody else
   * @param mayReopen asked before a closed account is adopted, and so opened: why not, `null` where it may be
   * @throws RunError SERVICE_UNREACHABLE, SERVICE_REFUSED when no user could be written any more
   */
  create(
    user: UserResource,
    mayAdopt: (scimId: string) => boolean,
    mayReopen?: (scimId: string) => string | null,
  ): Promise<Outcome>;
  /**
   * Brings the named attributes of a known user to the values in `user`. A user that has been removed by hand is
   * looked up again and, where active, created.
   * @param mayAdopt as for {@link create}, where the user has to be looked up again
   * @param isRead false for a change made without having read the entry: its owner may have left, so a user who is gone
   *   is neither looked up nor made anew (the outcome says `GONE`)
   * @param externalIds under which the account is ours, besides the user's own: an open account that shows any other is
   *   never closed, but a conflict
   * @throws RunError as {@link create}
   */
  update(
    scimId: string,
    user: UserResource,
    attributes: readonly UserAttribute[],
    mayAdopt: (scimId: string) => boolean,
    isRead: boolean,
    externalIds?: readonly string[],
  ): Promise<Outcome>;
}

// ---- what a person sees of a run -----------------------------------------------------------------------------

export type LogLevel = 'error' | 'warn' | 'info' | 'debug' | 'trace';

/** Components are the words in the log's brackets: `[ERROR   LdapService] …`. */
export type LogComponent = 'main' | 'LdapService' | 'ScimService' | 'ScriptService' | 'SyncService';

export type Log = Readonly<Record<LogLevel, (component: LogComponent, message: string) => void>> & {
  /** Whether messages of the level go anywhere: asked before a costly one is put together. Absent: they do. */
  readonly isEnabled?: (level: LogLevel) => boolean;
};
