/** Walking the list of users, on services whose numbers cannot be believed. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ListEnd, RemoteUser, UserReader } from '../../src/model/ports.ts';
import type { Body } from '../servers/hostile-scim-store.ts';
import type { Step } from '../servers/hostile-scim.ts';
import { open } from './open-service.ts';

async function idsOf(reader: UserReader): Promise<string[]> {
  const users: RemoteUser[] = [];
  for await (const user of reader.list()) users.push(user);
  return users.map((user) => user.scimId);
}

function numbered(count: number): Body[] {
  return Array.from({ length: count }, (_, i) => ({ id: String(i + 1), userName: `u${i + 1}@example.com` }));
}

/** A script that serves pages of the users, at most `cap` at a time, with what `lie` says about them. */
function pages(users: readonly Body[], cap: number, lie: (page: Body[], startIndex: number) => Body) {
  return (step: Step): void => {
    const startIndex = Number(step.seen.query.get('startIndex'));
    const count = Math.min(cap, Number(step.seen.query.get('count')));
    const page = users.slice(startIndex - 1, startIndex - 1 + count);
    step.send(200, { Resources: page, ...lie(page, startIndex) });
  };
}

test('case 44: a total that grows and shrinks meanwhile loses nobody who was there throughout', async (t) => {
  const { server, reader } = await open(t);
  const totals = [450, 470, 430, 450];
  server.on(
    'GET',
    pages(numbered(450), 200, () => ({ totalResults: totals.shift() })),
    99,
  );
  assert.equal((await idsOf(reader)).length, 450);
});

test('case 45: a service that gives fewer than asked is asked for the rest', async (t) => {
  const { server, reader } = await open(t);
  server.on(
    'GET',
    pages(numbered(120), 50, () => ({ totalResults: 120 })),
    99,
  );
  assert.equal((await idsOf(reader)).length, 120);
  assert.equal(server.count('GET'), 3);
});

test('case 46: itemsPerPage of 0 does not end the walk', async (t) => {
  const { server, reader } = await open(t);
  server.on(
    'GET',
    pages(numbered(30), 7, () => ({ totalResults: 30, itemsPerPage: 0 })),
    99,
  );
  assert.equal((await idsOf(reader)).length, 30);
});

test('case 47: a total that is only the length of the page does not end the walk', async (t) => {
  const { server, reader } = await open(t);
  server.on(
    'GET',
    pages(numbered(30), 10, (page) => ({ totalResults: page.length })),
    99,
  );
  assert.equal((await idsOf(reader)).length, 30);
});

test('case 48: a user on two pages is given once', async (t) => {
  const { server, reader } = await open(t);
  const users = numbered(20);
  users.splice(10, 0, { ...users[3] });
  server.on(
    'GET',
    pages(users, 10, () => ({ totalResults: 21 })),
    99,
  );
  assert.equal(new Set(await idsOf(reader)).size, 20);
  assert.equal((await idsOf(reader)).length, 20);
});

test('case 48: a service that gives the same page for ever is left after three', async (t) => {
  const { server, reader, lines } = await open(t);
  server.on('GET', (step) => step.send(200, { totalResults: 1_000_000, Resources: numbered(10) }), 99);
  assert.equal((await idsOf(reader)).length, 10);
  assert.equal(server.count('GET'), 4);
  assert.ok(lines.some((line) => line.startsWith('warn') && line.includes('repeats the same page')));
});

test('case 49: a walk over 20,000 users holds one page at a time', async (t) => {
  const { server, reader } = await open(t);
  let served = 0;
  let taken = 0;
  let furthestAhead = 0;
  const users = numbered(20_000);
  const page = pages(users, 200, () => ({ totalResults: users.length }));
  server.on(
    'GET',
    (step) => {
      served += 200;
      furthestAhead = Math.max(furthestAhead, served - taken);
      page(step);
    },
    999,
  );
  for await (const user of reader.list()) {
    assert.ok(user.scimId !== '');
    taken += 1;
  }
  assert.equal(taken, 20_000);
  assert.ok(furthestAhead <= 201, `${furthestAhead} users ahead`);
});

test('case 50: startIndex and totals as strings are numbers', async (t) => {
  const { server, reader } = await open(t);
  const lie = (page: Body[], startIndex: number): Body => ({
    totalResults: '25',
    startIndex: String(startIndex),
    itemsPerPage: String(page.length),
  });
  server.on('GET', pages(numbered(25), 10, lie), 99);
  assert.equal((await idsOf(reader)).length, 25);
  assert.equal(server.count('GET'), 3);
  assert.equal(await reader.count(), 25);
});

test('a service that refuses to list gives an empty walk and a warning, one that breaks down ends the run', async (t) => {
  const { server, reader, lines } = await open(t);
  for (const status of [501, 403, 400]) {
    server.on('GET', (step) => step.send(status));
    assert.deepEqual(await idsOf(reader), []);
  }
  server.on('GET', (step) => step.send(403));
  assert.equal(await reader.count(), null);
  assert.ok(lines.some((line) => line.startsWith('warn') && line.includes('does not list its users')));
  server.on('GET', (step) => step.send(500), 99);
  await assert.rejects(idsOf(reader), { name: 'RunError', code: 'SERVICE_UNREACHABLE' });
});

test('a walk tells whether it came to its end, or why it did not', async (t) => {
  const { server, reader, lines } = await open(t);
  const users = numbered(250);
  const all = pages(users, 200, () => ({ totalResults: 250 }));
  const endOf = async (): Promise<[number, ListEnd]> => {
    const listing = reader.list();
    const seen: RemoteUser[] = [];
    for await (const user of listing) seen.push(user);
    return [seen.length, listing.end()];
  };
  server.on('GET', all, 2);
  assert.deepEqual(await endOf(), [250, { reached: true }]);
  server.on('GET', all);
  server.on('GET', (step) => step.send(200, { totalResults: 250, Resources: [] }));
  assert.deepEqual(await endOf(), [200, { reached: true }]);
  server.on('GET', all);
  server.on('GET', (step) => step.send(400, { detail: 'startIndex too large' }));
  const [seen, end] = await endOf();
  assert.equal(seen, 200);
  assert.match(end.reached ? '' : end.reason, /^it answers .*400/);
  assert.ok(lines.some((line) => line.startsWith('warn') && line.includes('ends its list at user 201')));
  server.on('GET', (step) => step.send(200, { totalResults: 1_000_000, Resources: numbered(10) }), 99);
  assert.deepEqual(await endOf(), [10, { reached: false, reason: 'it repeats the same page' }]);
});

test('a list without Resources is empty, and a count that is not said is null', async (t) => {
  const { server, reader } = await open(t);
  server.on('GET', (step) => step.send(200, {}), 2);
  assert.deepEqual(await idsOf(reader), []);
  assert.equal(await reader.count(), null);
  for (let i = 0; i < 3; i += 1) server.store.add({ userName: `u${i}@example.com` });
  assert.equal(await reader.count(), 3);
});

test('what is listed is read as a user resource, and what is not shown is absent', async (t) => {
  const { server, reader } = await open(t);
  server.store.add({
    userName: 'ada@example.com',
    active: 'True',
    roles: ['A', { value: 'B' }],
    emails: ['ada@example.com'],
  });
  const users: RemoteUser[] = [];
  for await (const user of reader.list()) users.push(user);
  assert.deepEqual(users[0]?.resource, {
    userName: 'ada@example.com',
    active: true,
    email: 'ada@example.com',
    roles: ['A', 'B'],
  });
});
