/** Takes a state file out of the way, with the files that SQLite keeps beside it. Nothing is deleted. */

import { existsSync, linkSync, renameSync, rmSync } from 'node:fs';
import { RunError } from '../model/errors.ts';

/** What a process that died leaves beside the file: it belongs to this file, and would spoil any other of its name. */
export const LEFT_BESIDE = ['-wal', '-journal'] as const;

/**
 * Moves the file with what lies beside it. To be called under the run lock.
 * @param holdsPlace the file stays where it is as well, until another is put in its place: at no moment is there none
 * @returns the new path; `null` where there was no file
 * @throws RunError FOLDER_READ_ONLY
 */
export function setStateAside(path: string, now: Date, holdsPlace = false): string | null {
  if (!existsSync(path)) return null;
  const aside = `${path}.set-aside-${now.toISOString().replace(/[:.]/g, '-')}`;
  try {
    const linked = holdsPlace && linksTo(path, aside);
    for (const side of LEFT_BESIDE) if (existsSync(path + side)) renameSync(path + side, aside + side);
    // An index of the log, which SQLite makes anew.
    rmSync(`${path}-shm`, { force: true });
    if (!linked) renameSync(path, aside);
  } catch (error) {
    throw new RunError('FOLDER_READ_ONLY', `The state file ${path} cannot be moved to ${aside}.`, {
      cause: error,
    });
  }
  return aside;
}

/** Whether the file has the second name now; some file systems know of no such thing. */
function linksTo(path: string, second: string): boolean {
  try {
    linkSync(path, second);
    return true;
  } catch {
    return false;
  }
}
