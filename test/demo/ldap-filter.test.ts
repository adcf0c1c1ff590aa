/** Filters of the demo directory, table by table: each is sent by a real client and judged by the directory. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client, EqualityFilter, ExtensibleFilter } from 'ldapts';
import { startDemoDirectory, type DemoDirectory } from '../../src/demo/ldap-server.ts';

const BASE = 'dc=example,dc=com';
const GUID = Buffer.from('e94b5f1b3f22444899d3d3ac8e72cdf1', 'hex');
let directory: DemoDirectory;
let client: Client;

before(async () => {
  const user = {
    objectClass: ['top', 'person', 'user'],
    objectCategory: 'CN=Person,CN=Schema,DC=example,DC=com',
  };
  directory = await startDemoDirectory({
    kind: 'ACTIVE_DIRECTORY',
    bindDn: 'cn=reader',
    bindPassword: 'pw',
    now: () => new Date('2026-03-01T12:00:00Z'),
    entries: [
      {
        dn: `CN=ann,${BASE}`,
        attributes: {
          ...user,
          cn: 'ann',
          givenName: 'Änn  Marie',
          mail: ['ann@example.com', 'a@example.org'],
          userAccountControl: '514',
          objectGUID: GUID,
        },
      },
      {
        dn: `CN=bob,${BASE}`,
        attributes: {
          ...user,
          cn: 'bob',
          userAccountControl: '512',
          manager: `CN=ann,${BASE}`,
          department: 'R*D',
        },
      },
      {
        dn: `CN=cy,${BASE}`,
        attributes: {
          ...user,
          cn: 'cy',
          userAccountControl: '66048',
          manager: `CN=bob,${BASE}`,
          department: 'IT',
        },
      },
      { dn: `CN=team,${BASE}`, attributes: { objectClass: 'group', cn: 'team', member: `CN=cy,${BASE}` } },
      { dn: `CN=all,${BASE}`, attributes: { objectClass: 'group', cn: 'all', member: `CN=team,${BASE}` } },
    ],
  });
  client = new Client({ url: directory.url, timeout: 5000 });
  await client.bind('cn=reader', 'pw');
});

after(async () => {
  await client.unbind();
  await directory.stop();
});

async function names(
  filter: ConstructorParameters<typeof EqualityFilter>[0] | string | object,
): Promise<string> {
  const options = { filter: filter as string, attributes: ['cn'], timeLimit: 0 };
  const { searchEntries } = await client.search(BASE, options);
  return searchEntries
    .map(({ cn }) => String(cn))
    .filter((cn) => cn !== '')
    .sort()
    .join(' ');
}

const TABLE: readonly (readonly [filter: string, found: string])[] = [
  ['(cn=ANN)', 'ann'],
  ['(CN=ann)', 'ann'],
  ['(objectClass=user)', 'ann bob cy'],
  ['(objectCategory=person)', 'ann bob cy'],
  ['(objectCategory=computer)', ''],
  ['(givenName=änn marie)', 'ann'],
  ['(mail=A@EXAMPLE.ORG)', 'ann'],
  ['(mail=*)', 'ann'],
  ['(!(mail=*))', 'all bob cy team'],
  ['(department=R\\2aD)', 'bob'],
  ['(department=*)', 'bob cy'],
  // Known attribute, absent value: false, so that its negation is true.
  ['(!(department=IT))', 'all ann bob team'],
  // Unknown attribute: Undefined, and so is its negation.
  ['(shoeSize=42)', ''],
  ['(!(shoeSize=42))', ''],
  ['(!(shoeSize=*))', ''],
  ['(|(cn=bob)(shoeSize=42))', 'bob'],
  ['(&(cn=bob)(!(shoeSize=42)))', ''],
  ['(&(objectClass=user)(|(cn=ann)(cn=cy))(!(cn=ann)))', 'cy'],
  ['(cn=a*)', 'all ann'],
  ['(cn=*N)', 'ann'],
  ['(cn=*e*)', 'team'],
  ['(mail=a*@exam*.com)', 'ann'],
  ['(mail=ann@*ann@*)', ''],
  ['(manager=CN=Ann, dc=EXAMPLE,dc=com)', 'bob'],
  ['(manager=*ann*)', ''],
  ['(userAccountControl>=514)', 'ann cy'],
  ['(userAccountControl<=512)', 'bob'],
  ['(userAccountControl>=abc)', ''],
  ['(!(userAccountControl>=abc))', ''],
  ['(cn>=bob)', 'bob cy team'],
  ['(cn~=Bob)', 'bob'],
  ['(userAccountControl:1.2.840.113556.1.4.803:=2)', 'ann'],
  ['(!(userAccountControl:1.2.840.113556.1.4.803:=2))', 'all bob cy team'],
  ['(userAccountControl:1.2.840.113556.1.4.803:=66048)', 'cy'],
  ['(userAccountControl:1.2.840.113556.1.4.804:=65538)', 'ann cy'],
  ['(whenChanged>=20260301120000.0Z)', 'all ann bob cy team'],
  ['(whenChanged>=20260301120000Z)', 'all ann bob cy team'],
  ['(whenChanged>=20260301120001.0Z)', ''],
  ['(memberOf=CN=all,dc=example,dc=com)', 'team'],
  ['(memberOf:1.2.840.113556.1.4.1941:=CN=all,dc=example,dc=com)', 'cy team'],
  ['(manager:1.2.840.113556.1.4.1941:=CN=ann,dc=example,dc=com)', 'bob cy'],
  ['(cn:caseIgnoreMatch:=BOB)', 'bob'],
  ['(cn:1.2.3.4:=bob)', ''],
];

for (const [filter, found] of TABLE) {
  test(`${filter} finds ${found === '' ? 'nobody' : found}`, async () => {
    assert.equal(await names(filter), found);
  });
}

test('bytes are found by bytes', async () => {
  assert.equal(await names(new EqualityFilter({ attribute: 'objectGUID', value: GUID })), 'ann');
});

test('an extensible filter without attribute or rule is Undefined, not an error', async () => {
  assert.equal(await names(new ExtensibleFilter({ matchType: '', rule: '2.5.13.2', value: 'bob' })), '');
});
