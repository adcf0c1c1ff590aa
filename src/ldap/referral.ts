/** Where a referral leads, and whether this tool may go there (RFC 4511 4.1.10, 4.5.3). */

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
