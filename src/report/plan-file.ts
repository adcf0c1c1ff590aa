/** A plan as JSON Lines, for `--plan FILE`: one line about the plan, then one for each change and each absent user. */

import type { Change } from '../model/plan.ts';
import type { AbsentUser } from '../model/run.ts';
import type { AttributeSources } from './attribute-sources.ts';
import { changeRecord } from './user-record.ts';

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
 * The lines of the file, without line ends: docs/schemas/plan-line.json. A change has the members of a `ChangeRecord`; in
 * a full sync `attributes` may be empty: the user is sent again unchanged. A line of `type` absent tells how often in a
 * row a user was `missed`, and at what `threshold` he is deactivated.
 */
export function* planLines(
  header: PlanHeader,
  changes: Iterable<Change>,
  absent: Iterable<AbsentUser>,
  sources: AttributeSources,
): Iterable<string> {
  yield JSON.stringify({ type: 'plan', schemaVersion: SCHEMA_VERSION, ...header });
  for (const change of changes) yield JSON.stringify({ type: 'change', ...changeRecord(change, sources) });
  for (const { user, dn, identity, missed, threshold } of absent) {
    yield JSON.stringify({ type: 'absent', userName: user, dn, identity, missed, threshold });
  }
}
