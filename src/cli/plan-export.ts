/** Writes the plan of a run to the file of `--plan`. */

import { resolve } from 'node:path';
import { ReportFile } from '../report/report-file.ts';

/**
 * Writes the file with mode 0600, as one step.
 * @throws RunError FOLDER_READ_ONLY naming the file
 */
export function exportPlan(path: string, cwd: string, lines: Iterable<string>): void {
  const file = new ReportFile(resolve(cwd, path));
  try {
    for (const line of lines) file.write(`${line}\n`);
    file.commit();
  } finally {
    file.discard();
  }
}
