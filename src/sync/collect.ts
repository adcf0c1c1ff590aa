/** Reads the directory through the scripts into the scratch table: who is wanted, and whether everybody was seen. */

import type { DirectoryFacts, ReadVerdict } from '../model/ports.ts';
import type { FailedUser } from '../model/run.ts';
import type { Judged } from './instability.ts';
import { Reading } from './reading.ts';
import { both, EVERYBODY, NOTHING_READ } from './reads.ts';
import type { RunParts } from './run-parts.ts';
import { startingPoint } from './starting-point.ts';
import { linkTracking, type LinkTracking } from './traceless.ts';

export interface Collected {
  /** Of all reads together: complete only if each of them was. */
  readonly verdict: ReadVerdict;
  /** Whether the reads, if complete, have seen everybody in the search base. */
  readonly wholeBase: boolean;
  /** Whether everybody in the search base was read with all attributes, as far as the reads were complete. */
  readonly readEverybody: boolean;
  /** Whether everybody who had failed before was looked for. */
  readonly retriedEverybody: boolean;
  /** The attributes whose values were noted for everybody who was judged. */
  readonly linkedBy: readonly string[];
  readonly judged: number;
  /** Users to be asked again, where somebody is to ask. */
  readonly sample: readonly Judged[];
  /** Our clock when the first of them was judged. */
  readonly startedMs: number;
  /** Whether the former scripts have judged everybody, too. */
  readonly judgedByFormer: boolean;
  /** Entries without an identity: they can only be named. */
  readonly unusable: readonly FailedUser[];
  readonly namesNotFound: readonly string[];
}

/** Runs limited by `--files` or `--filter` say nothing about who is absent and never move the watermark. */
export function isLimited(parts: RunParts): boolean {
  return parts.request.extraFilter !== null || parts.request.userNames !== null;
}

export async function collect(parts: RunParts, facts: DirectoryFacts): Promise<Collected> {
  const { request, rules, state } = parts;
  const tracking = linkTracking(parts, facts);
  const reading = new Reading(parts, facts, tracking);
  const startedMs = Date.now();
  const limited = isLimited(parts);
  const since = request.userNames === null ? startingPoint(parts, facts, tracking) : null;
  if (!limited) parts.log.info('SyncService', tracking.sentence);
  if (tracking.warning !== null) parts.log.warn('SyncService', tracking.warning);
  const names = request.userNames;
  const verdict = await reading.read({
    attributes: 'ALL',
    since,
    extraFilter: request.extraFilter,
    anyOf: names === null ? null : { attribute: rules.filesAttributeName, values: names },
  });
  let complete = verdict;
  if (!limited && since !== null) {
    const again = state.failedIdentities().filter((identity) => !state.hasDesired(identity));
    complete = both(complete, await reading.readAgain(again, 'who failed before'));
    complete = both(complete, await reading.readAgain(state.traces.due(), 'whose moment has come'));
    // The changed users say nothing about who is gone, or in other groups: that takes a look at everybody.
    if (rules.missedUserCheck || tracking.compares) {
      const sweep = await reading.sweep();
      if (complete.complete && !sweep.complete) complete = { ...sweep, entryCount: complete.entryCount };
      complete = both(complete, await readUntraced(parts, reading, tracking, sweep));
    }
  }
  if (!limited && since !== null) complete = both(complete, await readHolders(parts, reading));
  if (!limited && since === null && complete.complete) reading.warnOfMissingGroups();
  return {
    verdict: complete,
    wholeBase: !limited && (since === null || rules.missedUserCheck || tracking.compares),
    readEverybody: !limited && since === null,
    retriedEverybody: !limited,
    linkedBy: tracking.compares ? tracking.attributes : [],
    judged: reading.judged,
    judgedByFormer: reading.former.isAble,
    sample: reading.sample?.judged() ?? [],
    startedMs,
    unusable: reading.unusable,
    namesNotFound: (names ?? []).filter((name) => !reading.namesFound.has(name.toLowerCase())),
  };
}

/** Whom the sweep has found and no change shows: back from absence, in other groups, or never judged before. */
async function readUntraced(
  { state, log }: RunParts,
  reading: Reading,
  tracking: LinkTracking,
  sweep: ReadVerdict,
): Promise<ReadVerdict> {
  const returned = state.returnedIdentities();
  if (returned.length > 0) log.info('SyncService', `${returned.length} users who had been absent are back.`);
  const changed = state.traces.changed();
  if (changed.length > 0) log.info('SyncService', `${changed.length} users are new here or in other groups.`);
  const seen = await reading.readAgain([...returned, ...changed], 'seen by the sweep');
  // Where links are compared, those of somebody unknown have changed as well.
  const unjudged = tracking.compares ? [] : state.traces.unjudged();
  if (unjudged.length === 0) return seen;
  const who = `${unjudged.length} users are seen who are new here, or were away, though no change shows them`;
  if (unjudged.length > MOST_BY_IDENTITY) {
    // A directory that does not answer one search to its end is not asked for more.
    if (!sweep.complete) return seen;
    log.info('SyncService', `${who}: reading every user.`);
    return both(seen, await reading.read(EVERYBODY));
  }
  log.info('SyncService', `${who}.`);
  const verdict = both(seen, await reading.readAgain(unjudged, 'whom no run has judged'));
  if (!verdict.complete || unjudged.every((identity) => state.hasDesired(identity))) return verdict;
  // Deleted this very moment, or the server shows identities and does not let them be searched for.
  log.info('SyncService', 'Not all of them were found by their identity: reading every user.');
  return both(verdict, await reading.read(EVERYBODY));
}

/** Beyond these, one search for everybody costs less than a search for each hundred of them. */
const MOST_BY_IDENTITY = 1000;

/**
 * Those who hold a name that somebody else claims: an entry that is gone must not keep its name from the one that was
 * made anew in its place, and whether it is gone takes one read by its identity.
 */
async function readHolders({ state, log }: RunParts, reading: Reading): Promise<ReadVerdict> {
  const holders = state.doubtedHolders();
  if (holders.length === 0) return NOTHING_READ;
  log.debug('SyncService', `Reading ${holders.length} users whose userName another entry claims.`);
  const verdict = await reading.read({ ...EVERYBODY, anyOf: { attribute: null, values: holders } });
  if (verdict.complete) state.addSought(holders);
  return verdict;
}
