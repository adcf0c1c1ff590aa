/** What goes wrong in one answer of the directory, drawn from the seed. */

import type { Misbehave, Misbehaviour, SearchSeen } from '../../../src/demo/ldap-misbehaviour.ts';
import { chanceOf, pickBy } from './dice.ts';
import type { FaultBook, FaultKind } from './fault-kinds.ts';
import { PEOPLE_BASE } from './people.ts';

export interface DirectoryDraw {
  readonly seed: number;
  readonly run: number;
  readonly kinds: ReadonlySet<FaultKind>;
  /** The share of pages at which each kind of fault happens. */
  readonly rate: number;
  readonly identityAttribute: string;
  readonly ignoresReferrals: boolean;
  readonly book: FaultBook;
}

interface Choice {
  readonly kind: FaultKind;
  readonly faults: readonly Misbehaviour[];
}

/** Where nobody answers: a referral that cannot be followed. */
const ELSEWHERE = 'ldap://127.0.0.1:9/OU=Elsewhere,OU=People,DC=example,DC=com';
const HARMLESS: ReadonlySet<Misbehaviour> = new Set<Misbehaviour>(['EMPTY_PAGE', 'REPEATED_PAGE', 'EMPTY']);

/** The plan of one run. */
export function directoryFaults(draw: DirectoryDraw): Misbehave {
  const times = new Map<string, number>();
  return (seen) => {
    const place = placeOf(seen);
    const time = (times.get(place) ?? 0) + 1;
    times.set(place, time);
    const choices = choicesFor(place, seen, draw);
    const drawn = choices.find(
      ({ kind }) =>
        draw.kinds.has(kind) && chanceOf(draw.seed, draw.run, 'ldap', place, time, kind) < draw.rate,
    );
    if (drawn === undefined) return null;
    const share = chanceOf(draw.seed, draw.run, 'which', place, time, drawn.kind);
    const fault = pickBy(share, drawn.faults);
    note(fault, place, seen, draw);
    return fault;
  };
}

type Place = 'CHECK' | 'PAGE' | 'RANGE';

function placeOf({ base, paged }: SearchSeen): Place {
  if (paged) return 'PAGE';
  return /^CN=user/i.test(base) && base.toLowerCase().endsWith(PEOPLE_BASE.toLowerCase()) ? 'RANGE' : 'CHECK';
}

function choicesFor(place: Place, seen: SearchSeen, draw: DirectoryDraw): Choice[] {
  const lost: Choice[] = [
    { kind: 'drop', faults: ['DISCONNECT', 'HALF_MESSAGE', 'NOTICE', 'MID_PAGE'] },
    { kind: 'hang', faults: ['HANG'] },
  ];
  if (place === 'CHECK') return lost.filter(() => chanceOf(draw.seed, draw.run, 'check') < 0.1);
  if (place === 'RANGE') return [...lost, { kind: 'range', faults: ['DISCONNECT', 'EMPTY', 1, 50] }];
  return [
    ...lost,
    { kind: 'limit', faults: [3, 4, 11, 51] },
    { kind: 'referral', faults: [{ reference: ELSEWHERE }] },
    { kind: 'empty', faults: seen.page === 1 ? ['EMPTY'] : [] },
    { kind: 'emptyPage', faults: ['EMPTY_PAGE'] },
    { kind: 'cookie', faults: ['NO_PAGING', 'SAME_COOKIE', 'REPEATED_PAGE'] },
    { kind: 'noIdentity', faults: seen.entryCount > 0 ? [{ hidden: draw.identityAttribute }] : [] },
  ].filter(({ faults }) => faults.length > 0) as Choice[];
}

function note(
  fault: Misbehaviour,
  place: Place,
  seen: SearchSeen,
  { book, ignoresReferrals }: DirectoryDraw,
): void {
  const text = typeof fault === 'object' ? JSON.stringify(fault) : String(fault);
  book.hits.push(`${place} ${seen.page}: ${text}`);
  if (fault === 'EMPTY' && place === 'PAGE' && seen.entryCount > 0) book.lied = true;
  if (place === 'CHECK') return;
  const isIgnored = typeof fault === 'object' && 'reference' in fault && ignoresReferrals;
  if (place === 'RANGE' || !(HARMLESS.has(fault) || isIgnored)) book.torn = true;
}
