/** Stands at the service's socket and looks at every request: may it be sent now, and was it needed? */

import type { Clock } from '../../../src/lib/clock.ts';
import type { StateWatch } from './doomed-state.ts';
import type { SeenRequest, ServiceFault, ServiceObserver } from './faulty-service.ts';
import { askedMs } from './service-faults.ts';

/** The clocks of both sides are one; what is left is rounding. */
const SLACK_MS = 5;
const LONGEST_HOLD_MS = 300_000;

/** What is true of the run that is being watched. */
export interface WatchedRun {
  /** Requests that may be on their way when the service asks for patience. */
  readonly threads: number;
  /** Whether the engine runs in this process, so that the state and the clock can be watched. */
  readonly isOurs: boolean;
}

export class ServiceWatch implements ServiceObserver, StateWatch {
  readonly violations: string[] = [];
  /** Writes of the run at hand that changed nothing, though the client could have known. */
  needless: string[] = [];
  /** Requests other than GET in the run at hand. */
  writes: string[] = [];
  lines: string[] = [];
  readonly #clock: Clock;
  #run: WatchedRun = { threads: 1, isOurs: true };
  /** Of whom the client cannot know what the service holds, by externalId. */
  readonly #doubtful = new Set<string>();
  readonly #underWay = new Set<string>();
  /** Creations of this run without an answer: by externalId, until somebody has looked. */
  readonly #unanswered = new Map<string, string>();
  #hold: { readonly until: number; early: number } | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  beginRun(run: WatchedRun): void {
    this.#run = run;
    this.writes = [];
    this.needless = [];
    this.#hold = null;
    this.#unanswered.clear();
  }

  endRun(): void {
    for (const identity of this.#underWay) this.#doubtful.add(identity);
    this.#underWay.clear();
  }

  /** Somebody else has changed the user, or the state has forgotten. */
  doubt(externalId: string): void {
    this.#doubtful.add(externalId);
  }

  begun(identity: string): void {
    this.#underWay.add(identity);
  }

  confirmed(identity: string): void {
    this.#underWay.delete(identity);
    this.#doubtful.delete(identity);
  }

  arrived(request: SeenRequest): void {
    const { what, method, path, query, body } = request;
    const words = `${method} ${path} ${query.toString()} ${body === null ? '' : JSON.stringify(body).slice(0, 3000)}`;
    this.lines.push(`${performance.now().toFixed(0)} -> ${request.count} ${words}`);
    this.#checkPatience(words);
    if (what === 'FIND') this.#lookedFor(query.get('filter') ?? '');
    if (method !== 'GET') this.writes.push(words);
    if (what !== 'CREATE') return;
    const externalId = String(body?.['externalId']);
    if (this.#unanswered.has(externalId)) {
      this.violations.push(`${externalId} was created again without a look whether the first attempt did it`);
    }
    this.#unanswered.set(externalId, String(body?.['userName']));
  }

  written(
    request: SeenRequest,
    before: string | null,
    after: string | null,
    externalId: string | null,
  ): void {
    if (request.what !== 'UPDATE' || before !== after || externalId === null) return;
    if (!this.#run.isOurs || this.#doubtful.has(externalId)) return;
    const sent = JSON.stringify(request.body?.['Operations'] ?? request.body);
    this.needless.push(`nobody needed ${request.method} ${request.path} (${externalId}): ${sent}`);
  }

  ended(request: SeenRequest, told: boolean, status: number | null): void {
    this.lines.push(
      `${performance.now().toFixed(0)} <- ${request.count} ${told ? 'told' : 'NOT TOLD'} ${status ?? 'nothing'}`,
    );
    if (request.what === 'CREATE') {
      const externalId = String(request.body?.['externalId']);
      // 4xx says clearly that nothing was done.
      if (told || (status !== null && status >= 400 && status < 500)) this.#unanswered.delete(externalId);
      if (!told) this.#doubtful.add(externalId);
    }
    if (!told && request.what !== 'CREATE') for (const each of this.#underWay) this.#doubtful.add(each);
  }

  /** To be told of each fault before it is committed. */
  faulted(fault: ServiceFault | null): void {
    const asked = askedMs(fault);
    if (asked === null || !this.#run.isOurs) return;
    const until = this.#clock.now() + Math.min(asked, LONGEST_HOLD_MS);
    if (until > (this.#hold?.until ?? 0)) this.#hold = { until, early: 0 };
  }

  #checkPatience(words: string): void {
    const hold = this.#hold;
    if (hold === null || this.#clock.now() >= hold.until - SLACK_MS) return;
    hold.early += 1;
    // As many as there are workers may have been on their way already.
    if (hold.early < this.#run.threads) return;
    const leftMs = Math.round(hold.until - this.#clock.now());
    this.violations.push(`${words} came ${leftMs} ms before the service wanted to be asked again`);
  }

  #lookedFor(filter: string): void {
    for (const [externalId, userName] of this.#unanswered) {
      if (filter.includes(JSON.stringify(externalId)) || filter.includes(JSON.stringify(userName))) {
        this.#unanswered.delete(externalId);
      }
    }
  }
}
