/** What a person sees of a run: the preview of a dry run as a table, the changes of a live run as log lines. */

import type { OpenLog } from '../local/log.ts';
import type { Failure } from '../model/failure.ts';
import type { Preview } from '../model/plan.ts';
import type { RunObserver, RunRequest, RunSummary } from '../model/run.ts';
import { COLOURED, PLAIN } from '../report/palette.ts';
import { previewHeader, previewLines, outcomeSentence } from '../report/preview-text.ts';
import { summaryLines } from '../report/summary-text.ts';
import { openProgress } from './progress.ts';
import type { Terminal } from './terminal.ts';

export interface RunOutput {
  readonly observer: RunObserver;
  /** Removes the progress line; to be called however the run ends. */
  end(): void;
  summarize(summary: RunSummary, flags: readonly string[]): void;
}

/** Rows are written as they come: a preview of 100,000 users needs no more memory than one of ten. */
export function openRunOutput(request: RunRequest, terminal: Terminal, { log }: OpenLog): RunOutput {
  const progress = openProgress(terminal);
  const paint = terminal.colours ? COLOURED : PLAIN;
  const told = new Set<string>();
  let headerShown = false;

  const tellFailure = (user: string, failure: Failure): void => {
    told.add(user);
    // Most messages begin with the user as it is.
    const named = failure.message.startsWith(user) ? failure.message : `${user}: ${failure.message}`;
    log.warn('SyncService', `FAILED ${named}`);
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
      if (request.mode === 'LIVE') {
        for (const { user, failure, since, attempts = 1 } of summary.failures) {
          if (!told.has(user)) tellFailure(user, failure);
          if (attempts > 1)
            log.warn('SyncService', `STILL FAILING ${user}: attempt ${attempts} since ${since}`);
        }
      }
      for (const { level, component, text } of summaryLines(summary, flags)) log[level](component, text);
    },
  };
}
