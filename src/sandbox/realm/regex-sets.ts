/** The sets and anchors of Java's regular expressions, written for JavaScript with the flag `u`. */

/** Java's names for sets of ASCII characters. */
export const POSIX: Readonly<Record<string, string>> = {
  Lower: 'a-z',
  Upper: 'A-Z',
  ASCII: '\\x00-\\x7f',
  Alpha: 'a-zA-Z',
  Digit: '0-9',
  Alnum: 'a-zA-Z0-9',
  Punct: '!-\\/:-@\\[-`\\{-~',
  Blank: ' \\t',
  XDigit: '0-9a-fA-F',
  Space: ' \\t\\n\\x0b\\f\\r',
  Cntrl: '\\x00-\\x1f\\x7f',
  Graph: '!-~',
  Print: ' -~',
};

/** Sets by their letter; in capitals: all others. */
export const SETS: Readonly<Record<string, string>> = {
  d: '0-9',
  w: 'a-zA-Z0-9_',
  s: ' \\t\\n\\x0b\\f\\r',
  h: ' \\t\\xa0\\u1680\\u180e\\u2000-\\u200a\\u202f\\u205f\\u3000',
  v: '\\n\\x0b\\f\\r\\x85\\u2028\\u2029',
};

export const BREAK = '\\n\\r\\x85\\u2028\\u2029';
const AT_END = '(?![^])';
const WORD = '[\\p{L}\\p{Nd}_]';
const AT_WORD = `(?:(?<=${WORD})(?!${WORD})|(?<!${WORD})(?=${WORD}))`;
const NOT_AT_WORD = `(?:(?<=${WORD})(?=${WORD})|(?<!${WORD})(?!${WORD}))`;
/** Nothing begins or ends between the two halves of a line break. */
const NOT_WITHIN_BREAK = '(?<!\\r(?=\\n))';
export const BEFORE_LAST_BREAK = `${NOT_WITHIN_BREAK}(?=(?:\\r\\n|[${BREAK}])?${AT_END})`;
export const BEFORE_BREAK = `${NOT_WITHIN_BREAK}(?=[${BREAK}]|${AT_END})`;
export const AFTER_BREAK = `(?:(?<![^])|(?<=[\\n\\x85\\u2028\\u2029]|\\r(?!\\n))(?=[^]))`;

export const CHARACTERS: Readonly<Record<string, string>> = {
  ...{ t: '\t', n: '\n', r: '\r', f: '\f', a: '\x07', e: '\x1b' },
};

export const ANCHORS: Readonly<Record<string, string>> = {
  A: '(?<![^])',
  z: AT_END,
  Z: BEFORE_LAST_BREAK,
  b: AT_WORD,
  B: NOT_AT_WORD,
  R: `(?:\\r\\n|[${SETS['v'] ?? ''}])`,
};

/** The set of all that is not in a set. JavaScript has no sets in sets, but it can look twice. */
export function complementOf(ranges: string): string {
  const known = COMPLEMENTS.get(ranges);
  if (known !== undefined) return known;
  const inside = new RegExp(`[${ranges}]`, 'u');
  let out = '';
  let from = 0;
  // All sets end far below: the rest is one range.
  for (let code = 0; code <= 0x3001; code += 1) {
    if (!inside.test(String.fromCharCode(code))) continue;
    if (from < code) out += `${unit(from)}-${unit(code - 1)}`;
    from = code + 1;
  }
  out += `${unit(from)}-\\u{10ffff}`;
  COMPLEMENTS.set(ranges, out);
  return out;
}

const COMPLEMENTS = new Map<string, string>();

function unit(code: number): string {
  return `\\u{${code.toString(16)}}`;
}
