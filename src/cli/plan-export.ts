/** Writes the plan of a run to the file of `--plan`. */

import { closeSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { resolve } from 'node:path';
import { RunError } from '../model/errors.ts';

const CHUNK_CHARACTERS = 65_536;

/**
 * Writes the file with mode 0600 (it holds personal data), as one step: a reader finds the old file or the whole new one.
 * @throws RunError FOLDER_READ_ONLY naming the file
 */
export function exportPlan(path: string, cwd: string, lines: Iterable<string>): void {
  const target = resolve(cwd, path);
  const temporary = `${target}.${process.pid}.part`;
  try {
    const file = openSync(temporary, 'wx', 0o600);
    try {
      let text = '';
      for (const line of lines) {
        text += `${line}\n`;
        if (text.length < CHUNK_CHARACTERS) continue;
        writeSync(file, text);
        text = '';
      }
      writeSync(file, text);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, target);
  } catch (error) {
    rmSync(temporary, { force: true });
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new RunError('FOLDER_READ_ONLY', `The plan cannot be written to ${target} (${code}).`, {
      cause: error,
    });
  }
}
