/** Reads a filter back from a request (RFC 4511 4.5.1.7), so that a trace shows what was really sent. */

import type { BerCursor } from './ber.ts';
import { BerError, TAG } from './ber.ts';
import { CHOICE } from './filter.ts';
import type { Filter } from './filter.ts';

/** Deeper than any filter that the parser lets through. */
const DEEPEST = 200;

const NAME_OF: ReadonlyMap<number, Filter['type']> = new Map(
  Object.entries(CHOICE).map(([type, tag]) => [tag, type as Filter['type']]),
);

/** @throws BerError when there is no filter before `limit` */
export function readFilter(cursor: BerCursor, limit: number, depth = 0): Filter {
  const tag = cursor.peek(limit);
  const type = NAME_OF.get(tag);
  if (type === undefined || depth > DEEPEST) throw new BerError('a request holds no filter that can be read');
  const end = cursor.open(tag, limit);
  const text = (): string => cursor.text(TAG.OCTET_STRING, end);
  switch (type) {
    case 'PRESENT': {
      const attribute = cursor.bytes.toString('utf8', cursor.at, end);
      cursor.at = end;
      return { type, attribute };
    }
    case 'AND':
    case 'OR': {
      const parts: Filter[] = [];
      while (cursor.at < end) parts.push(readFilter(cursor, end, depth + 1));
      return { type, parts };
    }
    case 'NOT':
      return { type, part: readFilter(cursor, end, depth + 1) };
    case 'SUBSTRINGS':
      return readSubstrings(cursor, end, text());
    case 'EXTENSIBLE':
      return readExtensible(cursor, end);
    default:
      return { type, attribute: text(), value: cursor.octets(TAG.OCTET_STRING, end) };
  }
}

function readSubstrings(cursor: BerCursor, end: number, attribute: string): Filter {
  const listEnd = cursor.open(TAG.SEQUENCE, end);
  const parts: { tag: number; value: Buffer }[] = [];
  while (cursor.at < listEnd) {
    const tag = cursor.peek(listEnd);
    parts.push({ tag, value: cursor.octets(tag, listEnd) });
  }
  const valueOf = (tag: number): Buffer | null => parts.find((part) => part.tag === tag)?.value ?? null;
  const any = parts.filter(({ tag }) => tag === 0x81).map(({ value }) => value);
  return { type: 'SUBSTRINGS', attribute, initial: valueOf(0x80), any, final: valueOf(0x82) };
}

function readExtensible(cursor: BerCursor, end: number): Filter {
  const parts = new Map<number, Buffer>();
  while (cursor.at < end) {
    const tag = cursor.peek(end);
    parts.set(tag, cursor.octets(tag, end));
  }
  return {
    type: 'EXTENSIBLE',
    attribute: parts.get(0x82)?.toString('utf8') ?? null,
    rule: parts.get(0x81)?.toString('utf8') ?? null,
    dnAttributes: parts.has(0x84),
    value: parts.get(0x83) ?? Buffer.alloc(0),
  };
}
