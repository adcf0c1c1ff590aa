/** `c42uds doctor` against the servers of others: OpenLDAP behind TLS, and a domain controller of Active Directory. */

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { OptionKey } from '../../src/config/options.ts';
import { startDemoService, type DemoService } from '../../src/demo/scim-service.ts';
import type { ExaminationResult } from '../../src/report/examination-result.ts';
import { sambaSkip, startSamba, type Samba } from '../servers/samba.ts';
import { slapdSkip, startSlapd, type Slapd } from '../servers/slapd.ts';
import { runProgram } from './command-line.ts';
import { Installation } from './installation.ts';

const SCRIPTS = {
  active: 'function (entry) { return entry.mail !== null; }',
  org: 'function (entry) { return null; }',
  role: 'function (entry) { return null; }',
};

async function diagnosis(
  properties: Partial<Record<OptionKey, string>>,
  service: DemoService,
  bindPassword: string,
): Promise<{ result: ExaminationResult; amiss: string[]; say: (id: string) => string }> {
  const installation = new Installation(
    {
      'ldap.bind.password': '${env:LDAP_SECRET}',
      'scim.baseurl': service.baseUrl,
      'scim.username': service.username,
      'scim.password': '${env:SCIM_SECRET}',
      ...properties,
    },
    SCRIPTS,
  );
  try {
    const env = { LDAP_SECRET: bindPassword, SCIM_SECRET: service.password };
    const { stdout } = await runProgram(['doctor', '--json'], { cwd: installation.folder, env });
    const result = JSON.parse(stdout) as ExaminationResult;
    const amiss = result.checks
      .filter(({ status }) => status !== 'OK')
      .map(({ status, id, message }) => `${status} ${id}: ${message}`);
    return { result, amiss, say: (id) => result.checks.find((check) => check.id === id)?.message ?? '' };
  } finally {
    installation.remove();
  }
}

describe('c42uds doctor and OpenLDAP', { skip: slapdSkip() }, () => {
  let slapd: Slapd;
  let service: DemoService;

  before(async () => {
    [slapd, service] = await Promise.all([startSlapd({ users: 30, authorityDays: 30 }), startDemoService()]);
  });
  after(async () => {
    await service?.stop();
    await slapd?.stop();
  });

  const properties = (): Partial<Record<OptionKey, string>> => ({
    'ldap.baseDn': slapd.baseDn,
    'ldap.bind.user': slapd.readerDn,
    'ldap.connection.ca.file': slapd.caFile,
  });

  it('finds ldaps:// and StartTLS in order, and warns of the authority that ends within a month', async () => {
    const starttls = slapd.url.replace('127.0.0.1', 'localhost');
    for (const more of [
      { 'ldap.baseurl': slapd.tlsUrl },
      { 'ldap.baseurl': starttls, 'ldap.connection.starttls': 'true' },
    ]) {
      const { result, amiss, say } = await diagnosis(
        { ...properties(), ...more },
        service,
        slapd.readerPassword,
      );
      assert.equal(result.exitCode, 0, amiss.join('\n'));
      assert.deepEqual(amiss, [`WARNING directory-tls: ${say('directory-tls')}`]);
      assert.match(
        say('directory-tls'),
        /TLSv1\.3, .* ← c42uds test authority; "c42uds test authority" ends in (29|30) days/,
      );
      assert.match(say('directory-bind'), /; OpenLDAP$/);
      assert.match(say('directory-base'), /users known by entryUUID, changes by time$/);
      assert.equal(say('directory-paging'), 'the second page follows the first');
      assert.match(say('directory-clock'), /does not tell its time/);
    }
  });
});

describe('c42uds doctor and Active Directory', { skip: sambaSkip() }, () => {
  let samba: Samba;
  let service: DemoService;

  before(async () => {
    [samba, service] = await Promise.all([startSamba({ users: 25 }), startDemoService()]);
  });
  after(async () => {
    await service?.stop();
    await samba?.stop();
  });

  it('finds ranges, referrals and clock of a domain controller in order', async () => {
    const { result, amiss, say } = await diagnosis(
      { 'ldap.baseurl': samba.url, 'ldap.baseDn': samba.staffDn, 'ldap.bind.user': 'reader@lab.test' },
      service,
      samba.readerPassword,
    );
    assert.deepEqual(amiss, []);
    assert.equal(result.exitCode, 0);
    assert.match(say('directory-bind'), /as reader@lab\.test; Active Directory$/);
    assert.match(say('directory-base'), /users known by objectGUID, changes by USN$/);
    assert.equal(say('directory-ranges'), 'the server sends the part of a list that is asked for');
    assert.equal(say('directory-referrals'), 'the server holds the whole search base');
    assert.equal(say('directory-clock'), 'the directory server has the same time as this host');
    assert.match(say('directory-deleted'), /^may (not )?be read/);
  });

  it('takes no referral of the domain root to settings and DNS zones for a part that is missing', async () => {
    const { amiss, say } = await diagnosis(
      { 'ldap.baseurl': samba.url, 'ldap.baseDn': samba.baseDn, 'ldap.bind.user': 'reader@lab.test' },
      service,
      samba.readerPassword,
    );
    assert.equal(say('directory-referrals'), 'the server holds the whole search base', amiss.join('\n'));
  });
});
