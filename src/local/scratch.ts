/** The scratch tables of the run in progress: who is wanted, who was seen, and the plan. They die with the process. */

import { createHash } from 'node:crypto';
import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import type { Decision } from '../model/decision.ts';
import { dnKey } from '../model/dn.ts';
import type { Failure } from '../model/failure.ts';
import type { Change, ChangeKind } from '../model/plan.ts';
import type { RemoteUser } from '../model/ports.ts';
import type { Comparison, Dependent, DesiredUser, KnownUser, ManagerLink } from '../model/state.ts';
import { nameKey, type UserResource } from '../model/user.ts';
import { resourceText } from './resource-text.ts';

export type Row = Record<string, SQLOutputValue>;

const TABLES = `
  CREATE TEMP TABLE desired (
    identity TEXT PRIMARY KEY, dn TEXT NOT NULL, dn_key TEXT NOT NULL, manager_dn_key TEXT,
    user_name TEXT, user_name_key TEXT, decision TEXT, resource TEXT, failure TEXT, active INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TEMP TABLE present (identity TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
  CREATE TEMP TABLE desired_dns (dn_key TEXT PRIMARY KEY, identity TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TEMP TABLE found (
    scim_id TEXT PRIMARY KEY, external_id TEXT, user_name_key TEXT, resource TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TEMP TABLE plan (
    seq INTEGER PRIMARY KEY, identity TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, awaits TEXT,
    depth INTEGER NOT NULL DEFAULT 0, change TEXT NOT NULL
  ) STRICT;
`;

/** Creations that await each other in a circle come last; who is still without an id then gets his manager afterwards. */
const CIRCULAR_DEPTH = 1_000_000;
const PAGE = 500;
const CLASHES_NAMED = 4;

// md: the manager as this run read him. mu: the same as known so far. mk: a manager whom only the state knows.
const MANAGER_JOINS = `
  LEFT JOIN desired_dns dd ON dd.dn_key = x.manager_dn_key
  LEFT JOIN desired md ON md.identity = dd.identity
  LEFT JOIN users mu ON mu.identity = md.identity
  LEFT JOIN users mk ON mk.dn_key = x.manager_dn_key AND md.identity IS NULL`;
const MANAGER_COLUMNS = `
  COALESCE(mu.scim_id, mk.scim_id) AS manager_id,
  CASE WHEN md.active = 1 AND mu.scim_id IS NULL THEN md.identity END AS manager_awaited`;
const KNOWN_COLUMNS = `u.identity AS k_identity, u.dn AS k_dn, u.scim_id, u.confirmed, u.manager_scim_id, u.missed,
  u.failure ->> 'stage' AS k_failed`;

export class Scratch {
  readonly #database: DatabaseSync;
  #ordered = false;

  constructor(database: DatabaseSync) {
    this.#database = database;
    database.exec(TABLES);
  }

  addDesired(users: readonly DesiredUser[]): void {
    // One identity under two DNs: nobody can say which entry is the user, so neither may speak for him.
    const insert = this.#database.prepare(
      `INSERT INTO desired VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (identity) DO UPDATE SET active = 0, failure = json_object('stage', 'CONFLICT', 'message',
         'Two entries have the identity ' || identity || ': ' || dn || ' and ' || excluded.dn || '.')
       WHERE dn_key <> excluded.dn_key`,
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

  unknownCount(): number {
    const row = this.#database
      .prepare(
        `SELECT count(*) AS n FROM desired d LEFT JOIN users u ON u.identity = d.identity
          WHERE d.failure IS NULL AND u.scim_id IS NULL`,
      )
      .get();
    return Number(row?.['n']);
  }

  addFound(user: RemoteUser): void {
    const { externalId = null, userName = null } = user.resource;
    this.#database
      .prepare('INSERT OR IGNORE INTO found VALUES (?, ?, ?, ?)')
      .run(
        user.scimId,
        externalId === '' ? null : (externalId?.toLowerCase() ?? null),
        userName === null ? null : nameKey(userName),
        JSON.stringify(user.resource),
      );
  }

  /** Who of the found users is whom: at most one for each wanted user; what is not clear becomes that user's failure. */
  matchFound(byUserName: boolean): { identity: string; scimId: string; resource: Partial<UserResource> }[] {
    this.#indexDesired();
    this.#database.exec(`
      CREATE INDEX IF NOT EXISTS temp.found_by_external_id ON found (external_id);
      CREATE INDEX IF NOT EXISTS temp.found_by_name ON found (user_name_key);`);
    const own = `SELECT d.identity, f.scim_id, f.resource FROM desired d JOIN found f ON f.external_id = d.identity
      WHERE d.failure IS NULL`;
    // By name only where nobody is found by externalId; an inactive entry's name proves nothing about an account.
    const named = `SELECT d.identity, f.scim_id, f.resource FROM desired d JOIN found f ON f.user_name_key = d.user_name_key
      WHERE d.failure IS NULL AND NOT EXISTS (SELECT 1 FROM found WHERE external_id = d.identity)
        AND ${byUserName ? '1' : 'd.active = 1 AND f.external_id IS NULL'}`;
    const rows = this.#database
      .prepare(
        `WITH match AS (${own} UNION ALL ${named})
         SELECT identity, min(scim_id) AS scim_id, max(scim_id) AS other_id, count(*) AS n, resource
           FROM match GROUP BY identity`,
      )
      .all();
    for (const row of rows.filter((one) => one['n'] !== 1)) {
      const ids = `${text(row, 'scim_id')} and ${text(row, 'other_id')}`;
      this.#failOne(
        text(row, 'identity'),
        `The service holds ${String(row['n'])} users for this entry: ${ids}.`,
      );
    }
    if (!byUserName) this.#failForeign();
    return rows
      .filter((one) => one['n'] === 1)
      .map((row) => ({
        identity: text(row, 'identity'),
        scimId: text(row, 'scim_id'),
        resource: JSON.parse(text(row, 'resource')) as Partial<UserResource>,
      }));
  }

  /** Active users whose name the service gives to somebody with another externalId: they cannot be created. */
  #failForeign(): void {
    const rows = this.#database
      .prepare(
        `SELECT d.identity, d.user_name, f.scim_id FROM desired d JOIN found f ON f.user_name_key = d.user_name_key
          WHERE d.active = 1 AND f.external_id IS NOT NULL AND f.external_id <> d.identity
            AND NOT EXISTS (SELECT 1 FROM found WHERE external_id = d.identity)
            AND NOT EXISTS (SELECT 1 FROM desired o WHERE o.identity = f.external_id)
          GROUP BY d.identity`,
      )
      .all();
    for (const row of rows) {
      const message = `The service holds userName ${text(row, 'user_name')} as user ${text(row, 'scim_id')} with another externalId: another person, or a user whom another tool provisioned (then set scim.adopt.by=USER_NAME).`;
      this.#failOne(text(row, 'identity'), message);
    }
  }

  #failOne(identity: string, message: string): void {
    const failure: Failure = { stage: 'CONFLICT', message };
    this.#database
      .prepare('UPDATE desired SET failure = ?, active = 0 WHERE identity = ?')
      .run(JSON.stringify(failure), identity);
  }

  failClashes(absenceIsProven: boolean): void {
    this.#indexDesired();
    const groups = this.#database.prepare(
      `SELECT user_name_key, user_name, count(*) AS n FROM desired WHERE active = 1
        GROUP BY user_name_key HAVING count(*) > 1`,
    );
    const members = this.#database.prepare(
      `SELECT dn FROM desired WHERE user_name_key = ? AND active = 1 ORDER BY dn LIMIT ${CLASHES_NAMED}`,
    );
    const fail = this.#database.prepare(
      'UPDATE desired SET failure = ?, active = 0 WHERE user_name_key = ? AND active = 1',
    );
    this.#batch(groups.all(), (group) => {
      const dns = members.all(text(group, 'user_name_key')).map((row) => text(row, 'dn'));
      const more = Number(group['n']) - dns.length;
      const others = more > 0 ? ` and ${more} more` : '';
      const message = `userName ${text(group, 'user_name')} is claimed by ${dns.join(' and ')}${others}. Give each entry its own.`;
      fail.run(
        JSON.stringify({ stage: 'CONFLICT', message } satisfies Failure),
        text(group, 'user_name_key'),
      );
    });
    this.#failHeldNames(absenceIsProven);
  }

  /** Names that an active user of earlier runs holds whom this run has neither read nor shown to be gone. */
  #failHeldNames(absenceIsProven: boolean): void {
    const rows = this.#database
      .prepare(
        `SELECT d.identity, d.user_name, u.dn FROM desired d
           JOIN users u ON u.user_name_key = d.user_name_key AND u.identity <> d.identity
           LEFT JOIN users own ON own.identity = d.identity
          WHERE d.active = 1 AND u.active = 1 AND u.scim_id IS NOT NULL AND (own.scim_id IS NULL OR own.user_name_key IS NOT d.user_name_key)
            AND u.identity NOT IN (SELECT identity FROM desired)
            ${absenceIsProven ? 'AND u.identity IN (SELECT identity FROM present)' : ''}
          GROUP BY d.identity`,
      )
      .all();
    for (const row of rows) {
      const message = `userName ${text(row, 'user_name')} belongs to ${text(row, 'dn')}, who is still active. If that entry is gone, run with --full-sync.`;
      this.#failOne(text(row, 'identity'), message);
    }
  }

  rightfulHolder(scimId: string, identity: string, absenceIsProven: boolean): string | null {
    const row = this.#database
      .prepare('SELECT identity FROM users WHERE scim_id = ? AND identity <> ?')
      .get(scimId, identity);
    if (row === undefined) return null;
    const holder = text(row, 'identity');
    const seen = this.#database
      .prepare(
        'SELECT 1 FROM desired WHERE identity = ?1 UNION ALL SELECT 1 FROM present WHERE identity = ?1',
      )
      .get(holder);
    return absenceIsProven && seen === undefined ? null : holder;
  }

  *comparisons(which: 'ALL' | 'DIFFERING'): Iterable<Comparison> {
    this.#indexDesired();
    const unchanged = `x.failure IS NULL AND x.resource = u.confirmed
      AND COALESCE(mu.scim_id, mk.scim_id) IS u.manager_scim_id
      AND NOT (md.active = 1 AND mu.scim_id IS NULL)`;
    const unwanted = `x.failure IS NULL AND x.active = 0 AND u.scim_id IS NULL`;
    const owed = `COALESCE(u.failure ->> 'stage' IN ('SEND', 'CONFLICT'), 0)`;
    const where =
      which === 'ALL' ? '' : `WHERE (NOT COALESCE(${unchanged}, 0) OR ${owed}) AND NOT (${unwanted})`;
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

  *dependents(which: 'PRESENT' | 'ALL'): Iterable<Dependent> {
    this.#indexDesired();
    const rows = this.#database
      .prepare(
        `SELECT ${KNOWN_COLUMNS}, ${MANAGER_COLUMNS} FROM desired_dns dd
           JOIN desired md ON md.identity = dd.identity
           JOIN users u ON u.manager_dn_key = dd.dn_key
           LEFT JOIN users mu ON mu.identity = md.identity
           LEFT JOIN users mk ON 0
          WHERE u.active = 1 AND u.scim_id IS NOT NULL AND u.identity NOT IN (SELECT identity FROM desired)
            ${which === 'PRESENT' ? 'AND u.identity IN (SELECT identity FROM present)' : ''}
            AND (mu.scim_id IS NOT u.manager_scim_id OR (md.active = 1 AND mu.scim_id IS NULL))
            -- Whoever had this DN before has moved with his reports.
            AND NOT EXISTS (SELECT 1 FROM users old JOIN desired moved ON moved.identity = old.identity
                             WHERE old.dn_key = u.manager_dn_key AND moved.dn_key <> old.dn_key)
         UNION ALL
         SELECT ${KNOWN_COLUMNS}, m.scim_id, NULL FROM users u JOIN users m ON m.dn_key = u.manager_dn_key
          WHERE u.link_due = 1 AND u.active = 1 AND u.scim_id IS NOT NULL AND m.scim_id IS NOT NULL
            AND m.scim_id IS NOT u.manager_scim_id AND u.identity NOT IN (SELECT identity FROM desired)
            AND m.identity NOT IN (SELECT identity FROM desired)
            ${which === 'PRESENT' ? 'AND u.identity IN (SELECT identity FROM present)' : ''}`,
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

  hasRenames(): boolean {
    const renames = `kind IN ('UPDATE', 'REACTIVATE') AND change ->> '$.from.userName' <> change ->> '$.to.userName'`;
    return this.#database.prepare(`SELECT 1 FROM plan WHERE ${renames} LIMIT 1`).get() !== undefined;
  }

  addChanges(changes: readonly Change[]): void {
    this.#ordered = false;
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

  /** Built once the rows are in: an index that grows row by row costs twice as much. */
  #indexDesired(): void {
    this.#database.exec(`
      CREATE INDEX IF NOT EXISTS temp.desired_by_name ON desired (user_name_key);
      INSERT OR IGNORE INTO desired_dns SELECT dn_key, identity FROM desired
        WHERE NOT EXISTS (SELECT 1 FROM desired_dns);`);
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
    owedResend: row['k_failed'] === 'SEND' || row['k_failed'] === 'CONFLICT',
  };
}

function managerFrom(row: Row): ManagerLink {
  const awaited = orNull(row, 'manager_awaited');
  if (awaited !== null) return { kind: 'AWAITED', identity: awaited };
  const scimId = orNull(row, 'manager_id');
  return scimId === null ? { kind: 'NONE' } : { kind: 'KNOWN', scimId };
}
