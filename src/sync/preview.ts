/** Shows a dry run's plan, user by user, by the same rules that made it. */

import type { Change, Preview } from '../model/plan.ts';
import type { Comparison } from '../model/state.ts';
import type { Collected } from './collect.ts';
import type { RunParts } from './run-parts.ts';

/** Tells the observer of those who could not even be read. */
export function previewUnusable({ observer }: RunParts, { unusable }: Collected): void {
  for (const { user, dn, identity, failure } of unusable) {
    observer.preview({ userName: user, decision: null, change: null, failure, entry: { dn, identity } });
  }
}

/** A user who was read, with the change that follows from the comparison; `null` where none does. */
export function previewOf(comparison: Comparison, change: Change | null): Preview {
  const { desired, known } = comparison;
  return {
    // Who fails is named as in the list of failures, or reports would count him twice.
    userName:
      desired.userName ?? (desired.failure === null ? known?.confirmed?.userName : null) ?? desired.dn,
    decision: desired.decision,
    change: change ?? noChange(comparison),
    failure: desired.failure,
    entry: { dn: desired.dn, identity: desired.identity },
  };
}

/** Tells the observer of those whom this run did not read, and whom others' changes or absence concern. */
export function previewOthers({ state, observer }: RunParts): void {
  for (const change of state.changes('UNREAD')) {
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
