/** Counts what a live run has done so far, for the one line of a run that ends without its summary. */

import type { ChangeKind, Preview } from '../model/plan.ts';

const WORDS: readonly (readonly [kind: ChangeKind, word: string])[] = [
  ['CREATE', 'created'],
  ['UPDATE', 'updated'],
  ['REACTIVATE', 'reactivated'],
  ['DEACTIVATE', 'deactivated'],
];

export class ConfirmedChanges {
  readonly #counts = new Map<ChangeKind, number>();
  total = 0;

  add({ change }: Preview): void {
    if (change === null) return;
    this.#counts.set(change.kind, (this.#counts.get(change.kind) ?? 0) + 1);
    this.total += 1;
  }

  /** "3 changes were confirmed (2 created, 1 deactivated)" */
  sentence(): string {
    if (this.total === 0) return 'No change was confirmed';
    const parts = WORDS.flatMap(([kind, word]) => {
      const count = this.#counts.get(kind);
      return count === undefined ? [] : [`${count} ${word}`];
    });
    return `${this.total} ${this.total === 1 ? 'change was' : 'changes were'} confirmed (${parts.join(', ')})`;
  }
}
