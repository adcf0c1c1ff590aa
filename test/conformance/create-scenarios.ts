/** Creating users: however odd, late or lost the answer is, there is one user, and the client knows the id. */

import { instead, loseAnswer, loseRequest, cut, obey, refuse, say, EVER } from './behaviour.ts';
import { person, type Scenario } from './scenario.ts';

const ada = person('ada@example.com');
const OTHER = 'somebody-else';

/** One user is provisioned, in at most so many requests. */
function provisioning(
  number: number,
  title: string,
  requests: number,
  service: Scenario['service'],
  wrong?: NonNullable<Scenario['expect']['wrong']>,
): Scenario {
  const users = { [ada.userName]: { externalId: ada.externalId, active: true, title: 'Analyst' } };
  const expect = { ends: 'DONE', users, requests, ...(wrong === undefined ? {} : { wrong }) } as const;
  return { number, title, service, tasks: [{ provision: ada }], expect };
}

export const CREATE_SCENARIOS: readonly Scenario[] = [
  provisioning(1, 'a 201 with Location and id', 1, (server) => server.on('POST', obey)),
  provisioning(2, 'a 201 without Location', 1, (server) =>
    server.on(
      'POST',
      instead((step, body) => step.send(201, body)),
    ),
  ),
  provisioning(3, 'a 201 with an empty body and a Location', 1, (server) =>
    server.on(
      'POST',
      instead((step, { id }) => step.send(201, null, { location: `${server.url}/Users/${String(id)}` })),
    ),
  ),
  provisioning(3, 'a 201 with neither body nor Location', 2, (server) =>
    server.on(
      'POST',
      instead((step) => step.send(201)),
    ),
  ),
  provisioning(4, 'a Location on another host and path', 1, (server) =>
    server.on(
      'POST',
      instead((step, body) =>
        step.send(201, body, { location: `https://elsewhere.invalid/v9/Users/${String(body['id'])}` }),
      ),
    ),
  ),
  provisioning(5, 'a 200 in place of 201', 1, (server) =>
    server.on(
      'POST',
      instead((step, body) => step.send(200, body)),
    ),
  ),
  provisioning(6, 'a 409 for a user under the same externalId', 3, (server) => {
    server.store.add({ userName: ada.userName, externalId: ada.externalId, active: true, title: 'Clerk' });
  }),
  {
    number: 7,
    title: 'a 409 for a user under another externalId',
    service: (server) => {
      server.store.add({ userName: ada.userName, externalId: OTHER, title: 'Clerk' });
    },
    tasks: [{ provision: ada }, { provision: person('bob@example.com') }],
    expect: {
      ends: ['FAILED', 'DONE'],
      users: { [ada.userName]: { externalId: OTHER, title: 'Clerk' }, 'bob@example.com': {} },
      requests: 4,
      words: /ada@example\.com/,
    },
  },
  {
    number: 8,
    title: 'a 409 for a user whom the service does not show',
    service: (server) => server.on('POST', refuse(409, 'uniqueness'), EVER),
    tasks: [{ provision: ada }],
    expect: { ends: 'FAILED', users: {}, requests: 4, words: /ada@example\.com/ },
  },
  provisioning(9, 'a 409 without a SCIM body', 3, (server) => {
    server.store.add({ userName: ada.userName, externalId: ada.externalId, active: true, title: 'Clerk' });
    server.on('POST', say(409, '<h1>Conflict</h1>', { 'content-type': 'text/html' }));
  }),
  provisioning(10, 'a lost request', 4, (server) => server.on('POST', loseRequest)),
  provisioning(11, 'a lost answer', 2, (server) => server.on('POST', loseAnswer)),
  provisioning(12, 'a commit after the time-out', 5, (server) => {
    let commit: () => void = () => undefined;
    server.on('POST', (step) => {
      commit = () => void step.obey();
    });
    server.on('POST', (step) => {
      commit();
      return obey(step);
    });
  }),
  provisioning(13, 'a 502 after the commit', 2, (server) =>
    server.on(
      'POST',
      instead((step) => step.send(502, '<h1>Bad gateway</h1>')),
    ),
  ),
  provisioning(13, 'a 500 before the commit', 4, (server) => server.on('POST', refuse(500))),
  provisioning(13, 'a 504 after the commit, twice', 5, (server) =>
    server.on(
      'POST',
      instead((step) => step.send(504)),
      2,
    ),
  ),
  provisioning(14, 'a 201 whose body is cut by its length', 2, (server) => server.on('POST', cut(true))),
  provisioning(14, 'a 201 whose body is cut between chunks', 2, (server) => server.on('POST', cut(false))),
  {
    number: 15,
    title: 'a new user who is inactive',
    service: () => undefined,
    tasks: [{ provision: { ...ada, active: false } }],
    // Whether it says so or passes over it in silence: there is no user.
    expect: { ends: 'FAILED', users: {}, requests: 2 },
  },
];
