/** Changes to the text of a script that never add or remove a line, so that line numbers stay true. */

/** Replace `start`..`end` of the source by `text`. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** An insertion that ends what an earlier one began: it stands before all that begins at the same place. */
  readonly closes?: boolean;
}

/**
 * The source with all edits made. Replacements must not overlap. Insertions at one place nest: what was noted later lies
 * further outside, as a parser notes the inner of two expressions first.
 */
export function applyEdits(source: string, edits: readonly Edit[]): string {
  const numbered = edits.map((edit, order) => ({ edit, order, rank: rankOf(edit) }));
  numbered.sort(
    (a, b) =>
      a.edit.start - b.edit.start ||
      a.rank - b.rank ||
      (a.edit.closes === true ? a.order - b.order : b.order - a.order),
  );
  const pieces: string[] = [];
  let at = 0;
  for (const { edit } of numbered) {
    pieces.push(source.slice(at, edit.start), edit.text);
    at = Math.max(at, edit.end);
  }
  return pieces.join('') + source.slice(at);
}

function rankOf(edit: Edit): number {
  if (edit.closes === true) return 0;
  return edit.start === edit.end ? 1 : 2;
}

/** A text as long in lines as the one it replaces. */
export function keepingLines(text: string, replaced: string): string {
  return text + (replaced.match(/\r\n|[\n\r\u2028\u2029]/g) ?? []).join('');
}
