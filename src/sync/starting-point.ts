/** Decides whether an incremental run may begin where the last one ended. */

import type { DirectoryFacts, Watermark } from '../model/ports.ts';
import type { RunParts } from './run-parts.ts';
import type { LinkTracking } from './traceless.ts';

/** From where an incremental run reads; `null` for everything, which is always right and only slower. */
export function startingPoint(
  parts: RunParts,
  facts: DirectoryFacts,
  tracking: LinkTracking,
): Watermark | null {
  if (parts.request.scope === 'FULL' || facts.changeTracking === 'COMPARE') return null;
  const watermark = parts.state.watermark();
  if (watermark === null) return null;
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
