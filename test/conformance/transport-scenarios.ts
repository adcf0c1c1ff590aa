/** Connections that stall, break or lie: nobody is lost, and nothing waits for ever. */

import { obey, loseRequest, keepSilent, instead, EVER } from './behaviour.ts';
import { person, type Scenario } from './scenario.ts';

const ada = person('ada@example.com');

function provisioning(
  number: number,
  title: string,
  requests: number,
  service: Scenario['service'],
): Scenario {
  const users = { [ada.userName]: { externalId: ada.externalId, title: 'Analyst' } };
  return { number, title, service, tasks: [{ provision: ada }], expect: { ends: 'DONE', users, requests } };
}

export const TRANSPORT_SCENARIOS: readonly Scenario[] = [
  provisioning(65, 'headers that never come', 4, (server) => server.on('POST', keepSilent)),
  provisioning(66, 'a body that stalls', 2, (server) =>
    server.on(
      'POST',
      instead((step) => void step.response.writeHead(201).write('{')),
    ),
  ),
  provisioning(67, 'a body that dribbles for ever', 2, (server) =>
    server.on(
      'POST',
      instead((step) => {
        step.response.writeHead(201);
        const timer = setInterval(() => step.response.write(' '), 20);
        step.request.socket.on('close', () => clearInterval(timer));
      }),
    ),
  ),
  provisioning(68, 'an answer to a look-up that is cut', 3, (server) => {
    server.on(
      'POST',
      instead((step) => step.hangUp()),
    );
    server.on('GET', (step) => {
      step.response.writeHead(200, { 'content-length': '500' });
      step.response.write('{"totalResults": 1', () => step.hangUp());
    });
  }),
  {
    number: 69,
    title: 'a 204 with a body',
    given: [ada],
    service: (server) =>
      server.on(
        'PATCH',
        instead((step) => {
          step.request.socket.write('HTTP/1.1 204 No Content\r\ncontent-length: 2\r\n\r\n{}');
        }),
      ),
    tasks: [
      { change: ada.userName, to: { title: 'Clerk' } },
      { change: ada.userName, to: { title: 'Countess' } },
    ],
    expect: { ends: 'DONE', users: { [ada.userName]: { title: 'Countess' } }, requests: 5 },
  },
  provisioning(70, 'an answer of 30 MB', 2, (server) =>
    server.on(
      'POST',
      instead((step) => step.send(201, Buffer.alloc(30 * 1024 * 1024, 32))),
    ),
  ),
  provisioning(71, 'something that is not HTTP', 4, (server) =>
    server.on('POST', (step) => void step.request.socket.end('220 mail.example.com ESMTP\r\n')),
  ),
  provisioning(72, 'a 103 before the answer', 1, (server) =>
    server.on('POST', (step) => {
      step.response.writeEarlyHints({ link: '</a.css>; rel=preload' });
      return obey(step);
    }),
  ),
  {
    number: 73,
    title: 'a kept connection that the service closes meanwhile',
    connections: 1,
    service: (server) =>
      server.on(
        'POST',
        async (step) => {
          await obey(step);
          step.request.socket.end();
        },
        EVER,
      ),
    tasks: ['a', 'b', 'c'].map((name) => ({ provision: person(`${name}@example.com`) })),
    expect: {
      ends: 'DONE',
      users: { 'a@example.com': {}, 'b@example.com': {}, 'c@example.com': {} },
      requests: 9,
    },
  },
  provisioning(74, 'a connection that is reset', 4, (server) =>
    server.on('POST', (step) => void step.request.socket.resetAndDestroy()),
  ),
  {
    number: 78,
    title: 'a service that goes away and comes back',
    connections: 2,
    service: (server) => {
      let isDown = false;
      server.on('POST', (step) => {
        isDown = true;
        setTimeout(() => (isDown = false), 100);
        step.hangUp();
      });
      server.on('', (step) => (isDown ? loseRequest(step) : obey(step)), EVER);
    },
    atOnce: true,
    tasks: Array.from({ length: 8 }, (_, i) => ({ provision: person(`u${i}@example.com`) })),
    expect: {
      ends: 'DONE',
      users: Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`u${i}@example.com`, {}])),
      requests: 120,
    },
  },
];
