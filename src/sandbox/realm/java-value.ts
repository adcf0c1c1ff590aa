/** Values as Java's methods show them. */

/** Text of anything, as Java's `String.valueOf`. */
export function toText(value: unknown): string {
  return `${(value ?? null) as string | null}`;
}
