/** What the service was seen to hold otherwise than it was sent, user by user. */

import type { DatabaseSync } from 'node:sqlite';
import type { Deviations, OpenClosure } from '../model/deviations.ts';
import type { UserAttribute, UserResource } from '../model/user.ts';

export const DEVIATIONS = `
  CREATE TABLE deviations (
    identity TEXT PRIMARY KEY, held TEXT NOT NULL, since TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;`;

/** They are few, and known users a million: SQLite begins with them. */
const KNOWN_DEVIATIONS = 'FROM deviations d CROSS JOIN users u ON u.identity = d.identity';

/** Code42 blocks a user at once and shows him as deactivated a quarter of an hour later. */
const CLOSING_MS = 20 * 60_000;

export class DeviationTable implements Deviations {
  readonly #database: DatabaseSync;
  readonly #now: () => Date;
  readonly #dueBy: () => string;

  /** @param dueBy up to when users who failed have been looked for; ISO 8601 */
  constructor(database: DatabaseSync, now: () => Date, dueBy: () => string) {
    this.#database = database;
    this.#now = now;
    this.#dueBy = dueBy;
  }

  /**
   * Notes what an answer to these attributes showed instead of them; what it shows as sent is forgotten. Returns whether it
   * shows anything that was not known before.
   */
  note(identity: string, sent: readonly UserAttribute[], holds: Partial<UserResource>): boolean {
    const row = this.#database.prepare('SELECT held FROM deviations WHERE identity = ?').get(identity);
    if (row === undefined && Object.keys(holds).length === 0) return false;
    const before = row === undefined ? '{}' : String(row['held']);
    const old = Object.entries(JSON.parse(before) as Partial<UserResource>);
    // What was not sent this time is as it was.
    const held = {
      ...Object.fromEntries(old.filter(([name]) => !sent.includes(name as UserAttribute))),
      ...holds,
    };
    const text = JSON.stringify(held, Object.keys(held).sort());
    if (text === before) return false;
    this.#keep(identity, text);
    return Object.keys(holds).length > 0;
  }

  count(): number {
    const known = `SELECT count(*) AS n ${KNOWN_DEVIATIONS}`;
    return Number(this.#database.prepare(known).get()?.['n']);
  }

  openClosures(): OpenClosure[] {
    return this.#database
      .prepare(
        `SELECT d.identity, u.user_name, d.since ${KNOWN_DEVIATIONS}
          WHERE d.held ->> 'active' = 1 AND u.active = 0 AND u.scim_id IS NOT NULL AND d.since <= ?
          ORDER BY d.since, d.identity`,
      )
      .all(new Date(this.#now().getTime() - CLOSING_MS).toISOString())
      .map((row) => ({
        identity: String(row['identity']),
        userName: String(row['user_name']),
        since: String(row['since']),
      }));
  }

  closed(identity: string): void {
    this.note(identity, ['active'], {});
  }

  // The signs keep SQLite from all indexes but that of the unsettled, who are few.
  leftOpen(): { identity: string; userName: string }[] {
    return this.#database
      .prepare(
        `SELECT identity, user_name FROM users
          WHERE unsettled IS NOT NULL AND (',' || unsettled || ',') LIKE '%,active,%'
            AND +active = 1 AND +scim_id IS NOT NULL AND (+failure IS NULL OR +retry_at <= ?)
            AND identity NOT IN (SELECT identity FROM desired) AND identity NOT IN (SELECT identity FROM present)
          ORDER BY +user_name_key`,
      )
      .all(this.#dueBy())
      .map((row) => ({ identity: String(row['identity']), userName: String(row['user_name']) }));
  }

  release(identity: string): void {
    this.#database.prepare('UPDATE users SET unsettled = NULL WHERE identity = ?').run(identity);
  }

  #keep(identity: string, held: string): void {
    if (held === '{}') {
      this.#database.prepare('DELETE FROM deviations WHERE identity = ?').run(identity);
      return;
    }
    this.#database
      .prepare(
        'INSERT INTO deviations VALUES (?, ?, ?) ON CONFLICT (identity) DO UPDATE SET held = excluded.held, since = excluded.since',
      )
      .run(identity, held, this.#now().toISOString());
  }
}
