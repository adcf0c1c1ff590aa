/** One check of the doctor: what it needs, how long it may take, and what came of it. */

import { EXIT_CODES, RunError } from '../../model/errors.ts';
import type { CheckResult, CheckStage } from '../../model/examination.ts';

/** What a check found that has not failed. `value` is for the checks that need this one. */
export interface Finding<T> {
  readonly status: 'OK' | 'WARNING';
  readonly message: string;
  readonly fix: string | null;
  readonly value: T;
}

/** What a check found that has failed, where others can go on with it all the same. */
export interface FailedFinding<T> {
  readonly status: 'FAILURE';
  readonly error: RunError;
  readonly value: T;
}

export type AnyFinding<T> = Finding<T> | FailedFinding<T>;

export interface CheckPlan<T> {
  readonly id: string;
  readonly stage: CheckStage;
  readonly title: string;
  /** Checks that must have found something before. */
  readonly needs?: readonly Check<unknown>[];
  /** Absent: 20 s. */
  readonly limitMs?: number;
  /** A run does its work without: what goes wrong here is a warning and no failure. */
  readonly isAdvisory?: boolean;
  /** Throws RunError for a failure, or returns one: its message, fix and exit code are the result. */
  readonly examine: (signal: AbortSignal) => Promise<AnyFinding<T>> | AnyFinding<T>;
}

/** Longer than any time-out that a run has of its own by default, so that its message comes first. */
const USUAL_LIMIT_MS = 20_000;

export function fine<T>(message: string, value: T): Finding<T> {
  return { status: 'OK', message, fix: null, value };
}

export function doubtful<T>(message: string, fix: string | null, value: T): Finding<T> {
  return { status: 'WARNING', message, fix, value };
}

/** A failure that leaves other checks what they need: those of the same thing have more to say. */
export function failing<T>(error: RunError, value: T): FailedFinding<T> {
  return { status: 'FAILURE', error, value };
}

type Outcome<T> = Finding<T> | { readonly status: 'FAILURE'; readonly error: unknown; readonly value?: T };

export class Check<T> {
  readonly id: string;
  readonly #plan: CheckPlan<T>;
  #found: { readonly value: T } | null = null;
  #waitsFor: string | null = null;

  constructor(plan: CheckPlan<T>) {
    this.id = plan.id;
    this.#plan = plan;
  }

  get title(): string {
    return this.#plan.title;
  }

  /** What the check found; to be asked of those alone that `needs` names, or after {@link passed}. */
  get value(): T {
    if (this.#found === null) throw new Error(`The check ${this.id} has found nothing yet`);
    return this.#found.value;
  }

  get passed(): boolean {
    return this.#found !== null;
  }

  /**
   * Carries the check out, or skips it where one that it needs has not passed. Never rejects.
   * @param leftMs what is left of the time of the whole examination
   */
  async carryOut(leftMs: number): Promise<CheckResult> {
    const missing = this.#plan.needs?.find((check) => !check.passed);
    if (missing !== undefined) {
      // The one that failed, and not the last of those that wait for it.
      this.#waitsFor = missing.#waitsFor ?? missing.id;
      return this.#result({ status: 'SKIPPED', waitsFor: this.#waitsFor }, 0);
    }
    const started = performance.now();
    const outcome = await this.#withinLimit(Math.min(this.#plan.limitMs ?? USUAL_LIMIT_MS, leftMs));
    const durationMs = Math.round(performance.now() - started);
    if (outcome.status !== 'FAILURE') {
      const { status, message, fix, value } = outcome;
      this.#found = { value };
      return this.#result({ status, message, fix }, durationMs);
    }
    const { error } = outcome;
    if (outcome.value !== undefined) this.#found = { value: outcome.value };
    const isKnown = error instanceof RunError;
    const message = isKnown ? error.message : `Unexpected error: ${String(error)}`;
    const fix = isKnown ? error.fix : 'It is a bug in c42uds: please report it.';
    if (this.#plan.isAdvisory === true) return this.#result({ status: 'WARNING', message, fix }, durationMs);
    const exitCode = isKnown ? error.exitCode : EXIT_CODES.UNEXPECTED;
    const code = isKnown ? error.code : 'UNEXPECTED';
    return this.#result({ status: 'FAILURE', message, fix, error: code, exitCode }, durationMs);
  }

  async #withinLimit(limitMs: number): Promise<Outcome<T>> {
    const expiry = new AbortController();
    const late = new RunError(codeOfStage(this.#plan.stage), lateMessage(limitMs), {
      fix: 'Find out what is slow: a run would wait for it, too.',
    });
    const { promise, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(
      () => {
        reject(late);
        expiry.abort(late);
      },
      Math.max(limitMs, 0),
    );
    try {
      const work = async (): Promise<AnyFinding<T>> => this.#plan.examine(expiry.signal);
      if (limitMs <= 0) throw late;
      return await Promise.race([work(), promise]);
    } catch (error) {
      return { status: 'FAILURE', error };
    } finally {
      clearTimeout(timer);
      promise.catch(() => undefined);
    }
  }

  #result(found: Partial<CheckResult> & Pick<CheckResult, 'status'>, durationMs: number): CheckResult {
    const { id, stage, title } = this.#plan;
    const message = `not checked: waits for ${this.#waitsFor ?? ''}`;
    const { status, ...more } = found;
    const nothing = { message, fix: null, error: null, exitCode: null, waitsFor: null };
    return { id, stage, title, status, ...nothing, ...more, durationMs };
  }
}

function lateMessage(limitMs: number): string {
  return limitMs <= 0
    ? 'not reached: the checks before it took all the time there was'
    : `no result within ${Math.ceil(limitMs / 1000)} s`;
}

function codeOfStage(stage: CheckStage): 'DIRECTORY_UNREACHABLE' | 'SERVICE_UNREACHABLE' | 'FILE_UNREADABLE' {
  if (stage === 'DIRECTORY') return 'DIRECTORY_UNREACHABLE';
  return stage === 'SERVICE' ? 'SERVICE_UNREACHABLE' : 'FILE_UNREADABLE';
}
