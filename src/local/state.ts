/** What c42uds remembers between runs: one SQLite file, one transaction for each confirmed outcome. */

import type { DatabaseSync } from 'node:sqlite';
import { dnKey } from '../model/dn.ts';
import { RunError } from '../model/errors.ts';
import type { Failure } from '../model/failure.ts';
import type { Change, Outcome } from '../model/plan.ts';
import type { RemoteUser, Watermark } from '../model/ports.ts';
import type { Memory, Population, RunRecord, State } from '../model/state.ts';
import { USER_ATTRIBUTES, type UserResource } from '../model/user.ts';
import { nameKey, Scratch } from './scratch.ts';
import { explained, openStateFile, USERS_TABLE } from './state-file.ts';

export interface StateOptions {
  readonly path: string;
  /** DRY opens the file for reading only: nothing that the engine calls can change it. */
  readonly mode: 'DRY' | 'LIVE';
  /** `scim.baseurl`: ids of one service mean nothing to another. */
  readonly service: string;
  /** A hash of the settings that decide who is read and what is made of him; when it moves, everybody is read anew. */
  readonly scopeKey: string;
}

/** The state of one run. `readsAnewBecause` says why a remembered watermark is not used, if it is not. */
export interface OpenState extends State {
  readonly readsAnewBecause: string | null;
}

/**
 * Opens the state of a run.
 * @throws RunError STATE_FOREIGN, and what {@link openStateFile} throws
 */
export function openState(options: StateOptions): OpenState {
  const database = openStateFile(options.path, options.mode);
  try {
    return new SqliteState(database, options);
  } catch (error) {
    database.close();
    throw error instanceof RunError ? error : explained(error, options.path);
  }
}

class SqliteState extends Scratch implements OpenState {
  readonly readsAnewBecause: string | null;
  readonly #database: DatabaseSync;
  readonly #options: StateOptions;

  constructor(database: DatabaseSync, options: StateOptions) {
    super(database);
    this.#database = database;
    this.#options = options;
    const service = this.#meta('service');
    if (service !== null && service !== options.service && this.population().known > 0) {
      throw new RunError(
        'STATE_FOREIGN',
        `The state file ${options.path} belongs to the service ${service}, but scim.baseurl is ${options.service}.`,
      );
    }
    const scopeKey = this.#meta('scope_key');
    this.readsAnewBecause =
      scopeKey !== null && scopeKey !== options.scopeKey
        ? 'settings that decide who is read, or what is made of an entry, have changed'
        : null;
  }

  watermark(): Watermark | null {
    const value = this.#meta('watermark');
    return value === null || this.readsAnewBecause !== null ? null : (JSON.parse(value) as Watermark);
  }

  population(): Population {
    const count = (where: string): number =>
      Number(
        this.#database.prepare(`SELECT count(*) AS n FROM users WHERE scim_id IS NOT NULL ${where}`).get()?.[
          'n'
        ],
      );
    return { known: count(''), active: count('AND active = 1') };
  }

  organizations(): string[] {
    return this.#database
      .prepare(
        "SELECT DISTINCT confirmed ->> 'org' AS org FROM users WHERE confirmed IS NOT NULL AND confirmed ->> 'org' IS NOT NULL",
      )
      .all()
      .map((row) => String(row['org']));
  }

  failedIdentities(): string[] {
    return this.#database
      .prepare('SELECT identity FROM users WHERE failure IS NOT NULL')
      .all()
      .map((row) => String(row['identity']));
  }

  learn(user: RemoteUser): boolean {
    const identity = this.identityFor(user.resource.externalId ?? null, user.resource.userName ?? null);
    if (identity === null) return false;
    // In a dry run the file is read only. A temporary table of the same name stands in front of it: the same
    // statements then see what was learned, and it is gone with the process.
    if (this.#options.mode === 'DRY') {
      this.#shadowUsers();
    }
    const desired = this.#database
      .prepare('SELECT dn, resource FROM desired WHERE identity = ?')
      .get(identity);
    const wanted = JSON.parse(String(desired?.['resource'] ?? 'null')) as UserResource | null;
    // What is left to the service is its own to give: its defaults must not look like something to be removed.
    const org = wanted?.org === null ? null : (user.resource.org ?? null);
    const roles = wanted?.roles === null ? null : (user.resource.roles ?? null);
    this.#upsert(
      identity,
      String(desired?.['dn']),
      null,
      user.scimId,
      complete({ ...user.resource, org, roles }),
    );
    return true;
  }

  scimIdOf(identity: string): string | null {
    const row = this.#database.prepare('SELECT scim_id FROM users WHERE identity = ?').get(identity);
    return typeof row?.['scim_id'] === 'string' ? row['scim_id'] : null;
  }

  holderOf(userName: string): string | null {
    const row = this.#database
      .prepare('SELECT dn FROM users WHERE user_name_key = ? AND scim_id IS NOT NULL LIMIT 1')
      .get(nameKey(userName));
    return row === undefined ? null : String(row['dn']);
  }

  confirm(change: Change, sent: UserResource, outcome: Extract<Outcome, { ok: true }>): void {
    this.#transaction(() => {
      if (outcome.how === 'GONE') {
        this.#database.prepare('DELETE FROM users WHERE identity = ?').run(change.identity);
        return;
      }
      this.#database
        .prepare('DELETE FROM users WHERE scim_id = ? AND identity <> ?')
        .run(outcome.scimId, change.identity);
      const desired = this.#database
        .prepare('SELECT manager_dn_key FROM desired WHERE identity = ?')
        .get(change.identity);
      this.#upsert(
        change.identity,
        change.dn,
        desired === undefined ? undefined : (desired['manager_dn_key'] as string | null),
        outcome.scimId,
        sent,
      );
      this.#setMeta('service', this.#options.service);
    });
  }

  fail(user: { readonly identity: string; readonly dn: string }, failure: Failure): void {
    this.#database
      .prepare(
        `INSERT INTO users (identity, dn, dn_key, failure, failed_at) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (identity) DO UPDATE SET failure = excluded.failure, failed_at = excluded.failed_at`,
      )
      .run(user.identity, user.dn, dnKey(user.dn), JSON.stringify(failure), new Date().toISOString());
  }

  remember(memory: Memory): void {
    this.#transaction(() => {
      this.#followEntries();
      this.#clearFailures(memory.retriedEverybody);
      if (memory.countAbsence) this.#countAbsence();
      if (memory.watermark !== null) {
        this.#setMeta('watermark', JSON.stringify(memory.watermark));
        this.#setMeta('scope_key', this.#options.scopeKey);
      }
    });
    // What a power cut may not take any more: the log is folded into the file and flushed.
    this.#database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  }

  record(run: RunRecord): void {
    this.#database
      .prepare(
        'INSERT INTO runs (started_at, duration_ms, mode, scope, exit_code, counts) VALUES (?, ?, ?, ?, ?, ?)',
      )
      .run(
        run.startedAt,
        Math.round(run.durationMs),
        run.mode,
        run.scope,
        run.exitCode,
        JSON.stringify(run.counts),
      );
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close();
  }

  #shadowUsers(): void {
    const shadowed = this.#database.prepare("SELECT 1 FROM temp.sqlite_schema WHERE name = 'users'").get();
    if (shadowed !== undefined) return;
    this.#database.exec(`
      CREATE TEMP TABLE users ${USERS_TABLE};
      INSERT INTO temp.users SELECT * FROM main.users;
      CREATE INDEX temp.learned_by_dn ON users (dn_key);
      CREATE INDEX temp.learned_by_manager ON users (manager_dn_key);`);
  }

  /** DNs and managers move without any change to the resource; a user who was seen has not been missed. */
  #followEntries(): void {
    this.#database.exec(`
      UPDATE users SET dn = d.dn, dn_key = d.dn_key, manager_dn_key = d.manager_dn_key, missed = 0
        FROM desired d
       WHERE d.identity = users.identity
         AND (users.dn <> d.dn OR users.manager_dn_key IS NOT d.manager_dn_key OR users.missed <> 0);
      UPDATE users SET missed = 0 WHERE missed <> 0 AND identity IN (SELECT identity FROM present);
      UPDATE users SET dn_key = ''
       WHERE dn_key IN (SELECT dn_key FROM desired) AND identity NOT IN (SELECT identity FROM desired);`);
  }

  #clearFailures(retriedEverybody: boolean): void {
    const mended = `identity IN (SELECT identity FROM desired WHERE failure IS NULL)
      AND identity NOT IN (SELECT identity FROM plan)`;
    const gone = 'identity NOT IN (SELECT identity FROM desired)';
    this.#database.exec(`
      UPDATE users SET failure = NULL, failed_at = NULL
       WHERE failure IS NOT NULL AND ((${mended}) OR (${retriedEverybody ? gone : '0'}));
      DELETE FROM users WHERE scim_id IS NULL AND failure IS NULL;`);
  }

  #countAbsence(): void {
    this.#database.exec(`
      UPDATE users SET missed = missed + 1
       WHERE active = 1 AND scim_id IS NOT NULL
         AND identity NOT IN (SELECT identity FROM desired) AND identity NOT IN (SELECT identity FROM present)`);
  }

  /** `managerDnKey: undefined` leaves it as it was: a change made without having read the entry. */
  #upsert(
    identity: string,
    dn: string,
    managerDnKey: string | null | undefined,
    scimId: string,
    resource: UserResource,
  ): void {
    this.#database
      .prepare(
        `INSERT INTO users (identity, dn, dn_key, manager_dn_key, user_name, user_name_key, scim_id, confirmed,
                            manager_scim_id, active, confirmed_at)
         VALUES ($identity, $dn, $dnKey, $managerDnKey, $userName, $nameKey, $scimId, $confirmed, $manager, $active, $at)
         ON CONFLICT (identity) DO UPDATE SET dn = $dn, dn_key = $dnKey,
           manager_dn_key = iif($keepsManagerDn, manager_dn_key, $managerDnKey), user_name = $userName,
           user_name_key = $nameKey, scim_id = $scimId, confirmed = $confirmed, manager_scim_id = $manager,
           active = $active, failure = NULL, failed_at = NULL, confirmed_at = $at`,
      )
      .run({
        $identity: identity,
        $dn: dn,
        $dnKey: dnKey(dn),
        $managerDnKey: managerDnKey ?? null,
        $keepsManagerDn: managerDnKey === undefined ? 1 : 0,
        $userName: resource.userName,
        $nameKey: nameKey(resource.userName),
        $scimId: scimId,
        $confirmed: JSON.stringify(complete({ ...resource, manager: null })),
        $manager: resource.manager,
        $active: resource.active ? 1 : 0,
        $at: new Date().toISOString(),
      });
  }

  #meta(key: string): string | null {
    const row = this.#database.prepare('SELECT value FROM meta WHERE key = ?').get(key);
    return row === undefined ? null : String(row['value']);
  }

  #setMeta(key: string, value: string): void {
    this.#database
      .prepare(
        'INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value WHERE value <> excluded.value',
      )
      .run(key, value);
  }

  #transaction(work: () => void): void {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      work();
      this.#database.exec('COMMIT');
    } catch (error) {
      this.#database.exec('ROLLBACK');
      throw explained(error, this.#options.path);
    }
  }
}

/** A whole resource with its attributes in one order, so that equal resources have equal texts. */
function complete(resource: Partial<UserResource>): UserResource {
  const whole: Record<string, unknown> = {};
  for (const attribute of USER_ATTRIBUTES) whole[attribute] = resource[attribute] ?? null;
  whole['active'] = resource.active ?? true;
  return whole as unknown as UserResource;
}
