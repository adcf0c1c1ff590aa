/** What every command works with: the person's terminal, the log, the surroundings of the process. */

import type { Readable } from 'node:stream';
import type { OpenLog } from '../local/log.ts';
import type { JsonResults } from './json-results.ts';
import type { RunEnding } from './run-ending.ts';
import type { OutputStream, Terminal } from './terminal.ts';

/** The process as the command line sees it; only `main.ts` takes it from the real one. */
export interface Surroundings {
  /** The words behind the program's name. */
  readonly words: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Absolute path of the folder that holds `bin` and `package.json`. */
  readonly programFolder: string;
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  /** Aborted on SIGINT, SIGTERM or SIGHUP, the reason being the RunError that tells which. */
  readonly signal: AbortSignal;
}

export interface Session extends Surroundings {
  readonly terminal: Terminal;
  readonly openLog: OpenLog;
  /** Of c42uds itself. */
  readonly version: string;
  /** Whether there is a person to ask. */
  readonly interactive: boolean;
  /** Where the result of a command with `--json` goes. */
  readonly results: JsonResults;
  /** Told that this is a run, and what came of it. */
  readonly ending: RunEnding;
}
