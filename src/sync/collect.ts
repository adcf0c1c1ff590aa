/** Reads the directory through the scripts into the scratch table: who is wanted, and whether everybody was seen. */

import type { Judgement } from '../model/decision.ts';
import { valuesOf, type Entry } from '../model/entry.ts';
import type { DirectoryFacts, DirectoryQuery, ReadVerdict, Watermark } from '../model/ports.ts';
import type { FailedUser } from '../model/run.ts';
import type { RunParts } from './run-parts.ts';
import { desiredUserFrom } from './resource.ts';

export interface Collected {
  /** Of all reads together: complete only if each of them was. */
  readonly verdict: ReadVerdict;
  /** Whether the reads, if complete, have seen everybody in the search base. */
  readonly wholeBase: boolean;
  /** Whether everybody in the search base was read with all attributes, as far as the reads were complete. */
  readonly readEverybody: boolean;
  /** Whether everybody who had failed before was looked for. */
  readonly retriedEverybody: boolean;
  readonly judged: number;
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
  const reading = new Reading(parts);
  const limited = isLimited(parts);
  const since = request.userNames === null ? startingPoint(parts, facts) : null;
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
    if (again.length > 0) {
      parts.log.debug('SyncService', `Reading ${again.length} users again who failed before.`);
      complete = both(
        complete,
        await reading.read({ ...EVERYBODY, anyOf: { attribute: null, values: again } }),
      );
    }
    // The changed users say nothing about who is gone: that takes the identities of everybody.
    if (rules.missedUserCheck) {
      const sweep = await reading.readIdentities();
      if (complete.complete && !sweep.complete) complete = { ...sweep, entryCount: complete.entryCount };
      const returned = state.returnedIdentities();
      if (returned.length > 0) {
        parts.log.info('SyncService', `${returned.length} users who had been absent too often are back.`);
        complete = both(
          complete,
          await reading.read({ ...EVERYBODY, anyOf: { attribute: null, values: returned } }),
        );
      }
    }
  }
  if (!limited && since !== null) complete = both(complete, await readHolders(parts, reading));
  return {
    verdict: complete,
    wholeBase: !limited && (since === null || rules.missedUserCheck),
    readEverybody: !limited && since === null,
    retriedEverybody: !limited,
    judged: reading.judged,
    unusable: reading.unusable,
    namesNotFound: (names ?? []).filter((name) => !reading.namesFound.has(name.toLowerCase())),
  };
}

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

const NOTHING_READ: ReadVerdict = { complete: true, entryCount: 0, watermark: null };
const EVERYBODY: DirectoryQuery = { attributes: 'ALL', since: null, extraFilter: null, anyOf: null };

/** From where an incremental run reads; `null` for everything, which is always right and only slower. */
function startingPoint(parts: RunParts, facts: DirectoryFacts): Watermark | null {
  if (parts.request.scope === 'FULL' || facts.changeTracking === 'COMPARE') return null;
  const watermark = parts.state.watermark();
  if (watermark === null) return null;
  const usable = facts.canReadSince(watermark);
  if (usable === true) return watermark;
  parts.log.info('SyncService', `Reading every user: ${usable}.`);
  return null;
}

/** The verdict of two reads: the watermark is the first one's, the only one that began at a known point. */
function both(first: ReadVerdict, second: ReadVerdict): ReadVerdict {
  const entryCount = first.entryCount + second.entryCount;
  if (!first.complete) return { ...first, entryCount };
  return second.complete ? { ...first, entryCount } : { ...second, entryCount };
}

class Reading {
  judged = 0;
  readonly unusable: FailedUser[] = [];
  readonly namesFound = new Set<string>();
  readonly #parts: RunParts;

  constructor(parts: RunParts) {
    this.#parts = parts;
  }

  async read(query: DirectoryQuery): Promise<ReadVerdict> {
    const { directory, rules, signal } = this.#parts;
    const read = directory.read(query);
    this.#parts.log.debug('LdapService', `Reading ${describeQuery(query)}.`);
    // Two batches at most are under way: one being judged, one waiting. So no more users are queued than
    // workqueues.size allows, and the directory is asked for its next page while the scripts work.
    const batchSize = Math.max(1, Math.floor(rules.workQueueSize / 2));
    let underWay: Promise<void> = Promise.resolve();
    for await (const page of read.pages) {
      for (const { dn, message } of page.unusable) {
        this.unusable.push({ user: dn, failure: { stage: 'READ', message } });
      }
      for (let start = 0; start < page.entries.length; start += batchSize) {
        const batch = page.entries.slice(start, start + batchSize);
        await underWay;
        underWay = this.#judge(batch);
        // Awaited below or in the next round; until then its failure must not count as unhandled.
        underWay.catch(() => undefined);
      }
      signal.throwIfAborted();
    }
    await underWay;
    const verdict = read.verdict();
    const end = verdict.complete ? 'complete' : `incomplete, ${verdict.reason}`;
    this.#parts.log.debug('LdapService', `${verdict.entryCount} entries read: ${end}.`);
    return verdict;
  }

  async readIdentities(): Promise<ReadVerdict> {
    const { directory, state, signal } = this.#parts;
    const read = directory.read({ ...EVERYBODY, attributes: 'IDENTITIES' });
    for await (const page of read.pages) {
      state.addPresent(page.entries.map((entry) => entry.identity));
      signal.throwIfAborted();
    }
    return read.verdict();
  }

  async #judge(entries: readonly Entry[]): Promise<void> {
    const { judge, state, rules, observer } = this.#parts;
    const judgements = await judge.judge(entries);
    state.addDesired(
      entries.map((entry, at) => desiredUserFrom(entry, judgements[at] ?? UNJUDGED, rules.mapping)),
    );
    if (this.#parts.request.userNames !== null) this.#noteNames(entries);
    this.judged += entries.length;
    observer.progress('COLLECT', this.judged, null);
  }

  #noteNames(entries: readonly Entry[]): void {
    for (const entry of entries) {
      for (const value of valuesOf(entry, this.#parts.rules.filesAttributeName)) {
        this.namesFound.add(value.toLowerCase());
      }
    }
  }
}

function describeQuery({ since, extraFilter, anyOf }: DirectoryQuery): string {
  const limits = [
    ...(since === null ? [] : [`changed since ${since.tracking} ${since.value}`]),
    ...(extraFilter === null ? [] : [`matching ${extraFilter}`]),
    ...(anyOf === null ? [] : [`by ${anyOf.values.length} values of ${anyOf.attribute ?? 'the identity'}`]),
  ];
  return limits.length === 0 ? 'every user of the search base' : `users ${limits.join(', ')}`;
}

const UNJUDGED: Judgement = {
  ok: false,
  failure: { stage: 'SCRIPT', message: 'The scripts gave no answer for this user.' },
};
