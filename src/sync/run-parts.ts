/** What a run is given: the outside, behind its ports. */

import type { Change } from '../model/plan.ts';
import type { Directory, Judge, Log, UserReader, UserWriter } from '../model/ports.ts';
import type { AbsentUser, RunObserver, RunRequest, RunRules } from '../model/run.ts';
import type { State } from '../model/state.ts';
import type { ScriptEdit } from './impact.ts';
import type { SecondOpinion } from './instability.ts';

/** The scripts of the last live run for everybody, ready to judge. */
export interface FormerScripts extends ScriptEdit {
  readonly judge: Judge;
}

export interface MadePlan {
  readonly planId: string;
  /** Whether a guard has stopped it. */
  readonly stopped: boolean;
  readonly changes: () => Iterable<Change>;
  readonly absent: () => Iterable<AbsentUser>;
}

export interface RunParts {
  readonly request: RunRequest;
  readonly rules: RunRules;
  readonly directory: Directory;
  readonly judge: Judge;
  /** Asked for a sample of the users in a dry run: do the scripts decide by the entry alone? Absent: nobody asks. */
  readonly secondOpinion?: SecondOpinion;
  /** The scripts of the last live run for everybody, where they were others. */
  readonly former?: FormerScripts;
  readonly reader: UserReader;
  /** `null` in a dry run: then no object that could write to the service exists. */
  readonly openWriter: (() => UserWriter) | null;
  readonly state: State;
  readonly log: Log;
  readonly observer: RunObserver;
  /** Given the plan of the run before anything of it is applied, for files. */
  readonly exportPlan?: (plan: MadePlan) => void;
  /** Aborted, with a RunError as its reason, to interrupt the run: requests in flight finish, nothing else starts. */
  readonly signal: AbortSignal;
}
