/** Who is whom: wanted users against those found at the service, and names that more than one entry claims. */

import type { DatabaseSync } from 'node:sqlite';
import { printable } from '../lib/printable.ts';
import type { Failure } from '../model/failure.ts';
import { foldedIdentity } from '../model/identity.ts';
import type { RemoteUser } from '../model/ports.ts';
import type { DoubleAccount } from '../model/state.ts';
import type { Unclaimed } from '../model/unclaimed.ts';
import { nameKey, type UserResource } from '../model/user.ts';
import { furtherAccounts } from './further-accounts.ts';
import { IS_PRESENT, inOneBatch, text, prepared } from './sql-rows.ts';

const TABLE = `
  CREATE TEMP TABLE found (
    scim_id TEXT PRIMARY KEY, external_id TEXT, user_name_key TEXT, resource TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TEMP TABLE gone (identity TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;`;

/**
 * From the users of this run to those who are known by the same name. The signs keep SQLite from the index over all
 * active users, which it would walk through for each of them.
 */
export const HELD_NAMES = `
  FROM desired d CROSS JOIN users u ON u.user_name_key = d.user_name_key AND u.identity <> d.identity
  LEFT JOIN users own ON own.identity = d.identity
 WHERE d.active = 1 AND +u.active = 1 AND +u.scim_id IS NOT NULL
   AND (own.scim_id IS NULL OR own.user_name_key IS NOT d.user_name_key)
   AND u.identity NOT IN (SELECT identity FROM desired) AND u.identity NOT IN (SELECT identity FROM gone)`;
/**
 * Other entries with the userName of `d` whose account it may be: an active one; for an inactive `d` also one that fails,
 * for it may well be active, and of several inactive ones the first. So an account is at most one entry's by its name, and
 * never an inactive one's which an active one could lose it to; two active ones are told as a clash.
 */
const BETTER_CLAIM = `SELECT 1 FROM desired o
  WHERE o.user_name_key = d.user_name_key AND o.identity <> d.identity
    AND (o.active = 1 OR d.active = 0 AND (o.failure IS NOT NULL OR o.identity < d.identity))
  UNION ALL
  SELECT 1 FROM users o
   WHERE d.active = 0 AND o.user_name_key = d.user_name_key AND o.identity <> d.identity
     AND (o.active = 1 OR o.failure IS NOT NULL) AND o.identity NOT IN (SELECT identity FROM desired)`;
const CLASHES_NAMED = 4;
/**
 * Found users by name only where nobody is found by externalId, and nobody's account who is known or wanted himself; an
 * inactive entry's name proves nothing about an account, least of all where an active entry of that name may be unread.
 */
const NAMED = `FROM desired d JOIN found f ON f.user_name_key = d.user_name_key
  WHERE NOT EXISTS (SELECT 1 FROM found WHERE external_id = d.identity)
    AND NOT EXISTS (SELECT 1 FROM desired o WHERE o.identity = f.external_id AND o.identity <> d.identity)
    AND NOT EXISTS (SELECT 1 FROM users o WHERE o.scim_id = f.scim_id AND o.identity <> d.identity)
    AND NOT EXISTS (SELECT 1 FROM users o WHERE o.identity = f.external_id AND o.identity <> d.identity)
    AND NOT EXISTS (${BETTER_CLAIM})`;

export interface Match {
  readonly identity: string;
  readonly scimId: string;
  readonly resource: Partial<UserResource>;
}

export interface Matches {
  readonly taken: readonly Match[];
  /** How many unknown users could be any of several. */
  readonly unclear: number;
  readonly doubles: readonly DoubleAccount[];
}

export class NameMatching {
  readonly #database: DatabaseSync;
  readonly #desired: { index(): void };

  /** @param desired whose indexes the comparisons by name need */
  constructor(database: DatabaseSync, desired: { index(): void }) {
    this.#database = database;
    this.#desired = desired;
    database.exec(TABLE);
  }

  addFound(user: RemoteUser): void {
    const { externalId = null, userName = null } = user.resource;
    prepared(this.#database, 'INSERT OR IGNORE INTO found VALUES (?, ?, ?, ?)').run(
      user.scimId,
      externalId === null || externalId === '' ? null : foldedIdentity(externalId),
      userName === null ? null : nameKey(userName),
      JSON.stringify(user.resource),
    );
  }

  /**
   * Who of the found users is whom: at most one for each wanted user, and each at most once; what is not clear becomes that
   * user's failure. Whoever fails already is matched, too: whatever he turns out to be, the account is his.
   */
  matchFound(byUserName: boolean, readEverybody: boolean): Matches {
    this.#desired.index();
    this.#database.exec(`
      CREATE INDEX IF NOT EXISTS temp.found_by_external_id ON found (external_id);
      CREATE INDEX IF NOT EXISTS temp.found_by_name ON found (user_name_key);`);
    const own = `SELECT d.identity, f.scim_id, f.resource FROM desired d JOIN found f ON f.external_id = d.identity
      UNION SELECT u.identity, f.scim_id, f.resource FROM users u JOIN found f ON f.external_id = u.identity
      WHERE u.unsettled IS NOT NULL AND u.scim_id IS NULL`;
    const named = `SELECT d.identity, f.scim_id, f.resource ${NAMED}
        AND ${byUserName ? "(d.active = 1 OR f.external_id IS NULL OR f.resource ->> 'active' = 0)" : 'f.external_id IS NULL'}
        AND ${byUserName && readEverybody ? '1' : 'd.active = 1'}`;
    const rows = this.#database
      .prepare(
        `WITH match AS (${own} UNION ALL ${named})
         SELECT identity, min(scim_id) AS scim_id, max(scim_id) AS other_id, count(*) AS n, resource
           FROM match WHERE NOT EXISTS (SELECT 1 FROM users u WHERE u.identity = match.identity AND u.scim_id IS NOT NULL)
          GROUP BY identity`,
      )
      .all();
    const unclear = rows.filter((one) => one['n'] !== 1);
    for (const row of unclear) {
      const ids = `${text(row, 'scim_id')} and ${text(row, 'other_id')}`;
      this.#failOne(
        text(row, 'identity'),
        `The service holds ${String(row['n'])} users for this entry: ${ids}.`,
      );
    }
    const foreign = byUserName ? this.#failForeignLeavers(readEverybody) : 0;
    if (!byUserName) this.#failForeign();
    const taken = rows
      .filter((one) => one['n'] === 1)
      .map((row) => ({
        identity: text(row, 'identity'),
        scimId: text(row, 'scim_id'),
        resource: JSON.parse(text(row, 'resource')) as Partial<UserResource>,
      }));
    const { replacing, doubles } = furtherAccounts(this.#database);
    return { taken: [...taken, ...replacing], unclear: unclear.length + foreign, doubles };
  }

  /**
   * Inactive entries whose name an open account of another externalId has: another system may keep it for somebody who is
   * there. Returns how many. Without everybody, who has the name may be unread: then only of those who failed before.
   * See docs/decisions/engine.md, "Whose externalId is another one is not closed".
   */
  #failForeignLeavers(readEverybody: boolean): number {
    const rows = this.#database
      .prepare(
        `SELECT d.identity, f.scim_id, f.external_id ${NAMED}
            AND d.active = 0 AND d.failure IS NULL AND f.external_id IS NOT NULL AND f.resource ->> 'active' IS NOT 0
            AND NOT EXISTS (SELECT 1 FROM users u WHERE u.identity = d.identity AND u.scim_id IS NOT NULL)
            AND ${readEverybody ? '1' : 'd.identity IN (SELECT identity FROM users WHERE failure IS NOT NULL)'}
          GROUP BY d.identity`,
      )
      .all();
    for (const row of rows) {
      const externalId = printable(text(row, 'external_id').slice(0, 100));
      const message = `The entry is inactive, and user ${text(row, 'scim_id')}, who is active, has its userName under another externalId (${externalId}): it is not closed by its name alone. If it is his, deactivate it in the console; if another system keeps it, take the entry out of the search.`;
      this.#failOne(text(row, 'identity'), message);
    }
    return rows.length;
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

  unclaimed(limit: number): Unclaimed {
    const from = `FROM found f
      WHERE f.resource ->> 'active' IS NOT 0
        AND f.scim_id NOT IN (SELECT scim_id FROM users WHERE scim_id IS NOT NULL)
        AND NOT EXISTS (SELECT 1 FROM users u WHERE u.identity = f.external_id)
        AND NOT EXISTS (SELECT 1 FROM desired d WHERE d.identity = f.external_id)
        AND NOT EXISTS (SELECT 1 FROM desired d WHERE d.user_name_key = f.user_name_key
                           AND (d.active = 1 OR d.failure ->> 'stage' = 'CONFLICT'))`;
    const counts = this.#database
      .prepare(
        `SELECT count(*) AS n, count(f.external_id) AS p, COALESCE(sum(EXISTS (
           SELECT 1 FROM desired d WHERE d.user_name_key = f.user_name_key)), 0) AS i ${from}`,
      )
      .get();
    const names = this.#database
      .prepare(
        `SELECT COALESCE(f.resource ->> 'userName', f.scim_id) AS name ${from}
          ORDER BY f.external_id IS NULL, f.user_name_key LIMIT ?`,
      )
      .all(limit);
    return {
      count: Number(counts?.['n']),
      provisioned: Number(counts?.['p']),
      ofInactive: Number(counts?.['i']),
      users: names.map((row) => text(row, 'name')),
    };
  }

  #failOne(identity: string, message: string): void {
    const failure: Failure = { stage: 'CONFLICT', message };
    prepared(
      this.#database,
      'UPDATE desired SET failure = ?, active = 0 WHERE identity = ? AND failure IS NULL',
    ).run(JSON.stringify(failure), identity);
  }

  failClashes(absenceIsProven: boolean): void {
    this.#desired.index();
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
    inOneBatch(this.#database, groups.all(), (group) => {
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

  doubtedHolders(): string[] {
    return this.#database
      .prepare(
        `SELECT DISTINCT u.identity ${HELD_NAMES} AND u.identity NOT IN (SELECT identity FROM present)`,
      )
      .all()
      .map((row) => text(row, 'identity'));
  }

  addSought(identities: readonly string[]): void {
    const insert = this.#database.prepare(
      'INSERT OR IGNORE INTO gone SELECT ?1 WHERE ?1 NOT IN (SELECT identity FROM desired)',
    );
    inOneBatch(this.#database, identities, (identity) => insert.run(identity));
  }

  /** Names that an active user of earlier runs holds whom this run has neither read nor shown to be gone. */
  #failHeldNames(absenceIsProven: boolean): void {
    const rows = this.#database
      .prepare(
        `SELECT d.identity, d.user_name, u.dn ${HELD_NAMES}
            ${absenceIsProven ? IS_PRESENT : ''}
          GROUP BY d.identity`,
      )
      .all();
    for (const row of rows) {
      const message = `userName ${text(row, 'user_name')} belongs to ${text(row, 'dn')}, who is still active. If that entry is gone, run with --full-sync.`;
      this.#failOne(text(row, 'identity'), message);
    }
  }

  rightfulHolder(
    scimId: string,
    identity: string,
    absenceIsProven: boolean,
    byUserName: boolean,
  ): string | null {
    const row = prepared(
      this.#database,
      'SELECT identity, active FROM users WHERE scim_id = ? AND identity <> ?',
    ).get(scimId, identity);
    if (row === undefined) return null;
    const holder = text(row, 'identity');
    const seen = prepared(
      this.#database,
      'SELECT 1 FROM desired WHERE identity = ?1 UNION ALL SELECT 1 FROM present WHERE identity = ?1',
    ).get(holder);
    if (seen !== undefined) return holder;
    // Decided in docs/decisions/engine.md ("A closed account stays its holder's"): a name is given to somebody else in time.
    if (row['active'] === 0 && !byUserName) return holder;
    const gone = prepared(this.#database, 'SELECT 1 FROM gone WHERE identity = ?').get(holder);
    return absenceIsProven || gone !== undefined ? null : holder;
  }
}
