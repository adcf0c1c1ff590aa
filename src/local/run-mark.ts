/** How many live runs have begun and ended, counted beside the state file: a state that counts less is an older copy. */

import { readFileSync } from 'node:fs';
import { replaceFile } from '../config/file-replacement.ts';

export interface RunMark {
  /** `null` where there is none, or none that can be read: then nobody can tell an older copy. */
  latest(): number | null;
  /**
   * On disk when it returns.
   * @throws RunError FOLDER_READ_ONLY
   */
  raise(number: number): void;
}

/** The mark of the state file at this path. */
export function runMarkOf(statePath: string): RunMark {
  const path = `${statePath}.runs`;
  return {
    latest: () => {
      try {
        const text = readFileSync(path, 'utf8').trim();
        return /^\d{1,15}$/.test(text) ? Number(text) : null;
      } catch {
        return null;
      }
    },
    raise: (number) => {
      replaceFile(path, Buffer.from(`${number}\n`));
    },
  };
}
