/**
 * Turns search result entries into the model's entries, straight from the bytes of the answer.
 *
 * This is the innermost loop of a full read (some thirty values for each user), hence its shape: the message becomes
 * one string of which ASCII values are cut, and attribute names are recognized by the name that followed last time.
 */

import { isUtf8 } from 'node:buffer';
import type { Entry } from '../model/entry.ts';
import type { UnusableEntry } from '../model/ports.ts';
import { BerCursor, BerError, TAG } from './ber.ts';
import { foldsCase, guidText, sidText, valueForm } from './binary-values.ts';
import type { ValueForm } from './binary-values.ts';

/** An attribute of which the server sent only the first values (Active Directory, `member;range=0-1499`). */
export interface OpenRange {
  /** As it is asked for: the name with its options other than the range. */
  readonly attribute: string;
  /** The list in the entry that the missing values are appended to. */
  readonly values: string[];
  /** Index of the first missing value. */
  readonly next: number;
}

export interface RangedEntry {
  readonly entry: Entry;
  readonly ranges: readonly OpenRange[];
}

/** What was decoded so far. Entries with open ranges are in `ranged` only, until those have been read. */
export interface DecodedEntries {
  entries: Entry[];
  unusable: UnusableEntry[];
  ranged: RangedEntry[];
}

/** The attribute that several spellings and ranges of a name stand for. */
interface Attribute {
  readonly key: string;
  readonly form: ValueForm;
  readonly dropped: boolean;
  readonly identity: boolean;
  /** Number of the entry that `values` belongs to. */
  serial: number;
  values: string[];
}

/** An attribute description as it stands in the answers. */
interface Description {
  readonly raw: string;
  readonly attribute: Attribute;
  readonly range: { readonly low: number; readonly next: number | null } | null;
  /** The description that followed this one in the entry before. */
  follower: Description | null;
}

const RANGE_OPTION = /^range=([0-9]+)-([0-9]+|\*)$/i;
/** Far more names than any schema has; beyond it the tables begin anew. */
const MAX_DESCRIPTIONS = 20_000;

export interface DecoderOptions {
  /** `null`: the DN is the identity. */
  readonly identityAttribute: string | null;
  readonly sensitive: readonly string[];
  /** False keeps nothing but identity and DN. */
  readonly attributes: boolean;
}

export class EntryDecoder {
  readonly #options: DecoderOptions;
  readonly #sensitive: ReadonlySet<string>;
  readonly #identityName: string;
  readonly #descriptions = new Map<string, Description>();
  readonly #attributes = new Map<string, Attribute>();
  #first: Description | null = null;
  #serial = 0;

  constructor(options: DecoderOptions) {
    this.#options = options;
    this.#sensitive = new Set(options.sensitive.map((name) => name.toLowerCase()));
    this.#identityName = options.identityAttribute?.toLowerCase() ?? '';
  }

  /**
   * Decodes the content of one SearchResultEntry (RFC 4511 4.5.2) and appends it to `into`.
   * @throws BerError when the bytes are not an entry
   */
  decode(bytes: Buffer, start: number, end: number, into: DecodedEntries): void {
    const cursor = new BerCursor(bytes, start, end);
    const dnEnd = cursor.open(TAG.OCTET_STRING, end);
    // Copied on its own: DNs and identities are kept, and must not keep the text of the whole entry alive.
    const dn = bytes.toString('utf8', cursor.at, dnEnd);
    cursor.at = dnEnd;
    const listEnd = cursor.open(TAG.SEQUENCE, end);

    const serial = ++this.#serial;
    const text = bytes.toString('latin1', start, end);
    const attributes: Record<string, string[]> = {};
    let identity: string | null = null;
    let identities = 0;
    let ranges: OpenRange[] = [];
    let before: Description | null = null;

    while (cursor.at < listEnd) {
      const attributeEnd = cursor.open(TAG.SEQUENCE, listEnd);
      const nameEnd = cursor.open(TAG.OCTET_STRING, attributeEnd);
      const description: Description = this.#describe(text, cursor.at - start, nameEnd - start, before);
      before = description;
      cursor.at = nameEnd;
      const valuesEnd = cursor.open(TAG.SET, attributeEnd);
      if (valuesEnd !== attributeEnd) throw new BerError('an attribute holds more than its values');
      const { attribute, range } = description;

      if (attribute.identity && cursor.at < valuesEnd) {
        identities += countElements(bytes, cursor.at, valuesEnd);
        identity = firstIdentity(bytes, cursor.at, valuesEnd, attribute.form, this.#identityName);
      }
      if (attribute.dropped) {
        cursor.at = valuesEnd;
        continue;
      }
      while (cursor.at < valuesEnd) {
        const valueEnd = cursor.open(TAG.OCTET_STRING, valuesEnd);
        const value = decodeValue(bytes, cursor.at, valueEnd, text, start, attribute.form);
        cursor.at = valueEnd;
        if (attribute.serial === serial) {
          attribute.values.push(value);
        } else {
          attribute.serial = serial;
          // Made with its one value: pushing into an empty list would reserve room for seventeen.
          attribute.values = [value];
          attributes[attribute.key] = attribute.values;
        }
      }
      if (range !== null && (range.next !== null || range.low !== 0)) {
        // A range that does not begin at the beginning was not asked for here: reading on from 0 mends or exposes it.
        const next = range.low === 0 ? (range.next ?? 0) : 0;
        if (attribute.serial !== serial || next === 0) {
          attribute.serial = serial;
          attribute.values = [];
          attributes[attribute.key] = attribute.values;
        }
        const { key, values } = attribute;
        ranges = ranges.filter((other) => other.attribute !== key);
        ranges.push({ attribute: key, values, next });
      }
    }
    cursor.mustBeAt(end);

    if (this.#options.identityAttribute === null) {
      identity = dn.toLowerCase();
      identities = 1;
    }
    if (identity === null || identity.trim() === '' || identities > 1) {
      into.unusable.push({ dn, message: this.#unusable(identities) });
      return;
    }
    const entry: Entry = { identity, dn, attributes };
    if (ranges.length === 0) into.entries.push(entry);
    else into.ranged.push({ entry, ranges });
  }

  #unusable(identities: number): string {
    const name = this.#options.identityAttribute ?? 'DN';
    return identities > 1
      ? `the entry has ${identities} values of ${name}, which must identify it`
      : `the entry shows no ${name}, which must identify it: may ldap.bind.user read it?`;
  }

  #describe(text: string, from: number, to: number, before: Description | null): Description {
    const guess = before === null ? this.#first : before.follower;
    if (guess !== null && guess.raw.length === to - from && text.startsWith(guess.raw, from)) return guess;
    const raw = text.slice(from, to);
    let description = this.#descriptions.get(raw);
    if (description === undefined) {
      description = this.#newDescription(raw);
      this.#descriptions.set(raw, description);
    }
    if (before === null) this.#first = description;
    else before.follower = description;
    return description;
  }

  #newDescription(slice: string): Description {
    if (this.#descriptions.size > MAX_DESCRIPTIONS) {
      this.#descriptions.clear();
      this.#attributes.clear();
      this.#first = null;
    }
    // A copy: the slice would keep the text of this entry alive for as long as the table lives.
    const raw = Buffer.from(slice, 'latin1').toString('latin1');
    const [name = '', ...options] = raw.split(';');
    const kept = options.filter((option) => !RANGE_OPTION.test(option));
    const found = options.map((option) => RANGE_OPTION.exec(option)).find((match) => match !== null);
    const range = found
      ? { low: Number(found[1]), next: found[2] === '*' ? null : Number(found[2]) + 1 }
      : null;
    const key = [name, ...kept].join(';');
    let attribute = this.#attributes.get(key.toLowerCase());
    if (attribute === undefined) {
      attribute = this.#newAttribute(key, name.toLowerCase(), kept);
      this.#attributes.set(key.toLowerCase(), attribute);
    }
    return { raw, attribute, range, follower: null };
  }

  #newAttribute(key: string, name: string, options: readonly string[]): Attribute {
    const binary = options.some((option) => option.toLowerCase() === 'binary');
    return {
      key,
      form: binary ? 'OCTETS' : valueForm(name),
      // `__proto__` as a key would replace the record's prototype instead of adding to it.
      dropped: !this.#options.attributes || this.#sensitive.has(name) || key === '__proto__',
      identity: options.length === 0 && name === this.#identityName,
      serial: 0,
      values: [],
    };
  }
}

/** One value as text; `text` is the message from `start` on, byte for byte. */
function decodeValue(
  bytes: Buffer,
  from: number,
  to: number,
  text: string,
  start: number,
  form: ValueForm,
): string {
  if (form === 'TEXT') {
    let i = from;
    while (i < to && (bytes[i] as number) < 0x80) i++;
    return i === to ? text.slice(from - start, to - start) : decodeText(bytes, from, to);
  }
  const value = bytes.subarray(from, to);
  if (form === 'GUID') return guidText(value) ?? decodeText(bytes, from, to);
  if (form === 'SID') return sidText(value) ?? decodeText(bytes, from, to);
  return bytes.toString('base64', from, to);
}

/** UTF-8, or base64 where it is not. The replacement character is only a hint: it may stand in the value itself. */
function decodeText(bytes: Buffer, from: number, to: number): string {
  const text = bytes.toString('utf8', from, to);
  if (text.includes('\uFFFD') && !isUtf8(bytes.subarray(from, to))) return bytes.toString('base64', from, to);
  return text;
}

/** Decodes one value on its own, for values that are read outside of a page. */
export function decodeSingleValue(value: Buffer, attribute: string): string {
  const [name = '', ...options] = attribute.toLowerCase().split(';');
  const form = options.includes('binary') ? 'OCTETS' : valueForm(name);
  return decodeValue(value, 0, value.length, value.toString('latin1'), 0, form);
}

function countElements(bytes: Buffer, from: number, to: number): number {
  const cursor = new BerCursor(bytes, from, to);
  let count = 0;
  for (; cursor.at < to; count++) cursor.at = cursor.open(TAG.OCTET_STRING, to);
  return count;
}

/**
 * The identity as text, hexadecimal digits where it is none. UUIDs are in lower case; anything else stays as it is,
 * since whoever may write the attribute could otherwise pass for somebody else with a blank or a capital letter.
 */
function firstIdentity(bytes: Buffer, from: number, to: number, form: ValueForm, name: string): string {
  const cursor = new BerCursor(bytes, from, to);
  const value = cursor.octets(TAG.OCTET_STRING, to);
  if (form === 'GUID') {
    const guid = guidText(value);
    if (guid !== null) return guid;
  }
  if (!isUtf8(value)) return value.toString('hex');
  const text = value.toString('utf8');
  return foldsCase(name, text) ? text.trim().toLowerCase() : text;
}
