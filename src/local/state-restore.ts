/** Puts a copy of the state file in its place, so that the next run knows that it is one. */

import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { asFolderError, flushFolder, keepOwner } from '../config/file-replacement.ts';
import { fileProblem } from '../lib/file-problem.ts';
import { RunError } from '../model/errors.ts';
import { MetaValues } from './meta-values.ts';
import type { RunMark } from './run-mark.ts';
import { LEFT_BESIDE, setStateAside } from './state-aside.ts';
import { explained } from './state-file.ts';
import { inspectState, type StateReport } from './state-inspection.ts';
import { foreignState } from './state-origin.ts';

export interface Restored {
  /** What the copy holds. */
  readonly holds: Pick<StateReport, 'known' | 'active' | 'failed' | 'absent' | 'service' | 'latestRun'>;
  /** Where the state file went that was there; `null` where there was none. */
  readonly aside: string | null;
}

interface Order {
  /** Stays as it is. */
  readonly copy: string;
  readonly statePath: string;
  /** `scim.baseurl`. */
  readonly service: string;
  readonly mark: RunMark;
  readonly now: Date;
}

/**
 * Checks the copy from end to end and puts it in the place of the state file, which is set aside. Whatever it remembers, it is
 * an older copy to the runs that follow, until one of them has sent everybody. To be called under the run lock. Cut off at any
 * moment it leaves the one file or the other, and a mark by which either is doubted.
 * @throws RunError FILE_UNREADABLE, FILE_INVALID, STATE_DAMAGED, STATE_NEWER, STATE_FOREIGN, FOLDER_READ_ONLY: the state
 * file is as it was
 */
export function restoreState({ copy, statePath, service, mark, now }: Order): Restored {
  requireOther(copy, statePath);
  const staged = `${statePath}.restoring`;
  try {
    takeIn(copy, staged, statePath);
    const { counted, ...holds } = checked(copy, staged, service);
    // Two more, since the file that is there may count one more than the mark, and is to be an older copy as well.
    mark.raise(Math.max(counted, mark.latest() ?? 0) + 2);
    const aside = setStateAside(statePath, now, true);
    putInPlace(staged, statePath);
    return { holds, aside };
  } finally {
    for (const side of ['', '-shm', ...LEFT_BESIDE]) rmSync(staged + side, { force: true });
  }
}

function requireOther(copy: string, statePath: string): void {
  let found;
  try {
    found = statSync(copy, { bigint: true });
  } catch (error) {
    const message = `The copy ${copy} cannot be read: ${fileProblem(error)}.`;
    throw new RunError('FILE_UNREADABLE', message, { cause: error });
  }
  if (!found.isFile()) throw new RunError('FILE_UNREADABLE', `The copy ${copy} is not an ordinary file.`);
  const present = statSync(statePath, { bigint: true, throwIfNoEntry: false });
  if (present?.ino === found.ino && present.dev === found.dev) {
    throw new RunError('FILE_INVALID', `${copy} is the state file itself.`, {
      fix: 'Name a copy of it: c42uds state check lists them.',
    });
  }
}

/** With what a process that died has left beside the copy: without it the copy would lack the end, or be torn. */
function takeIn(copy: string, staged: string, statePath: string): void {
  for (const side of ['', ...LEFT_BESIDE]) {
    rmSync(staged + side, { force: true });
    if (side !== '' && !existsSync(copy + side)) continue;
    copyPrivately(copy + side, staged + side);
    try {
      keepOwner(existsSync(statePath) ? statePath : dirname(statePath), staged + side);
    } catch (error) {
      throw asFolderError(error, staged);
    }
  }
}

/** The system's own copying would give the new file the mode of the other one. */
function copyPrivately(from: string, to: string): void {
  let source: number;
  try {
    source = openSync(from, 'r');
  } catch (error) {
    const message = `The copy ${from} cannot be read: ${fileProblem(error)}.`;
    throw new RunError('FILE_UNREADABLE', message, { cause: error });
  }
  try {
    const target = openSync(to, 'wx', 0o600);
    try {
      const buffer = Buffer.allocUnsafe(1 << 20);
      for (let length = readSync(source, buffer); length > 0; length = readSync(source, buffer)) {
        for (let written = 0; written < length;)
          written += writeSync(target, buffer, written, length - written);
      }
    } finally {
      closeSync(target);
    }
  } catch (error) {
    throw asFolderError(error, to);
  } finally {
    closeSync(source);
  }
}

/** @returns what the copy holds, and how many beginnings and ends of runs it has counted */
function checked(copy: string, staged: string, service: string): Restored['holds'] & { counted: number } {
  try {
    makeOneFile(staged);
    const report = inspectState(staged);
    if (report === null) throw new Error(`${staged} is gone`);
    if (report.service !== null && report.service !== service && report.known > 0) {
      throw foreignState(copy, report.service, service);
    }
    return { ...report, counted: countedIn(staged, copy) };
  } catch (error) {
    const known = explained(error, copy);
    if (!(known instanceof RunError)) throw known;
    // It was read under another name than the administrator knows.
    const message = known.message.replaceAll(staged, copy);
    const another = 'The state file was left as it is. Choose another copy: c42uds state check lists them.';
    throw new RunError(known.code, message, {
      fix: known.code === 'STATE_DAMAGED' ? another : known.fix,
      cause: known,
    });
  }
}

/** Takes over what a process that died has left beside it, and flushes it to disk. */
function makeOneFile(staged: string): void {
  const database = new DatabaseSync(staged, { timeout: 0 });
  try {
    database.exec('PRAGMA journal_mode = DELETE');
  } finally {
    database.close();
  }
  const handle = openSync(staged, 'r+');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function countedIn(staged: string, copy: string): number {
  const database = new DatabaseSync(staged, { readOnly: true });
  try {
    if (Number(database.prepare('PRAGMA user_version').get()?.['user_version']) === 0) {
      throw new RunError('FILE_INVALID', `The copy ${copy} is empty: there is no state in it.`, {
        fix: 'Choose another copy: c42uds state check lists them. To begin anew there is c42uds state rebuild.',
      });
    }
    return Number(new MetaValues(database).get('run_number') ?? '0');
  } finally {
    database.close();
  }
}

function putInPlace(staged: string, statePath: string): void {
  try {
    renameSync(staged, statePath);
    flushFolder(dirname(statePath));
  } catch (error) {
    throw asFolderError(error, statePath);
  }
}
