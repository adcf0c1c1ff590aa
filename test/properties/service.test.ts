/** The properties of the SCIM service that no test of the client varies: seen at the service. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { test } from 'node:test';
import { open, openAt, userNamed } from '../scim/open-service.ts';
import { startHostileScim } from '../servers/hostile-scim.ts';
import { SCIM_PASSWORD, startScene } from './program-folder.ts';

function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

test('the service that scim.baseurl names gets the users, below its path', async (t) => {
  const scene = await startScene(t, { ann: {} });
  const other = await startHostileScim();
  t.after(() => other.close());
  assert.equal((await scene.program.run('--sync-now')).exitCode, 0);
  assert.deepEqual([scene.names(), other.seen.length], [['ann'], 0]);
  const before = scene.service.seen.length;
  scene.program.set({ 'scim.baseurl': `${other.url}/tenant-7/`, 'state.location': 'other.db' });
  await scene.program.run();
  assert.equal(scene.service.seen.length, before);
  assert.deepEqual([...new Set(other.seen.map(({ path }) => path))], ['/tenant-7/Users']);
});

test('the accounts and passwords that are stored are the ones that are sent, to either side', async (t) => {
  const scene = await startScene(t, { ann: {} });
  const { program, service, directory } = scene;
  const sent = (): unknown => service.seen.at(-1)?.headers['authorization'];
  assert.equal((await program.run()).exitCode, 0);
  assert.equal(sent(), basic('provider@cloud.example.com', SCIM_PASSWORD));

  program.set({ 'scim.username': 'another@cloud.example.com' });
  await program.seal('scim.password', 'wörd : with = all \\ kinds');
  assert.equal((await program.run()).exitCode, 0);
  assert.equal(sent(), basic('another@cloud.example.com', 'wörd : with = all \\ kinds'));

  program.set({ 'scim.auth.type': 'bearer' });
  await program.seal('scim.password', 'the-token');
  assert.equal((await program.run()).exitCode, 0);
  assert.equal(sent(), 'Bearer the-token');

  assert.equal(directory.requests().failedBinds, 0);
  await program.seal('ldap.bind.password', 'no longer the password');
  assert.equal((await program.run()).exitCode, 4);
  assert.equal(directory.requests().failedBinds, 1);
});

test('scim.client.threads is the most requests that the service sees at once in a live run', async (t) => {
  // Connections are opened one after the other as requests are taken: it takes many to see all of them.
  const people = Object.fromEntries(Array.from({ length: 170 }, (_, i) => [`user${i}`, {}]));
  for (const threads of [1, 3]) {
    const scene = await startScene(t, people, { 'scim.client.threads': String(threads) });
    let inside = 0;
    let most = 0;
    scene.service.on(
      'POST',
      async (step) => {
        most = Math.max(most, (inside += 1));
        await delay(5);
        const { status, body } = await step.obey();
        inside -= 1;
        step.send(status, body);
      },
      999,
    );
    assert.equal((await scene.program.run('--sync-now')).exitCode, 0);
    assert.equal(scene.names().length, 170);
    assert.equal(most, threads);
    assert.ok(scene.service.connections.most <= threads);
  }
});

test('scim.org.attribute and scim.role.attribute name where the organization and the roles go', async (t) => {
  const ada = userNamed('ada@example.com', { org: 'Looms', roles: ['Lead'] });
  const byDefault = await open(t);
  await byDefault.writer.create(ada);
  const first = byDefault.server.seen.at(-1)?.body ?? {};
  assert.deepEqual([first['c42OrgName'], first['roles']], ['Looms', [{ value: 'Lead' }]]);

  const moved = await open(t, {
    'scim.org.attribute': 'orgName',
    'scim.role.attribute': 'urn:example:2.0:User:roleNames',
  });
  await moved.writer.create(ada);
  const second = moved.server.seen.at(-1)?.body ?? {};
  assert.deepEqual([second['c42OrgName'], second['roles']], [undefined, undefined]);
  assert.deepEqual([second['orgName'], second['urn:example:2.0:User']], ['Looms', { roleNames: ['Lead'] }]);
});

test('scim.update.method decides between PATCH and PUT', async (t) => {
  for (const [method, sent] of [
    ['AUTO', 'PATCH'],
    ['PATCH', 'PATCH'],
    ['PUT', 'PUT'],
  ] as const) {
    const { server, writer } = await open(t, { 'scim.update.method': method });
    const created = await writer.create(userNamed('ada@example.com'));
    const renamed = userNamed('ada@example.com', { title: 'Lead' });
    await writer.update(created.ok ? created.scimId : '', renamed, ['title']);
    assert.deepEqual(
      server.seen.map((each) => each.method).filter((each) => each.startsWith('P')),
      ['POST', sent],
    );
    assert.equal(server.store.named('ada@example.com')[0]?.body['title'], 'Lead');
  }
});

test('scim.adopt.by decides in a run whether a user whom another tool provisioned becomes ours', async (t) => {
  for (const [by, exitCode, adopted] of [
    ['EXTERNAL_ID', 3, 0],
    ['USER_NAME', 0, 3],
  ] as const) {
    const scene = await startScene(t, { ann: {}, ben: {}, cid: {} }, { 'scim.adopt.by': by });
    for (const name of ['ann', 'ben', 'cid']) {
      scene.service.store.add({
        userName: `${name}@example.com`,
        externalId: `theirs-${name}`,
        active: true,
      });
    }
    const run = await scene.program.run('--sync-now');
    assert.equal(run.exitCode, exitCode, run.text);
    const ours = scene.names().filter((name) => scene.held(name)?.['externalId'] !== `theirs-${name}`);
    assert.equal(ours.length, adopted, run.text);
    assert.equal(scene.names().length, 3);
  }
});

test('scim.max.attempts is how often a create is tried that never gets an answer', async (t) => {
  for (const attempts of [1, 2, 3]) {
    const { server, writer } = await open(t, { 'scim.max.attempts': attempts });
    server.on('POST', (step) => step.send(500), 99);
    assert.equal((await writer.create(userNamed('ada@example.com'))).ok, false);
    assert.equal(server.count('POST'), attempts);
  }
});

test('scim.requests.per.second sets the pace, and 0 sets none', async (t) => {
  const took: number[] = [];
  for (const perSecond of [0, 20]) {
    const { writer } = await open(t, { 'scim.requests.per.second': perSecond });
    const startedAt = performance.now();
    await Promise.all([1, 2, 3, 4, 5, 6].map((i) => writer.create(userNamed(`u${i}@example.com`))));
    took.push(performance.now() - startedAt);
  }
  const [free = 0, paced = 0] = took;
  assert.ok(paced >= 245 && free < paced, took.join());
});

test('scim.connection.timeout.period bounds the connection, long before scim.read.timeout.period', async (t) => {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    t.after(() => socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  for (const [connectMs, readMs, message] of [
    [100, 30_000, /Connect Timeout|scim\.connection\.timeout\.period/],
    [30_000, 100, /no complete answer within 100 ms/],
  ] as const) {
    const client = openAt(`https://127.0.0.1:${port}/scim/v2`, {
      'scim.connection.timeout.period': connectMs,
      'scim.read.timeout.period': readMs,
      'scim.max.attempts': 1,
    });
    t.after(() => client.close());
    const startedAt = performance.now();
    await assert.rejects(client.reader.check(), { code: 'SERVICE_UNREACHABLE', message });
    assert.ok(performance.now() - startedAt < 10_000);
  }
});
