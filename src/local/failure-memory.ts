/** What the state remembers of users who fail: why, since when, how often, and when they are tried again. */

import type { DatabaseSync } from 'node:sqlite';
import { prepared } from './sql-rows.ts';
import { LONGEST_RETRY_MS, retryIntervalMs } from '../lib/retry-interval.ts';
import { dnKey } from '../model/dn.ts';
import type { Failure } from '../model/failure.ts';
import { nameKey } from '../model/user.ts';
import type { FailingUser, RememberedFailure } from '../model/state.ts';
import type { Row } from './sql-rows.ts';

export class FailureMemory {
  readonly #database: DatabaseSync;
  readonly #now: () => Date;
  /** The moment of {@link dueIdentities}: whoever comes due, or fails, while the run goes on has not been looked for. */
  #dueBy: string | null = null;

  constructor(database: DatabaseSync, now: () => Date) {
    this.#database = database;
    this.#now = now;
  }

  /** Up to when whoever was due has been looked for, ISO 8601; before {@link dueIdentities} that is now. */
  get dueBy(): string {
    return this.#dueBy ?? this.#now().toISOString();
  }

  dueIdentities(): string[] {
    this.#dueBy = this.#now().toISOString();
    return this.#database
      .prepare(
        `SELECT identity FROM users WHERE failure IS NOT NULL AND (retry_at <= ? OR retry_at > ?)
         UNION ALL SELECT identity FROM users WHERE unsettled IS NOT NULL AND +failure IS NULL`,
      )
      .all(this.#dueBy, this.#latestRetry())
      .map((row) => String(row['identity']));
  }

  /** What is to be tried again later than this was put off by a clock that went wrong. */
  #latestRetry(): string {
    return new Date(Date.parse(this.dueBy) + LONGEST_RETRY_MS).toISOString();
  }

  of(identity: string): RememberedFailure | null {
    const row = prepared(
      this.#database,
      'SELECT * FROM users WHERE identity = ? AND failure IS NOT NULL',
    ).get(identity);
    return row === undefined ? null : rememberedFrom(row);
  }

  /** Of users whom this run did not read, oldest first. */
  *waiting(): Iterable<RememberedFailure> {
    const rows = this.#database.prepare(
      `SELECT * FROM users WHERE failure IS NOT NULL AND identity NOT IN (SELECT identity FROM desired)
        ORDER BY failed_since`,
    );
    for (const row of rows.iterate()) yield rememberedFrom(row);
  }

  add(user: FailingUser, failure: Failure): void {
    const now = this.#now();
    const attempts = (this.of(user.identity)?.attempts ?? 0) + 1;
    prepared(
      this.#database,
      `INSERT INTO users (identity, dn, dn_key, user_name, user_name_key, failure, failed_since, attempts, retry_at)
         VALUES ($identity, $dn, $dnKey, $userName, $nameKey, $failure, $now, $attempts, $retryAt)
         ON CONFLICT (identity) DO UPDATE SET failure = $failure, attempts = $attempts, retry_at = $retryAt,
           failed_since = COALESCE(failed_since, $now)`,
    ).run({
      $identity: user.identity,
      $dn: user.dn,
      $dnKey: dnKey(user.dn),
      $userName: user.userName,
      $nameKey: user.userName === null ? null : nameKey(user.userName),
      $failure: JSON.stringify(failure),
      $now: now.toISOString(),
      $attempts: attempts,
      $retryAt: new Date(now.getTime() + retryIntervalMs(attempts)).toISOString(),
    });
  }

  /**
   * Forgets the failures of users who were read and need nothing, and, where everybody due was looked for by a
   * complete read, of those whose entry was not found. To be called before the scratch tables are gone.
   */
  clearMended(lookedForEverybody: boolean): void {
    const mended = `identity IN (SELECT identity FROM desired WHERE failure IS NULL)
      AND identity NOT IN (SELECT identity FROM plan)`;
    // Only those who were due were looked for: the others may well have an entry. Nor is anybody gone who has just failed
    // without having been read, as a report whose manager moves.
    const gone = `(retry_at <= $now OR retry_at > $latest) AND identity NOT IN (SELECT identity FROM desired)
      AND identity NOT IN (SELECT identity FROM plan)`;
    this.#database
      .prepare(
        `UPDATE users SET failure = NULL, failed_since = NULL, attempts = 0, retry_at = NULL
          WHERE failure IS NOT NULL AND ((${mended}) OR ($everybody = 1 AND ${gone}))`,
      )

      .run({ $now: this.dueBy, $latest: this.#latestRetry(), $everybody: lookedForEverybody ? 1 : 0 });
    this.#database.exec('DELETE FROM users WHERE scim_id IS NULL AND failure IS NULL AND unsettled IS NULL');
  }
}

function rememberedFrom(row: Row): RememberedFailure {
  return {
    identity: String(row['identity']),
    dn: String(row['dn']),
    user: String(row['user_name'] ?? row['dn']),
    failure: JSON.parse(String(row['failure'])) as Failure,
    since: String(row['failed_since']),
    attempts: Number(row['attempts']),
    retryAt: String(row['retry_at']),
  };
}
