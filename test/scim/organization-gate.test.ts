/** Organizations are made once, at any number of connections. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OrganizationGate } from '../../src/scim/organization-gate.ts';
import { open, userNamed } from './open-service.ts';

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
  const { server, writer } = await open(t, { 'scim.client.threads': 8, 'scim.read.timeout.period': 5_000 });
  server.store.orgGapMs = 5;
  const users = Array.from({ length: 200 }, (_, i) =>
    userNamed(`u${i}@example.com`, { org: `Org ${i % 50}` }),
  );
  for (const outcome of await Promise.all(users.map((user) => writer.create(user)))) assert.ok(outcome.ok);
  assert.equal(server.store.orgs.length, 50);
  assert.equal(new Set(server.store.orgs).size, 50);
});

test('case 79: users who move to a new organization, and one who was removed by hand, make it once', async (t) => {
  const { server, writer } = await open(t, { 'scim.client.threads': 8, 'scim.read.timeout.period': 5_000 });
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
