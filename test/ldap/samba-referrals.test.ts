/** Referrals across two real servers: an OpenLDAP directory of which one part lies on an Active Directory. */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { openDirectory } from '../../src/ldap/directory.ts';
import type { DirectorySettings } from '../../src/ldap/directory.ts';
import { accountLdif, employee } from '../servers/samba-people.ts';
import { sambaSkip, startSamba } from '../servers/samba.ts';
import type { Samba } from '../servers/samba.ts';
import { person } from '../servers/slapd-people.ts';
import { slapdSkip, startSlapd } from '../servers/slapd.ts';
import type { Slapd } from '../servers/slapd.ts';
import { directorySettings, EVERYTHING, readToEnd, rememberingLog } from './directory-fixture.ts';
import type { WholeRead } from './directory-fixture.ts';

const HERE = 5;
const THERE = 7;
const DOMAIN = 'example.com';

describe('a part of OpenLDAP that lies on Active Directory', { skip: slapdSkip() || sambaSkip() }, () => {
  let here: Slapd;
  let there: Samba;

  before(async () => {
    // What binds at one has to bind at the other: the same DN and password. From Active Directory to Active Directory:
    // test/e2e/samba-forest.test.ts.
    const visitor = {
      dn: 'CN=reader,DC=example,DC=com',
      sAMAccountName: 'visitor',
      password: 'Reader-passw0rd',
    };
    there = await startSamba({ users: THERE, domain: DOMAIN, ldif: accountLdif(visitor) });
    here = await startSlapd({ users: HERE, referral: `${there.url}/${there.staffDn}??sub` });
    assert.equal(here.readerPassword, visitor.password);
  });
  after(async () => {
    for (const server of [here, there]) await server?.stop();
  });

  async function read(changes: Partial<DirectorySettings>, log = rememberingLog()): Promise<WholeRead> {
    const settings = directorySettings({
      'ldap.baseurl': here.url,
      'ldap.baseDn': here.baseDn,
      'ldap.bind.user': here.readerDn,
      'ldap.search.filter': '(uid=*)',
      'ldap.attrib.externalId': 'dn',
      'ldap.paging.size': 3,
      ...changes,
    });
    const directory = openDirectory(settings, here.readerPassword, log);
    try {
      await directory.check();
      return await readToEnd(directory.read(EVERYTHING));
    } finally {
      await directory.close();
    }
  }

  const dnsOf = ({ entries }: WholeRead): string[] => entries.map(({ dn }) => dn.toLowerCase()).sort();
  const ours = Array.from({ length: HERE }, (_, index) => person(index + 1).dn.toLowerCase());
  const theirs = Array.from({ length: THERE }, (_, index) =>
    `CN=${employee(index + 1).uid},OU=Staff,DC=example,DC=com`.toLowerCase(),
  );

  test('FOLLOW reads the people of both, page by page, and says where the password goes', async () => {
    const log = rememberingLog();
    const whole = await read({ 'ldap.referral': 'FOLLOW' }, log);
    assert.equal(whole.verdict.complete, true, whole.reason);
    assert.deepEqual(dnsOf(whole), [...ours, ...theirs].sort());
    assert.match(log.lines.join('\n'), new RegExp(`A referral leads to ${there.address}, port 389`));
  });

  test('THROW reads those here and names what is missing, IGNORE leaves it out on purpose', async () => {
    const part = await read({});
    assert.deepEqual(dnsOf(part), ours);
    assert.match(
      part.reason,
      new RegExp(`a part of the search base is on ldap://${there.address}/OU=Staff`, 'i'),
    );
    const rest = await read({ 'ldap.referral': 'IGNORE' });
    assert.equal(rest.verdict.complete, true, rest.reason);
    assert.deepEqual(dnsOf(rest), ours);
  });

  test('FOLLOW is incomplete while the other server is down', async () => {
    await there.kill();
    try {
      const part = await read({ 'ldap.referral': 'FOLLOW' });
      assert.equal(part.verdict.complete, false);
      assert.deepEqual(dnsOf(part), ours);
      assert.match(part.reason, /could not be followed: .*connection refused/);
    } finally {
      await there.restart();
    }
  });
});
