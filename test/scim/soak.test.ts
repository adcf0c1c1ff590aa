/** Many users, many faults, one service: nobody twice, nobody under a wrong id, nobody believed failed. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Step } from '../servers/hostile-scim.ts';
import { open, userNamed } from './open-service.ts';

const USERS = 300;

/** A seeded generator (mulberry32), so that a failing run can be repeated. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const FAULTS: readonly ((step: Step) => Promise<void>)[] = [
  async (step) => step.hangUp(),
  async (step) => {
    await step.obey();
    step.hangUp();
  },
  // Commits only after the client has given up on it.
  async (step) => {
    setTimeout(() => void step.obey(), 110);
  },
  async (step) => {
    await step.obey();
    step.send(502, '<h1>Bad gateway</h1>');
  },
  async (step) => step.send(500),
  async (step) => step.send(503, '<h1>Down</h1>'),
  async (step) => {
    const { status, body } = await step.obey();
    const text = JSON.stringify(body);
    step.response.writeHead(status, { 'content-length': String(text.length) });
    step.response.write(text.slice(0, 20), () => step.hangUp());
  },
];

test('300 users through a storm of faults end as 300 users, each under the id we were told', async (t) => {
  const seed = Number(process.env['SOAK_SEED'] ?? 42);
  const random = generator(seed);
  const { server, writer } = await open(t, {
    'scim.client.threads': 8,
    'scim.read.timeout.period': 80,
    'scim.max.attempts': 10,
  });
  let faults = 0;
  // Few of them: a service that refuses for its rate all the time is asked ever more slowly, as it should be.
  server.on('POST', (step) => step.send(429, null, { 'retry-after': '0' }), 3);
  server.on(
    '',
    async (step) => {
      const fault = random() < 0.25 ? FAULTS[Math.floor(random() * FAULTS.length)] : undefined;
      if (fault !== undefined) {
        faults += 1;
        return fault(step);
      }
      const { status, body, headers } = await step.obey();
      step.send(status, body, headers);
    },
    Infinity,
  );

  const users = Array.from({ length: USERS }, (_, i) =>
    userNamed(`u${i}@example.com`, { org: `Org ${i % 7}` }),
  );
  const outcomes = await Promise.all(
    users.map(async (user) => {
      const created = await writer.create(user);
      return created.ok
        ? writer.update(created.scimId, { ...user, title: 'Clerk', country: null }, ['title', 'country'])
        : created;
    }),
  );

  const context = `seed ${seed}, ${faults} faults`;
  assert.ok(faults > 100, context);
  // Late commits of PATCHes and POSTs that nobody waits for any more must not change the picture either.
  await new Promise((resolve) => setTimeout(resolve, 150));
  assert.equal(server.store.users.size, USERS, context);
  users.forEach((user, i) => {
    const outcome = outcomes[i];
    assert.ok(outcome?.ok, `${user.userName}: ${JSON.stringify(outcome)}, ${context}`);
    const stored = server.store.users.get(outcome.scimId)?.body;
    assert.deepEqual(
      [stored?.['externalId'], stored?.['title'], stored?.['addresses']],
      [user.externalId, 'Clerk', undefined],
      context,
    );
  });
});
