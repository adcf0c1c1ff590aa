/** Standard output under `--json`: exactly one JSON object, whatever becomes of the command. */

import { errorFacts, SCHEMA_VERSION } from '../report/run-result.ts';
import type { Terminal } from './terminal.ts';

export class JsonResults {
  readonly #terminal: Terminal;
  readonly #wanted: boolean;
  #printed = false;

  constructor(terminal: Terminal, wanted: boolean) {
    this.#terminal = terminal;
    this.#wanted = wanted;
  }

  /** Prints the command's result, indented. */
  print(result: object): void {
    if (this.#printed || !this.#wanted) return;
    this.#printed = true;
    this.#terminal.out(JSON.stringify(result, null, 2));
  }

  /** What stands in for the result of a command that an error has ended: docs/schemas/error.json. */
  printError(error: unknown, redacted: (text: string) => string): void {
    const { exitCode, ...facts } = errorFacts(error, redacted);
    this.print({ type: 'error', schemaVersion: SCHEMA_VERSION, exitCode, error: facts });
  }
}
