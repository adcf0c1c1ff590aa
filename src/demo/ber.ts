/** The part of BER (X.690, as RFC 4511 5.1 limits it) that the demo directory speaks. */

/** Bytes that are not the BER that was expected; the connection they came on is worth nothing any more. */
export class BerError extends Error {
  override readonly name = 'BerError';
}

const LONG_LENGTH_BYTES = 4;

/** Writes nested elements into one growing buffer. */
export class BerWriter {
  #bytes = Buffer.allocUnsafe(16_384);
  #length = 0;
  readonly #open: number[] = [];

  /** Bytes written so far. */
  get length(): number {
    return this.#length;
  }

  /** Begins a constructed element; every `open` needs its `close`. */
  open(tag: number): void {
    this.#reserve(2 + LONG_LENGTH_BYTES);
    this.#bytes[this.#length] = tag;
    // Active Directory writes lengths in this form too: no moving of bytes once the length is known.
    this.#bytes[this.#length + 1] = 0x80 | LONG_LENGTH_BYTES;
    this.#length += 2 + LONG_LENGTH_BYTES;
    this.#open.push(this.#length);
  }

  /** Ends the element that was opened last. */
  close(): void {
    const start = this.#open.pop();
    if (start === undefined) throw new BerError('close without open');
    this.#bytes.writeUInt32BE(this.#length - start, start - LONG_LENGTH_BYTES);
  }

  /** A string (as UTF-8) or bytes; OCTET STRING unless another tag is given. */
  octets(value: string | Buffer, tag = 0x04): void {
    const size = typeof value === 'string' ? Buffer.byteLength(value) : value.length;
    this.#head(tag, size);
    if (typeof value === 'string') this.#bytes.write(value, this.#length);
    else value.copy(this.#bytes, this.#length);
    this.#length += size;
  }

  /** A non-negative integer below 2^31; INTEGER unless another tag is given. */
  integer(value: number, tag = 0x02): void {
    const size = value < 0x80 ? 1 : value < 0x8000 ? 2 : value < 0x80_0000 ? 3 : 4;
    this.#head(tag, size);
    this.#bytes.writeUIntBE(value, this.#length, size);
    this.#length += size;
  }

  /** A copy of everything written since the last `take`; the writer starts afresh. */
  take(): Buffer {
    if (this.#open.length > 0) throw new BerError('take inside an open element');
    const taken = Buffer.from(this.#bytes.subarray(0, this.#length));
    this.#length = 0;
    return taken;
  }

  #head(tag: number, size: number): void {
    this.#reserve(size + 6);
    this.#bytes[this.#length++] = tag;
    if (size < 0x80) {
      this.#bytes[this.#length++] = size;
      return;
    }
    const lengthBytes = size < 0x100 ? 1 : size < 0x1_0000 ? 2 : size < 0x100_0000 ? 3 : 4;
    this.#bytes[this.#length++] = 0x80 | lengthBytes;
    this.#bytes.writeUIntBE(size, this.#length, lengthBytes);
    this.#length += lengthBytes;
  }

  #reserve(size: number): void {
    if (this.#length + size <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#length + size));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }
}

interface Head {
  readonly tag: number;
  readonly start: number;
  readonly end: number;
}

/** Reads the elements of one constructed value, in order. */
export class BerReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** The tag of the next element; -1 at the end. */
  peek(): number {
    return this.#bytes[this.#at] ?? -1;
  }

  /** The content of the next element. @throws BerError if it has another tag or is cut short */
  octets(tag = 0x04): Buffer {
    const head = readHead(this.#bytes, this.#at);
    if (head === null || head.end > this.#bytes.length) throw new BerError('element cut short');
    if (head.tag !== tag) throw new BerError(`tag ${head.tag} where ${tag} was expected`);
    this.#at = head.end;
    return this.#bytes.subarray(head.start, head.end);
  }

  text(tag = 0x04): string {
    return this.octets(tag).toString('utf8');
  }

  integer(tag = 0x02): number {
    const content = this.octets(tag);
    if (content.length < 1 || content.length > 6) throw new BerError('integer too long');
    return content.readIntBE(0, content.length);
  }

  boolean(tag = 0x01): boolean {
    return this.octets(tag)[0] !== 0;
  }

  /** A reader over the content of the next, constructed element. */
  inside(tag = 0x30): BerReader {
    return new BerReader(this.octets(tag));
  }
}

/**
 * The size in bytes of the element that starts at `at`, header included; `null` while too few bytes are there to tell.
 * @throws BerError for a length that RFC 4511 does not allow
 */
export function elementSize(bytes: Buffer, at: number): number | null {
  const head = readHead(bytes, at);
  return head === null ? null : head.end - at;
}

function readHead(bytes: Buffer, at: number): Head | null {
  const tag = bytes[at];
  const first = bytes[at + 1];
  if (tag === undefined || first === undefined) return null;
  if (first < 0x80) return { tag, start: at + 2, end: at + 2 + first };
  const lengthBytes = first & 0x7f;
  if (lengthBytes === 0 || lengthBytes > 4) throw new BerError('length form not allowed');
  const start = at + 2 + lengthBytes;
  if (bytes.length < start) return null;
  return { tag, start, end: start + bytes.readUIntBE(at + 2, lengthBytes) };
}
