/** Referrals between two real servers. */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { openDirectory } from '../../src/ldap/directory.ts';
import type { DirectorySettings } from '../../src/ldap/directory.ts';
import { PEOPLE_DN } from '../servers/slapd-people.ts';
import { slapdSkip, startSlapd } from '../servers/slapd.ts';
import type { Slapd } from '../servers/slapd.ts';
import { directorySettings, EVERYTHING, readToEnd, rememberingLog } from './directory-fixture.ts';
import type { WholeRead } from './directory-fixture.ts';

describe('two OpenLDAP servers, of which one refers to the other', { skip: slapdSkip() }, () => {
  let here: Slapd;
  let there: Slapd;

  before(async () => {
    there = await startSlapd({ users: 12 });
    here = await startSlapd({ users: 30, referral: `${there.url}/${PEOPLE_DN}` });
  });
  after(async () => {
    await here?.stop();
    await there?.stop();
  });

  async function read(changes: Partial<DirectorySettings>): Promise<WholeRead> {
    const settings = directorySettings({
      'ldap.baseurl': here.url,
      'ldap.baseDn': here.baseDn,
      'ldap.bind.user': here.readerDn,
      'ldap.connection.ca.file': here.caFile,
      'ldap.paging.size': 7,
      ...changes,
    });
    const directory = openDirectory(settings, here.readerPassword, rememberingLog());
    try {
      await directory.check();
      return await readToEnd(directory.read(EVERYTHING));
    } finally {
      await directory.close();
    }
  }

  test('FOLLOW reads the people of both, page by page, with the same credentials', async () => {
    const whole = await read({ 'ldap.referral': 'FOLLOW' });
    assert.equal(whole.verdict.complete, true, whole.reason);
    assert.equal(new Set(whole.entries.map(({ identity }) => identity)).size, 42);
  });

  test('IGNORE reads the people here, THROW reads them and says what is missing', async () => {
    const ignored = await read({ 'ldap.referral': 'IGNORE' });
    assert.equal(ignored.verdict.complete, true, ignored.reason);
    assert.equal(ignored.entries.length, 30);
    const thrown = await read({ 'ldap.referral': 'THROW' });
    assert.equal(thrown.entries.length, 30);
    assert.ok(thrown.reason.includes(there.url), thrown.reason);
  });

  test('a referral from an encrypted connection to a plain one is not followed, and the read is incomplete', async () => {
    const whole = await read({ 'ldap.baseurl': here.tlsUrl, 'ldap.referral': 'FOLLOW' });
    assert.equal(whole.entries.length, 30);
    assert.match(whole.reason, /is not encrypted, but ldap\.baseurl is/);
  });

  test('with StartTLS it is followed, since that connection is encrypted too: an unknown authority ends it', async () => {
    const whole = await read({ 'ldap.connection.starttls': true, 'ldap.referral': 'FOLLOW' });
    assert.match(whole.reason, /the certificate of 127\.0\.0\.1 cannot be trusted/);
  });

  test('FOLLOW to a server that is gone is an incomplete read', async () => {
    await there.kill();
    const whole = await read({ 'ldap.referral': 'FOLLOW' });
    assert.equal(whole.entries.length, 30);
    assert.match(whole.reason, /could not be followed: .*connection refused/);
  });
});
