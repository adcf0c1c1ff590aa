/** A random world from a seed: a directory that changes, a service and reads that fail, mistakes, processes that die. */

import { RunError } from '../../src/model/errors.ts';
import type { Entry } from '../../src/model/entry.ts';
import type { Outcome } from '../../src/model/plan.ts';
import type { RunRequest } from '../../src/model/run.ts';
import type { UserResource } from '../../src/model/user.ts';
import { dnOf, Lab, RULES, type LabRun } from '../doubles/lab.ts';
import { byAttributes } from '../doubles/rule-judge.ts';
import { Invariants } from './invariants.ts';
import { MISTAKES, type Mistake } from './mistakes.ts';
import { Chance } from './random.ts';

export interface WorldLimits {
  /** Rounds of changes and runs; fewer make a smaller case of the same seed. */
  readonly rounds: number;
  readonly people: number;
}

export const USUAL_LIMITS: WorldLimits = { rounds: 8, people: 30 };

/** As if the process had died at this point: nothing behind it is run. */
export class Killed extends Error {}

const DEPARTMENTS = ['Sales', 'Legal', 'Research', 'Support'];

export class World implements Disposable {
  readonly lab = new Lab('MEMORY');
  readonly chance: Chance;
  readonly invariants: Invariants;
  faulty = true;
  /** Before every organization that the scripts name. */
  orgPrefix = '';
  /** Whether a mistake was made that leaves no trace on the entries once it is mended: then it takes a full run. */
  leftNoTrace = false;
  /** Names of people in the directory, and how often each got a new entry. */
  readonly #people = new Map<string, number>();
  /** The one mistake that administrators make in this world; `null` where they make none. */
  readonly #mistake: Mistake | null;
  /** Users whose scripts fail for some rounds, and how many are left. */
  readonly #cursed = new Map<string, { readonly rounds: number; readonly manager: string }>();
  #mending: { rounds: number; readonly mend: () => void } | null = null;
  #hired = 0;
  /** Whose change is on its way, and whose was when the process died. */
  #sending: string | null = null;
  #died: string | null = null;

  constructor(seed: number, limits: WorldLimits) {
    const chance = new Chance(seed);
    const { lab } = this;
    this.chance = chance;
    this.invariants = new Invariants(lab);
    this.#mistake = chance.happens(0.4) ? null : chance.pick(MISTAKES);
    lab.directory.pageSize = 1 + chance.below(7);
    lab.rules = {
      ...RULES,
      workQueueSize: 1 + chance.below(20),
      clientThreads: 1 + chance.below(8),
      missedUserCheck: chance.happens(0.7),
      deactivateUserThreshold: 2 + chance.below(3),
      deactivateMaxPercent: chance.happens(0.5) ? 100 : 25,
      absentMaxPercent: chance.happens(0.3) ? 100 : 40,
      clearedMaxPercent: chance.happens(0.3) ? 100 : 20,
      movedMaxPercent: chance.happens(0.5) ? 100 : 30,
      failedMaxPercent: 100,
      adoptByUserName: chance.happens(0.5),
    };
    // Not with the limit of deactivations: many come back at once only where many could be deactivated at once.
    lab.rules = { ...lab.rules, reactivatedMaxPercent: lab.rules.clearedMaxPercent === 100 ? 100 : 25 };
    lab.service.adoptsByName = lab.rules.adoptByUserName;
    lab.service.beforeWrite = (kind, user) => this.#serviceFault(kind, user);
    lab.service.afterWrite = () => {
      if (!this.faulty || !chance.happens(0.03)) return;
      this.#died = this.#sending;
      throw new Killed();
    };
    lab.service.hides = (_, from) => this.faulty && chance.happens(from === 'LIST' ? 0.1 : 0.5);
    lab.judge.rule = (entry) => this.#judge(entry);
    const people = Math.min(5 + chance.below(25), limits.people);
    for (let n = 0; n < people; n += 1) this.#hire();
    if (chance.happens(0.5)) this.#makeCircle();
  }

  get violations(): readonly string[] {
    return this.invariants.violations;
  }

  anybody(): string {
    return this.chance.pick([...this.#people.keys()]);
  }

  everybody(): string[] {
    return [...this.#people.keys()].map((name) => this.identityOf(name));
  }

  identityOf(name: string): string {
    return `id-${name}${'-anew'.repeat(this.#people.get(name) ?? 0)}`;
  }

  #dn(name: string): string {
    return this.lab.directory.entries.get(this.identityOf(name))?.entry.dn ?? dnOf(name);
  }

  #hire(more: Record<string, string> = {}): string {
    const { chance } = this;
    const name = `user${this.#hired++}`;
    this.#people.set(name, 0);
    const boss = chance.happens(0.6) ? this.anybody() : null;
    this.lab.hire(name, {
      department: chance.pick(DEPARTMENTS),
      disabled: chance.happens(0.2) ? 'yes' : 'no',
      ...(chance.happens(0.5) ? { title: 'Clerk' } : {}),
      ...(boss === null ? {} : { manager: this.#dn(boss) }),
      ...more,
    });
    return name;
  }

  /** Two who manage each other. */
  #makeCircle(): void {
    const [one, other] = [this.anybody(), this.anybody()];
    const { directory } = this.lab;
    directory.change(this.identityOf(one), { manager: this.#dn(other) });
    directory.change(this.identityOf(other), { manager: this.#dn(one) });
  }

  /** Something happens in the directory. */
  change(): void {
    const { chance } = this;
    const { directory } = this.lab;
    const what = chance.below(13);
    if (what === 0 || this.#people.size < 3) {
      this.#hire();
      return;
    }
    // Some are away more often than others.
    const leaves = what === 7 || what === 11 || what === 12;
    const name = leaves && chance.happens(0.7) ? ([...this.#people.keys()][0] ?? '') : this.anybody();
    const identity = this.identityOf(name);
    if (!directory.entries.has(identity)) return;
    // Away, but only for whom we are: he is changed as everybody, and nobody sees it.
    if (directory.isHidden(identity) && what > 4) return;
    if (what === 1) directory.change(identity, { title: `Title ${chance.below(5)}` });
    else if (what === 2) directory.change(identity, { department: chance.pick(DEPARTMENTS) });
    else if (what === 3) directory.change(identity, { disabled: chance.happens(0.5) ? 'yes' : 'no' });
    else if (what === 4) directory.change(identity, { mail: `${name}.${chance.below(100)}@example.com` });
    else if (what === 5) directory.change(identity, { manager: this.#dn(this.anybody()) });
    else if (what === 6) this.#makeAnew(name);
    else if (leaves) this.#leaveForAWhile(name);
    else if (what === 8) this.#move(name);
    else {
      directory.remove(identity);
      this.#people.delete(name);
    }
  }

  /**
   * To another part of the tree. The references of others follow without a trace on them, as on Active Directory, where
   * the engine can know: a move of somebody who never had an account is seen by the next full run.
   */
  #move(name: string): void {
    const { directory } = this.lab;
    const isKnown = this.invariants.accounts().has(this.identityOf(name));
    const before = this.#dn(name);
    const after = `uid=${name},ou=${this.chance.pick(['people', 'board', 'abroad'])},dc=example,dc=com`;
    directory.change(this.identityOf(name), {}, after);
    for (const { entry } of directory.entries.values()) {
      if (entry.attributes['manager']?.[0] !== before) continue;
      if (isKnown) directory.link(entry.identity, { manager: [after] });
      else directory.change(entry.identity, { manager: after });
    }
  }

  /** The entry is deleted and made anew: another identity, the same person and the same userName. */
  #makeAnew(name: string): void {
    const { directory } = this.lab;
    const dn = this.#dn(name);
    const attributes = directory.entries.get(this.identityOf(name))?.entry.attributes ?? {};
    directory.remove(this.identityOf(name));
    this.#people.set(name, (this.#people.get(name) ?? 0) + 1);
    const copy = Object.fromEntries(Object.entries(attributes).map(([key, values]) => [key, [...values]]));
    directory.put(this.identityOf(name), dn, copy);
  }

  /**
   * Out of the base and perhaps back again; the entry keeps its identity. Where absence is counted, and so is noticed
   * by itself, the way back may leave no trace on the entry.
   */
  #leaveForAWhile(name: string): void {
    const { directory, rules } = this.lab;
    const identity = this.identityOf(name);
    if (rules.missedUserCheck && this.chance.happens(0.5)) {
      directory.hide(identity);
      this.#away.push(() => {
        directory.show(identity);
      });
      return;
    }
    const stored = directory.entries.get(identity);
    directory.remove(identity);
    this.#away.push(() => {
      if (stored === undefined || directory.entries.has(identity) || !this.#people.has(name)) return;
      if (this.identityOf(name) !== identity) return;
      const copy = Object.entries(stored.entry.attributes).map(([key, values]) => [key, [...values]]);
      directory.put(identity, stored.entry.dn, Object.fromEntries(copy) as Record<string, string[]>);
    });
  }

  readonly #away: (() => void)[] = [];

  /** Some, or all, of those who are away come back. */
  returnFromAway(everybody: boolean): void {
    const staying: (() => void)[] = [];
    for (const back of this.#away.splice(0)) {
      if (everybody || this.chance.happens(0.5)) back();
      else staying.push(back);
    }
    this.#away.push(...staying);
  }

  /**
   * Somebody's entry becomes one that the scripts fail for, and is mended after some rounds. He gets a new manager, who is
   * there from the first day and has an account only later.
   */
  curse(): void {
    const { chance, lab } = this;
    for (const [identity, { rounds, manager }] of this.#cursed) {
      this.#cursed.set(identity, { rounds: rounds - 1, manager });
      if (rounds === 2 && lab.directory.entries.has(manager))
        lab.directory.change(manager, { disabled: 'no' });
      if (rounds <= 1) this.#cursed.delete(identity);
    }
    const identity = this.identityOf(this.anybody());
    if (!chance.happens(0.15) || !lab.directory.entries.has(identity)) return;
    const boss = this.#hire({ disabled: 'yes' });
    lab.directory.change(identity, { manager: dnOf(boss), title: `Title ${chance.below(5)}` });
    this.#cursed.set(identity, { rounds: 4 + chance.below(4), manager: this.identityOf(boss) });
  }

  /** Somebody whose answer was lost leaves, or is disabled, before the next run. */
  partWithLost(): void {
    const { directory } = this.lab;
    const [identity, name] = [
      this.#died,
      [...this.#people.keys()].find((one) => this.identityOf(one) === this.#died),
    ];
    this.#died = null;
    if (
      identity === null ||
      name === undefined ||
      !directory.entries.has(identity) ||
      this.chance.happens(0.5)
    )
      return;
    if (this.chance.happens(0.5)) directory.change(identity, { disabled: 'yes' });
    else {
      directory.remove(identity);
      this.#people.delete(name);
    }
  }

  /** Administrators make the mistake of this world, or mend it after some rounds. */
  makeMistakes(): void {
    if (this.#mending !== null) {
      this.#mending.rounds -= 1;
      if (this.#mending.rounds <= 0) this.mendMistakes();
    } else if (this.#mistake !== null && this.chance.happens(0.4)) {
      this.#mending = { rounds: 2 + this.chance.below(4), mend: this.#mistake(this) };
    }
  }

  mendMistakes(): void {
    this.#mending?.mend();
    this.#mending = null;
  }

  /** One run, which may fail in every way that a process can; then the invariants that hold after any run. */
  async run(
    mode: 'LIVE' | 'DRY',
    scope: 'INCREMENTAL' | 'FULL' = 'INCREMENTAL',
    limited = false,
  ): Promise<void> {
    const { lab, chance } = this;
    const torn = (): { afterPages: number; reason: string } | null =>
      this.faulty && chance.happens(0.2)
        ? { afterPages: chance.below(4), reason: 'the connection was lost' }
        : null;
    const faults = [torn(), torn(), torn()];
    lab.directory.faults = [...faults];
    const before = this.invariants.before();
    const result = await this.#survive({ mode, scope, userNames: limited ? [this.anybody()] : null });
    // Faults that no read came to meet have torn nothing.
    const met = faults.slice(0, faults.length - lab.directory.faults.length);
    const whole = !limited && met.every((fault) => fault === null);
    lab.now = new Date(lab.now.getTime() + chance.below(4) * 3_600_000);
    this.invariants.afterRun(before, mode, whole, result);
    if (mode === 'LIVE' && scope === 'FULL' && result?.exitCode === 0) this.invariants.managers();
  }

  async #survive(request: Partial<RunRequest>): Promise<LabRun | null> {
    try {
      return await this.lab.run(request);
    } catch (error) {
      if (error instanceof RunError || error instanceof Killed) return null;
      throw error;
    }
  }

  /** What the service must hold once faults have stopped and runs have come through. */
  checkAgreement(): void {
    const current = new Set(this.everybody());
    this.invariants.agreement((identity) => current.has(identity));
  }

  #judge(entry: Entry): ReturnType<typeof byAttributes> {
    if (this.faulty && this.#cursed.has(entry.identity)) throw new TypeError('a script that fails for him');
    if (this.faulty && this.chance.happens(0.03)) throw new TypeError('a script that failed by chance');
    const decision = byAttributes(entry);
    return decision.org === null ? decision : { ...decision, org: this.orgPrefix + decision.org };
  }

  #serviceFault(_kind: string, user: UserResource): Outcome | undefined {
    this.#sending = user.externalId;
    if (!this.faulty) return undefined;
    if (this.chance.happens(0.02)) throw new Killed();
    if (this.chance.happens(0.02)) throw new RunError('SERVICE_UNREACHABLE', 'the service went away');
    if (this.chance.happens(0.05)) {
      return { ok: false, failure: { stage: 'SEND', message: `${user.userName}: refused by chance` } };
    }
    return undefined;
  }

  [Symbol.dispose](): void {
    this.lab[Symbol.dispose]();
  }
}
