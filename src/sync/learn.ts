/** Meets a service that already holds users: one walk over its list instead of a refused creation for each of them. */

import type { RunParts } from './run.ts';

/** What services commonly give for one page; only the estimate of what is cheaper hangs on it. */
const USERS_A_PAGE = 100;

/**
 * Takes over who the service already holds, where nothing is remembered and a walk is cheaper than one look-up each.
 * A walk proves nothing about who is missing (RFC 7644 3.4.2.4): those are created, and adopted if they exist after all.
 */
export async function learn({ state, reader, log, observer, signal }: RunParts): Promise<void> {
  const wanted = state.desiredCount().active;
  if (state.population().known > 0 || wanted === 0) return;
  const held = await reader.count();
  if (held === null || held === 0) return;
  if (Math.ceil(held / USERS_A_PAGE) > wanted) {
    log.debug(
      'SyncService',
      `The service holds ${held} users, far more than the ${wanted} wanted: not listed.`,
    );
    return;
  }
  log.info('SyncService', `The service already holds ${held} users: learning them.`);
  let seen = 0;
  let learned = 0;
  for await (const user of reader.list()) {
    signal.throwIfAborted();
    if (state.learn(user)) learned += 1;
    seen += 1;
    observer.progress('COMPARE', seen, held);
  }
  log.info('SyncService', `${learned} of them are users of the directory.`);
}
