/** The log files: one or more a day in `log.location`, kept `log.keep.days`, readable by their owner alone. */

import { closeSync, constants, fchmodSync, fstatSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { fileProblem } from '../lib/file-problem.ts';
import { RunError } from '../model/errors.ts';
import { fileName, latestNumber, localDay, prune } from './log-folder.ts';
import { bracketed } from './log.ts';
import type { LogDestination, LogRecord } from './log.ts';

export interface LogFileOptions {
  /** Absolute path of the folder; made where it is missing. */
  readonly folder: string;
  /** Days that a file is kept, today included. */
  readonly keepDays: number;
  /** That all files together may take; 0 sets no limit. */
  readonly keepBytes: number;
  /** After which a file is left for the next one of the day; 0 sets no limit. */
  readonly fileBytes: number;
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

/**
 * Opens today's file for appending and removes the files that are too old or too many. Lines are written at once,
 * without a buffer, so that the last line before a crash is there. A full file is never renamed: other processes write
 * to it, too, and each goes on to the next number when it meets its end.
 * @throws RunError FOLDER_READ_ONLY
 */
export function openLogFiles(options: LogFileOptions): LogDestination {
  const now = options.now ?? (() => new Date());
  const extension = options.format === 'JSON' ? 'jsonl' : 'log';
  let nextDayAt = 0;
  let number = 1;
  let file: number | null = null;

  const open = (time: Date): void => {
    mkdirSync(options.folder, { recursive: true, mode: 0o700 });
    const day = localDay(time);
    nextDayAt = new Date(time.getFullYear(), time.getMonth(), time.getDate() + 1).getTime();
    number = latestNumber(options.folder, day, extension);
    openNumber(day);
    while (isFull()) {
      number += 1;
      openNumber(day);
    }
    const keeping = { days: options.keepDays, bytes: options.keepBytes };
    prune(options.folder, fileName(day, number, extension), time, keeping);
  };
  const openNumber = (day: string): void => {
    if (file !== null) closeSync(file);
    file = null;
    const path = join(options.folder, fileName(day, number, extension));
    file = openSync(path, OPEN_FLAGS, 0o600);
    if (isForOwnerAlone(file)) return;
    options.onExposed(`Other accounts can read the log file ${path}, and its mode cannot be changed.`);
  };
  const isFull = (): boolean => {
    if (file === null) return false;
    const { size, nlink } = fstatSync(file);
    // Without a name: another run has removed it, and what is written to it is lost.
    return nlink === 0 || (options.fileBytes > 0 && size >= options.fileBytes);
  };

  try {
    open(now());
  } catch (cause) {
    const { code = '' } = cause as NodeJS.ErrnoException;
    const fix =
      code === 'ELOOP'
        ? 'Remove the link, or name another folder in log.location.'
        : ['EEXIST', 'ENOTDIR', 'EISDIR'].includes(code)
          ? 'Move the file away, or name another folder in log.location.'
          : null;
    throw new RunError(
      'FOLDER_READ_ONLY',
      `The log files cannot be written to ${options.folder} (log.location): ${reasonOf(cause, options.folder)}`,
      { ...(fix === null ? {} : { fix }), cause },
    );
  }
  return {
    write(record) {
      if (file === null) return;
      const time = now();
      try {
        if (time.getTime() >= nextDayAt || isFull()) open(time);
        writeSync(file, `${lineOf(record, time, options.format)}\n`);
      } catch (cause) {
        file = null;
        options.onLost(
          `The log file in ${options.folder} cannot be written any more: ${reasonOf(cause, options.folder)}`,
        );
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
  return format === 'JSON' ? record.json : `${localTimestamp(time)} ${record.runId} ${bracketed(record)}`;
}

/** ISO 8601 in local time with its offset: what an administrator compares with other logs of the same machine. */
function localTimestamp(time: Date): string {
  const offset = -time.getTimezoneOffset();
  const shifted = new Date(time.getTime() + offset * 60_000).toISOString().slice(0, -1);
  const hours = String(Math.floor(Math.abs(offset) / 60)).padStart(2, '0');
  const minutes = String(Math.abs(offset) % 60).padStart(2, '0');
  return `${shifted}${offset < 0 ? '-' : '+'}${hours}:${minutes}`;
}

/** @param folder named already */
function reasonOf(cause: unknown, folder: string): string {
  const where = (cause as NodeJS.ErrnoException).path;
  // What mkdir says where a file has the folder's name.
  const isFile = (cause as NodeJS.ErrnoException).code === 'EEXIST';
  return `${where === undefined || where === folder ? '' : `${where}: `}${isFile ? 'it is a file, not a folder' : fileProblem(cause)}`;
}
