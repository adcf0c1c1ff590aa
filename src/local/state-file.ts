/** Opens the state file: creation, schema version, damage. */

import { closeSync, existsSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileProblem } from '../lib/file-problem.ts';
import { RunError } from '../model/errors.ts';
import { bringForward } from './state-migration.ts';
import { SCHEMA, SCHEMA_VERSION } from './state-schema.ts';

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
  requireNoFolder(path);
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

/** SQLite would speak of the disk. */
function requireNoFolder(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return;
  throw new RunError(
    'FILE_UNREADABLE',
    `The state file ${path} cannot be opened: it is a folder, not a file.`,
    {
      fix: 'Move the folder away, or name another file in state.location.',
    },
  );
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
    throw new RunError('FILE_UNREADABLE', `The state file ${path} cannot be opened: ${fileProblem(error)}.`, {
      fix: `Check that the folder ${dirname(path)} exists, or correct state.location.`,
      cause: error,
    });
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
  if (version > 0) return bringForward(database, path, version, mode);
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
