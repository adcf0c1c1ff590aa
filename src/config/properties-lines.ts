/** The grammar of a Java `.properties` text: physical lines joined to logical ones, each split into key and value. */

import { Pair, parseLines } from 'dot-properties';

/**
 * One logical line. `raw` is its text in the file, line ends included; the `raw` of all lines together are the file.
 * `line` is the number of its first physical line, from 1.
 */
export interface PropertiesLine {
  readonly raw: string;
  readonly line: number;
  /** `null` for a comment or an empty line. */
  readonly pair: PropertyPair | null;
  /** The line ends in a backslash with nothing after it: text added behind it would become part of it. */
  readonly dangling: boolean;
}

export interface PropertyPair {
  readonly key: string;
  readonly value: string;
  /** The logical line up to the value: key as written, and separator. */
  readonly prefix: string;
  /** The value as written, continuation lines joined but escapes untouched. */
  readonly rawValue: string;
  /** The first `\u` that is not followed by four hexadecimal digits; java.util.Properties refuses such a file. */
  readonly malformedEscape: string | null;
}

interface PhysicalLine {
  readonly body: string;
  readonly end: string;
}

/**
 * Splits a text as java.util.Properties.load does (Java SE API, `Properties.load(Reader)`).
 *
 * Joining lines is ours: dot-properties does not continue a line over CR, nor a key over CRLF, nor an escape over any
 * line end. Splitting and unescaping a joined line is the library's.
 */
export function parsePropertiesLines(text: string): PropertiesLine[] {
  const physical = splitPhysicalLines(text);
  const lines: PropertiesLine[] = [];
  let index = 0;
  while (index < physical.length) {
    const next = logicalLineAt(physical, index);
    lines.push(next.line);
    index = next.index;
  }
  return lines;
}

function splitPhysicalLines(text: string): PhysicalLine[] {
  const lines: PhysicalLine[] = [];
  // Java knows three line ends and no others: U+0085 and U+2028 are characters of a value.
  for (const match of text.matchAll(/([^\r\n]*)(\r\n|\r|\n|$)/g)) {
    if (match[0] !== '') lines.push({ body: match[1] ?? '', end: match[2] ?? '' });
  }
  return lines;
}

function logicalLineAt(
  physical: readonly PhysicalLine[],
  start: number,
): { line: PropertiesLine; index: number } {
  let index = start;
  let logical = '';
  let raw = '';
  let dangling = false;
  for (;;) {
    const { body, end } = physical[index] as PhysicalLine;
    const text = body.replace(/^[ \t\f]+/, '');
    raw += body + end;
    index += 1;
    const isComment = logical === '' && (text.startsWith('#') || text.startsWith('!'));
    if (isComment || !endsInLoneBackslash(text)) {
      logical += isComment ? '' : text;
      break;
    }
    logical += text.slice(0, -1);
    dangling = index === physical.length;
    // A line of nothing but a backslash continues nothing: Java then starts afresh, and a comment may follow.
    if (dangling || logical === '') break;
  }
  const lastEnd = physical[index - 1]?.end ?? '';
  // Java's reader yields an empty key here, except behind CRLF. Nobody needs that, but "exactly" is easier to test.
  const emptyKey = dangling && logical === '' && lastEnd !== '\r\n';
  const pair = logical === '' && !emptyKey ? null : splitPair(logical);
  return { line: { raw, line: start + 1, pair, dangling }, index };
}

function endsInLoneBackslash(text: string): boolean {
  const backslashes = /\\*$/.exec(text)?.[0].length ?? 0;
  return backslashes % 2 === 1;
}

function splitPair(logical: string): PropertyPair {
  const [node] = parseLines(logical, true);
  if (!(node instanceof Pair)) {
    return { key: '', value: '', prefix: '=', rawValue: '', malformedEscape: null };
  }
  const [keyStart, keyEnd, valueStart, valueEnd] = node.range as [number, number, number, number];
  const rawValue = logical.slice(valueStart, valueEnd);
  return {
    key: node.key,
    value: node.value,
    // A key alone has no separator yet; a value written behind it needs one.
    prefix: logical.slice(0, valueStart) + (keyEnd === logical.length ? '=' : ''),
    rawValue,
    malformedEscape: malformedEscapeIn(logical.slice(keyStart, keyEnd)) ?? malformedEscapeIn(rawValue),
  };
}

function malformedEscapeIn(raw: string): string | null {
  for (const match of raw.matchAll(/\\(?:u[0-9a-fA-F]{4}|[^])/g)) {
    if (match[0] === '\\u') return raw.slice(match.index, match.index + 6);
  }
  return null;
}

/** A key as java.util.Properties.store writes it: ASCII only, blanks and separators escaped. */
export function escapeKey(key: string): string {
  return escapeText(key).replaceAll(' ', '\\ ');
}

/** A value as java.util.Properties.store writes it: ASCII only, `ldaps\://host\:636`, a leading blank escaped. */
export function escapeValue(value: string): string {
  return escapeText(value).replace(/^ /, '\\ ');
}

const NAMED_ESCAPES: Readonly<Record<string, string>> = {
  '\t': '\\t',
  '\n': '\\n',
  '\r': '\\r',
  '\f': '\\f',
};

function escapeText(text: string): string {
  return text.replace(/[\\=:#!]|[^ -~]/g, (character) => {
    const named = NAMED_ESCAPES[character];
    if (named !== undefined) return named;
    if (character >= ' ' && character <= '~') return `\\${character}`;
    return `\\u${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
  });
}
