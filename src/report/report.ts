/** The report of a run, in the form that the ending of its file names. */

import { extname } from 'node:path';
import { RunError } from '../model/errors.ts';
import { csvReport } from './csv-report.ts';
import { htmlReport } from './html-report.ts';
import { jsonLinesReport, jsonReport } from './json-report.ts';
import type { PastRun, RunHead, RunResult } from './run-result.ts';
import type { UserRecord } from './user-record.ts';

/** Takes the users of a run one by one, and writes each at once: memory does not grow with their number. */
export interface ReportWriter {
  user(record: UserRecord): void;
  /** To be called once, last. `history`: earlier live runs, the latest first. */
  end(result: RunResult, history: readonly PastRun[]): void;
}

/** Starts a report; what it has to say goes to `emit`. */
export type ReportForm = (head: RunHead, emit: (text: string) => void) => ReportWriter;

const FORMS: Readonly<Record<string, ReportForm>> = {
  '.html': htmlReport,
  '.json': jsonReport,
  '.jsonl': jsonLinesReport,
  '.csv': csvReport,
};

/**
 * The form of a report, by the ending of its file.
 * @throws RunError COMMAND_LINE naming the endings that there are
 */
export function reportFormOf(path: string): ReportForm {
  const form = FORMS[extname(path).toLowerCase()];
  if (form !== undefined) return form;
  const endings = Object.keys(FORMS).join(', ');
  throw new RunError('COMMAND_LINE', `--report ${path}: the name of a report ends in one of ${endings}.`);
}
