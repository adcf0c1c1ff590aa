/** One row for each live run, however it ended. */

import type { DatabaseSync } from 'node:sqlite';
import type { RunRecord } from '../model/state.ts';
import { json, text } from './sql-rows.ts';

export class RunHistory {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  latestStart(): Date | null {
    const row = this.#database.prepare('SELECT started_at FROM runs ORDER BY id DESC LIMIT 1').get();
    return row === undefined ? null : new Date(String(row['started_at']));
  }

  /** The latest runs, the latest first. */
  latest(limit: number): RunRecord[] {
    const rows = this.#database.prepare(
      'SELECT started_at, duration_ms, mode, scope, exit_code, counts FROM runs ORDER BY id DESC LIMIT ?',
    );
    return rows.all(limit).map((row) => ({
      startedAt: text(row, 'started_at'),
      durationMs: Number(row['duration_ms']),
      mode: text(row, 'mode'),
      scope: text(row, 'scope'),
      exitCode: Number(row['exit_code']),
      counts: json(row, 'counts') as Record<string, number>,
    }));
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
