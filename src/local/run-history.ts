/** One row for each live run, however it ended. */

import type { DatabaseSync } from 'node:sqlite';
import type { RunRecord } from '../model/state.ts';
import { json, text } from './sql-rows.ts';

const STARTS = 10;

export class RunHistory {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** Of the latest runs, the latest first: enough of them to tell what is usual. */
  starts(): Date[] {
    return this.latest(STARTS).map(({ startedAt }) => new Date(startedAt));
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
