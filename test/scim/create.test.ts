/** Creating users: every way in which the answer can be odd, late or lost ends with exactly one user and the right id. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Outcome } from '../../src/model/plan.ts';
import { error } from '../servers/hostile-scim-store.ts';
import type { HostileScim, Step } from '../servers/hostile-scim.ts';
import { open, userNamed } from './open-service.ts';

const ada = userNamed('ada@example.com');

/** The one user of that name at the service has the id of the outcome. */
function assertOne(server: HostileScim, outcome: Outcome, how: string): void {
  const users = server.store.named(ada.userName);
  assert.equal(users.length, 1);
  assert.deepEqual(outcome, { ok: true, scimId: users[0]?.id, how, held: [] });
}

function assertFailed(outcome: Outcome, stage: string, words: RegExp): void {
  assert.ok(!outcome.ok);
  assert.equal(outcome.failure.stage, stage);
  assert.match(outcome.failure.message, words);
}

test('case 1: a 201 with Location and id is one request', async (t) => {
  const { server, writer, reader } = await open(t);
  assertOne(server, await writer.create(ada), 'CREATED');
  assert.deepEqual(reader.requests(), { POST: 1 });
  assert.deepEqual(server.seen[0]?.body, {
    schemas: [
      'urn:ietf:params:scim:schemas:core:2.0:User',
      'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User',
    ],
    userName: 'ada@example.com',
    externalId: ada.externalId,
    active: true,
    name: { givenName: 'Ada', familyName: 'Lovelace' },
    emails: [{ value: 'ada@example.com', type: 'work', primary: true }],
    title: 'Analyst',
    userType: 'Employee',
    addresses: [{ type: 'work', country: 'GB' }],
    'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User': {
      department: 'Engines',
      division: 'Research',
    },
  });
  const headers = server.seen[0]?.headers ?? {};
  assert.equal(headers['content-type'], 'application/scim+json');
  assert.match(String(headers['accept']), /^application\/scim\+json/);
  assert.equal(headers['user-agent'], 'c42uds/test');
  assert.match(String(headers['authorization']), /^Basic /);
});

test('case 2: a 201 without Location has its id in the body', async (t) => {
  const { server, writer } = await open(t);
  server.on('POST', async (step) => step.send(201, (await step.obey()).body));
  assertOne(server, await writer.create(ada), 'CREATED');
  assert.equal(server.seen.length, 1);
});

test('case 3: a 201 with an empty body takes the id from Location, else looks the user up', async (t) => {
  const { server, writer } = await open(t);
  server.on('POST', async (step) => step.send(201, null, (await step.obey()).headers));
  assertOne(server, await writer.create(ada), 'CREATED');
  assert.equal(server.seen.length, 1);
  const second = await open(t);
  second.server.on('POST', async (step) => {
    await step.obey();
    step.send(201);
  });
  assertOne(second.server, await second.writer.create(ada), 'CREATED');
  assert.deepEqual(second.reader.requests(), { POST: 1, GET: 1 });
});

test('case 4: a Location on another host or path is not followed, only its id is taken', async (t) => {
  for (const prefix of ['https://elsewhere.invalid/v9/Users/', 'Users/', '../Users/', '/other/users/']) {
    const { server, writer } = await open(t);
    server.on('POST', async (step) => {
      const { body } = await step.obey();
      step.send(201, null, {
        location: `${prefix.includes('/Users') || prefix.includes('/users') ? prefix : `/${prefix}`}${String(body?.['id'])}?x=1`,
      });
    });
    assertOne(server, await writer.create(ada), 'CREATED');
    assert.equal(server.seen.length, 1);
  }
});

test('case 5: a 200 in place of 201 is a created user', async (t) => {
  const { server, writer } = await open(t);
  server.on('POST', async (step) => step.send(200, (await step.obey()).body));
  assertOne(server, await writer.create(ada), 'CREATED');
});

test('case 6: a 409 for a user under our externalId adopts that user and sends only what differs', async (t) => {
  const { server, writer, reader } = await open(t);
  const { id } = server.store.add({
    userName: 'ADA@example.com',
    externalId: ada.externalId,
    active: true,
    title: 'Clerk',
    name: { givenName: 'Ada', familyName: 'Lovelace' },
    emails: [{ value: 'ada@example.com', type: 'work' }],
  });
  const wanted = { ...ada, userType: null, department: null, division: null, country: null };
  assert.deepEqual(await writer.create(wanted), { ok: true, scimId: id, how: 'ADOPTED', held: [] });
  assert.deepEqual(reader.requests(), { POST: 1, GET: 1, PATCH: 1 });
  assert.deepEqual(server.seen[2]?.body?.['Operations'], [
    { op: 'replace', path: 'userName', value: 'ada@example.com' },
    { op: 'replace', path: 'title', value: 'Analyst' },
  ]);
});

test('case 6: a 409 for a user without externalId adopts that user, and gives him ours', async (t) => {
  const { server, writer } = await open(t);
  server.store.add({ userName: ada.userName });
  assertOne(server, await writer.create(ada), 'ADOPTED');
  assert.equal(server.store.named(ada.userName)[0]?.body['externalId'], ada.externalId);
});

test('case 7: a 409 for a user of another externalId is a conflict that names the userName', async (t) => {
  const { server, writer } = await open(t);
  const other = server.store.add({ userName: ada.userName, externalId: 'somebody-else' });
  assertFailed(
    await writer.create(ada),
    'CONFLICT',
    /ada@example\.com belongs to another user.*somebody-else/,
  );
  assert.equal(other.version, 1);
});

test('case 7: with scim.adopt.by=USER_NAME the user of another externalId is adopted', async (t) => {
  const { server, writer } = await open(t, { 'scim.adopt.by': 'USER_NAME' });
  server.store.add({ userName: ada.userName, externalId: 'somebody-else' });
  assertOne(server, await writer.create(ada), 'ADOPTED');
});

test('a user of that name who is known as somebody else of the directory is a conflict, even under our externalId', async (t) => {
  const { server, writer } = await open(t);
  const { id } = server.store.add({ userName: ada.userName, externalId: ada.externalId, active: true });
  const outcome = await writer.create(ada, (scimId) => scimId !== id);
  assertFailed(outcome, 'CONFLICT', new RegExp(`ada@example\\.com belongs .* id ${id}, who is another user`));
  assert.equal(server.count('PATCH'), 0);
});

test('case 8: a 409 for a user whom the service does not show is reported once, without a loop', async (t) => {
  const { server, writer, reader } = await open(t);
  server.on('POST', (step) => step.send(409, error(409, 'uniqueness', 'local user').body), 99);
  assertFailed(await writer.create(ada), 'CONFLICT', /ada@example\.com is taken.*does not show.*local user/);
  assert.deepEqual(reader.requests(), { POST: 1, GET: 2 });
});

test('case 9: a 409 without a SCIM body is a 409', async (t) => {
  const { server, writer } = await open(t);
  server.store.add({ userName: ada.userName, externalId: ada.externalId });
  server.on('POST', (step) => step.send(409, '<h1>Conflict</h1>', { 'content-type': 'text/html' }));
  assertOne(server, await writer.create(ada), 'ADOPTED');
});

const lost: Record<string, (step: Step) => void | Promise<void>> = {
  'case 10: a create whose request was lost ends as one user': (step) => step.hangUp(),
  'case 11: a create whose response was lost ends as one user': async (step) => {
    await step.obey();
    step.hangUp();
  },
  'case 13: a 502 page after the user was created ends as one user': async (step) => {
    await step.obey();
    step.send(502, '<html><body>Bad gateway</body></html>', { 'content-type': 'text/html' });
  },
  'case 13: a 500 before anything was done ends as one user': (step) => step.send(500),
  'case 14: a 201 body that is cut by its length ends as one user': async (step) => {
    const { body } = await step.obey();
    step.response.writeHead(201, { 'content-length': '5000' });
    step.response.write(JSON.stringify(body).slice(0, 40), () => step.hangUp());
  },
  'case 14: a 201 body that is cut between chunks ends as one user': async (step) => {
    const { body } = await step.obey();
    step.response.writeHead(201);
    step.response.write(JSON.stringify(body).slice(0, 40), () => step.hangUp());
  },
  'case 14: a 201 body that is half a JSON document ends as one user': async (step) => {
    const { body } = await step.obey();
    step.send(201, JSON.stringify(body).slice(0, 40));
  },
};

for (const [name, script] of Object.entries(lost)) {
  test(name, async (t) => {
    const { server, writer } = await open(t);
    server.on('POST', script);
    const outcome = await writer.create(ada);
    const isNew = server.count('POST') === 2;
    assertOne(server, outcome, isNew || name.includes('half') ? 'CREATED' : 'ADOPTED');
    assert.equal(server.count('PATCH'), 0);
  });
}

test('case 12: a create that commits after our time-out ends as one user', async (t) => {
  const { server, writer } = await open(t, { 'scim.read.timeout.period': 100 });
  let commit: () => void = () => undefined;
  server.on('POST', (step) => {
    commit = () => void step.obey();
  });
  // The first lookup finds nothing; the late commit comes just before the second POST, which then gets a 409.
  server.on('POST', async (step) => {
    commit();
    const { status, body } = await step.obey();
    step.send(status, body);
  });
  assertOne(server, await writer.create(ada), 'ADOPTED');
  assert.equal(server.count('POST'), 2);
});

test('case 15: an inactive new user is never created', async (t) => {
  const { server, writer } = await open(t);
  assertFailed(await writer.create({ ...ada, active: false }), 'SEND', /inactive user is never created/);
  assert.equal(server.seen.length, 0);
});

test('values that the 201 shows otherwise are named as held, what it leaves out is not', async (t) => {
  const { server, writer } = await open(t);
  server.on('POST', async (step) => {
    const { body } = await step.obey();
    step.send(201, {
      id: body?.['id'],
      userName: 'ADA@EXAMPLE.COM',
      title: 'Countess',
      c42OrgName: 'Default',
      roles: ['x'],
    });
  });
  const outcome = await writer.create({ ...ada, org: 'Engines', roles: ['PROe User'] });
  assert.deepEqual(outcome.ok && [outcome.held, outcome.holds], [['title'], { title: 'Countess' }]);
});

test('a create that never gets an answer fails that user after all attempts', async (t) => {
  const { server, writer } = await open(t);
  server.on('POST', (step) => step.send(500, error(500, null, 'no luck').body), 99);
  assertFailed(await writer.create(ada), 'SEND', /ada@example\.com.*HTTP 500: no luck/);
  assert.equal(server.count('POST'), 4);
});

test('a create whose last attempt did it unheard is found', async (t) => {
  const { server, writer } = await open(t, { 'scim.max.attempts': 2 });
  server.on('POST', (step) => step.hangUp());
  server.on('POST', async (step) => {
    await step.obey();
    step.hangUp();
  });
  assertOne(server, await writer.create(ada), 'ADOPTED');
});

test('a lost create whose name turns out to be taken by somebody else is a conflict', async (t) => {
  const { server, writer } = await open(t);
  server.store.add({ userName: ada.userName, externalId: 'somebody-else' });
  server.on('POST', (step) => step.hangUp());
  assertFailed(await writer.create(ada), 'CONFLICT', /somebody-else/);
  assert.equal(server.count('POST'), 1);
});
