/** To which service and which settings a state file belongs, and whether it is the latest one. */

import { RunError } from '../model/errors.ts';
import type { Watermark } from '../model/ports.ts';
import type { MetaValues } from './meta-values.ts';
import type { StateOptions } from './state.ts';

export class StateOrigin {
  readonly isOlderCopy: boolean;
  readonly readsAnewBecause: string | null;
  readonly #meta: MetaValues;
  readonly #options: StateOptions;

  /** @throws RunError STATE_FOREIGN where users are known and another service knows them */
  constructor(meta: MetaValues, options: StateOptions, knowsUsers: () => boolean) {
    this.#meta = meta;
    this.#options = options;
    const service = meta.get('service');
    if (service !== null && service !== options.service && knowsUsers()) {
      throw new RunError(
        'STATE_FOREIGN',
        `The state file ${options.path} belongs to the service ${service}, but scim.baseurl is ${options.service}.`,
      );
    }
    // A file that knows of no run and of nobody is no copy: it was begun anew, and learns from the service.
    const isNew = this.runNumber() === 0 && !knowsUsers();
    this.isOlderCopy = !isNew && this.runNumber() < (options.latestRun ?? 0);
    const scopeKey = meta.get('scope_key');
    this.readsAnewBecause =
      scopeKey !== null && scopeKey !== options.scopeKey
        ? 'settings that decide who is read, or what is made of an entry, have changed'
        : null;
  }

  runNumber(): number {
    return Number(this.#meta.get('run_number') ?? '0');
  }

  watermark(): Watermark | null {
    const value = this.#meta.get('watermark');
    return value === null || this.readsAnewBecause !== null ? null : (JSON.parse(value) as Watermark);
  }

  bindToService(): void {
    this.#meta.set('service', this.#options.service);
  }

  hasScopeMoved(): boolean {
    return this.#meta.get('scope_key') !== this.#options.scopeKey;
  }

  /** From now on the file belongs to these settings; a watermark of others is worthless. */
  adoptScope(): void {
    this.#meta.remove('watermark');
    this.#meta.set('scope_key', this.#options.scopeKey);
  }

  setWatermark(watermark: Watermark): void {
    this.#meta.set('watermark', JSON.stringify(watermark));
    this.#meta.set('scope_key', this.#options.scopeKey);
  }

  /** An older copy stays one until a run has sent everybody's whole resource. */
  countRun(sentEverybody: boolean): void {
    if (!sentEverybody && this.isOlderCopy) return;
    const latest = Math.max(this.runNumber(), this.#options.latestRun ?? 0);
    this.#meta.set('run_number', String(latest + 1));
  }
}
