/** The SCIM client against the demo service, whose schema, coercion and PATCH are a library's and not ours. */

import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { startDemoService, type DemoService } from '../../src/demo/scim-service.ts';
import type { DemoServiceOptions } from '../../src/demo/scim-options.ts';
import type { RemoteUser, UserReader } from '../../src/model/ports.ts';
import { USER_ATTRIBUTES, type UserResource } from '../../src/model/user.ts';
import type { ServiceSettings } from '../../src/scim/service.ts';
import { openAt, userNamed, type TestWriter } from '../scim/open-service.ts';

interface Opened {
  readonly demo: DemoService;
  readonly reader: UserReader;
  readonly writer: TestWriter;
}

async function openDemo(
  t: TestContext,
  options: DemoServiceOptions = {},
  settings: Partial<ServiceSettings> = {},
): Promise<Opened> {
  const demo = await startDemoService({ orgGapMs: 10, ...options });
  const { reader, writer, close } = openAt(
    demo.baseUrl,
    { 'scim.username': demo.username, 'scim.read.timeout.period': 5_000, ...settings },
    { password: settings['scim.auth.type'] === 'BEARER' ? demo.token : demo.password },
  );
  t.after(async () => {
    await close();
    await demo.stop();
  });
  return { demo, reader, writer };
}

async function listed(reader: UserReader): Promise<RemoteUser[]> {
  const users: RemoteUser[] = [];
  for await (const user of reader.list()) users.push(user);
  return users;
}

const ada = userNamed('ada@example.com', { org: 'Works', roles: ['PROe User'] });

async function createAda(writer: TestWriter, overrides: Partial<UserResource> = {}): Promise<string> {
  const outcome = await writer.create({ ...ada, ...overrides });
  assert.ok(outcome.ok, JSON.stringify(outcome));
  assert.deepEqual([outcome.how, outcome.held], ['CREATED', []]);
  return outcome.scimId;
}

test('a user is created as asked, and read back as the same user', async (t) => {
  const { reader, writer } = await openDemo(t);
  await reader.check();
  const scimId = await createAda(writer);
  const shown = Object.fromEntries(Object.entries(ada).filter(([name]) => name !== 'manager'));
  assert.deepEqual(await listed(reader), [{ scimId, resource: shown }]);
  assert.equal(await reader.count(), 1);
});

for (const [name, options] of Object.entries<DemoServiceOptions>({
  'a service with PATCH': { nestedExtensionPatch500: true },
  'a service that answers 204': { noContent: true },
  'a service without PATCH': { noPatch: true },
})) {
  test(`on ${name} every attribute is changed, then cleared, and the id stays`, async (t) => {
    const { reader, writer } = await openDemo(t, options);
    const scimId = await createAda(writer);
    const changed: UserResource = {
      userName: 'ada.king@example.com',
      externalId: ada.externalId,
      active: true,
      givenName: 'Augusta',
      familyName: 'King',
      email: 'ada.king@example.com',
      title: 'Countess',
      userType: 'Noble',
      country: 'FR',
      department: 'Looms',
      division: 'Weaving',
      manager: scimId,
      org: 'Mills',
      roles: ['Desktop User', 'Org Admin'],
    };
    assert.deepEqual(await writer.update(scimId, changed, USER_ATTRIBUTES), {
      ok: true,
      scimId,
      how: 'UPDATED',
      held: [],
    });
    assert.deepEqual(await listed(reader), [{ scimId, resource: changed }]);
    const cleared: UserResource = {
      ...changed,
      ...{ givenName: null, email: null, title: null, userType: null, country: null },
      ...{ department: null, division: null, manager: null },
    };
    const names = [
      'givenName',
      'email',
      'title',
      'userType',
      'country',
      'department',
      'division',
      'manager',
    ] as const;
    assert.deepEqual(await writer.update(scimId, cleared, names), {
      ok: true,
      scimId,
      how: 'UPDATED',
      held: [],
    });
    const kept = Object.fromEntries(Object.entries(cleared).filter(([, value]) => value !== null));
    assert.deepEqual(await listed(reader), [{ scimId, resource: kept }]);
  });
}

test('a user is deactivated and reactivated under the same id, without a DELETE', async (t) => {
  const { demo, reader, writer } = await openDemo(t);
  const scimId = await createAda(writer);
  assert.ok((await writer.update(scimId, { ...ada, active: false }, ['active'])).ok);
  assert.equal((await listed(reader))[0]?.resource.active, false);
  assert.ok((await writer.update(scimId, ada, ['active'])).ok);
  assert.equal((await listed(reader))[0]?.resource.active, true);
  assert.equal(demo.users().length, 1);
  assert.equal(demo.requests().byMethod['DELETE'], undefined);
});

test('case 82: a deactivation that shows only later is done in one PATCH and named as held', async (t) => {
  const { demo, writer } = await openDemo(t, { deactivationDelayMs: 60_000 });
  const scimId = await createAda(writer);
  const outcome = await writer.update(scimId, { ...ada, active: false }, ['active']);
  assert.deepEqual(outcome, { ok: true, scimId, how: 'UPDATED', held: ['active'], holds: { active: true } });
  assert.equal(demo.requests().byMethod['PATCH'], 1);
});

test('cases 80 and 81: roles that the service ignores or adds are no held values', async (t) => {
  const { writer } = await openDemo(t);
  await createAda(writer, { roles: ['No Such Role'] });
  const other = await writer.create(userNamed('b@example.com', { roles: null }));
  assert.deepEqual(other.ok && other.held, []);
});

test('a user that is there already is adopted, whatever letters his name has', async (t) => {
  const { demo, writer } = await openDemo(t, { nonAsciiFilter400: true, omitEmptyResources: true });
  for (const userName of ['ada@example.com', 'jürgen@example.com', "o'neil+x@example.com"]) {
    const user = userNamed(userName);
    const [seeded] = await demo.seed([{ userName, active: true }]);
    const outcome = await writer.create(user);
    assert.deepEqual(outcome, { ok: true, scimId: seeded?.id, how: 'ADOPTED', held: [] });
  }
  assert.equal(demo.users().length, 3);
});

test("a local user of the service is that user's failure", async (t) => {
  const { writer } = await openDemo(t, { localUsers: ['admin@example.com'] });
  const outcome = await writer.create(userNamed('admin@example.com'));
  assert.ok(!outcome.ok);
  assert.equal(outcome.failure.stage, 'CONFLICT');
});

test('a 201 without a body gives the id by its Location', async (t) => {
  const { demo, writer } = await openDemo(t, { emptyCreated: true });
  assert.equal(await createAda(writer), demo.users()[0]?.id);
});

test('a user removed behind our back is created again, or left gone when inactive', async (t) => {
  const { demo, writer } = await openDemo(t);
  const scimId = await createAda(writer);
  demo.removeUser(scimId);
  const gone = await writer.update(scimId, { ...ada, active: false }, ['active']);
  assert.deepEqual(gone, { ok: true, scimId, how: 'GONE', held: [] });
  const again = await writer.update(scimId, ada, ['title']);
  assert.ok(again.ok && again.how === 'CREATED');
  assert.equal(demo.users()[0]?.id, again.scimId);
});

test('organizations are made once at eight connections, and a long list is read whole', async (t) => {
  const { demo, reader, writer } = await openDemo(
    t,
    { maxPage: 30 },
    { 'scim.client.threads': 8, 'scim.auth.type': 'BEARER' },
  );
  const users = Array.from({ length: 100 }, (_, i) =>
    userNamed(`u${i}@example.com`, { org: `Org ${i % 10}` }),
  );
  for (const outcome of await Promise.all(users.map((user) => writer.create(user)))) assert.ok(outcome.ok);
  assert.deepEqual(demo.duplicateOrgs(), []);
  const read = await listed(reader);
  assert.equal(new Set(read.map((user) => user.scimId)).size, 100);
  assert.equal(await reader.count(), 100);
});
