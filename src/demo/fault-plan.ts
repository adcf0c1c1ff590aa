/** Faults that the demo service commits on request: what happens to one HTTP exchange, and seeded plans of many. */

import { seededRandom } from './random.ts';

/**
 * One exchange that goes wrong. ANSWER answers in place of the service, after doing what was asked where `commit` is
 * true. LOSE_REQUEST cuts the connection before anything is done, LOSE_ANSWER after, CUT_ANSWER in the middle of the
 * body. DELAY does everything right, late.
 */
export type Fault =
  | {
      readonly kind: 'ANSWER';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
      readonly commit?: boolean;
    }
  | { readonly kind: 'LOSE_REQUEST' | 'LOSE_ANSWER' | 'CUT_ANSWER' }
  | { readonly kind: 'DELAY'; readonly delayMs: number };

/** What a fault plan is told of a request; `count` counts the service's requests from 1. */
export interface RequestSeen {
  readonly count: number;
  readonly method: string;
  /** The path below the base URL, with the query. */
  readonly path: string;
}

export type FaultPlan = (request: RequestSeen) => Fault | null;

const FAULTS: readonly Fault[] = [
  { kind: 'LOSE_REQUEST' },
  { kind: 'LOSE_ANSWER' },
  { kind: 'CUT_ANSWER' },
  { kind: 'DELAY', delayMs: 30 },
  { kind: 'ANSWER', status: 500 },
  {
    kind: 'ANSWER',
    status: 502,
    headers: { 'Content-Type': 'text/html' },
    body: '<h1>Bad Gateway</h1>',
    commit: true,
  },
  { kind: 'ANSWER', status: 503, headers: { 'Retry-After': '0' } },
  { kind: 'ANSWER', status: 429, headers: { 'Retry-After': '1' } },
];

/** A plan by which about `share` (0 to 1) of the requests go wrong, each in a way of its own; the same for the same seed. */
export function randomFaults(seed: number, share: number, faults: readonly Fault[] = FAULTS): FaultPlan {
  const random = seededRandom(seed);
  return () => (random.next() < share ? random.pick(faults) : null);
}
