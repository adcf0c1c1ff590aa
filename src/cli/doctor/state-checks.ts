/** What earlier runs left: whether one is going on, whether the state is whole and ours, and how the last runs ended. */

import type { LoadedSettings } from '../../config/settings.ts';
import { runLockHolder } from '../../local/run-lock.ts';
import { readRuns } from '../../local/history-reading.ts';
import { foreignState } from '../../local/state-origin.ts';
import { inspectState } from '../../local/state-inspection.ts';
import type { StateReport } from '../../local/state-inspection.ts';
import { EXIT_CODES, RunError } from '../../model/errors.ts';
import type { RunRecord } from '../../model/run-log.ts';
import { age, count, counted } from '../../report/quantity.ts';
import { usualIntervalMs } from '../../sync/usual-interval.ts';
import { Check, doubtful, fine } from './check.ts';

/** SQLite reads so much in a few seconds, in which nothing can interrupt it. */
const LARGEST_READ_BYTES = 256 * 1024 * 1024;
const RUNS_LOOKED_AT = 200;
/** So many usual intervals without a success are more than one bad night. */
const MISSED_INTERVALS = 3;
/** Where there are too few runs to tell what is usual. */
const LONG_MS = 7 * 86_400_000;

export function stateChecks(configuration: Check<LoadedSettings>): Check<unknown>[] {
  const lock = new Check({
    id: 'lock',
    stage: 'STATE',
    title: 'Run lock',
    needs: [configuration],
    examine: () => {
      const path = `${configuration.value.settings['state.location']}.lock`;
      const holder = runLockHolder(path);
      if (holder === null) return fine('no other live run is going on', null);
      throw new RunError('LOCKED', `Another run holds ${path}: ${holder}.`);
    },
  });
  const state = new Check({
    id: 'state',
    stage: 'STATE',
    title: 'State file',
    needs: [configuration],
    examine: () => {
      const { settings } = configuration.value;
      const path = settings['state.location'];
      const report = inspectState(path, LARGEST_READ_BYTES);
      if (report === null) return fine(`there is none yet at ${path}: the first run makes it`, report);
      requireOurs(report, settings['scim.baseurl']);
      const size = `${(report.sizeBytes / 1e6).toFixed(1)} MB`;
      const how = report.whole
        ? `whole, ${size}`
        : `${size}, too large to be read to its end here: c42uds state check does`;
      return fine(`${how}; ${counted(report.known, 'user')} known, ${count(report.active)} active`, report);
    },
  });
  const runs = new Check({
    id: 'last-runs',
    stage: 'STATE',
    title: 'Last runs',
    needs: [state],
    examine: () => {
      const { value: report } = state;
      const path = configuration.value.settings['state.location'];
      const latest = report === null ? [] : readRuns(path, RUNS_LOOKED_AT);
      const { message, isOld } = successOf(latest);
      const failed = report?.failed ?? 0;
      const failing = failed === 0 ? '' : `; ${counted(failed, 'user')} failing`;
      if (!isOld && failed === 0) return fine(message, null);
      const fix = isOld
        ? 'c42uds history shows how the runs ended; look at the schedule, too.'
        : 'The log of the last run names them; c42uds history USER tells more of one.';
      return doubtful(`${message}${failing}`, fix, null);
    },
  });
  return [lock, state, runs];
}

function requireOurs({ service, known, path }: StateReport, wanted: string): void {
  if (service === null || service === wanted || known === 0) return;
  throw foreignState(path, service, wanted);
}

function successOf(runs: readonly RunRecord[]): { readonly message: string; readonly isOld: boolean } {
  if (runs.length === 0) return { message: 'no live run yet', isOld: false };
  const success = runs.find(({ exitCode }) => exitCode === EXIT_CODES.DONE);
  if (success === undefined) {
    const codes = `the last with exit code ${runs[0]?.exitCode ?? ''}`;
    return { message: `none of ${counted(runs.length, 'live run')} was a success, ${codes}`, isOld: true };
  }
  const ageMs = Date.now() - Date.parse(success.startedAt) - success.durationMs;
  const usualMs = usualIntervalMs(runs.slice(0, 11).map(({ startedAt }) => new Date(startedAt)));
  const limitMs = usualMs === null ? LONG_MS : Math.max(MISSED_INTERVALS * usualMs, 86_400_000);
  const since = runs.indexOf(success);
  const later = since === 0 ? '' : `; ${counted(since, 'run')} since failed`;
  return {
    message: `the last success was ${age(Math.max(ageMs, 0))} ago${later}`,
    isOld: ageMs > limitMs,
  };
}
