/** Counts what SQLite is asked to do, by the methods of node:sqlite that run statements. */

import { DatabaseSync, StatementSync } from 'node:sqlite';

type Method = (this: unknown, ...args: unknown[]) => unknown;

const COUNTED: readonly (readonly [object, string])[] = [
  [DatabaseSync.prototype, 'exec'],
  [StatementSync.prototype, 'run'],
  [StatementSync.prototype, 'get'],
  [StatementSync.prototype, 'all'],
  [StatementSync.prototype, 'iterate'],
];

/** How many statements `work` runs; a batch of several in one text is one. */
export async function countedStatements(work: () => Promise<unknown>): Promise<number> {
  let count = 0;
  const originals = COUNTED.map(([owner, name]) => {
    const original = Reflect.get(owner, name) as Method;
    const counting: Method = function (...args) {
      count += 1;
      return Reflect.apply(original, this, args);
    };
    Reflect.set(owner, name, counting);
    return () => Reflect.set(owner, name, original);
  });
  try {
    await work();
  } finally {
    for (const restore of originals) restore();
  }
  return count;
}
