/** Judges users with the three scripts: feeds the script process with batches, and finds the user who brings it down. */

import { fileURLToPath } from 'node:url';
import type { Judgement } from '../model/decision.ts';
import type { Entry } from '../model/entry.ts';
import { RunError } from '../model/errors.ts';
import type { Judge, JudgeCost, Log, NamedJudge } from '../model/ports.ts';
import { SCRIPT_KINDS, type ScriptSet, type ScriptTrial } from '../model/scripts.ts';
import { WORKED_OUT, type LoadMessage, type WireAnswer, type WireBatch, type WireEntry } from './protocol.ts';
import { compileScript, readsOf, type ReadScript } from './script-file.ts';
import { ScriptProcess, type Ending } from './script-process.ts';

export interface JudgeOptions {
  readonly scripts: ScriptSet;
  /** For the three scripts of one user together. */
  readonly timeoutMs: number;
  readonly memoryLimitMb: number;
  readonly log: Log;
  /** What the scripts take for now, in milliseconds since 1970; absent: the real time. */
  readonly clockMs?: number;
}

/** A judge who can also be looked over the shoulder. */
export interface TrialJudge extends Judge {
  /** Tries each script by itself on one user, also when the one before it fails. */
  tryOn(entry: Entry): Promise<readonly ScriptTrial[]>;
}

const MAX_BATCH_USERS = 250;
const MAX_BATCH_CHARS = 1024 * 1024;

/** So many users in a row who must be stopped are no accident: going on would take hours. */
const MAX_STOPPED_IN_A_ROW = 20;

/** The same for a script that brings down every few users; below this count nothing is said. */
const MIN_STOPPED = 200;
const MAX_STOPPED_SHARE = 0.25;

/**
 * Compiles the scripts and starts the process that runs them.
 * @throws RunError FILE_UNREADABLE when the process cannot be started, SCRIPT_INVALID
 */
export async function openJudge(options: JudgeOptions): Promise<TrialJudge> {
  const { timeoutMs, memoryLimitMb, log, clockMs = null } = options;
  const scripts = SCRIPT_KINDS.map((kind) => {
    const { name, text } = options.scripts[kind];
    return compileScript(kind, name, text);
  });
  const judge = new ProcessJudge(scripts, { limits: { timeoutMs, memoryLimitMb }, clockMs }, log);
  await judge.start();
  return judge;
}

/** The folder of the package with the default scripts: activescript.js, orgscript.js, rolescript.js. */
export function defaultScriptsFolder(): string {
  return fileURLToPath(new URL('../../scripts/', import.meta.url));
}

class ProcessJudge implements TrialJudge {
  readonly #scripts: readonly ReadScript[];
  readonly named: NamedJudge | null;
  readonly #message: LoadMessage;
  readonly #log: Log;
  #process: ScriptProcess | null = null;
  readonly #closing = new AbortController();
  #turn: Promise<unknown> = Promise.resolve();
  #judged = 0;
  #waitedMs = 0;
  #stopped = 0;
  #stoppedInARow = 0;
  #hopeless: RunError | null = null;

  constructor(scripts: readonly ReadScript[], more: Pick<LoadMessage, 'limits' | 'clockMs'>, log: Log) {
    this.#scripts = scripts;
    const reads = readsOf(scripts);
    this.#message = {
      scripts: scripts.map(({ kind, name, code }) => ({ kind, name, code })),
      unnamed: WORKED_OUT.filter((name) => scripts.every(({ use }) => use.lineOf[name] === undefined)),
      reads: reads ?? [],
      ...more,
    };
    const projection = new Projection(reads ?? []);
    this.named = reads && { reads, judge: (entries) => this.#inTurn(entries, projection) };
    this.#log = log;
  }

  names(attribute: string): string | null {
    for (const { name, use } of this.#scripts) {
      const line = use.lineOf[attribute.toLowerCase()];
      if (line !== undefined) return `${name} reads ${attribute} (line ${line})`;
    }
    return null;
  }

  mayRead(attribute: string): string | null {
    const named = this.names(attribute);
    if (named !== null) return named;
    const open = this.#scripts.find(({ use }) => use.anyLine !== null);
    return open === undefined ? null : `${open.name} may read any attribute (line ${open.use.anyLine})`;
  }

  async start(): Promise<void> {
    await this.#running();
  }

  async judge(entries: readonly Entry[]): Promise<readonly Judgement[]> {
    const judgements = await this.#inTurn(entries, null);
    return judgements.map((one) => (one === 'UNREAD' ? UNANSWERED : one));
  }

  #inTurn(
    entries: readonly Entry[],
    projection: Projection | null,
  ): Promise<readonly (Judgement | 'UNREAD')[]> {
    const result = this.#turn.then(() => this.#judgeAll(entries, projection));
    this.#turn = result.catch(() => null);
    return result;
  }

  tryOn({ dn, attributes }: Entry): Promise<readonly ScriptTrial[]> {
    const result = this.#turn.then(async () => {
      const process = await this.#running();
      const tried = await process.tryOn(JSON.stringify([false, [[dn, attributes]]] satisfies WireBatch));
      return typeof tried === 'string' ? this.#triedInVain(tried) : tried;
    });
    this.#turn = result.catch(() => null);
    return result;
  }

  /** The user brought the process down: nobody can say which script did. */
  #triedInVain(ending: Ending): ScriptTrial[] {
    const failure = this.#reasonOf(ending);
    const nothing = { answer: null, durationMs: 0, read: [], absent: [], prints: [] };
    return this.#message.scripts.map(({ kind, name }) => ({ kind, name, failure, ...nothing }));
  }

  cost(): JudgeCost {
    return { users: this.#judged, ms: this.#waitedMs };
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#process?.kill();
  }

  async #judgeAll(
    entries: readonly Entry[],
    projection: Projection | null,
  ): Promise<readonly (Judgement | 'UNREAD')[]> {
    const judgements: (Judgement | 'UNREAD')[] = [];
    for (const batch of batchesOf(entries, projection)) {
      for (const answer of await this.#judgeBatch(batch, projection !== null)) {
        judgements.push(answer === null ? 'UNREAD' : judgementOf(answer));
      }
    }
    return judgements;
  }

  async #judgeBatch(entries: readonly string[], partial: boolean): Promise<readonly WireAnswer[]> {
    const answers: WireAnswer[] = [];
    let alone = false;
    while (answers.length < entries.length) {
      const process = await this.#running();
      const before = answers.length;
      const rest = entries.slice(answers.length);
      const startedMs = performance.now();
      const ending = await process.judge(rest.join(','), rest.length, { alone, partial }, (message) => {
        answers.push(...message.answers);
        this.#print(message.prints);
        this.#count(message.answers.length, message.stopped, answers.at(-1));
      });
      this.#waitedMs += performance.now() - startedMs;
      if (ending === 'FINISHED' || (ending === 'SPOILED' && answers.length > before)) continue;
      if (this.#hopeless !== null) throw this.#hopeless;
      if (this.#closing.signal.aborted) throw new Error('The judge was closed while it judged');
      this.#log.debug('ScriptService', `The script process ended (${ending}). ${process.lastWords}`);
      // Users who share a chunk cannot be told apart; each alone, the first without an answer is the guilty one. Memory
      // may have been used up by tables that grew over many users: then he is judged again in a new process.
      if (alone && (ending === 'LATE' || process.answered === 0)) {
        answers.push(this.#reasonOf(ending));
        this.#count(1, 1, answers.at(-1));
      }
      alone = true;
    }
    if (this.#hopeless !== null) throw this.#hopeless;
    return answers;
  }

  async #running(): Promise<ScriptProcess> {
    const { signal } = this.#closing;
    if (signal.aborted) throw new Error('The judge is closed');
    if (this.#hopeless !== null) throw this.#hopeless;
    if (this.#process === null || this.#process.isGone) {
      const onPrints = (prints: readonly string[]): void => this.#print(prints);
      this.#process = await ScriptProcess.start(this.#message, onPrints, signal).catch((error: unknown) => {
        // close() came while the process was starting: that it has ended is no fault of the scripts.
        throw signal.aborted ? new Error('The judge was closed while it started') : error;
      });
      if (signal.aborted) await this.#process.kill();
    }
    return this.#process;
  }

  #print(lines: readonly string[]): void {
    for (const line of lines) this.#log.debug('ScriptService', line);
  }

  /** Gives up when the scripts must be stopped for so many users that going on makes no sense. */
  #count(judged: number, stopped: number, last: WireAnswer | undefined): void {
    if (judged === 0) return;
    this.#judged += judged;
    this.#stopped += stopped;
    // Whoever had to be stopped is the last of his message, so with company the row begins anew.
    if (stopped < judged) this.#stoppedInARow = 0;
    this.#stoppedInARow += stopped;
    const inARow = this.#stoppedInARow >= MAX_STOPPED_IN_A_ROW;
    const often = this.#stopped >= MIN_STOPPED && this.#stopped > this.#judged * MAX_STOPPED_SHARE;
    if (!inARow && !often) return;
    const who = inARow
      ? `${this.#stoppedInARow} users in a row`
      : `${this.#stopped} of ${this.#judged} users`;
    const message = `The scripts had to be stopped for ${who}. The last time: ${String(last)}`;
    this.#hopeless = new RunError('SCRIPT_INVALID', message, {
      fix: 'Correct the script, or raise script.timeout.period or script.memory.limit.',
    });
    void this.#process?.kill();
  }

  #reasonOf(ending: Ending): string {
    const { timeoutMs, memoryLimitMb } = this.#message.limits;
    return ending === 'LATE'
      ? `The scripts took longer than ${timeoutMs} ms and could not be stopped`
      : `The scripts used more than ${memoryLimitMb} MB, or brought the script process down`;
  }
}

/** Leaves of an entry what the scripts look at. */
class Projection {
  readonly #wanted: ReadonlySet<string>;
  /** By attribute name as the directory spells it: the same few names come again for every user. */
  readonly #kept = new Map<string, boolean>();

  /** Whether a script looks at the DN, which is longer than most attributes. */
  readonly #keepsDn: boolean;

  constructor(reads: readonly string[]) {
    this.#wanted = new Set(reads.map((name) => name.toLowerCase()));
    this.#keepsDn = this.#wanted.has('dn') || this.#wanted.has('distinguishedname');
  }

  of({ dn, attributes }: Entry): WireEntry {
    const kept: Record<string, readonly string[]> = {};
    for (const name in attributes) {
      let keep = this.#kept.get(name);
      if (keep === undefined) this.#kept.set(name, (keep = this.#wanted.has(name.toLowerCase())));
      if (keep) kept[name] = attributes[name] ?? [];
    }
    return [this.#keepsDn ? dn : '', kept];
  }
}

/** Users as JSON texts, in batches small enough to be judged with little memory. */
function* batchesOf(entries: readonly Entry[], projection: Projection | null): Generator<readonly string[]> {
  let batch: string[] = [];
  let chars = 0;
  for (const entry of entries) {
    const whole: WireEntry = [entry.dn, entry.attributes];
    const json = JSON.stringify(projection?.of(entry) ?? whole);
    if (batch.length > 0 && (batch.length === MAX_BATCH_USERS || chars + json.length > MAX_BATCH_CHARS)) {
      yield batch;
      batch = [];
      chars = 0;
    }
    batch.push(json);
    chars += json.length;
  }
  if (batch.length > 0) yield batch;
}

/** Of a whole user nothing was left out: whoever says so all the same has not judged him. */
const UNANSWERED: Judgement = {
  ok: false,
  failure: { stage: 'SCRIPT', message: 'The scripts gave no answer for this user' },
};

function judgementOf(answer: NonNullable<WireAnswer>): Judgement {
  if (typeof answer === 'string') return { ok: false, failure: { stage: 'SCRIPT', message: answer } };
  const [active, org, roles] = answer;
  return { ok: true, decision: { active, org, roles } };
}
