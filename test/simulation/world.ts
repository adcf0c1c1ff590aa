/** A random world from a seed: a directory that changes, a service and reads that fail, processes that die. */

import { RunError } from '../../src/model/errors.ts';
import type { UserResource } from '../../src/model/user.ts';
import { dnOf, Lab, RULES } from '../doubles/lab.ts';

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

const DEPARTMENTS = ['Sales', 'Legal', 'Research', 'Support'];

export class World implements Disposable {
  readonly lab = new Lab();
  readonly random: () => number;
  readonly violations: string[] = [];
  /** Names of people in the directory. */
  readonly people = new Set<string>();
  faulty = true;
  #hired = 0;

  constructor(seed: number) {
    this.random = randomFrom(seed);
    const { lab } = this;
    lab.directory.pageSize = 1 + this.below(7);
    lab.rules = {
      ...RULES,
      workQueueSize: 1 + this.below(20),
      clientThreads: 1 + this.below(8),
      missedUserCheck: this.chance(0.7),
      deactivateUserThreshold: 2 + this.below(3),
      // The other guards stay on: a run that they stop writes nothing, and the invariants must hold all the same.
      deactivateMaxPercent: this.chance(0.5) ? 100 : 30,
    };
    lab.service.beforeWrite = (kind, user) => this.#fault(kind, user);
    for (let n = 5 + this.below(25); n > 0; n -= 1) this.hire();
  }

  below(limit: number): number {
    return Math.floor(this.random() * limit);
  }

  chance(share: number): boolean {
    return this.random() < share;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }

  hire(): void {
    const name = `user${this.#hired++}`;
    this.people.add(name);
    const department = this.pick(DEPARTMENTS);
    const boss = this.chance(0.6) ? this.pick([...this.people]) : null;
    this.lab.hire(name, {
      department,
      disabled: this.chance(0.1) ? 'yes' : 'no',
      ...(boss === null ? {} : { manager: dnOf(boss) }),
    });
  }

  /** Something happens in the directory. */
  change(): void {
    const { directory } = this.lab;
    const what = this.below(7);
    if (what === 0 || this.people.size < 3) {
      this.hire();
      return;
    }
    const name = this.pick([...this.people]);
    const identity = `id-${name}`;
    if (what === 1) directory.change(identity, { title: `Title ${this.below(5)}` });
    else if (what === 2) directory.change(identity, { department: this.pick(DEPARTMENTS) });
    else if (what === 3) directory.change(identity, { disabled: this.chance(0.5) ? 'yes' : 'no' });
    else if (what === 4) directory.change(identity, { mail: `${name}.${this.below(100)}@example.com` });
    else if (what === 5) directory.change(identity, { manager: dnOf(this.pick([...this.people])) });
    else {
      directory.remove(identity);
      this.people.delete(name);
    }
  }

  /** One run, which may fail in every way that a process can; then the invariants that hold after any run. */
  async run(mode: 'LIVE' | 'DRY', scope: 'INCREMENTAL' | 'FULL' = 'INCREMENTAL'): Promise<number | null> {
    const { lab } = this;
    const presentAndActive = this.#presentAndActive();
    const before = this.#accounts();
    const torn = (): { afterPages: number; reason: string } | null =>
      this.faulty && this.chance(0.25)
        ? { afterPages: this.below(4), reason: 'the connection was lost' }
        : null;
    lab.directory.faults = [torn(), torn(), torn()];
    const writes = lab.service.writes.length;
    let exitCode: number | null = null;
    try {
      exitCode = (await lab.run({ mode, scope })).exitCode;
    } catch (error) {
      if (!(error instanceof RunError) && !(error instanceof Killed)) throw error;
    }
    if (mode === 'DRY' && lab.service.writes.length !== writes) this.violations.push('a dry run wrote');
    for (const [name, active] of this.#accounts()) {
      if (!active && before.get(name) === true && presentAndActive.has(name)) {
        this.violations.push(`${name} is present and active, and was deactivated`);
      }
    }
    return exitCode;
  }

  /** What the service must hold once faults have stopped and runs have come through. */
  checkAgreement(): void {
    const { directory, service } = this.lab;
    const held = new Map([...service.users.values()].map(({ resource }) => [resource.externalId, resource]));
    if (held.size !== service.users.size) this.violations.push('a user exists twice');
    for (const { entry } of directory.entries.values()) {
      const wanted = entry.attributes;
      const resource = held.get(entry.identity);
      const active = wanted['disabled']?.[0] !== 'yes';
      if (resource === undefined) {
        if (active) this.violations.push(`${entry.identity} was never created`);
        continue;
      }
      if (resource.active !== active)
        this.violations.push(`${entry.identity} is ${resource.active ? '' : 'in'}active`);
      if (active) this.#checkAttributes(entry.identity, wanted, resource);
    }
  }

  #checkAttributes(
    identity: string,
    wanted: Readonly<Record<string, readonly string[]>>,
    resource: UserResource,
  ): void {
    const pairs = [
      ['userName', wanted['mail']?.[0] ?? null, resource.userName],
      ['title', wanted['title']?.[0] ?? null, resource.title],
      ['org', wanted['department']?.[0] ?? null, resource.org],
    ];
    for (const [name, want, have] of pairs) {
      if (want !== have) this.violations.push(`${identity}: ${name} is ${have}, wanted ${want}`);
    }
  }

  #presentAndActive(): Set<string> {
    const names = new Set<string>();
    for (const { entry } of this.lab.directory.entries.values()) {
      if (entry.attributes['disabled']?.[0] !== 'yes') names.add(entry.identity);
    }
    return names;
  }

  #accounts(): Map<string, boolean> {
    return new Map(
      [...this.lab.service.users.values()].map(({ resource }) => [resource.externalId, resource.active]),
    );
  }

  #fault(
    _kind: string,
    user: UserResource,
  ): undefined | ReturnType<NonNullable<Lab['service']['beforeWrite']>> {
    if (!this.faulty) return undefined;
    if (this.chance(0.02)) throw new Killed();
    if (this.chance(0.02)) throw new RunError('SERVICE_UNREACHABLE', 'the service went away');
    if (this.chance(0.05)) {
      return { ok: false, failure: { stage: 'SEND', message: `${user.userName}: refused` } };
    }
    return undefined;
  }

  [Symbol.dispose](): void {
    this.lab[Symbol.dispose]();
  }
}

/** As if the process had died at this point: nothing behind it is run. */
export class Killed extends Error {}
