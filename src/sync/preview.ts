/** Shows a dry run's plan, user by user, by the same rules that made it. */

import { changeFor } from './compare.ts';
import type { Collected } from './collect.ts';
import type { RunParts } from './run.ts';

/** Tells the observer of every user whom the run read, then of those whom others' changes or absence concern. */
export function preview({ state, request, observer }: RunParts, collected: Collected): void {
  for (const { user, failure } of collected.unusable) {
    observer.preview({ userName: user, decision: null, change: null, failure });
  }
  for (const comparison of state.comparisons('ALL')) {
    const { desired, known } = comparison;
    observer.preview({
      userName: desired.userName ?? known?.confirmed?.userName ?? desired.dn,
      decision: desired.decision,
      change: changeFor(comparison, request.scope === 'FULL'),
      failure: desired.failure,
    });
  }
  for (const change of state.changes(['UPDATE', 'REACTIVATE', 'DEACTIVATE'])) {
    if (state.hasDesired(change.identity)) continue;
    observer.preview({ userName: change.to.userName, decision: null, change, failure: null });
  }
}
