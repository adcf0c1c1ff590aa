/** The scripts of the latest live run that was carried out for everybody: whole, because a hash cannot be judged with. */

import { changedScripts, type ScriptSet } from '../model/scripts.ts';
import type { LiveScripts } from '../model/state.ts';
import { MetaValues } from './meta-values.ts';
import { openStateFile } from './state-file.ts';

/** `null` before the first such run. */
export function liveScriptsIn(meta: MetaValues): LiveScripts | null {
  const kept = meta.get('live_scripts');
  return kept === null ? null : (JSON.parse(kept) as LiveScripts);
}

/** To be called inside a transaction; nothing for a run whose scripts nobody knows. */
export function keepLiveScripts(meta: MetaValues, scripts: ScriptSet | undefined): void {
  if (scripts === undefined) return;
  const before = liveScriptsIn(meta);
  if (before !== null && changedScripts(before.scripts, scripts).length === 0) return;
  const kept: LiveScripts = { scripts, since: new Date().toISOString() };
  meta.set('live_scripts', JSON.stringify(kept));
}

/**
 * What the state file at `path` holds of them, without opening a run.
 * @throws RunError as `openStateFile`
 */
export function latestLiveScripts(path: string): LiveScripts | null {
  const database = openStateFile(path, 'DRY');
  try {
    return liveScriptsIn(new MetaValues(database));
  } finally {
    database.close();
  }
}
