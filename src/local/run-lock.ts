/** One live run at a time: a lock of the operating system that dies with its process. */

import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { asFolderError, keepOwner } from '../config/file-replacement.ts';
import { RunError } from '../model/errors.ts';
import { explained } from './state-file.ts';

export interface RunLock {
  /** May be called twice. */
  release(): void;
}

const SQLITE_BUSY = 5;

/** Keeps held locks reachable: one that the garbage collector took would be a lock released. */
const heldLocks = new Set<DatabaseSync>();

/**
 * Takes the lock at `path` (a small file beside the state file) or fails at once. SQLite's own file lock is used
 * because Node has none and it is one of the kernel's: no file that a crash could leave behind keeps anybody out.
 * @throws RunError LOCKED naming who holds it since when; FOLDER_READ_ONLY
 */
export function acquireRunLock(path: string): RunLock {
  const holderPath = `${path}.holder`;
  let database: DatabaseSync | null = null;
  try {
    writeFileSync(path, '', { flag: 'a', mode: 0o600 });
    // Once root has run a command here, the account of the scheduled run must still be able to take the lock.
    keepOwner(dirname(path), path);
    database = new DatabaseSync(path, { timeout: 0 });
    database.exec('PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE');
    // One that was killed may have been of another account.
    rmSync(holderPath, { force: true });
    writeFileSync(holderPath, `process ${process.pid} since ${new Date().toISOString()}\n`, { mode: 0o600 });
  } catch (error) {
    database?.close();
    if (((error as { errcode?: number }).errcode ?? 0) % 256 === SQLITE_BUSY) {
      throw new RunError('LOCKED', `Another run holds ${path}: ${holder(holderPath)}.`, { cause: error });
    }
    const known = explained(error, path);
    throw known instanceof RunError ? known : asFolderError(error, path);
  }
  const held = database;
  heldLocks.add(held);
  return {
    release(): void {
      if (!held.isOpen) return;
      rmSync(holderPath, { force: true });
      held.close();
      heldLocks.delete(held);
    },
  };
}

/**
 * Who holds the lock at `path`; `null` where nobody does. Writes nothing. Whoever holds it has put his name beside it, so
 * where there is no name the lock is not touched: a look at it might keep a run out that begins at this very moment.
 */
export function runLockHolder(path: string): string | null {
  const holderPath = `${path}.holder`;
  if (!existsSync(holderPath) || !existsSync(path)) return null;
  let database: DatabaseSync | null = null;
  try {
    database = new DatabaseSync(path, { readOnly: true, timeout: 0 });
    database.prepare('SELECT count(*) FROM sqlite_schema').get();
    return null;
  } catch (error) {
    if (((error as { errcode?: number }).errcode ?? 0) % 256 === SQLITE_BUSY) return holder(holderPath);
    throw explained(error, path);
  } finally {
    database?.close();
  }
}

/** Who holds the lock. He writes his name after he has got it, so a moment's patience may be needed. */
function holder(path: string): string {
  for (let attempt = 0; attempt < 20; attempt += 1) {
    try {
      const name = readFileSync(path, 'utf8').trim();
      if (name !== '') return name;
    } catch {
      // Not there yet.
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
  }
  return 'its process is unknown';
}
