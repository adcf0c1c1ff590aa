/** Addresses of LDAP servers: `ldap.baseurl` and the URLs of referrals (RFC 4516). */

import { domainOf } from '../model/dn.ts';
import { RunError } from '../model/errors.ts';
import { parseFilter } from './filter-parser.ts';
import type { Filter } from './filter.ts';
import type { Scope } from './requests.ts';

export interface ServerAddress {
  readonly secure: boolean;
  /** Host name or IP address, an IPv6 one without brackets. */
  readonly host: string;
  readonly port: number;
}

/** LDAP and LDAPS of Active Directory's global catalog: all users of the forest, and some attributes of each. */
const GLOBAL_CATALOG_PORTS: ReadonlySet<number> = new Set([3268, 3269]);

/** By its port: nothing else tells a global catalog from the directory itself, which the same server holds. */
export function isGlobalCatalog({ port }: ServerAddress): boolean {
  return GLOBAL_CATALOG_PORTS.has(port);
}

/** One word of `ldap.baseurl`: a server, or a domain whose servers the DNS knows. */
export type ServerSource =
  | { readonly kind: 'SERVER'; readonly server: ServerAddress }
  | { readonly kind: 'DOMAIN'; readonly secure: boolean; readonly domain: string };

/** Where a referral points: what it leaves out is as in the search that met it. */
export interface ReferralTarget {
  readonly server: ServerAddress;
  readonly base: string | null;
  readonly scope: Scope | null;
  readonly filter: Filter | null;
}

const PARTS = /^(ldaps?):\/\/(\[[^\]/?]*\]|[^:/?[\]]*)(?::([0-9]+))?(?:\/(.*))?$/i;

/** The address in a URL; `null` where it is no LDAP URL with a host. Without a port: 389, ldaps 636. */
function addressOf(parts: RegExpExecArray): ServerAddress | null {
  const [, scheme = '', bracketed = '', portText] = parts;
  const secure = scheme.toLowerCase() === 'ldaps';
  const host = bracketed.replace(/^\[|\]$/g, '');
  const port = portText === undefined ? (secure ? 636 : 389) : Number(portText);
  if (host === '' || port < 1 || port > 65_535) return null;
  return { secure, host, port };
}

/**
 * The servers that `ldap.baseurl` names, in the order in which they are to be tried: URLs with blanks between them. A URL
 * without a host and with a domain as its DN, `ldap:///dc=example,dc=com`, stands for the servers of that domain.
 * @throws RunError CONFIG_INVALID
 */
export function parseServerUrls(text: string): ServerSource[] {
  const sources = text
    .split(/\s+/)
    .filter((url) => url !== '')
    .map(sourceOf);
  if (sources.length === 0) throw invalid(text);
  return sources;
}

function sourceOf(url: string): ServerSource {
  const parts = PARTS.exec(url);
  if (parts === null) throw invalid(url);
  const server = addressOf(parts);
  if (server !== null) return { kind: 'SERVER', server };
  const [, scheme = '', host = '', port, path = ''] = parts;
  const domain = host === '' && port === undefined ? domainOf(decoded(path)) : null;
  if (domain === null) throw invalid(url);
  return { kind: 'DOMAIN', secure: scheme.toLowerCase() === 'ldaps', domain };
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function invalid(url: string): RunError {
  return new RunError('CONFIG_INVALID', `ldap.baseurl is not the URL of an LDAP server: "${url}"`, {
    fix: 'Write ldap://HOST:PORT or ldaps://HOST:PORT, an IPv6 address in brackets: ldap://[2001:db8::1]:389. Several stand with blanks between them; ldap:///dc=example,dc=com asks the DNS for the servers of example.com.',
  });
}

/** The address as an administrator writes it, always with its port. */
export function formatServer(server: ServerAddress): string {
  const host = server.host.includes(':') ? `[${server.host}]` : server.host;
  return `${server.secure ? 'ldaps' : 'ldap'}://${host}:${server.port}`;
}

const SCOPE_WORDS: Readonly<Record<string, Scope>> = { base: 'BASE', one: 'ONE', sub: 'SUB' };

/** Reads the URL of a referral; `null` where it is none that can be followed (RFC 4511 4.1.10: other schemes may occur). */
export function parseReferral(url: string): ReferralTarget | null {
  const parts = PARTS.exec(url.trim());
  if (parts === null) return null;
  const server = addressOf(parts);
  if (server === null) return null;
  try {
    const [dn = '', , scope = '', filter = '', extensions = ''] = (parts[4] ?? '')
      .split('?')
      .map(decodeURIComponent);
    // RFC 4516 2: a critical extension that is not understood forbids to follow the URL; we understand none.
    if (extensions.split(',').some((extension) => extension.startsWith('!'))) return null;
    if (scope !== '' && SCOPE_WORDS[scope.toLowerCase()] === undefined) return null;
    return {
      server,
      base: dn === '' ? null : dn,
      scope: SCOPE_WORDS[scope.toLowerCase()] ?? null,
      filter: filter === '' ? null : parseFilter(filter),
    };
  } catch {
    // A percent sign without its digits, or a filter that is none: nothing that could be read elsewhere.
    return null;
  }
}
