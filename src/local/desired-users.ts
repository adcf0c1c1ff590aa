/** Who is wanted and who was seen in the run in progress, and how both compare with what is known. */

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Decision } from '../model/decision.ts';
import { dnKey } from '../model/dn.ts';
import type { Failure } from '../model/failure.ts';
import type {
  Comparison,
  Dependent,
  DesiredUser,
  KnownUser,
  ManagerLink,
  Reconsidered,
} from '../model/state.ts';
import {
  managedPart,
  nameKey,
  USER_ATTRIBUTES,
  type UserAttribute,
  type UserResource,
} from '../model/user.ts';
import { unsettledFrom } from './known-users.ts';
import { resourceText } from './resource-text.ts';
import { IS_PRESENT, inOneBatch, json, orNull, text, type Row, prepared } from './sql-rows.ts';

// Rows are appended in the order of the read: only the short keys are put in order, and no long row is ever moved.
// `decision` is there only where it is not told by the resource.
const TABLES = `
  CREATE TEMP TABLE desired (
    identity TEXT NOT NULL UNIQUE, dn TEXT NOT NULL, dn_key TEXT NOT NULL, manager_dn_key TEXT,
    user_name TEXT, user_name_key TEXT, decision TEXT, resource TEXT, failure TEXT, active INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX temp.desired_failed ON desired (dn) WHERE failure IS NOT NULL;
  CREATE TEMP TABLE former (identity TEXT PRIMARY KEY, active INTEGER NOT NULL, wanted TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TEMP TABLE present (identity TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
  CREATE TEMP TABLE desired_dns (dn_key TEXT PRIMARY KEY, identity TEXT NOT NULL) STRICT, WITHOUT ROWID;
`;

// md: the manager as this run read him. mu: the same as known so far. mk: a manager whom only the state knows.
const MANAGER_JOINS = `
  LEFT JOIN desired_dns dd ON dd.dn_key = x.manager_dn_key
  LEFT JOIN desired md ON md.identity = dd.identity
  LEFT JOIN users mu ON mu.identity = md.identity
  LEFT JOIN users mk ON mk.dn_key = x.manager_dn_key AND md.identity IS NULL`;
const MANAGER_COLUMNS = `
  COALESCE(mu.scim_id, mk.scim_id) AS manager_id,
  CASE WHEN md.active = 1 AND mu.scim_id IS NULL THEN md.identity END AS manager_awaited,
  mu.scim_id IS NULL AND mk.scim_id IS NULL
    AND (md.failure IS NOT NULL OR mk.failure IS NOT NULL OR mk.unsettled IS NOT NULL) AS manager_fails`;
const DESIRED_COLUMNS = `x.identity, x.dn, x.manager_dn_key, x.user_name, x.decision, x.resource, x.failure`;
const KNOWN_COLUMNS = `u.identity AS k_identity, u.dn AS k_dn, u.scim_id, u.confirmed, u.manager_scim_id, u.missed, u.unsettled`;

export class DesiredUsers {
  readonly #database: DatabaseSync;
  readonly #managed: readonly UserAttribute[];
  readonly #insert: StatementSync;
  readonly #find: StatementSync;

  /** @param managed what is told of known users: other attributes of theirs are `null` and never unsettled */
  constructor(database: DatabaseSync, managed = USER_ATTRIBUTES) {
    this.#database = database;
    this.#managed = managed;
    database.exec(TABLES);
    // One identity under two DNs: nobody can say which entry is the user, so neither may speak for him. One that is read
    // again is as it was read last: the watermark is of the last read (docs/decisions/engine.md, "The later reading counts").
    const latest = ['manager_dn_key', 'user_name', 'user_name_key', 'decision', 'resource']
      .map((name) => `${name} = iif(dn_key = excluded.dn_key, excluded.${name}, ${name})`)
      .join();
    this.#insert = database.prepare(
      `INSERT INTO desired VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (identity) DO UPDATE SET ${latest},
         active = iif(dn_key = excluded.dn_key, excluded.active, 0),
         failure = iif(dn_key = excluded.dn_key, excluded.failure, json_object('stage', 'CONFLICT', 'message',
           'Two entries have the identity ' || identity || ': ' || dn || ' and ' || excluded.dn || '.'))`,
    );
    this.#find = database.prepare('SELECT 1 FROM desired WHERE identity = ?');
  }

  addDesired(users: readonly DesiredUser[]): void {
    inOneBatch(this.#database, users, (user) =>
      this.#insert.run(
        user.identity,
        user.dn,
        dnKey(user.dn),
        user.managerDn === null ? null : dnKey(user.managerDn),
        user.userName,
        user.userName === null ? null : nameKey(user.userName),
        user.decision === null || user.resource !== null ? null : JSON.stringify(user.decision),
        user.resource === null ? null : resourceText(user.resource),
        user.failure === null ? null : JSON.stringify(user.failure),
        user.failure === null && user.decision?.active === true ? 1 : 0,
      ),
    );
  }

  addFormer(users: readonly DesiredUser[]): void {
    if (users.length === 0) return;
    const insert = prepared(this.#database, 'INSERT OR IGNORE INTO former VALUES (?, ?, ?)');
    inOneBatch(this.#database, users, (user) =>
      insert.run(
        user.identity,
        user.failure === null && user.decision?.active === true ? 1 : 0,
        JSON.stringify(user),
      ),
    );
  }

  addPresent(identities: readonly string[]): void {
    const insert = (count: number): StatementSync =>
      prepared(this.#database, `INSERT OR IGNORE INTO present VALUES ${Array(count).fill('(?)').join()}`);
    const hundreds = Array.from({ length: Math.floor(identities.length / 100) }, (_, at) => at * 100);
    const rest = identities.slice(hundreds.length * 100);
    inOneBatch(this.#database, hundreds, (from) => insert(100).run(...identities.slice(from, from + 100)));
    inOneBatch(this.#database, rest, (identity) => insert(1).run(identity));
  }

  /** The key of the manager's DN; `undefined` for a user whose entry was not read. */
  managerDnKeyOf(identity: string): string | null | undefined {
    const row = prepared(this.#database, 'SELECT manager_dn_key FROM desired WHERE identity = ?').get(
      identity,
    );
    return row === undefined ? undefined : orNull(row, 'manager_dn_key');
  }

  hasDesired(identity: string): boolean {
    return this.#find.get(identity) !== undefined;
  }

  seesAnybody(): boolean {
    const anybody = 'SELECT EXISTS (SELECT 1 FROM desired) OR EXISTS (SELECT 1 FROM present) AS found';
    return this.#database.prepare(anybody).get()?.['found'] === 1;
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

  *comparisons(which: 'ALL' | 'DIFFERING'): Iterable<Comparison> {
    this.index();
    const unchanged = `x.failure IS NULL AND x.resource = u.confirmed
      AND COALESCE(mu.scim_id, mk.scim_id) IS u.manager_scim_id
      AND (md.identity IS NULL OR md.active = 0 OR mu.scim_id IS NOT NULL)`;
    const unwanted = `x.failure IS NULL AND x.active = 0 AND u.scim_id IS NULL`;
    const where =
      which === 'ALL'
        ? ''
        : `WHERE (NOT COALESCE(${unchanged}, 0) OR u.unsettled IS NOT NULL) AND NOT (${unwanted})`;
    const rows = this.#database
      .prepare(
        `SELECT ${DESIRED_COLUMNS}, ${KNOWN_COLUMNS}, ${MANAGER_COLUMNS} FROM desired x
           LEFT JOIN users u ON u.identity = x.identity ${MANAGER_JOINS} ${where} ORDER BY x.user_name_key`,
      )
      .iterate();
    let previous: unknown = null;
    for (const row of rows) {
      // Two entries under DNs that only the server can tell apart may both look like somebody's manager.
      if (row['identity'] === previous) continue;
      previous = row['identity'];
      yield { desired: desiredFrom(row), known: knownFrom(row, this.#managed), manager: managerFrom(row) };
    }
  }

  *reconsidered(): Iterable<Reconsidered> {
    this.index();
    const rows = this.#database
      .prepare(
        `SELECT ${DESIRED_COLUMNS}, ${KNOWN_COLUMNS}, ${MANAGER_COLUMNS}, f.wanted AS former,
                CASE WHEN COALESCE(mf.active, md.active) = 1 AND mu.scim_id IS NULL THEN md.identity END AS former_awaited
           FROM desired x LEFT JOIN users u ON u.identity = x.identity ${MANAGER_JOINS}
           LEFT JOIN former f ON f.identity = x.identity
           LEFT JOIN former mf ON mf.identity = md.identity
          WHERE f.identity IS NOT NULL OR mf.identity IS NOT NULL ORDER BY x.user_name_key`,
      )
      .iterate();
    for (const row of rows) {
      yield {
        desired: desiredFrom(row),
        known: knownFrom(row, this.#managed),
        manager: managerFrom(row),
        former: json(row, 'former') as DesiredUser | null,
        formerManager: managerFrom({ ...row, manager_awaited: row['former_awaited'] ?? null }),
      };
    }
  }

  *dependents(which: 'PRESENT' | 'ALL'): Iterable<Dependent> {
    this.index();
    const rows = this.#database
      .prepare(
        `SELECT ${KNOWN_COLUMNS}, ${MANAGER_COLUMNS} FROM desired_dns dd
           CROSS JOIN desired md ON md.identity = dd.identity
           CROSS JOIN users u ON u.manager_dn_key = dd.dn_key
           LEFT JOIN users mu ON mu.identity = md.identity
           -- Nobody: he was read. Without an index it would be a walk through all users for each report.
           LEFT JOIN users mk ON mk.identity = ''
          WHERE +u.active = 1 AND +u.scim_id IS NOT NULL AND u.identity NOT IN (SELECT identity FROM desired)
            ${which === 'PRESENT' ? IS_PRESENT : ''}
            AND (mu.scim_id IS NOT u.manager_scim_id OR (md.active = 1 AND mu.scim_id IS NULL))
            -- Whoever had this DN before has moved with his reports.
            AND NOT EXISTS (SELECT 1 FROM users old JOIN desired moved ON moved.identity = old.identity
                             WHERE old.dn_key = u.manager_dn_key AND moved.dn_key <> old.dn_key)
         UNION ALL
         SELECT ${KNOWN_COLUMNS}, m.scim_id, NULL, 0 FROM users u JOIN users m ON m.dn_key = u.manager_dn_key
          WHERE u.link_due = 1 AND +u.active = 1 AND +u.scim_id IS NOT NULL AND m.scim_id IS NOT NULL
            AND m.scim_id IS NOT u.manager_scim_id AND u.identity NOT IN (SELECT identity FROM desired)
            AND m.identity NOT IN (SELECT identity FROM desired)
            ${which === 'PRESENT' ? IS_PRESENT : ''}`,
      )
      .iterate();
    for (const row of rows) {
      const known = knownFrom(row, this.#managed);
      if (known !== null) yield { known, manager: managerFrom(row) };
    }
  }

  /** @param countIsGood false where what is remembered of earlier absences may be of long ago */
  *absentees(countIsGood: boolean): Iterable<KnownUser> {
    const rows = this.#database
      .prepare(
        `SELECT ${KNOWN_COLUMNS} FROM users u
          WHERE u.active = 1 AND u.scim_id IS NOT NULL
            AND u.identity NOT IN (SELECT identity FROM desired)
            AND u.identity NOT IN (SELECT identity FROM present) ORDER BY u.user_name_key`,
      )
      .iterate();
    for (const row of rows) {
      const known = knownFrom(row, this.#managed);
      if (known !== null) yield countIsGood ? known : { ...known, missedCount: 0 };
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

  /** Built once the rows are in: an index that grows row by row costs twice as much. */
  index(): void {
    this.#database.exec(`
      CREATE INDEX IF NOT EXISTS temp.desired_by_name ON desired (user_name_key);
      INSERT OR IGNORE INTO desired_dns SELECT dn_key, identity FROM desired
        WHERE NOT EXISTS (SELECT 1 FROM desired_dns)
          -- Few are anybody's manager, and nobody else is looked for by his DN.
          AND (dn_key IN (SELECT manager_dn_key FROM desired)
            OR EXISTS (SELECT 1 FROM users WHERE users.manager_dn_key = desired.dn_key));`);
  }
}

function desiredFrom(row: Row): DesiredUser {
  const resource = json(row, 'resource') as UserResource | null;
  return {
    identity: text(row, 'identity'),
    dn: text(row, 'dn'),
    managerDn: orNull(row, 'manager_dn_key'),
    userName: orNull(row, 'user_name'),
    decision: resource === null ? (json(row, 'decision') as Decision | null) : decisionOf(resource),
    resource,
    failure: json(row, 'failure') as Failure | null,
  };
}

/** A mapped resource repeats what the scripts said. */
function decisionOf({ active, org, roles }: UserResource): Decision {
  return { active, org, roles };
}

function knownFrom(row: Row, managed: readonly UserAttribute[]): KnownUser | null {
  if (typeof row['k_identity'] !== 'string') return null;
  const confirmed = json(row, 'confirmed') as UserResource | null;
  return {
    identity: row['k_identity'],
    dn: text(row, 'k_dn'),
    scimId: orNull(row, 'scim_id'),
    confirmed:
      confirmed === null
        ? null
        : managedPart({ ...confirmed, manager: orNull(row, 'manager_scim_id') }, managed),
    missedCount: Math.max(0, Number(row['missed'])),
    unsettled: unsettledFrom(row['unsettled']).filter((name) => managed.includes(name)),
  };
}

function managerFrom(row: Row): ManagerLink {
  const awaited = orNull(row, 'manager_awaited');
  if (awaited !== null) return { kind: 'AWAITED', identity: awaited };
  const scimId = orNull(row, 'manager_id');
  if (scimId !== null) return { kind: 'KNOWN', scimId };
  return { kind: row['manager_fails'] === 1 ? 'FAILING' : 'NONE' };
}
