/** Brings a state file of an older version forward, after a copy of it; a dry run only looks at it as if it were new. */

import type { DatabaseSync } from 'node:sqlite';
import { RunError } from '../model/errors.ts';
import { CHANGE_LOG } from './change-log.ts';
import { DEVIATIONS } from './deviations.ts';
import { copyState } from './state-copy.ts';
import { PLANS, RUNS_TABLE, SCHEMA_VERSION, TRACES, USERS_INDEXES, USERS_TABLE } from './state-schema.ts';

/** Columns by other names, in files of the first version. */
const FORMER_NAMES: Readonly<Record<string, string>> = { failed_since: 'failed_at' };

/**
 * Version 1 had no traces and, at first, fewer columns of users and no plans; version 2 had no log of changes, version 3
 * no index of those who are missed, version 4 no deviations, version 5 no ids of runs. A live run copies the file to
 * `PATH.format-VERSION` first. A dry run changes nothing of the file: it works with tables of its own that die with it.
 * @throws RunError FOLDER_READ_ONLY where no copy can be made: the file stays as it is
 */
export function bringForward(
  database: DatabaseSync,
  path: string,
  version: number,
  mode: 'DRY' | 'LIVE',
): DatabaseSync {
  const tables = [
    ...(hasTable(database, 'plans') ? [] : [PLANS]),
    ...(version < 2 ? [TRACES] : []),
    ...(version < 3 ? [CHANGE_LOG] : []),
    ...(version < 5 ? [DEVIATIONS] : []),
  ].join('');
  if (mode === 'DRY') {
    database.exec(tables.replaceAll(/CREATE (TABLE|INDEX) /g, 'CREATE $1 temp.'));
    if (version < 2) shadowUsers(database);
    shadowRuns(database);
    return database;
  }
  keepFormer(database, path, version);
  // The indexes of the former table go with it.
  const users = `
    CREATE TABLE users_forward ${USERS_TABLE};
    ${copyUsers(database, 'users_forward')}
    DROP TABLE users;
    ALTER TABLE users_forward RENAME TO users;`;
  database.exec(`
    BEGIN IMMEDIATE;
    ${tables}
    ${version < 2 ? users : ''}
    ${USERS_INDEXES}
    ALTER TABLE runs ADD COLUMN run_id TEXT;
    PRAGMA user_version = ${SCHEMA_VERSION};
    COMMIT;`);
  return database;
}

/** The way back: whoever has to return to the older program puts this copy in the place of the file. */
function keepFormer(database: DatabaseSync, path: string, version: number): void {
  const copy = `${path}.format-${version}`;
  try {
    copyState(database, copy);
  } catch (error) {
    throw new RunError(
      'FOLDER_READ_ONLY',
      `The state file ${path} is of an older version, and no copy of it could be kept at ${copy}: it was left as it is.`,
      {
        fix: 'Make room on the disk, or give the account of c42uds the right to write to the folder.',
        cause: error,
      },
    );
  }
}

/** Puts a temporary table of the same name in front of the users of the file. */
export function shadowUsers(database: DatabaseSync): void {
  database.exec(`CREATE TEMP TABLE users ${USERS_TABLE}; ${copyUsers(database, 'temp.users')}`);
}

/** The runs of a file that keeps no ids of them. */
function shadowRuns(database: DatabaseSync): void {
  const columns = 'id, started_at, duration_ms, mode, scope, exit_code, counts';
  database.exec(
    `CREATE TEMP TABLE runs ${RUNS_TABLE}; INSERT INTO temp.runs (${columns}) SELECT ${columns} FROM main.runs;`,
  );
}

/** By name: an older file has fewer columns, or has them in another order. */
function copyUsers(database: DatabaseSync, target: string): string {
  const there = new Set(
    database
      .prepare('PRAGMA main.table_info(users)')
      .all()
      .map(({ name }) => String(name)),
  );
  const pairs = [...USERS_TABLE.matchAll(/^ {2}(\w+) /gm)]
    .map(([, column = '']) => [column, there.has(column) ? column : FORMER_NAMES[column]] as const)
    .filter(([, source]) => source !== undefined && there.has(source));
  const into = pairs.map(([column]) => column).join(', ');
  const from = pairs.map(([, source]) => source).join(', ');
  return `INSERT INTO ${target} (${into}) SELECT ${from} FROM main.users;`;
}

function hasTable(database: DatabaseSync, name: string): boolean {
  return database.prepare('SELECT 1 FROM sqlite_schema WHERE name = ?').get(name) !== undefined;
}
