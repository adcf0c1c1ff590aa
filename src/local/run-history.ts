/** One row for each live run, however it ended. */

import type { DatabaseSync } from 'node:sqlite';
import type { RunRecord } from '../model/run-log.ts';
import { MetaValues } from './meta-values.ts';
import { json, orNull, text } from './sql-rows.ts';

const STARTS = 10;
const DAY_MS = 24 * 60 * 60 * 1000;
const APPROVED = 'approved_at';
const APPROVALS = 'approvals';
/** Clocks are set right by seconds all the time. */
const CLOCK_SLACK_MS = 10 * 60 * 1000;
const WHOLE = 'whole_run_at';

export class RunHistory {
  readonly #database: DatabaseSync;
  readonly #meta: MetaValues;
  readonly #now: () => Date;
  readonly #runId: string | null;

  /** @param runId of the run that is under way */
  constructor(database: DatabaseSync, now: () => Date = () => new Date(), runId: string | null = null) {
    this.#database = database;
    this.#runId = runId;
    this.#meta = new MetaValues(database);
    this.#now = now;
  }

  /** Of the latest runs, the latest first: enough of them to tell what is usual. */
  starts(): Date[] {
    return this.latest(STARTS).map(({ startedAt }) => new Date(startedAt));
  }

  deactivatedLately(): number {
    const dayAgo = new Date(this.#now().getTime() - DAY_MS).toISOString();
    const row = this.#database
      .prepare(
        `SELECT count(DISTINCT identity) AS n FROM change_log WHERE at > max(?, ?) AND kind = 'DEACTIVATE'
            AND NOT EXISTS (SELECT 1 FROM users WHERE users.identity = change_log.identity AND +active = 1)`,
      )
      .get(dayAgo, this.#pastOnly(this.#meta.get(APPROVED)));
    return Number(row?.['n']);
  }

  noteApproval(reviewed: boolean): void {
    this.#meta.set(APPROVALS, String(this.approvals() + 1));
    if (reviewed) this.#meta.set(APPROVED, this.#now().toISOString());
  }

  approvals(): number {
    return Number(this.#meta.get(APPROVALS) ?? '0');
  }

  clockWentBack(): boolean {
    const whole = this.#meta.get(WHOLE);
    return whole !== null && new Date(whole).getTime() > this.#now().getTime() + CLOCK_SLACK_MS;
  }

  /** A moment that is still to come was written by a clock that went wrong, and would hold for as long. */
  #pastOnly(moment: string | null): string {
    return moment === null || moment > this.#now().toISOString() ? '' : moment;
  }

  hadWholeRun(): boolean {
    return this.#meta.get(WHOLE) !== null;
  }

  noteWholeRun(): void {
    this.#meta.set(WHOLE, this.#now().toISOString());
  }

  /** The latest runs, the latest first. */
  latest(limit: number): RunRecord[] {
    const rows = this.#database.prepare(
      'SELECT run_id, started_at, duration_ms, mode, scope, exit_code, counts FROM runs ORDER BY id DESC LIMIT ?',
    );
    return rows.all(limit).map((row) => ({
      runId: orNull(row, 'run_id'),
      startedAt: text(row, 'started_at'),
      durationMs: Number(row['duration_ms']),
      mode: text(row, 'mode'),
      scope: text(row, 'scope'),
      exitCode: Number(row['exit_code']),
      counts: json(row, 'counts') as Record<string, number>,
    }));
  }

  add(run: Omit<RunRecord, 'runId'>): void {
    this.#database
      .prepare(
        `INSERT INTO runs (run_id, started_at, duration_ms, mode, scope, exit_code, counts)
            VALUES (?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        this.#runId,
        run.startedAt,
        Math.round(run.durationMs),
        run.mode,
        run.scope,
        run.exitCode,
        JSON.stringify(run.counts),
      );
  }
}
