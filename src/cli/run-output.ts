/** What a person sees of a run: the preview of a dry run as a table, the changes of a live run as log lines. */

import type { OpenLog } from '../local/log.ts';
import type { Preview } from '../model/plan.ts';
import type { RunObserver, RunRequest, RunSummary } from '../model/run.ts';
import type { UserAttribute } from '../model/user.ts';
import type { AttributeSources } from '../report/attribute-sources.ts';
import { continuation } from '../report/continuation.ts';
import { COLOURED, PLAIN } from '../report/palette.ts';
import { PreviewGroups } from '../report/preview-groups.ts';
import { previewHeader, previewLines, outcomeSentence } from '../report/preview-text.ts';
import { shellWord, summaryLines } from '../report/summary-text.ts';
import { ConfirmedChanges } from './confirmed-changes.ts';
import { FailureTelling } from './failure-telling.ts';
import { openProgress } from './progress.ts';
import type { Terminal } from './terminal.ts';

const NOTHING_HIDDEN: ReadonlySet<UserAttribute> = new Set();

export interface RunOutput {
  readonly observer: RunObserver;
  /** Told of a state that may be an older copy: it decides what the run after this one does. */
  noteDoubt(): void;
  /** Removes the progress line; to be called however the run ends. */
  end(): void;
  summarize(summary: RunSummary, flags: readonly string[]): void;
  /** Says what a live run has done that ended early, by a signal or an error; there is no summary of it. */
  summarizeStopped(interrupted: boolean): void;
}

export interface RunOutputOptions {
  /** Standard output belongs to the result alone. */
  readonly json?: boolean;
  /** No rows and no progress. */
  readonly quiet?: boolean;
  /** With them a dry run is grouped where a person looks on; a program gets a line for each user as it comes. */
  readonly sources?: AttributeSources | null;
}

/** Rows are written as they come: a preview of 100,000 users needs no more memory than one of ten. */
export function openRunOutput(
  request: RunRequest,
  terminal: Terminal,
  { log }: OpenLog,
  { json = false, quiet = false, sources = null }: RunOutputOptions = {},
): RunOutput {
  const progress = openProgress(terminal, { quiet });
  const paint = terminal.colours ? COLOURED : PLAIN;
  let headerShown = false;
  let isDoubtful = false;
  const confirmed = new ConfirmedChanges();

  const failures = new FailureTelling(log);
  const sensitive = sources?.sensitive ?? NOTHING_HIDDEN;
  const groups =
    terminal.isInteractive && sources !== null ? new PreviewGroups(sources, request.scope) : null;

  const showRow = (preview: Preview): void => {
    if (!headerShown) for (const line of previewHeader()) terminal.out(line);
    headerShown = true;
    for (const line of previewLines(preview, paint, sensitive)) terminal.out(line);
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
          if (json || quiet) return;
          if (groups === null) showRow(preview);
          else groups.add(preview);
          return;
        }
        if (preview.failure === null) {
          log.info('SyncService', outcomeSentence(preview, sensitive));
          confirmed.add(preview);
          return;
        }
        // At once, and not again in the summary: a run that ends early must not keep its failures to itself.
        const { dn, identity } = preview.change ?? preview.entry ?? { dn: null, identity: null };
        failures.tell({ user: preview.userName, dn, identity, failure: preview.failure });
      },
    },
    noteDoubt() {
      isDoubtful = true;
    },
    end() {
      progress.end();
    },
    summarize(summary, flags) {
      if (request.mode === 'LIVE') failures.tellRemaining(summary);
      const command = ['c42uds', ...flags].map(shellWord).join(' ');
      for (const line of groups?.lines(paint, terminal.columns, command) ?? []) terminal.out(line);
      for (const { level, component, text } of summaryLines(summary, flags)) log[level](component, text);
    },
    summarizeStopped(interrupted) {
      if (request.mode !== 'LIVE' || (confirmed.total === 0 && !interrupted)) return;
      log.warn(
        'SyncService',
        `The run ended early. ${confirmed.sentence()}; ${continuation(request, isDoubtful)}.`,
      );
    },
  };
}
