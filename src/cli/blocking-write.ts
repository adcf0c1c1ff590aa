/** Writes to a pipe at the pace of its reader. */

import { writeSync } from 'node:fs';

const PAUSE_MS = 5;

/**
 * Returns when the operating system has taken all of the text. A stream would take it at once and keep it in memory:
 * the preview of a million users before a pager is hundreds of megabytes.
 * @throws the error of `write`, EPIPE among them when the reader has gone
 */
export function writeBlocking(file: number, text: string): void {
  const bytes = Buffer.from(text, 'utf8');
  const never = new Int32Array(new SharedArrayBuffer(4));
  for (let written = 0; written < bytes.length;) {
    try {
      written += writeSync(file, bytes, written);
    } catch (error) {
      // Node.js makes its own pipes non-blocking, so a full one says "again".
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(never, 0, 0, PAUSE_MS);
    }
  }
}
