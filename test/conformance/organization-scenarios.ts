/** Services like Code42's: organizations that are made by being mentioned, roles of their own, and late deactivations. */

import type { Body } from '../servers/hostile-scim-store.ts';
import { instead, loseAnswer, refuse, EVER } from './behaviour.ts';
import { person, type Person, type Scenario } from './scenario.ts';

const ada = person('ada@example.com');
const members = Array.from({ length: 24 }, (_, i) => person(`u${i}@example.com`, { org: `Org ${i % 3}` }));
const ORGS = ['Org 0', 'Org 1', 'Org 2'];

function usersOf(people: readonly Person[]): Record<string, Body> {
  return Object.fromEntries(people.map(({ userName, externalId }) => [userName, { externalId }]));
}

/** Many users of few new organizations at once, on a service that makes one for each request that finds none. */
function newOrganizations(
  title: string,
  requests: number,
  service: Scenario['service'],
  ends: Scenario['expect']['ends'],
  users: Record<string, Body>,
): Scenario {
  return {
    number: 79,
    title,
    connections: 8,
    service: (server) => {
      server.store.orgGapMs = 5;
      service(server);
    },
    atOnce: true,
    tasks: members.map((each) => ({ provision: each })),
    expect: { ends, users, requests, orgs: ORGS },
  };
}

export const ORGANIZATION_SCENARIOS: readonly Scenario[] = [
  newOrganizations(
    'new organizations named by many users at once',
    24,
    () => undefined,
    'DONE',
    usersOf(members),
  ),
  newOrganizations(
    'new organizations whose first users fail',
    24,
    (server) => server.on('POST', refuse(400, 'invalidValue'), 3),
    members.map((_, i) => (i < 3 ? 'FAILED' : 'DONE')),
    usersOf(members.slice(3)),
  ),
  newOrganizations(
    'new organizations whose first answers are lost',
    30,
    (server) => server.on('POST', loseAnswer, 3),
    'DONE',
    usersOf(members),
  ),
  {
    number: 80,
    title: 'a role that the service does not know',
    service: (server) =>
      server.on(
        'POST',
        instead((step, body) => step.send(201, { ...body, roles: [{ value: 'Desktop User' }] })),
      ),
    tasks: [{ provision: { ...ada, roles: ['Desktop User', 'Astronaut'] } }],
    expect: { ends: 'DONE', users: { [ada.userName]: {} }, requests: 1 },
  },
  {
    number: 81,
    title: 'roles that appear by default',
    service: (server) =>
      server.on(
        '',
        instead((step, body) =>
          step.send(step.seen.method === 'POST' ? 201 : 200, { ...body, roles: [{ value: 'Desktop User' }] }),
        ),
        EVER,
      ),
    tasks: [{ provision: ada }, { change: ada.userName, to: {} }],
    expect: { ends: 'DONE', users: { [ada.userName]: {} }, requests: 1 },
  },
  {
    number: 82,
    title: 'a deactivation that shows only later',
    given: [ada],
    service: (server) =>
      server.on(
        '',
        instead((step, body) => step.send(200, { ...body, active: true })),
        EVER,
      ),
    tasks: [{ change: ada.userName, to: { active: false } }],
    expect: { ends: 'DONE', users: { [ada.userName]: { active: false } }, requests: 3, words: /active/ },
  },
];
