/** What c42uds remembers between runs: one SQLite file, one transaction for each confirmed outcome. */

import type { ScriptSet } from '../model/scripts.ts';
import type { RunLog } from '../model/run-log.ts';
import type { LiveScripts, State } from '../model/state.ts';
import type { UserAttribute } from '../model/user.ts';
import type { ChangeLogOptions } from './change-log.ts';
import type { RunHistory } from './run-history.ts';
import type { RunMark } from './run-mark.ts';
import { SqliteState } from './sqlite-state.ts';
import { explained, openStateFile } from './state-file.ts';

export interface StateOptions {
  readonly path: string;
  /** DRY opens the file for reading only: nothing that the engine calls can change it. */
  readonly mode: 'DRY' | 'LIVE';
  /** `scim.baseurl`: ids of one service mean nothing to another. */
  readonly service: string;
  /** A hash of the settings that decide who is read and what is made of him; when it moves, everybody is read anew. */
  readonly scopeKey: string;
  /** A hash of those of them that decide who is read: of another set of users the service's list has told nothing yet. */
  readonly populationKey?: string;
  /** The name of the configuration file, without its folder; absent: nobody asks whose the state is. */
  readonly configuration?: string;
  /** The attributes of a user that the run manages; absent: all. Of others nothing is known, and soon nothing kept. */
  readonly managed?: readonly UserAttribute[];
  /** The scripts of the run, to be kept when it has been carried out for everybody. */
  readonly scripts?: ScriptSet;
  /** Where the number of the latest live run stands outside the file; absent: an older copy is not noticed. */
  readonly mark?: RunMark;
  /** What stands on each line of the run in the log files, to be kept with it. */
  readonly runId?: string;
  /** Which start of the machine this is; for tests. */
  readonly boot?: string;
  /** For how long confirmed changes are kept, and without the values of which attributes; absent: not at all. */
  readonly history?: ChangeLogOptions;
  /** The clock of failures and their next attempts; nothing that is read hangs on it. */
  readonly now?: () => Date;
}

/** The state of one run. `readsAnewBecause` says why a remembered watermark is not used, if it is not. */
export interface OpenState extends State {
  readonly readsAnewBecause: string | null;
  /** The configuration file whose live run was the last with this state, where it is another one than this run's. */
  readonly otherConfiguration: string | null;
  /**
   * Why the file may not know the latest runs, as an older copy does not, in words; `null` where nothing speaks for that.
   * What a doubtful state believes confirmed may have been changed since, until a run has sent everybody.
   */
  readonly doubt: string | null;
  /** `null` before the first complete live run, or in a state file of a version that did not keep them. */
  liveScripts(): LiveScripts | null;
  readonly runs: Pick<RunHistory, 'latest'> & RunLog;
}

/**
 * For the scratch tables, which die with the process: a journal in memory, since nobody will ever recover them from a
 * file, and 32 MB of cache, because keys in the order of their identities hit pages everywhere.
 */
const SCRATCH_SETTINGS = 'PRAGMA temp.journal_mode = MEMORY; PRAGMA temp.cache_size = -32000';

/**
 * Opens the state of a run.
 * @throws RunError STATE_FOREIGN, and what {@link openStateFile} throws
 */
export function openState(options: StateOptions): OpenState {
  const database = openStateFile(options.path, options.mode);
  try {
    database.exec(SCRATCH_SETTINGS);
    return new SqliteState(database, options);
  } catch (error) {
    database.close();
    throw explained(error, options.path);
  }
}
