/** What must hold after every run of a random world, and what must hold once faults have stopped. */

import { firstValueOf, type Entry } from '../../src/model/entry.ts';
import type { UserResource } from '../../src/model/user.ts';
import type { Lab, LabRun } from '../doubles/lab.ts';

/** Below this many, percentages say nothing. */
const HANDFUL = 5;
/** The engine knows of a few users more or less than the service holds: answers were lost. */
const SLACK = 3;

/** The service before a run, and who was there to be seen. */
export interface Before {
  readonly accounts: ReadonlyMap<string, UserResource>;
  readonly presentAndActive: ReadonlySet<string>;
  readonly writes: number;
}

export class Invariants {
  readonly violations: string[] = [];
  readonly #lab: Lab;
  /** For each identity the service knows: complete live reads of the whole base in a row that it was not in. */
  readonly #missed = new Map<string, number>();

  constructor(lab: Lab) {
    this.#lab = lab;
  }

  before(): Before {
    const presentAndActive = new Set<string>();
    for (const { entry } of this.#lab.directory.entries.values()) {
      if (firstValueOf(entry, 'disabled') !== 'yes' && this.#isVisible(entry.identity)) {
        presentAndActive.add(entry.identity);
      }
    }
    return { accounts: this.accounts(), presentAndActive, writes: this.#lab.service.writes.length };
  }

  /** What the service holds, by externalId. */
  accounts(): Map<string, UserResource> {
    const users = [...this.#lab.service.users.values()];
    return new Map(users.map(({ resource }) => [resource.externalId, resource]));
  }

  /** @param whole whether every read of the run that was a read of everybody was complete */
  afterRun(before: Before, mode: 'LIVE' | 'DRY', whole: boolean, result: LabRun | null): void {
    const { service, rules } = this.#lab;
    if (mode === 'DRY' && service.writes.length !== before.writes) this.violations.push('a dry run wrote');
    if (mode === 'LIVE' && rules.missedUserCheck) this.#expectAbsence(whole);
    this.#checkDeactivations(before);
    this.#checkMasses(before);
    for (const identity of service.createdInactive.splice(0)) {
      this.violations.push(`${identity} is inactive and was created`);
    }
    if (result !== null && result.exitCode === 0 && result.failures.length > 0) {
      this.violations.push('failures ended with exit code 0');
    }
  }

  #isVisible(identity: string): boolean {
    const { directory } = this.#lab;
    return directory.entries.has(identity) && !directory.isHidden(identity);
  }

  /** Counts for ourselves who has been missed how often: at most what the engine may count. */
  #expectAbsence(whole: boolean): void {
    const { rules } = this.#lab;
    const accounts = [...this.accounts()];
    const active = accounts.filter(([, { active }]) => active);
    const absent = active.filter(([identity]) => !this.#isVisible(identity));
    const isTooMany = exceeds(absent.length - SLACK, active.length + SLACK, rules.absentMaxPercent);
    for (const [identity] of accounts) {
      // A torn read that did not come to somebody has not seen him.
      if (this.#isVisible(identity))
        this.#missed.set(identity, whole ? 0 : (this.#missed.get(identity) ?? 0));
      else if (whole && !isTooMany) this.#missed.set(identity, (this.#missed.get(identity) ?? 0) + 1);
    }
  }

  #checkDeactivations({ accounts, presentAndActive }: Before): void {
    const { rules } = this.#lab;
    for (const [identity, { active }] of this.accounts()) {
      if (active || accounts.get(identity)?.active !== true) continue;
      if (presentAndActive.has(identity))
        this.violations.push(`${identity} is present and active, and was deactivated`);
      if (this.#isVisible(identity)) continue;
      const heir = this.#heirOf(identity);
      if (heir !== null && presentAndActive.has(heir))
        this.violations.push(
          `${identity} was deactivated, though ${heir} has the same userName and is active`,
        );
      if (heir !== null && rules.adoptByUserName) continue;
      const missed = this.#missed.get(identity) ?? 0;
      if (missed < rules.deactivateUserThreshold) {
        this.violations.push(
          `${identity} was deactivated after ${missed} absences of ${rules.deactivateUserThreshold}`,
        );
      }
    }
  }

  /** No run does to many what the limits allow for a few. */
  #checkMasses({ accounts }: Before): void {
    const { rules } = this.#lab;
    const now = this.accounts();
    const both = [...accounts].flatMap(([identity, was]) => {
      const is = now.get(identity);
      return is === undefined ? [] : [{ was, is }];
    });
    const all = [...accounts.values()].filter(({ active }) => active).length;
    const check = (
      what: string,
      maxPercent: number,
      happened: (was: UserResource, is: UserResource) => boolean,
    ): void => {
      const count = both.filter(({ was, is }) => happened(was, is)).length;
      if (exceeds(count - SLACK, all + SLACK, maxPercent))
        this.violations.push(`${count} of ${all} ${what}, the limit is ${maxPercent} %`);
    };
    check('were deactivated', rules.deactivateMaxPercent, (was, is) => was.active && !is.active);
    check('were made active again', rules.reactivatedMaxPercent, (was, is) => !was.active && is.active);
    // What a full sync sends of a leaver is nobody's loss.
    check(
      'lost their title',
      rules.clearedMaxPercent,
      (was, is) => is.active && was.title !== null && is.title === null,
    );
    check('were moved', rules.movedMaxPercent, (was, is) => is.active && was.org !== is.org);
  }

  /**
   * Another entry with the userName of an account: made anew, it may be the same person. With scim.adopt.by=USER_NAME it
   * speaks for the account, which then is not closed for absence if it is closed.
   */
  #heirOf(identity: string): string | null {
    const name = this.accounts().get(identity)?.userName.toLowerCase();
    for (const { entry } of this.#lab.directory.entries.values()) {
      if (entry.identity !== identity && firstValueOf(entry, 'mail')?.toLowerCase() === name)
        return entry.identity;
    }
    return null;
  }

  /**
   * What the service must hold once faults have stopped and runs have come through.
   * @param isCurrent whether an identity is the latest of its person
   */
  agreement(isCurrent: (identity: string) => boolean): void {
    const { directory, service } = this.#lab;
    const held = new Map([...service.users.values()].map((user) => [user.resource.externalId, user]));
    if (held.size !== service.users.size) this.violations.push('a user exists twice');
    const byDn = new Map([...directory.entries.values()].map(({ entry }) => [entry.dn, entry.identity]));
    for (const { entry } of directory.entries.values()) {
      const user = held.get(entry.identity);
      const active = firstValueOf(entry, 'disabled') !== 'yes';
      if (user === undefined) {
        // Without adoption by name, whoever was made anew is a conflict for an administrator.
        const mustExist = active && isCurrent(entry.identity) && this.#isNameFree(entry);
        if (mustExist) this.violations.push(`${entry.identity} was never created`);
        continue;
      }
      if (user.resource.active !== active) {
        this.violations.push(`${entry.identity} is ${user.resource.active ? 'active' : 'inactive'}`);
      }
      const boss = held.get(byDn.get(firstValueOf(entry, 'manager') ?? '') ?? '');
      if (active) this.#checkAttributes(entry, user.resource, boss?.scimId ?? null);
    }
    this.#checkKnowledge();
  }

  /** After a full run without any failure: whoever has an account, and a manager who has one, is linked to him. */
  managers(): void {
    const { directory, service } = this.#lab;
    const held = new Map([...service.users.values()].map((user) => [user.resource.externalId, user]));
    const entries = [...directory.entries.values()]
      .map(({ entry }) => entry)
      .filter((entry) => this.#isVisible(entry.identity) && firstValueOf(entry, 'disabled') !== 'yes');
    const byDn = new Map(entries.map((entry) => [entry.dn, entry.identity]));
    for (const entry of entries) {
      const user = held.get(entry.identity);
      const boss = byDn.get(firstValueOf(entry, 'manager') ?? '') ?? '';
      if (user?.resource.active !== true || held.get(boss)?.resource.active !== true) continue;
      if (user.resource.manager === null)
        this.violations.push(`${entry.identity} was not linked to ${boss} by a full run`);
    }
  }

  /** An open account that the state has no id of is one that nobody will ever close. */
  #checkKnowledge(): void {
    const state = this.#lab.openState('DRY');
    try {
      for (const { scimId, resource } of this.#lab.service.users.values()) {
        if (resource.active && state.rightfulHolder(scimId, '', false, false) === null) {
          this.violations.push(`${resource.externalId} has an open account that nobody knows of`);
        }
      }
    } finally {
      state.close();
    }
  }

  #isNameFree({ identity, attributes }: Entry): boolean {
    const holder = this.#lab.service.byName(attributes['mail']?.[0] ?? '')?.resource.externalId;
    return holder === undefined || holder === identity;
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
}

function exceeds(count: number, all: number, maxPercent: number): boolean {
  return maxPercent < 100 && count > HANDFUL && count * 100 > all * maxPercent;
}
