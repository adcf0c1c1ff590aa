/** Values that are not text: GUIDs and security identifiers of Active Directory in their usual written form. */

import { isUuid } from '../model/identity.ts';

/** Attributes whose 16 bytes are a GUID. */
const GUID_ATTRIBUTES = new Set(['objectguid', 'ms-ds-consistencyguid', 'invocationid']);
const SID_ATTRIBUTES = new Set(['objectsid', 'sidhistory', 'tokengroups', 'securityidentifier']);
/** Always binary, even where the bytes happen to be valid UTF-8: a value must not change its form from user to user. */
const OCTET_ATTRIBUTES = new Set([
  'thumbnailphoto',
  'jpegphoto',
  'photo',
  'audio',
  'usercertificate',
  'usersmimecertificate',
]);

/** Attributes that name an entry by a UUID or something like it, in whatever case the server writes its digits. */
const UUID_ATTRIBUTES = new Set(['objectguid', 'entryuuid', 'nsuniqueid', 'ibm-entryuuid', 'guid']);

export type ValueForm = 'GUID' | 'SID' | 'OCTETS' | 'TEXT';

/** How the values of an attribute are written; `name` in lower case and without options. */
export function valueForm(name: string): ValueForm {
  if (GUID_ATTRIBUTES.has(name)) return 'GUID';
  if (SID_ATTRIBUTES.has(name)) return 'SID';
  return OCTET_ATTRIBUTES.has(name) ? 'OCTETS' : 'TEXT';
}

const GUID_TEXT = /^\{?([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})\}?$/i;

/**
 * The canonical form of a GUID of Active Directory, in lower case; `null` unless there are 16 bytes. The first three
 * fields are little-endian ([MS-DTYP] 2.3.4.2).
 */
export function guidText(bytes: Buffer): string | null {
  if (bytes.length !== 16) return null;
  const hex = Buffer.from(bytes);
  hex.subarray(0, 4).reverse();
  hex.subarray(4, 6).reverse();
  hex.subarray(6, 8).reverse();
  const text = hex.toString('hex');
  return `${text.slice(0, 8)}-${text.slice(8, 12)}-${text.slice(12, 16)}-${text.slice(16, 20)}-${text.slice(20)}`;
}

/** Whether letter case means nothing in an identity: `name`, in lower case, holds UUIDs, or the value is one. */
export function foldsCase(name: string, value: string): boolean {
  return UUID_ATTRIBUTES.has(name) || isUuid(value);
}

/** The 16 bytes of a GUID in canonical form (braces allowed), as Active Directory stores them; `null` for other text. */
export function guidBytes(text: string): Buffer | null {
  const fields = GUID_TEXT.exec(text.trim());
  if (fields === null) return null;
  const bytes = Buffer.from(fields.slice(1).join(''), 'hex');
  bytes.subarray(0, 4).reverse();
  bytes.subarray(4, 6).reverse();
  bytes.subarray(6, 8).reverse();
  return bytes;
}

/** `S-1-5-21-…` from a binary security identifier ([MS-DTYP] 2.4.2.2); `null` where the bytes are none. */
export function sidText(bytes: Buffer): string | null {
  const count = bytes[1] ?? 0;
  if (bytes.length < 8 || bytes.length !== 8 + count * 4) return null;
  let text = `S-${bytes.readUInt8(0)}-${bytes.readUIntBE(2, 6)}`;
  for (let i = 0; i < count; i++) text += `-${bytes.readUInt32LE(8 + i * 4)}`;
  return text;
}
