/** Judges by the scripts of the last live run, beside those of this run; gives up for good where they fail. */

import type { Judgement } from '../model/decision.ts';
import type { Entry } from '../model/entry.ts';
import type { DirectoryFacts, Judge } from '../model/ports.ts';
import type { RunParts } from './run-parts.ts';
import { linkTracking, type LinkTracking } from './traceless.ts';

export class FormerJudging {
  readonly #parts: RunParts;
  #judge: Judge | null;

  constructor(parts: RunParts) {
    this.#parts = parts;
    this.#judge = parts.former?.judge ?? null;
  }

  /** Whether there are former scripts that have not failed yet. */
  get isAble(): boolean {
    return this.#judge !== null;
  }

  /** What must be asked for by name, so that the former scripts too see what they decided by. */
  attributes(facts: DirectoryFacts, tracking: LinkTracking): readonly string[] {
    if (this.#judge === null) return tracking.attributes;
    const theirs = linkTracking({ ...this.#parts, judge: this.#judge }, facts).attributes;
    return [...new Set([...tracking.attributes, ...theirs])];
  }

  /** Whether nobody can tell which attributes the former scripts look at. */
  get mayReadAnything(): boolean {
    return this.#judge !== null && (this.#judge.named ?? null) === null;
  }

  /** What the texts of the former scripts name. */
  get reads(): readonly string[] {
    return this.#judge?.named?.reads ?? [];
  }

  /**
   * Never rejects: scripts that are no longer in force must not keep a run from its work.
   * @param byName whether the entries hold no more than what the scripts name
   */
  async judge(entries: readonly Entry[], byName: boolean): Promise<readonly (Judgement | 'UNREAD')[] | null> {
    const judge = byName ? this.#judge?.named : this.#judge;
    try {
      return (await judge?.judge(entries)) ?? null;
    } catch (error) {
      // Two batches may be under way: what failed for the one is said once.
      if (this.#parts.signal.aborted || this.#judge === null) return null;
      this.#judge = null;
      const reason = error instanceof Error ? error.message : String(error);
      this.#parts.log.warn(
        'ScriptService',
        `What the edited scripts change cannot be told, because those of the last live run fail: ${reason}`,
      );
      return null;
    }
  }
}
