/** What a live run writes to: found out by kind and permission of what is there, not by writing. */

import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Settings } from '../../config/options.ts';
import { fileProblem } from '../../lib/file-problem.ts';
import { fileName, latestNumber, localDay } from '../../local/log-folder.ts';
import { RunError } from '../../model/errors.ts';

/** @throws RunError FOLDER_READ_ONLY for the first place of state or logs that a run could not write to */
export function requireWritePlaces(settings: Settings): void {
  const state = settings['state.location'];
  requireFolder(dirname(state), 'state.location');
  // A folder in the place of the state itself is told of by the check that opens it.
  for (const path of [`${state}.lock`, `${state}.runs`, ...(isFolder(state) ? [] : [state])])
    requireFile(path, 'state.location');
  const logs = settings['log.location'];
  // Made by the first run, so whoever may write above may write there.
  requireFolder(nearest(logs), 'log.location');
  if (existsSync(logs)) requireFile(todaysLog(settings), 'log.location');
}

/** Why `metrics.file` could not be put in place; `null` where it could, or none is wanted. */
export function metricsProblem(settings: Settings): string | null {
  const file = settings['metrics.file'];
  if (file === '') return null;
  const problem = folderProblem(dirname(file));
  if (problem !== null) return `${dirname(file)}: ${problem}`;
  return isFolder(file) ? `${file}: it is a folder, not a file` : null;
}

/** The folder itself, or the nearest above it that is there. */
export function nearest(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : nearest(dirname(folder));
}

/** One that another account has made today, as by a run under sudo, keeps this one from beginning. */
function todaysLog(settings: Settings): string {
  const folder = settings['log.location'];
  const [day, extension] = [
    localDay(new Date()),
    settings['log.format'] === 'JSON' ? 'jsonl' : 'log',
  ] as const;
  return join(folder, fileName(day, latestNumber(folder, day, extension), extension));
}

function requireFolder(path: string, property: string): void {
  refuse(path, property, folderProblem(path), 'folder');
}

function requireFile(path: string, property: string): void {
  if (isAbsent(path)) return;
  const problem = isFolder(path)
    ? 'it is a folder, not a file'
    : accessProblem(path, constants.R_OK | constants.W_OK);
  refuse(path, property, problem, 'file');
}

function refuse(path: string, property: string, problem: string | null, wanted: string): void {
  if (problem === null) return;
  const isOtherKind = problem.startsWith('it is a');
  const fix = isOtherKind
    ? `Move it away, or name another ${wanted} in ${property}.`
    : `Give the account that runs c42uds write permission, or correct ${property}.`;
  throw new RunError('FOLDER_READ_ONLY', `${path} (${property}) cannot be written: ${problem}.`, { fix });
}

function folderProblem(path: string): string | null {
  if (existsSync(path) && !isFolder(path)) return 'it is a file, not a folder';
  return accessProblem(path, constants.W_OK | constants.X_OK);
}

function accessProblem(path: string, mode: number): string | null {
  try {
    accessSync(path, mode);
    return null;
  } catch (error) {
    return fileProblem(error);
  }
}

/** Not so of what cannot be looked at, as a circle of links: that is for `accessProblem` to name. */
function isFolder(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  } catch {
    return false;
  }
}

/** Nothing is there, or a link to nothing; what cannot be looked at may be there. */
function isAbsent(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) === undefined;
  } catch {
    return false;
  }
}
