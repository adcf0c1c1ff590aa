/** The few single values of the state file: the watermark, the service, the number of the latest run, the live scripts. */

import type { DatabaseSync } from 'node:sqlite';
import { prepared } from './sql-rows.ts';

export type MetaKey =
  | 'watermark'
  | 'scope_key'
  | 'service'
  | 'learned'
  | 'short_walk'
  | 'doubles'
  | 'run_number'
  | 'writing'
  | 'live_scripts'
  | 'linked_by'
  | 'unmanaged'
  | 'approved_at'
  | 'whole_run_at'
  | 'approvals'
  | 'population_key'
  | 'configuration';

export class MetaValues {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  get(key: MetaKey): string | null {
    const row = prepared(this.#database, 'SELECT value FROM meta WHERE key = ?').get(key);
    return row === undefined ? null : String(row['value']);
  }

  /** Writes nothing where the value is there already. */
  set(key: MetaKey, value: string): void {
    prepared(
      this.#database,
      'INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value WHERE value <> excluded.value',
    ).run(key, value);
  }

  remove(key: MetaKey): void {
    prepared(this.#database, 'DELETE FROM meta WHERE key = ?').run(key);
  }
}
