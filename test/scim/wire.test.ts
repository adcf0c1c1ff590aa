/** The wire format: what is written, and what is read however it is written. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { USER_ATTRIBUTES, type UserResource } from '../../src/model/user.ts';
import { layoutFor } from '../../src/scim/layout.ts';
import { maskFor } from '../../src/scim/masking.ts';
import { attributesToSend, heldAttributes, readResource, readUser } from '../../src/scim/reading.ts';
import { mergedResource, newResource, patchBody } from '../../src/scim/resource.ts';
import { ENTERPRISE } from '../servers/hostile-scim-store.ts';
import { userNamed } from './open-service.ts';

const layout = layoutFor('c42OrgName', 'roles');
const full = userNamed('ada@example.com', { manager: '42', org: 'Works', roles: ['A', 'B'] });

test('what is written is read back as the same user, in every layout', () => {
  const layouts = [
    layout,
    layoutFor('urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:organization', 'c42Roles'),
    layoutFor('urn:example:2.0:User:org', 'urn:example:2.0:User:roles'),
    layoutFor('urn:ietf:params:scim:schemas:core:2.0:User:c42OrgName', 'ROLES'),
  ];
  for (const each of layouts) {
    const body = newResource(full, each);
    assert.deepEqual(
      readResource(JSON.parse(JSON.stringify(body)) as object as Record<string, unknown>, each),
      full,
    );
    assert.deepEqual(mergedResource({}, full, USER_ATTRIBUTES, each), body);
  }
});

test('an organization in an extension brings its schema, one in the enterprise extension shares it', () => {
  const own = newResource(full, layoutFor('urn:example:2.0:User:org', 'urn:example:2.0:User:role'));
  assert.deepEqual(own['urn:example:2.0:User'], { org: 'Works', role: ['A', 'B'] });
  assert.deepEqual((own['schemas'] as string[]).slice(1), [ENTERPRISE, 'urn:example:2.0:User']);
  const shared = newResource(full, layoutFor(`${ENTERPRISE.toUpperCase()}:organization`, 'roles'));
  assert.deepEqual(shared[ENTERPRISE], {
    department: 'Engines',
    division: 'Research',
    manager: { value: '42' },
    organization: 'Works',
  });
});

test('what is not managed is neither written nor read', () => {
  const managed = USER_ATTRIBUTES.filter((name) => !['givenName', 'title', 'manager'].includes(name));
  const partial = layoutFor('c42OrgName', 'roles', managed);
  const body = newResource(full, partial);
  assert.deepEqual([body['name'], body['title']], [{ familyName: 'Lovelace' }, undefined]);
  assert.deepEqual(body[ENTERPRISE], { department: 'Engines', division: 'Research' });
  const { givenName, title, manager, ...others } = full;
  assert.deepEqual(readResource(newResource(full, layout), partial), others);
  assert.deepEqual([givenName, title, manager], ['Ada', 'Analyst', '42']);
});

test('a user without values sends none', () => {
  const bare = { ...full, ...Object.fromEntries(USER_ATTRIBUTES.slice(3).map((name) => [name, null])) };
  assert.deepEqual(Object.keys(newResource(bare, layout)), ['schemas', 'userName', 'externalId', 'active']);
  assert.deepEqual(newResource({ ...bare, roles: [] }, layout)['roles'], undefined);
});

test('roles are complex in the attribute of the RFC and plain names elsewhere', () => {
  const [operation] = patchBody(full, ['roles'], layout)['Operations'] as object[];
  assert.deepEqual(operation, { op: 'replace', path: 'roles', value: [{ value: 'A' }, { value: 'B' }] });
  const [plain] = patchBody(full, ['roles'], layoutFor('org', 'c42Roles'))['Operations'] as object[];
  assert.deepEqual(plain, { op: 'replace', path: 'c42Roles', value: ['A', 'B'] });
  const [none] = patchBody({ ...full, roles: [] }, ['roles'], layout)['Operations'] as object[];
  assert.deepEqual(none, { op: 'remove', path: 'roles' });
});

test('a manager is read as an object or a bare id, a number as its digits unless it has lost some', () => {
  for (const manager of ['42', 42, { value: '42' }, { Value: '42', $ref: '../Users/42' }]) {
    assert.equal(readResource({ [ENTERPRISE]: { manager } }, layout).manager, '42');
  }
  assert.equal(readUser({ id: 17 }, layout)?.scimId, '17');
  assert.equal(readUser(JSON.parse('{"id": 987654321012345678}'), layout), null);
  for (const odd of [null, undefined, 'x', [], {}, { id: '' }, { id: null }, { id: {} }])
    assert.equal(readUser(odd, layout), null);
});

test('members of the wrong type read as absent', () => {
  const odd = {
    userName: 7,
    active: 'maybe',
    name: 'Ada',
    emails: 'x@example.com',
    addresses: {},
    roles: [null, {}, 3],
    title: '',
  };
  assert.deepEqual(readResource(odd, layout), { userName: '7', email: 'x@example.com', roles: ['3'] });
});

test('a merge keeps what is not ours, finds ours in any case, and clears without leaving shells', () => {
  const current = {
    id: '1',
    meta: { version: 'x' },
    SCHEMAS: ['urn:other'],
    NickName: 'Ada',
    Title: 'Old',
    name: { Formatted: 'Ada L', givenname: 'Old' },
    emails: [{ value: 'old@example.com', primary: true }],
    addresses: [{ type: 'home', country: 'FR' }],
  };
  const merged = mergedResource(
    current,
    { ...full, country: null },
    ['title', 'givenName', 'email', 'country', 'org'],
    layout,
  );
  assert.deepEqual(merged, {
    id: '1',
    SCHEMAS: ['urn:other'],
    NickName: 'Ada',
    Title: 'Analyst',
    name: { Formatted: 'Ada L', givenname: 'Ada' },
    emails: [{ value: 'ada@example.com', primary: true }],
    addresses: [{ type: 'home', country: 'FR' }],
    c42OrgName: 'Works',
  });
  const cleared = mergedResource(
    merged,
    { ...full, email: null, department: null, org: null },
    ['email', 'department', 'org'],
    layout,
  );
  assert.ok(!('emails' in cleared) && !('c42OrgName' in cleared) && !(ENTERPRISE in cleared));
  assert.equal((current as { Title: string }).Title, 'Old');
});

test('only what a service shows can be held, and never what it is known to turn into its own', () => {
  const shown = {
    userName: 'ADA@example.com',
    title: 'Other',
    org: 'Default',
    roles: ['X'],
    manager: '1',
    country: 'gb',
    givenName: 'Ada',
  };
  assert.deepEqual(heldAttributes(shown, full, USER_ATTRIBUTES), ['title']);
  assert.deepEqual(heldAttributes({ title: 'Other' }, { ...full, title: null }, ['title']), ['title']);
  assert.deepEqual(heldAttributes({}, full, USER_ATTRIBUTES), []);
});

test('to an adopted user goes what differs and what is not shown, but no removal of what the service may choose', () => {
  assert.deepEqual(attributesToSend(full, full), []);
  assert.deepEqual(attributesToSend({ ...full, roles: ['b', 'a'] }, full), []);
  assert.deepEqual(attributesToSend(full, { ...full, org: null, roles: null, title: null }), ['title']);
  const withoutOrg = Object.fromEntries(
    Object.entries(full).filter(([name]) => name !== 'org'),
  ) as Partial<UserResource>;
  assert.deepEqual(attributesToSend(withoutOrg, full), ['org']);
});

test('a secret is masked wherever it stands, and so is anything that looks like credentials', () => {
  const mask = maskFor(['s3cret', 'x']);
  assert.equal(mask('a s3cret and xylophone, Bearer abcdefghij.klm'), 'a *** and xylophone, Bearer ***');
});
