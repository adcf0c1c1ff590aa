/** A Java `.properties` file in memory: what it says, and edits that leave every other line as it was. */

import { isUtf8 } from 'node:buffer';
import {
  escapeKey,
  escapeValue,
  parsePropertiesLines,
  type PropertiesLine,
  type PropertyPair,
} from './properties-lines.ts';

export interface PropertyEntry extends PropertyPair {
  readonly line: number;
}

/**
 * The lines of one file, read as java.util.Properties would (ISO-8859-1), except that a file which is valid UTF-8 is
 * read as UTF-8: people edit it with editors that save nothing else.
 */
export class PropertiesFile {
  #lines: PropertiesLine[];
  readonly #encoding: 'utf8' | 'latin1';
  readonly #bom: string;
  readonly #lineEnd: string;

  /** @param lineEnd for lines added to a file that has no line end yet */
  constructor(bytes: Uint8Array, lineEnd = '\n') {
    this.#encoding = isUtf8(bytes) ? 'utf8' : 'latin1';
    const text = Buffer.from(bytes).toString(this.#encoding);
    this.#bom = text.startsWith('\uFEFF') ? '\uFEFF' : '';
    const body = text.slice(this.#bom.length);
    this.#lines = parsePropertiesLines(body);
    this.#lineEnd = /\r\n|\r|\n/.exec(body)?.[0] ?? lineEnd;
  }

  /** Every pair in the order of the file; of those with the same key the last one counts. */
  entries(): PropertyEntry[] {
    return this.#lines.flatMap(({ pair, line }) => (pair === null ? [] : [{ ...pair, line }]));
  }

  /**
   * Gives the key this value. The last line that had the key keeps its place, spelling and separator; earlier lines
   * with the key go, because a password must not stay behind in one. A new key goes below a comment such as
   * `#key=...`, else to the end.
   */
  set(key: string, value: string): void {
    const last = this.#lines.findLastIndex(({ pair }) => pair?.key === key);
    if (last < 0) {
      this.#insert(key, value);
      return;
    }
    this.#lines = this.#lines.flatMap((line, index) => {
      if (line.pair?.key !== key) return [line];
      if (index !== last) return [];
      const indent = /^[ \t\f]*/.exec(line.raw)?.[0] ?? '';
      return parsePropertiesLines(indent + line.pair.prefix + escapeValue(value) + lineEndOf(line.raw));
    });
  }

  /** Removes every line that has the key; comments stay. */
  remove(key: string): void {
    this.#lines = this.#lines.filter(({ pair }) => pair?.key !== key);
  }

  /** The file as it is to be written: untouched lines byte for byte. */
  toBytes(): Buffer {
    const bytes = Buffer.from(this.#bom + this.#lines.map(({ raw }) => raw).join(''), this.#encoding);
    if (this.#encoding === 'utf8' || !isUtf8(bytes)) return bytes;
    // The change took the last byte that told ISO-8859-1 from UTF-8. Escapes say the same in both.
    return Buffer.from(
      this.#lines.map(({ raw, pair }) => (pair === null ? raw : asAscii(raw))).join(''),
      'latin1',
    );
  }

  #insert(key: string, value: string): void {
    const comment = this.#lines.findLastIndex(({ raw, pair }) => pair === null && commentedKey(raw) === key);
    const index = comment < 0 ? this.#lines.length - 1 : comment;
    const above = this.#lines[index];
    if (above !== undefined) this.#lines[index] = this.#closed(above);
    const line = `${escapeKey(key)}=${escapeValue(value)}${this.#lineEnd}`;
    this.#lines.splice(index + 1, 0, ...parsePropertiesLines(line));
  }

  /** The line in a form behind which another may follow. */
  #closed(line: PropertiesLine): PropertiesLine {
    if (line.dangling) {
      const text = line.pair === null ? '' : line.pair.prefix + line.pair.rawValue;
      return { ...line, raw: text + this.#lineEnd, dangling: false };
    }
    return lineEndOf(line.raw) === '' ? { ...line, raw: line.raw + this.#lineEnd } : line;
  }
}

function lineEndOf(raw: string): string {
  return /(?:\r\n|\r|\n)$/.exec(raw)?.[0] ?? '';
}

function asAscii(raw: string): string {
  return raw.replace(/(\\*)([\u0080-\u00ff])/g, (_, backslashes: string, character: string) => {
    // An odd backslash before the character meant nothing, but would now escape the escape.
    const kept = backslashes.slice(0, backslashes.length - (backslashes.length % 2));
    return kept + escapeValue(character);
  });
}

function commentedKey(raw: string): string | null {
  return /^[ \t\f]*[#!][#! \t]*([^\s=:]+)[ \t]*[=:]/.exec(raw)?.[1] ?? null;
}
