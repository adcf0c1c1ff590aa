/** LDAP search filters as values: what they are, how they are written (RFC 4515) and how they are sent (RFC 4511 4.5.1.7). */

import type { BerWriter } from 'ldapts';

export type Filter =
  | { readonly type: 'AND' | 'OR'; readonly parts: readonly Filter[] }
  | { readonly type: 'NOT'; readonly part: Filter }
  | {
      readonly type: 'EQUAL' | 'GREATER_OR_EQUAL' | 'LESS_OR_EQUAL' | 'APPROXIMATE';
      readonly attribute: string;
      readonly value: Buffer;
    }
  | { readonly type: 'PRESENT'; readonly attribute: string }
  | {
      readonly type: 'SUBSTRINGS';
      readonly attribute: string;
      readonly initial: Buffer | null;
      readonly any: readonly Buffer[];
      readonly final: Buffer | null;
    }
  | {
      readonly type: 'EXTENSIBLE';
      readonly attribute: string | null;
      readonly rule: string | null;
      readonly dnAttributes: boolean;
      readonly value: Buffer;
    };

/** All of `parts`, without needless nesting. */
export function allOf(parts: readonly Filter[]): Filter {
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : { type: 'AND', parts };
}

export function equal(attribute: string, value: string | Buffer): Filter {
  return { type: 'EQUAL', attribute, value: typeof value === 'string' ? Buffer.from(value) : value };
}

export function atLeast(attribute: string, value: string): Filter {
  return { type: 'GREATER_OR_EQUAL', attribute, value: Buffer.from(value) };
}

export const CHOICE = {
  AND: 0xa0,
  OR: 0xa1,
  NOT: 0xa2,
  EQUAL: 0xa3,
  SUBSTRINGS: 0xa4,
  GREATER_OR_EQUAL: 0xa5,
  LESS_OR_EQUAL: 0xa6,
  PRESENT: 0x87,
  APPROXIMATE: 0xa8,
  EXTENSIBLE: 0xa9,
} as const;

/** Appends the filter to a request. Values go out as the bytes they are: nothing passes through a string. */
export function writeFilter(writer: BerWriter, filter: Filter): void {
  if (filter.type === 'PRESENT') {
    writer.writeString(filter.attribute, CHOICE.PRESENT);
    return;
  }
  writer.startSequence(CHOICE[filter.type]);
  switch (filter.type) {
    case 'AND':
    case 'OR':
      for (const part of filter.parts) writeFilter(writer, part);
      break;
    case 'NOT':
      writeFilter(writer, filter.part);
      break;
    case 'SUBSTRINGS':
      writer.writeString(filter.attribute);
      writer.startSequence();
      if (filter.initial !== null) writer.writeBuffer(filter.initial, 0x80);
      for (const any of filter.any) writer.writeBuffer(any, 0x81);
      if (filter.final !== null) writer.writeBuffer(filter.final, 0x82);
      writer.endSequence();
      break;
    case 'EXTENSIBLE':
      if (filter.rule !== null) writer.writeString(filter.rule, 0x81);
      if (filter.attribute !== null) writer.writeString(filter.attribute, 0x82);
      writer.writeBuffer(filter.value, 0x83);
      if (filter.dnAttributes) writer.writeBoolean(true, 0x84);
      break;
    default:
      writer.writeString(filter.attribute);
      writer.writeBuffer(filter.value, 0x04);
  }
  writer.endSequence();
}

/** The filter in the notation of RFC 4515, for the log. */
export function formatFilter(filter: Filter): string {
  switch (filter.type) {
    case 'AND':
      return `(&${filter.parts.map(formatFilter).join('')})`;
    case 'OR':
      return `(|${filter.parts.map(formatFilter).join('')})`;
    case 'NOT':
      return `(!${formatFilter(filter.part)})`;
    case 'EQUAL':
      return `(${filter.attribute}=${escapeValue(filter.value)})`;
    case 'GREATER_OR_EQUAL':
      return `(${filter.attribute}>=${escapeValue(filter.value)})`;
    case 'LESS_OR_EQUAL':
      return `(${filter.attribute}<=${escapeValue(filter.value)})`;
    case 'APPROXIMATE':
      return `(${filter.attribute}~=${escapeValue(filter.value)})`;
    case 'PRESENT':
      return `(${filter.attribute}=*)`;
    case 'SUBSTRINGS': {
      const parts = [filter.initial, ...filter.any, filter.final];
      return `(${filter.attribute}=${parts.map((part) => (part === null ? '' : escapeValue(part))).join('*')})`;
    }
    case 'EXTENSIBLE': {
      const rule = filter.rule === null ? '' : `:${filter.rule}`;
      return `(${filter.attribute ?? ''}${filter.dnAttributes ? ':dn' : ''}${rule}:=${escapeValue(filter.value)})`;
    }
  }
}

/** Everything but printable ASCII is escaped byte by byte: right for text and for binary values alike. */
function escapeValue(value: Buffer): string {
  let text = '';
  for (const byte of value) {
    const plain =
      byte > 0x1f && byte < 0x7f && byte !== 0x28 && byte !== 0x29 && byte !== 0x2a && byte !== 0x5c;
    text += plain ? String.fromCharCode(byte) : `\\${byte.toString(16).padStart(2, '0')}`;
  }
  return text;
}
