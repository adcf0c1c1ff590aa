/** The tables of the state file. */

import { CHANGE_LOG } from './change-log.ts';
import { DEVIATIONS } from './deviations.ts';
import { TRACES_TABLE } from './trace-table.ts';

/** Raised by one whenever the tables change; older files are brought forward, newer ones refused. */
export const SCHEMA_VERSION = 6;

// `confirmed` is the JSON text of a UserResource without its manager: equal users have equal texts, so that the
// comparison of a whole directory is a comparison of texts inside SQLite. The manager's id stands beside it.
export const USERS_TABLE = `(
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

export const PLANS = `
  CREATE TABLE plans (id TEXT PRIMARY KEY, stored_at TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE plan_changes (
    plan_id TEXT NOT NULL REFERENCES plans (id), identity TEXT NOT NULL, user_name TEXT NOT NULL,
    digest TEXT NOT NULL, PRIMARY KEY (plan_id, identity)
  ) STRICT, WITHOUT ROWID;`;

export const TRACES = `CREATE TABLE traces ${TRACES_TABLE};
  CREATE INDEX traces_due ON traces (due_at) WHERE due_at IS NOT NULL;`;

// `run_id` stands on each line of the run in the log files; runs of older formats have none.
export const RUNS_TABLE = `(
    id INTEGER PRIMARY KEY,
    started_at TEXT NOT NULL,
    duration_ms INTEGER NOT NULL,
    mode TEXT NOT NULL,
    scope TEXT NOT NULL,
    exit_code INTEGER NOT NULL,
    counts TEXT NOT NULL,
    run_id TEXT
  ) STRICT`;

/** Each may be there already. */
export const USERS_INDEXES = `
  CREATE INDEX IF NOT EXISTS users_by_dn ON users (dn_key);
  CREATE INDEX IF NOT EXISTS users_by_manager ON users (manager_dn_key);
  CREATE INDEX IF NOT EXISTS users_by_name ON users (user_name_key);
  CREATE INDEX IF NOT EXISTS users_unsettled ON users (identity) WHERE unsettled IS NOT NULL;
  CREATE INDEX IF NOT EXISTS users_link_due ON users (identity) WHERE link_due = 1;
  CREATE INDEX IF NOT EXISTS users_by_scim_id ON users (scim_id);
  CREATE INDEX IF NOT EXISTS users_failed ON users (retry_at) WHERE failure IS NOT NULL;
  CREATE INDEX IF NOT EXISTS users_active ON users (active, identity) WHERE scim_id IS NOT NULL;
  CREATE INDEX IF NOT EXISTS users_by_org ON users (confirmed ->> 'org') WHERE confirmed IS NOT NULL;
  CREATE INDEX IF NOT EXISTS users_missed ON users (identity) WHERE missed <> 0;`;

/** Everything that a new state file holds. */
export const SCHEMA = `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE users ${USERS_TABLE};
  ${USERS_INDEXES}
  CREATE TABLE runs ${RUNS_TABLE};
  ${PLANS}
  ${TRACES}
  ${CHANGE_LOG}
  ${DEVIATIONS}
  PRAGMA user_version = ${SCHEMA_VERSION};
`;
