/** Reads the history out of the state file, without a run. */

import { existsSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { dnKey } from '../model/dn.ts';
import type { UserHistory, UserStanding } from '../model/history.ts';
import type { RunRecord } from '../model/run-log.ts';
import { nameKey } from '../model/user.ts';
import { pastChange } from './change-log.ts';
import { RunHistory } from './run-history.ts';
import { json, orNull, text, type Row } from './sql-rows.ts';
import { explained, openStateFile } from './state-file.ts';

/** One live run at a time: a change belongs to the run in whose time it was confirmed. A run that was killed left no row. */
const RUN_OF_CHANGE = `(
  SELECT CASE WHEN at <= strftime('%Y-%m-%dT%H:%M:%fZ', started_at, (duration_ms / 1000.0) || ' seconds') THEN run_id END
  FROM runs WHERE started_at <= at ORDER BY id DESC LIMIT 1)`;

/**
 * The latest live runs, the latest first; none where there is no state file.
 * @throws RunError STATE_DAMAGED, STATE_NEWER, FOLDER_READ_ONLY
 */
export function readRuns(path: string, limit: number): RunRecord[] {
  return reading(path, [], (database) => new RunHistory(database).latest(limit));
}

/**
 * What is known of the users whom `user` names, and their latest changes. `user` is a userName, now or formerly, a DN,
 * an identity of the directory, or an id at the service.
 * @throws RunError STATE_DAMAGED, STATE_NEWER, FOLDER_READ_ONLY
 */
export function readUserHistory(path: string, user: string, limit: number): UserHistory {
  return reading(path, { users: [], changes: [] }, (database) => {
    const identities = identitiesOf(database, user);
    const users = database
      .prepare('SELECT * FROM users WHERE identity IN (SELECT value FROM json_each(?)) ORDER BY identity')
      .all(identities);
    const changes = database
      .prepare(
        `SELECT *, ${RUN_OF_CHANGE} AS run_id FROM change_log
           WHERE identity IN (SELECT value FROM json_each(?)) ORDER BY id DESC LIMIT ?`,
      )
      .all(identities, limit);
    return { users: users.map(standing), changes: changes.map(pastChange) };
  });
}

/** Of everybody who bears the name, or bore it, as a JSON list. */
function identitiesOf(database: DatabaseSync, user: string): string {
  const rows = database
    .prepare(
      `SELECT identity FROM users WHERE user_name_key = $name OR dn_key = $dn OR identity = $user OR scim_id = $user
       UNION SELECT identity FROM change_log WHERE user_name_key = $name OR identity = $user`,
    )
    .all({ $name: nameKey(user), $dn: dnKey(user), $user: user });
  return JSON.stringify(rows.map((row) => text(row, 'identity')));
}

function standing(row: Row): UserStanding {
  const failure = json(row, 'failure') as { readonly message: string } | null;
  return {
    identity: text(row, 'identity'),
    userName: orNull(row, 'user_name'),
    dn: text(row, 'dn'),
    scimId: orNull(row, 'scim_id'),
    active: row['active'] === 1,
    missed: Number(row['missed']),
    failure:
      failure === null
        ? null
        : { message: failure.message, since: text(row, 'failed_since'), attempts: Number(row['attempts']) },
  };
}

function reading<T>(path: string, nothing: T, work: (database: DatabaseSync) => T): T {
  if (!existsSync(path)) return nothing;
  const database = openStateFile(path, 'DRY');
  try {
    return work(database);
  } catch (error) {
    throw explained(error, path);
  } finally {
    database.close();
  }
}
