/** The log files: one a day in `log.location`, kept `log.keep.days`, readable by their owner alone. */

import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileProblem } from '../lib/file-problem.ts';
import { RunError } from '../model/errors.ts';
import { bracketed } from './log.ts';
import type { LogDestination, LogRecord } from './log.ts';

export interface LogFileOptions {
  /** Absolute path of the folder; made where it is missing. */
  readonly folder: string;
  /** Days that a file is kept, today included. */
  readonly keepDays: number;
  /** TEXT: the console's line behind a timestamp. JSON: one object a line. */
  readonly format: 'TEXT' | 'JSON';
  /** Told once if writing fails later on (disk full): the run goes on without its file. */
  readonly onLost: (message: string) => void;
  /** Told when a file that is already there can be read by other accounts and cannot be closed to them. */
  readonly onExposed: (message: string) => void;
  /** The clock; a test may bring its own. */
  readonly now?: () => Date;
}

/**
 * A link that another account has put into a shared folder must not lead our lines elsewhere, and a pipe without a
 * reader must not hold the run up. Windows has neither flag.
 */
const OPEN_FLAGS =
  constants.O_WRONLY |
  constants.O_APPEND |
  constants.O_CREAT |
  (process.platform === 'win32' ? 0 : constants.O_NOFOLLOW | constants.O_NONBLOCK);

const FILE_NAME = /^c42uds-(\d{4}-\d{2}-\d{2})\.(?:log|jsonl)$/;

/**
 * Opens today's file for appending and removes the files that are too old. Lines are written at once, without a
 * buffer, so that the last line before a crash is there.
 * @throws RunError FOLDER_READ_ONLY
 */
export function openLogFiles(options: LogFileOptions): LogDestination {
  const now = options.now ?? (() => new Date());
  let day = '';
  let nextDayAt = 0;
  let file: number | null = null;

  const open = (time: Date): void => {
    if (file !== null) closeSync(file);
    file = null;
    day = localDay(time);
    nextDayAt = new Date(time.getFullYear(), time.getMonth(), time.getDate() + 1).getTime();
    mkdirSync(options.folder, { recursive: true, mode: 0o700 });
    const extension = options.format === 'JSON' ? 'jsonl' : 'log';
    const path = join(options.folder, `c42uds-${day}.${extension}`);
    file = openSync(path, OPEN_FLAGS, 0o600);
    if (!isForOwnerAlone(file)) {
      options.onExposed(`Other accounts can read the log file ${path}, and its mode cannot be changed.`);
    }
    prune(options.folder, time, options.keepDays);
  };

  try {
    open(now());
  } catch (cause) {
    const linked = (cause as NodeJS.ErrnoException).code === 'ELOOP';
    throw new RunError(
      'FOLDER_READ_ONLY',
      `The log files cannot be written to ${options.folder} (log.location): ${reasonOf(cause)}`,
      { ...(linked ? { fix: 'Remove the link, or name another folder in log.location.' } : {}), cause },
    );
  }
  return {
    write(record) {
      if (file === null) return;
      const time = now();
      try {
        if (time.getTime() >= nextDayAt) open(time);
        writeSync(file, `${lineOf(record, time, options.format)}\n`);
      } catch (cause) {
        file = null;
        options.onLost(`The log file in ${options.folder} cannot be written any more: ${reasonOf(cause)}`);
      }
    },
    close() {
      if (file !== null) closeSync(file);
      file = null;
    },
  };
}

/** Closes a file to other accounts that was there before, made by hand or under another mode. */
function isForOwnerAlone(file: number): boolean {
  if (process.platform === 'win32' || (fstatSync(file).mode & 0o077) === 0) return true;
  try {
    fchmodSync(file, 0o600);
    return true;
  } catch {
    // Another account's file, or a file system without modes: leavers must not keep their accounts for that.
    return false;
  }
}

function lineOf(record: LogRecord, time: Date, format: 'TEXT' | 'JSON'): string {
  return format === 'JSON' ? record.json : `${localTimestamp(time)} ${bracketed(record)}`;
}

/** Removes the files whose day is past keeping. A file that cannot be removed is left: it must not stop a run. */
function prune(folder: string, today: Date, keepDays: number): void {
  const oldest = localDay(new Date(today.getFullYear(), today.getMonth(), today.getDate() - (keepDays - 1)));
  for (const name of readdirSync(folder)) {
    const day = FILE_NAME.exec(name)?.[1];
    if (day === undefined || day >= oldest) continue;
    try {
      unlinkSync(join(folder, name));
    } catch {
      // Tried again on the next day.
    }
  }
}

function localDay(time: Date): string {
  return localTimestamp(time).slice(0, 10);
}

/** ISO 8601 in local time with its offset: what an administrator compares with other logs of the same machine. */
function localTimestamp(time: Date): string {
  const offset = -time.getTimezoneOffset();
  const shifted = new Date(time.getTime() + offset * 60_000).toISOString().slice(0, -1);
  const hours = String(Math.floor(Math.abs(offset) / 60)).padStart(2, '0');
  const minutes = String(Math.abs(offset) % 60).padStart(2, '0');
  return `${shifted}${offset < 0 ? '-' : '+'}${hours}:${minutes}`;
}

function reasonOf(cause: unknown): string {
  const where = (cause as NodeJS.ErrnoException).path;
  return `${where === undefined ? '' : `${where}: `}${fileProblem(cause)}`;
}
