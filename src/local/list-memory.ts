/** What is remembered of walks over the service's list: whether one was whole, or how the last one fell short. */

import type { ServiceList, ShortWalk } from '../model/service-list.ts';
import type { Memory } from '../model/memory.ts';
import type { MetaValues } from './meta-values.ts';

export class ListMemory implements ServiceList {
  readonly #meta: MetaValues;
  readonly #populationKey: string;
  readonly #isDoubtful: boolean;

  /** @param populationKey the users whom the list is compared with */
  constructor(meta: MetaValues, populationKey: string | undefined, isDoubtful: boolean) {
    this.#meta = meta;
    this.#populationKey = populationKey ?? 'everybody';
    this.#isDoubtful = isDoubtful;
  }

  isCompared(): boolean {
    return !this.#isDoubtful && this.#meta.get('learned') === this.#populationKey;
  }

  shortWalk(): ShortWalk | null {
    const value = this.#meta.get('short_walk');
    if (value === null) return null;
    const { populationKey, ...walk } = JSON.parse(value) as ShortWalk & { readonly populationKey: string };
    return populationKey === this.#populationKey ? walk : null;
  }

  showsDoubles(): boolean {
    return this.#meta.get('doubles') === this.#populationKey;
  }

  remember({
    learned,
    shortWalk,
    showsDoubles,
  }: Pick<Memory, 'learned' | 'shortWalk' | 'showsDoubles'>): void {
    if (showsDoubles === true) this.#meta.set('doubles', this.#populationKey);
    else if (learned) this.#meta.remove('doubles');
    if (learned) {
      this.#meta.set('learned', this.#populationKey);
      this.#meta.remove('short_walk');
      return;
    }
    // That an earlier walk was whole counts no more: only a state that has forgotten what it showed walks again.
    this.#meta.remove('learned');
    if (shortWalk !== null)
      this.#meta.set('short_walk', JSON.stringify({ ...shortWalk, populationKey: this.#populationKey }));
  }
}
