/** The folder of the log files: how they are called, which is the one to go on with, and which are to go. */

import { readdirSync, statSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';

/** Another file of the same day has a number, from 2 on. */
const FILE_NAME = /^c42uds-(\d{4}-\d{2}-\d{2})(?:\.([1-9]\d{0,8}))?\.(log|jsonl)$/;

export type Extension = 'log' | 'jsonl';

interface LogFile {
  readonly name: string;
  readonly day: string;
  readonly number: number;
  readonly extension: string;
}

/** What is kept: by age, and by size of all together; 0 bytes set no limit. */
export interface Keeping {
  readonly days: number;
  readonly bytes: number;
}

export function fileName(day: string, number: number, extension: Extension): string {
  return number === 1 ? `c42uds-${day}.${extension}` : `c42uds-${day}.${number}.${extension}`;
}

/** The highest number that a file of the day has; 1 where there is none yet. */
export function latestNumber(folder: string, day: string, extension: Extension): number {
  const numbers = filesIn(folder)
    .filter((file) => file.day === day && file.extension === extension)
    .map(({ number }) => number);
  return Math.max(1, ...numbers);
}

/** `2025-03-09` of the local calendar. */
export function localDay(time: Date): string {
  const two = (number: number): string => String(number).padStart(2, '0');
  return `${String(time.getFullYear()).padStart(4, '0')}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
}

/**
 * Removes the files whose day is past keeping, then the oldest until the rest fits; never `current`. A file that
 * cannot be removed is left: it must not stop a run.
 */
export function prune(folder: string, current: string, today: Date, { days, bytes }: Keeping): void {
  const oldest = localDay(new Date(today.getFullYear(), today.getMonth(), today.getDate() - (days - 1)));
  const files = filesIn(folder).sort((a, b) => b.day.localeCompare(a.day) || b.number - a.number);
  let total = 0;
  for (const { name, day } of files) {
    total += sizeOf(join(folder, name));
    if (name === current || (day >= oldest && (bytes === 0 || total <= bytes))) continue;
    try {
      unlinkSync(join(folder, name));
    } catch {
      // Tried again with the next file.
    }
  }
}

function filesIn(folder: string): LogFile[] {
  return readdirSync(folder).flatMap((name) => {
    const [, day = '', number = '1', extension = ''] = FILE_NAME.exec(name) ?? [];
    return day === '' ? [] : [{ name, day, number: Number(number), extension }];
  });
}

function sizeOf(path: string): number {
  // Another run may just have removed it.
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
