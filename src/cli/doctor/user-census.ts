/** How many users a run could not judge or name, by its own rules, and whether a guard would stop it for that. */

import type { Judgement } from '../../model/decision.ts';
import type { Entry } from '../../model/entry.ts';
import type { Judge } from '../../model/ports.ts';
import type { RunRules } from '../../model/run.ts';
import { desiredUserFrom } from '../../sync/resource.ts';
import { Tally } from '../../sync/tally.ts';

/** Few enough that scripts which run into their time limit cost seconds and not minutes. */
const BATCH = 20;

/** Stages of the failures that users are remembered by, by identity: who fails as before trips no guard. */
export type RememberedStages = ReadonlyMap<string, string>;

type Stage = 'MAPPING' | 'SCRIPT';

export class UserCensus {
  judged = 0;
  active = 0;
  readonly orgs = new Set<string>();
  readonly roles = new Set<string>();
  /** The first user who fails at this stage, and why. */
  readonly examples: Partial<Record<Stage, { readonly dn: string; readonly message: string }>> = {};
  readonly #failed: Record<Stage, number> = { MAPPING: 0, SCRIPT: 0 };
  readonly #fresh = new Tally();
  readonly #rules: Pick<RunRules, 'mapping' | 'failedMaxPercent'>;
  readonly #remembered: RememberedStages;

  constructor(rules: Pick<RunRules, 'mapping' | 'failedMaxPercent'>, remembered: RememberedStages) {
    this.#rules = rules;
    this.#remembered = remembered;
  }

  /** Judges them one small batch after the other, as long as there is time. */
  async judge(judge: Judge, entries: readonly Entry[], untilMs: number): Promise<void> {
    for (let start = 0; start < entries.length; start += BATCH) {
      if (start > 0 && performance.now() > untilMs) return;
      const batch = entries.slice(start, start + BATCH);
      const judgements = await judge.judge(batch);
      for (const [at, entry] of batch.entries()) {
        const judgement = judgements[at];
        if (judgement !== undefined) this.#add(entry, judgement);
      }
    }
  }

  /** How many fail because they are active and have no userName, or because a script fails for them. */
  failed(stage: Stage): number {
    return this.#failed[stage];
  }

  get everybodyFails(): boolean {
    return this.judged > 0 && this.#failed.MAPPING + this.#failed.SCRIPT === this.judged;
  }

  /** Whether the scripts judge everybody well, and nobody as active. */
  get nobodyActive(): boolean {
    return this.judged > 0 && this.active + this.#failed.MAPPING + this.#failed.SCRIPT === 0;
  }

  /** Whether `guard.failed.max.percent` stops a run that finds what this has found. */
  get stopsARun(): boolean {
    return this.#fresh.exceeds(this.#rules.failedMaxPercent, this.judged);
  }

  get limitPercent(): number {
    return this.#rules.failedMaxPercent;
  }

  #add(entry: Entry, judgement: Judgement): void {
    this.judged += 1;
    const { failure, decision } = desiredUserFrom(entry, judgement, this.#rules.mapping);
    if (decision?.active === true) {
      this.active += 1;
      this.orgs.add(decision.org ?? 'left to the service');
      for (const role of decision.roles ?? ['left to the service']) this.roles.add(role);
    }
    if (failure === null || (failure.stage !== 'MAPPING' && failure.stage !== 'SCRIPT')) return;
    this.#failed[failure.stage] += 1;
    this.examples[failure.stage] ??= { dn: entry.dn, message: failure.message };
    if (this.#remembered.get(entry.identity) !== failure.stage) this.#fresh.add(entry.dn);
  }
}
