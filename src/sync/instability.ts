/** Asks a sample of users a second time, in another order and on another day: do the scripts decide by the entry alone? */

import type { Decision, Judgement } from '../model/decision.ts';
import type { Entry } from '../model/entry.ts';
import type { Instability, InstabilityCause } from '../model/instability.ts';
import type { Judge } from '../model/ports.ts';
import { SCRIPT_KINDS, type ScriptKind } from '../model/scripts.ts';

/** A day and a half and a little: another day of the week, another half of the day, another minute and second. */
export const SHIFT_MS = ((36 * 60 + 31) * 60 + 29) * 1000 + 501;

export interface SecondOpinion {
  /** Opens a judge over the same scripts, in a fresh process, whose clock stands still at this moment. */
  readonly openAt: (clockMs: number) => Promise<Judge>;
  /** The file names of the scripts. */
  readonly names: Readonly<Record<ScriptKind, string>>;
}

/** A user, how to call him, and what was said of him the first time. */
export interface Judged {
  readonly entry: Entry;
  readonly user: string;
  readonly judgement: Judgement;
}

/**
 * Which scripts are unstable, each cause once, the first user by the order of the sample.
 * @param nowMs the clock of the first judgements
 */
export async function findInstability(
  sample: readonly Judged[],
  { openAt, names }: SecondOpinion,
  nowMs: number,
): Promise<Instability[]> {
  if (sample.length === 0) return [];
  const ask = async (clockMs: number): Promise<readonly Judgement[]> => {
    const judge = await openAt(clockMs);
    try {
      const reversed = sample.map(({ entry }) => entry).reverse();
      return [...(await judge.judge(reversed))].reverse();
    } finally {
      await judge.close();
    }
  };
  const [again, later] = await Promise.all([ask(nowMs), ask(nowMs + SHIFT_MS)]);
  const first = sample.map(({ judgement }) => judgement);
  const suspects = differences(first, again, names).concat(differences(again, later, names));
  if (suspects.length === 0) return [];
  // Everything as the second time: what differs now hangs on nothing that we could name.
  const onceMore = await ask(nowMs);
  const found = new Map<string, Instability>();
  const causes = new Map<string, InstabilityCause>();
  const note = (cause: InstabilityCause, a: readonly Judgement[], b: readonly Judgement[]): void => {
    for (const { at, script } of differences(a, b, names)) {
      const place = `${at} ${script}`;
      // Chance explains an answer before time does, and time before order.
      if ((causes.get(place) ?? cause) !== cause) continue;
      causes.set(place, cause);
      const key = `${script} ${cause}`;
      const known = found.get(key);
      const one = known ?? {
        script,
        name: names[script],
        cause,
        user: sample[at]?.user ?? '',
        first: shown(a[at], script),
        second: shown(b[at], script),
        users: 0,
        asked: sample.length,
      };
      found.set(key, { ...one, users: one.users + 1 });
    }
  };
  note('CHANCE', again, onceMore);
  note('TIME', again, later);
  note('ORDER', first, again);
  // What happens by chance happens also on another day and in another order.
  const byChance = new Set(
    [...found.values()].filter((one) => one.cause === 'CHANCE').map((one) => one.script),
  );
  return SCRIPT_KINDS.flatMap((kind) =>
    [...found.values()].filter(
      ({ script, cause }) => script === kind && (cause === 'CHANCE' || !byChance.has(kind)),
    ),
  );
}

/** Which script says two things of which user. */
function differences(
  a: readonly Judgement[],
  b: readonly Judgement[],
  names: SecondOpinion['names'],
): { readonly at: number; readonly script: ScriptKind }[] {
  return a.flatMap((one, at) => {
    const other = b[at];
    if (other === undefined) return [];
    return scriptsThatDiffer(one, other, names).map((script) => ({ at, script }));
  });
}

function scriptsThatDiffer(a: Judgement, b: Judgement, names: SecondOpinion['names']): ScriptKind[] {
  if (a.ok && b.ok) return SCRIPT_KINDS.filter((kind) => part(a.decision, kind) !== part(b.decision, kind));
  const [failed, other] = a.ok ? [b, a] : [a, b];
  if (failed.ok || isStopped(a) || isStopped(b)) return [];
  const { message } = failed.failure;
  if (!other.ok && other.failure.message === message) return [];
  return [SCRIPT_KINDS.find((kind) => message.startsWith(names[kind])) ?? 'active'];
}

/** A limit of time or memory says more about the machine at that moment than about the script. */
function isStopped(judgement: Judgement): boolean {
  return !judgement.ok && /took longer than \d+ ms|used more than \d+ MB/.test(judgement.failure.message);
}

function part(decision: Decision, kind: ScriptKind): string {
  if (kind === 'active') return String(decision.active);
  if (kind === 'org') return decision.org ?? 'none';
  return decision.roles === null ? 'none' : [...decision.roles].sort().join(', ');
}

function shown(judgement: Judgement | undefined, script: ScriptKind): string {
  if (judgement === undefined) return 'nothing';
  return judgement.ok ? part(judgement.decision, script) : judgement.failure.message;
}

const HOURS = Math.round(SHIFT_MS / 3_600_000);

/** One sentence for the log. */
export function instabilitySentence({ name, cause, user, first, second, users, asked }: Instability): string {
  const share = `${users} of ${asked} users asked twice`;
  if (cause === 'TIME') {
    return `${name} depends on the time: for ${user} it says ${first} now and ${second} in ${HOURS} hours (${share}). An incremental run asks again when the entry changes or a date in it has come; for anything else run c42uds --sync-now --full-sync at times.`;
  }
  const why = cause === 'CHANCE' ? 'answers by chance' : 'answers otherwise in another order';
  return `${name} ${why}: for ${user} it said ${first}, then ${second} (${share}). It must decide by the entry alone, or people change from run to run.`;
}

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** The same few users of a directory in whatever order they come: those whose identities have the smallest hashes. */
export class Sample {
  readonly #size: number;
  readonly #kept: { readonly hash: number; readonly judged: Judged }[] = [];
  #largest = Infinity;

  constructor(size: number) {
    this.#size = size;
  }

  add(entry: Entry, judgement: Judgement, user: string): void {
    const hash = hashOf(entry.identity);
    if (this.#kept.length >= this.#size && hash > this.#largest) return;
    // A user may be read again, with more attributes.
    const before = this.#kept.findIndex(
      (one) => one.hash === hash && one.judged.entry.identity === entry.identity,
    );
    if (before >= 0) this.#kept.splice(before, 1);
    const isFull = this.#kept.length >= this.#size;
    if (isFull) {
      const out = this.#kept.findIndex((one) => one.hash === this.#largest);
      this.#kept.splice(out, 1);
    }
    this.#kept.push({ hash, judged: { entry, judgement, user } });
    this.#largest = Math.max(...this.#kept.map((one) => one.hash));
  }

  judged(): Judged[] {
    return this.#kept.map((one) => one.judged);
  }
}

/** FNV-1a: a few nanoseconds, because it runs for every user of every dry run. */
function hashOf(text: string): number {
  let hash = FNV_OFFSET;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), FNV_PRIME);
  return hash >>> 0;
}
