/** Organizations are made once, at any number of connections. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OrganizationGate } from '../../src/scim/organization-gate.ts';
import { error } from '../servers/hostile-scim-store.ts';
import type { HostileScim, Step } from '../servers/hostile-scim.ts';
import { open, userNamed } from './open-service.ts';

/** All connections at once, so that a gate which leaks is seen to. */
const AT_FULL_WIDTH = { baseDelayMs: 10, maxDelayMs: 40, maxHoldMs: 300, firstConnections: 16 };

/** A gate's visitor who says when he is inside, and leaves when told to. */
function visitor(): {
  readonly entered: Promise<void>;
  leave(isKnown: boolean): void;
  fail(): void;
  work(): Promise<{ result: string; isKnown: boolean }>;
} {
  const inside = Promise.withResolvers<void>();
  const out = Promise.withResolvers<boolean>();
  return {
    entered: inside.promise,
    leave: (isKnown) => out.resolve(isKnown),
    fail: () => out.reject(new Error('failed')),
    async work() {
      inside.resolve();
      return { result: 'done', isKnown: await out.promise };
    },
  };
}

async function isInside(each: { readonly entered: Promise<void> }): Promise<boolean> {
  const later = new Promise<boolean>((resolve) => setImmediate(() => resolve(false)));
  return Promise.race([each.entered.then(() => true), later]);
}

test('the first of a new organization goes alone, then all others at once', async () => {
  const gate = new OrganizationGate([]);
  const [first, second, third] = [visitor(), visitor(), visitor()];
  const passages = [first, second, third].map((each) => gate.pass('Sales', () => each.work()));
  assert.deepEqual([await isInside(first), await isInside(second)], [true, false]);
  first.leave(true);
  assert.deepEqual([await isInside(second), await isInside(third)], [true, true]);
  second.leave(true);
  third.leave(true);
  assert.deepEqual(await Promise.all(passages), ['done', 'done', 'done']);
});

test('if the leader fails or throws, the next one leads, alone', async () => {
  const gate = new OrganizationGate([]);
  const [first, second, third, fourth] = [visitor(), visitor(), visitor(), visitor()];
  const passages = [first, second, third, fourth].map((each) => gate.pass('Sales', () => each.work()));
  first.leave(false);
  assert.deepEqual([await isInside(second), await isInside(third)], [true, false]);
  const rejected = assert.rejects(passages[1] ?? Promise.resolve(), /failed/);
  second.fail();
  await rejected;
  assert.deepEqual([await isInside(third), await isInside(fourth)], [true, false]);
  third.leave(true);
  fourth.leave(true);
  await Promise.all([passages[2], passages[3]]);
});

test('organizations that the service has, other ones and none at all do not wait', async () => {
  const gate = new OrganizationGate(['Known']);
  const visits = (['Known', 'Known', 'New', null, null] as const).map((org) => {
    const each = visitor();
    return { each, passage: gate.pass(org, () => each.work()) };
  });
  for (const { each } of visits) assert.ok(await isInside(each));
  for (const { each } of visits) each.leave(true);
  await Promise.all(visits.map(({ passage }) => passage));
});

test('names that a service may take for one are never introduced at the same moment, and each is introduced once', async () => {
  const gate = new OrganizationGate([]);
  const [exact, folded, again] = [visitor(), visitor(), visitor()];
  const passages = [gate.pass('Sales', () => exact.work()), gate.pass(' sales ', () => folded.work())];
  passages.push(gate.pass(' sales ', () => again.work()));
  assert.deepEqual([await isInside(exact), await isInside(folded)], [true, false]);
  exact.leave(true);
  assert.deepEqual([await isInside(folded), await isInside(again)], [true, false]);
  folded.leave(true);
  again.leave(true);
  await Promise.all(passages);
});

test('case 79: fifty new organizations named by many users at eight connections are made once each', async (t) => {
  const { server, writer } = await open(
    t,
    { 'scim.client.threads': 8, 'scim.read.timeout.period': 5_000 },
    { pace: AT_FULL_WIDTH },
  );
  server.store.orgGapMs = 5;
  const users = Array.from({ length: 200 }, (_, i) =>
    userNamed(`u${i}@example.com`, { org: `Org ${i % 50}` }),
  );
  for (const outcome of await Promise.all(users.map((user) => writer.create(user)))) assert.ok(outcome.ok);
  assert.equal(server.store.orgs.length, 50);
  assert.equal(new Set(server.store.orgs).size, 50);
});

test('case 79: users who move to a new organization, and one who was removed by hand, make it once', async (t) => {
  const { server, writer } = await open(
    t,
    { 'scim.client.threads': 8, 'scim.read.timeout.period': 5_000 },
    { pace: AT_FULL_WIDTH },
  );
  const users = Array.from({ length: 20 }, (_, i) => userNamed(`u${i}@example.com`));
  const created = await Promise.all(users.map((user) => writer.create(user)));
  server.store.orgGapMs = 10;
  const removed = created[7];
  assert.ok(removed?.ok);
  server.store.users.delete(removed.scimId);
  const moved = users.map((user, i) => {
    const outcome = created[i];
    assert.ok(outcome?.ok);
    // Half of them do not even name it among what changes.
    return writer.update(
      outcome.scimId,
      { ...user, org: 'New', title: 'Clerk' },
      i % 2 === 0 ? ['org'] : ['title'],
    );
  });
  for (const outcome of await Promise.all(moved)) assert.ok(outcome.ok);
  assert.deepEqual(server.store.orgs, ['New']);
});

/** Watches a service: how many requests that mention an organization it does not have are under way, at most. */
function watchIntroductions(
  server: HostileScim,
  misbehave: (step: Step, count: number) => void | Promise<void>,
): () => number {
  const introducing = new Map<string, number>();
  let most = 0;
  let count = 0;
  server.on(
    'POST',
    async (step) => {
      const org = String(step.seen.body?.['c42OrgName']).trim().toLowerCase();
      const isNew = !server.store.orgs.some((each) => each.trim().toLowerCase() === org);
      if (isNew) introducing.set(org, (introducing.get(org) ?? 0) + 1);
      most = Math.max(most, ...introducing.values());
      await new Promise((resolve) => setTimeout(resolve, 2));
      count += 1;
      try {
        await misbehave(step, count);
      } finally {
        if (isNew) introducing.set(org, (introducing.get(org) ?? 1) - 1);
      }
    },
    Infinity,
  );
  return () => most;
}

async function obey(step: Step): Promise<void> {
  const { status, body, headers } = await step.obey();
  step.send(status, body, headers);
}

const failures: Record<string, (step: Step) => void | Promise<void>> = {
  'is refused': (step) => step.send(400, error(400, 'invalidValue', 'no').body),
  'has its request lost': (step) => step.hangUp(),
  'has its answer lost': async (step) => {
    await step.obey();
    step.hangUp();
  },
  'has its answer cut': async (step) => {
    const { body } = await step.obey();
    step.response.writeHead(201, { 'content-length': '9999' });
    step.response.write(JSON.stringify(body).slice(0, 20), () => step.hangUp());
  },
  'gets a 502 after it was done': async (step) => {
    await step.obey();
    step.send(502, '<h1>Bad gateway</h1>');
  },
  'gets a 500': (step) => step.send(500),
  'is told to slow down': (step) => step.send(429, null, { 'retry-after': '0' }),
};

for (const [what, fail] of Object.entries(failures)) {
  test(`case 79: the first of an organization goes alone at sixteen connections even if it ${what}, as do those after it`, async (t) => {
    const settings = { 'scim.client.threads': 16, 'scim.max.attempts': 8, 'scim.read.timeout.period': 5_000 };
    const { server, writer } = await open(t, settings, { pace: AT_FULL_WIDTH });
    server.store.orgGapMs = 3;
    const most = watchIntroductions(server, (step, count) => (count <= 8 ? fail(step) : obey(step)));
    // As they are typed in a directory: one service takes them for one organization, another for three.
    const spellings = ['Sales', 'sales', ' Sales '];
    const users = Array.from({ length: 60 }, (_, i) =>
      userNamed(`u${i}@example.com`, { org: i % 4 === 3 ? 'Works' : (spellings[i % 4] ?? null) }),
    );
    const outcomes = await Promise.all(users.map((user) => writer.create(user)));
    assert.equal(most(), 1);
    assert.equal(outcomes.filter((outcome) => !outcome.ok).length, what === 'is refused' ? 8 : 0);
    assert.deepEqual([...server.store.orgs].sort(), [' Sales ', 'Sales', 'Works', 'sales']);
  });
}
