/** The scratch tables of the run in progress: who is wanted, who was seen, and the plan. They die with the process. */

import { createHash } from 'node:crypto';
import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import type { Decision } from '../model/decision.ts';
import { dnKey } from '../model/dn.ts';
import type { Failure } from '../model/failure.ts';
import type { Change, ChangeKind } from '../model/plan.ts';
import type { Comparison, Dependent, DesiredUser, KnownUser, ManagerLink } from '../model/state.ts';
import type { UserResource } from '../model/user.ts';
import { nameKey } from './known-users.ts';
import { resourceText } from './resource-text.ts';

export type Row = Record<string, SQLOutputValue>;

const TABLES = `
  CREATE TEMP TABLE desired (
    identity TEXT PRIMARY KEY, dn TEXT NOT NULL, dn_key TEXT NOT NULL, manager_dn_key TEXT,
    user_name TEXT, user_name_key TEXT, decision TEXT, resource TEXT, failure TEXT, active INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TEMP TABLE present (identity TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
  CREATE TEMP TABLE plan (
    seq INTEGER PRIMARY KEY, identity TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, awaits TEXT,
    depth INTEGER NOT NULL DEFAULT 0, change TEXT NOT NULL
  ) STRICT;
`;

/** Creations that await each other in a circle come last; who is still without an id then gets his manager afterwards. */
const CIRCULAR_DEPTH = 1_000_000;
const PAGE = 500;

// md: the manager as this run read him. mu: the same as known so far. mk: a manager whom only the state knows.
const MANAGER_JOINS = `
  LEFT JOIN desired md ON md.dn_key = x.manager_dn_key
  LEFT JOIN users mu ON mu.identity = md.identity
  LEFT JOIN users mk ON mk.dn_key = x.manager_dn_key AND md.identity IS NULL`;
const MANAGER_COLUMNS = `
  COALESCE(mu.scim_id, mk.scim_id) AS manager_id,
  CASE WHEN md.active = 1 AND mu.scim_id IS NULL THEN md.identity END AS manager_awaited`;
const KNOWN_COLUMNS = `u.identity AS k_identity, u.dn AS k_dn, u.scim_id, u.confirmed, u.manager_scim_id, u.missed`;

export class Scratch {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    database.exec(TABLES);
  }

  addDesired(users: readonly DesiredUser[]): void {
    const insert = this.#database.prepare(
      'INSERT OR REPLACE INTO desired VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    );
    this.#batch(users, (user) =>
      insert.run(
        user.identity,
        user.dn,
        dnKey(user.dn),
        user.managerDn === null ? null : dnKey(user.managerDn),
        user.userName,
        user.userName === null ? null : nameKey(user.userName),
        user.decision === null ? null : JSON.stringify(user.decision),
        user.resource === null ? null : resourceText(user.resource),
        user.failure === null ? null : JSON.stringify(user.failure),
        user.failure === null && user.decision?.active === true ? 1 : 0,
      ),
    );
  }

  addPresent(identities: readonly string[]): void {
    const insert = this.#database.prepare('INSERT OR IGNORE INTO present VALUES (?)');
    this.#batch(identities, (identity) => insert.run(identity));
  }

  hasDesired(identity: string): boolean {
    return this.#database.prepare('SELECT 1 FROM desired WHERE identity = ?').get(identity) !== undefined;
  }

  desiredCount(): { all: number; active: number } {
    const row = this.#database
      .prepare('SELECT count(*) AS n, COALESCE(sum(active), 0) AS active FROM desired')
      .get();
    return { all: Number(row?.['n']), active: Number(row?.['active']) };
  }

  /** The identity of the wanted user with this externalId or, failing that, with this userName. */
  identityFor(externalId: string | null, userName: string | null): string | null {
    if (externalId !== null && this.hasDesired(externalId)) return externalId;
    if (externalId !== null || userName === null) return null;
    this.#indexDesired();
    const rows = this.#database
      .prepare('SELECT identity FROM desired WHERE user_name_key = ? LIMIT 2')
      .all(nameKey(userName));
    return rows.length === 1 ? String(rows[0]?.['identity']) : null;
  }

  failClashes(): void {
    this.#indexDesired();
    const clashes = this.#database.prepare(`
      SELECT d.identity, d.user_name, group_concat(o.dn, ' and ') AS others
        FROM desired d JOIN desired o ON o.user_name_key = d.user_name_key AND o.identity <> d.identity
       WHERE d.active = 1 AND o.active = 1
       GROUP BY d.identity`);
    const fail = this.#database.prepare('UPDATE desired SET failure = ?, active = 0 WHERE identity = ?');
    this.#batch(clashes.all(), (row) => {
      const failure: Failure = {
        stage: 'CONFLICT',
        message: `userName ${String(row['user_name'])} is also claimed by ${String(row['others'])}. Give each entry its own.`,
      };
      fail.run(JSON.stringify(failure), text(row, 'identity'));
    });
  }

  *comparisons(which: 'ALL' | 'DIFFERING'): Iterable<Comparison> {
    this.#indexDesired();
    const unchanged = `x.failure IS NULL AND x.resource = u.confirmed
      AND COALESCE(mu.scim_id, mk.scim_id) IS u.manager_scim_id
      AND NOT (md.active = 1 AND mu.scim_id IS NULL)`;
    const unwanted = `x.failure IS NULL AND x.active = 0 AND u.scim_id IS NULL`;
    const where = which === 'ALL' ? '' : `WHERE NOT COALESCE(${unchanged}, 0) AND NOT (${unwanted})`;
    const rows = this.#database
      .prepare(
        `SELECT x.*, ${KNOWN_COLUMNS}, ${MANAGER_COLUMNS} FROM desired x
           LEFT JOIN users u ON u.identity = x.identity ${MANAGER_JOINS} ${where} ORDER BY x.user_name_key`,
      )
      .iterate();
    let previous: unknown = null;
    for (const row of rows) {
      // Two entries under DNs that only the server can tell apart may both look like somebody's manager.
      if (row['identity'] === previous) continue;
      previous = row['identity'];
      yield { desired: desiredFrom(row), known: knownFrom(row), manager: managerFrom(row) };
    }
  }

  *dependents(): Iterable<Dependent> {
    const rows = this.#database
      .prepare(
        `SELECT ${KNOWN_COLUMNS}, ${MANAGER_COLUMNS} FROM desired md
           JOIN users x ON x.manager_dn_key = md.dn_key
           JOIN users u ON u.identity = x.identity
           LEFT JOIN users mu ON mu.identity = md.identity
           LEFT JOIN users mk ON 0
          WHERE u.active = 1 AND u.scim_id IS NOT NULL AND u.identity NOT IN (SELECT identity FROM desired)
            AND (mu.scim_id IS NOT u.manager_scim_id OR (md.active = 1 AND mu.scim_id IS NULL))`,
      )
      .iterate();
    for (const row of rows) {
      const known = knownFrom(row);
      if (known !== null) yield { known, manager: managerFrom(row) };
    }
  }

  *absentees(): Iterable<KnownUser> {
    const rows = this.#database
      .prepare(
        `SELECT ${KNOWN_COLUMNS} FROM users u
          WHERE u.active = 1 AND u.scim_id IS NOT NULL
            AND u.identity NOT IN (SELECT identity FROM desired)
            AND u.identity NOT IN (SELECT identity FROM present) ORDER BY u.user_name_key`,
      )
      .iterate();
    for (const row of rows) {
      const known = knownFrom(row);
      if (known !== null) yield known;
    }
  }

  addChanges(changes: readonly Change[]): void {
    const insert = this.#database.prepare(
      'INSERT OR IGNORE INTO plan (identity, kind, awaits, change) VALUES (?, ?, ?, ?)',
    );
    this.#batch(changes, (change) =>
      insert.run(change.identity, change.kind, change.awaitsManager, JSON.stringify(change)),
    );
  }

  planned(): Record<ChangeKind, number> {
    const planned = { CREATE: 0, UPDATE: 0, REACTIVATE: 0, DEACTIVATE: 0, NONE: 0 };
    for (const row of this.#database.prepare('SELECT kind, count(*) AS n FROM plan GROUP BY kind').all()) {
      planned[text(row, 'kind') as ChangeKind] = Number(row['n']);
    }
    const unplanned = this.#database
      .prepare(
        'SELECT count(*) AS n FROM desired WHERE failure IS NULL AND identity NOT IN (SELECT identity FROM plan)',
      )
      .get();
    return { ...planned, NONE: Number(unplanned?.['n']) };
  }

  *changes(kinds: readonly ChangeKind[]): Iterable<Change> {
    this.#orderCreations();
    const marks = kinds.map(() => '?').join(', ');
    // Pages rather than one open cursor: the caller commits outcomes while he iterates.
    const page = this.#database.prepare(
      `SELECT seq, depth, change FROM plan WHERE kind IN (${marks}) AND (depth, seq) > (?, ?)
        ORDER BY depth, seq LIMIT ${PAGE}`,
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

  *failures(): Iterable<DesiredUser & { failure: Failure }> {
    for (const row of this.#database
      .prepare('SELECT * FROM desired WHERE failure IS NOT NULL ORDER BY dn')
      .iterate()) {
      const desired = desiredFrom(row);
      if (desired.failure !== null) yield { ...desired, failure: desired.failure };
    }
  }

  planId(): string {
    const hash = createHash('sha256');
    for (const { digest } of this.planDigests()) hash.update(digest);
    return hash.digest('hex').slice(0, 12);
  }

  /** A digest of each change, by identity: what the plan's id and its comparison with a stored plan are made of. */
  *planDigests(): Iterable<{ identity: string; userName: string; digest: string }> {
    const rows = this.#database.prepare(
      `SELECT identity, change ->> '$.to.userName' AS name, change FROM plan ORDER BY identity`,
    );
    for (const row of rows.iterate()) {
      const digest = createHash('sha256').update(text(row, 'change')).digest('base64');
      yield { identity: text(row, 'identity'), userName: text(row, 'name'), digest };
    }
  }

  #orderCreations(): void {
    this.#database.exec(`
      CREATE INDEX IF NOT EXISTS temp.plan_awaits ON plan (awaits);
      UPDATE plan SET depth = ${CIRCULAR_DEPTH} WHERE awaits IS NOT NULL AND kind = 'CREATE';
      WITH RECURSIVE chain (identity, depth) AS (
        SELECT identity, 0 FROM plan WHERE kind = 'CREATE' AND awaits IS NULL
        UNION ALL
        SELECT p.identity, chain.depth + 1 FROM plan p JOIN chain ON p.awaits = chain.identity WHERE p.kind = 'CREATE'
      )
      UPDATE plan SET depth = chain.depth FROM chain WHERE chain.identity = plan.identity`);
  }

  /** Built once the rows are in: an index that grows row by row costs twice as much. */
  #indexDesired(): void {
    this.#database.exec(`
      CREATE INDEX IF NOT EXISTS temp.desired_by_name ON desired (user_name_key);
      CREATE INDEX IF NOT EXISTS temp.desired_by_dn ON desired (dn_key);`);
  }

  #batch<T>(items: readonly T[], each: (item: T) => void): void {
    this.#database.exec('BEGIN');
    try {
      for (const item of items) each(item);
      this.#database.exec('COMMIT');
    } catch (error) {
      this.#database.exec('ROLLBACK');
      throw error;
    }
  }
}

function text(row: Row, column: string): string {
  return String(row[column]);
}

function json(row: Row, column: string): unknown {
  const value = row[column];
  return typeof value === 'string' ? (JSON.parse(value) as unknown) : null;
}

function orNull(row: Row, column: string): string | null {
  const value = row[column];
  return typeof value === 'string' ? value : null;
}

function desiredFrom(row: Row): DesiredUser {
  return {
    identity: text(row, 'identity'),
    dn: text(row, 'dn'),
    managerDn: orNull(row, 'manager_dn_key'),
    userName: orNull(row, 'user_name'),
    decision: json(row, 'decision') as Decision | null,
    resource: json(row, 'resource') as UserResource | null,
    failure: json(row, 'failure') as Failure | null,
  };
}

function knownFrom(row: Row): KnownUser | null {
  if (typeof row['k_identity'] !== 'string') return null;
  const confirmed = json(row, 'confirmed') as UserResource | null;
  return {
    identity: row['k_identity'],
    dn: text(row, 'k_dn'),
    scimId: orNull(row, 'scim_id'),
    confirmed: confirmed === null ? null : { ...confirmed, manager: orNull(row, 'manager_scim_id') },
    missedCount: Number(row['missed']),
  };
}

function managerFrom(row: Row): ManagerLink {
  const awaited = orNull(row, 'manager_awaited');
  if (awaited !== null) return { kind: 'AWAITED', identity: awaited };
  const scimId = orNull(row, 'manager_id');
  return scimId === null ? { kind: 'NONE' } : { kind: 'KNOWN', scimId };
}
