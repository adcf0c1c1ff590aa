/** Throttling, refusals and odd answers: what is waited out, what costs one user, and what ends all work. */

import { gzipSync } from 'node:zlib';
import type { HostileScim, Script } from '../servers/hostile-scim.ts';
import { instead, obey, refuse, say, EVER } from './behaviour.ts';
import { person, type Scenario } from './scenario.ts';

const ada = person('ada@example.com');
const people = Array.from({ length: 6 }, (_, i) => person(`u${i}@example.com`));
const PEOPLE = Object.fromEntries(people.map(({ userName, externalId }) => [userName, { externalId }]));

function provisioning(
  number: number,
  title: string,
  requests: number,
  service: Scenario['service'],
): Scenario {
  const users = { [ada.userName]: { externalId: ada.externalId, title: 'Analyst' } };
  return { number, title, service, tasks: [{ provision: ada }], expect: { ends: 'DONE', users, requests } };
}

/** The first user fails, the next one does not. */
function costingOne(
  number: number,
  title: string,
  requests: number,
  answer: Script,
  times = 1,
  words = /ada@/,
): Scenario {
  return {
    number,
    title,
    service: (server) =>
      server.on('POST', (step) => (isAda(step.seen.body) ? answer(step) : obey(step)), times + 1),
    tasks: [{ provision: ada }, { provision: person('bob@example.com') }],
    expect: { ends: ['FAILED', 'DONE'], users: { 'bob@example.com': {} }, requests, words },
  };
}

function isAda(body: Readonly<Record<string, unknown>> | null): boolean {
  return body?.['userName'] === ada.userName;
}

/** All work ends with the first answer, whatever else was to be done. */
function ending(number: number, title: string, answer: Script, words: RegExp): Scenario {
  return {
    number,
    title,
    connections: 1,
    service: (server) => server.on('', answer, EVER),
    tasks: people.map((each) => ({ provision: each })),
    expect: { ends: 'STOPPED', users: {}, requests: 1, words },
  };
}

/** Refuses once and then remembers when the next request came. */
function holding(
  number: number,
  title: string,
  requests: number,
  refusal: Script,
  leastMs: number,
): Scenario {
  const arrivals = new WeakMap<HostileScim, number[]>();
  return {
    number,
    title,
    connections: 6,
    service: (server) => {
      const times: number[] = [];
      arrivals.set(server, times);
      server.on('POST', (step) => {
        times.push(performance.now());
        return refusal(step);
      });
      server.on('POST', (step) => (times.push(performance.now()), obey(step)), EVER);
    },
    atOnce: true,
    tasks: people.map((each) => ({ provision: each })),
    expect: {
      ends: 'DONE',
      users: PEOPLE,
      requests,
      wrong: (server) => {
        const [first = 0, ...rest] = arrivals.get(server) ?? [];
        // Those that were on their way when the refusal came do not count.
        const early = rest.filter((at) => at - first > 30 && at - first < leastMs).length;
        return early === 0 ? null : `${early} requests came before ${leastMs} ms were over`;
      },
    },
  };
}

const date = new Date(Date.parse('2020-10-21T07:28:00Z'));
const inOneSecond = new Date(date.getTime() + 1_000).toUTCString();

export const REFUSAL_SCENARIOS: readonly Scenario[] = [
  holding(
    51,
    'a 429 with Retry-After in seconds holds every worker',
    14,
    refuse(429, null, { 'retry-after': '1' }),
    950,
  ),
  holding(
    52,
    'a 429 with Retry-After as a date, by a clock of its own',
    14,
    refuse(429, null, { 'retry-after': inOneSecond, date: date.toUTCString() }),
    950,
  ),
  ...['soon', '-5', '0', '99999999999999999999'].map((text) =>
    provisioning(53, `a Retry-After of ${text}`, 2, (server) =>
      server.on('POST', refuse(429, null, { 'retry-after': text })),
    ),
  ),
  holding(54, 'a 503 with Retry-After', 20, refuse(503, null, { 'retry-after': '1' }), 950),
  provisioning(54, 'a 503 without Retry-After', 4, (server) => server.on('POST', say(503, '<h1>Down</h1>'))),
  provisioning(55, 'a 500 that passes', 7, (server) => server.on('POST', refuse(500), 2)),
  costingOne(56, 'a 500 for one user for ever', 30, refuse(500), 20),
  ending(57, 'a 401', refuse(401), /401/),
  costingOne(58, 'a 403 to the change of one user', 2, refuse(403), 1, /403/),
  costingOne(58, 'a 403 with a scimType', 2, refuse(403, 'sensitive')),
  costingOne(59, 'a 400 invalidValue', 2, refuse(400, 'invalidValue'), 1, /invalidValue/),
  costingOne(60, 'a 413', 2, refuse(413), 1, /413/),
  provisioning(60, 'a 414 to a filter', 4, (server) => {
    server.on(
      'POST',
      instead((step) => step.hangUp()),
    );
    server.on('GET', say(414));
  }),
  costingOne(
    61,
    'an error that is an HTML page',
    2,
    say(400, '<html><body><h1>Blocked</h1></body></html>'),
    1,
    /Blocked/,
  ),
  costingOne(61, 'an error without a body', 2, say(400), 1, /400/),
  costingOne(61, 'an error of 5 MB', 2, say(400, 'x'.repeat(5_000_000)), 1, /^.{1,500}$/m),
  costingOne(61, 'an error that was compressed unasked', 2, (step) =>
    step.send(400, gzipSync(JSON.stringify({ detail: 'zipped' })), { 'content-encoding': 'gzip' }),
  ),
  costingOne(
    61,
    'an error that repeats the password',
    2,
    say(400, 'password correct horse battery'),
    1,
    /^(?!.*correct horse)/s,
  ),
  costingOne(
    62,
    'a status as a number in the body',
    2,
    say(400, { status: 400, scimType: 'invalidValue', detail: 'no' }),
  ),
  provisioning(63, 'members that nobody knows', 1, (server) =>
    server.on(
      'POST',
      instead((step, body) =>
        step.send(201, { ...body, 'urn:vendor:x': { deep: [{}] }, surprise: [null, 1] }),
      ),
    ),
  ),
  ...[301, 302, 303, 307, 308].map((status) =>
    ending(
      64,
      `a redirect (${status})`,
      say(status, null, { location: 'http://127.0.0.1:9/elsewhere' }),
      /127\.0\.0\.1:9/,
    ),
  ),
];
