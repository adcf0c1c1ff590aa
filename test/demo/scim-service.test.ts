/** The demo service over HTTP: what it has in common with every SCIM service, and what with Code42's. */

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { randomFaults } from '../../src/demo/fault-plan.ts';
import type { DemoServiceOptions } from '../../src/demo/scim-options.ts';
import { startDemoService, type DemoService } from '../../src/demo/scim-service.ts';

const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const DEMO = 'urn:ietf:params:scim:schemas:extension:code42:2.0:User';
const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
const closers: (() => Promise<void>)[] = [];

after(async () => {
  for (const close of closers) await close();
});

async function start(options: DemoServiceOptions = {}): Promise<DemoService> {
  const service = await startDemoService({ orgGapMs: 0, ...options });
  closers.push(() => service.stop());
  return service;
}

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

async function ask(
  service: DemoService,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(service.baseUrl + path, {
    method,
    headers: {
      authorization: `Bearer ${service.token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/scim+json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: (text === '' ? {} : JSON.parse(text)) as Answer['body'],
  };
}

const user = (userName: string, more: object = {}) => ({
  schemas: [USER],
  userName,
  externalId: `ext-${userName}`,
  name: { givenName: 'Jürgen', familyName: "O'Neill" },
  emails: [{ value: userName, type: 'work', primary: true }],
  active: true,
  ...more,
});

const create = async (service: DemoService, userName: string, more: object = {}): Promise<string> => {
  const { status, body } = await ask(service, 'POST', '/Users', user(userName, more));
  assert.equal(status, 201, JSON.stringify(body));
  return String(body['id']);
};

const patch = (service: DemoService, id: string, ...operations: object[]) =>
  ask(service, 'PATCH', `/Users/${id}`, { schemas: [PATCH], Operations: operations });

const find = (service: DemoService, filter: string) =>
  ask(service, 'GET', `/Users?filter=${encodeURIComponent(filter)}`);

describe('logging in', () => {
  test('by user name and password, or by token; anything else is 401 and says how', async () => {
    const service = await start();
    const get = (authorization: string) => fetch(`${service.baseUrl}/Users`, { headers: { authorization } });
    const basic = (password: string) =>
      `Basic ${Buffer.from(`${service.username}:${password}`).toString('base64')}`;
    assert.equal((await get(basic(service.password))).status, 200);
    assert.equal((await get(`Bearer ${service.token}`)).status, 200);
    for (const wrong of [basic('x'), 'Bearer x', '']) {
      const response = await get(wrong);
      assert.equal(response.status, 401);
      assert.match(response.headers.get('www-authenticate') ?? '', /Basic/);
    }
  });
});

describe('users', () => {
  test('a create answers 201 with Location, ETag and an id of 18 digits', async () => {
    const service = await start();
    const { status, headers, body } = await ask(service, 'POST', '/Users', user('a@example.com'));
    assert.equal(status, 201);
    assert.match(String(body['id']), /^\d{18}$/);
    assert.equal(headers.get('location'), `${service.baseUrl}/Users/${String(body['id'])}`);
    assert.equal(headers.get('etag'), 'W/"1"');
    assert.match(headers.get('content-type') ?? '', /^application\/scim\+json/);
    assert.deepEqual((body['meta'] as { version?: string }).version, 'W/"1"');
    assert.equal(
      (await ask(service, 'GET', `/Users/${String(body['id'])}`)).body['userName'],
      'a@example.com',
    );
  });

  test('a name that is taken is 409 uniqueness, in any case, and of two at once only one wins', async () => {
    const service = await start({ orgGapMs: 20 });
    await create(service, 'a@example.com');
    const again = await ask(service, 'POST', '/Users', user('A@EXAMPLE.com'));
    assert.deepEqual([again.status, again.body['scimType']], [409, 'uniqueness']);
    const twins = await Promise.all(
      [1, 2].map(() => ask(service, 'POST', '/Users', user('t@x.org', { c42OrgName: 'O' }))),
    );
    assert.deepEqual(twins.map(({ status }) => status).sort(), [201, 409]);
  });

  test('what the schema does not allow is 400', async () => {
    const service = await start();
    const statusOf = async (body: object) => (await ask(service, 'POST', '/Users', body)).status;
    assert.equal(await statusOf({ schemas: [USER] }), 400);
    assert.equal(await statusOf(user('a@x.org', { active: 'perhaps' })), 400);
    assert.equal(await statusOf(user('a@x.org', { emails: 'a@x.org' })), 400);
    const notJson = await fetch(`${service.baseUrl}/Users`, {
      method: 'POST',
      headers: { authorization: `Bearer ${service.token}`, 'content-type': 'application/scim+json' },
      body: '{',
    });
    assert.equal(notJson.status, 400);
    const notScim = await ask(service, 'POST', '/Users', user('a@x.org'), { 'content-type': 'text/plain' });
    assert.equal(notScim.status, 415);
    assert.equal(service.users().length, 0);
  });

  test('PATCH replaces, removes and adds, in the core and by path in extensions', async () => {
    const service = await start();
    const id = await create(service, 'a@example.com', { title: 'Engineer' });
    const { status, body, headers } = await patch(
      service,
      id,
      { op: 'replace', path: 'name.familyName', value: 'Müller' },
      { op: 'remove', path: 'title' },
      { op: 'add', path: `${ENTERPRISE}:department`, value: 'IT' },
      { op: 'Replace', path: `${ENTERPRISE}:manager`, value: { value: '910000000000000001' } },
      { op: 'replace', path: 'addresses', value: [{ type: 'work', country: 'DE' }] },
      { op: 'replace', value: { userName: 'b@example.com', active: 'False' } },
    );
    assert.equal(status, 200, JSON.stringify(body));
    assert.equal(headers.get('etag'), 'W/"2"');
    assert.equal((body['name'] as { familyName?: string }).familyName, 'Müller');
    assert.equal('title' in body, false);
    const enterprise = body[ENTERPRISE] as { department?: string; manager?: { value?: string } };
    assert.deepEqual([enterprise.department, enterprise.manager?.value], ['IT', '910000000000000001']);
    assert.deepEqual([body['userName'], body['active'], body['id']], ['b@example.com', false, id]);
    assert.equal(service.find('a@example.com'), null);
    await create(service, 'a@example.com');
  });

  test('a path that is none is 400, a rename onto a taken name 409', async () => {
    const service = await start();
    const id = await create(service, 'a@x.org');
    await create(service, 'b@x.org');
    const bad = await patch(service, id, { op: 'replace', path: 'shoeSize', value: 42 });
    assert.deepEqual([bad.status, bad.body['scimType']], [400, 'invalidPath']);
    const taken = await patch(service, id, { op: 'replace', path: 'userName', value: 'b@x.org' });
    assert.equal(taken.status, 409);
    assert.equal(service.find('a@x.org')?.id, id);
  });

  test('PUT replaces everything', async () => {
    const service = await start();
    const id = await create(service, 'a@x.org', { title: 'Engineer' });
    const { status, body } = await ask(service, 'PUT', `/Users/${id}`, user('a@x.org'));
    assert.deepEqual([status, body['id'], 'title' in body], [200, id, false]);
  });

  test('nobody is deleted: 501; who is not there is 404', async () => {
    const service = await start();
    const id = await create(service, 'a@x.org');
    assert.equal((await ask(service, 'DELETE', `/Users/${id}`)).status, 501);
    assert.equal((await ask(service, 'GET', '/Users/1')).status, 404);
    service.removeUser(id);
    assert.equal((await patch(service, id, { op: 'replace', path: 'active', value: false })).status, 404);
  });

  test('a stale If-Match is 412, a fresh one passes, weak or strong', async () => {
    const service = await start();
    const id = await create(service, 'a@x.org');
    const put = (etag: string) =>
      ask(service, 'PUT', `/Users/${id}`, user('a@x.org', { title: etag }), { 'if-match': etag });
    assert.equal((await put('W/"1"')).status, 200);
    assert.equal((await put('W/"1"')).status, 412);
    assert.equal((await put('"2"')).status, 200);
    assert.equal((await put('*')).status, 200);
    const fresh = await ask(service, 'GET', `/Users/${id}`, undefined, { 'if-none-match': 'W/"4"' });
    assert.equal(fresh.status, 304);
  });
});

describe('finding', () => {
  test('by userName in any case, by externalId, by id, with any letter in the name', async () => {
    const service = await start();
    const strange = 'jürgen "x" \\ o\'neill+1%&#@example.com';
    const id = await create(service, strange);
    await create(service, 'other@x.org');
    const filters = [
      `userName eq ${JSON.stringify(strange)}`,
      `UserName Eq ${JSON.stringify(strange.toUpperCase())}`,
      `userName eq "j\\u00fcrgen \\"x\\" \\\\ o'neill+1%&#@example.com"`,
      `externalId eq ${JSON.stringify(`ext-${strange}`)}`,
      `id eq "${id}"`,
      `${USER}:userName eq ${JSON.stringify(strange)}`,
    ];
    for (const filter of filters) {
      const { body } = await find(service, filter);
      assert.equal(body['totalResults'], 1, filter);
      assert.equal((body['Resources'] as { id: string }[])[0]?.id, id);
    }
    assert.deepEqual((await find(service, 'userName eq "nobody"')).body['Resources'], []);
  });

  test('by any other attribute as the library understands it; nonsense is 400 invalidFilter', async () => {
    const service = await start();
    await create(service, 'a@x.org', { title: 'Engineer' });
    await create(service, 'b@x.org', { title: 'Writer' });
    assert.equal((await find(service, 'title eq "Writer" and userName sw "b"')).body['totalResults'], 1);
    const { status, body } = await find(service, 'userName equals "b"');
    assert.deepEqual([status, body['scimType']], [400, 'invalidFilter']);
  });

  test('pages are capped, and startIndex and count move through the list', async () => {
    const service = await start({ maxPage: 20 });
    await service.seed(Array.from({ length: 45 }, (_, at) => user(`u${at}@x.org`)));
    const page = async (query: string) => {
      const { body } = await ask(service, 'GET', `/Users?${query}`);
      const names = (body['Resources'] as { userName: string }[]).map(({ userName }) => userName);
      return [names.length, names[0], body['totalResults'], body['itemsPerPage'], body['startIndex']];
    };
    assert.deepEqual(await page('count=1000'), [20, 'u0@x.org', 45, 20, 1]);
    assert.deepEqual(await page('startIndex=41&count=10'), [5, 'u40@x.org', 45, 5, 41]);
    assert.deepEqual(await page('count=0'), [0, undefined, 45, 0, 1]);
    assert.deepEqual(await page('startIndex=46'), [0, undefined, 45, 0, 46]);
    const { body } = await ask(service, 'GET', '/Users?count=1&attributes=userName');
    assert.deepEqual(Object.keys((body['Resources'] as object[])[0] ?? {}).sort(), [
      'id',
      'schemas',
      'userName',
    ]);
  });

  test('discovery says what there is', async () => {
    const service = await start();
    const config = (await ask(service, 'GET', '/ServiceProviderConfig')).body;
    assert.deepEqual(
      [config['patch'], config['bulk']],
      [{ supported: true }, { supported: false, maxOperations: 0, maxPayloadSize: 0 }],
    );
    assert.equal((await ask(service, 'GET', '/ResourceTypes')).body['totalResults'], 1);
    const schemas = (await ask(service, 'GET', '/Schemas')).body['Resources'] as { id: string }[];
    assert.deepEqual(
      schemas.map(({ id }) => id),
      [USER, ENTERPRISE, DEMO],
    );
    assert.equal((await ask(service, 'GET', '/Groups')).status, 404);
  });
});

describe("like Code42's", () => {
  test('organizations are made on first mention, at the top or in an extension', async () => {
    const service = await start();
    const top = await create(service, 'a@x.org', { c42OrgName: 'Europe' });
    await create(service, 'b@x.org', { [DEMO]: { c42OrgName: 'Europe' } });
    await create(service, 'c@x.org');
    const orgOf = () => service.users().map(({ org }) => org);
    assert.deepEqual(orgOf(), ['Europe', 'Europe', 'Example Inc.']);
    assert.equal(service.orgs().length, 2);
    const patched = await patch(service, top, { op: 'replace', path: `${DEMO}:c42OrgName`, value: 'Asia' });
    assert.deepEqual(
      [patched.status, patched.body['c42OrgName'], patched.body[DEMO]],
      [200, undefined, { c42OrgName: 'Asia' }],
    );
    const back = await patch(service, top, { op: 'replace', path: 'c42OrgName', value: 'Europe' });
    assert.deepEqual([back.body['c42OrgName'], back.body[DEMO]], ['Europe', undefined]);
    await patch(service, top, { op: 'remove', path: 'c42OrgName' });
    assert.deepEqual(orgOf(), ['Example Inc.', 'Europe', 'Example Inc.']);
  });

  test('two users of a new organization at once make it twice, and the service tells', async () => {
    const service = await start({ orgGapMs: 30 });
    await Promise.all(['a', 'b'].map((name) => create(service, `${name}@x.org`, { c42OrgName: 'New' })));
    assert.deepEqual(service.duplicateOrgs(), ['New']);
    await create(service, 'c@x.org', { c42OrgName: 'New' });
    await create(service, 'd@x.org', { c42OrgName: 'Other' });
    assert.deepEqual([service.orgs().length, service.duplicateOrgs()], [3, ['New']]);
  });

  test('roles off the list are ignored, and nobody is without roles', async () => {
    const service = await start();
    const id = await create(service, 'a@x.org', { roles: [{ value: 'org admin' }, { value: 'Emperor' }] });
    assert.deepEqual(service.find('a@x.org')?.roles, ['Org Admin']);
    const { body } = await patch(service, id, { op: 'remove', path: 'roles' });
    assert.deepEqual(body['roles'], [{ value: 'Desktop User' }, { value: 'PROe User' }]);
    await patch(service, id, { op: 'replace', path: 'roles', value: ['Org Help Desk'] });
    assert.deepEqual(service.find('a@x.org')?.roles, ['Org Help Desk']);
  });

  test('whoever is created inactive is active', async () => {
    const service = await start();
    await create(service, 'a@x.org', { active: false });
    assert.equal(service.find('a@x.org')?.active, true);
  });

  test('a deactivated user is shown as active for a while', async () => {
    const service = await start({ deactivationDelayMs: 150 });
    const id = await create(service, 'a@x.org');
    const shown = async () => (await ask(service, 'GET', `/Users/${id}`)).body['active'];
    const { body } = await patch(service, id, { op: 'replace', path: 'active', value: false });
    assert.deepEqual([body['active'], await shown(), service.find('a@x.org')?.active], [true, true, false]);
    await sleep(160);
    assert.equal(await shown(), false);
  });

  test('a local user is a 409, and no filter finds him', async () => {
    const service = await start({ localUsers: ['root@x.org'] });
    assert.equal((await ask(service, 'POST', '/Users', user('ROOT@x.org'))).status, 409);
    assert.equal((await find(service, 'userName eq "root@x.org"')).body['totalResults'], 0);
    assert.equal((await ask(service, 'GET', '/Users')).body['totalResults'], 0);
  });

  test('two services in one process know nothing of each other', async () => {
    const [one, other] = [await start(), await start({ showOrg: false })];
    await create(one, 'a@x.org', { c42OrgName: 'Europe' });
    const id = await create(other, 'a@x.org', { c42OrgName: 'Asia' });
    assert.deepEqual([one.users().length, other.orgs().map(({ name }) => name)], [1, ['Asia']]);
    assert.equal('c42OrgName' in (await ask(other, 'GET', `/Users/${id}`)).body, false);
  });
});

describe('switches', () => {
  test('a letter beyond ASCII in a filter is 400', async () => {
    const service = await start({ nonAsciiFilter400: true });
    assert.equal((await find(service, 'userName eq "jürgen"')).status, 400);
    assert.equal((await find(service, 'userName eq "juergen"')).status, 200);
  });

  test('an extension as an object in a PATCH is 500, by path it works', async () => {
    const service = await start({ nestedExtensionPatch500: true });
    const id = await create(service, 'a@x.org');
    const nested = { op: 'replace', value: { [ENTERPRISE]: { department: 'IT' } } };
    assert.equal((await patch(service, id, nested)).status, 500);
    assert.equal(
      (await patch(service, id, { op: 'add', path: ENTERPRISE, value: { department: 'IT' } })).status,
      500,
    );
    const byPath = { op: 'replace', path: `${ENTERPRISE}:department`, value: 'IT' };
    assert.equal((await patch(service, id, byPath)).status, 200);
  });

  test('without that switch the object works too', async () => {
    const service = await start();
    const id = await create(service, 'a@x.org');
    const { body } = await patch(service, id, {
      op: 'replace',
      value: { [ENTERPRISE]: { department: 'IT' } },
    });
    assert.deepEqual(body[ENTERPRISE], { department: 'IT' });
  });

  test('an empty list without Resources, no PATCH, answers without bodies', async () => {
    const service = await start({
      omitEmptyResources: true,
      noPatch: true,
      noContent: true,
      emptyCreated: true,
    });
    assert.equal('Resources' in (await ask(service, 'GET', '/Users')).body, false);
    assert.deepEqual((await ask(service, 'GET', '/ServiceProviderConfig')).body['patch'], {
      supported: false,
    });
    const created = await ask(service, 'POST', '/Users', user('a@x.org'));
    assert.deepEqual([created.status, created.body], [201, {}]);
    const id = created.headers.get('location')?.split('/').at(-1) ?? '';
    assert.equal((await patch(service, id, { op: 'replace', path: 'active', value: false })).status, 501);
    assert.equal((await ask(service, 'PUT', `/Users/${id}`, user('a@x.org', { active: false }))).status, 204);
    assert.equal(service.find('a@x.org')?.active, false);
  });

  test('more requests than allowed are 429 with the seconds to wait', async () => {
    const service = await start({ rateLimit: { perMinute: 60, burst: 3 } });
    const answers = await Promise.all(Array.from({ length: 5 }, () => ask(service, 'GET', '/Users')));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 200, 200, 429, 429]);
    const refused = answers.find(({ status }) => status === 429);
    assert.equal(refused?.headers.get('retry-after'), '1');
  });
});

describe('counting and faults', () => {
  test('requests are counted by method and kind, and the latest are kept', async () => {
    const service = await start({ recordLimit: 2 });
    const id = await create(service, 'a@x.org');
    await patch(service, id, { op: 'replace', path: 'title', value: 'Boss' });
    await find(service, 'userName eq "a@x.org"');
    const { total, writes, byMethod, byKind, byStatus } = service.requests();
    assert.deepEqual([total, writes, byMethod], [3, 2, { POST: 1, PATCH: 1, GET: 1 }]);
    assert.deepEqual(byKind, { 'POST /Users': 1, 'PATCH /Users/{id}': 1, 'GET /Users?filter': 1 });
    assert.deepEqual(byStatus, { 200: 2, 201: 1 });
    assert.deepEqual(
      service.recorded().map(({ method, status }) => [method, status]),
      [
        ['PATCH', 200],
        ['GET', 200],
      ],
    );
    assert.match(service.recorded()[0]?.body ?? '', /"Boss"/);
    service.resetRequests();
    assert.equal(service.requests().total, 0);
  });

  test('a lost request did nothing, a lost or cut answer did everything', async () => {
    const service = await start();
    const attempt = (name: string) => ask(service, 'POST', '/Users', user(name));
    service.setFaults(() => ({ kind: 'LOSE_REQUEST' }));
    await assert.rejects(attempt('a@x.org'));
    service.setFaults(() => ({ kind: 'LOSE_ANSWER' }));
    await assert.rejects(attempt('b@x.org'));
    service.setFaults(() => ({ kind: 'CUT_ANSWER' }));
    await assert.rejects(attempt('c@x.org'));
    service.setFaults(({ method }) =>
      method === 'POST' ? { kind: 'ANSWER', status: 503, headers: { 'Retry-After': '7' } } : null,
    );
    const refused = await attempt('d@x.org');
    assert.deepEqual([refused.status, refused.headers.get('retry-after')], [503, '7']);
    service.setFaults(() => ({ kind: 'ANSWER', status: 502, body: '{}', commit: true }));
    assert.equal((await attempt('e@x.org')).status, 502);
    assert.deepEqual(
      service.users().map(({ userName }) => userName),
      ['b@x.org', 'c@x.org', 'e@x.org'],
    );
  });

  test('a seeded plan of faults is the same each time', () => {
    const draw = (seed: number) => {
      const plan = randomFaults(seed, 0.3);
      return Array.from(
        { length: 50 },
        (_, at) => plan({ count: at + 1, method: 'POST', path: '/Users' })?.kind ?? '-',
      );
    };
    assert.deepEqual(draw(5), draw(5));
    assert.notDeepEqual(draw(5), draw(6));
    const hit = draw(5).filter((kind) => kind !== '-').length;
    assert.ok(hit > 5 && hit < 30);
  });
});
