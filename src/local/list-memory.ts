/** What is remembered of walks over the service's list: whether one was whole, or how the last one fell short. */

import type { ServiceList, ShortWalk } from '../model/service-list.ts';
import type { Memory } from '../model/state.ts';
import type { MetaValues } from './meta-values.ts';

export class ListMemory implements ServiceList {
  readonly #meta: MetaValues;
  readonly #isDoubtful: boolean;

  constructor(meta: MetaValues, isDoubtful: boolean) {
    this.#meta = meta;
    this.#isDoubtful = isDoubtful;
  }

  isCompared(): boolean {
    return !this.#isDoubtful && this.#meta.get('learned') === '1';
  }

  shortWalk(): ShortWalk | null {
    const value = this.#meta.get('short_walk');
    return value === null ? null : (JSON.parse(value) as ShortWalk);
  }

  remember({ learned, shortWalk }: Pick<Memory, 'learned' | 'shortWalk'>): void {
    if (learned) {
      this.#meta.set('learned', '1');
      this.#meta.remove('short_walk');
      return;
    }
    // That an earlier walk was whole counts no more: only a state that has forgotten what it showed walks again.
    this.#meta.remove('learned');
    if (shortWalk !== null) this.#meta.set('short_walk', JSON.stringify(shortWalk));
  }
}
