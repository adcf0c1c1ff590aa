/** A whole copy of an open state file, for its owner alone. */

import { closeSync, openSync, renameSync, rmSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';

/**
 * Copies what the database holds, with what its log still holds, to `path`, which is replaced; mode 0600. The copy appears
 * whole or not at all.
 * @throws Error of SQLite or of the file system
 */
export function copyState(database: DatabaseSync, path: string): void {
  const unfinished = `${path}.part`;
  try {
    rmSync(unfinished, { force: true });
    // Made by us and still empty: SQLite would make it readable by everybody.
    closeSync(openSync(unfinished, 'wx', 0o600));
    // A copy made by SQLite is whole; a copy of the file alone need not be.
    database.prepare('VACUUM INTO ?').run(unfinished);
    renameSync(unfinished, path);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw error;
  }
}
