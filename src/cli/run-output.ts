/** What a person sees of a run: the preview of a dry run as a table, the changes of a live run as log lines. */

import type { OpenLog } from '../local/log.ts';
import { EXIT_CODES } from '../model/errors.ts';
import type { Failure } from '../model/failure.ts';
import type { Preview } from '../model/plan.ts';
import type { RunObserver, RunRequest, RunSummary } from '../model/run.ts';
import { COLOURED, PLAIN } from '../report/palette.ts';
import { previewHeader, previewLines, outcomeSentence } from '../report/preview-text.ts';
import { summaryLines } from '../report/summary-text.ts';
import { ConfirmedChanges } from './confirmed-changes.ts';
import { openProgress } from './progress.ts';
import type { Terminal } from './terminal.ts';

const FAILURES_OF_A_STOPPED_RUN = 20;

export interface RunOutput {
  readonly observer: RunObserver;
  /** Removes the progress line; to be called however the run ends. */
  end(): void;
  summarize(summary: RunSummary, flags: readonly string[]): void;
  /** Says what a live run has done that ended early, by a signal or an error; there is no summary of it. */
  summarizeStopped(interrupted: boolean): void;
}

/** Rows are written as they come: a preview of 100,000 users needs no more memory than one of ten. */
export function openRunOutput(request: RunRequest, terminal: Terminal, { log }: OpenLog): RunOutput {
  const progress = openProgress(terminal);
  const paint = terminal.colours ? COLOURED : PLAIN;
  // How often each failure was told: two entries may fail under one userName.
  const told = new Map<string, number>();
  let headerShown = false;
  const confirmed = new ConfirmedChanges();

  const tellFailure = (user: string, failure: Failure): void => {
    const key = `${user}\n${failure.message}`;
    told.set(key, (told.get(key) ?? 0) + 1);
    // Most messages begin with the user as it is.
    const named = failure.message.startsWith(user) ? failure.message : `${user}: ${failure.message}`;
    log.warn('SyncService', `FAILED ${named}`);
  };

  /** What was not told while it happened, and what goes on failing. */
  const tellRemaining = ({ failures, exitCode }: RunSummary): void => {
    const before = new Map(told);
    let hidden = 0;
    let shown = 0;
    for (const { user, failure, since, attempts = 1 } of failures) {
      const key = `${user}\n${failure.message}`;
      const left = before.get(key) ?? 0;
      before.set(key, left - 1);
      // A plan that a guard has stopped for ten thousand failures is not made clearer by ten thousand lines.
      if (left <= 0 && exitCode === EXIT_CODES.GUARD && shown >= FAILURES_OF_A_STOPPED_RUN) hidden += 1;
      else if (left <= 0) tellFailure(user, failure);
      if (left <= 0) shown += 1;
      if (attempts > 1) log.warn('SyncService', `STILL FAILING ${user}: attempt ${attempts} since ${since}`);
    }
    if (hidden > 0) log.warn('SyncService', `and ${hidden} more; a dry run shows all of them`);
  };

  const showRow = (preview: Preview): void => {
    if (!headerShown) for (const line of previewHeader()) terminal.out(line);
    headerShown = true;
    for (const line of previewLines(preview, paint)) terminal.out(line);
  };
  return {
    observer: {
      stage(stage) {
        log.debug('SyncService', `Stage ${stage.toLowerCase()}`);
        progress.stage(stage);
      },
      progress(stage, done, total) {
        progress.progress(stage, done, total);
      },
      preview(preview) {
        if (request.mode === 'DRY') {
          showRow(preview);
          return;
        }
        if (preview.failure === null) {
          log.info('SyncService', outcomeSentence(preview));
          confirmed.add(preview);
          return;
        }
        // At once, and not again in the summary: a run that ends early must not keep its failures to itself.
        tellFailure(preview.userName, preview.failure);
      },
    },
    end() {
      progress.end();
    },
    summarize(summary, flags) {
      if (request.mode === 'LIVE') tellRemaining(summary);
      for (const { level, component, text } of summaryLines(summary, flags)) log[level](component, text);
    },
    summarizeStopped(interrupted) {
      if (request.mode !== 'LIVE' || (confirmed.total === 0 && !interrupted)) return;
      log.warn(
        'SyncService',
        `The run ended early. ${confirmed.sentence()}; the next run goes on with the rest.`,
      );
    },
  };
}
