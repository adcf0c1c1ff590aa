/** Asks java.util.Properties itself what a properties file says: one JVM for any number of files. */

import { spawn } from 'node:child_process';
import { isUtf8 } from 'node:buffer';
import { buffer } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

/** What Java read, and how Java would write it; `null` where Java refuses the file. */
export type JavaReading = { readonly pairs: Map<string, string>; readonly stored: Buffer } | null;

const PROGRAM = fileURLToPath(new URL('PropertiesOracle.java', import.meta.url));

/** Whether a Java that runs single-file programs (11 or later) is on the PATH. */
export async function hasJava(): Promise<boolean> {
  const child = spawn('java', ['--version'], { stdio: 'ignore' });
  return new Promise((resolve) => {
    child.on('error', () => resolve(false));
    child.on('exit', (code) => resolve(code === 0));
  });
}

/** Java's reading of each file, in order. Files that are UTF-8 and not ASCII are read as UTF-8, as people mean them. */
export async function readWithJava(files: readonly Buffer[]): Promise<JavaReading[]> {
  // Only C1: no compilation is worth its time in a program of one second.
  const child = spawn('java', ['-XX:TieredStopAtLevel=1', '-Xshare:auto', PROGRAM], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exit = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', resolve);
  });
  child.stdin.end(Buffer.concat([int(files.length), ...files.flatMap(frame)]));
  const [output, code] = await Promise.all([buffer(child.stdout), exit]);
  if (code !== 0) throw new Error(`java ended with ${code}`);
  const reader = new Reader(output);
  return files.map(() => reader.reading());
}

function frame(bytes: Buffer): Buffer[] {
  const ascii = bytes.every((byte) => byte < 0x80);
  return [int(!ascii && isUtf8(bytes) ? 1 : 0), int(bytes.length), bytes];
}

function int(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

class Reader {
  #offset = 0;
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  reading(): JavaReading {
    const count = this.#int();
    if (count < 0) return null;
    const pairs = new Map<string, string>();
    for (let index = 0; index < count; index += 1) {
      const key = this.#frame().toString('utf16le');
      pairs.set(key, this.#frame().toString('utf16le'));
    }
    return { pairs, stored: this.#frame() };
  }

  #int(): number {
    this.#offset += 4;
    return this.#bytes.readInt32BE(this.#offset - 4);
  }

  #frame(): Buffer {
    const length = this.#int();
    this.#offset += length;
    return this.#bytes.subarray(this.#offset - length, this.#offset);
  }
}
