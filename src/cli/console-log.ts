/** The log as it appears on the console: `[INFO    main] text`, without the messages of `--trace`. */

import { bracketed } from '../local/log.ts';
import type { LogDestination } from '../local/log.ts';
import type { LogLevel } from '../model/ports.ts';
import { PRIORITY_MARKS } from './journal.ts';
import type { Terminal } from './terminal.ts';

export interface ConsoleOptions {
  /** Warnings and errors only. */
  readonly quiet?: boolean;
  /** Everything to standard error: standard output belongs to the result of `--json`. */
  readonly aside?: boolean;
  /** Which streams end in the journal of systemd: their lines carry a priority. */
  readonly journal?: { readonly out: boolean; readonly err: boolean };
}

/**
 * Errors and warnings go to standard error, where a scheduler's mail and `2>` look for them; everything else goes to
 * standard output beside the preview. The messages of `--trace` are personal data by the thousand: they stay in the log
 * files, which their owner alone can read, and reach no screen, mail or journal.
 */
export function consoleDestination(
  terminal: Terminal,
  level: LogLevel,
  { quiet = false, aside = false, journal }: ConsoleOptions = {},
): LogDestination {
  const showsDetail = level === 'debug' || level === 'trace';
  return {
    write(record) {
      if (record.level === 'trace' || (record.detail && !showsDetail)) return;
      const line = bracketed(record);
      const loud = record.level === 'error' || record.level === 'warn';
      if (quiet && !loud) return;
      const mark = PRIORITY_MARKS[record.level];
      if (loud || aside) terminal.err(journal?.err === true ? mark + line : line);
      else terminal.out(journal?.out === true ? mark + line : line);
    },
    close() {
      // The terminal outlives the log.
    },
  };
}
