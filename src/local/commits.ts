/** How what belongs together gets into the state file: wholly or not at all, and how lastingly. */

import type { DatabaseSync } from 'node:sqlite';
import { inTransaction } from './sql-rows.ts';
import { explained } from './state-file.ts';

export class Commits {
  readonly #database: DatabaseSync;
  readonly #path: string;
  readonly #mode: 'DRY' | 'LIVE';

  constructor(
    database: DatabaseSync,
    { path, mode }: { readonly path: string; readonly mode: 'DRY' | 'LIVE' },
  ) {
    this.#database = database;
    this.#path = path;
    this.#mode = mode;
  }

  /** Survives the death of the process. @throws RunError FOLDER_READ_ONLY and the like */
  once(work: () => void): void {
    try {
      inTransaction(this.#database, this.#mode, work);
    } catch (error) {
      throw explained(error, this.#path);
    }
  }

  /** Survives a power cut as well, and with it whatever was committed before. @throws as {@link once} */
  lastingly(work: () => void): void {
    if (this.#mode === 'LIVE') this.#database.exec('PRAGMA synchronous = FULL');
    try {
      this.once(work);
    } finally {
      if (this.#mode === 'LIVE') this.#database.exec('PRAGMA synchronous = NORMAL');
    }
  }
}
