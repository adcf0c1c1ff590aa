/** Replaces a file as one step: a reader, or a crash, meets the old content or the new one and nothing between. */

import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  closeSync,
  fsyncSync,
  openSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileProblem } from '../lib/file-problem.ts';
import { RunError } from '../model/errors.ts';

/**
 * Writes `bytes` to `path` with mode 0600 (or `mode`), through a temporary file in the same folder, flushed to disk and renamed.
 * A symbolic link stays one: its target is replaced.
 * @throws RunError FOLDER_READ_ONLY when the folder or the file cannot be written
 */
export function replaceFile(path: string, bytes: Uint8Array, mode = 0o600): void {
  const target = linkTarget(path);
  const temporary = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    writeFlushed(temporary, bytes);
    try {
      keepOwner(target, temporary);
      // Not by the umask: what is meant to be read by others has to be.
      if (mode !== 0o600) chmodSync(temporary, mode);
      renameSync(temporary, target);
    } catch (error) {
      rmSync(temporary);
      throw error;
    }
    flushFolder(dirname(target));
  } catch (error) {
    throw asFolderError(error, target);
  }
}

/**
 * Creates `path` with mode 0600, flushed to disk. What a full disk cut short is removed again.
 * @throws the error of the file system, EEXIST among them
 */
export function writeFlushed(path: string, bytes: Uint8Array): void {
  const handle = openSync(path, 'wx', 0o600);
  try {
    let written = 0;
    while (written < bytes.length) written += writeSync(handle, bytes, written);
    fsyncSync(handle);
  } catch (error) {
    rmSync(path);
    throw error;
  } finally {
    closeSync(handle);
  }
}

/**
 * Gives `created` the owner of `model` where they differ: after root has set a password, the account of the
 * scheduled run must still be able to read the file.
 */
export function keepOwner(model: string, created: string): void {
  if (process.getuid?.() !== 0) return;
  const owner = statSync(model, { throwIfNoEntry: false });
  if (owner !== undefined) chownSync(created, owner.uid, owner.gid);
}

/** A RunError FOLDER_READ_ONLY for an error of the file system that stopped `path` from being written. */
export function asFolderError(error: unknown, path: string): RunError {
  const where = `${basename(path)} in ${dirname(path)}`;
  return new RunError('FOLDER_READ_ONLY', `Cannot write ${where}: ${fileProblem(error)}.`, { cause: error });
}

function linkTarget(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    // The file is not there yet, or a link points to one that is not.
    try {
      return resolve(dirname(path), readlinkSync(path));
    } catch {
      return resolve(path);
    }
  }
}

/** Makes what was renamed, made or removed in the folder survive a power cut. @throws the error of the file system */
export function flushFolder(folder: string): void {
  // Windows cannot open a folder, and needs no flush of it after a rename.
  if (process.platform === 'win32') return;
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
