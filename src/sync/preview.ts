/** Shows a dry run's plan, user by user, by the same rules that made it. */

import type { Change } from '../model/plan.ts';
import type { Comparison } from '../model/state.ts';
import { changeFor, type CompareOptions } from './compare.ts';
import type { Collected } from './collect.ts';
import type { RunParts } from './run-parts.ts';

/** Tells the observer of every user whom the run read, then of those whom others' changes or absence concern. */
export function preview(
  { state, observer }: RunParts,
  collected: Collected,
  options: Pick<CompareOptions, 'scope' | 'keepUnknownManagers'>,
): void {
  for (const { user, failure } of collected.unusable) {
    observer.preview({ userName: user, decision: null, change: null, failure });
  }
  for (const comparison of state.comparisons('ALL')) {
    const { desired, known } = comparison;
    observer.preview({
      userName: desired.userName ?? known?.confirmed?.userName ?? desired.dn,
      decision: desired.decision,
      change: changeFor(comparison, options) ?? noChange(comparison),
      failure: desired.failure,
    });
  }
  for (const change of state.changes(['UPDATE', 'REACTIVATE', 'DEACTIVATE'])) {
    if (state.hasDesired(change.identity)) continue;
    observer.preview({ userName: change.to.userName, decision: null, change, failure: null });
  }
}

/** Whom the service has as he is wanted, or does not have and is not to get; `null` for who cannot even be named. */
function noChange({ desired, known }: Comparison): Change | null {
  const to = desired.resource ?? known?.confirmed ?? null;
  if (desired.failure !== null || to === null) return null;
  const { identity, dn } = desired;
  const { scimId = null, confirmed: from = null } = known ?? {};
  return { identity, dn, kind: 'NONE', cause: null, scimId, from, to, attributes: [], awaitsManager: null };
}
