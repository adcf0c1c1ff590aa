/** Each LDAP message as a line of `--trace`, without passwords and without the values of sensitive attributes. */

import { isUtf8 } from 'node:buffer';
import type { Log } from '../model/ports.ts';
import { BerCursor, BerError, TAG } from './ber.ts';
import { valueForm } from './binary-values.ts';
import { decodeSingleValue } from './entry-decoder.ts';
import { formatFilter } from './filter.ts';
import { readFilter } from './filter-reading.ts';
import type { Filter } from './filter.ts';
import { OPERATION, PAGED_RESULTS, pagingCookie } from './requests.ts';
import { readable, readResult } from './result-codes.ts';
import { formatServer } from './server-url.ts';
import { CREDENTIALS } from './credentials.ts';
import type { ServerAddress } from './server-url.ts';

const LEFT_OUT = '[left out]';
const LONGEST_VALUE = 1_000;
const LONGEST_LINE = 32_768;
const SCOPES = ['BASE', 'ONE', 'SUB'];

const BIND = 0x60;
const SEARCH = 0x63;
const EXTENDED = 0x77;
const ABANDON = 0x50;
const UNBIND = 0x42;
const CONTROLS = 0xa0;

/** `null` unless the log takes every detail. */
export function openMessageTrace(log: Log, sensitive: readonly string[]): MessageTrace | null {
  return log.isEnabled?.('trace') === true ? new MessageTrace(log, sensitive) : null;
}

export class MessageTrace {
  readonly #log: Log;
  readonly #hidden: ReadonlySet<string>;

  constructor(log: Log, sensitive: readonly string[]) {
    this.#log = log;
    this.#hidden = new Set([...CREDENTIALS, ...sensitive].map((name) => name.toLowerCase()));
  }

  sent(bytes: Buffer, server: ServerAddress): void {
    this.#tell('sent to', server, bytes, 0, bytes.length, (...at) => this.#request(...at));
  }

  received(bytes: Buffer, start: number, end: number, server: ServerAddress): void {
    this.#tell('received from', server, bytes, start, end, (...at) => this.#answer(...at));
  }

  #tell(
    what: string,
    server: ServerAddress,
    bytes: Buffer,
    start: number,
    end: number,
    describe: (cursor: BerCursor, operation: number, end: number, messageEnd: number) => string,
  ): void {
    let text = 'a message that cannot be read';
    try {
      const cursor = new BerCursor(bytes, start, end);
      const messageEnd = cursor.open(TAG.SEQUENCE, end);
      const id = cursor.integer(TAG.INTEGER, messageEnd);
      const operation = cursor.peek(messageEnd);
      const operationEnd = cursor.open(operation, messageEnd);
      text = `#${id} ${describe(cursor, operation, operationEnd, messageEnd)}`;
    } catch (error) {
      // Whoever reads the message in earnest says what is wrong with it.
      if (!(error instanceof BerError)) throw error;
    }
    const line = text.length > LONGEST_LINE ? `${text.slice(0, LONGEST_LINE)}… (cut)` : text;
    this.#log.trace('LdapService', `${what} ${formatServer(server)} (${end - start} bytes) ${line}`);
  }

  #request(cursor: BerCursor, operation: number, end: number, messageEnd: number): string {
    switch (operation) {
      case BIND: {
        cursor.integer(TAG.INTEGER, end);
        const name = cursor.text(TAG.OCTET_STRING, end);
        // What follows is the password, and is not even looked at.
        return `bind ${cursor.peek(end) === 0x80 ? 'simple' : 'SASL'} as ${quoted(name)}, credentials ${LEFT_OUT}`;
      }
      case SEARCH:
        return this.#search(cursor, end, messageEnd);
      case EXTENDED:
        return `extended request ${cursor.text(0x80, end)}`;
      case ABANDON:
        return `abandon #${cursor.bytes.readUIntBE(cursor.at, Math.min(4, end - cursor.at))}`;
      case UNBIND:
        return 'unbind';
      default:
        return `operation 0x${operation.toString(16)}`;
    }
  }

  #search(cursor: BerCursor, end: number, messageEnd: number): string {
    const base = cursor.text(TAG.OCTET_STRING, end);
    const scope = SCOPES[cursor.integer(TAG.ENUMERATED, end)] ?? '';
    cursor.at = cursor.open(TAG.ENUMERATED, end);
    for (const tag of [TAG.INTEGER, TAG.INTEGER, TAG.BOOLEAN]) cursor.at = cursor.open(tag, end);
    const filter = formatFilter(this.#withoutSensitive(readFilter(cursor, end)));
    const listEnd = cursor.open(TAG.SEQUENCE, end);
    const names: string[] = [];
    while (cursor.at < listEnd) names.push(cursor.text(TAG.OCTET_STRING, listEnd));
    const controls = controlsOf(cursor.bytes, end, messageEnd);
    return `search ${scope} ${quoted(base)} ${filter} for ${names.join(' ')}${controls}`;
  }

  #answer(cursor: BerCursor, operation: number, end: number, messageEnd: number): string {
    switch (operation) {
      case OPERATION.SEARCH_ENTRY:
        return this.#entry(cursor, end);
      case OPERATION.SEARCH_REFERENCE: {
        const urls: string[] = [];
        while (cursor.at < end) urls.push(cursor.text(TAG.OCTET_STRING, end));
        return `reference ${urls.join(' ')}`;
      }
      case OPERATION.BIND_RESPONSE:
        return `bind answer ${resultIn(cursor, end)}`;
      case OPERATION.SEARCH_DONE: {
        const result = resultIn(cursor, end);
        const cookie = pagingCookie(cursor.bytes, end, messageEnd);
        const paging = cookie === null ? '' : `, ${cookie.length === 0 ? 'last page' : 'more pages'}`;
        return `search done ${result}${paging}`;
      }
      case OPERATION.EXTENDED_RESPONSE:
        return `extended answer ${resultIn(cursor, end)}`;
      default:
        return `operation 0x${operation.toString(16)}`;
    }
  }

  #entry(cursor: BerCursor, end: number): string {
    const dn = cursor.text(TAG.OCTET_STRING, end);
    const listEnd = cursor.open(TAG.SEQUENCE, end);
    const attributes: string[] = [];
    while (cursor.at < listEnd) {
      const attributeEnd = cursor.open(TAG.SEQUENCE, listEnd);
      const name = cursor.text(TAG.OCTET_STRING, attributeEnd);
      const valuesEnd = cursor.open(TAG.SET, attributeEnd);
      const values: string[] = [];
      while (cursor.at < valuesEnd) {
        const value = cursor.octets(TAG.OCTET_STRING, valuesEnd);
        if (!this.#isHidden(name)) values.push(shownValue(value, name));
      }
      attributes.push(`${name}: ${this.#isHidden(name) ? LEFT_OUT : values.join(' | ')}`);
      cursor.at = attributeEnd;
    }
    return `entry ${quoted(dn)} ${attributes.join('; ')}`;
  }

  #isHidden(description: string): boolean {
    const [name = ''] = description.split(';');
    return this.#hidden.has(name.toLowerCase());
  }

  #withoutSensitive(filter: Filter): Filter {
    if ('parts' in filter) {
      return { ...filter, parts: filter.parts.map((part) => this.#withoutSensitive(part)) };
    }
    if ('part' in filter) return { ...filter, part: this.#withoutSensitive(filter.part) };
    if (filter.attribute === null || !this.#isHidden(filter.attribute)) return filter;
    return { type: 'EQUAL', attribute: filter.attribute, value: Buffer.from(LEFT_OUT) };
  }
}

function resultIn(cursor: BerCursor, end: number): string {
  const { code, matchedDn, text } = readResult(cursor, end);
  const matched = matchedDn === '' ? '' : `, matched ${quoted(matchedDn)}`;
  return `result code ${code}${matched}${text === '' ? '' : `: ${readable(text)}`}`;
}

function controlsOf(bytes: Buffer, start: number, end: number): string {
  if (start >= end) return '';
  const cursor = new BerCursor(bytes, start, end);
  const controlsEnd = cursor.open(CONTROLS, end);
  const names: string[] = [];
  while (cursor.at < controlsEnd) {
    const controlEnd = cursor.open(TAG.SEQUENCE, controlsEnd);
    const oid = cursor.text(TAG.OCTET_STRING, controlEnd);
    names.push(oid === PAGED_RESULTS ? 'paged results' : oid);
    cursor.at = controlEnd;
  }
  return `, controls ${names.join(' ')}`;
}

function shownValue(value: Buffer, description: string): string {
  const [name = '', ...options] = description.toLowerCase().split(';');
  const form = options.includes('binary') ? 'OCTETS' : valueForm(name);
  if (form === 'OCTETS' || (form === 'TEXT' && !isUtf8(value))) return `[${value.length} bytes]`;
  const text = decodeSingleValue(value, description);
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}… (${value.length} bytes)` : text;
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
