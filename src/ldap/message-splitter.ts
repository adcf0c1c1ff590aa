/** Cuts the byte stream of a connection into LDAP messages, however the network has torn or joined them. */

import { BerError, TAG } from './ber.ts';

/** The longest message that is accepted. An entry with 150,000 values has 20 MB. */
const MAX_MESSAGE_BYTES = 256 * 1024 * 1024;

const TLS_RECORDS = new Set([0x14, 0x15, 0x16, 0x17]);

export class MessageSplitter {
  #held: Buffer[] = [];
  #heldBytes = 0;
  /** How many bytes there must be before it is worth looking again: keeps a long message from being joined anew with each chunk. */
  #wanted = 0;
  readonly #onMessage: (bytes: Buffer, start: number, end: number) => boolean;

  /** `onMessage` gets each whole message as a range of `bytes`; it returns false to stop. */
  constructor(onMessage: (bytes: Buffer, start: number, end: number) => boolean) {
    this.#onMessage = onMessage;
  }

  /** True while part of a message has come and the rest is owed. */
  get midMessage(): boolean {
    return this.#heldBytes > 0;
  }

  /** @throws BerError when the bytes cannot be LDAP, or a message is beyond all measure */
  push(chunk: Buffer): void {
    let bytes = chunk;
    if (this.#heldBytes > 0) {
      this.#held.push(chunk);
      this.#heldBytes += chunk.length;
      if (this.#heldBytes < this.#wanted) return;
      bytes = Buffer.concat(this.#held, this.#heldBytes);
      this.#held = [];
      this.#heldBytes = 0;
    }
    let at = 0;
    while (at < bytes.length) {
      const size = messageSize(bytes, at);
      if (at + size > bytes.length) {
        this.#held = [at === 0 ? bytes : bytes.subarray(at)];
        this.#heldBytes = bytes.length - at;
        this.#wanted = size;
        return;
      }
      if (!this.#onMessage(bytes, at, at + size)) return;
      at += size;
    }
  }
}

/** The size of the message that begins at `at`, or, while its length is not yet there, one byte more than there is. */
function messageSize(bytes: Buffer, at: number): number {
  const first = bytes[at] as number;
  if (first !== TAG.SEQUENCE) throw new BerError(notLdap(first));
  const available = bytes.length - at;
  if (available < 2) return available + 1;
  const short = bytes[at + 1] as number;
  if (short < 0x80) return 2 + short;
  const count = short & 0x7f;
  if (count === 0 || count > 4)
    throw new BerError('the answer is not LDAP: a message has an impossible length');
  if (available < 2 + count) return available + 1;
  const size = 2 + count + bytes.readUIntBE(at + 2, count);
  if (size > MAX_MESSAGE_BYTES) {
    throw new BerError(`the answer claims to be one message of ${size} bytes: that is not LDAP`);
  }
  return size;
}

function notLdap(first: number): string {
  if (TLS_RECORDS.has(first)) {
    return 'the answer is TLS, not LDAP: write ldaps:// in ldap.baseurl, or use the port for plain LDAP (389)';
  }
  return `the answer is not LDAP: it begins with byte 0x${first.toString(16).padStart(2, '0')}`;
}
