/** Rows of SQLite as values, and many writes as one. */

import type { DatabaseSync, SQLOutputValue, StatementSync } from 'node:sqlite';

/** Of a known user `u`. The sign keeps SQLite from beginning with everybody who is present, once for each other row. */
export const IS_PRESENT = 'AND +u.identity IN (SELECT identity FROM present)';

export type Row = Record<string, SQLOutputValue>;

export function text(row: Row, column: string): string {
  return String(row[column]);
}

/** Parsed JSON; `null` where the column is. */
export function json(row: Row, column: string): unknown {
  const value = row[column];
  return typeof value === 'string' ? (JSON.parse(value) as unknown) : null;
}

export function orNull(row: Row, column: string): string | null {
  const value = row[column];
  return typeof value === 'string' ? value : null;
}

const STATEMENTS = new WeakMap<DatabaseSync, Map<string, StatementSync>>();

/**
 * A statement that is compiled once for a database: compiling costs more than running what concerns one user. Only for
 * `run`, `get` and `all`, which are done when they return; two iterations over one statement would disturb each other.
 */
export function prepared(database: DatabaseSync, sql: string): StatementSync {
  const statements = STATEMENTS.get(database) ?? new Map<string, StatementSync>();
  STATEMENTS.set(database, statements);
  const statement = statements.get(sql) ?? database.prepare(sql);
  statements.set(sql, statement);
  return statement;
}

/** Calls `each` inside one transaction. */
export function inOneBatch<T>(database: DatabaseSync, items: readonly T[], each: (item: T) => void): void {
  database.exec('BEGIN');
  try {
    for (const item of items) each(item);
    database.exec('COMMIT');
  } catch (error) {
    rollBack(database);
    throw error;
  }
}

/** A full disk has SQLite roll back by itself: then there is nothing left to undo, and the first error must not be lost. */
function rollBack(database: DatabaseSync): void {
  if (database.isTransaction) database.exec('ROLLBACK');
}

/** Does the work wholly or not at all. A dry run may write to its temporary tables only, and may not lock the file. */
export function inTransaction(database: DatabaseSync, mode: 'DRY' | 'LIVE', work: () => void): void {
  database.exec(mode === 'DRY' ? 'BEGIN' : 'BEGIN IMMEDIATE');
  try {
    work();
    database.exec('COMMIT');
  } catch (error) {
    rollBack(database);
    throw error;
  }
}
