/** What the state remembers to see what leaves no trace in the directory: links between entries, moments that pass, who was judged. */

import type { DatabaseSync } from 'node:sqlite';
import type { Memory } from '../model/memory.ts';
import type { Traces, UserTrace } from '../model/traces.ts';
import type { MetaValues } from './meta-values.ts';
import { inOneBatch } from './sql-rows.ts';

/** A row without links and moment says of somebody without an account that he has been judged. */
export const TRACES_TABLE = '(identity TEXT PRIMARY KEY, links TEXT, due_at TEXT) STRICT, WITHOUT ROWID';

const SCRATCH = `
  CREATE TEMP TABLE judged (identity TEXT PRIMARY KEY, links TEXT, due_at TEXT) STRICT, WITHOUT ROWID;
  CREATE TEMP TABLE relinked (identity TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
`;

export class TraceTable implements Traces {
  readonly #database: DatabaseSync;
  readonly #meta: MetaValues;
  readonly #remembers: boolean;
  readonly #now: () => Date;
  readonly #wasEmpty: boolean;
  /** The moment of {@link due}: whoever comes due while the run goes on has not been looked for. */
  #dueBy = '';

  /** @param mode a dry run remembers nothing, and so needs not note what it would */
  constructor(database: DatabaseSync, meta: MetaValues, mode: 'DRY' | 'LIVE', now: () => Date) {
    this.#database = database;
    this.#meta = meta;
    this.#remembers = mode === 'LIVE';
    this.#now = now;
    database.exec(SCRATCH);
    this.#wasEmpty = database.prepare('SELECT 1 FROM traces LIMIT 1').get() === undefined;
  }

  attributes(): readonly string[] | null {
    const value = this.#meta.get('linked_by');
    return value === null ? null : (JSON.parse(value) as string[]);
  }

  add(traces: readonly UserTrace[]): void {
    if (!this.#remembers) return;
    const insert = this.#database.prepare('INSERT OR REPLACE INTO judged VALUES (?, ?, ?)');
    // Who has nothing to be remembered needs a row only if something was remembered before.
    const clear = this.#database.prepare(
      `INSERT OR REPLACE INTO judged SELECT identity, NULL, NULL FROM traces
        WHERE identity = ? AND (links IS NOT NULL OR due_at IS NOT NULL)`,
    );
    inOneBatch(this.#database, traces, ({ identity, links, dueAt }) => {
      if (links !== null || dueAt !== null) insert.run(identity, links, dueAt);
      else if (!this.#wasEmpty) clear.run(identity);
    });
  }

  compare(found: readonly Pick<UserTrace, 'identity' | 'links'>[]): void {
    const remembered = this.#database.prepare('SELECT links FROM traces WHERE identity = ?');
    const note = this.#database.prepare('INSERT OR IGNORE INTO relinked VALUES (?)');
    inOneBatch(this.#database, found, ({ identity, links }) => {
      if (remembered.get(identity)?.['links'] !== links) note.run(identity);
    });
  }

  changed(): string[] {
    return this.#identities(
      'SELECT identity FROM relinked WHERE identity NOT IN (SELECT identity FROM desired)',
    );
  }

  unjudged(): string[] {
    // Both sides are in the order of their keys: one walk along both instead of a look-up for each.
    return this.#identities(
      `SELECT identity FROM present EXCEPT SELECT identity FROM users EXCEPT SELECT identity FROM traces
        EXCEPT SELECT identity FROM desired ORDER BY identity`,
    );
  }

  due(): string[] {
    this.#dueBy = this.#now().toISOString();
    return this.#identities(
      'SELECT identity FROM traces WHERE due_at <= ? AND identity NOT IN (SELECT identity FROM desired)',
      this.#dueBy,
    );
  }

  #identities(sql: string, ...parameters: string[]): string[] {
    return this.#database
      .prepare(sql)
      .all(...parameters)
      .map((row) => String(row['identity']));
  }

  /** To be called inside the transaction that ends the run. */
  remember({ linkedBy, sawEverybody, retriedEverybody }: Memory): void {
    this.#database.exec(`
      INSERT INTO traces SELECT identity, links, due_at FROM judged WHERE links IS NOT NULL OR due_at IS NOT NULL
        ON CONFLICT (identity) DO UPDATE SET links = excluded.links, due_at = excluded.due_at
        WHERE links IS NOT excluded.links OR due_at IS NOT excluded.due_at;
      DELETE FROM traces WHERE identity IN (SELECT identity FROM judged WHERE links IS NULL AND due_at IS NULL);
      INSERT OR IGNORE INTO traces SELECT identity, NULL, NULL FROM desired
        WHERE active = 0 AND failure IS NULL AND identity NOT IN (SELECT identity FROM users);
      DELETE FROM traces WHERE links IS NULL AND due_at IS NULL
        AND identity IN (SELECT identity FROM desired WHERE active = 1);`);
    if (sawEverybody && !this.#wasEmpty) {
      this.#database.exec(`
        DELETE FROM traces
         WHERE identity NOT IN (SELECT identity FROM desired) AND identity NOT IN (SELECT identity FROM present)`);
    }
    if (retriedEverybody) {
      this.#database
        .prepare(
          'UPDATE traces SET due_at = NULL WHERE due_at <= ? AND identity NOT IN (SELECT identity FROM desired)',
        )
        .run(this.#dueBy);
    }
    if (linkedBy !== null) this.#meta.set('linked_by', JSON.stringify(linkedBy));
  }
}
