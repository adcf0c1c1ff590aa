/** Updating, deactivating and renaming users: one request with what differs, and the truth about what the service kept. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { USER_ATTRIBUTES, type UserAttribute, type UserResource } from '../../src/model/user.ts';
import { ENTERPRISE, error, type Body } from '../servers/hostile-scim-store.ts';
import type { Step } from '../servers/hostile-scim.ts';
import { open, userNamed, type Opened } from './open-service.ts';

const ada = userNamed('ada@example.com');

/** Creates the user; what is asserted afterwards begins with the second request. */
async function withUser(opened: Opened): Promise<string> {
  const created = await opened.writer.create(ada);
  assert.ok(created.ok);
  return created.scimId;
}

function bodyOf(opened: Opened): Body {
  return opened.server.store.named(ada.userName)[0]?.body ?? {};
}

function operations(opened: Opened, index: number): unknown {
  return opened.server.seen[index]?.body?.['Operations'];
}

/** Updated, with the named attributes held at these values. */
function updated(scimId: string, holds: Partial<UserResource> = {}): object {
  const held = Object.keys(holds);
  return { ok: true, scimId, how: 'UPDATED', held, ...(held.length === 0 ? {} : { holds }) };
}

test('case 27: a 200 with the user is one PATCH', async (t) => {
  const opened = await open(t);
  const id = await withUser(opened);
  assert.deepEqual(await opened.writer.update(id, { ...ada, title: 'Countess' }, ['title']), updated(id));
  assert.deepEqual(opened.reader.requests(), { POST: 1, PATCH: 1 });
  assert.deepEqual(opened.server.seen[1]?.body, {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
    Operations: [{ op: 'replace', path: 'title', value: 'Countess' }],
  });
  assert.equal(bodyOf(opened)['title'], 'Countess');
});

test('case 28: a 204 is believed without another request', async (t) => {
  const opened = await open(t);
  const id = await withUser(opened);
  opened.server.on('PATCH', async (step) => {
    await step.obey();
    step.response.writeHead(204).end();
  });
  assert.deepEqual(await opened.writer.update(id, { ...ada, title: 'Countess' }, ['title']), updated(id));
  assert.equal(opened.server.seen.length, 2);
});

test('case 29: a 200 that shows the user unchanged is read back and named', async (t) => {
  const opened = await open(t);
  const id = await withUser(opened);
  const unchanged = (step: Step): void => {
    const [user] = opened.server.store.named(ada.userName);
    assert.ok(user !== undefined);
    step.send(200, opened.server.store.show(user));
  };
  opened.server.on('PATCH', unchanged);
  const wanted = { ...ada, active: false, title: 'Countess' };
  assert.deepEqual(
    await opened.writer.update(id, wanted, ['active', 'title']),
    updated(id, { active: true, title: 'Analyst' }),
  );
  assert.deepEqual(opened.reader.requests(), { POST: 1, PATCH: 1, GET: 2 });
});

test('case 29: an answer with the old copy of a user that did change raises no alarm', async (t) => {
  const opened = await open(t);
  const id = await withUser(opened);
  opened.server.on('PATCH', async (step) => {
    const [user] = opened.server.store.named(ada.userName);
    assert.ok(user !== undefined);
    const before = opened.server.store.show(user);
    await step.obey();
    step.send(200, before);
  });
  assert.deepEqual(await opened.writer.update(id, { ...ada, title: 'Countess' }, ['title']), updated(id));
});

test('case 29: a 200 without a body is read back', async (t) => {
  const opened = await open(t);
  const id = await withUser(opened);
  opened.server.on('PATCH', (step) => step.send(200));
  assert.deepEqual(
    await opened.writer.update(id, { ...ada, title: 'Countess' }, ['title']),
    updated(id, { title: 'Analyst' }),
  );
});

test('case 30: a user removed by hand is created again under a new id', async (t) => {
  const opened = await open(t);
  const id = await withUser(opened);
  opened.server.store.users.clear();
  const outcome = await opened.writer.update(id, { ...ada, title: 'Countess' }, ['title']);
  const [user] = opened.server.store.named(ada.userName);
  assert.deepEqual(outcome, { ok: true, scimId: user?.id, how: 'CREATED', held: [] });
  assert.notEqual(user?.id, id);
  assert.deepEqual(user?.body[ENTERPRISE], { department: 'Engines', division: 'Research' });
});

test('case 30: a user removed and made again by hand is found and brought to what we want', async (t) => {
  const opened = await open(t);
  const id = await withUser(opened);
  opened.server.store.users.clear();
  const again = opened.server.store.add({ userName: ada.userName, title: 'Clerk' });
  const outcome = await opened.writer.update(id, ada, ['title']);
  assert.deepEqual(outcome, { ok: true, scimId: again.id, how: 'ADOPTED', held: [] });
  assert.equal(again.body['title'], 'Analyst');
  assert.equal(again.body['externalId'], ada.externalId);
});

test('case 30: a user removed by hand who is inactive anyway stays gone', async (t) => {
  const opened = await open(t);
  const id = await withUser(opened);
  opened.server.store.users.clear();
  const outcome = await opened.writer.update(id, { ...ada, active: false }, ['active']);
  assert.deepEqual(outcome, { ok: true, scimId: id, how: 'GONE', held: [] });
  assert.equal(opened.server.count('POST'), 1);
});

test('case 30: a user removed by hand whose entry was not read is neither looked up nor made anew', async (t) => {
  const opened = await open(t);
  const id = await withUser(opened);
  opened.server.store.users.clear();
  const outcome = await opened.writer.update(id, { ...ada, manager: '7' }, ['manager'], () => true, false);
  assert.deepEqual(outcome, { ok: true, scimId: id, how: 'GONE', held: [] });
  assert.equal(opened.server.count('POST'), 1);
  assert.equal(opened.server.count('GET /Users'), 0);
});

test('case 31: a 412 reads the user and sends what still differs with If-Match', async (t) => {
  const opened = await open(t);
  const id = await withUser(opened);
  opened.server.on('PATCH', async (step) => {
    const [user] = opened.server.store.named(ada.userName);
    if (user !== undefined) Object.assign(user.body, { userType: 'Contractor' });
    step.send(412, error(412, null, 'changed meanwhile').body);
  });
  const wanted = { ...ada, title: 'Countess', userType: 'Contractor' };
  assert.deepEqual(await opened.writer.update(id, wanted, ['title', 'userType']), updated(id));
  assert.deepEqual(operations(opened, 3), [{ op: 'replace', path: 'title', value: 'Countess' }]);
  assert.equal(opened.server.seen[3]?.headers['if-match'], 'W/"1"');
});

test('case 31: a 428 is answered with If-Match', async (t) => {
  const opened = await open(t);
  const id = await withUser(opened);
  opened.server.on('PATCH', (step) => step.send(428, error(428, null, 'version wanted').body));
  assert.deepEqual(await opened.writer.update(id, { ...ada, title: 'Countess' }, ['title']), updated(id));
  assert.equal(opened.server.seen[3]?.headers['if-match'], 'W/"1"');
});

test('case 31: a user who changes all the time fails after three fresh reads', async (t) => {
  const opened = await open(t);
  const id = await withUser(opened);
  opened.server.on('PATCH', (step) => step.send(412, error(412, null, 'changed meanwhile').body), 99);
  const outcome = await opened.writer.update(id, { ...ada, title: 'Countess' }, ['title']);
  assert.match(outcome.ok ? '' : outcome.failure.message, /HTTP 412: changed meanwhile/);
  assert.deepEqual(opened.reader.requests(), { POST: 1, PATCH: 4, GET: 3 });
});

test('case 32: a version is sent as it came: strong or weak, from the header or from meta.version', async (t) => {
  const versions: [Record<string, string>, string | null, string][] = [
    [{ etag: '"strong"' }, null, '"strong"'],
    [{}, 'W/"weak"', 'W/"weak"'],
    [{ etag: 'W/"header"' }, '"meta"', 'W/"header"'],
  ];
  for (const [headers, version, sent] of versions) {
    const opened = await open(t, { 'scim.update.method': 'PUT' });
    const id = await withUser(opened);
    opened.server.on('GET', (step) =>
      step.send(200, { ...bodyOf(opened), id, meta: version === null ? {} : { version } }, headers),
    );
    opened.server.on('PUT', (step) => void step.response.writeHead(204).end());
    assert.deepEqual(await opened.writer.update(id, { ...ada, title: 'Countess' }, ['title']), updated(id));
    assert.equal(opened.server.seen[2]?.headers['if-match'], sent);
  }
});

test('case 33: extension attributes go as URN:attribute paths', async (t) => {
  const opened = await open(t, { 'scim.org.attribute': 'urn:example:ext:2.0:User:orgName' });
  const id = await withUser(opened);
  const wanted = { ...ada, department: 'Looms', manager: '42', org: 'Works' };
  assert.deepEqual(await opened.writer.update(id, wanted, ['department', 'manager', 'org']), updated(id));
  assert.deepEqual(operations(opened, 1), [
    { op: 'replace', path: `${ENTERPRISE}:department`, value: 'Looms' },
    { op: 'replace', path: `${ENTERPRISE}:manager`, value: { value: '42' } },
    { op: 'replace', path: 'urn:example:ext:2.0:User:orgName', value: 'Works' },
  ]);
});

test('case 34: a cleared attribute is removed, never sent as null or empty', async (t) => {
  const opened = await open(t);
  const id = await withUser(opened);
  const cleared: UserAttribute[] = ['givenName', 'email', 'title', 'country', 'department', 'roles', 'org'];
  const wanted = { ...ada, givenName: null, email: null, title: null, country: null, department: null };
  assert.deepEqual(await opened.writer.update(id, wanted, cleared), updated(id));
  const paths = [
    'name.givenName',
    'emails',
    'title',
    'addresses',
    `${ENTERPRISE}:department`,
    'roles',
    'c42OrgName',
  ];
  assert.deepEqual(
    operations(opened, 1),
    paths.map((path) => ({ op: 'remove', path })),
  );
});

test('case 34: removing what is already gone is recomputed, not a failure', async (t) => {
  const opened = await open(t);
  const id = await withUser(opened);
  delete bodyOf(opened)['title'];
  opened.server.on('PATCH', (step) => step.send(400, error(400, 'noTarget', 'no title').body));
  assert.deepEqual(await opened.writer.update(id, { ...ada, title: null }, ['title']), updated(id));
  assert.deepEqual(opened.reader.requests(), { POST: 1, PATCH: 1, GET: 1 });
});

test('case 35: a mail is sent as the whole list, without a value filter', async (t) => {
  const opened = await open(t);
  const id = await withUser(opened);
  delete bodyOf(opened)['emails'];
  assert.deepEqual(
    await opened.writer.update(id, { ...ada, email: 'new@example.com' }, ['email']),
    updated(id),
  );
  assert.deepEqual(operations(opened, 1), [
    { op: 'replace', path: 'emails', value: [{ value: 'new@example.com', type: 'work', primary: true }] },
  ]);
});

test('case 36: there is exactly one primary mail, and other mails stay with PUT', async (t) => {
  const opened = await open(t, { 'scim.update.method': 'PUT' });
  const id = await withUser(opened);
  bodyOf(opened)['emails'] = [
    { value: 'home@example.com', type: 'home', primary: true },
    { value: ada.userName, type: 'work', primary: true },
  ];
  assert.deepEqual(
    await opened.writer.update(id, { ...ada, email: 'new@example.com' }, ['email']),
    updated(id),
  );
  assert.deepEqual(bodyOf(opened)['emails'], [
    { value: 'home@example.com', type: 'home' },
    { value: 'new@example.com', type: 'work', primary: true },
  ]);
});

test('case 37: active is read as a string and sent as a boolean', async (t) => {
  for (const [shown, held] of [
    ['False', {}],
    ['false', {}],
    ['True', { active: true }],
    [true, { active: true }],
  ] as const) {
    const opened = await open(t);
    const id = await withUser(opened);
    opened.server.on('PATCH', (step) => step.send(200, { ...bodyOf(opened), id, active: shown }));
    opened.server.on('GET', (step) => step.send(200, { ...bodyOf(opened), id, active: 'True' }), 1);
    opened.server.on('GET', (step) => step.send(200, { ...bodyOf(opened), id, active: shown }));
    const outcome = await opened.writer.update(id, { ...ada, active: false }, ['active']);
    const closed = shown === 'False' || shown === 'false' ? { showsClosed: true } : {};
    assert.deepEqual(outcome, { ...updated(id, held), ...closed });
    assert.deepEqual(operations(opened, 2), [{ op: 'replace', path: 'active', value: false }]);
  }
});

test('case 38: a rename keeps the id', async (t) => {
  const opened = await open(t);
  const id = await withUser(opened);
  assert.deepEqual(
    await opened.writer.update(id, { ...ada, userName: 'ada.king@example.com' }, ['userName']),
    updated(id),
  );
  assert.equal(opened.server.store.users.get(id)?.body['userName'], 'ada.king@example.com');
});

test("case 39: a rename onto another user's name is a conflict", async (t) => {
  const opened = await open(t);
  const id = await withUser(opened);
  opened.server.store.add({ userName: 'taken@example.com', externalId: 'other' });
  const outcome = await opened.writer.update(id, { ...ada, userName: 'taken@example.com' }, ['userName']);
  assert.ok(!outcome.ok);
  assert.equal(outcome.failure.stage, 'CONFLICT');
  assert.match(outcome.failure.message, /taken@example\.com/);
  assert.equal(opened.server.count('PATCH'), 1);
});

test('case 39: a rename that is refused because an earlier attempt did it is done', async (t) => {
  for (const method of ['PATCH', 'PUT'] as const) {
    const opened = await open(t, { 'scim.update.method': method });
    const id = await withUser(opened);
    opened.server.on(method, async (step) => {
      await step.obey();
      step.hangUp();
    });
    // A service that takes the user himself for another one who has the name.
    opened.server.on(method, (step) => step.send(409, error(409, 'uniqueness', 'taken').body));
    const wanted = { ...ada, userName: 'ada.king@example.com' };
    assert.deepEqual(await opened.writer.update(id, wanted, ['userName']), updated(id));
    assert.equal(opened.server.count(method), 2);
  }
});

test('case 40: roles in another order and case are no reason for a request', async (t) => {
  const opened = await open(t);
  const user = { ...ada, roles: ['Desktop User', 'PROe User'] };
  opened.server.store.add({
    ...(await open(t).then(async (other) => {
      await other.writer.create(user);
      return other.server.store.named(ada.userName)[0]?.body;
    })),
    roles: [{ value: 'proe user' }, { value: 'DESKTOP USER' }],
  });
  const outcome = await opened.writer.create(user);
  assert.deepEqual(outcome.ok && outcome.how, 'ADOPTED');
  assert.equal(opened.server.count('PATCH'), 0);
});

test('case 41: nothing to change is no request', async (t) => {
  const opened = await open(t);
  const id = await withUser(opened);
  assert.deepEqual(await opened.writer.update(id, ada, []), updated(id));
  assert.equal(opened.server.seen.length, 1);
});

test('case 42: a service without PATCH gets PUT for the rest of the run, and keeps what is not ours', async (t) => {
  for (const status of [405, 501]) {
    const opened = await open(t);
    const id = await withUser(opened);
    Object.assign(bodyOf(opened), {
      nickName: 'Countess',
      addresses: [{ type: 'work', country: 'GB', locality: 'London' }],
    });
    opened.server.on('PATCH', (step) => step.send(status, error(status, null, 'no PATCH').body), 99);
    const wanted = { ...ada, country: 'FR', title: null };
    assert.deepEqual(await opened.writer.update(id, wanted, ['country', 'title']), updated(id));
    const closed = await opened.writer.update(id, { ...wanted, active: false }, ['active']);
    assert.deepEqual(closed, { ...updated(id), showsClosed: true });
    assert.deepEqual(opened.reader.requests(), { POST: 1, PATCH: 1, GET: 2, PUT: 2 });
    const { nickName, addresses, title, department, active } = {
      ...bodyOf(opened),
      ...(bodyOf(opened)[ENTERPRISE] as Body),
    };
    assert.deepEqual(addresses, [{ type: 'work', country: 'FR', locality: 'London' }]);
    assert.deepEqual([nickName, title, department, active], ['Countess', undefined, 'Engines', false]);
    assert.ok(!('meta' in (opened.server.seen.at(-1)?.body ?? {})));
  }
});

test('case 42: a service that declares PATCH unsupported and fails on it gets PUT', async (t) => {
  const opened = await open(t);
  const id = await withUser(opened);
  opened.server.on('PATCH', (step) => step.send(400, error(400, null, 'what?').body), 99);
  opened.server.on(
    'GET /ServiceProviderConfig',
    (step) => step.send(200, { Patch: { Supported: 'false' } }),
    99,
  );
  assert.deepEqual(await opened.writer.update(id, { ...ada, title: 'Countess' }, ['title']), updated(id));
  assert.deepEqual(await opened.writer.update(id, { ...ada, title: 'Clerk' }, ['title']), updated(id));
  assert.equal(opened.server.count('GET /ServiceProviderConfig'), 1);
  assert.equal(opened.server.count('PATCH'), 1);
});

test('case 42: scim.update.method=PATCH never falls back, and the user fails', async (t) => {
  const opened = await open(t, { 'scim.update.method': 'PATCH' });
  const id = await withUser(opened);
  opened.server.on('PATCH', (step) => step.send(501));
  const outcome = await opened.writer.update(id, { ...ada, title: 'Countess' }, ['title']);
  assert.match(outcome.ok ? '' : outcome.failure.message, /HTTP 501/);
});

test('case 43: a missing or wrong ServiceProviderConfig changes nothing', async (t) => {
  const wrong: ((step: Step) => void)[] = [
    (step) => step.send(404),
    (step) => step.send(403),
    (step) => step.send(200, '<html>'),
    (step) => step.send(200, { filter: { supported: false }, patch: 'yes' }),
    (step) => step.hangUp(),
  ];
  for (const script of wrong) {
    const opened = await open(t);
    const id = await withUser(opened);
    opened.server.on('PATCH', (step) => step.send(400, error(400, 'invalidValue', 'no such title').body));
    opened.server.on('GET /ServiceProviderConfig', script);
    const outcome = await opened.writer.update(id, { ...ada, title: 'Countess' }, ['title']);
    assert.match(outcome.ok ? '' : outcome.failure.message, /HTTP 400 invalidValue: no such title/);
    assert.deepEqual(await opened.writer.update(id, { ...ada, title: 'Clerk' }, ['title']), updated(id));
    assert.equal(opened.server.count('PUT'), 0);
  }
});

test('a full update sends the whole user in one PATCH that may be repeated when its answer is lost', async (t) => {
  const opened = await open(t);
  const id = await withUser(opened);
  opened.server.on('PATCH', async (step) => {
    await step.obey();
    step.hangUp();
  });
  assert.deepEqual(
    await opened.writer.update(id, { ...ada, manager: '1', org: 'Works', roles: ['A'] }, USER_ATTRIBUTES),
    updated(id),
  );
  assert.deepEqual(opened.reader.requests(), { POST: 1, PATCH: 2 });
  const [user] = opened.server.store.named(ada.userName);
  assert.deepEqual(user?.body['roles'], [{ value: 'A' }]);
});

test('a PUT whose answer was lost is found done and not sent a third time', async (t) => {
  const opened = await open(t, { 'scim.update.method': 'PUT' });
  const id = await withUser(opened);
  opened.server.on('PUT', async (step) => {
    await step.obey();
    step.hangUp();
  });
  assert.deepEqual(await opened.writer.update(id, { ...ada, title: 'Countess' }, ['title']), updated(id));
  // The second PUT carries the version of before the first, so the service refuses it.
  assert.deepEqual(opened.reader.requests(), { POST: 1, GET: 2, PUT: 2 });
});

test('a service that shows a user and answers 404 to his PATCH fails him without a loop', async (t) => {
  const opened = await open(t);
  const id = await withUser(opened);
  opened.server.on('PATCH', (step) => step.send(404, error(404, null, 'no route').body), 99);
  const outcome = await opened.writer.update(id, { ...ada, title: 'Countess' }, ['title']);
  assert.ok(!outcome.ok);
  assert.equal(opened.server.count('PATCH'), 2);
  assert.equal(opened.server.count('POST'), 1);
});

test('what is not managed is never updated, whoever names it, and kept by PUT', async (t) => {
  const managed = USER_ATTRIBUTES.filter((name) => name !== 'title');
  for (const method of ['PATCH', 'PUT'] as const) {
    const opened = await open(t, { 'scim.update.method': method }, { managed });
    const id = await withUser(opened);
    const [user] = opened.server.store.named(ada.userName);
    assert.ok(user);
    user.body['title'] = 'By hand';
    assert.deepEqual(await opened.writer.update(id, { ...ada, title: null }, ['title']), updated(id));
    assert.equal(opened.server.seen.length, 1);
    assert.deepEqual(await opened.writer.update(id, { ...ada, title: null }, USER_ATTRIBUTES), updated(id));
    assert.equal(bodyOf(opened)['title'], 'By hand');
  }
});

test('a PUT repeats what we want and the service does not show, or it would take it away', async (t) => {
  const opened = await open(t, { 'scim.update.method': 'PUT' });
  const id = await withUser(opened);
  // The store keeps the organization; answers to GET hide it.
  opened.server.on('GET', (step) => step.send(200, { ...bodyOf(opened), id, c42OrgName: undefined }), 99);
  const wanted = { ...ada, org: 'Works', title: 'Countess' };
  assert.deepEqual(await opened.writer.update(id, wanted, ['title']), updated(id));
  assert.equal(bodyOf(opened)['c42OrgName'], 'Works');
});

test('a page for people with status 200 is no answer to a change: it is sent again, and never taken for done', async (t) => {
  for (const method of ['PATCH', 'PUT'] as const) {
    const page = (step: Step): void => step.send(200, '<html><h1>Please log in</h1></html>');
    const opened = await open(t, { 'scim.update.method': method });
    const id = await withUser(opened);
    opened.server.on(method, page);
    assert.deepEqual(await opened.writer.update(id, { ...ada, manager: '7' }, ['manager']), updated(id));
    assert.equal(opened.server.count(method), 2);
    opened.server.on(method, page, 99);
    const outcome = await opened.writer.update(id, { ...ada, title: 'Countess' }, ['title']);
    assert.ok(!outcome.ok);
    assert.match(outcome.failure.message, /HTTP 200: Please log in/);
  }
});

for (const [what, put, status] of [
  ['everything is answered with 404', false, 404],
  ['filters are refused', false, 400],
  ['nothing is found by id, and updates are made by PUT', true, 404],
] as const) {
  test(`a deactivation during which ${what} is no success`, async (t) => {
    const opened = await open(t, put ? { 'scim.update.method': 'PUT' } : {});
    const scimId = await withUser(opened);
    opened.server.on('PATCH', (step) => step.send(404, '<html>no route</html>'), 99);
    opened.server.on('GET', (step) => step.send(status, '<html>no route</html>'), 99);
    const outcome = await opened.writer.update(
      scimId,
      { ...ada, active: false },
      ['active'],
      () => true,
      true,
    );
    assert.equal(outcome.ok, false);
    assert.match(outcome.failure.message, /cannot be told/);
  });
}

test('a user removed by hand who is to be deactivated is gone, unless an open account has his name and is nobody’s', async (t) => {
  const opened = await open(t);
  const leave = async (scimId: string, mayAdopt: (id: string) => boolean) =>
    opened.writer.update(scimId, { ...ada, active: false }, ['active'], mayAdopt, true);
  const scimId = await withUser(opened);
  opened.server.store.users.clear();
  const gone = await leave(scimId, () => true);
  assert.deepEqual(gone.ok && gone.how, 'GONE');
  const namesake = opened.server.store.add({ userName: ada.userName, active: true });
  const doubtful = await leave(scimId, () => true);
  assert.ok(!doubtful.ok);
  assert.match(
    doubtful.failure.message,
    /who is active, has the userName and no externalId\. If that account/,
  );
  const somebodyElses = await leave(scimId, () => false);
  assert.deepEqual(somebodyElses.ok && somebodyElses.how, 'GONE');
  assert.equal(bodyOf(opened)['active'], true);
  namesake.body['active'] = false;
  const closed = await leave(scimId, () => true);
  assert.deepEqual(closed.ok && closed.how, 'GONE');
});

test('a leaver whose account is under another id by now is closed, and nothing else of him is touched', async (t) => {
  const opened = await open(t);
  const scimId = await withUser(opened);
  opened.server.store.users.clear();
  opened.server.store.add({ userName: 'another.name@example.com', externalId: ada.externalId, active: true });
  opened.server.store.add({ userName: ada.userName, externalId: 'somebody else', active: true });
  const outcome = await opened.writer.update(scimId, { ...ada, active: false }, ['active'], () => true, true);
  assert.deepEqual(outcome.ok && [outcome.how, outcome.showsClosed], ['ADOPTED', true]);
  assert.equal(
    outcome.ok && outcome.found?.userName,
    'another.name@example.com',
    'to be remembered as it is',
  );
  const closed = opened.server.store.named('another.name@example.com')[0]?.body;
  assert.deepEqual([closed?.['active'], closed?.['userName']], [false, 'another.name@example.com']);
  assert.equal(bodyOf(opened)['active'], true);
});

test('a 200 that carries a SCIM error is that error', async (t) => {
  const opened = await open(t);
  const id = await withUser(opened);
  const change = async () => opened.writer.update(id, { ...ada, title: 'Countess' }, ['title']);
  opened.server.on('PATCH', (step) => step.send(200, error(500, null, 'backend unavailable').body), 99);
  const failed = await change();
  assert.ok(!failed.ok);
  assert.match(failed.failure.message, /HTTP 200 with SCIM error 500: backend unavailable/);
  assert.equal(opened.server.count('PATCH'), 4, 'repeated as any 500 is');
  const refused = await open(t);
  const other = await withUser(refused);
  const unsaid = { ...error(400, 'invalidValue', 'no').body, status: null };
  refused.server.on('PATCH', (step) => step.send(200, unsaid), 1);
  const second = await refused.writer.update(other, { ...ada, title: 'Countess' }, ['title']);
  assert.ok(!second.ok);
  assert.equal(refused.server.count('PATCH'), 1);
});

test('an answer that shows another user proves nothing: ours is read again', async (t) => {
  const opened = await open(t);
  const id = await withUser(opened);
  const other = opened.server.store.add({ userName: 'other@example.com', active: false });
  const showOther = (step: Step): void => step.send(200, opened.server.store.show(other));
  opened.server.on('PATCH', showOther, 1);
  const closed = await opened.writer.update(id, { ...ada, active: false }, ['active']);
  assert.ok(!closed.ok);
  assert.match(closed.failure.message, /it answered with user \d+, and \d+ is as before/);
  opened.server.on('PATCH', showOther, 1);
  opened.server.on(`GET /Users/${id}`, (step) => step.send(403, error(403, 'sensitive', 'no').body), 1);
  const unread = await opened.writer.update(id, { ...ada, active: false }, ['active']);
  assert.equal(unread.ok, false, 'what cannot be read again is no success');
});

for (const method of ['PATCH', 'PUT'] as const) {
  test(`an open account that carries somebody else’s externalId by now is not closed: ${method}`, async (t) => {
    const opened = await open(t, { 'scim.update.method': method });
    const id = await withUser(opened);
    const leave = async (attributes: readonly UserAttribute[]) =>
      opened.writer.update(id, { ...ada, active: false }, attributes);
    bodyOf(opened)['externalId'] = 'next-ada';
    for (const attributes of [['active'], USER_ATTRIBUTES] as const) {
      const refused = await leave(attributes);
      assert.ok(!refused.ok);
      assert.equal(refused.failure.stage, 'CONFLICT');
      assert.match(refused.failure.message, /carries the externalId next-ada .* it was not closed/);
    }
    assert.deepEqual([bodyOf(opened)['active'], bodyOf(opened)['externalId']], [true, 'next-ada']);
    bodyOf(opened)['active'] = false;
    assert.deepEqual(await leave(USER_ATTRIBUTES), { ...updated(id), showsClosed: true });
    assert.equal(bodyOf(opened)['externalId'], 'next-ada', 'closed by whoever keeps it, and left to him');
  });
}

test('a deactivation is one look and one request, and one look where the account is closed already', async (t) => {
  const opened = await open(t);
  const id = await withUser(opened);
  for (const requests of [
    { POST: 1, GET: 1, PATCH: 1 },
    { POST: 1, GET: 2, PATCH: 1 },
  ]) {
    const outcome = await opened.writer.update(id, { ...ada, active: false }, ['active']);
    assert.deepEqual(outcome, { ...updated(id), showsClosed: true });
    assert.deepEqual(opened.reader.requests(), requests);
  }
});

test('a service that shows no user by id, or another externalId than it was sent, is sent deactivations all the same', async (t) => {
  const opened = await open(t);
  const id = await withUser(opened);
  bodyOf(opened)['externalId'] = 'ITS OWN';
  const leave = { ...ada, active: false };
  assert.equal((await opened.writer.update(id, leave, ['active'])).ok, false);
  const held = await opened.writer.update(id, leave, ['active'], () => true, true, ['ITS OWN']);
  assert.equal(held.ok, true);
  bodyOf(opened)['active'] = true;
  opened.server.on('GET', (step) => step.send(403, error(403, 'sensitive', 'no').body), 99);
  assert.equal((await opened.writer.update(id, leave, ['active'])).ok, true);
  assert.equal(bodyOf(opened)['active'], false);
});
