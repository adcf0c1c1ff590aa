/** The invariants: what must hold after any run, and what must hold when directory and service agree. */

import { setStateAside } from '../../../src/local/state-aside.ts';
import { inspectState } from '../../../src/local/state-inspection.ts';
import { EXIT_CODES } from '../../../src/model/errors.ts';
import type { Settings } from '../../../src/config/options.ts';
import { disagreements, isDisputed } from './agreement.ts';
import type { FaultBook } from './fault-kinds.ts';
import type { FaultyService } from './faulty-service.ts';
import type { LabResult } from './lab-run.ts';
import type { People, Person } from './people.ts';
import type { ScriptSet } from './scripts.ts';
import type { ServiceWatch } from './service-watch.ts';

/** What was asked of a run. */
export interface RunWish {
  readonly mode: 'LIVE' | 'DRY';
  readonly scope?: 'INCREMENTAL' | 'FULL';
  readonly limited?: boolean;
}

/** The world as it stands at the end of a run. */
export interface Scene {
  readonly people: People;
  readonly service: FaultyService;
  readonly watch: ServiceWatch;
  readonly settings: Settings;
  readonly scripts: ScriptSet;
}

export class Invariants {
  readonly violations: string[] = [];
  /** externalIds of accounts that an administrator has changed by hand. */
  readonly byHand = new Set<string>();
  /** Whether a dead process and an older copy have left files that do not belong together. */
  mayBeSpoilt = false;
  readonly #scene: () => Scene;
  /** For each identity: runs in a row that may have counted him absent. */
  readonly #missed = new Map<string, number>();
  /** Changes that a directory has hidden by claiming success: only a full run brings them back. */
  #isBlind = false;
  #links: ReadonlySet<string> = new Set();
  #before: ReadonlyMap<string, boolean> = new Map();
  #run = 0;

  constructor(scene: () => Scene) {
    this.#scene = scene;
  }

  beginRun(number: number): void {
    this.#run = number;
    this.#before = this.#accounts();
  }

  /** What was changed by hand, or hidden by a directory that claims success, only a full run sets right. */
  get scopeOfRecovery(): 'INCREMENTAL' | 'FULL' {
    return this.#isBlind || this.byHand.size > 0 ? 'FULL' : 'INCREMENTAL';
  }

  endRun(wish: Required<RunWish>, result: LabResult, book: FaultBook): void {
    if (wish.mode === 'LIVE' && !wish.limited) this.#countAbsence(book);
    const { watch } = this.#scene();
    const { exitCode } = result;
    for (const text of watch.violations.splice(0)) this.#report(text);
    // A full run sends everybody, needed or not.
    if (!result.wasFull) for (const text of this.#needless()) this.#report(text);
    const [firstWrite] = watch.writes;
    if (exitCode === EXIT_CODES.UNEXPECTED) this.#report(`an error that nobody expected: ${result.words}`);
    if (firstWrite !== undefined && wish.mode === 'DRY') this.#report(`a dry run sent ${firstWrite}`);
    if (firstWrite !== undefined && exitCode === EXIT_CODES.GUARD)
      this.#report(`stopped by a guard, it sent ${firstWrite}`);
    if (exitCode === EXIT_CODES.DONE && book.torn) this.#report(`exit code 0 after ${book.hits.join(', ')}`);
    if (exitCode === EXIT_CODES.DONE && result.failures > 0) this.#report('exit code 0 though users failed');
    this.#checkDeactivations();
    this.#checkCreations();
    this.#checkUniqueness();
    this.#checkState();
    if (book.lied && exitCode !== EXIT_CODES.GUARD) this.#isBlind = true;
    if (exitCode !== EXIT_CODES.DONE || wish.mode === 'DRY' || wish.limited) return;
    const isWhole = result.wasFull && !book.lied;
    if (isWhole) this.#isBlind = false;
    if (!this.#isBlind) this.checkAgreement('exit code 0, but ', false);
    if (isWhole) this.byHand.clear();
  }

  #report(text: string): void {
    this.violations.push(`run ${this.#run}: ${text}`);
  }

  /** Counts for ourselves who was missed how often: at least what the engine may count. */
  #countAbsence(book: FaultBook): void {
    const { settings, people, service } = this.#scene();
    if (!settings['missed.user.check']) return;
    const here = new Set(people.here().map(({ identity }) => identity));
    for (const identity of here) this.#missed.set(identity, 0);
    for (const { externalId } of service.store.all()) {
      if (externalId === null || here.has(externalId) || book.torn) continue;
      this.#missed.set(externalId, (this.#missed.get(externalId) ?? 0) + 1);
    }
  }

  /** Whose manager was made anew cannot be left out: that the new entry gets the old account is known too late. */
  #needless(): string[] {
    const { people, watch } = this.#scene();
    const excused = [...people.all.values()].filter(
      ({ manager }) => (people.all.get(manager ?? '')?.anew ?? 0) > 0,
    );
    return watch.needless.filter((text) => !excused.some(({ identity }) => text.includes(identity)));
  }

  #checkDeactivations(): void {
    const { settings, people, service, scripts } = this.#scene();
    const threshold = settings['deactivate.user.threshold'];
    const byIdentity = new Map(people.here().map((person) => [person.identity, person]));
    for (const [id, active] of this.#accounts()) {
      if (active || this.#before.get(id) !== true) continue;
      const identity = service.store.get(id).externalId ?? '';
      const person = byIdentity.get(identity);
      const missed = this.#missed.get(identity) ?? 0;
      if (person === undefined) {
        if (missed >= threshold || this.#isClosedByName(id)) continue;
        this.#report(`${identity} was deactivated after ${missed} absences of ${threshold}`);
      } else if (scripts.decide(person.attributes)?.active !== false) {
        // Active, or such that his scripts fail and nobody can say what he is.
        this.#report(`${person.name} is present and active, and was deactivated`);
      }
    }
  }

  /** With scim.adopt.by=USER_NAME an account belongs to whoever has its name now: made anew, and inactive. */
  #isClosedByName(id: string): boolean {
    const { settings, people, service, scripts } = this.#scene();
    if (settings['scim.adopt.by'] !== 'USER_NAME') return false;
    const name = service.store.get(id).userName.toLowerCase();
    return people
      .here()
      .some(
        ({ attributes }) =>
          attributes['mail']?.[0]?.toLowerCase() === name && scripts.decide(attributes)?.active === false,
      );
  }

  #checkCreations(): void {
    const { people, service, scripts } = this.#scene();
    for (const account of service.store.all()) {
      if (this.#before.has(account.id)) continue;
      const person = people.here().find(({ identity }) => identity === account.externalId);
      if (person === undefined || this.byHand.has(person.identity)) continue;
      if (scripts.decide(person.attributes)?.active === false)
        this.#report(`${person.name} is inactive and was created`);
    }
  }

  #checkUniqueness(): void {
    const { store } = this.#scene().service;
    for (const name of repeated(store.orgs().map((org) => org.name)))
      this.#report(`the organization ${name} exists twice`);
    for (const id of repeated(store.all().flatMap(({ externalId }) => externalId ?? [])))
      this.#report(`${id} has two accounts`);
  }

  #checkState(): void {
    const { settings, people, watch } = this.#scene();
    const path = settings['state.location'];
    try {
      inspectState(path);
    } catch (error) {
      if (!this.mayBeSpoilt) this.#report(`the state does not load: ${String(error)}`);
      // What the message says is to be done.
      setStateAside(path, new Date());
      for (const { identity } of people.all.values()) watch.doubt(identity);
    }
    this.mayBeSpoilt = false;
  }

  /** Whoever was changed by hand is for a full run, and for nobody else, to set right; his reports follow in the next. */
  checkAgreement(words: string, isLast = true): void {
    const { people, scripts, service } = this.#scene();
    const links = new Set<string>();
    for (const text of disagreements({ people, scripts, store: service.store })) {
      const person = people.all.get(text.split(/[ :]/)[0] ?? '');
      if (person !== undefined && this.#isOfHand(person)) continue;
      // Whose manager got another id after he was sent himself is linked in the next run.
      if (text.includes(': manager is ') && !isLast && !this.#links.has(text)) links.add(text);
      else this.#report(`${words}${text}`);
    }
    this.#links = links;
  }

  /** Nothing is left to be sent, but for what an administrator has to decide: that is tried again. */
  checkRest(): void {
    const { people, service, watch } = this.#scene();
    const persons = people.here().filter((person) => isDisputed(person, service.store));
    const disputed = persons.flatMap(({ identity }) => [
      identity,
      ...service.store.byExternalId(identity).map(({ id }) => id),
    ]);
    const accounts = this.#accounts();
    for (const write of watch.writes) {
      // His own account may have been removed by hand: then he is tried under the id that it had.
      const target = /\/Users\/(\S+)/.exec(write)?.[1];
      const isOfNobody = target !== undefined && !accounts.has(target) && persons.length > 0;
      if (!isOfNobody && !disputed.some((id) => write.includes(id)))
        this.#report(`a third run without any change sent ${write}`);
    }
  }

  #isOfHand({ identity, manager }: Person): boolean {
    const above = manager === null ? undefined : this.#scene().people.all.get(manager);
    return this.byHand.has(identity) || (above !== undefined && this.byHand.has(above.identity));
  }

  #accounts(): Map<string, boolean> {
    return new Map(
      this.#scene()
        .service.store.all()
        .map(({ id, active }) => [id, active]),
    );
  }
}

function repeated(items: readonly string[]): Set<string> {
  return new Set(items.filter((item, at) => items.indexOf(item) !== at));
}
