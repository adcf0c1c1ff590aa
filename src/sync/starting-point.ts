/** Decides whether an incremental run may begin where the last one ended. */

import type { DirectoryFacts, Watermark } from '../model/ports.ts';
import type { RunParts } from './run-parts.ts';
import type { LinkTracking } from './traceless.ts';

/** Whoever has an account that the walk before did not show may be anybody, changed or not. */
function isListToBeReadAgain({ state, request }: RunParts): boolean {
  return (
    request.extraFilter === null &&
    !state.serviceList.isCompared() &&
    (state.serviceList.shortWalk()?.settled === false || state.serviceList.showsDoubles())
  );
}

/** From where an incremental run reads; `null` for everything, which is always right and only slower. */
export function startingPoint(
  parts: RunParts,
  facts: DirectoryFacts,
  tracking: LinkTracking,
): Watermark | null {
  if (parts.request.scope === 'FULL' || facts.changeTracking === 'COMPARE') return null;
  const watermark = parts.state.watermark();
  if (watermark === null) return null;
  if (parts.state.runs.clockWentBack()) {
    parts.log.warn(
      'SyncService',
      'Reading every user: by the clock the last run was in the future. What scripts decided by date may be wrong.',
    );
    return null;
  }
  if (isListToBeReadAgain(parts)) {
    parts.log.info(
      'SyncService',
      'Reading every user: the list of the service is to be read once more, and compared with everybody.',
    );
    return null;
  }
  const usable = facts.canReadSince(watermark);
  const linkedBy = parts.state.traces.attributes() ?? [];
  if (usable === true && tracking.compares && linkedBy.join() !== tracking.attributes.join()) {
    const names = tracking.attributes.join(', ');
    parts.log.info('SyncService', `Reading every user: nothing is remembered yet to compare ${names} with.`);
    return null;
  }
  if (usable === true) return watermark;
  parts.log.info('SyncService', `Reading every user: ${usable}.`);
  return null;
}
