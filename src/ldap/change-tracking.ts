/** How an incremental read finds what changed: which attribute, from which point on, and where the next one may start. */

import type { Uptime } from '../lib/boot.ts';
import type { Entry } from '../model/entry.ts';
import { valuesOf } from '../model/entry.ts';
import type { ChangeTracking, Log, Watermark } from '../model/ports.ts';
import { atLeast } from './filter.ts';
import type { Filter } from './filter.ts';
import { formatGeneralizedTime, parseGeneralizedTime } from './generalized-time.ts';
import type { Connection } from './connection.ts';
import { readServerId } from './root-dse.ts';
import type { RootDse } from './root-dse.ts';
import { momentOf, serverTimeMs, SETTLED_MS } from './server-clock.ts';
import { formatServer } from './server-url.ts';

/**
 * How far a time may lie ahead of our clock and still be believed: one entry of the year 2099 would otherwise hide every
 * change until then. Our clock may only distrust; a watermark is never made of it.
 */
const BELIEVED_AHEAD_MS = 24 * 60 * 60 * 1000;

export function farAhead(timeMs: number): boolean {
  return timeMs > Date.now() + BELIEVED_AHEAD_MS;
}

/**
 * The tracking that the server can serve. A USN needs the server's own counter and name; where the wish cannot be
 * met the answer is COMPARE, which reads everything and therefore misses nothing.
 */
export function chooseTracking(
  wish: ChangeTracking | 'AUTO',
  rootDse: RootDse,
  modifyTimestamp: boolean,
): ChangeTracking {
  const usn = rootDse.highestCommittedUsn !== null && rootDse.serviceName !== null;
  switch (wish) {
    case 'USN_CHANGED':
      return usn ? 'USN_CHANGED' : 'COMPARE';
    case 'AUTO':
      if (rootDse.kind === 'ACTIVE_DIRECTORY') return usn ? 'USN_CHANGED' : 'WHEN_CHANGED';
      return modifyTimestamp ? 'MODIFY_TIMESTAMP' : 'COMPARE';
    default:
      return wish;
  }
}

/** Whose word a watermark is; see {@link Watermark}. */
export type WatermarkOwner = Pick<Watermark, 'serverId' | 'url' | 'address'>;

/**
 * Who answers on this connection, as far as a watermark is bound to it. A USN counts on one domain controller only, and so
 * does whenChanged. Other times are those of whoever answers, unless `several` servers may: then a change may reach one
 * long after the other.
 */
export async function ownerOf(
  tracking: ChangeTracking,
  connection: Connection,
  rootDse: RootDse,
  several: boolean,
): Promise<WatermarkOwner> {
  if (tracking === 'COMPARE') return { serverId: null };
  const url = formatServer(connection.server);
  const byController = tracking === 'USN_CHANGED' || tracking === 'WHEN_CHANGED';
  const controller = byController ? await readServerId(connection, rootDse) : null;
  const owner = several ? { serverId: controller ?? url, url } : { serverId: controller };
  return connection.address === null ? owner : { ...owner, address: connection.address };
}

/**
 * Why what a watermark of one server says does not hold at another; `null` where they are one. A domain controller is known by
 * its id. Other servers show none, so that each address counts as a server of its own.
 */
export function anotherServer(
  since: WatermarkOwner,
  { serverId, url, address }: WatermarkOwner,
): string | null {
  if (since.serverId !== serverId) return 'another server answers than in the last run';
  const isController = serverId !== null && serverId !== url;
  if (isController || since.address === undefined || since.address === address) return null;
  return `another server answers than in the last run: ${address ?? 'an unknown address'}, not ${since.address}`;
}

/** What an account that may not read the invocation id makes of the watermark; `null` where it may, or none is needed. */
export function identityWarning(
  tracking: ChangeTracking,
  owner: WatermarkOwner,
  rootDse: RootDse,
): string | null {
  if (owner.serverId === null || owner.serverId !== rootDse.serviceName) return null;
  const counter = tracking === 'USN_CHANGED' ? 'its update sequence number and ' : '';
  return `The invocation id of the domain controller cannot be read, so that a restore from a backup is noticed only by ${counter}the entries that changed last. Give ldap.bind.user the right to read invocationId of ${rootDse.serviceName}, or run c42uds --sync-now --full-sync after a restore.`;
}

/** The attribute that a tracking looks at; `null` for COMPARE. */
export function changeAttribute(tracking: ChangeTracking): string | null {
  const names = {
    USN_CHANGED: 'uSNChanged',
    WHEN_CHANGED: 'whenChanged',
    MODIFY_TIMESTAMP: 'modifyTimestamp',
  };
  return tracking === 'COMPARE' ? null : names[tracking];
}

/** Whether entries changed since the watermark can be asked for here; if not, why everything must be read. */
export function canReadSince(
  since: Watermark,
  tracking: ChangeTracking,
  rootDse: RootDse,
  owner: WatermarkOwner,
): true | string {
  if (tracking === 'COMPARE') return 'ldap.change.tracking is COMPARE: every run reads everything';
  if (since.tracking !== tracking)
    return `the last run tracked changes by ${since.tracking}, this one by ${tracking}`;
  const other = anotherServer(since, owner);
  if (other !== null) return other;
  if (tracking === 'USN_CHANGED') {
    if (!/^\d+$/.test(since.value)) return `the stored watermark is no USN: ${since.value}`;
    const now = rootDse.highestCommittedUsn;
    if (now === null || BigInt(now) < BigInt(since.value)) {
      return 'the update sequence number of the domain controller went backwards: it was restored from a backup';
    }
    return true;
  }
  const sinceMs = parseGeneralizedTime(since.value);
  if (sinceMs === null) return `the stored watermark is no time: ${since.value}`;
  if (farAhead(sinceMs)) {
    return `the stored watermark ${since.value} lies more than a day ahead of the clock of this computer`;
  }
  const nowMs = rootDse.currentTime === null ? null : parseGeneralizedTime(rootDse.currentTime);
  if (nowMs !== null && nowMs < sinceMs) return "the directory server's clock went backwards";
  return true;
}

/** The filter for entries changed since then; `null` where the watermark does not say. Call {@link canReadSince} before. */
export function sinceFilter(since: Watermark, overlapMs: number): Filter | null {
  if (since.tracking === 'COMPARE') return null;
  if (since.tracking === 'USN_CHANGED') return atLeast('uSNChanged', (BigInt(since.value) + 1n).toString());
  const sinceMs = parseGeneralizedTime(since.value);
  if (sinceMs === null) return null;
  const from = formatGeneralizedTime(sinceMs - overlapMs);
  // Active Directory's own notation has a fraction.
  if (since.tracking === 'WHEN_CHANGED') return atLeast('whenChanged', from.replace('Z', '.0Z'));
  return atLeast('modifyTimestamp', from);
}

export interface WatermarkInput {
  readonly tracking: ChangeTracking;
  /** Read just before the first search is sent. */
  readonly rootDse: RootDse;
  readonly owner: WatermarkOwner;
  /** From where this read reads; `null`: everything. */
  readonly since: Watermark | null;
  /** The watermark of the last run, from which the time at the server is reckoned. */
  readonly last: Watermark | null;
  readonly overlapMs: number;
  /** When the read begins. */
  readonly uptime: Uptime;
  readonly log: Log;
}

/** Works out, during a read, where the next one may start. From our clock come a duration and distrust, no time. */
export class WatermarkFinder {
  readonly #input: WatermarkInput;
  readonly #attribute: string | null;
  readonly #startedMs = performance.now();
  readonly #startedAtMs = Date.now();
  #largest = '';
  #largestMs: number | null = null;
  #warned = false;

  /** To be made before the first search is sent. */
  constructor(input: WatermarkInput) {
    this.#input = input;
    const { tracking } = input;
    const byTime = tracking === 'WHEN_CHANGED' || tracking === 'MODIFY_TIMESTAMP';
    this.#attribute = byTime && this.#serverTimeMs() === null ? changeAttribute(tracking) : null;
  }

  /** Looks at an entry that the main server sent. */
  see(entry: Entry): void {
    if (this.#attribute === null) return;
    const text = valuesOf(entry, this.#attribute)[0];
    if (text !== undefined) this.seeTime(text, entry.dn);
  }

  /** Looks at the time of a change that the main server showed, whatever it was that changed. */
  seeTime(text: string, dn: string): void {
    if (this.#attribute === null || text === this.#largest) return;
    // Times of one server have one notation, in which the order of the texts is that of the times.
    if (text.length === this.#largest.length && text < this.#largest) return;
    const timeMs = parseGeneralizedTime(text);
    if (timeMs === null || (this.#largestMs !== null && timeMs <= this.#largestMs)) return;
    if (farAhead(timeMs)) return this.#warn(dn, text);
    this.#largest = text;
    this.#largestMs = timeMs;
  }

  /** After a complete read. `null` where the next run has to read everything. */
  finish(): Watermark | null {
    const { tracking, owner, rootDse } = this.#input;
    switch (tracking) {
      case 'COMPARE':
        return null;
      case 'USN_CHANGED':
        if (rootDse.highestCommittedUsn === null || owner.serverId === null) return null;
        return { tracking: 'USN_CHANGED', ...owner, value: rootDse.highestCommittedUsn };
      default:
        return this.#time();
    }
  }

  #warn(dn: string, text: string): void {
    if (this.#warned) return;
    this.#warned = true;
    this.#input.log.warn(
      'LdapService',
      `The ${this.#attribute} of ${dn}, ${text}, lies more than a day ahead of the clock of this computer. Such times do not count for where the next incremental run starts.`,
    );
  }

  #time(): Watermark | null {
    const shownMs = this.#serverTimeMs();
    if (shownMs !== null) return this.#watermarkAt(shownMs);
    const { since, uptime } = this.#input;
    const sinceMs = since === null ? null : parseGeneralizedTime(since.value);
    const previousMs = sinceMs === null || farAhead(sinceMs) ? null : sinceMs;
    // What the read missed was changed after it began, so not earlier than its duration before the last change it saw.
    const seenMs = this.#largestMs === null ? null : this.#largestMs - (performance.now() - this.#startedMs);
    if (seenMs === null && previousMs === null) return null;
    const nowMs = Math.max(seenMs ?? -Infinity, this.#reckonedMs() ?? -Infinity);
    const fromMs = Math.max(seenMs ?? -Infinity, previousMs ?? -Infinity, this.#settledMs(nowMs));
    // A time that is still to come was borne by a server whose clock was wrong: what changes until then would be lost. Beginning
    // earlier only reads more, so that our clock, if it is slow, does no harm.
    const watermark = this.#watermarkAt(Math.min(fromMs, this.#startedAtMs));
    return Number.isFinite(nowMs) ? { ...watermark, moment: momentOf(nowMs, uptime) } : watermark;
  }

  /**
   * Behind the latest change, where so much time has passed since that no other can bear its time any more: else what was
   * loaded in one go would be read again in every run until somebody changes something.
   * @param nowMs the earliest that it can have been at the server when the read began
   */
  #settledMs(nowMs: number): number {
    const { overlapMs } = this.#input;
    if (this.#largestMs === null || nowMs < this.#largestMs + overlapMs + SETTLED_MS) return -Infinity;
    return this.#largestMs + Math.ceil(overlapMs / 1000) * 1000 + 1000;
  }

  #reckonedMs(): number | null {
    const { last, tracking, owner, uptime } = this.#input;
    if (last === null || last.tracking !== tracking || anotherServer(last, owner) !== null) return null;
    return serverTimeMs(last.moment, uptime);
  }

  #serverTimeMs(): number | null {
    const { currentTime } = this.#input.rootDse;
    return currentTime === null ? null : parseGeneralizedTime(currentTime);
  }

  #watermarkAt(timeMs: number): Watermark {
    const { tracking, owner } = this.#input;
    return { tracking, ...owner, value: formatGeneralizedTime(timeMs) };
  }
}
