/** Reads BER as LDAP uses it (RFC 4511 5.1): definite lengths, every bound checked, no byte left over unseen. */

/** The bytes are not what the protocol allows: whoever sent them cannot be trusted to have sent everything. */
export class BerError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'BerError';
  }
}

export const TAG = {
  BOOLEAN: 0x01,
  INTEGER: 0x02,
  OCTET_STRING: 0x04,
  ENUMERATED: 0x0a,
  SEQUENCE: 0x30,
  SET: 0x31,
} as const;

/** The most bytes that a length field may have: four hold 4 GiB, far above any limit of ours. */
const MAX_LENGTH_BYTES = 4;

/**
 * A position in a buffer that moves over elements. It is mutable and allocates nothing while it walks: the decoder
 * of entries steps over some sixty elements for each user.
 */
export class BerCursor {
  readonly bytes: Buffer;
  at: number;
  readonly end: number;

  constructor(bytes: Buffer, at: number, end: number) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  /** The tag of the next element before `limit`; -1 where there is none. */
  peek(limit: number): number {
    return this.at < limit ? (this.bytes[this.at] as number) : -1;
  }

  /**
   * Steps over the tag and the length of the next element and returns where its content ends.
   * @throws BerError when the tag is another one or the element does not end before `limit`
   */
  open(tag: number, limit: number): number {
    const bytes = this.bytes;
    let at = this.at;
    if (at + 2 > limit) throw new BerError('a message ends too early');
    if (bytes[at] !== tag) {
      throw new BerError(`a message holds element ${hex(bytes[at] as number)} where ${hex(tag)} belongs`);
    }
    let length = bytes[at + 1] as number;
    at += 2;
    if (length > 0x7f) {
      const count = length & 0x7f;
      if (count === 0 || count > MAX_LENGTH_BYTES || at + count > limit) {
        throw new BerError('a message holds an impossible length');
      }
      length = 0;
      // Multiplied, not shifted: a shift would make the fourth byte a sign.
      for (let i = 0; i < count; i++) length = length * 256 + (bytes[at++] as number);
    }
    if (at + length > limit) throw new BerError('an element is longer than the message around it');
    this.at = at;
    return at + length;
  }

  /** An integer or enumerated value of up to four bytes. */
  integer(tag: number, limit: number): number {
    const end = this.open(tag, limit);
    const length = end - this.at;
    if (length < 1 || length > 4) throw new BerError(`a message holds a number of ${length} bytes`);
    const value = this.bytes.readIntBE(this.at, length);
    this.at = end;
    return value;
  }

  /** The content of the next element as text; bytes that are not UTF-8 become replacement characters. */
  text(tag: number, limit: number): string {
    const end = this.open(tag, limit);
    const value = this.bytes.toString('utf8', this.at, end);
    this.at = end;
    return value;
  }

  /** A copy of the content of the next element: it does not keep the socket's chunk alive. */
  octets(tag: number, limit: number): Buffer {
    const end = this.open(tag, limit);
    const value = Buffer.from(this.bytes.subarray(this.at, end));
    this.at = end;
    return value;
  }

  /** @throws BerError unless the cursor stands exactly at `limit` */
  mustBeAt(limit: number): void {
    if (this.at !== limit) throw new BerError('a message holds bytes that belong to no element');
  }
}

function hex(byte: number): string {
  return `0x${byte.toString(16).padStart(2, '0')}`;
}
