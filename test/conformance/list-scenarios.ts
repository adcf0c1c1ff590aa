/** Walking the list of users on services whose numbers cannot be believed: nobody is missed, nobody comes twice. */

import type { Body } from '../servers/hostile-scim-store.ts';
import { say, EVER } from './behaviour.ts';
import type { Scenario } from './scenario.ts';

type Lie = (page: readonly Body[], startIndex: number) => Body;

function numbered(count: number): Body[] {
  return Array.from({ length: count }, (_, i) => ({ id: String(i + 1), userName: `u${i + 1}@example.com` }));
}

/** A list of users in pages of at most `cap`, about which the service says something of its own. */
function listing(
  number: number,
  title: string,
  users: readonly Body[],
  cap: number,
  lie: Lie,
  requests: number,
): Scenario {
  return {
    number,
    title,
    service: (server) =>
      server.on(
        'GET',
        (step) => {
          const startIndex = Number(step.seen.query.get('startIndex') ?? '1');
          const count = Math.min(cap, Number(step.seen.query.get('count') ?? String(cap)));
          const page = users.slice(startIndex - 1, startIndex - 1 + count);
          step.send(200, {
            startIndex,
            itemsPerPage: page.length,
            Resources: page,
            ...lie(page, startIndex),
          });
        },
        EVER,
      ),
    tasks: [{ list: () => [...new Set(users.map((user) => String(user['id'])))] }],
    expect: { ends: 'DONE', users: {}, requests },
  };
}

const twice = numbered(20);
twice.splice(10, 0, { ...twice[3] });

export const LIST_SCENARIOS: readonly Scenario[] = [
  listing(
    44,
    'a total that shrinks and grows meanwhile',
    numbered(450),
    100,
    (_, at) => ({ totalResults: at % 200 === 1 ? 470 : 440 }),
    7,
  ),
  listing(45, 'fewer than asked', numbered(120), 50, () => ({ totalResults: 120 }), 4),
  listing(46, 'an itemsPerPage of 0', numbered(30), 7, () => ({ totalResults: 30, itemsPerPage: 0 }), 6),
  listing(
    47,
    'a total that is the length of the page',
    numbered(30),
    10,
    (page) => ({ totalResults: page.length }),
    5,
  ),
  listing(48, 'a user on two pages', twice, 10, () => ({ totalResults: 21 }), 4),
  {
    number: 48,
    title: 'the same page for ever',
    service: (server) =>
      server.on('GET', say(200, { totalResults: 1_000_000, Resources: numbered(10) }), EVER),
    tasks: [{ list: () => numbered(10).map((user) => String(user['id'])) }],
    expect: { ends: 'DONE', users: {}, requests: 10 },
  },
  listing(49, '20,000 users', numbered(20_000), 200, () => ({ totalResults: 20_000 }), 101),
  listing(
    50,
    'numbers as strings',
    numbered(25),
    10,
    (page, at) => ({ totalResults: '25', startIndex: String(at), itemsPerPage: String(page.length) }),
    4,
  ),
];
