/** Sees to it that every run ends with one line that says how, whatever has ended it. */

import type { OpenLog } from '../local/log.ts';
import { EXIT_CODES, type ExitCode } from '../model/errors.ts';
import type { RunResult } from '../report/run-result.ts';
import { verdictText } from '../report/verdict-text.ts';

export class RunEnding {
  #begun = false;
  #result: RunResult | null = null;

  /** From now on this is a run. Commands that are none end without the line. */
  begin(): void {
    this.#begun = true;
  }

  /** What came of it; told at its end only, behind everything else. */
  result(result: RunResult): void {
    this.#result = result;
  }

  /** Says it once. Success is information, which `--quiet` leaves out; everything else goes where errors go. */
  tell(exitCode: ExitCode, { log, runId }: OpenLog): void {
    if (!this.#begun) return;
    this.#begun = false;
    const level =
      exitCode === EXIT_CODES.DONE ? 'info' : exitCode === EXIT_CODES.USERS_FAILED ? 'warn' : 'error';
    log[level]('main', verdictText(runId, exitCode, this.#result));
  }
}
