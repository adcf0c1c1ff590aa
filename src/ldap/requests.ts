/** Encodes the requests that this tool sends, and reads the paging control of the answers (RFC 4511, RFC 2696). */

import { BerWriter } from 'ldapts';
import { BerCursor, BerError, TAG } from './ber.ts';
import { writeFilter } from './filter.ts';
import type { Filter } from './filter.ts';

export const OPERATION = {
  BIND_RESPONSE: 0x61,
  SEARCH_ENTRY: 0x64,
  SEARCH_DONE: 0x65,
  SEARCH_REFERENCE: 0x73,
  EXTENDED_RESPONSE: 0x78,
  INTERMEDIATE_RESPONSE: 0x79,
} as const;

export const PAGED_RESULTS = '1.2.840.113556.1.4.319';
const CONTROLS = 0xa0;

export type Scope = 'BASE' | 'ONE' | 'SUB';
const SCOPES = { BASE: 0, ONE: 1, SUB: 2 } as const;

export interface SearchSpec {
  readonly base: string;
  readonly scope: Scope;
  readonly filter: Filter;
  readonly attributes: readonly string[];
  /** OIDs of controls without a value, to be sent as critical. */
  readonly controls?: readonly string[];
  /** The most entries to be sent, for a look at a few of many; absent: no limit. */
  readonly sizeLimit?: number;
}

/** A simple bind of LDAP version 3; empty name and password make it anonymous. */
export function bindRequest(id: number, name: string, password: string): Buffer {
  return message(id, (writer) => {
    writer.startSequence(0x60);
    writer.writeInt(3);
    writer.writeString(name);
    writer.writeString(password, 0x80);
    writer.endSequence();
  });
}

/** SASL EXTERNAL (RFC 4422 A): whoever the TLS layer has shown us to be. */
export function externalBindRequest(id: number): Buffer {
  return message(id, (writer) => {
    writer.startSequence(0x60);
    writer.writeInt(3);
    writer.writeString('');
    writer.startSequence(0xa3);
    writer.writeString('EXTERNAL');
    // Empty: as whomever the certificate names. Left out it would mean that the answer is still to come.
    writer.writeString('');
    writer.endSequence();
    writer.endSequence();
  });
}

/**
 * A read sets no limits of its own: a size limit of the client hides that the server's is lower, and a time limit
 * ends long reads. `page` asks for one page, critical: a server that cannot page must say so.
 */
export function searchRequest(
  id: number,
  spec: SearchSpec,
  page: { readonly size: number; readonly cookie: Buffer } | null,
): Buffer {
  return message(id, (writer) => {
    writer.startSequence(0x63);
    writer.writeString(spec.base);
    writer.writeEnumeration(SCOPES[spec.scope]);
    writer.writeEnumeration(0); // never dereference aliases
    writer.writeInt(spec.sizeLimit ?? 0);
    writer.writeInt(0); // time limit
    writer.writeBoolean(false); // values too
    writeFilter(writer, spec.filter);
    writer.startSequence();
    for (const attribute of spec.attributes) writer.writeString(attribute);
    writer.endSequence();
    writer.endSequence();
    const { controls = [] } = spec;
    if (page === null && controls.length === 0) return;
    writer.startSequence(CONTROLS);
    for (const oid of controls) writeControl(writer, oid, null);
    if (page !== null) writeControl(writer, PAGED_RESULTS, pageValue(page));
    writer.endSequence();
  });
}

function writeControl(writer: BerWriter, oid: string, value: Buffer | null): void {
  writer.startSequence();
  writer.writeString(oid);
  writer.writeBoolean(true);
  if (value !== null) writer.writeBuffer(value, TAG.OCTET_STRING);
  writer.endSequence();
}

function pageValue({ size, cookie }: { readonly size: number; readonly cookie: Buffer }): Buffer {
  const value = new BerWriter();
  value.startSequence();
  value.writeInt(size);
  value.writeBuffer(cookie, TAG.OCTET_STRING);
  value.endSequence();
  return value.buffer;
}

/** RFC 4511 4.14.1: asks to go on with TLS on the same connection. */
export function startTlsRequest(id: number): Buffer {
  return message(id, (writer) => {
    writer.startSequence(0x77);
    writer.writeString('1.3.6.1.4.1.1466.20037', 0x80);
    writer.endSequence();
  });
}

export function abandonRequest(id: number, abandoned: number): Buffer {
  return message(id, (writer) => {
    writer.writeInt(abandoned, 0x50);
  });
}

export function unbindRequest(id: number): Buffer {
  return message(id, (writer) => {
    writer.writeByte(0x42);
    writer.writeByte(0);
  });
}

/**
 * The cookie in the controls of an answer; `null` where there is no paging control.
 * @throws BerError when the controls cannot be read
 */
export function pagingCookie(bytes: Buffer, start: number, end: number): Buffer | null {
  if (start >= end) return null;
  const cursor = new BerCursor(bytes, start, end);
  let cookie: Buffer | null = null;
  const controlsEnd = cursor.open(CONTROLS, end);
  while (cursor.at < controlsEnd) {
    const controlEnd = cursor.open(TAG.SEQUENCE, controlsEnd);
    const oid = cursor.text(TAG.OCTET_STRING, controlEnd);
    if (cursor.peek(controlEnd) === TAG.BOOLEAN) cursor.at = cursor.open(TAG.BOOLEAN, controlEnd);
    if (oid === PAGED_RESULTS) {
      if (cookie !== null) throw new BerError('an answer holds two paging controls');
      cookie = cookieOf(cursor.octets(TAG.OCTET_STRING, controlEnd));
    }
    cursor.at = controlEnd;
  }
  cursor.mustBeAt(end);
  return cookie;
}

function cookieOf(value: Buffer): Buffer {
  const cursor = new BerCursor(value, 0, value.length);
  const end = cursor.open(TAG.SEQUENCE, value.length);
  // The server's estimate of the total: only stepped over, since some servers send odd numbers.
  cursor.at = cursor.open(TAG.INTEGER, end);
  const cookie = cursor.octets(TAG.OCTET_STRING, end);
  cursor.mustBeAt(end);
  return cookie;
}

function message(id: number, operation: (writer: BerWriter) => void): Buffer {
  const writer = new BerWriter();
  writer.startSequence();
  writer.writeInt(id);
  operation(writer);
  writer.endSequence();
  return writer.buffer;
}
