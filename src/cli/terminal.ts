/** The two output streams of the process, and the one progress line that must never mix with them. */

import type { Writable } from 'node:stream';
import { shortened } from '../lib/text-width.ts';
import { wrapped } from '../lib/wrapping.ts';
import { writeBlocking } from './blocking-write.ts';

/** What the command line needs of a stream of the process; a test brings its own. */
export interface OutputStream extends Writable {
  readonly isTTY?: boolean;
  readonly columns?: number;
  /** The file descriptor, where there is one. */
  readonly fd?: number;
}

export interface Terminal {
  /** Whether a person may be looking at standard output. */
  readonly colours: boolean;
  /** Whether standard output is a terminal, with or without colours, or is to be taken for one. */
  readonly isInteractive: boolean;
  /** How wide a line may be for whoever looks on, 60 at least; Infinity where standard output is no terminal. */
  readonly columns: number;
  /** Whether a progress line can be shown. */
  readonly showsProgress: boolean;
  /** Writes a line to standard output, gathered with those of the same turn of the event loop into larger writes. */
  out(line: string): void;
  /** As {@link out}, for text that people read: on a terminal it is wrapped to its width, elsewhere left as it is. */
  say(line: string): void;
  /** Writes a line to standard error at once. */
  err(line: string): void;
  /** Shows this text as the progress line, `null` for none. */
  progress(text: string | null): void;
  /** Resolves when everything has been handed to the operating system. */
  flush(): Promise<void>;
}

/** Its number of columns makes a pipe show what a terminal would: for a pager that keeps colours, and for the demo. */
export const PRETENDED_COLUMNS = 'C42UDS_TERMINAL';
const GATHERED_CHARACTERS = 65_536;
/** Some terminals say that they are 0 wide. */
const USUAL_COLUMNS = 80;
/** What is narrower wraps by itself: lines of our own making would be a ladder of words. */
const LEAST_COLUMNS = 60;
const ERASE_LINE = '\r\u001b[K';

/**
 * A terminal over the two streams. When the reader of standard output goes away (`| head`), the rest is dropped
 * silently and the run goes on: a closed pager must not interrupt a live sync.
 */
export function openTerminal(
  stdout: OutputStream,
  stderr: OutputStream,
  env: Readonly<Record<string, string | undefined>>,
): Terminal {
  let gathered = '';
  let shown: string | null = null;
  let outputGone = false;
  const together = stdout.isTTY === true && stderr.isTTY === true;
  const pretended = Math.floor(Number(env[PRETENDED_COLUMNS] ?? '0')) || 0;
  const isInteractive = stdout.isTTY === true || pretended > 0;
  const columns = (): number => (isInteractive ? columnsOn(pretended || stdout.columns) : Infinity);

  stdout.on('error', () => {
    outputGone = true;
  });
  stderr.on('error', () => {
    shown = null;
  });

  const erase = (): void => {
    if (shown !== null) stderr.write(ERASE_LINE);
  };
  const redraw = (): void => {
    if (shown !== null) stderr.write(ERASE_LINE + shown);
  };
  const release = (): void => {
    if (gathered === '') return;
    const text = gathered;
    gathered = '';
    if (outputGone) return;
    if (together) erase();
    outputGone ||= !isWritten(stdout, text);
    if (together) redraw();
  };
  const out = (line: string): void => {
    if (gathered === '') setImmediate(release);
    gathered += `${line}\n`;
    if (gathered.length >= GATHERED_CHARACTERS) release();
  };

  return {
    get columns() {
      return columns();
    },
    colours: isInteractive && isSmart(env) && (env['NO_COLOR'] ?? '') === '',
    isInteractive,
    showsProgress: stderr.isTTY === true && isSmart(env),
    out,
    say(line) {
      for (const part of wrapped(line, columns())) out(part);
    },
    err(line) {
      // Standard output first, so that the two appear in the order in which they happened.
      release();
      erase();
      stderr.write(`${line}\n`);
      redraw();
    },
    progress(text) {
      release();
      if (text === null) erase();
      // A line that wraps cannot be erased.
      shown = text === null ? null : shortened(text, (stderr.columns || USUAL_COLUMNS) - 1);
      redraw();
    },
    async flush() {
      release();
      await Promise.all([drained(stdout), drained(stderr)]);
    },
  };
}

/** Much at once waits for its reader, but only where nothing waits before it; little never waits. False: he is gone. */
function isWritten(stdout: OutputStream, text: string): boolean {
  const { fd } = stdout;
  const flood = text.length >= GATHERED_CHARACTERS && stdout.writableLength === 0;
  if (!flood || fd === undefined || stdout.isTTY === true) {
    stdout.write(text);
    return true;
  }
  try {
    writeBlocking(fd, text);
    return true;
  } catch {
    return false;
  }
}

function columnsOn(columns: number | undefined): number {
  return Math.max(LEAST_COLUMNS, columns || USUAL_COLUMNS);
}

function isSmart(env: Readonly<Record<string, string | undefined>>): boolean {
  return env['TERM'] !== 'dumb';
}

async function drained(stream: Writable): Promise<void> {
  if (stream.destroyed || stream.writableLength === 0) return;
  await new Promise<void>((resolve) => {
    stream.write('', () => {
      resolve();
    });
  });
}
