/** To which service and which settings a state file belongs, and whether it knows of the latest runs. */

import { RunError } from '../model/errors.ts';
import type { Watermark } from '../model/ports.ts';
import { isSameBoot, presentBoot } from '../lib/boot.ts';
import type { Commits } from './commits.ts';
import type { MetaValues } from './meta-values.ts';
import type { StateOptions } from './state.ts';

export class StateOrigin {
  readonly doubt: string | null;
  readonly readsAnewBecause: string | null;
  readonly otherConfiguration: string | null;
  /** Whether absences counted so far mean nothing: of an older copy, or of runs that looked for other people. */
  readonly countsAbsenceAnew: boolean;
  readonly #meta: MetaValues;
  readonly #options: StateOptions;
  readonly #commits: Commits;
  readonly #boot: string;
  /** How many beginnings and ends of runs were counted when it was opened, by the file or the mark, whichever knows more. */
  readonly #latest: number;
  #hasCountedEnd = false;

  /** @throws RunError STATE_FOREIGN where users are known and another service knows them */
  constructor(meta: MetaValues, commits: Commits, options: StateOptions, knowsUsers: () => boolean) {
    this.#meta = meta;
    this.#commits = commits;
    this.#options = options;
    this.#boot = options.boot ?? presentBoot();
    const service = meta.get('service');
    if (service !== null && service !== options.service && knowsUsers()) {
      throw foreignState(options.path, service, options.service);
    }
    const marked = options.mark?.latest() ?? null;
    this.#latest = Math.max(this.#runNumber(), marked ?? 0);
    this.doubt = this.#doubtBy(marked, knowsUsers);
    const population = meta.get('population_key');
    this.countsAbsenceAnew =
      this.doubt !== null || (population !== null && population !== populationOf(options));
    const last = meta.get('configuration');
    this.otherConfiguration = last !== null && last !== (options.configuration ?? last) ? last : null;
    const scopeKey = meta.get('scope_key');
    this.readsAnewBecause =
      scopeKey !== null && scopeKey !== options.scopeKey
        ? 'settings that decide who is read, or what is made of an entry, have changed'
        : null;
  }

  #runNumber(): number {
    return Number(this.#meta.get('run_number') ?? '0');
  }

  #doubtBy(marked: number | null, knowsUsers: () => boolean): string | null {
    const { path, mark } = this.#options;
    const writing = this.#meta.get('writing');
    if (writing !== null && !isSameBoot(writing, this.#boot)) {
      return `The machine stopped in the middle of a live run, and ${path} may have lost the end of it`;
    }
    const number = this.#runNumber();
    // A file that knows of no run and of nobody is no copy: it was begun anew, and learns from the service.
    if (mark === undefined || (number === 0 && !knowsUsers())) return null;
    if (marked === null) {
      return number === 0
        ? null
        : `${path}.runs is missing, so that ${path} may be an older copy of the state`;
    }
    return number < marked ? `${path} is an older copy of the state` : null;
  }

  watermark(): Watermark | null {
    const value = this.#meta.get('watermark');
    return value === null || this.readsAnewBecause !== null ? null : (JSON.parse(value) as Watermark);
  }

  bindToService(): void {
    this.#meta.set('service', this.#options.service);
  }

  setWatermark(watermark: Watermark): void {
    this.#meta.set('watermark', JSON.stringify(watermark));
    this.#meta.set('scope_key', this.#options.scopeKey);
  }

  /**
   * Counts a run that is about to write, however it will end: every copy of the file made before is an older one now. From
   * now on the file belongs to these settings, too; a watermark of others is worthless.
   * @param also what else is to be on disk when this returns
   * @throws RunError FOLDER_READ_ONLY
   */
  beginRun(also: () => void): void {
    const { mark, scopeKey } = this.#options;
    const number = this.#latest + 1;
    // A doubtful file must not be taken for a good one if we die here: by the mark it stays an older copy.
    if (this.doubt !== null) mark?.raise(number);
    this.#commits.lastingly(() => {
      if (this.#meta.get('scope_key') !== scopeKey) this.#meta.remove('watermark');
      this.#meta.set('scope_key', scopeKey);
      this.#meta.set('population_key', populationOf(this.#options));
      if (this.#options.configuration !== undefined) {
        this.#meta.set('configuration', this.#options.configuration);
      }
      this.#meta.set('writing', this.#boot);
      if (this.doubt === null) this.#meta.set('run_number', String(number));
      also();
    });
    // The file first: if we die in between, it counts more than the mark, which means nothing.
    if (this.doubt === null) mark?.raise(number);
  }

  /**
   * Counts the end of a run as well: what was copied in the middle of it is an older copy from now on. A doubtful file stays
   * one until a run has sent everybody's whole resource.
   */
  endRun(sentEverybody: boolean): void {
    this.#hasCountedEnd = this.doubt === null || sentEverybody;
    if (this.#hasCountedEnd) this.#meta.set('run_number', String(this.#latest + 2));
    this.#meta.remove('writing');
  }

  /** Once the end of the run is in the file itself: a mark that was raised before would make an older copy of it. */
  markEnd(): void {
    if (!this.#hasCountedEnd) return;
    try {
      this.#options.mark?.raise(this.#latest + 2);
    } catch {
      // A full disk: the file counts more than the mark, which means nothing.
    }
  }

  /** Of a run that ended early, in order: nothing that it has committed can get lost any more. */
  leave(): void {
    const writing = this.#meta.get('writing');
    if (writing === null || !isSameBoot(writing, this.#boot)) return;
    try {
      this.#commits.lastingly(() => this.endRun(false));
      this.markEnd();
    } catch {
      // A full disk: it matters only if the machine starts anew before the next run, and then everybody is sent again.
    }
  }
}

function populationOf({ populationKey }: StateOptions): string {
  return populationKey ?? 'everybody';
}

/** The error for a state file of another service than the configured one. */
export function foreignState(path: string, service: string, configured: string): RunError {
  return new RunError(
    'STATE_FOREIGN',
    `The state file ${path} belongs to the service ${service}, but scim.baseurl is ${configured}.`,
  );
}
