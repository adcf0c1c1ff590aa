/** Makes text from elsewhere (a directory, a service, a file) safe to show on a terminal or in a log line. */

/**
 * What may not reach a screen as it is: control characters (`Cc`: a line feed forges a log line, an escape sequence
 * rewrites the screen), line and paragraph separators, the format marks that make text read in another order than it
 * is stored, and those that nobody sees, which make two different names look alike. The joiners U+200C and U+200D stay:
 * Persian and Indian names need them.
 */
const UNPRINTABLE =
  /[\p{Cc}\p{Zl}\p{Zp}\u00AD\u061C\u180E\u200B\u200E\u200F\u202A-\u202E\u2060-\u206F\uFEFF\uFFF9-\uFFFB\u{E0000}-\u{E007F}]/gu;

const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** The text on one line, each unprintable character written as an escape: `\n`, `\r`, `\t`, `\u{1b}`. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return NAMED[character] ?? `\\u{${code.toString(16)}}`;
  });
}
