/** A plan as JSON Lines, for `--plan FILE`: one line about the plan, then one for each change and each absent user. */

import type { Change } from '../model/plan.ts';
import type { AbsentUser } from '../model/run.ts';
import { differingAttributes } from '../model/user.ts';

/** Raised when a member changes its meaning or goes; new members may come without. */
const SCHEMA_VERSION = 1;

export interface PlanHeader {
  readonly planId: string;
  readonly mode: 'DRY' | 'LIVE';
  readonly scope: 'INCREMENTAL' | 'FULL';
  /** ISO 8601, UTC. */
  readonly madeAt: string;
}

/**
 * The lines of the file, without line ends. A change has `type`, `kind` (CREATE, UPDATE, REACTIVATE, DEACTIVATE),
 * `cause` of a deactivation (SCRIPT, ABSENT), `userName`, `dn`, `identity`, `scimId`, and under `attributes` the old and
 * the new value of each that differs; in a full sync `attributes` may be empty: the user is sent again unchanged. A line
 * of `type` absent tells how often in a row a user was `missed`, and at what `threshold` he is deactivated.
 */
export function* planLines(
  header: PlanHeader,
  changes: Iterable<Change>,
  absent: Iterable<AbsentUser>,
): Iterable<string> {
  yield JSON.stringify({ type: 'plan', schemaVersion: SCHEMA_VERSION, ...header });
  for (const change of changes) yield JSON.stringify({ type: 'change', ...shown(change) });
  for (const { user, dn, identity, missed, threshold } of absent) {
    yield JSON.stringify({ type: 'absent', userName: user, dn, identity, missed, threshold });
  }
}

function shown(change: Change): Record<string, unknown> {
  const { kind, cause, identity, dn, scimId, from, to, awaitsManager } = change;
  const names = from === null ? change.attributes : differingAttributes(from, to);
  const attributes = names.map((name) => [name, { from: from?.[name] ?? null, to: to[name] }]);
  return {
    kind,
    cause,
    userName: to.userName,
    dn,
    identity,
    scimId,
    attributes: Object.fromEntries(attributes) as object,
    awaitsManager,
  };
}
