/** Every change that the service has confirmed, kept for `state.history.days`. */

import type { DatabaseSync } from 'node:sqlite';
import type { PastChange } from '../model/history.ts';
import type { Change, ChangeKind, DeactivationCause } from '../model/plan.ts';
import { differingAttributes, nameKey, type UserAttribute, type UserResource } from '../model/user.ts';
import { json, orNull, text, type Row, prepared } from './sql-rows.ts';

export const CHANGE_LOG = `
  CREATE TABLE change_log (
    id INTEGER PRIMARY KEY, at TEXT NOT NULL, identity TEXT NOT NULL, user_name TEXT NOT NULL,
    user_name_key TEXT NOT NULL, kind TEXT NOT NULL, cause TEXT, attributes TEXT NOT NULL
  ) STRICT;
  CREATE INDEX change_log_by_identity ON change_log (identity);
  CREATE INDEX change_log_by_name ON change_log (user_name_key);
  CREATE INDEX change_log_by_time ON change_log (at);`;

/** Of a new user: the rest stands in the state as long as it is so, and would double its size. */
const KEPT_OF_NEW: readonly UserAttribute[] = ['userName', 'org', 'roles'];
const DAY_MS = 24 * 60 * 60 * 1000;

export interface ChangeLogOptions {
  /** 0 keeps nothing. */
  readonly days: number;
  /** Attributes whose values are never kept. */
  readonly sensitive: ReadonlySet<UserAttribute>;
}

export const NO_HISTORY: ChangeLogOptions = { days: 0, sensitive: new Set() };

export class ChangeLog {
  readonly #database: DatabaseSync;
  readonly #options: ChangeLogOptions;
  readonly #now: () => Date;

  constructor(database: DatabaseSync, options: ChangeLogOptions, now: () => Date) {
    this.#database = database;
    this.#options = options;
    this.#now = now;
  }

  /** To be called in the transaction that confirms the change. A user who was sent again as he was leaves no row. */
  add({ identity, kind, cause, from }: Change, sent: UserResource): void {
    const { days, sensitive } = this.#options;
    if (days === 0) return;
    const names =
      from === null ? KEPT_OF_NEW.filter((name) => sent[name] !== null) : differingAttributes(from, sent);
    if (kind === 'UPDATE' && names.length === 0) return;
    const values = names.map((name) => [
      name,
      sensitive.has(name) ? null : [from?.[name] ?? null, sent[name]],
    ]);
    prepared(
      this.#database,
      `INSERT INTO change_log (at, identity, user_name, user_name_key, kind, cause, attributes)
          VALUES (?, ?, ?, ?, ?, ?, ?)`,
    ).run(
      this.#now().toISOString(),
      identity,
      sent.userName,
      nameKey(sent.userName),
      kind,
      cause,
      JSON.stringify(Object.fromEntries(values)),
    );
  }

  /** Forgets what is older than it is to be kept. */
  prune(): void {
    const oldest = new Date(this.#now().getTime() - this.#options.days * DAY_MS).toISOString();
    this.#database.prepare('DELETE FROM change_log WHERE at < ?').run(oldest);
  }
}

/** A row of the table, with the id of its run, as a value. */
export function pastChange(row: Row): PastChange {
  const kept = json(row, 'attributes') as Record<UserAttribute, [unknown, unknown] | null>;
  const entries = Object.entries(kept) as [UserAttribute, [unknown, unknown] | null][];
  const shown = entries.flatMap(([name, values]) =>
    values === null ? [] : [[name, { from: values[0], to: values[1] }] as const],
  );
  return {
    runId: orNull(row, 'run_id'),
    at: text(row, 'at'),
    identity: text(row, 'identity'),
    userName: text(row, 'user_name'),
    kind: text(row, 'kind') as ChangeKind,
    cause: orNull(row, 'cause') as DeactivationCause | null,
    attributes: Object.fromEntries(shown),
    withheld: entries.flatMap(([name, values]) => (values === null ? [name] : [])),
  };
}
