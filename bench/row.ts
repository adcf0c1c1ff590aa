/** What a benchmark says: a figure with its unit, what it was measured against, and the goal it has. */

export interface Row {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What the value is a ratio to, or how it was come by. */
  readonly note: string;
  /** `at most` or `at least` so much; absent where the figure stands for itself. */
  readonly goal?: { readonly atMost?: number; readonly atLeast?: number };
}

export interface BenchOptions {
  /** 10,000 users and few rounds: under a minute. */
  readonly quick: boolean;
  /** A million users as well. */
  readonly large: boolean;
  /** Where loaded directories and states of known users are kept from one time to the next. */
  readonly cache: string;
}

export type Benchmark = (options: BenchOptions) => AsyncGenerator<Row>;

export function isReached({ value, goal }: Row): boolean | null {
  if (goal === undefined) return null;
  return value <= (goal.atMost ?? Infinity) && value >= (goal.atLeast ?? -Infinity);
}

export function rowText(row: Row): string {
  const { name, value, unit, note, goal } = row;
  const shown = Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(2);
  const reached = isReached(row);
  const limit = goal?.atMost === undefined ? `at least ${goal?.atLeast}` : `at most ${goal.atMost}`;
  const verdict = reached === null ? '' : `  ${reached ? 'reached' : 'MISSED'} (${limit})`;
  return `${name.padEnd(58)} ${shown.padStart(9)} ${unit.padEnd(3)}${verdict}${note === '' ? '' : `  ${note}`}`;
}
