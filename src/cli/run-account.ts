/** The account of a run to other programs and to those who read it later: its reports and its `--json` result. */

import type { Settings } from '../config/options.ts';
import type { Change, ChangeKind, Preview } from '../model/plan.ts';
import type { RunSummary } from '../model/run.ts';
import type { RunRecord } from '../model/run-log.ts';
import type { AttributeSources } from '../report/attribute-sources.ts';
import {
  endedEarly,
  errorFacts,
  pastRun,
  runResult,
  type RunHead,
  type RunResult,
} from '../report/run-result.ts';
import type { SyncInvocation } from './invocation.ts';
import { RunReports } from './run-reports.ts';
import type { Session } from './session.ts';

/** Told of everything that happens in a run; says it once, however the run ends. */
export class RunAccount {
  readonly #head: RunHead;
  readonly #session: Session;
  readonly #print: (result: RunResult) => void;
  readonly #reports: RunReports;
  readonly #startedMs = performance.now();
  readonly #confirmed: Record<ChangeKind, number> = {
    CREATE: 0,
    UPDATE: 0,
    REACTIVATE: 0,
    DEACTIVATE: 0,
    NONE: 0,
  };
  #result: RunResult | null = null;

  /**
   * @param print where the result goes under `--json`: it is that of the command, if nothing else is said
   * @throws RunError COMMAND_LINE, FOLDER_READ_ONLY when a report cannot be begun
   */
  constructor(
    invocation: SyncInvocation,
    settings: Settings,
    sources: AttributeSources,
    session: Session,
    print: (result: RunResult) => void = (result) => {
      session.results.print(result);
    },
  ) {
    this.#print = print;
    this.#head = headOf(invocation, settings, session);
    this.#session = session;
    const { cwd, openLog, signal } = session;
    this.#reports = new RunReports(invocation.reportFiles, cwd, this.#head, sources, openLog.log);
    if (invocation.mode === 'LIVE') return;
    // An interrupted dry run is not waited for.
    signal.addEventListener('abort', () => this.endedEarly(signal.reason), { once: true });
  }

  /** How the run ended; `null` while it has not. */
  get result(): RunResult | null {
    return this.#result;
  }

  preview(preview: Preview): void {
    if (this.#result !== null) return;
    if (preview.failure === null && preview.change !== null && this.#head.mode === 'LIVE') {
      this.#confirmed[preview.change.kind] += 1;
    }
    this.#reports.preview(preview);
  }

  /** The plan of a live run that a guard has stopped. */
  stopped(changes: Iterable<Change>): void {
    this.#reports.stopped(changes);
  }

  /** @param runs the latest live runs, the latest first */
  ended(summary: RunSummary, runs: readonly RunRecord[]): void {
    this.#end(runResult(this.#head, summary), runs);
  }

  /** For a run that an error or a signal has ended: what is known of it. Does nothing after {@link ended}. */
  endedEarly(error: unknown): void {
    const facts = errorFacts(error, (text) => this.#session.openLog.redacted(text));
    const durationMs = performance.now() - this.#startedMs;
    this.#end(endedEarly(this.#head, facts, durationMs, { ...this.#confirmed }), []);
  }

  /** Leaves no unfinished file behind. */
  discard(): void {
    this.#reports.discard();
  }

  #end(result: RunResult, runs: readonly RunRecord[]): void {
    if (this.#result !== null) return;
    this.#result = result;
    this.#print(result);
    this.#session.ending.result(result);
    this.#reports.end(result, runs.map(pastRun));
  }
}

function headOf(
  { mode, scope, filterFile, nameFiles }: SyncInvocation,
  settings: Settings,
  { version, openLog }: Session,
): RunHead {
  return {
    version,
    runId: openLog.runId,
    mode,
    scope,
    startedAt: new Date().toISOString(),
    directory: settings['ldap.baseurl'],
    baseDn: settings['ldap.baseDn'],
    service: settings['scim.baseurl'],
    filterFile,
    nameFiles,
  };
}
