/** Meets a service that already holds users: one walk over its list instead of a refused creation for each of them. */

import type { Unclaimed } from '../model/unclaimed.ts';
import type { Collected } from './collect.ts';
import { lookForLostCreations } from './lost-creations.ts';
import type { RunParts } from './run-parts.ts';

export interface Learned {
  /** Whether the list has been compared with everybody in the base, now or before. */
  readonly everybody: boolean;
  /** Identities of creations without an answer that were looked for and not found. */
  readonly notFound: readonly string[];
  /** Accounts that belong to nobody; `null` where the list was not compared with everybody in this run. */
  readonly unclaimed: Unclaimed | null;
}

/** Enough to see what kind of accounts they are. */
const UNCLAIMED_NAMED = 20;
/** In the log of a run with `--debug`. */
const UNCLAIMED_LOGGED = 10_000;

/**
 * Takes over whom the service already holds, until its whole list has been compared with the whole directory once.
 * Until then an inactive entry may have an account that nobody has closed. A walk proves nothing about who is missing
 * (RFC 7644 3.4.2.4): active users who were not found are created, and adopted if they exist after all. Creations
 * without an answer are looked for one by one.
 */
export async function learn(parts: RunParts, collected: Collected): Promise<Learned> {
  const { state, log, rules } = parts;
  const lost = await lookForLostCreations(parts, collected);
  const { everybody, seen } = await walk(parts, collected);
  if (seen > 0 || lost.found > 0) {
    const learned = state.learn(rules.adoptByUserName, hasReadEverybody(collected));
    if (seen > 0) log.info('SyncService', `${learned} of them are users of the directory.`);
  }
  const unclaimed = everybody && seen > 0 ? unclaimedBy(parts) : null;
  return { everybody, notFound: lost.notFound, unclaimed };
}

function unclaimedBy({ state, log }: RunParts): Unclaimed {
  const { users, ...counts } = state.unclaimed(UNCLAIMED_LOGGED);
  for (const user of users) log.debug('SyncService', `No entry in the directory has the account ${user}.`);
  return { ...counts, users: users.slice(0, UNCLAIMED_NAMED) };
}

function hasReadEverybody({ verdict, readEverybody }: Collected): boolean {
  return verdict.complete && readEverybody;
}

async function walk(
  { state, reader, log, observer, signal }: RunParts,
  collected: Collected,
): Promise<{ readonly everybody: boolean; readonly seen: number }> {
  if (state.hasLearned()) return { everybody: true, seen: 0 };
  const everybody = hasReadEverybody(collected);
  // Once everybody is read, also for the sake of those accounts that nobody is there for any more.
  if (!everybody && state.unknownCount() === 0) return { everybody, seen: 0 };
  const held = await reader.count();
  if (held === null) {
    log.warn(
      'SyncService',
      'The service does not list its users: those it holds are found when they are created, and accounts of people who have left are not found at all.',
    );
    return { everybody, seen: 0 };
  }
  // Of a service that says it holds nobody the list is read all the same: a wrong total must not hide an open account.
  if (held > 0) {
    log.info('SyncService', `The service holds ${held} users: looking for those of the directory.`);
  }
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
      break;
    }
    observer.progress('COMPARE', seen, held);
  }
  return { everybody, seen };
}

/** A service that invents users for ever must not keep a run from ending. */
const MOST_TIMES_MORE = 2;
const LEAST_BOUND = 1000;
