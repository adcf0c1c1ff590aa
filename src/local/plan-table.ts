/** The plan of the run in progress, in a table that dies with the process. */

import { createHash, hash } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { isResend, type Change, type ChangeKind } from '../model/plan.ts';
import type { PlanDigest } from './plan-archive.ts';
import { inOneBatch, text } from './sql-rows.ts';

const TABLE = `
  CREATE TEMP TABLE plan (
    seq INTEGER PRIMARY KEY, identity TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, awaits TEXT,
    depth INTEGER NOT NULL DEFAULT 0, change TEXT NOT NULL
  ) STRICT;`;

/** Creations that await each other in a circle come last; who is still without an id then gets his manager afterwards. */
const CIRCULAR_DEPTH = 1_000_000;
const PAGE = 500;
const ID_LENGTH = 12;

export class PlanTable {
  readonly #database: DatabaseSync;
  /** Counted as they come in: reading the table for it costs as much as having written it. */
  readonly #counts: Record<ChangeKind, number> = {
    CREATE: 0,
    UPDATE: 0,
    REACTIVATE: 0,
    DEACTIVATE: 0,
    NONE: 0,
  };
  /** Planned updates without a difference. */
  resends = 0;
  /** Of the digests of all changes: the same in whatever order they come. */
  #sum = 0n;
  #ordered = false;

  constructor(database: DatabaseSync) {
    this.#database = database;
    database.exec(TABLE);
  }

  hasRenames(): boolean {
    if (!this.#holds(['UPDATE', 'REACTIVATE'])) return false;
    const renames = `kind IN ('UPDATE', 'REACTIVATE') AND change ->> '$.from.userName' <> change ->> '$.to.userName'`;
    return this.#database.prepare(`SELECT 1 FROM plan WHERE ${renames} LIMIT 1`).get() !== undefined;
  }

  addChanges(changes: readonly Change[]): void {
    this.#ordered = false;
    const insert = this.#database.prepare(
      'INSERT OR IGNORE INTO plan (identity, kind, awaits, change) VALUES (?, ?, ?, ?)',
    );
    const added: [Change, string][] = [];
    inOneBatch(this.#database, changes, (change) => {
      const json = JSON.stringify(change);
      const { changes: rows } = insert.run(change.identity, change.kind, change.awaitsManager, json);
      if (rows === 1) added.push([change, json]);
    });
    for (const [change, json] of added) {
      this.#counts[change.kind] += 1;
      if (isResend(change)) this.resends += 1;
      this.#sum += BigInt(`0x${hash('sha256', json)}`);
    }
  }

  planned(): Record<ChangeKind, number> {
    // Two counts that need no more than an index each; those who failed are few.
    const unplanned = 'identity NOT IN (SELECT identity FROM plan)';
    const row = this.#database
      .prepare(
        `SELECT (SELECT count(*) FROM desired WHERE ${unplanned})
              - (SELECT count(*) FROM desired WHERE failure IS NOT NULL AND ${unplanned}) AS n`,
      )
      .get();
    return { ...this.#counts, NONE: Number(row?.['n']) };
  }

  #holds(kinds: readonly ChangeKind[]): boolean {
    return kinds.some((kind) => this.#counts[kind] > 0);
  }

  *changes(kinds: readonly ChangeKind[]): Iterable<Change> {
    if (!this.#holds(kinds)) return;
    // Only creations wait for each other; the others keep the order of the table, which needs no index.
    const ordered = kinds.includes('CREATE');
    if (ordered) this.#orderCreations();
    const marks = kinds.map(() => '?').join(', ');
    // Pages rather than one open cursor: the caller commits outcomes while he iterates.
    const page = this.#database.prepare(
      ordered
        ? `SELECT seq, depth, change FROM plan WHERE kind IN (${marks}) AND (depth, seq) > (?, ?)
            ORDER BY depth, seq LIMIT ${PAGE}`
        : `SELECT seq, depth, change FROM plan WHERE kind IN (${marks}) AND ? IS NOT NULL AND seq > ?
            ORDER BY seq LIMIT ${PAGE}`,
    );
    let depth = -1;
    let seq = 0;
    for (;;) {
      const rows = page.all(...kinds, depth, seq);
      for (const row of rows) yield JSON.parse(text(row, 'change')) as Change;
      const last = rows.at(-1);
      if (last === undefined) return;
      depth = Number(last['depth']);
      seq = Number(last['seq']);
    }
  }

  /** Changes of users whom this run has not read, in the order of the plan. */
  *unreadChanges(): Iterable<Change> {
    // Found by the index of identities alone: they are few, and the changes long.
    const rows = this.#database.prepare(
      `SELECT change FROM plan
        WHERE seq IN (SELECT seq FROM plan WHERE identity NOT IN (SELECT identity FROM desired)) ORDER BY seq`,
    );
    for (const row of rows.iterate()) yield JSON.parse(text(row, 'change')) as Change;
  }

  /**
   * Tells plans apart, whatever the order in which their changes were found. A sum, not a combination by exclusive or:
   * of that, somebody who may write entries of the directory could work out another plan with the same id.
   */
  planId(): string {
    return createHash('sha256').update(this.#sum.toString(16)).digest('hex').slice(0, ID_LENGTH);
  }

  /** A digest of each change, by identity: what the comparison with a stored plan is made of. */
  *planDigests(): Iterable<PlanDigest> {
    const rows = this.#database.prepare(
      `SELECT identity, change ->> '$.to.userName' AS name, change FROM plan ORDER BY identity`,
    );
    for (const row of rows.iterate()) {
      const digest = hash('sha256', text(row, 'change'), 'base64');
      yield { identity: text(row, 'identity'), userName: text(row, 'name'), digest };
    }
  }

  #orderCreations(): void {
    if (this.#ordered) return;
    this.#ordered = true;
    this.#database.exec(`
      CREATE INDEX IF NOT EXISTS temp.plan_awaits ON plan (awaits);
      CREATE INDEX IF NOT EXISTS temp.plan_order ON plan (depth, seq);
      UPDATE plan SET depth = ${CIRCULAR_DEPTH} WHERE awaits IS NOT NULL AND kind = 'CREATE';
      WITH RECURSIVE chain (identity, depth) AS (
        SELECT identity, 0 FROM plan WHERE kind = 'CREATE' AND awaits IS NULL
        UNION ALL
        SELECT p.identity, chain.depth + 1 FROM plan p JOIN chain ON p.awaits = chain.identity WHERE p.kind = 'CREATE'
      )
      UPDATE plan SET depth = chain.depth FROM chain WHERE chain.identity = plan.identity`);
  }
}
