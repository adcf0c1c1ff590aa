/** The result codes of RFC 4511 4.1.9 (and appendix A): their names, and what an administrator can do about each. */

import type { BerCursor } from './ber.ts';
import { printable } from '../lib/printable.ts';
import { TAG } from './ber.ts';

export const RESULT = {
  SUCCESS: 0,
  OPERATIONS_ERROR: 1,
  TIME_LIMIT: 3,
  SIZE_LIMIT: 4,
  STRONGER_AUTH: 8,
  REFERRAL: 10,
  UNAVAILABLE_CRITICAL_EXTENSION: 12,
  CONFIDENTIALITY_REQUIRED: 13,
  NO_SUCH_OBJECT: 32,
  INVALID_DN: 34,
  INVALID_CREDENTIALS: 49,
  BUSY: 51,
  UNAVAILABLE: 52,
} as const;

const MEANINGS: Readonly<Record<number, readonly [name: string, advice: string]>> = {
  1: [
    'operationsError',
    'the server could not carry out the search; on Active Directory mostly because the bind is missing (ldap.bind.authtype)',
  ],
  2: ['protocolError', 'the server did not accept the request'],
  3: [
    'timeLimitExceeded',
    "the server's time limit ended the search: raise it for ldap.bind.user, or index the attributes of ldap.search.filter",
  ],
  4: [
    'sizeLimitExceeded',
    "the server's size limit ended the search: lower ldap.paging.size, or raise the limit for ldap.bind.user",
  ],
  7: ['authMethodNotSupported', 'the server does not allow what ldap.bind.authtype says'],
  8: [
    'strongerAuthRequired',
    'the server wants an encrypted connection: use ldaps:// or ldap.connection.starttls',
  ],
  10: ['referral', 'the search base lies on another server: set ldap.baseurl to it, or ldap.referral=FOLLOW'],
  11: [
    'adminLimitExceeded',
    "the server's look-through limit ended the search: raise it for ldap.bind.user, or index the attributes of ldap.search.filter",
  ],
  12: ['unavailableCriticalExtension', 'the server has no paged results (RFC 2696)'],
  13: [
    'confidentialityRequired',
    'the server wants an encrypted connection: use ldaps:// or ldap.connection.starttls',
  ],
  18: ['inappropriateMatching', 'ldap.search.filter compares an attribute in a way that it does not allow'],
  21: ['invalidAttributeSyntax', 'ldap.search.filter holds a value that its attribute does not allow'],
  32: ['noSuchObject', 'check ldap.baseDn'],
  34: ['invalidDNSyntax', 'a name is not a distinguished name'],
  48: ['inappropriateAuthentication', 'the server does not let this account bind with a password'],
  49: ['invalidCredentials', 'check ldap.bind.user and its password'],
  50: ['insufficientAccessRights', 'give ldap.bind.user the right to read the search base'],
  51: ['busy', 'the server is overloaded: run again later'],
  52: ['unavailable', 'the server is starting or shutting down: run again later'],
  53: ['unwillingToPerform', 'the server refused the request'],
  80: ['other', "the server's log says more"],
};

/** The data codes that Active Directory puts into the text of an invalidCredentials answer. */
const BIND_DATA: Readonly<Record<string, string>> = {
  '525': 'there is no such user',
  '52e': 'the user name or the password is wrong, or the account may not log on',
  '530': 'the account may not log on at this time',
  '531': 'the account may not log on from this computer',
  '532': 'the password has expired',
  '533': 'the account is disabled',
  '701': 'the account has expired',
  '773': 'the password must be changed first',
  '775': 'the account is locked',
};

/** RFC 4511 4.1.9: what every answer that ends an operation says. */
export interface LdapResult {
  readonly code: number;
  readonly matchedDn: string;
  readonly text: string;
  readonly referrals: readonly string[];
}

/** Reads an LDAPResult; the cursor stands on its first element and afterwards behind its last. */
export function readResult(cursor: BerCursor, limit: number): LdapResult {
  const code = cursor.integer(TAG.ENUMERATED, limit);
  const matchedDn = cursor.text(TAG.OCTET_STRING, limit);
  const text = cursor.text(TAG.OCTET_STRING, limit);
  const referrals: string[] = [];
  if (cursor.peek(limit) === 0xa3) {
    const end = cursor.open(0xa3, limit);
    while (cursor.at < end) referrals.push(cursor.text(TAG.OCTET_STRING, end));
  }
  return { code, matchedDn, text, referrals };
}

/** "result code 4 (sizeLimitExceeded): …", with what to do and what the server itself said. */
export function describeResult(result: LdapResult): string {
  const [name, advice] = MEANINGS[result.code] ?? ['unknown', "the server's log says more"];
  return `result code ${result.code} (${name}): ${advice}${serverText(result)}`;
}

/** Why a bind was refused, in words: Active Directory hides the cause in a data code. */
export function describeRefusedBind(result: LdapResult): string {
  const data = /\bdata ([0-9a-f]{3,4})\b/i.exec(result.text)?.[1]?.toLowerCase();
  const cause = data === undefined ? undefined : BIND_DATA[data];
  return cause === undefined ? describeResult(result) : `${cause} (result code ${result.code}, data ${data})`;
}

function serverText(result: LdapResult): string {
  const text = readable(result.text);
  return text === '' ? '' : `; the server says: ${text}`;
}

/** What a server wrote, fit for one line of a log. Active Directory ends its texts with a NUL. */
export function readable(text: string): string {
  return printable(text.replace(/[\s\0]+/g, ' ').trim()).slice(0, 300);
}
