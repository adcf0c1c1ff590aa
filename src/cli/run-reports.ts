/** The reports of a run, `--report FILE`: opened before it begins, written while it goes on, put in place at its end. */

import { resolve } from 'node:path';
import type { Change, Preview } from '../model/plan.ts';
import type { Log } from '../model/ports.ts';
import type { AttributeSources } from '../report/attribute-sources.ts';
import { ReportFile } from '../report/report-file.ts';
import { reportFormOf, type ReportWriter } from '../report/report.ts';
import type { PastRun, RunHead, RunResult } from '../report/run-result.ts';
import { userRecord, type RecordStatus } from '../report/user-record.ts';

interface OpenReport {
  readonly file: ReportFile;
  readonly writer: ReportWriter;
}

/**
 * Every report of one run. A report that cannot be opened ends the run before it begins; one that cannot be written to
 * its end is given up with an error in the log, because a full disk must not keep leavers' accounts open.
 */
export class RunReports {
  readonly #head: RunHead;
  readonly #sources: AttributeSources;
  readonly #log: Log;
  #open: OpenReport[] = [];
  /** Failures that are in the reports with all that is known of the user. */
  readonly #told = new Map<string, number>();

  /** @throws RunError COMMAND_LINE, FOLDER_READ_ONLY */
  constructor(paths: readonly string[], cwd: string, head: RunHead, sources: AttributeSources, log: Log) {
    this.#head = head;
    this.#sources = sources;
    this.#log = log;
    const forms = paths.map((path) => ({ path: resolve(cwd, path), form: reportFormOf(path) }));
    try {
      for (const { path, form } of forms) {
        const file = new ReportFile(path);
        const writer = form(head, (text) => {
          file.write(text);
        });
        this.#open.push({ file, writer });
      }
    } catch (error) {
      this.discard();
      throw error;
    }
  }

  /** A user as the run's observer is told of him. */
  preview(preview: Preview): void {
    if (preview.failure !== null) {
      const { identity = null, dn = null } = preview.change ?? preview.entry ?? {};
      const key = [identity ?? dn, preview.userName, preview.failure.message].join('\n');
      this.#told.set(key, (this.#told.get(key) ?? 0) + 1);
    }
    this.#user(preview, this.#head.mode === 'DRY' ? 'PLANNED' : 'CONFIRMED');
  }

  /** The plan of a live run that a guard has stopped: of it the observer is told nothing. */
  stopped(changes: Iterable<Change>): void {
    if (this.#open.length === 0) return;
    for (const change of changes) {
      this.#user({ userName: change.to.userName, decision: null, change, failure: null }, 'STOPPED');
    }
  }

  /** Writes the end of each report and puts it in place. */
  end(result: RunResult, history: readonly PastRun[]): void {
    for (const { user, dn, identity, stage, message } of result.failures) {
      const key = [identity ?? dn, user, message].join('\n');
      const left = this.#told.get(key) ?? 0;
      this.#told.set(key, left - 1);
      if (left > 0) continue;
      const failure = { stage: stage as NonNullable<Preview['failure']>['stage'], message };
      this.#user(
        { userName: user, decision: null, change: null, failure, entry: { dn, identity } },
        'FAILED',
      );
    }
    this.#each(({ writer, file }) => {
      writer.end(result, history);
      file.commit();
      this.#log.info('main', `The report was written to ${file.path}`);
    });
    this.#open = [];
  }

  /** Leaves no unfinished file behind; may be called at any time. */
  discard(): void {
    for (const { file } of this.#open.splice(0)) file.discard();
  }

  #user(preview: Preview, status: RecordStatus): void {
    if (this.#open.length === 0) return;
    const record = userRecord(preview, status, this.#sources, this.#head.scope);
    this.#each(({ writer }) => {
      writer.user(record);
    });
  }

  #each(work: (report: OpenReport) => void): void {
    for (const report of this.#open) {
      try {
        work(report);
      } catch (error) {
        this.#open = this.#open.filter((other) => other !== report);
        report.file.discard();
        this.#log.error(
          'main',
          `The report was given up: ${error instanceof Error ? error.message : String(error)}`,
        );
      }
    }
  }
}
