/** Lines and tables for a screen of a given width. Nothing is left out: what has no room goes to the next line. */

import { beginningOf, columnsOf, letters, padded } from './text-width.ts';

/** Escape sequences that colour (ECMA-48, SGR), blanks, and words. */
const PARTS = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m| +|[^ ${String.fromCharCode(27)}]+`, 'g');
/** Behind these a name or path may be broken without being hard to read; rather behind the first ones. */
const SEPARATORS = [/[,;/|&]/, /[@.:_=-]/];
const LEAST_ROOM = 8;

/**
 * A line as lines of at most `columns`, all but the first behind `hanging` blanks. Broken at blanks; a word that is longer
 * than a line, behind a separator of names, or else anywhere between two letters. Infinity leaves it as it is.
 * @param hanging by default two more than the line itself begins with
 */
export function wrapped(line: string, columns: number, hanging = indentOf(line) + 2): string[] {
  if (columnsOf(line) <= columns) return [line];
  const indent = Math.max(0, Math.min(hanging, columns - LEAST_ROOM));
  const lines: string[] = [];
  let current = '';
  let taken = 0;
  let blanks = '';
  let isEmpty = true;
  const breakLine = (): void => {
    lines.push(current);
    current = ' '.repeat(indent);
    taken = indent;
    isEmpty = true;
  };
  const append = (text: string): void => {
    current += text;
    taken += columnsOf(text);
    isEmpty = false;
  };
  for (const part of line.match(PARTS) ?? []) {
    if (part.startsWith(' ')) blanks += part;
    else if (columnsOf(part) === 0) current += part;
    else {
      if (taken + blanks.length + columnsOf(part) <= columns) append(blanks + part);
      else {
        // What is broken in any case begins here, if a good part of it has room.
        const isTooLong = columnsOf(part) > columns - indent;
        const hasRoom = columns - taken > columns / 2;
        if (isEmpty || (isTooLong && hasRoom)) append(blanks);
        else breakLine();
        let rest = part;
        while (taken + columnsOf(rest) > columns) {
          const piece = pieceOf(rest, columns - taken);
          append(piece);
          rest = rest.slice(piece.length);
          breakLine();
        }
        append(rest);
      }
      blanks = '';
    }
  }
  return [...lines, current];
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}

/** At least one letter, or there would be no end. */
function pieceOf(word: string, room: number): string {
  const most = beginningOf(word, room);
  for (const separators of SEPARATORS) {
    for (let at = most.length; at > most.length / 2; at -= 1) {
      if (separators.test(most.charAt(at - 1))) return most.slice(0, at);
    }
  }
  return most === '' ? (letters(word)[0] ?? word) : most;
}

/**
 * The widths of a table's columns, each as wide as its widest cell; where that is more than `columns`, the widest are
 * narrowed first.
 * @param gap blanks between two columns
 */
export function columnWidths(rows: readonly (readonly string[])[], columns: number, gap: number): number[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [at, cell] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, columnsOf(cell));
  }
  const room = columns - gap * (widths.length - 1);
  const total = (): number => widths.reduce((sum, width) => sum + width, 0);
  for (let over = total() - room; over > 0 && over < Infinity; over -= 1) {
    const widest = Math.max(...widths);
    if (widest <= LEAST_ROOM) break;
    widths[widths.indexOf(widest)] = widest - 1;
  }
  return widths;
}

/** One row of a table: as many lines as its longest cell needs, each without blanks at its end. */
export function rowLines(cells: readonly string[], widths: readonly number[], gap: number): string[] {
  const columns = cells.map((cell, at) => wrapped(cell, widths[at] ?? Infinity, 0));
  const height = Math.max(...columns.map(({ length }) => length));
  return Array.from({ length: height }, (_, line) =>
    columns
      .map((column, at) => padded(column[line] ?? '', widths[at] ?? 0))
      .join(' '.repeat(gap))
      .trimEnd(),
  );
}
