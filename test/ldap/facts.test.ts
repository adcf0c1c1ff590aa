/** What the check finds out about a directory, and what it asks for because of that. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DirectorySettings } from '../../src/ldap/directory.ts';
import type { DirectoryFacts, DirectoryQuery } from '../../src/model/ports.ts';
import type { SearchRequest, Values } from '../servers/scripted-ldap.ts';
import { EVERYTHING, readAll, readToEnd, runError, scene } from './directory-fixture.ts';

const AD: Values = {
  objectClass: 'top',
  supportedCapabilities: '1.2.840.113556.1.4.800',
  highestCommittedUSN: '5000',
  dsServiceName: 'CN=NTDS Settings,CN=DC1',
  currentTime: '20260101120000.0Z',
};
const GENERIC: Values = { objectClass: 'top' };

function facts(
  rootDse: Values,
  settings: Partial<DirectorySettings> = {},
  baseEntry?: Values,
): Promise<{ facts: DirectoryFacts; log: string[] }> {
  return scene(
    (answer) => answer.done(),
    async ({ directory, log }) => ({ facts: await directory.check(), log: log.lines }),
    settings,
    baseEntry === undefined ? { rootDse } : { rootDse, baseEntry },
  );
}

/** The first search that a query takes. */
async function searchOf(
  query: Partial<DirectoryQuery>,
  settings: Partial<DirectorySettings> = {},
  rootDse: Values = {},
): Promise<readonly SearchRequest[]> {
  const read = await readAll(
    (answer) => answer.done(answer.request.page === null ? {} : { cookie: '' }),
    settings,
    { rootDse },
    query,
  );
  assert.equal(read.verdict.complete, true, read.reason);
  return read.server.searches.filter((search) => search.page !== null);
}

test('the kind of directory decides identity, user filter and tracking', async () => {
  const kinds: [Values, string, string, string, string][] = [
    [AD, 'ACTIVE_DIRECTORY', 'objectGUID', '(&(objectCategory=person)(objectClass=user))', 'USN_CHANGED'],
    [
      { ...GENERIC, forestFunctionality: '7' },
      'ACTIVE_DIRECTORY',
      'objectGUID',
      '(&(objectCategory=person)(objectClass=user))',
      'WHEN_CHANGED',
    ],
    [{}, 'OPENLDAP', 'entryUUID', '(objectClass=inetOrgPerson)', 'MODIFY_TIMESTAMP'],
    [
      { ...GENERIC, vendorName: '389 Project' },
      '389_DIRECTORY_SERVER',
      'nsUniqueId',
      '(objectClass=inetOrgPerson)',
      'MODIFY_TIMESTAMP',
    ],
    [
      { ...GENERIC, vendorVersion: '389-Directory/2.3' },
      '389_DIRECTORY_SERVER',
      'nsUniqueId',
      '(objectClass=inetOrgPerson)',
      'MODIFY_TIMESTAMP',
    ],
    [GENERIC, 'GENERIC', 'entryUUID', '(objectClass=inetOrgPerson)', 'MODIFY_TIMESTAMP'],
  ];
  for (const [rootDse, kind, identity, filter, tracking] of kinds) {
    const found = (await facts(rootDse)).facts;
    assert.deepEqual(
      [found.kind, found.identityAttribute, found.userFilter, found.changeTracking],
      [kind, identity, filter, tracking],
    );
  }
});

test('an unknown directory is asked which identity it shows, and the DN identifies where there is none', async () => {
  const nsUniqueId = await facts(GENERIC, {}, { nsuniqueid: 'a-b' });
  assert.equal(nsUniqueId.facts.identityAttribute, 'nsUniqueId');
  assert.equal(nsUniqueId.facts.changeTracking, 'COMPARE');
  const nothing = await facts(GENERIC, {}, {});
  assert.equal(nothing.facts.identityAttribute, 'DN');
  assert.ok(nothing.log.some((line) => line.startsWith('warn') && line.includes('ldap.attrib.externalId')));
});

test('ldap.attrib.externalId, ldap.search.filter and ldap.change.tracking overrule what is found', async () => {
  const settings = {
    'ldap.attrib.externalId': 'employeeNumber',
    'ldap.search.filter': '(mail=*)',
    'ldap.change.tracking': 'WHEN_CHANGED',
  } as const;
  const found = (await facts(AD, settings)).facts;
  assert.deepEqual(
    [found.identityAttribute, found.userFilter, found.changeTracking],
    ['employeeNumber', '(mail=*)', 'WHEN_CHANGED'],
  );
});

test('ldap.server.kind overrules what the server says of itself', async () => {
  const kinds = [
    ['ACTIVE_DIRECTORY', 'objectGUID', 'WHEN_CHANGED'],
    ['OPENLDAP', 'entryUUID', 'MODIFY_TIMESTAMP'],
    ['389_DIRECTORY_SERVER', 'nsUniqueId', 'MODIFY_TIMESTAMP'],
  ] as const;
  for (const [kind, identity, tracking] of kinds) {
    const found = (await facts(GENERIC, { 'ldap.server.kind': kind })).facts;
    assert.deepEqual([found.kind, found.identityAttribute, found.changeTracking], [kind, identity, tracking]);
  }
});

test('tracking by USN where there are none becomes COMPARE, with a warning', async () => {
  const found = await facts(GENERIC, { 'ldap.change.tracking': 'USN_CHANGED' });
  assert.equal(found.facts.changeTracking, 'COMPARE');
  assert.match(found.log.join(), /warn .*USN_CHANGED: every run reads everything/);
});

test('everything is asked for as *, operational attributes by name, mapped ones too', async () => {
  const [search] = await searchOf(
    {},
    { 'ldap.attrib.title': 'msDS-Constructed', 'ldap.attrib.userName': 'MAIL' },
  );
  const attributes = search?.attributes ?? [];
  for (const name of ['*', 'memberOf', 'entryUUID', 'modifyTimestamp', 'msDS-Constructed']) {
    assert.ok(attributes.includes(name), name);
  }
  assert.equal(new Set(attributes.map((name) => name.toLowerCase())).size, attributes.length);
});

test('a read of identities asks for nothing else', async () => {
  assert.deepEqual((await searchOf({ attributes: 'IDENTITIES' }))[0]?.attributes, ['entryUUID']);
});

test('user filter, extra filter, watermark and values are joined by AND', async () => {
  const [search] = await searchOf(
    {
      extraFilter: '(|(a=1)(b=2))',
      since: { tracking: 'MODIFY_TIMESTAMP', serverId: null, value: '20260101000000Z' },
      anyOf: { attribute: 'uid', values: ['x', 'y*'] },
    },
    { 'ldap.search.filter': ' (mail=*) ', 'ldap.change.overlap.period': 1000 },
  );
  assert.equal(
    search?.filter,
    '(&(mail=*)(|(a=1)(b=2))(modifyTimestamp>=20251231235959Z)(|(uid=x)(uid=y\\2a)))',
  );
});

test('identities are looked up as they are stored: GUIDs as bytes', async () => {
  const guid = '33221100-5544-7766-8899-aabbccddeeff';
  const [search] = await searchOf(
    { anyOf: { attribute: null, values: [guid] } },
    { 'ldap.search.filter': '(a=b)' },
    AD,
  );
  assert.equal(search?.filter, '(&(a=b)(|(objectGUID=\\00\\11"3DUfw\\88\\99\\aa\\bb\\cc\\dd\\ee\\ff)))');
});

test('many values are looked up a hundred at a time, none at all without a search', async () => {
  const values = Array.from({ length: 250 }, (_, i) => `v${i}`);
  const searches = await searchOf({ anyOf: { attribute: 'uid', values: [...values, 'v0', ' '] } });
  assert.deepEqual(
    searches.map((search) => search.filter.split('(uid=').length - 1),
    [100, 100, 50],
  );
  assert.deepEqual(await searchOf({ anyOf: { attribute: 'uid', values: [] } }), []);
});

test('entries that several look-ups find are delivered once', async () => {
  const read = await readAll(
    (answer) => {
      answer.entry('uid=a,dc=test', { entryUUID: 'same' });
      answer.done({ cookie: '' });
    },
    {},
    {},
    { anyOf: { attribute: 'uid', values: Array.from({ length: 150 }, (_, i) => `v${i}`) } },
  );
  assert.equal(read.server.searches.length, 2);
  assert.equal(read.entries.length, 1);
  assert.equal(read.verdict.entryCount, 1);
});

test('where the DN identifies, users are looked up by it, and one that is gone is no fault', async () => {
  const read = await readAll(
    (answer) => {
      if (answer.request.base === 'uid=gone,dc=test') return answer.done({ code: 32 });
      answer.entry(answer.request.base, { uid: 'a' });
      answer.done({ cookie: '' });
    },
    { 'ldap.attrib.externalId': 'DN' },
    {},
    {
      anyOf: { attribute: null, values: ['uid=here,dc=test', 'uid=gone,dc=test', 'uid=other,dc=elsewhere'] },
    },
  );
  assert.equal(read.verdict.complete, true, read.reason);
  assert.deepEqual(
    read.entries.map(({ identity }) => identity),
    ['uid=here,dc=test'],
  );
  assert.deepEqual(
    read.server.searches.map(({ base, scope }) => [base, scope]),
    [
      ['uid=here,dc=test', 0],
      ['uid=gone,dc=test', 0],
    ],
  );
});

test('a search base that vanishes between check and read is a fault of the read', async () => {
  const read = await readAll((answer) => answer.done({ code: 32 }));
  assert.match(read.reason, /noSuchObject/);
});

test('a search base that cannot be read is named with what the server holds', async () => {
  for (const code of [32, 34, 50, 10, 1]) {
    await scene(
      (answer) => answer.done(),
      async ({ directory }) => {
        const error = await runError(directory.check());
        assert.equal(error.code, 'DIRECTORY_SEARCH');
        assert.match(
          error.message,
          new RegExp(`ldap\\.baseDn "dc=test" cannot be read: result code ${code} `),
        );
        assert.match(error.message, /The server holds "dc=one", "dc=two"/);
      },
      {},
      { baseResult: { code }, rootDse: { namingContexts: ['dc=one', 'dc=two'] } },
    );
  }
});

test('an extra filter that is none is a fault of the read with its place', async () => {
  const read = await readAll((answer) => answer.done({ cookie: '' }), {}, {}, { extraFilter: '(a=b' });
  assert.match(read.reason, /extra filter is not an LDAP filter.*character 1/);
});

test('a server that hides its rootDSE is read all the same', async () => {
  const rootDse = { objectClass: [], supportedControl: [], namingContexts: [] };
  await scene(
    (answer) => answer.done({ cookie: '' }),
    async ({ directory }) => {
      assert.equal((await directory.check()).kind, 'GENERIC');
      assert.equal((await readToEnd(directory.read(EVERYTHING))).verdict.complete, true);
    },
    {},
    { rootDse },
  );
});
