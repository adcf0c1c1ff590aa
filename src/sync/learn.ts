/** Meets a service that already holds users: one walk over its list instead of a refused creation for each of them. */

import type { ListEnd } from '../model/ports.ts';
import type { FailedUser } from '../model/run.ts';
import type { ShortWalk } from '../model/service-list.ts';
import type { DoubleAccount } from '../model/state.ts';
import type { Unclaimed } from '../model/unclaimed.ts';
import type { Collected } from './collect.ts';
import { lookForLostCreations } from './lost-creations.ts';
import type { RunParts } from './run-parts.ts';

export interface Learned {
  /** Whether the list has been compared with everybody in the base, now or before. */
  readonly everybody: boolean;
  /** Identities of creations without an answer that were looked for and not found. */
  readonly notFound: readonly string[];
  /** Users who have a further account, or may have one, that is open and that nobody would ever close. */
  readonly failures: readonly FailedUser[];
  /** Accounts of the list that belong to nobody; `null` where it was not compared with everybody in this run. */
  readonly unclaimed: Unclaimed | null;
  /** How the list that was compared with everybody fell short; `null` where it did not, or is taken for whole. */
  readonly shortWalk: ShortWalk | null;
  readonly showsDoubles: boolean;
}

/** Enough to see what kind of accounts they are. */
const UNCLAIMED_NAMED = 20;
/** In the log of a run with `--debug`. */
const UNCLAIMED_LOGGED = 10_000;

/**
 * Takes over whom the service already holds, until its whole list has been compared with the whole directory once.
 * Until then an inactive entry may have an account that nobody has closed; so a walk that breaks off, or shows fewer users
 * than the service says it holds, is made again. A walk proves nothing about who is missing
 * (RFC 7644 3.4.2.4): active users who were not found are created, and adopted if they exist after all. Creations
 * without an answer are looked for one by one.
 */
export async function learn(parts: RunParts, collected: Collected): Promise<Learned> {
  const { state, log, rules } = parts;
  const lost = await lookForLostCreations(parts, collected);
  const { everybody, seen, shortWalk } = await walk(parts, collected);
  const learning =
    seen > 0 || lost.found > 0 ? state.learn(rules.adoptByUserName, hasReadEverybody(collected)) : null;
  if (seen > 0) log.info('SyncService', `${learning?.taken ?? 0} of them are users of the directory.`);
  const unclaimed = hasReadEverybody(collected) && seen > 0 ? unclaimedBy(parts) : null;
  const doubles = await failuresOfDoubles(parts, learning?.doubles ?? []);
  // Who could be several has an account that is open, whatever becomes of his failure: he is not forgotten.
  const isClear = seen === 0 || (learning?.unclear === 0 && doubles.length === 0);
  return {
    everybody: everybody && isClear,
    notFound: lost.notFound,
    failures: [...lost.failures, ...doubles],
    showsDoubles: doubles.length > 0,
    unclaimed,
    shortWalk,
  };
}

/**
 * Open accounts beside the one that was confirmed. Where that one is not there, nobody has two: the next change to him finds
 * the other one. Where it is, or the service cannot tell, he keeps it, and a person has to look at the other one.
 */
async function failuresOfDoubles(
  { reader, signal }: RunParts,
  doubles: readonly DoubleAccount[],
): Promise<FailedUser[]> {
  const failures: FailedUser[] = [];
  for (const { identity, dn, userName, scimId, otherId, isListed } of doubles) {
    if (!isListed && failures.length < MOST_DOUBLES_ASKED) {
      signal.throwIfAborted();
      const sighting = await reader.find({ externalId: identity, userName, scimId });
      if (sighting.kind === 'FOUND' && sighting.user.scimId === otherId) continue;
    }
    const message = `The service holds two open accounts for this entry: ${scimId}, which is kept in step, and ${otherId}. Deactivate or remove the one that is not his.`;
    failures.push({ user: userName, dn, identity, failure: { stage: 'CONFLICT', message } });
  }
  return failures;
}

/** A service of which thousands are wrong must not cost a run thousands of questions. */
const MOST_DOUBLES_ASKED = 500;

function unclaimedBy({ state, log }: RunParts): Unclaimed {
  const { users, ...counts } = state.unclaimed(UNCLAIMED_LOGGED);
  for (const user of users)
    log.debug('SyncService', `No active entry in the directory has the account ${user}.`);
  return { ...counts, users: users.slice(0, UNCLAIMED_NAMED) };
}

function hasReadEverybody({ verdict, readEverybody }: Collected): boolean {
  return verdict.complete && readEverybody;
}

interface Walk extends Pick<Learned, 'everybody' | 'shortWalk'> {
  readonly seen: number;
}

async function walk(parts: RunParts, collected: Collected): Promise<Walk> {
  const { state, reader, log, request } = parts;
  const none = { seen: 0, shortWalk: null };
  if (state.serviceList.isCompared()) return { ...none, everybody: true };
  const everybody = hasReadEverybody(collected);
  // Once everybody is read, also for the sake of those accounts that nobody is there for any more.
  if (!everybody && state.unknownCount() === 0) return { ...none, everybody };
  const before = state.serviceList.shortWalk();
  if (before?.settled === true && request.scope !== 'FULL') return { ...none, everybody: false };
  const held = await reader.count();
  if (held === null) {
    log.warn(
      'SyncService',
      'The service does not list its users: those it holds are found when they are created, and accounts of people who have left are not found at all.',
    );
    return { ...none, everybody };
  }
  // Of a service that says it holds nobody the list is read all the same: a wrong total must not hide an open account.
  if (held > 0) {
    log.info('SyncService', `The service holds ${held} users: looking for those of the directory.`);
  }
  const { seen, end } = await seeEach(parts, held);
  if (!everybody || (end.reached && seen >= held)) return { seen, everybody, shortWalk: null };
  const shortWalk = shortWalkOf(seen, held, before);
  const isTaken = end.reached && shortWalk.settled;
  log.warn('SyncService', shortSentence(shortWalk, end));
  return { seen, everybody: isTaken, shortWalk: isTaken ? null : shortWalk };
}

async function seeEach(
  { state, reader, observer, signal }: RunParts,
  held: number,
): Promise<{ readonly seen: number; readonly end: ListEnd }> {
  let seen = 0;
  const listing = reader.list();
  for await (const user of listing) {
    signal.throwIfAborted();
    state.addFound(user);
    seen += 1;
    if (seen > MOST_TIMES_MORE * held + LEAST_BOUND) {
      return { seen, end: { reached: false, reason: 'it does not end' } };
    }
    observer.progress('COMPARE', seen, held);
  }
  return { seen, end: listing.end() };
}

/**
 * Settled once two in a row have shown as many users, or left out as many: services that count somebody whom they do not
 * list do so every time. What changes from run to run is not waited for without end.
 */
function shortWalkOf(seen: number, held: number, before: ShortWalk | null): ShortWalk {
  const runs = (before?.runs ?? 0) + 1;
  const isAsBefore = before !== null && (before.seen === seen || before.held - before.seen === held - seen);
  return { seen, held, runs, settled: isAsBefore || runs >= MOST_SHORT_WALKS };
}

function shortSentence({ seen, held, settled }: ShortWalk, end: ListEnd): string {
  const figures = `The list of the service has shown ${seen} users, and the service says that it holds ${held}`;
  const cause = end.reached ? '' : ` (${end.reason})`;
  const next = !settled
    ? 'Accounts of people who have left may be among the others: the next run reads everybody and the list again.'
    : end.reached
      ? 'It was so before: the list is taken for whole. An account that it does not show is not found.'
      : 'It was so before: accounts of people who have left may be among the others. Each --full-sync reads the list again; ask whoever runs the service why it breaks off.';
  return `${figures}${cause}. ${next}`;
}

/** A service that invents users for ever must not keep a run from ending. */
const MOST_TIMES_MORE = 2;
const LEAST_BOUND = 1000;
const MOST_SHORT_WALKS = 5;
