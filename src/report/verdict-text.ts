/** The last line of a run: how it ended, in one sentence that says everything a watcher of logs needs. */

import type { ExitCode } from '../model/errors.ts';
import type { ChangeKind } from '../model/plan.ts';
import { count, counted, duration } from './quantity.ts';
import type { Counts, RunResult } from './run-result.ts';

/** What is told of changes: those sent again without a difference are no updates to a reader. */
type ToldKind = ChangeKind | 'RESEND';

const DONE: readonly (readonly [ToldKind, live: string, dry: string])[] = [
  ['CREATE', 'created', 'to create'],
  ['UPDATE', 'updated', 'to update'],
  ['RESEND', 'sent again', 'to send again'],
  ['REACTIVATE', 'reactivated', 'to reactivate'],
  ['DEACTIVATE', 'deactivated', 'to deactivate'],
];

/**
 * `Run 3f9a1c2e ended with exit code 0: synchronized, 3 created, 1 updated; 4,180 users read in 12 s`. It names no
 * user, begins in the same way for every run, and is one line.
 * @param result `null` where it did not come to a run: its configuration does not load, say
 */
export function verdictText(runId: string, exitCode: ExitCode, result: RunResult | null): string {
  const head = `Run ${runId} ended with exit code ${exitCode}`;
  return result === null ? `${head}: nothing was done` : `${head}: ${sentence(result)}`;
}

function sentence(result: RunResult): string {
  const { mode, error, read, durationMs, resent } = result;
  const open = unfinished(result);
  const done =
    mode === 'LIVE'
      ? changes(result.confirmed, resent?.confirmed ?? 0, 1)
      : changes(result.planned, resent?.planned ?? 0, 2);
  const effect = `${done}${open}${mode === 'LIVE' ? '' : '; dry run'}`;
  const users = read === null ? '' : `${counted(read.entries, 'user')} read in `;
  const took = `${users}${read === null ? 'after ' : ''}${duration(durationMs)}`;
  switch (result.verdict) {
    case 'STOPPED_BY_GUARD':
      return mode === 'LIVE'
        ? `stopped by ${guardsOf(result)} before the first write, plan ${result.planId ?? 'none'}; ${took}`
        : `a live run would be stopped by ${guardsOf(result)}, plan ${result.planId ?? 'none'}; dry run; ${took}`;
    case 'ENDED_EARLY':
      return `${error?.code ?? 'an error'}, ${mode === 'LIVE' ? effect : 'dry run'}; ${took}`;
    case 'READ_INCOMPLETE':
      return `directory read incompletely, ${effect}; ${took}`;
    default:
      return `${mode === 'LIVE' ? 'synchronized, ' : ''}${effect}; ${took}`;
  }
}

/** What an exit code of 3 is due to, each with its comma in front. */
function unfinished({ failures, waiting, namesNotFound }: RunResult): string {
  return [
    failures.length > 0 ? `, ${counted(failures.length, 'user')} failed` : '',
    waiting.length > 0 ? `, ${counted(waiting.length, 'user')} waiting` : '',
    namesNotFound.length > 0 ? `, ${counted(namesNotFound.length, 'name')} not found` : '',
  ].join('');
}

function guardsOf({ guards }: RunResult): string {
  return [...new Set(guards.map(({ property }) => property))].join(', ');
}

function changes(all: Counts | null, resent: number, form: 1 | 2): string {
  const counts: Partial<Record<ToldKind, number>> =
    all === null ? {} : { ...all, UPDATE: all.UPDATE - resent, RESEND: resent };
  const some = DONE.filter(([kind]) => (counts[kind] ?? 0) > 0);
  if (some.length === 0) return form === 1 ? 'nothing changed' : 'nothing to change';
  return some.map((row) => `${count(counts[row[0]] ?? 0)} ${row[form]}`).join(', ');
}
