/** Finding a user by name, on services that each make something else of a filter. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Outcome } from '../../src/model/plan.ts';
import type { UserResource } from '../../src/model/user.ts';
import { error } from '../servers/hostile-scim-store.ts';
import type { HostileScim } from '../servers/hostile-scim.ts';
import { open, userNamed, type Opened } from './open-service.ts';

/** Loses the answer of a create that was done, so that the user has to be found. */
async function createAndFind(opened: Opened, user: UserResource): Promise<Outcome> {
  opened.server.on('POST', async (step) => {
    await step.obey();
    step.hangUp();
  });
  return opened.writer.create(user);
}

function assertFound(server: HostileScim, outcome: Outcome, user: UserResource): void {
  const stored = [...server.store.users.values()].filter(
    (each) => each.body['externalId'] === user.externalId,
  );
  assert.equal(stored.length, 1);
  assert.ok(outcome.ok, JSON.stringify(outcome));
  assert.equal(outcome.scimId, stored[0]?.id);
}

test('case 16: quotes and backslashes in a userName are escaped as JSON', async (t) => {
  const opened = await open(t);
  const user = userNamed('a"b\\c@example.com');
  assertFound(opened.server, await createAndFind(opened, user), user);
  assert.equal(opened.server.seen[1]?.query.get('filter'), String.raw`userName eq "a\"b\\c@example.com"`);
});

test('case 17: + % # & blank and apostrophe in a userName reach the service', async (t) => {
  const opened = await open(t);
  const user = userNamed("o'neil+100%#1 & co=x?@example.com");
  assertFound(opened.server, await createAndFind(opened, user), user);
  assert.equal(opened.server.count('GET'), 1);
});

test('case 18: a 400 to a non-ASCII filter falls back to externalId', async (t) => {
  const opened = await open(t);
  const user = userNamed('jürgen@example.com');
  opened.server.on('GET', (step) => step.send(400, error(400, 'invalidFilter', 'bad letter').body));
  assertFound(opened.server, await createAndFind(opened, user), user);
  assert.equal(opened.server.count('GET'), 2);
});

test('case 18: where no filter works the list is read', async (t) => {
  const opened = await open(t);
  const user = userNamed('jürgen@example.com');
  opened.server.on('GET', (step) => step.send(400, error(400, 'invalidFilter', 'bad letter').body), 2);
  assertFound(opened.server, await createAndFind(opened, user), user);
  assert.equal(opened.server.count('POST'), 1);
});

test('case 18: a name that cannot be asked for is found in the list even without externalId', async (t) => {
  const { server, writer } = await open(t);
  server.store.add({ userName: 'jürgen@example.com' });
  server.on('GET', (step) => step.send(400, error(400, 'invalidFilter', 'bad letter').body));
  const user = userNamed('jürgen@example.com');
  assertFound(server, await writer.create(user), user);
  assert.equal(server.store.users.size, 1);
});

test('case 19: a filter that misses the user on account of its letters is not the last word', async (t) => {
  const { server, writer } = await open(t);
  server.store.add({ userName: 'a"b@example.com' });
  const empty = { totalResults: 0 };
  server.on('GET', (step) => step.send(200, empty), 2);
  const user = userNamed('a"b@example.com');
  assertFound(server, await writer.create(user), user);
});

test('case 20: of several hits the one of our externalId is taken', async (t) => {
  const opened = await open(t);
  const user = userNamed('ada@example.com');
  opened.server.on('GET', (step) => {
    const [own] = [...opened.server.store.users.values()];
    assert.ok(own !== undefined);
    const other = { ...opened.server.store.show(own), id: '1', externalId: 'other' };
    step.send(200, { Resources: [other, opened.server.store.show(own)] });
  });
  assertFound(opened.server, await createAndFind(opened, user), user);
});

test('case 20: several hits that nothing tells apart fail that user', async (t) => {
  const opened = await open(t);
  opened.server.on('GET', (step) =>
    step.send(200, { Resources: ['1', '2'].map((id) => ({ id, userName: 'ada@example.com' })) }),
  );
  const outcome = await createAndFind(opened, userNamed('ada@example.com'));
  assert.ok(!outcome.ok);
  assert.equal(outcome.failure.stage, 'CONFLICT');
  assert.match(outcome.failure.message, /holds 2 users that fit ada@example\.com/);
  assert.equal(opened.server.count('PATCH'), 0);
});

test('case 21: no Resources member means no hits', async (t) => {
  const { server, writer } = await open(t);
  server.on('POST', (step) => step.hangUp());
  server.on('GET', (step) => step.send(200, { totalResults: 0 }), 2);
  assert.ok((await writer.create(userNamed('ada@example.com'))).ok);
  assert.equal(server.count('POST'), 2);
});

test('case 22: a hit in another case than asked is the user', async (t) => {
  const { server, writer } = await open(t);
  const user = userNamed('ada@example.com');
  server.store.add({ userName: 'Ada@Example.COM', externalId: user.externalId });
  assertFound(server, await writer.create(user), user);
});

test('case 23: a name with composed accents is the same name with combining ones', async (t) => {
  const { server, writer } = await open(t);
  const user = userNamed('jos\u00e9@example.com');
  const id = server.store.add({ userName: 'jose\u0301@example.com' }).id;
  server.on('POST', (step) => step.send(409, error(409, 'uniqueness', 'exists').body));
  const outcome = await writer.create(user);
  assert.deepEqual(outcome.ok && [outcome.how, outcome.scimId], ['ADOPTED', id]);
});

test('case 24: a filter that the service does not look at never picks a stranger', async (t) => {
  const opened = await open(t);
  const user = userNamed('ada@example.com');
  for (let i = 0; i < 3; i += 1)
    opened.server.store.add({ userName: `other${i}@example.com`, externalId: `o${i}` });
  const all = (): Record<string, unknown> => ({
    Resources: [...opened.server.store.users.values()]
      .slice(0, 3)
      .map((each) => opened.server.store.show(each)),
  });
  opened.server.on('GET', (step) => step.send(200, all()), 2);
  assertFound(opened.server, await createAndFind(opened, user), user);
});

test('case 25: a hit without id is no hit', async (t) => {
  const { server, writer } = await open(t);
  server.on('POST', (step) => step.hangUp());
  server.on('GET', (step) => step.send(200, { Resources: [{ userName: 'ada@example.com' }] }));
  const outcome = await writer.create(userNamed('ada@example.com'));
  assert.deepEqual(outcome.ok && outcome.how, 'CREATED');
  assert.equal(server.store.users.size, 1);
});

test('case 26: attribute names in another case are the same attributes', async (t) => {
  const { server, writer } = await open(t);
  const user = userNamed('ada@example.com', { department: 'Engines' });
  const { id } = server.store.add({ userName: 'ada@example.com' });
  server.on('GET', (step) =>
    step.send(200, {
      RESOURCES: [
        {
          ID: id,
          UserName: user.userName,
          ExternalID: user.externalId,
          Active: true,
          NAME: { GivenName: 'Ada', familyname: 'Lovelace' },
          Emails: [{ VALUE: 'ada@example.com', Type: 'Work' }],
          Title: 'Analyst',
          usertype: 'Employee',
          Addresses: [{ Type: 'work', Country: 'GB' }],
          'URN:ietf:params:scim:schemas:extension:ENTERPRISE:2.0:User': {
            Department: 'Engines',
            DIVISION: 'Research',
          },
        },
      ],
    }),
  );
  assert.deepEqual(await writer.create(user), { ok: true, scimId: id, how: 'ADOPTED', held: [] });
  assert.equal(server.count('PATCH'), 0);
});

test('a lookup that gets no answer fails the user instead of creating a second one', async (t) => {
  const { server, writer } = await open(t);
  server.on('POST', async (step) => {
    await step.obey();
    step.hangUp();
  });
  server.on('GET', (step) => step.send(500), 99);
  const outcome = await writer.create(userNamed('ada@example.com'));
  assert.ok(!outcome.ok);
  assert.equal(server.count('POST'), 1);
});

const LOST = { externalId: 'id-ada', userName: 'ada@example.com' };

test('a look-up finds the user under our externalId whatever his name is by now', async (t) => {
  const { server, reader } = await open(t);
  server.store.add({ userName: 'ada.married@example.com', externalId: LOST.externalId });
  const sighting = await reader.find(LOST);
  assert.equal(sighting.kind === 'FOUND' && sighting.user.resource.userName, 'ada.married@example.com');
  assert.equal(server.count('GET'), 1);
});

test('a look-up that meets the name under another externalId, or under none, does not take the user for ours', async (t) => {
  const { server, reader } = await open(t);
  assert.deepEqual(await reader.find(LOST), { kind: 'NONE' });
  const { id } = server.store.add({ userName: LOST.userName });
  assert.deepEqual(await reader.find(LOST), { kind: 'NAMESAKE', scimId: id, active: true });
  server.store.users.clear();
  server.store.add({ userName: LOST.userName, externalId: 'somebody-else' });
  assert.deepEqual(await reader.find(LOST), { kind: 'NONE' });
});

test('a look-up by the id that we know comes first, and tells a namesake from the user himself', async (t) => {
  const { server, reader } = await open(t);
  const { id } = server.store.add({ userName: 'renamed@example.com' });
  const found = await reader.find({ ...LOST, scimId: id });
  assert.equal(found.kind === 'FOUND' && found.user.scimId, id);
  server.store.users.clear();
  server.store.add({ userName: LOST.userName });
  const namesake = await reader.find({ ...LOST, scimId: id });
  assert.equal(namesake.kind === 'NAMESAKE' && namesake.scimId !== id, true);
  server.store.users.clear();
  assert.deepEqual(await reader.find({ ...LOST, scimId: id }), { kind: 'NONE' });
  server.on('GET', (step) => step.send(404, '<html>no route</html>'), 99);
  assert.equal((await reader.find({ ...LOST, scimId: id })).kind, 'UNKNOWN');
});

test('a look-up that no filter answers, or that meets two users, says that it does not know', async (t) => {
  const { server, reader } = await open(t);
  server.on('GET', (step) => step.send(501, error(501, null, 'no filters here').body), 2);
  assert.equal((await reader.find(LOST)).kind, 'UNKNOWN');
  server.on('GET', (step) => step.send(400, error(400, 'invalidFilter', 'not this one').body));
  assert.equal((await reader.find(LOST)).kind, 'NONE');
  for (const name of ['a', 'b']) server.store.add({ userName: name, externalId: LOST.externalId });
  assert.equal((await reader.find(LOST)).kind, 'UNKNOWN');
});

test('an externalId that is a UUID is ours in whatever case the service shows it, and any other only exactly', async (t) => {
  const { server, reader, writer } = await open(t);
  const uuid = '0f8fad5b-d9cb-469f-a165-70867728950e';
  const byUuid = userNamed('uuid@example.com', { externalId: uuid });
  const byNumber = userNamed('number@example.com', { externalId: 'e-7' });
  for (const { userName, externalId } of [byUuid, byNumber]) {
    server.store.add({ userName, externalId: externalId.toUpperCase() });
  }
  assert.equal((await reader.find(byUuid)).kind, 'FOUND');
  assert.equal((await reader.find(byNumber)).kind, 'NONE');
  assert.equal((await writer.create(byUuid)).ok, true);
  assert.equal((await writer.create(byNumber)).ok, false);
  assert.equal(server.store.users.size, 2);
});

for (const [what, body] of [
  ['a JSON object of something else', { status: 'ok' }],
  ['a total of 1 without users', { totalResults: 1, startIndex: 1 }],
  ['an empty list without a total', { Resources: [] }],
] as const) {
  test(`only a total of 0 says that there is nobody: not ${what}`, async (t) => {
    const { server, reader, writer } = await open(t);
    const ada = userNamed('ada@example.com');
    const created = await writer.create(ada);
    assert.ok(created.ok);
    for (const method of ['GET', 'PATCH'])
      server.on(
        method,
        (step) =>
          step.seen.path === '/Users' ? step.send(200, body) : step.send(404, '<html>no route</html>'),
        99,
      );
    assert.equal((await reader.find({ ...ada, scimId: created.scimId })).kind, 'UNKNOWN');
    const closed = await writer.update(created.scimId, { ...ada, active: false }, ['active']);
    assert.ok(!closed.ok);
    assert.match(closed.failure.message, /cannot be told/);
  });
}
