/**
 * Witnesses: the entries that showed the latest changes. A server that was restored from an older copy, and does not know it,
 * shows them as they were before.
 */

import type { Entry } from '../model/entry.ts';
import { valuesOf } from '../model/entry.ts';
import type { ChangeTracking, Watermark, Witness, Witnesses } from '../model/ports.ts';
import { changeAttribute, farAhead } from './change-tracking.ts';
import type { WatermarkFinder } from './change-tracking.ts';
import type { Connection } from './connection.ts';
import { parseGeneralizedTime } from './generalized-time.ts';
import { RESULT } from './result-codes.ts';
import { searchSmall, textsOf } from './small-search.ts';

/** Any of them tells; there are some, because the one that changed last is often deleted next. */
const COUNT = 5;

/** The order of changes, from the attribute that shows them; `null` where its value cannot be told, or not be believed. */
function orderOf(tracking: ChangeTracking, text: string): number | null {
  if (tracking === 'USN_CHANGED') return /^\d{1,19}$/.test(text) ? Number(text) : null;
  const timeMs = parseGeneralizedTime(text);
  return timeMs === null || farAhead(timeMs) ? null : timeMs;
}

interface Testimony {
  /** Why everybody has to be read, in words; `null` where the witnesses raise no doubt. */
  readonly why: string | null;
  /** Witnesses who are as they were. */
  readonly unchanged: ReadonlySet<string>;
}

/** How long a change may take to every server behind one address, and our clock, both in milliseconds. */
export interface Waiting {
  readonly overlapMs: number;
  readonly now: number;
}

export const NO_DOUBT: Testimony = { why: null, unchanged: new Set() };

/**
 * Looks at the witnesses of the watermark, each by its DN, which takes no index. One that was seen a moment ago is passed over:
 * behind one address there may be a server to which its change has not come yet.
 */
export async function hearWitnesses(
  connection: Connection,
  since: Watermark,
  waiting: Waiting,
): Promise<Testimony> {
  const attribute = changeAttribute(since.tracking);
  const heard = dueOf(since, waiting);
  if (attribute === null || heard.length === 0) return NO_DOUBT;
  const signs = await Promise.all(heard.map((witness) => signOf(connection, witness, attribute, since)));
  const older = heard.find((_, at) => signs[at] === 'OLDER');
  if (older !== undefined) {
    const why = `${older.dn} is as it was before its latest change: the server was restored from an older copy`;
    return { why, unchanged: new Set() };
  }
  if (signs.every((sign) => sign === 'MISSING')) {
    const who = heard.length === 1 ? 'The entry' : `All ${heard.length} entries`;
    const why = `${who} that changed last cannot be found: the server may have been restored from an older copy, or ldap.baseDn names another entry than last time`;
    return { why, unchanged: new Set() };
  }
  return { why: null, unchanged: new Set(heard.filter((_, at) => signs[at] === 'SAME').map(({ dn }) => dn)) };
}

/** Whether every server must know the latest of them by now. A USN is of one server alone. */
function areDue(tracking: ChangeTracking, { since }: Witnesses, { overlapMs, now }: Waiting): boolean {
  // A clock that was set back says nothing about what has passed.
  return tracking === 'USN_CHANGED' || now < since || now - since >= overlapMs;
}

function dueOf({ tracking, witnesses }: Watermark, waiting: Waiting): readonly Witness[] {
  if (witnesses === undefined) return [];
  const { settled, latest } = witnesses;
  const all = areDue(tracking, witnesses, waiting) ? [...latest, ...settled] : settled;
  return all.filter(({ dn }, at) => all.findIndex((other) => other.dn === dn) === at);
}

async function signOf(
  connection: Connection,
  witness: Witness,
  attribute: string,
  { tracking }: Watermark,
): Promise<'OLDER' | 'SAME' | 'LATER' | 'MISSING' | 'SILENT'> {
  const answer = await searchSmall(connection, {
    base: witness.dn,
    scope: 'BASE',
    filter: { type: 'PRESENT', attribute: 'objectClass' },
    attributes: [attribute],
  });
  // Whatever ails the connection, the read itself will find out.
  if (!answer.answered) return 'SILENT';
  const { code } = answer.result;
  if (code === RESULT.NO_SUCH_OBJECT) return 'MISSING';
  const [entry] = answer.entries;
  if (code !== RESULT.SUCCESS) return 'SILENT';
  if (entry === undefined) return 'MISSING';
  const [before, after] = [witness.changed, textsOf(entry, attribute)[0] ?? ''].map((text) =>
    orderOf(tracking, text),
  );
  if (before === null || before === undefined || after === null || after === undefined) return 'SILENT';
  if (after === before) return 'SAME';
  return after < before ? 'OLDER' : 'LATER';
}

/** Notes, during a read, which entries showed the latest changes. */
class WitnessFinder {
  readonly #tracking: ChangeTracking;
  readonly #attribute: string | null;
  /** Latest first. */
  readonly #seen: { readonly dn: string; readonly changed: string; readonly order: number }[] = [];
  #least = -Infinity;

  constructor(tracking: ChangeTracking) {
    this.#tracking = tracking;
    this.#attribute = changeAttribute(tracking);
  }

  see(entry: Entry): void {
    if (this.#attribute === null) return;
    const text = valuesOf(entry, this.#attribute)[0];
    if (text !== undefined) this.#add(entry.dn, text);
  }

  #add(dn: string, changed: string): void {
    const order = orderOf(this.#tracking, changed);
    if (order === null || order <= this.#least) return;
    const seen = this.#seen;
    if (seen.some((other) => other.dn === dn)) return;
    const place = seen.findIndex((other) => other.order < order);
    seen.splice(place === -1 ? seen.length : place, 0, { dn, changed, order });
    if (seen.length > COUNT) seen.pop();
    if (seen.length === COUNT) this.#least = seen[COUNT - 1]?.order ?? -Infinity;
  }

  /**
   * The witnesses of this read; `undefined` where there is nobody.
   * @param before those of the watermark from which the read began; `undefined` where everybody was read for want of any
   */
  finish(before: Witnesses | undefined, testimony: Testimony, waiting: Waiting): Witnesses | undefined {
    // Who is not due yet is waited for: where runs follow each other closely, nobody would ever be.
    if (before !== undefined && !areDue(this.#tracking, before, waiting)) return before;
    const { latest: former = [], settled: elder = [] } = before ?? {};
    const isUnchanged = ({ dn }: Witness): boolean => testimony.unchanged.has(dn);
    for (const { dn, changed } of [...former, ...elder].filter(isUnchanged)) this.#add(dn, changed);
    const latest = this.#seen.map(({ dn, changed }) => ({ dn, changed }));
    if (latest.length === 0) return undefined;
    const isAsBefore = JSON.stringify(former) === JSON.stringify(latest);
    const since = isAsBefore && before !== undefined ? before.since : waiting.now;
    return { latest, settled: former.filter(isUnchanged), since };
  }
}

/** The finder of a watermark that finds its witnesses, too. Of a server that was restored the former ones are forgotten. */
export function withWitnesses(
  finder: Pick<WatermarkFinder, 'see' | 'finish'>,
  tracking: ChangeTracking,
  since: Watermark | null,
  testimony: Testimony,
  waiting: Waiting,
): Pick<WatermarkFinder, 'see' | 'finish'> {
  const witnesses = new WitnessFinder(tracking);
  return {
    see(entry) {
      finder.see(entry);
      witnesses.see(entry);
    },
    finish() {
      const watermark = finder.finish();
      if (watermark === null) return null;
      const found = witnesses.finish(
        testimony.why === null ? since?.witnesses : undefined,
        testimony,
        waiting,
      );
      return found === undefined ? watermark : { ...watermark, witnesses: found };
    },
  };
}
