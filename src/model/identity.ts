/** When two identities, as the directory and as the service write them, are the same. */

const UUID = /^\{?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\}?$/i;
/** Of 389 Directory Server: the digits of a UUID, grouped otherwise. */
const NS_UNIQUE_ID = /^[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}$/i;

/** Whether letter case means nothing in it: hexadecimal digits, which every server writes as it likes. */
export function isUuid(identity: string): boolean {
  return UUID.test(identity) || NS_UNIQUE_ID.test(identity);
}

/**
 * The form by which identities are compared: UUIDs in lower case, anything else as it is (RFC 7643 3.1: the case of an
 * externalId means something), since "A7" and "a7" may be two employees.
 */
export function foldedIdentity(identity: string): string {
  return isUuid(identity) ? identity.toLowerCase() : identity;
}

export function isSameIdentity(a: string, b: string): boolean {
  return a === b || foldedIdentity(a) === foldedIdentity(b);
}
