/** Reads users and has them judged: batch by batch into the scratch tables, whatever part of the directory a query asks for. */

import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Judgement } from '../model/decision.ts';
import { valuesOf, type Entry } from '../model/entry.ts';
import type { DirectoryFacts, DirectoryQuery, NamedJudge, ReadVerdict } from '../model/ports.ts';
import type { FailedUser } from '../model/run.ts';
import type { DesiredUser } from '../model/state.ts';
import type { UserTrace } from '../model/traces.ts';
import { confirmClosings } from './closing-check.ts';
import { FormerJudging } from './former-judging.ts';
import { Sample } from './instability.ts';
import { nextMoment } from './moments.ts';
import type { RunParts } from './run-parts.ts';
import { both, describeQuery, EVERYBODY, NOTHING_READ, STOPPED } from './reads.ts';
import { desiredUserFrom } from './resource.ts';
import { linksOf, readsClock, type LinkTracking } from './traceless.ts';

/** Enough to find a script that errs for one user in fifty, and judged in a blink. */
const SAMPLE_SIZE = 200;

/** Beyond these, looking each of them up costs more than reading everybody with all attributes. */
const MOST_READ_AGAIN = 200;

/** A batch that has been given to the scripts, and what will become of it. */
interface Asked {
  readonly entries: readonly Entry[];
  readonly traces: readonly UserTrace[];
  readonly answers: Promise<
    readonly [readonly (Judgement | 'UNREAD')[], readonly (Judgement | 'UNREAD')[] | null]
  >;
}

export class Reading {
  judged = 0;
  readonly unusable: FailedUser[] = [];
  readonly namesFound = new Set<string>();
  /** Identities of users of whom a script looked at more than it names; above the limit it stays so for the run. */
  readonly #unread: string[] = [];
  readonly former: FormerJudging;
  readonly sample: Sample | null;
  readonly #parts: RunParts;
  readonly #tracking: LinkTracking;
  readonly #also: readonly string[];
  readonly #readsClock: boolean;
  #sawGroups = false;

  constructor(parts: RunParts, facts: DirectoryFacts, tracking: LinkTracking) {
    this.#parts = parts;
    this.#tracking = tracking;
    this.#readsClock = readsClock(parts);
    this.sample = parts.secondOpinion === undefined ? null : new Sample(SAMPLE_SIZE);
    this.former = new FormerJudging(parts);
    this.#also = this.former.attributes(facts, tracking);
  }

  /** Reads with the attributes that the scripts name, and again with all of them whomever they looked at more of. */
  async read(query: DirectoryQuery): Promise<ReadVerdict> {
    const { judge, log } = this.#parts;
    const named = judge.named ?? null;
    if (named === null || this.former.mayReadAnything) return this.#pass(query, null);
    if (this.#unread.length > MOST_READ_AGAIN) return this.#pass(query, null);
    const before = { judged: this.judged, unusable: this.unusable.length };
    const verdict = await this.#pass({ ...query, attributes: 'NAMED' }, named);
    if (this.#unread.length > MOST_READ_AGAIN) {
      log.debug('SyncService', 'The scripts look at more attributes than they name: reading all of them.');
      this.judged = before.judged;
      this.unusable.length = before.unusable;
      return this.#pass(query, null);
    }
    const again = this.#unread.splice(0);
    if (again.length === 0) return verdict;
    log.debug('SyncService', `Reading ${again.length} users again with all attributes.`);
    // They have been returned once: whatever becomes of the second read, nobody of them is absent.
    this.#parts.state.addPresent(again);
    const anyOf = { attribute: null, values: again };
    const second = await this.#pass({ ...EVERYBODY, anyOf }, null);
    if (second.complete && !again.every((identity) => this.#parts.state.hasDesired(identity))) {
      // Deleted this very moment, or the server does not find entries by their identity: he would silently be left out.
      log.debug(
        'SyncService',
        'Not all of them were found by their identity: reading everybody with all attributes.',
      );
      this.judged = before.judged;
      this.unusable.length = before.unusable;
      return this.#pass(query, null);
    }
    return { ...both(verdict, second), entryCount: verdict.entryCount };
  }

  /** @param named who judges, where the entries come with no more than what scripts name */
  async #pass(query: DirectoryQuery, named: NamedJudge | null): Promise<ReadVerdict> {
    const { directory, judge, rules, signal } = this.#parts;
    const read = directory.read({
      ...query,
      also: [...this.#also, ...(judge.named?.reads ?? []), ...this.former.reads],
    });
    this.#parts.log.debug('LdapService', `Reading ${describeQuery(query)}.`);
    // Two batches at most are under way: one being judged or stored, one waiting for the scripts. So no more users are
    // queued than workqueues.size allows, and the directory is asked for its next page while the scripts work.
    const batchSize = Math.max(1, Math.floor(rules.workQueueSize / 2));
    const isHopeless = (): boolean => named !== null && this.#unread.length > MOST_READ_AGAIN;
    let before: Asked | null = null;
    // A queue of one holds nobody beside the one who is judged.
    const isOverlapping = rules.workQueueSize > 1;
    for await (const page of read.pages) {
      for (const { dn, message } of page.unusable) {
        this.unusable.push({ user: dn, dn, identity: null, failure: { stage: 'READ', message } });
      }
      for (let start = 0; start < page.entries.length && !isHopeless(); start += batchSize) {
        const asked = this.#ask(page.entries.slice(start, start + batchSize), named);
        if (before !== null) await this.#store(before);
        before = asked;
        if (isOverlapping) continue;
        await this.#store(asked);
        before = null;
      }
      signal.throwIfAborted();
      if (isHopeless()) break;
    }
    if (before !== null) await this.#store(before);
    if (isHopeless()) return STOPPED;
    const verdict = read.verdict();
    const end = verdict.complete ? 'complete' : `incomplete, ${verdict.reason}`;
    this.#parts.log.debug('LdapService', `${verdict.entryCount} entries read: ${end}.`);
    return verdict;
  }

  /** Users by identity, with all attributes. */
  async readAgain(identities: readonly string[], which: string): Promise<ReadVerdict> {
    const values = identities.filter((identity) => !this.#parts.state.hasDesired(identity));
    if (values.length === 0) return NOTHING_READ;
    this.#parts.log.debug('SyncService', `Reading ${values.length} users again ${which}.`);
    return this.read({ ...EVERYBODY, anyOf: { attribute: null, values } });
  }

  /** Everybody's identity, and the links that are compared: one search that asks for little. */
  async sweep(): Promise<ReadVerdict> {
    const { directory, state, signal } = this.#parts;
    const { compares, attributes } = this.#tracking;
    const read = directory.read({ ...EVERYBODY, attributes: compares ? attributes : 'IDENTITIES' });
    for await (const { entries } of read.pages) {
      state.addPresent(entries.map(({ identity }) => identity));
      if (compares) {
        state.traces.compare(
          entries.map((entry) => ({ identity: entry.identity, links: linksOf(entry, attributes) })),
        );
      }
      signal.throwIfAborted();
    }
    return read.verdict();
  }

  /** To be asked after everybody was read: scripts that see no group at all decide as if nobody were in any. */
  warnOfMissingGroups(): void {
    const { attributes } = this.#tracking;
    if (this.judged === 0 || this.#sawGroups || !attributes.includes('memberOf')) return;
    this.#parts.log.warn(
      'SyncService',
      'No user shows memberOf, which the scripts read: either the directory does not keep it (OpenLDAP needs the memberof overlay; entry.memberOfAll works without), or ldap.bind.user may not read it.',
    );
  }

  #ask(entries: readonly Entry[], named: NamedJudge | null): Asked {
    const traces = this.#tracesOf(entries);
    const { judge, state } = this.#parts;
    const ask = (asked: readonly Entry[]): Promise<readonly (Judgement | 'UNREAD')[]> =>
      (named ?? judge).judge(asked);
    const answers = Promise.all([
      ask(entries).then((given) => confirmClosings(entries, given, ask, state)),
      this.former.judge(entries, named !== null),
    ]);
    // Awaited when the batch before has been stored; until then its failure must not count as unhandled.
    answers.catch(() => undefined);
    return { entries, traces, answers };
  }

  async #store({ entries, traces, answers }: Asked): Promise<void> {
    const { state, rules, observer } = this.#parts;
    const [judgements, former] = await answers;
    // Lets the next batch go to the scripts first: they work while this one is stored.
    await nextTurn();
    const desired: DesiredUser[] = [];
    const formerly: DesiredUser[] = [];
    const judged: UserTrace[] = [];
    for (const [at, entry] of entries.entries()) {
      const judgement = judgements[at] ?? UNJUDGED;
      const then = former === null ? judgement : (former[at] ?? UNJUDGED);
      if (judgement === 'UNREAD' || then === 'UNREAD') {
        this.#unread.push(entry.identity);
        continue;
      }
      const user = desiredUserFrom(entry, judgement, rules.mapping);
      desired.push(user);
      judged.push(...traces.slice(at, at + 1));
      this.sample?.add(entry, judgement, user.userName ?? entry.dn);
      if (former !== null && JSON.stringify(then) !== JSON.stringify(judgement)) {
        formerly.push(desiredUserFrom(entry, then, rules.mapping));
      }
    }
    state.addDesired(desired);
    state.addFormer(formerly);
    state.traces.add(judged);
    if (this.#parts.request.userNames !== null) this.#noteNames(entries);
    this.judged += desired.length;
    observer.progress('COLLECT', this.judged, null);
  }

  /** Before the scripts look at the clock: a moment between the two is noted as one that is still to come. */
  #tracesOf(entries: readonly Entry[]): readonly UserTrace[] {
    const { compares, attributes } = this.#tracking;
    const nowMs = Date.now();
    this.#sawGroups ||= entries.some((entry) => valuesOf(entry, 'memberOf').length > 0);
    return entries.map((entry) => ({
      identity: entry.identity,
      links: compares ? linksOf(entry, attributes) : null,
      dueAt: this.#readsClock ? nextMoment(entry, nowMs) : null,
    }));
  }

  #noteNames(entries: readonly Entry[]): void {
    for (const entry of entries) {
      for (const value of valuesOf(entry, this.#parts.rules.filesAttributeName)) {
        this.namesFound.add(value.toLowerCase());
      }
    }
  }
}

const UNJUDGED: Judgement = {
  ok: false,
  failure: { stage: 'SCRIPT', message: 'The scripts gave no answer for this user.' },
};
