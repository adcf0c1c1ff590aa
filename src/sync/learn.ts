/** Meets a service that already holds users: one walk over its list instead of a refused creation for each of them. */

import type { Collected } from './collect.ts';
import type { RunParts } from './run-parts.ts';

export interface Learned {
  /** Whether the list has been compared with everybody in the base, now or before. */
  readonly everybody: boolean;
  /** Whether it was read to its end in this run. */
  readonly listed: boolean;
}

/**
 * Takes over whom the service already holds, until its whole list has been compared with the whole directory once.
 * Until then an inactive entry may have an account that nobody has closed. A walk proves nothing about who is missing
 * (RFC 7644 3.4.2.4): active users who were not found are created, and adopted if they exist after all.
 */
export async function learn(parts: RunParts, collected: Collected): Promise<Learned> {
  const { state, reader, log, observer, signal, rules } = parts;
  if (state.hasLearned()) return { everybody: true, listed: false };
  const everybody = collected.verdict.complete && collected.readEverybody;
  if (state.unknownCount() === 0 && !state.hasLostCreations()) return { everybody, listed: false };
  const held = await reader.count();
  if (held === null) {
    log.warn(
      'SyncService',
      'The service does not list its users: those it holds are found when they are created.',
    );
    return { everybody, listed: false };
  }
  if (held === 0) return { everybody, listed: true };
  log.info('SyncService', `The service holds ${held} users: looking for those of the directory.`);
  let listed = true;
  let seen = 0;
  for await (const user of reader.list()) {
    signal.throwIfAborted();
    state.addFound(user);
    seen += 1;
    if (seen > MOST_TIMES_MORE * held + LEAST_BOUND) {
      log.warn(
        'SyncService',
        `The list of the service does not end: stopped after ${seen} users of ${held}.`,
      );
      listed = false;
      break;
    }
    observer.progress('COMPARE', seen, held);
  }
  const learned = state.learn(rules.adoptByUserName);
  log.info('SyncService', `${learned} of them are users of the directory.`);
  return { everybody, listed };
}

/** A service that invents users for ever must not keep a run from ending. */
const MOST_TIMES_MORE = 2;
const LEAST_BOUND = 1000;
