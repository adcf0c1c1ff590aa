/** What goes wrong in one exchange with the service, drawn from the seed. */

import type { ScimAnswer } from '../../../src/demo/scim-routes.ts';
import type { Json } from '../../../src/demo/scim-schema.ts';
import { chanceOf, pickBy } from './dice.ts';
import type { FaultBook, FaultKind } from './fault-kinds.ts';
import type { SeenRequest, ServiceFault } from './faulty-service.ts';

export interface ServiceDraw {
  readonly seed: number;
  readonly run: number;
  readonly kinds: ReadonlySet<FaultKind>;
  /** The share of exchanges at which each kind of fault happens. */
  readonly rate: number;
  readonly book: FaultBook;
}

const PAGE_FOR_PEOPLE = '<html><head><title>Log in</title></head><body><h1>Please log in</h1></body></html>';
const HTML = { 'Content-Type': 'text/html' };
const LONGEST_STORM = 6;

/** Draws the faults of one run; a 429 begins a storm that lasts for some requests. */
export class ServiceFaults {
  readonly #draw: ServiceDraw;
  readonly #times = new Map<string, number>();
  #storm = 0;

  constructor(draw: ServiceDraw) {
    this.#draw = draw;
  }

  next(request: SeenRequest): ServiceFault | null {
    const { seed, run, kinds, rate, book } = this.#draw;
    // What the request is about, not when it came: workers overtake each other.
    const subject = `${request.what} ${request.path} ${request.query.toString()} ${JSON.stringify(request.body?.['externalId'] ?? '')}`;
    const time = (this.#times.get(subject) ?? 0) + 1;
    this.#times.set(subject, time);
    const chance = (word: string): number => chanceOf(seed, run, subject, time, word);
    if (this.#storm > 0) {
      this.#storm -= 1;
      return refusal(chance('asks'));
    }
    for (const [kind, faultsFor] of FAULTS) {
      if (!kinds.has(kind) || chance(kind) >= rate) continue;
      const faults = faultsFor(request, chance('how'));
      if (faults.length === 0) continue;
      const fault = pickBy(chance('which'), faults);
      book.hits.push(`${request.method} ${request.path}: ${kind} ${fault.kind}`);
      if (kind === 'rate') this.#storm = Math.floor(chance('storm') * LONGEST_STORM);
      return fault;
    }
    return null;
  }
}

type FaultsFor = (request: SeenRequest, how: number) => readonly ServiceFault[];

const isWrite = ({ what }: SeenRequest): boolean => what === 'CREATE' || what === 'UPDATE';

const FAULTS: readonly (readonly [FaultKind, FaultsFor])[] = [
  ['rate', (_, how) => [refusal(how)]],
  [
    'lost',
    () => [
      { kind: 'LOSE', commit: false },
      { kind: 'LOSE', commit: true },
    ],
  ],
  ['error', () => [{ kind: 'ANSWER', commit: false, status: 500, text: '{"detail":"NullPointer"}' }]],
  [
    'gateway',
    (_, how) =>
      [502, 503, 504].flatMap((status) => [
        { kind: 'ANSWER', commit: how < 0.5, status, headers: HTML, text: '<h1>Bad Gateway</h1>' },
      ]),
  ],
  ['slow', (_, how) => (how < 0.5 ? [] : [slow('AT_ONCE'), slow('NEVER'), slow('LATE')])],
  [
    'broken',
    () => [
      { kind: 'HALF', hangUp: true },
      { kind: 'HALF', hangUp: false },
    ],
  ],
  [
    'html',
    () =>
      [200, 503].map((status) => ({
        kind: 'ANSWER',
        commit: false,
        status,
        headers: HTML,
        text: PAGE_FOR_PEOPLE,
      })),
  ],
  ['totals', ({ what }, how) => (what === 'LIST' ? [{ kind: 'TWIST', twist: withTotal(how) }] : [])],
  ['pages', ({ what }, how) => (what === 'LIST' ? [{ kind: 'BEND', bend: bentBy(how) }] : [])],
  ['noContent', (request) => (isWrite(request) ? [{ kind: 'TWIST', twist: withoutContent }] : [])],
  ['spelling', (_, how) => [{ kind: 'TWIST', twist: spelledBy(how) }]],
  ['conflict', (request) => (isWrite(request) ? [{ kind: 'ANSWER', commit: false, status: 409 }] : [])],
  ['stale', ({ what }) => (what === 'UPDATE' ? [{ kind: 'ANSWER', commit: false, status: 412 }] : [])],
  ['gone', ({ what }) => (what === 'UPDATE' ? [{ kind: 'ANSWER', commit: false, status: 404 }] : [])],
];

function slow(commit: 'AT_ONCE' | 'NEVER' | 'LATE'): ServiceFault {
  return { kind: 'SLOW', commit };
}

/** 429 with a wish in seconds or as a date, an unreadable one, or none. */
function refusal(how: number): ServiceFault {
  const seconds = 1 + Math.floor(how * 97);
  const date = new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toUTCString();
  const wish = pickBy((how * 31) % 1, [
    { 'Retry-After': String(seconds) },
    { 'Retry-After': date },
    { 'Retry-After': 'soon' },
    {},
  ]);
  const headers = { ...(wish as Record<string, string>), Date: new Date(Date.UTC(2026, 0, 1)).toUTCString() };
  return { kind: 'ANSWER', commit: false, status: 429, headers };
}

/** What a 429 asks for, in milliseconds; `null` for no wish. */
export function askedMs(fault: ServiceFault | null): number | null {
  if (fault?.kind !== 'ANSWER' || fault.status !== 429) return null;
  const wish = fault.headers?.['Retry-After'] ?? 'soon';
  if (/^\d+$/.test(wish)) return Number(wish) * 1000;
  return wish === 'soon' ? null : Date.parse(wish) - Date.UTC(2026, 0, 1);
}

function withTotal(how: number): (answer: ScimAnswer) => ScimAnswer {
  return (answer) => {
    if (answer.body === null) return answer;
    const resources = answer.body['Resources'];
    const length = Array.isArray(resources) ? resources.length : 0;
    const total = Number(answer.body['totalResults']);
    const lie = pickBy(how, [0, 1, length, total + 7, String(total), undefined, Math.max(0, total - 2)]);
    return { ...answer, body: { ...answer.body, totalResults: lie } };
  };
}

/** One user of the page before again, one left out, or a page of one. */
function bentBy(how: number): (query: URLSearchParams) => URLSearchParams {
  return (query) => {
    const bent = new URLSearchParams(query);
    const startIndex = Number(query.get('startIndex') ?? '1');
    if (how < 0.33) bent.set('startIndex', String(Math.max(1, startIndex - 1)));
    else if (how < 0.66) bent.set('startIndex', String(startIndex + 1));
    else bent.set('count', '1');
    return bent;
  };
}

function withoutContent(answer: ScimAnswer): ScimAnswer {
  if (answer.status === 200) return { ...answer, status: 204, body: null };
  return answer.status === 201 ? { ...answer, body: null } : answer;
}

function spelledBy(how: number): (answer: ScimAnswer) => ScimAnswer {
  const upper = how < 0.5;
  return (answer) => {
    if (answer.body === null || answer.status >= 300) return answer;
    return { ...answer, body: respelled(answer.body, upper) as Json };
  };
}

function respelled(value: unknown, upper: boolean): unknown {
  if (Array.isArray(value)) return value.map((each) => respelled(each, upper));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [
      upper ? name.toUpperCase() : name.toLowerCase(),
      name === 'active' ? (each === true ? 'True' : 'False') : respelled(each, upper),
    ]),
  );
}
