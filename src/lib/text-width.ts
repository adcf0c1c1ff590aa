/** How many columns of a terminal a text takes: East Asian letters and emoji take two, marks upon letters none. */

const ASCII = /^[\x20-\x7e]*$/;
/** A sequence that colours text (ECMA-48, SGR): it has a length and no width. */
const COLOUR = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g');
/** Shown as one picture, whatever it is put together from: a family, a flag, a key cap. */
const PICTURE =
  /^(?:\p{Emoji_Presentation}|\p{Extended_Pictographic}\uFE0F|\p{RI}\p{RI}|[0-9#*]\uFE0F?\u20E3)/u;
/** Wide and Fullwidth of Unicode's East Asian Width (UAX #11), by blocks. */
const WIDE =
  /[\u1100-\u115F\u2329\u232A\u2E80-\u303E\u3041-\u3247\u3250-\uA4CF\uA960-\uA97C\uAC00-\uD7A3\uF900-\uFAFF\uFE10-\uFE19\uFE30-\uFE6B\uFF01-\uFF60\uFFE0-\uFFE6\u{16FE0}-\u{18DFF}\u{1AFF0}-\u{1B2FF}\u{1F200}-\u{1F265}\u{20000}-\u{3FFFD}]/u;
/** Stand upon, or within, the letter before them; the later parts of a Korean syllable, too. */
const MARK = /\p{Mn}|\p{Me}|\p{Cf}|[\u1160-\u11FF]/u;
const ELLIPSIS = '…';

/** Made when the first text needs it: it takes longer than most commands. */
let segmenter: Intl.Segmenter | null = null;

/** What a person takes for one letter (UAX #29): a text may be cut between two of them, and nowhere else. */
export function letters(text: string): string[] {
  if (ASCII.test(text)) return [...text];
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

/** The columns that a text on one line takes; sequences that colour it take none. */
export function columnsOf(text: string): number {
  if (ASCII.test(text)) return text.length;
  let columns = 0;
  for (const letter of letters(text.replace(COLOUR, ''))) columns += columnsOfLetter(letter);
  return columns;
}

function columnsOfLetter(letter: string): number {
  if (PICTURE.test(letter)) return 2;
  let columns = 0;
  for (const character of letter) columns += MARK.test(character) ? 0 : WIDE.test(character) ? 2 : 1;
  return columns;
}

/** `padEnd` in columns. */
export function padded(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - columnsOf(text)));
}

/** The text where it has room; else as much of its beginning as there is room for, and an ellipsis. */
export function shortened(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text;
  return beginningOf(text, columns - 1) + ELLIPSIS;
}

/** The longest beginning of a text without colours that takes at most so many columns. */
export function beginningOf(text: string, columns: number): string {
  let beginning = '';
  let taken = 0;
  for (const letter of letters(text)) {
    taken += columnsOfLetter(letter);
    if (taken > columns) break;
    beginning += letter;
  }
  return beginning;
}
