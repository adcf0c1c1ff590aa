/** Knows whether a stream of the process ends in the journal of systemd, which takes a priority with each line. */

import { fstatSync } from 'node:fs';
import type { LogLevel } from '../model/ports.ts';
import type { OutputStream } from './terminal.ts';

/** sd-daemon(3): a line that begins so has this priority, and the journal cuts it off. */
export const PRIORITY_MARKS: Readonly<Record<LogLevel, string>> = {
  error: '<3>',
  warn: '<4>',
  info: '<6>',
  debug: '<7>',
  trace: '<7>',
};

/** systemd.exec(5): `JOURNAL_STREAM` holds device and inode of the stream, to be compared since a shell may redirect it. */
export function endsInJournal(
  { fd }: OutputStream,
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  const journal = env['JOURNAL_STREAM'] ?? '';
  if (journal === '' || fd === undefined) return false;
  try {
    const { dev, ino } = fstatSync(fd);
    return journal === `${dev}:${ino}`;
  } catch {
    // A closed stream ends nowhere.
    return false;
  }
}
