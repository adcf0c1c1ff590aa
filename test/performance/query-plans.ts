/** What SQLite does for each statement that is run: by its own account, in the words of EXPLAIN QUERY PLAN. */

import { DatabaseSync } from 'node:sqlite';

export interface PlannedStatement {
  readonly sql: string;
  readonly steps: readonly string[];
}

type Prepare = DatabaseSync['prepare'];
type Exec = DatabaseSync['exec'];

const EXPLAINED = /^(SELECT|WITH|INSERT|UPDATE|DELETE)\b/;

/** The plans of all statements that `work` prepares or executes, each text once. */
export async function plansOf(work: () => Promise<unknown>): Promise<PlannedStatement[]> {
  const plans = new Map<string, PlannedStatement>();
  const { prototype } = DatabaseSync;
  const prepare: Prepare = Reflect.get(prototype, 'prepare');
  const exec: Exec = Reflect.get(prototype, 'exec');
  const explain = (database: DatabaseSync, sql: string): void => {
    if (!EXPLAINED.test(sql) || plans.has(sql)) return;
    const rows = Reflect.apply(prepare, database, [`EXPLAIN QUERY PLAN ${sql}`]).all();
    plans.set(sql, { sql, steps: rows.map(({ detail }) => String(detail)) });
  };
  Reflect.set(prototype, 'prepare', function (this: DatabaseSync, ...args: Parameters<Prepare>) {
    explain(this, args[0].trim());
    return Reflect.apply(prepare, this, args);
  });
  Reflect.set(prototype, 'exec', function (this: DatabaseSync, sql: string) {
    const before = sql.replaceAll(/--.*$/gm, '').split(';');
    // What begins with the creation of a table cannot be explained before that is there.
    if (!/CREATE|ALTER/.test(sql)) for (const one of before) explain(this, one.trim());
    Reflect.apply(exec, this, [sql]);
  });
  try {
    await work();
  } finally {
    Reflect.set(prototype, 'prepare', prepare);
    Reflect.set(prototype, 'exec', exec);
  }
  return [...plans.values()];
}
