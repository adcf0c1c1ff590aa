/** A random world from a seed: a directory that changes, a service and reads that fail, processes that die. */

import { RunError } from '../../src/model/errors.ts';
import { firstValueOf, type Entry } from '../../src/model/entry.ts';
import type { Outcome } from '../../src/model/plan.ts';
import type { RunRequest } from '../../src/model/run.ts';
import type { UserResource } from '../../src/model/user.ts';
import { dnOf, Lab, RULES, type LabRun } from '../doubles/lab.ts';
import { byAttributes } from '../doubles/rule-judge.ts';

/** mulberry32: small, and the same everywhere. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export interface WorldLimits {
  /** Rounds of changes and runs; fewer make a smaller case of the same seed. */
  readonly rounds: number;
  readonly people: number;
}

export const USUAL_LIMITS: WorldLimits = { rounds: 8, people: 30 };

/** As if the process had died at this point: nothing behind it is run. */
export class Killed extends Error {}

const DEPARTMENTS = ['Sales', 'Legal', 'Research', 'Support'];
const HANDFUL = 5;

export class World implements Disposable {
  readonly lab = new Lab('MEMORY');
  readonly violations: string[] = [];
  faulty = true;
  readonly #random: () => number;
  /** Names of people in the directory, and how often each got a new entry. */
  readonly #people = new Map<string, number>();
  /** For each identity the service knows: complete live reads of the whole base in a row that it was not in. */
  readonly #missed = new Map<string, number>();
  #hired = 0;

  constructor(seed: number, limits: WorldLimits) {
    this.#random = randomFrom(seed);
    const { lab } = this;
    lab.directory.pageSize = 1 + this.below(7);
    lab.rules = {
      ...RULES,
      workQueueSize: 1 + this.below(20),
      clientThreads: 1 + this.below(8),
      missedUserCheck: this.chance(0.7),
      deactivateUserThreshold: 2 + this.below(3),
      deactivateMaxPercent: this.chance(0.5) ? 100 : 25,
      absentMaxPercent: this.chance(0.5) ? 100 : 50,
      adoptByUserName: this.chance(0.5),
    };
    lab.service.adoptsByName = lab.rules.adoptByUserName;
    lab.service.beforeWrite = (kind, user) => this.#serviceFault(kind, user);
    lab.service.afterWrite = () => {
      if (this.faulty && this.chance(0.03)) throw new Killed();
    };
    lab.judge.rule = (entry) => this.#judge(entry);
    const people = 5 + this.below(25);
    for (let n = 0; n < Math.min(people, limits.people); n += 1) this.#hire();
  }

  below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  chance(share: number): boolean {
    return this.#random() < share;
  }

  #pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }

  #anybody(): string {
    return this.#pick([...this.#people.keys()]);
  }

  #identityOf(name: string): string {
    return `id-${name}${'-anew'.repeat(this.#people.get(name) ?? 0)}`;
  }

  #hire(): void {
    const name = `user${this.#hired++}`;
    this.#people.set(name, 0);
    const boss = this.chance(0.6) ? this.#anybody() : null;
    this.lab.hire(name, {
      department: this.#pick(DEPARTMENTS),
      disabled: this.chance(0.1) ? 'yes' : 'no',
      ...(boss === null ? {} : { manager: dnOf(boss) }),
    });
  }

  /** Something happens in the directory. */
  change(): void {
    const { directory } = this.lab;
    const what = this.below(9);
    if (what === 0 || this.#people.size < 3) {
      this.#hire();
      return;
    }
    const name = this.#anybody();
    const identity = this.#identityOf(name);
    // Away at the moment: nothing can happen to him here.
    if (!directory.entries.has(identity)) return;
    if (what === 1) directory.change(identity, { title: `Title ${this.below(5)}` });
    else if (what === 2) directory.change(identity, { department: this.#pick(DEPARTMENTS) });
    else if (what === 3) directory.change(identity, { disabled: this.chance(0.5) ? 'yes' : 'no' });
    else if (what === 4) directory.change(identity, { mail: `${name}.${this.below(100)}@example.com` });
    else if (what === 5) directory.change(identity, { manager: dnOf(this.#anybody()) });
    else if (what === 6) this.#makeAnew(name);
    else if (what === 7) this.#leaveForAWhile(name);
    else {
      directory.remove(identity);
      this.#people.delete(name);
    }
  }

  /** The entry is deleted and made anew: another identity, the same person and the same userName. */
  #makeAnew(name: string): void {
    const { directory } = this.lab;
    const attributes = directory.entries.get(this.#identityOf(name))?.entry.attributes ?? {};
    directory.remove(this.#identityOf(name));
    this.#people.set(name, (this.#people.get(name) ?? 0) + 1);
    const copy = Object.fromEntries(Object.entries(attributes).map(([key, values]) => [key, [...values]]));
    directory.put(this.#identityOf(name), dnOf(name), copy);
  }

  /** Out of the base and perhaps back again: the entry keeps its identity. */
  #leaveForAWhile(name: string): void {
    const { directory } = this.lab;
    const identity = this.#identityOf(name);
    const stored = directory.entries.get(identity);
    directory.remove(identity);
    this.#away.push(() => {
      if (stored === undefined || directory.entries.has(identity) || !this.#people.has(name)) return;
      if (this.#identityOf(name) !== identity) return;
      const copy = Object.entries(stored.entry.attributes).map(([key, values]) => [key, [...values]]);
      directory.put(identity, stored.entry.dn, Object.fromEntries(copy) as Record<string, string[]>);
    });
  }

  readonly #away: (() => void)[] = [];

  /** Some, or all, of those who are away come back. */
  returnFromAway(everybody: boolean): void {
    const staying: (() => void)[] = [];
    for (const back of this.#away.splice(0)) {
      if (everybody || this.chance(0.5)) back();
      else staying.push(back);
    }
    this.#away.push(...staying);
  }

  /** One run, which may fail in every way that a process can; then the invariants that hold after any run. */
  async run(
    mode: 'LIVE' | 'DRY',
    scope: 'INCREMENTAL' | 'FULL' = 'INCREMENTAL',
    limited = false,
  ): Promise<void> {
    const { lab } = this;
    const torn = (): { afterPages: number; reason: string } | null =>
      this.faulty && this.chance(0.25)
        ? { afterPages: this.below(4), reason: 'the connection was lost' }
        : null;
    const faults = [torn(), torn(), torn()];
    lab.directory.faults = [...faults];
    const active = this.#presentAndActive();
    const before = this.#accounts();
    const writes = lab.service.writes.length;
    const result = await this.#survive({ mode, scope, userNames: limited ? [this.#anybody()] : null });
    // Faults that no read came to meet have torn nothing.
    const met = faults.slice(0, faults.length - lab.directory.faults.length);
    const whole = !limited && met.every((fault) => fault === null);
    if (mode === 'LIVE' && lab.rules.missedUserCheck) this.#expectAbsence(whole);
    lab.now = new Date(lab.now.getTime() + this.below(4) * 3_600_000);
    if (mode === 'DRY' && lab.service.writes.length !== writes) this.violations.push('a dry run wrote');
    this.#checkDeactivations(before, active, result);
  }

  async #survive(request: Partial<RunRequest>): Promise<LabRun | null> {
    try {
      return await this.lab.run(request);
    } catch (error) {
      if (error instanceof RunError || error instanceof Killed) return null;
      throw error;
    }
  }

  /** Counts for ourselves who has been missed how often: at most what the engine may count. */
  #expectAbsence(whole: boolean): void {
    for (const identity of this.#accounts().keys()) {
      if (this.lab.directory.entries.has(identity)) this.#missed.set(identity, 0);
      else if (whole) this.#missed.set(identity, (this.#missed.get(identity) ?? 0) + 1);
    }
  }

  #checkDeactivations(
    before: ReadonlyMap<string, boolean>,
    presentAndActive: ReadonlySet<string>,
    result: LabRun | null,
  ): void {
    const { rules, directory } = this.lab;
    let deactivated = 0;
    for (const [identity, active] of this.#accounts()) {
      if (active || before.get(identity) !== true) continue;
      deactivated += 1;
      if (presentAndActive.has(identity))
        this.violations.push(`${identity} is present and active, and was deactivated`);
      const missed = this.#missed.get(identity) ?? 0;
      if (this.#hasHeir(identity)) continue;
      if (!directory.entries.has(identity) && missed < rules.deactivateUserThreshold) {
        this.violations.push(
          `${identity} was deactivated after ${missed} absences of ${rules.deactivateUserThreshold}`,
        );
      }
    }
    const all = [...before.values()].filter((active) => active).length;
    const limit = (all * rules.deactivateMaxPercent) / 100;
    if (rules.deactivateMaxPercent < 100 && deactivated > HANDFUL && deactivated > limit) {
      this.violations.push(
        `${deactivated} of ${all} were deactivated, the limit is ${rules.deactivateMaxPercent} %`,
      );
    }
    for (const identity of this.lab.service.createdInactive.splice(0)) {
      this.violations.push(`${identity} is inactive and was created`);
    }
    if (result !== null && result.exitCode === 0 && result.failures.length > 0) {
      this.violations.push('failures ended with exit code 0');
    }
  }

  /** With scim.adopt.by=USER_NAME an entry made anew speaks for the account of the old one: it is not for absence if it is closed. */
  #hasHeir(identity: string): boolean {
    const { rules, service, directory } = this.lab;
    if (!rules.adoptByUserName) return false;
    const account = [...service.users.values()].find(({ resource }) => resource.externalId === identity);
    const name = account?.resource.userName.toLowerCase();
    return [...directory.entries.values()].some(
      ({ entry }) => entry.identity !== identity && firstValueOf(entry, 'mail')?.toLowerCase() === name,
    );
  }

  /** What the service must hold once faults have stopped and runs have come through. */
  checkAgreement(): void {
    const { directory, service } = this.lab;
    const held = new Map([...service.users.values()].map((user) => [user.resource.externalId, user]));
    if (held.size !== service.users.size) this.violations.push('a user exists twice');
    const byDn = new Map([...directory.entries.values()].map(({ entry }) => [entry.dn, entry.identity]));
    for (const { entry } of directory.entries.values()) {
      const user = held.get(entry.identity);
      const active = firstValueOf(entry, 'disabled') !== 'yes';
      if (user === undefined) {
        // Without adoption by name, whoever was made anew is a conflict for an administrator.
        if (active && this.#isFirstEntry(entry)) this.violations.push(`${entry.identity} was never created`);
        continue;
      }
      if (user.resource.active !== active) {
        this.violations.push(`${entry.identity} is ${user.resource.active ? 'active' : 'inactive'}`);
      }
      const boss = held.get(byDn.get(firstValueOf(entry, 'manager') ?? '') ?? '');
      if (active) this.#checkAttributes(entry, user.resource, boss?.scimId ?? null);
    }
  }

  #isFirstEntry({ identity, attributes }: Entry): boolean {
    const name = attributes['uid']?.[0] ?? '';
    const wanted = (attributes['mail']?.[0] ?? '').toLowerCase();
    const holder = this.lab.service.byName(wanted)?.resource.externalId;
    return this.#identityOf(name) === identity && (holder === undefined || holder === identity);
  }

  #checkAttributes(entry: Entry, resource: UserResource, manager: string | null): void {
    const pairs: [string, string | null, string | null][] = [
      ['userName', firstValueOf(entry, 'mail'), resource.userName],
      ['title', firstValueOf(entry, 'title'), resource.title],
      ['org', firstValueOf(entry, 'department'), resource.org],
    ];
    // A manager whom the service got only by taking him over later may be missing until the next full run.
    if (manager !== null && resource.manager === null) pairs.push(['manager', manager, resource.manager]);
    for (const [name, want, have] of pairs) {
      if (want !== have) this.violations.push(`${entry.identity}: ${name} is ${have}, wanted ${want}`);
    }
  }

  #presentAndActive(): Set<string> {
    const identities = new Set<string>();
    for (const { entry } of this.lab.directory.entries.values()) {
      if (firstValueOf(entry, 'disabled') !== 'yes') identities.add(entry.identity);
    }
    return identities;
  }

  #accounts(): Map<string, boolean> {
    const users = [...this.lab.service.users.values()];
    return new Map(users.map(({ resource }) => [resource.externalId, resource.active]));
  }

  #judge(entry: Entry): ReturnType<typeof byAttributes> {
    if (this.faulty && this.chance(0.03)) throw new TypeError('a script that failed by chance');
    return byAttributes(entry);
  }

  #serviceFault(_kind: string, user: UserResource): Outcome | undefined {
    if (!this.faulty) return undefined;
    if (this.chance(0.02)) throw new Killed();
    if (this.chance(0.02)) throw new RunError('SERVICE_UNREACHABLE', 'the service went away');
    if (this.chance(0.05)) {
      return { ok: false, failure: { stage: 'SEND', message: `${user.userName}: refused by chance` } };
    }
    return undefined;
  }

  [Symbol.dispose](): void {
    this.lab[Symbol.dispose]();
  }
}
