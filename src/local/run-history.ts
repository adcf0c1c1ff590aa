/** One row for each live run, however it ended. */

import type { DatabaseSync } from 'node:sqlite';
import type { RunRecord } from '../model/state.ts';

export class RunHistory {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  latestStart(): Date | null {
    const row = this.#database.prepare('SELECT started_at FROM runs ORDER BY id DESC LIMIT 1').get();
    return row === undefined ? null : new Date(String(row['started_at']));
  }

  add(run: RunRecord): void {
    this.#database
      .prepare(
        'INSERT INTO runs (started_at, duration_ms, mode, scope, exit_code, counts) VALUES (?, ?, ?, ?, ?, ?)',
      )
      .run(
        run.startedAt,
        Math.round(run.durationMs),
        run.mode,
        run.scope,
        run.exitCode,
        JSON.stringify(run.counts),
      );
  }
}
