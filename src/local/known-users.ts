/** The table of users whom the service has confirmed: who they are there, what they hold, how often they were missed. */

import type { DatabaseSync } from 'node:sqlite';
import { dnKey } from '../model/dn.ts';
import { nameKey, USER_ATTRIBUTES, type UserAttribute, type UserResource } from '../model/user.ts';
import { resourceText } from './resource-text.ts';
import { prepared } from './sql-rows.ts';
import { shadowUsers } from './state-migration.ts';

export interface ConfirmedUser {
  readonly identity: string;
  readonly dn: string;
  /** The attributes that this confirmation settles. */
  readonly settled: readonly UserAttribute[];
  /** What an account held of which only `active` was sent. */
  readonly found?: Partial<UserResource>;
  /** Whether a failure of his stays remembered. */
  readonly keepsFailure?: true;
  /** `undefined` leaves it as it was: a change made without having read the entry. */
  readonly managerDnKey: string | null | undefined;
  readonly scimId: string;
  readonly resource: Partial<UserResource> & { readonly userName: string };
}

export class KnownUsers {
  readonly #database: DatabaseSync;
  readonly #managed: readonly UserAttribute[];

  constructor(database: DatabaseSync, managed = USER_ATTRIBUTES) {
    this.#database = database;
    this.#managed = managed;
  }

  isActive(identity: string): boolean {
    const query = 'SELECT 1 FROM users WHERE identity = ? AND active = 1 AND scim_id IS NOT NULL';
    return prepared(this.#database, query).get(identity) !== undefined;
  }

  scimIdOf(identity: string): string | null {
    const row = prepared(this.#database, 'SELECT scim_id FROM users WHERE identity = ?').get(identity);
    return typeof row?.['scim_id'] === 'string' ? row['scim_id'] : null;
  }

  holderOf(userName: string): string | null {
    const row = prepared(
      this.#database,
      'SELECT dn FROM users WHERE user_name_key = ? AND scim_id IS NOT NULL LIMIT 1',
    ).get(nameKey(userName));
    return row === undefined ? null : String(row['dn']);
  }

  /** Users who were missed and whom a read of identities has returned, now or before a read that did not come through. */
  returnedIdentities(): string[] {
    return this.#database
      .prepare(
        `SELECT identity FROM users WHERE missed <> 0 AND scim_id IS NOT NULL
            AND identity IN (SELECT identity FROM present) AND identity NOT IN (SELECT identity FROM desired)`,
      )
      .all()
      .map((row) => String(row['identity']));
  }

  isClaimed(identity: string, userName: string): boolean {
    const key = nameKey(userName);
    const row = this.#database
      .prepare(
        `SELECT 1 FROM desired WHERE user_name_key = ?1 AND identity <> ?2 AND (active = 1 OR failure IS NOT NULL)
         UNION ALL
         SELECT 1 FROM users WHERE user_name_key = ?1 AND identity <> ?2 AND failure IS NOT NULL LIMIT 1`,
      )
      .get(key, identity);
    return row !== undefined;
  }

  /** Puts a user there as confirmed; whoever had his id at the service before is forgotten, and so is his failure. */
  put(user: ConfirmedUser): void {
    // Of an account that was merely closed the rest stays as it was found: whoever comes back is sent what differs from that.
    const closed = user.found === undefined ? {} : { ...user.found, active: false };
    const resource = { ...user.resource, ...closed };
    const idBefore = this.scimIdOf(user.identity);
    const isRead = this.#isDesired(user.identity);
    prepared(this.#database, 'DELETE FROM users WHERE scim_id = ? AND identity <> ?').run(
      user.scimId,
      user.identity,
    );
    prepared(
      this.#database,
      `INSERT INTO users (identity, dn, dn_key, manager_dn_key, user_name, user_name_key, scim_id, confirmed,
                            manager_scim_id, active, confirmed_at)
         VALUES ($identity, $dn, $dnKey, $managerDnKey, $userName, $nameKey, $scimId, $confirmed, $manager, $active, $at)
         ON CONFLICT (identity) DO UPDATE SET dn = $dn, dn_key = iif($isRead, $dnKey, dn_key),
           manager_dn_key = iif($keepsManagerDn, manager_dn_key, $managerDnKey), user_name = $userName,
           user_name_key = $nameKey, scim_id = $scimId, confirmed = $confirmed, manager_scim_id = $manager,
           active = $active, link_due = 0, unsettled = $unsettled, confirmed_at = $at, vain_lookups = 0, sought_since = NULL`,
    ).run({
      $identity: user.identity,
      $dn: user.dn,
      $dnKey: dnKey(user.dn),
      // Whoever was not read may have lost his DN to another entry since.
      $isRead: isRead ? 1 : 0,
      $managerDnKey: user.managerDnKey ?? null,
      $keepsManagerDn: user.managerDnKey === undefined ? 1 : 0,
      $userName: resource.userName,
      $nameKey: nameKey(resource.userName),
      $scimId: user.scimId,
      $confirmed: resourceText(resource),
      $manager: resource.manager ?? null,
      $active: (resource.active ?? true) ? 1 : 0,
      $at: new Date().toISOString(),
      $unsettled: unsettledText(
        this.unsettledOf(user.identity).filter((name) => !user.settled.includes(name)),
      ),
    });
    if (isRead) this.#takeDn(user);
    // His manager may have got another id while this change was on its way (removed and made anew by hand).
    prepared(
      this.#database,
      `UPDATE users SET link_due = 1 WHERE identity = ? AND EXISTS (SELECT 1 FROM users m
        WHERE m.dn_key = users.manager_dn_key AND m.scim_id IS NOT NULL AND m.scim_id IS NOT users.manager_scim_id)`,
    ).run(user.identity);
    // A change made without having read the entry (a link to a manager) settles nothing of what failed before.
    if (user.managerDnKey !== undefined && user.keepsFailure !== true) this.settle(user.identity);
    if (idBefore === user.scimId) return;
    // Whoever reports to this user was sent without him, or with an id that is gone.
    prepared(
      this.#database,
      `UPDATE users SET link_due = 1 WHERE manager_scim_id IS NOT ?
          AND manager_dn_key = (SELECT dn_key FROM users WHERE identity = ? AND dn_key <> '')`,
    ).run(user.scimId, user.identity);
  }

  #isDesired(identity: string): boolean {
    return prepared(this.#database, 'SELECT 1 FROM desired WHERE identity = ?').get(identity) !== undefined;
  }

  /** A DN belongs to one entry: whoever had it before and was not read is gone, or elsewhere. */
  #takeDn({ identity, dn }: ConfirmedUser): void {
    prepared(
      this.#database,
      `UPDATE users SET dn_key = '' WHERE dn_key = ? AND identity <> ?
          AND identity NOT IN (SELECT identity FROM desired)`,
    ).run(dnKey(dn), identity);
  }

  /**
   * Commits that these attributes are on their way: whatever happens to us, the next run knows of it. Of a user without
   * an id it keeps the userName too, by which he can be looked for.
   */
  begin(
    user: { identity: string; dn: string; userName: string },
    attributes: readonly UserAttribute[],
  ): void {
    const names = new Set([...this.unsettledOf(user.identity), ...attributes]);
    const unsettled = unsettledText([...names].filter((name) => this.#managed.includes(name)));
    prepared(
      this.#database,
      `INSERT INTO users (identity, dn, dn_key, user_name, user_name_key, unsettled) VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT (identity) DO UPDATE SET unsettled = excluded.unsettled,
           vain_lookups = iif(scim_id IS NULL, 0, vain_lookups), sought_since = iif(scim_id IS NULL, NULL, sought_since),
           user_name = iif(scim_id IS NULL, excluded.user_name, user_name),
           user_name_key = iif(scim_id IS NULL, excluded.user_name_key, user_name_key)`,
    ).run(user.identity, user.dn, dnKey(user.dn), user.userName, nameKey(user.userName), unsettled);
  }

  unsettledOf(identity: string): UserAttribute[] {
    const row = prepared(this.#database, 'SELECT unsettled FROM users WHERE identity = ?').get(identity);
    return row === undefined ? [] : unsettledFrom(row['unsettled']);
  }

  /** Whom a run that was to send everybody could not judge: nobody knows what the service holds of them. */
  unsettleFailing(): void {
    this.#database
      .prepare(
        `UPDATE users SET unsettled = ? WHERE scim_id IS NOT NULL
            AND identity IN (SELECT identity FROM desired WHERE failure IS NOT NULL)`,
      )
      .run(unsettledText(this.#managed));
  }

  settle(identity: string): void {
    prepared(
      this.#database,
      `UPDATE users SET failure = NULL, failed_since = NULL, attempts = 0, retry_at = NULL
          WHERE identity = ? AND failure IS NOT NULL`,
    ).run(identity);
  }

  /** The link to his manager waits until his entry is read. */
  leaveUnlinked(identity: string): void {
    prepared(this.#database, 'UPDATE users SET link_due = 0 WHERE identity = ?').run(identity);
  }

  remove(identity: string): void {
    prepared(this.#database, 'DELETE FROM users WHERE identity = ?').run(identity);
  }

  /**
   * For a dry run, whose file is read only: a temporary table of the same name stands in front of the real one. The
   * same statements then see what was learned, and it is gone with the process.
   */
  shadow(): void {
    const shadowed = this.#database.prepare("SELECT 1 FROM temp.sqlite_schema WHERE name = 'users'").get();
    if (shadowed !== undefined) return;
    shadowUsers(this.#database);
    this.#database.exec(`
      CREATE INDEX temp.learned_by_dn ON users (dn_key);
      CREATE INDEX temp.learned_by_manager ON users (manager_dn_key);
      CREATE INDEX temp.learned_by_name ON users (user_name_key);
      CREATE INDEX temp.learned_by_scim_id ON users (scim_id);`);
  }

  /**
   * A user who was seen has not been missed: the count goes to -1, which says that what changed while he was away is still
   * to be read by a run that comes to its end.
   */
  noteSeen(): void {
    this.#database.exec(`
      UPDATE users SET missed = -1 WHERE missed <> 0 AND missed <> -1
         AND (identity IN (SELECT identity FROM present) OR identity IN (SELECT identity FROM desired))`);
  }

  /** DNs and managers move without any change to the resource; whoever was read owes nothing any more. */
  followEntries(): void {
    // On Active Directory a reference follows the entry it names, without a trace on the entry that holds it.
    if (this.#hasMoves()) {
      this.#database.exec(`
        UPDATE users SET manager_dn_key = d.dn_key
          FROM users m JOIN desired d ON d.identity = m.identity
         WHERE d.dn_key <> m.dn_key AND m.dn_key <> '' AND users.manager_dn_key = m.dn_key
           AND users.identity NOT IN (SELECT identity FROM desired)`);
    }
    // The sign has SQLite begin with those who were read, not with everybody known.
    this.#database.exec(`
      UPDATE users SET dn = d.dn, dn_key = d.dn_key, manager_dn_key = d.manager_dn_key, missed = 0
        FROM desired d
       WHERE +d.identity = users.identity
         AND (users.dn <> d.dn OR users.dn_key <> d.dn_key OR users.manager_dn_key IS NOT d.manager_dn_key OR users.missed <> 0);
      UPDATE users SET dn_key = ''
       WHERE dn_key IN (SELECT dn_key FROM desired) AND identity NOT IN (SELECT identity FROM desired);`);
  }

  /** Whether an entry that was read has another DN than before. */
  #hasMoves(): boolean {
    const moved = `SELECT 1 FROM desired d CROSS JOIN users m ON m.identity = d.identity
      WHERE d.dn_key <> m.dn_key AND m.dn_key <> '' LIMIT 1`;
    return this.#database.prepare(moved).get() !== undefined;
  }

  /** Earlier absences count no more; that somebody was away, and may have changed meanwhile, stays known. */
  countAbsenceAnew(): void {
    this.#database.exec('UPDATE users SET missed = -1 WHERE missed > 0 AND missed <> 0');
  }

  countAbsence(): void {
    // Of who is inactive it matters only that he was away, since what changed meanwhile may leave no trace.
    this.#database.exec(`
      UPDATE users SET missed = 1
       WHERE active = 0 AND scim_id IS NOT NULL AND missed = 0
         AND identity NOT IN (SELECT identity FROM desired) AND identity NOT IN (SELECT identity FROM present);
      UPDATE users SET missed = max(missed, 0) + 1
       WHERE active = 1 AND scim_id IS NOT NULL
         AND identity NOT IN (SELECT identity FROM desired) AND identity NOT IN (SELECT identity FROM present)`);
  }
}

/** The column `unsettled`: names with commas, `NULL` for none. */
export function unsettledFrom(value: unknown): UserAttribute[] {
  return typeof value === 'string' && value !== '' ? (value.split(',') as UserAttribute[]) : [];
}

/** The other way round. */
export function unsettledText(attributes: readonly UserAttribute[]): string | null {
  return attributes.length === 0 ? null : attributes.join(',');
}
