/** What a run asks of the directory, and what several reads are worth together. */

import type { DirectoryQuery, ReadVerdict } from '../model/ports.ts';

export const EVERYBODY: DirectoryQuery = { attributes: 'ALL', since: null, extraFilter: null, anyOf: null };

export const NOTHING_READ: ReadVerdict = { complete: true, entryCount: 0, watermark: null };

/** Of a read that was broken off for another one, which says what either was worth. */
export const STOPPED: ReadVerdict = { complete: false, entryCount: 0, reason: 'the read was broken off' };

/** The verdict of two reads: the watermark is the first one's, the only one that began at a known point. */
export function both(first: ReadVerdict, second: ReadVerdict): ReadVerdict {
  const entryCount = first.entryCount + second.entryCount;
  if (!first.complete) return { ...first, entryCount };
  return second.complete ? { ...first, entryCount } : { ...second, entryCount };
}

/** A query in words, for the log. */
export function describeQuery({ since, extraFilter, anyOf }: DirectoryQuery): string {
  const limits = [
    ...(since === null ? [] : [`changed since ${since.tracking} ${since.value}`]),
    ...(extraFilter === null ? [] : [`matching ${extraFilter}`]),
    ...(anyOf === null ? [] : [`by ${anyOf.values.length} values of ${anyOf.attribute ?? 'the identity'}`]),
  ];
  return limits.length === 0 ? 'every user of the search base' : `users ${limits.join(', ')}`;
}
