/** Opens the state file: creation, schema version, damage, and the settings that it belongs to. */

import { closeSync, existsSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { RunError } from '../model/errors.ts';
import { CHANGE_LOG } from './change-log.ts';
import { DEVIATIONS } from './deviations.ts';
import { TRACES_TABLE } from './trace-table.ts';

/** Raised by one whenever the tables change; older files are brought forward, newer ones refused. */
const SCHEMA_VERSION = 5;

// `confirmed` is the JSON text of a UserResource without its manager: equal users have equal texts, so that the
// comparison of a whole directory is a comparison of texts inside SQLite. The manager's id stands beside it.
const USERS_TABLE = `(
  identity TEXT PRIMARY KEY,
  dn TEXT NOT NULL,
  dn_key TEXT NOT NULL,
  manager_dn_key TEXT,
  user_name TEXT,
  user_name_key TEXT,
  scim_id TEXT,
  confirmed TEXT,
  manager_scim_id TEXT,
  active INTEGER NOT NULL DEFAULT 0,
  unsettled TEXT,
  vain_lookups INTEGER NOT NULL DEFAULT 0,
  sought_since TEXT,
  link_due INTEGER NOT NULL DEFAULT 0,
  missed INTEGER NOT NULL DEFAULT 0,
  failure TEXT,
  failed_since TEXT,
  attempts INTEGER NOT NULL DEFAULT 0,
  retry_at TEXT,
  confirmed_at TEXT
) STRICT, WITHOUT ROWID`;

const TRACES = `CREATE TABLE traces ${TRACES_TABLE};
  CREATE INDEX traces_due ON traces (due_at) WHERE due_at IS NOT NULL;`;

const MISSED_INDEX = 'CREATE INDEX IF NOT EXISTS users_missed ON users (identity) WHERE missed <> 0;';

const SCHEMA = `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE users ${USERS_TABLE};
  CREATE INDEX users_by_dn ON users (dn_key);
  CREATE INDEX users_by_manager ON users (manager_dn_key);
  CREATE INDEX users_by_name ON users (user_name_key);
  CREATE INDEX users_unsettled ON users (identity) WHERE unsettled IS NOT NULL;
  CREATE INDEX users_link_due ON users (identity) WHERE link_due = 1;
  CREATE INDEX users_by_scim_id ON users (scim_id);
  CREATE INDEX users_failed ON users (retry_at) WHERE failure IS NOT NULL;
  CREATE INDEX users_active ON users (active, identity) WHERE scim_id IS NOT NULL;
  CREATE INDEX users_by_org ON users (confirmed ->> 'org') WHERE confirmed IS NOT NULL;
  ${MISSED_INDEX}
  CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    started_at TEXT NOT NULL,
    duration_ms INTEGER NOT NULL,
    mode TEXT NOT NULL,
    scope TEXT NOT NULL,
    exit_code INTEGER NOT NULL,
    counts TEXT NOT NULL
  ) STRICT;
  CREATE TABLE plans (id TEXT PRIMARY KEY, stored_at TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE plan_changes (
    plan_id TEXT NOT NULL REFERENCES plans (id), identity TEXT NOT NULL, user_name TEXT NOT NULL,
    digest TEXT NOT NULL, PRIMARY KEY (plan_id, identity)
  ) STRICT, WITHOUT ROWID;
  ${TRACES}
  ${CHANGE_LOG}
  ${DEVIATIONS}
  PRAGMA user_version = ${SCHEMA_VERSION};
`;

/** SQLite's own result codes for a file that is none of its own, or no longer whole. */
const DAMAGE_CODES = new Set([11, 26]);
/** Read only, input or output error, full, cannot open: the file system's business. */
const FILE_SYSTEM_CODES = new Set([8, 10, 13, 14]);
const BUSY_CODES = new Set([5, 6]);

/**
 * Opens `path`, creating it with mode 0600 in a live run. A dry run opens it for reading only, and works on an empty
 * one in memory where there is none yet.
 * @throws RunError STATE_NEWER, STATE_DAMAGED, FOLDER_READ_ONLY, FILE_UNREADABLE
 */
export function openStateFile(path: string, mode: 'DRY' | 'LIVE'): DatabaseSync {
  if (mode === 'DRY' && !existsSync(path)) return createIn(new DatabaseSync(':memory:'));
  if (mode === 'LIVE') createFile(path);
  const wasCutShort = mode === 'LIVE' && existsSync(`${path}-wal`);
  try {
    const database = new DatabaseSync(path, { readOnly: mode === 'DRY', timeout: 5000 });
    const prepared = prepare(database, path, mode);
    if (wasCutShort) requireWhole(prepared, path);
    // Only now: a file that is refused must stay as it is, to the byte.
    if (mode === 'LIVE') prepared.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
    return prepared;
  } catch (error) {
    throw explained(error, path);
  }
}

/**
 * A run that died leaves a log beside the file. If the file was replaced by an older copy since, the log is of another
 * file and spoils this one: told now, before anything is believed that neither of them ever said.
 */
function requireWhole(database: DatabaseSync, path: string): void {
  const first = database.prepare('PRAGMA integrity_check(1)').get()?.['integrity_check'];
  if (first === 'ok') return;
  database.close();
  throw new RunError('STATE_DAMAGED', `The state file ${path} is damaged: ${String(first)}.`);
}

/** Creating the file ourselves is what makes its mode ours; SQLite gives its side files the mode of the main one. */
function createFile(path: string): void {
  try {
    closeSync(openSync(path, 'a', 0o600));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM') {
      throw new RunError('FOLDER_READ_ONLY', `The state file ${path} cannot be written.`, { cause: error });
    }
    throw new RunError(
      'FILE_UNREADABLE',
      `The state file ${path} cannot be opened (${code ?? 'unknown error'}).`,
      {
        fix: `Check that the folder ${dirname(path)} exists, or correct state.location.`,
        cause: error,
      },
    );
  }
}

function prepare(database: DatabaseSync, path: string, mode: 'DRY' | 'LIVE'): DatabaseSync {
  const version = Number(database.prepare('PRAGMA user_version').get()?.['user_version']);
  if (version > SCHEMA_VERSION) {
    database.close();
    throw new RunError(
      'STATE_NEWER',
      `The state file ${path} was written by a newer version of c42uds (format ${version}, this one knows ${SCHEMA_VERSION}).`,
    );
  }
  if (version === SCHEMA_VERSION) return database;
  if (version > 0) return bringForward(database, version, mode);
  const tables = Number(database.prepare('SELECT count(*) AS n FROM sqlite_schema').get()?.['n']);
  if (tables > 0) {
    database.close();
    throw new RunError('STATE_DAMAGED', `The state file ${path} is a database, but not one of c42uds.`);
  }
  try {
    return createIn(database);
  } catch (error) {
    // Empty file in a dry run: it may be read only, and reading nothing from it is right.
    if (database.isOpen) database.close();
    if (/readonly/.test(String(error))) return createIn(new DatabaseSync(':memory:'));
    throw error;
  }
}

/**
 * Version 1 had no traces and, at first, knew nothing of look-ups, version 2 no log of changes, version 3 no index of
 * those who are missed, version 4 no deviations. A dry run changes nothing of the file: it works with tables of its own that die with it.
 */
function bringForward(database: DatabaseSync, version: number, mode: 'DRY' | 'LIVE'): DatabaseSync {
  const tables = [...(version < 2 ? [TRACES] : []), ...(version < 3 ? [CHANGE_LOG] : []), DEVIATIONS].join(
    '',
  );
  const hasLookups = columnsOfUsers(database).includes('vain_lookups');
  if (mode === 'DRY') {
    database.exec(tables.replaceAll(/CREATE (TABLE|INDEX) /g, 'CREATE $1 temp.'));
    if (!hasLookups) shadowUsers(database);
    return database;
  }
  const lookups = `
    ALTER TABLE users ADD COLUMN vain_lookups INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE users ADD COLUMN sought_since TEXT;`;
  database.exec(`
    BEGIN IMMEDIATE;
    ${tables}
    ${hasLookups ? '' : lookups}
    ${MISSED_INDEX}
    PRAGMA user_version = ${SCHEMA_VERSION};
    COMMIT;`);
  return database;
}

/** Puts a temporary table of the same name in front of the users of the file. */
export function shadowUsers(database: DatabaseSync): void {
  // By name: a file that was brought forward has its columns in another order.
  const columns = columnsOfUsers(database).join(', ');
  database.exec(`
    CREATE TEMP TABLE users ${USERS_TABLE};
    INSERT INTO temp.users (${columns}) SELECT ${columns} FROM main.users;`);
}

function columnsOfUsers(database: DatabaseSync): string[] {
  return database
    .prepare('PRAGMA main.table_info(users)')
    .all()
    .map((column) => String(column['name']));
}

function createIn(database: DatabaseSync): DatabaseSync {
  // One transaction: a file whose creation was cut short is an empty file, not a half one.
  database.exec(`BEGIN IMMEDIATE; ${SCHEMA} COMMIT;`);
  return database;
}

/** At rest the file needs no side files: a dry run may then read it from a folder that it cannot write to. */
export function leaveOneFile(database: DatabaseSync): void {
  try {
    database.exec('PRAGMA journal_mode = DELETE');
  } catch {
    // A dry run is reading at this moment: the next live run tries again, and nothing is lost by waiting.
  }
}

/** An error of SQLite in words for an administrator; any other, and one that only a bug can cause, as it is. */
export function explained(error: unknown, path: string): unknown {
  const code = (error as { errcode?: number } | null)?.errcode;
  if (error instanceof RunError || code === undefined) return error;
  const text = error instanceof Error ? error.message : String(error);
  const primary = code & 0xff;
  if (DAMAGE_CODES.has(primary)) {
    return new RunError('STATE_DAMAGED', `The state file ${path} is damaged (${text}).`, { cause: error });
  }
  if (BUSY_CODES.has(primary)) {
    return new RunError('LOCKED', `Another program keeps the state file ${path} locked (${text}).`, {
      cause: error,
    });
  }
  if (!FILE_SYSTEM_CODES.has(primary)) return error;
  return new RunError('FOLDER_READ_ONLY', `The state file ${path} cannot be used (${text}).`, {
    fix: 'Check free disk space and that the account that runs c42uds may write to the file and its folder.',
    cause: error,
  });
}
