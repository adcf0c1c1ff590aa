/** How long the live run of a plan would take, as far as the service has shown its pace. */

import type { ChangeKind } from '../model/plan.ts';
import type { ServicePace } from '../model/ports.ts';
import type { RunEstimate } from '../model/run.ts';

/**
 * One request for each change, and a look before each deactivation: what the service allows a second, or what so many connections can have answered,
 * whichever is less. `null` where there is nothing to send, or nothing is known of the service.
 */
export function estimate(
  planned: Readonly<Record<ChangeKind, number>>,
  pace: ServicePace | undefined,
): RunEstimate | null {
  const requests = planned.CREATE + planned.UPDATE + planned.REACTIVATE + 2 * planned.DEACTIVATE;
  if (requests === 0 || pace === undefined || pace.latencyMs === null) return null;
  const answered = (pace.connections * 1000) / Math.max(pace.latencyMs, 1);
  const perSecond = Math.min(answered, pace.requestsPerSecond ?? Infinity);
  return {
    requests,
    durationMs: Math.round((requests * 1000) / perSecond),
    limitPerSecond: pace.requestsPerSecond !== null && pace.requestsPerSecond < answered ? perSecond : null,
  };
}
