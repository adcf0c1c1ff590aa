/** One user through the rules of a run: judged, compared with the state, and the change that follows. Writes nothing. */

import { userNameAttributes } from '../../config/attribute-order.ts';
import type { Settings } from '../../config/options.ts';
import type { OpenState } from '../../local/state.ts';
import { firstValueAmong, firstValueOf, type Entry } from '../../model/entry.ts';
import type { Preview } from '../../model/plan.ts';
import type { Directory, Judge, RemoteUser } from '../../model/ports.ts';
import { managedAttributes } from '../../model/run.ts';
import type { Comparison, KnownUser } from '../../model/state.ts';
import { changeFor, changeForAbsentee } from '../../sync/compare.ts';
import { previewOf } from '../../sync/preview.ts';
import { desiredUserFrom } from '../../sync/resource.ts';
import { runRules } from '../run-rules.ts';
import { findUsers } from '../user-lookup.ts';
import { entriesOf } from './search.ts';

export interface Rules {
  readonly settings: Settings;
  /** Opened for reading only: what is added to it dies with it. */
  readonly state: OpenState;
  readonly directory: Directory;
  readonly judge: Judge;
  /** Attributes that scripts name. */
  readonly also: readonly string[];
}

export interface Judged {
  readonly comparison: Comparison;
  readonly preview: Preview;
  /** Whether the state was told of the user by the service's own answer, as a run that has yet to learn is. */
  readonly isLearned: boolean;
}

/**
 * What the next run makes of an entry. His manager and whoever claims the same userName are read, too, because the
 * comparison hangs on them.
 * @param held what the service holds under his externalId or userName; `null` for nobody
 */
export async function judgeEntry(
  entry: Entry,
  held: RemoteUser | null,
  rules: Rules,
): Promise<Judged | null> {
  const { settings, state, judge } = rules;
  const { mapping, adoptByUserName } = runRules(settings);
  const entries = [entry, ...(await relatedTo(entry, rules))];
  const judgements = await judge.judge(entries);
  state.addDesired(
    entries.flatMap((each, at) => {
      const judgement = judgements[at];
      return judgement === undefined ? [] : [desiredUserFrom(each, judgement, mapping)];
    }),
  );
  let isLearned = false;
  if (held !== null && !state.serviceList.isCompared() && state.scimIdOf(entry.identity) === null) {
    state.addFound(held);
    // Whoever else has his userName has been read with him.
    isLearned = state.learn(adoptByUserName, true).taken > 0;
  }
  state.failClashes(false);
  for (const comparison of state.comparisons('ALL')) {
    if (comparison.desired.identity !== entry.identity) continue;
    const managed = managedAttributes(mapping);
    const change = changeFor(comparison, { scope: 'INCREMENTAL', managed, keepUnknownManagers: false });
    return { comparison, preview: previewOf(comparison, change), isLearned };
  }
  return null;
}

async function relatedTo(entry: Entry, { settings, directory, also }: Rules): Promise<Entry[]> {
  const names = [
    firstValueOf(entry, settings['ldap.attrib.manager']),
    firstValueAmong(entry, userNameAttributes(settings)),
  ];
  const related = new Map<string, Entry>();
  for (const name of names) {
    if (name === null || name === '') continue;
    for (const other of await findUsers(directory, name, settings, also)) related.set(other.identity, other);
  }
  related.delete(entry.identity);
  return [...related.values()];
}

/** What follows from one more complete read without him; `null` where he is none of the active known users. */
export function judgeAbsence(
  identity: string,
  { settings, state }: Pick<Rules, 'settings' | 'state'>,
): { readonly known: KnownUser; readonly preview: Preview | null; readonly isSpared: boolean } | null {
  for (const known of state.absentees()) {
    if (known.identity !== identity) continue;
    const verdict = changeForAbsentee(state, known, settings['deactivate.user.threshold']);
    const isSpared = verdict === 'SPARED';
    const userName = known.confirmed?.userName ?? known.dn;
    const preview =
      verdict === null || isSpared ? null : { userName, decision: null, change: verdict, failure: null };
    return { known, preview, isSpared };
  }
  return null;
}

/** Whoever claims the userName of somebody who is absent takes part in the judgement of his absence. */
export async function addClaimants(userName: string, rules: Rules): Promise<void> {
  const { settings, state, directory, judge, also } = rules;
  const entries = await entriesOf(directory, userName, [], settings, also);
  const judgements = await judge.judge(entries);
  const { mapping } = runRules(settings);
  state.addDesired(
    entries.flatMap((each, at) => {
      const judgement = judgements[at];
      return judgement === undefined ? [] : [desiredUserFrom(each, judgement, mapping)];
    }),
  );
}
