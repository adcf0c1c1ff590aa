/** Looks whether accounts are closed that the service still showed as active when it took their deactivation. */

import { isLimited } from './collect.ts';
import type { RunParts } from './run-parts.ts';

/** The others have their turn in the next run. */
const MOST_LOOKUPS = 100;

/**
 * A leaver's account that stays open although the service said yes is the one thing that must not go unnoticed: each run
 * asks again, by identity, and warns until the account is closed or a full sync has closed it.
 */
export async function checkClosures(parts: RunParts): Promise<void> {
  const { state, reader, log, signal } = parts;
  if (parts.openWriter === null || isLimited(parts)) return;
  for (const { identity, userName, since } of state.deviations.openClosures().slice(0, MOST_LOOKUPS)) {
    signal.throwIfAborted();
    const sighting = await reader.find({ externalId: identity, userName });
    if (sighting.kind === 'FOUND' && sighting.user.resource.active === true) {
      log.warn(
        'SyncService',
        `${userName} is still active at the service, which took the deactivation at ${since}: look at the account in the console, or run with --full-sync to send it again.`,
      );
    } else if (sighting.kind === 'FOUND' || sighting.kind === 'NONE') {
      state.deviations.closed(identity);
    }
  }
}
