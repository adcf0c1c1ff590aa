/** After a live run: the metrics file and the web hook. What goes wrong here is a warning, never the run's failure. */

import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import type { LoadedSettings } from '../config/settings.ts';
import { EXIT_CODES, RunError } from '../model/errors.ts';
import { runEnd, type RunEnd } from '../report/run-end.ts';
import type { RunResult } from '../report/run-result.ts';
import { openPassword } from './passwords.ts';
import type { Session } from './session.ts';

const RUNS_LOOKED_AT = 1000;

/** When the first certificate ends of those that each server of a run showed, in ms since 1970. */
export interface SeenCertificates {
  directoryEndsMs: number | null;
  serviceEndsMs: number | null;
}

/** Tells whom the configuration names, one after the other. Never rejects. */
export async function announceEnd(
  result: RunResult,
  seen: Readonly<SeenCertificates>,
  loaded: LoadedSettings,
  session: Session,
): Promise<void> {
  const { settings } = loaded;
  const { log } = session.openLog;
  if (settings['metrics.file'] === '' && settings['notify.url'] === '') return;
  const certificates = {
    directory: isoOf(seen.directoryEndsMs),
    service: isoOf(seen.serviceEndsMs),
  };
  const end = runEnd(result, { host: hostname(), configuration: loaded.path, certificates });
  const attempt = async (what: string, work: () => Promise<string | null>): Promise<void> => {
    const problem = await work().catch((error: unknown) =>
      error instanceof RunError ? `${error.message} ${error.fix}` : String(error),
    );
    if (problem !== null) log.warn('main', `${what}: ${problem}`);
  };
  if (settings['metrics.file'] !== '') {
    await attempt(`The metrics file ${settings['metrics.file']} was not written`, () =>
      writeMetrics(end, loaded),
    );
  }
  if (settings['notify.url'] !== '') {
    await attempt('The web hook of notify.url was not told of this run', () =>
      callHook(end, loaded, session),
    );
  }
}

function isoOf(timeMs: number | null): string | null {
  return timeMs === null || Number.isNaN(timeMs) ? null : new Date(timeMs).toISOString();
}

async function writeMetrics(end: RunEnd, { settings }: LoadedSettings): Promise<null> {
  const { lastSuccessIn, metricsText } = await import('../report/metrics-text.ts');
  const { replaceFile } = await import('../config/file-replacement.ts');
  const { countsIn } = await import('../local/state-inspection.ts');
  const file = settings['metrics.file'];
  const success = end.exitCode === EXIT_CODES.DONE;
  const lastSuccessS = success
    ? (Date.parse(end.startedAt) + end.durationMs) / 1000
    : (lastSuccessIn(readIfThere(file)) ?? (await rememberedSuccessS(end, settings['state.location'])));
  // The counts of a state that another run holds, or that is damaged, are left out.
  const counts = end.exitCode === EXIT_CODES.LOCKED ? null : countsIn(settings['state.location']);
  // The exporter has an account of its own, and there is nothing in it but numbers.
  replaceFile(file, Buffer.from(metricsText({ end, counts, lastSuccessS })), 0o644);
  return null;
}

/** Of a file that begins with a failure: an alert on its age would never come, though the state knows a success. */
async function rememberedSuccessS(end: RunEnd, statePath: string): Promise<number | null> {
  if (end.exitCode === EXIT_CODES.LOCKED) return null;
  const { readRuns } = await import('../local/history-reading.ts');
  try {
    const run = readRuns(statePath, RUNS_LOOKED_AT).find(({ exitCode }) => exitCode === EXIT_CODES.DONE);
    return run === undefined ? null : (Date.parse(run.startedAt) + run.durationMs) / 1000;
  } catch {
    // Damaged, or of a newer version: the run has said so.
    return null;
  }
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

async function callHook(end: RunEnd, loaded: LoadedSettings, session: Session): Promise<string | null> {
  const { NOTIFICATION_LIMITS, notify } = await import('../report/notification.ts');
  const { settings } = loaded;
  const signed = settings['notify.secret'] !== '';
  const secret = signed ? await openPassword('notify.secret', loaded, session.openLog) : null;
  return notify(end, { url: settings['notify.url'], secret, ...NOTIFICATION_LIMITS }, Date.now());
}
