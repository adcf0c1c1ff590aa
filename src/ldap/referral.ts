/** Where a referral leads, and whether this tool may go there (RFC 4511 4.1.10, 4.5.3). */

import { dnKey } from '../model/dn.ts';
import type { RootDse } from './root-dse.ts';
import type { PlannedSearch } from './search-plan.ts';
import { parseReferral } from './server-url.ts';
import type { ServerAddress } from './server-url.ts';

export type ReferralPolicy = 'IGNORE' | 'FOLLOW' | 'THROW';

export interface FollowedSearch {
  readonly server: ServerAddress;
  readonly search: PlannedSearch;
}

/**
 * The search that continues `search` at the place the URL names; a reason in words where it cannot be followed.
 * The password never leaves in clear where it came over TLS: ldap:// on its usual port becomes ldaps:// on its own.
 */
export function followable(url: string, from: ServerAddress, search: PlannedSearch): FollowedSearch | string {
  const target = parseReferral(url);
  if (target === null) return `${url} is not an LDAP URL that can be followed`;
  let { server } = target;
  if (from.secure && !server.secure) {
    if (server.port !== 389) return `${url} is not encrypted, but ldap.baseurl is`;
    server = { ...server, secure: true, port: 636 };
  }
  const filter = target.filter ?? search.wholeFilter;
  return {
    server,
    search: {
      base: target.base ?? search.base,
      scope: target.scope ?? search.scope,
      // Without `since`: the watermark is of the first server, whose clock and USNs mean nothing at this one.
      filter,
      wholeFilter: filter,
      baseMayBeMissing: false,
    },
  };
}

/** The partitions for DNS that Active Directory makes in every domain and forest. */
const DNS_ZONES = /^dc=(?:domain|forest)dnszones,/;

/**
 * Whether the URLs of a search reference lead to partitions of Active Directory that hold settings and DNS records, and
 * nobody: a search from the top of any domain is referred to them, and whatever `ldap.referral` says they are no loss.
 */
export function leadsToNobody(urls: readonly string[], rootDse: RootDse): boolean {
  if (rootDse.kind !== 'ACTIVE_DIRECTORY' || urls.length === 0) return false;
  const settings = rootDse.configurationContext === null ? null : dnKey(rootDse.configurationContext);
  return urls.every((url) => {
    const base = parseReferral(url)?.base ?? null;
    if (base === null) return false;
    const key = dnKey(base);
    return key === settings || DNS_ZONES.test(key);
  });
}

/** Why a referral that is not followed leaves the read incomplete. */
export function describeReferral(
  urls: readonly string[],
  base: string,
  policy: Exclude<ReferralPolicy, 'FOLLOW'>,
  whole: boolean,
): string {
  const where = urls.length === 0 ? 'another server that is not named' : urls.join(' ');
  if (whole) return `the search base ${base} is on ${where}, ldap.referral=${policy}`;
  return `a part of the search base is on ${where} and was not read (ldap.referral=${policy}; IGNORE leaves it out on purpose)`;
}
