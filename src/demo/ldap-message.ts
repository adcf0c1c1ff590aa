/** The LDAP messages that the demo directory reads and writes (RFC 4511 4, RFC 2696). */

import { BerReader, type BerWriter } from './ber.ts';
import { readFilter, type Filter } from './ldap-filter.ts';

export const RESULT = {
  SUCCESS: 0,
  OPERATIONS_ERROR: 1,
  PROTOCOL_ERROR: 2,
  SIZE_LIMIT: 4,
  AUTH_METHOD: 7,
  REFERRAL: 10,
  UNAVAILABLE_CRITICAL_EXTENSION: 12,
  NO_SUCH_OBJECT: 32,
  INVALID_DN: 34,
  INVALID_CREDENTIALS: 49,
  UNWILLING: 53,
} as const;

export const PAGED_RESULTS = '1.2.840.113556.1.4.319';
export const WHO_AM_I = '1.3.6.1.4.1.4203.1.11.3';

const TAG = {
  BIND: 0x60,
  BIND_ANSWER: 0x61,
  UNBIND: 0x42,
  SEARCH: 0x63,
  SEARCH_ENTRY: 0x64,
  SEARCH_DONE: 0x65,
  SEARCH_REFERENCE: 0x73,
  ABANDON: 0x50,
  EXTENDED: 0x77,
  EXTENDED_ANSWER: 0x78,
  CONTROLS: 0xa0,
  REFERRAL: 0xa3,
} as const;

/** Requests that would write (modify, add, delete, rename) or compare, and the tags of their answers. */
const UNSUPPORTED_ANSWERS: Readonly<Record<number, number>> = {
  0x66: 0x67,
  0x68: 0x69,
  0x4a: 0x6b,
  0x6c: 0x6d,
  0x6e: 0x6f,
};

export interface Control {
  readonly oid: string;
  readonly critical: boolean;
  readonly value: Buffer | null;
}

export interface SearchRequest {
  readonly kind: 'SEARCH';
  readonly id: number;
  readonly base: string;
  readonly scope: 'BASE' | 'ONE' | 'SUB';
  /** 0: no limit. */
  readonly sizeLimit: number;
  readonly typesOnly: boolean;
  readonly filter: Filter;
  readonly attributes: readonly string[];
  readonly controls: readonly Control[];
}

export interface BindRequest {
  readonly kind: 'BIND';
  readonly id: number;
  readonly version: number;
  readonly name: string;
  /** `null` for any other way than a simple bind. */
  readonly password: string | null;
}

export type LdapRequest =
  | BindRequest
  | SearchRequest
  | { readonly kind: 'UNBIND'; readonly id: number }
  | { readonly kind: 'ABANDON'; readonly id: number; readonly target: number }
  | { readonly kind: 'EXTENDED'; readonly id: number; readonly oid: string }
  | { readonly kind: 'UNSUPPORTED'; readonly id: number; readonly answerTag: number };

/** @throws BerError for bytes that are no LDAP request */
export function readRequest(bytes: Buffer): LdapRequest {
  const message = new BerReader(bytes).inside();
  const id = message.integer();
  const tag = message.peek();
  switch (tag) {
    case TAG.BIND: {
      const body = message.inside(tag);
      const version = body.integer();
      const name = body.text();
      return { kind: 'BIND', id, version, name, password: body.peek() === 0x80 ? body.text(0x80) : null };
    }
    case TAG.UNBIND:
      return { kind: 'UNBIND', id };
    case TAG.ABANDON:
      return { kind: 'ABANDON', id, target: message.integer(tag) };
    case TAG.EXTENDED:
      return { kind: 'EXTENDED', id, oid: message.inside(tag).text(0x80) };
    case TAG.SEARCH: {
      const body = message.inside(tag);
      return { kind: 'SEARCH', id, ...readSearch(body), controls: readControls(message) };
    }
    default:
      return { kind: 'UNSUPPORTED', id, answerTag: UNSUPPORTED_ANSWERS[tag] ?? TAG.EXTENDED_ANSWER };
  }
}

function readSearch(body: BerReader): Omit<SearchRequest, 'kind' | 'id' | 'controls'> {
  const base = body.text();
  const scope = (['BASE', 'ONE', 'SUB'] as const)[body.integer(0x0a)] ?? 'SUB';
  body.integer(0x0a); // derefAliases: there are no aliases here
  const sizeLimit = body.integer();
  body.integer(); // timeLimit: no search takes a second
  const typesOnly = body.boolean();
  const filter = readFilter(body);
  const names = body.inside();
  const attributes: string[] = [];
  while (names.peek() !== -1) attributes.push(names.text());
  return { base, scope, sizeLimit, typesOnly, filter, attributes };
}

function readControls(message: BerReader): Control[] {
  const controls: Control[] = [];
  if (message.peek() !== TAG.CONTROLS) return controls;
  const list = message.inside(TAG.CONTROLS);
  while (list.peek() !== -1) {
    const control = list.inside();
    const oid = control.text();
    const critical = control.peek() === 0x01 ? control.boolean() : false;
    controls.push({ oid, critical, value: control.peek() === 0x04 ? control.octets() : null });
  }
  return controls;
}

/** The page size and cookie a client asks with (RFC 2696 2). @throws BerError */
export function readPaging(value: Buffer): { readonly size: number; readonly cookie: string } {
  const body = new BerReader(value).inside();
  return { size: body.integer(), cookie: body.text() };
}

/** What goes into the paging control of an answer. */
export interface Paging {
  readonly estimate: number;
  readonly cookie: string;
}

export interface Result {
  readonly code: number;
  readonly message?: string;
  readonly matchedDn?: string;
  readonly referrals?: readonly string[];
}

export function writeBindResult(writer: BerWriter, id: number, result: Result): void {
  writeResult(writer, id, TAG.BIND_ANSWER, result, null);
}

export function writeSearchDone(writer: BerWriter, id: number, result: Result, paging: Paging | null): void {
  writeResult(writer, id, TAG.SEARCH_DONE, result, paging);
}

/** The answer to an operation the directory does not do, with the tag that operation's answer has. */
export function writeRefusal(writer: BerWriter, id: number, answerTag: number, result: Result): void {
  writeResult(writer, id, answerTag, result, null);
}

/** RFC 4511 4.12; `value` as the operation defines it. */
export function writeExtendedResult(
  writer: BerWriter,
  id: number,
  result: Result,
  value: string | null,
): void {
  writer.open(0x30);
  writer.integer(id);
  writer.open(TAG.EXTENDED_ANSWER);
  writeResultFields(writer, result);
  if (value !== null) writer.octets(value, 0x8b);
  writer.close();
  writer.close();
}

/** A message the server sends unasked before it closes the connection (RFC 4511 4.4.1). */
export function writeNoticeOfDisconnection(writer: BerWriter, result: Result): void {
  writer.open(0x30);
  writer.integer(0);
  writer.open(TAG.EXTENDED_ANSWER);
  writeResultFields(writer, result);
  writer.octets('1.3.6.1.4.1.1466.20036', 0x8a);
  writer.close();
  writer.close();
}

export function writeReference(writer: BerWriter, id: number, urls: readonly string[]): void {
  writer.open(0x30);
  writer.integer(id);
  writer.open(TAG.SEARCH_REFERENCE);
  for (const url of urls) writer.octets(url);
  writer.close();
  writer.close();
}

/** One attribute as it goes over the wire; no values in a search for types only. */
export interface WireAttribute {
  readonly name: string;
  readonly values: readonly (string | Buffer)[];
}

export function writeEntry(
  writer: BerWriter,
  id: number,
  dn: string,
  attributes: Iterable<WireAttribute>,
): void {
  writer.open(0x30);
  writer.integer(id);
  writer.open(TAG.SEARCH_ENTRY);
  writer.octets(dn);
  writer.open(0x30);
  for (const { name, values } of attributes) {
    writer.open(0x30);
    writer.octets(name);
    writer.open(0x31);
    for (const value of values) writer.octets(value);
    writer.close();
    writer.close();
  }
  writer.close();
  writer.close();
  writer.close();
}

function writeResult(
  writer: BerWriter,
  id: number,
  tag: number,
  result: Result,
  paging: Paging | null,
): void {
  writer.open(0x30);
  writer.integer(id);
  writer.open(tag);
  writeResultFields(writer, result);
  writer.close();
  if (paging !== null) writePaging(writer, paging);
  writer.close();
}

function writeResultFields(writer: BerWriter, result: Result): void {
  writer.integer(result.code, 0x0a);
  writer.octets(result.matchedDn ?? '');
  writer.octets(result.message ?? '');
  if (result.referrals === undefined) return;
  writer.open(TAG.REFERRAL);
  for (const url of result.referrals) writer.octets(url);
  writer.close();
}

function writePaging(writer: BerWriter, paging: Paging): void {
  writer.open(TAG.CONTROLS);
  writer.open(0x30);
  writer.octets(PAGED_RESULTS);
  writer.open(0x04);
  writer.open(0x30);
  writer.integer(paging.estimate);
  writer.octets(paging.cookie);
  for (let level = 0; level < 4; level++) writer.close();
}
