CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE users (
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
) STRICT, WITHOUT ROWID;
CREATE INDEX users_by_dn ON users (dn_key);
CREATE INDEX users_by_manager ON users (manager_dn_key);
CREATE INDEX users_by_name ON users (user_name_key);
CREATE INDEX users_unsettled ON users (identity) WHERE unsettled IS NOT NULL;
CREATE INDEX users_link_due ON users (identity) WHERE link_due = 1;
CREATE INDEX users_by_scim_id ON users (scim_id);
CREATE INDEX users_failed ON users (retry_at) WHERE failure IS NOT NULL;
CREATE INDEX users_active ON users (active, identity) WHERE scim_id IS NOT NULL;
CREATE INDEX users_by_org ON users (confirmed ->> 'org') WHERE confirmed IS NOT NULL;
CREATE INDEX users_missed ON users (identity) WHERE missed <> 0;
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
CREATE TABLE traces (identity TEXT PRIMARY KEY, links TEXT, due_at TEXT) STRICT, WITHOUT ROWID;
CREATE INDEX traces_due ON traces (due_at) WHERE due_at IS NOT NULL;
CREATE TABLE change_log (
    id INTEGER PRIMARY KEY, at TEXT NOT NULL, identity TEXT NOT NULL, user_name TEXT NOT NULL,
    user_name_key TEXT NOT NULL, kind TEXT NOT NULL, cause TEXT, attributes TEXT NOT NULL
  ) STRICT;
CREATE INDEX change_log_by_identity ON change_log (identity);
CREATE INDEX change_log_by_name ON change_log (user_name_key);
CREATE INDEX change_log_by_time ON change_log (at);
CREATE TABLE deviations (
    identity TEXT PRIMARY KEY, held TEXT NOT NULL, since TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
PRAGMA user_version = 5;
