/** Accounts that were looked for and not found: one "nobody" is not believed, several over a day are. */

import type { DatabaseSync } from 'node:sqlite';

/**
 * So many runs must have been told "nobody", over so long a time, before somebody counts as not being there: services
 * show late what they hold, and a replica may not know of it for a moment. See docs/decisions/engine.md, "One 'nobody' is
 * not believed".
 */
export const LOOKUPS_IN_VAIN = 3;
export const LEAST_SOUGHT_MS = 24 * 3_600_000;

/** The accounts under ids that we know. Those of creations without an answer are in `LostCreations`, in the same columns. */
export class VainLookups {
  readonly #database: DatabaseSync;
  readonly #now: () => Date;

  constructor(database: DatabaseSync, now: () => Date) {
    this.#database = database;
    this.#now = now;
    database.exec('CREATE TEMP TABLE vain (identity TEXT PRIMARY KEY) STRICT, WITHOUT ROWID');
  }

  /** This run was told that the account is not there; however often, it counts once, and when the run ends. */
  add(identity: string): void {
    this.#database.prepare('INSERT OR IGNORE INTO vain VALUES (?)').run(identity);
  }

  /** The account has been seen, or is about to be written: the count begins anew. */
  reset(identity: string): void {
    this.#database.prepare('DELETE FROM vain WHERE identity = ?').run(identity);
    this.#database
      .prepare(
        `UPDATE users SET vain_lookups = 0, sought_since = NULL
          WHERE identity = ? AND vain_lookups <> 0 AND scim_id IS NOT NULL`,
      )
      .run(identity);
  }

  /** Whoever was last looked for before this moment, and is one look-up from being forgotten, may be looked for again. */
  get lastLookBefore(): string {
    return new Date(this.#now().getTime() - LEAST_SOUGHT_MS).toISOString();
  }

  /** Counts the look-ups of this run; returns whom the service has by now denied often enough and for long enough. */
  remember(): string[] {
    this.#database
      .prepare(
        `UPDATE users SET vain_lookups = vain_lookups + 1, sought_since = COALESCE(sought_since, ?)
          WHERE identity IN (SELECT identity FROM vain) AND scim_id IS NOT NULL`,
      )
      .run(this.#now().toISOString());
    return this.#database
      .prepare(
        `SELECT identity FROM users WHERE identity IN (SELECT identity FROM vain) AND scim_id IS NOT NULL
            AND vain_lookups >= ${LOOKUPS_IN_VAIN} AND sought_since <= ?`,
      )
      .all(this.lastLookBefore)
      .map((row) => String(row['identity']));
  }
}
