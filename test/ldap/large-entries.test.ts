/** Large and odd entries, whole: from OpenLDAP, and from a directory that sends lists in ranges as Active Directory does. */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { startDemoDirectory } from '../../src/demo/ldap-server.ts';
import type { DemoDirectory } from '../../src/demo/ldap-server.ts';
import { openDirectory } from '../../src/ldap/directory.ts';
import type { DirectorySettings } from '../../src/ldap/directory.ts';
import type { Entry } from '../../src/model/entry.ts';
import { valuesOf } from '../../src/model/entry.ts';
import type { DirectoryQuery } from '../../src/model/ports.ts';
import { makeAuthority } from '../servers/slapd-certificates.ts';
import { GROUPS_DN, PEOPLE_DN } from '../servers/slapd-people.ts';
import { slapdSkip, startSlapd } from '../servers/slapd.ts';
import type { Slapd } from '../servers/slapd.ts';
import { directorySettings, EVERYTHING, PASSWORD, readToEnd, rememberingLog } from './directory-fixture.ts';

const MEMBERS = 9000;
const GROUPS = 3000;
const BASE = 'dc=example,dc=com';

const memberDn = (index: number): string => `uid=member-${index},${PEOPLE_DN}`;
const groupOf = (index: number): string => `cn=group-${index},${GROUPS_DN}`;
const members = Array.from({ length: MEMBERS }, (_, index) => memberDn(index));
const groups = Array.from({ length: GROUPS }, (_, index) => groupOf(index));

const NOBODY: Entry = { identity: '', dn: '', attributes: {} };

/** All entries of a read that must be complete. */
async function read(
  settings: Partial<DirectorySettings>,
  password: string,
  query: Partial<DirectoryQuery> = {},
): Promise<readonly Entry[]> {
  const directory = openDirectory(directorySettings(settings), password, rememberingLog());
  try {
    await directory.check();
    const whole = await readToEnd(directory.read({ ...EVERYTHING, ...query }));
    assert.equal(whole.verdict.complete, true, whole.reason);
    return whole.entries;
  } finally {
    await directory.close();
  }
}

describe('a directory that sends 1,500 values at a time', () => {
  let server: DemoDirectory;

  before(async () => {
    server = await startDemoDirectory({
      kind: 'ACTIVE_DIRECTORY',
      suffix: BASE,
      bindDn: `cn=reader,${BASE}`,
      bindPassword: PASSWORD,
      maxValueRange: 1500,
      entries: [
        { dn: groupOf(0), attributes: { objectClass: ['top', 'group'], member: members } },
        // Real groups, since the directory works memberOf out by itself.
        ...groups
          .slice(1)
          .map((dn) => ({ dn, attributes: { objectClass: ['top', 'group'], member: [memberDn(1)] } })),
        { dn: memberDn(1), attributes: { objectClass: ['top', 'user'], cn: 'one' } },
        { dn: memberDn(2), attributes: { objectClass: ['top', 'user'], cn: 'two' } },
      ],
    });
  });
  after(() => server?.stop());

  const settings = (): Partial<DirectorySettings> => ({
    'ldap.baseurl': server.url,
    'ldap.baseDn': BASE,
    'ldap.bind.user': server.bindDn,
  });

  test('a group of 9,000 is whole', async () => {
    const filter = { 'ldap.search.filter': `(member=${memberDn(2)})` };
    const [group] = await read({ ...settings(), ...filter }, PASSWORD);
    assert.ok(group);
    assert.deepEqual([...valuesOf(group, 'member')].sort(), [...members].sort());
  });

  test('a user in 3,000 groups is whole, also where memberOf alone is read', async () => {
    const filter = { 'ldap.search.filter': '(objectClass=user)' };
    for (const attributes of ['ALL', ['memberOf']] as const) {
      const entries = await read({ ...settings(), ...filter }, PASSWORD, { attributes });
      assert.equal(entries.length, 2);
      const user = entries.find(({ dn }) => dn === memberDn(1));
      assert.ok(user);
      assert.deepEqual([...valuesOf(user, 'memberOf')].sort(), [...groups].sort());
    }
    const all = await read({ ...settings(), ...filter }, PASSWORD, { attributes: ['memberOfAll'] });
    const groupsOfAll = valuesOf(all.find(({ dn }) => dn === memberDn(1)) ?? NOBODY, 'memberOfAll');
    assert.deepEqual([...groupsOfAll].sort(), [...groups].sort());
  });
});

describe('OpenLDAP with large and odd entries', { skip: slapdSkip() }, () => {
  let slapd: Slapd;
  const photo = Buffer.alloc(20_000_000, 'a photograph ');
  const zero = 'before\0after';
  let certificate = '';

  before(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'c42uds-certificate-'));
    const pem = await readFile(await makeAuthority(folder), 'utf8');
    await rm(folder, { recursive: true });
    certificate = pem.replace(/-----[^-]+-----|\s/g, '');
    slapd = await startSlapd({ users: 3, ldif: oddLdif() });
  });
  after(() => slapd?.stop());

  function* oddLdif(): Generator<string> {
    const user = (uid: string): string =>
      `dn: uid=${uid},${PEOPLE_DN}\nobjectClass: inetOrgPerson\ncn: ${uid}\nsn: ${uid}\n`;
    yield `${user('joiner')}${groups.map((dn) => `memberOf: ${dn}\n`).join('')}\n`;
    yield `dn: ${groupOf(0)}\nobjectClass: groupOfNames\ncn: group-0\n${members.map((dn) => `member: ${dn}\n`).join('')}\n`;
    yield `${user('photographed')}jpegPhoto:: ${photo.toString('base64')}\n\n`;
    const description = `description: plain\ndescription;lang-de: schlicht\ndescription;lang-fr: simple\n`;
    yield `${user('certified')}userCertificate;binary:: ${certificate}\n\n`;
    yield `${user('polyglot')}${description}title:: ${Buffer.from(zero).toString('base64')}\n\n`;
    // One mail address in two spellings: to LDAP the same value, to whoever compares bytes two.
    for (const [uid, mail] of [
      ['lower', 'twin@example.com'],
      ['upper', 'TWIN@Example.com'],
    ] as const) {
      yield `${user(uid)}mail: ${mail}\n\n`;
    }
  }

  const settings = (): Partial<DirectorySettings> => ({
    'ldap.baseurl': slapd.url,
    'ldap.baseDn': slapd.baseDn,
    'ldap.bind.user': slapd.readerDn,
  });

  async function one(extraFilter: string, changes: Partial<DirectorySettings> = {}): Promise<Entry> {
    const [entry, ...others] = await read({ ...settings(), ...changes }, slapd.readerPassword, {
      extraFilter,
    });
    assert.ok(entry && others.length === 0);
    return entry;
  }

  test('a group of 9,000 and a user in 3,000 groups are whole', async () => {
    const group = await one('(cn=group-0)', { 'ldap.search.filter': '(objectClass=groupOfNames)' });
    assert.deepEqual([...valuesOf(group, 'member')].sort(), [...members].sort());
    assert.deepEqual([...valuesOf(await one('(uid=joiner)'), 'memberOf')].sort(), [...groups].sort());
    const [joiner = NOBODY] = await read(settings(), slapd.readerPassword, {
      attributes: ['memberOfAll'],
      extraFilter: '(uid=joiner)',
    });
    assert.deepEqual([...valuesOf(joiner, 'memberOfAll')].sort(), [...groups].sort());
  });

  test('an entry of 20 MB arrives unharmed', async () => {
    const [value = ''] = valuesOf(await one('(uid=photographed)'), 'jpegPhoto');
    const sum = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
    assert.equal(sum(Buffer.from(value, 'base64')), sum(photo));
  });

  test('values with options stand beside the one without; a NUL is a character like others', async () => {
    const entry = await one('(uid=polyglot)');
    assert.deepEqual(valuesOf(entry, 'description'), ['plain']);
    assert.deepEqual(valuesOf(entry, 'DESCRIPTION;LANG-DE'), ['schlicht']);
    assert.deepEqual(valuesOf(entry, 'description;lang-fr'), ['simple']);
    assert.deepEqual(valuesOf(entry, 'title'), [zero]);
    const anyOf = { attribute: 'title', values: [zero] };
    assert.equal((await read(settings(), slapd.readerPassword, { anyOf })).length, 1);
    assert.equal((await one('(description;lang-de=schlicht)')).identity, entry.identity);
    assert.equal((await one('(title=before\\00*)')).identity, entry.identity);
  });

  test('a certificate, which the server sends with ;binary only, is base64', async () => {
    assert.deepEqual(valuesOf(await one('(uid=certified)'), 'userCertificate;binary'), [certificate]);
  });

  test('users whose names differ only in case are both found by either', async () => {
    for (const value of ['twin@example.com', 'Twin@EXAMPLE.COM']) {
      const twins = await read(settings(), slapd.readerPassword, {
        anyOf: { attribute: 'mail', values: [value] },
      });
      assert.deepEqual(twins.map((entry) => valuesOf(entry, 'mail')[0]).sort(), [
        'TWIN@Example.com',
        'twin@example.com',
      ]);
    }
  });
});
