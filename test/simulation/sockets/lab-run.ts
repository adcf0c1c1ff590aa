/** One run as the program does it, over real adapters: directory, service, scripts and state file. */

import { EXIT_CODES, RunError } from '../../../src/model/errors.ts';
import { runRules } from '../../../src/cli/run-rules.ts';
import type { Settings } from '../../../src/config/options.ts';
import { openDirectory } from '../../../src/ldap/directory.ts';
import type { Clock } from '../../../src/lib/clock.ts';
import { runMarkOf } from '../../../src/local/run-mark.ts';
import { openState, type OpenState } from '../../../src/local/state.ts';
import type { Judge, Log } from '../../../src/model/ports.ts';
import type { RunRequest } from '../../../src/model/run.ts';
import { openService } from '../../../src/scim/service.ts';
import { run } from '../../../src/sync/run.ts';
import { doomed, type Doom, type StateWatch } from './doomed-state.ts';

export interface LabOrder {
  readonly request: RunRequest;
  readonly settings: Settings;
  readonly bindPassword: string;
  readonly scimPassword: string;
  /** What makes the scripts other scripts. */
  readonly scopeKey: string;
  /** The clock of failures, ISO 8601. */
  readonly failureClock: string;
}

export interface LabSurroundings {
  readonly judge: Judge;
  readonly clock: Clock;
  readonly log: Log;
  readonly doom: Doom;
  readonly watch: StateWatch;
  readonly controller: AbortController;
}

/** What a scheduler would see of the run, and what a person would. */
export interface LabResult {
  /** `null` for a process that died. */
  readonly exitCode: number | null;
  readonly failures: number;
  readonly wasFull: boolean;
  /** The error that ended it, or what the summary says. */
  readonly words: string;
}

export async function labRun(order: LabOrder, around: LabSurroundings): Promise<LabResult> {
  const { settings, request: asked } = order;
  const { judge, clock, log, controller } = around;
  const path = settings['state.location'];
  const ended = { failures: 0, wasFull: asked.scope === 'FULL' };
  let opened: OpenState;
  try {
    opened = openState({
      path,
      mode: asked.mode,
      service: 'https://scim.example',
      scopeKey: order.scopeKey,
      mark: runMarkOf(path),
      now: () => new Date(order.failureClock),
    });
  } catch (error) {
    return { ...ended, ...endBy(error) };
  }
  const deathbed = doomed(opened, path, around.doom, around.watch);
  const { state } = deathbed;
  const request = opened.doubt !== null ? { ...asked, scope: 'FULL' as const } : asked;
  const directory = openDirectory(settings, order.bindPassword, log);
  const { signal } = controller;
  signal.addEventListener('abort', () => void directory.close());
  const service = openService({
    settings,
    password: order.scimPassword,
    log,
    signal,
    knownOrgs: opened.organizations(),
    environment: {},
    userAgent: 'c42uds/lab',
    clock,
    pace: { firstConnections: settings['scim.client.threads'] },
  });
  ended.wasFull = request.scope === 'FULL';
  try {
    const summary = await run({
      request,
      rules: runRules(settings),
      directory,
      judge,
      reader: service.reader,
      openWriter: request.mode === 'LIVE' ? () => service.openWriter() : null,
      state,
      log,
      observer: { stage: () => undefined, progress: () => undefined, preview: () => undefined },
      signal,
    });
    const failures = summary.failures.length + summary.waiting.length;
    return { ...ended, exitCode: summary.exitCode, failures, words: JSON.stringify(summary) };
  } catch (error) {
    if (deathbed.isDead()) return { ...ended, exitCode: null, words: 'killed' };
    return { ...ended, ...endBy(error) };
  } finally {
    await service.close();
    await directory.close();
    opened.close();
    if (deathbed.isDead()) deathbed.bury();
  }
}

function endBy(error: unknown): Pick<LabResult, 'exitCode' | 'words'> {
  if (error instanceof RunError) return { exitCode: error.exitCode, words: error.message };
  const words = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { exitCode: EXIT_CODES.UNEXPECTED, words };
}
