/** Turns a state file into one that a program of an older format has left. */

import { readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** `N.sql` holds the tables as the last program of format N made them, `N-first.sql` those of the first one. */
export const FORMATS = join(import.meta.dirname, 'state-formats');

/** Writes what the state file knows into a file of an older format, as far as that one has room for it. */
export function makeOlder(path: string, schema: string): void {
  const older = new DatabaseSync(`${path}.older`);
  older.exec(readFileSync(schema, 'utf8'));
  older.exec(`ATTACH '${path}' AS present`);
  const names = (sql: string): string[] =>
    older
      .prepare(sql)
      .all()
      .map(({ name }) => String(name));
  for (const table of names("SELECT name FROM main.sqlite_schema WHERE type = 'table'")) {
    const present = new Set(names(`PRAGMA present.table_info(${table})`));
    const columns = names(`PRAGMA main.table_info(${table})`).filter((column) => present.has(column));
    const list = columns.join(', ');
    older.exec(`INSERT INTO main.${table} (${list}) SELECT ${list} FROM present.${table}`);
  }
  older.close();
  rmSync(path);
  renameSync(`${path}.older`, path);
}
