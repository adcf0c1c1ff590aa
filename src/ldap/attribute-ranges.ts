/** Reads the rest of attributes that Active Directory sends in ranges ([MS-ADTS] 3.1.1.3.1.3.3): a shortened list is never passed on. */

import type { Entry } from '../model/entry.ts';
import type { Connection } from './connection.ts';
import type { DecodedEntries, OpenRange, RangedEntry } from './entry-decoder.ts';
import { decodeSingleValue } from './entry-decoder.ts';
import { describeResult, RESULT } from './result-codes.ts';
import { searchSmall } from './small-search.ts';
import type { RawEntry } from './small-search.ts';

/** At 1500 values each: 15 million values of one attribute. */
const MAX_RANGES = 10_000;

/**
 * Completes the entries in `decoded.ranged` and moves them to `entries`, or to `unusable` where a range cannot be
 * read to its end. Uses the connection for as long; never throws for what the server does.
 */
export async function completeRanges(connection: Connection, decoded: DecodedEntries): Promise<void> {
  const { ranged } = decoded;
  decoded.ranged = [];
  for (const { entry, ranges } of ranged) {
    const problem = await completeEntry(connection, { entry, ranges });
    if (problem === null) decoded.entries.push(entry);
    else decoded.unusable.push({ dn: entry.dn, message: problem });
  }
}

async function completeEntry(connection: Connection, { entry, ranges }: RangedEntry): Promise<string | null> {
  for (const range of ranges) {
    const problem = await completeRange(connection, entry, range);
    if (problem !== null) return `the values of ${range.attribute} could not be read to the end: ${problem}`;
  }
  return null;
}

async function completeRange(connection: Connection, entry: Entry, range: OpenRange): Promise<string | null> {
  let next = range.next;
  for (let i = 0; i < MAX_RANGES; i++) {
    const answer = await searchSmall(connection, {
      base: entry.dn,
      scope: 'BASE',
      filter: { type: 'PRESENT', attribute: 'objectClass' },
      attributes: [`${range.attribute};range=${next}-*`],
    });
    if (!answer.answered) return answer.reason;
    if (answer.result.code !== RESULT.SUCCESS) return describeResult(answer.result);
    const found = rangeIn(answer.entries[0], range.attribute);
    if (found === null) return `the server did not send the values from ${next} on`;
    if (found.low !== next)
      return `the server sent the values from ${found.low} on where those from ${next} were asked for`;
    for (const value of found.values) range.values.push(decodeSingleValue(value, range.attribute));
    if (found.high === null) return null;
    if (found.high < next || found.values.length === 0)
      return `the server sends no more values from ${next} on`;
    next = found.high + 1;
  }
  return `there are more than ${MAX_RANGES} ranges`;
}

interface FoundRange {
  readonly low: number;
  /** `null`: these are the last values. */
  readonly high: number | null;
  readonly values: readonly Buffer[];
}

function rangeIn(entry: RawEntry | undefined, attribute: string): FoundRange | null {
  const wanted = attribute.toLowerCase();
  for (const [description, values] of entry?.attributes ?? []) {
    const found = /^(.*);range=([0-9]+)-([0-9]+|\*)$/.exec(description);
    if (found === null || found[1] !== wanted) continue;
    return { low: Number(found[2]), high: found[3] === '*' ? null : Number(found[3]), values };
  }
  return null;
}
