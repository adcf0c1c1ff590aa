/** A file that is written as it comes and appears whole or not at all. */

import { randomBytes } from 'node:crypto';
import { closeSync, openSync, realpathSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileProblem } from '../lib/file-problem.ts';
import { RunError } from '../model/errors.ts';

const CHUNK_CHARACTERS = 65_536;

/**
 * Text goes to a hidden file beside `path` with mode 0600 (reports hold personal data); {@link commit} renames it, so
 * that a reader finds the old file or the whole new one. A symbolic link stays one: its target is replaced.
 */
export class ReportFile {
  readonly path: string;
  readonly #target: string;
  readonly #temporary: string;
  readonly #handle: number;
  #gathered = '';
  #open = true;

  /** @throws RunError FOLDER_READ_ONLY naming the file and the reason */
  constructor(path: string) {
    this.path = path;
    this.#target = linkTarget(path);
    const name = `.${basename(this.#target)}.${randomBytes(6).toString('hex')}.part`;
    this.#temporary = join(dirname(this.#target), name);
    try {
      // A rename would put the file in the place of a device; of a folder one should hear before the run.
      if (statSync(this.#target, { throwIfNoEntry: false })?.isFile() === false)
        throw new Error('it is not an ordinary file');
      this.#handle = openSync(this.#temporary, 'wx', 0o600);
    } catch (error) {
      throw problem(error, path);
    }
  }

  /** @throws RunError FOLDER_READ_ONLY */
  write(text: string): void {
    this.#gathered += text;
    if (this.#gathered.length >= CHUNK_CHARACTERS) this.#release();
  }

  /**
   * Puts the file in its place.
   * @throws RunError FOLDER_READ_ONLY
   */
  commit(): void {
    this.#release();
    this.#close();
    try {
      renameSync(this.#temporary, this.#target);
    } catch (error) {
      rmSync(this.#temporary, { force: true });
      throw problem(error, this.path);
    }
  }

  /** Leaves nothing behind, unless it is committed; may be called at any time. */
  discard(): void {
    if (!this.#open) return;
    this.#close();
    rmSync(this.#temporary, { force: true });
  }

  #release(): void {
    const bytes = Buffer.from(this.#gathered, 'utf8');
    this.#gathered = '';
    try {
      // A full disk, or a signal, may take less than it was given.
      for (let written = 0; written < bytes.length;) written += writeSync(this.#handle, bytes, written);
    } catch (error) {
      this.discard();
      throw problem(error, this.path);
    }
  }

  #close(): void {
    if (this.#open) closeSync(this.#handle);
    this.#open = false;
  }
}

function linkTarget(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function problem(error: unknown, path: string): RunError {
  return new RunError('FOLDER_READ_ONLY', `${path} cannot be written: ${fileProblem(error)}.`, {
    fix: 'Name a file in a folder that the account which runs c42uds may write to.',
    cause: error,
  });
}
