import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { makeCompany } from '../../src/demo/company.ts';
import { startDemoDirectory } from '../../src/demo/ldap-server.ts';
import { startServiceProcess } from '../servers/service-process.ts';
import { assertExit, Installation } from './installation.ts';

const BIND = { bindDn: 'CN=reader,DC=example,DC=com', bindPassword: 'pw-of-the-reader' };

describe('with scim.client.threads=8', () => {
  it('50 organizations that do not exist yet are each created exactly once', async () => {
    const company = makeCompany({ kind: 'ACTIVE_DIRECTORY', size: 400 });
    const directory = await startDemoDirectory({
      ...BIND,
      kind: 'ACTIVE_DIRECTORY',
      entries: company.entries,
    });
    const service = await startServiceProcess({ orgGapMs: 50 });
    const installation = new Installation(
      {
        'ldap.baseurl': directory.url,
        'ldap.baseDn': company.peopleBase,
        'ldap.bind.user': BIND.bindDn,
        'scim.baseurl': service.baseUrl,
        'scim.username': service.username,
        'scim.client.threads': '8',
      },
      {
        active: 'function (entry) { return true; }',
        org: 'function (entry) { return "Org " + (parseInt(entry.employeeNumber, 10) % 50); }',
        role: 'function (entry) { return null; }',
      },
    );
    try {
      assertExit(await installation.storePasswords(BIND.bindPassword, service.password), 0);
      assertExit(await installation.run(['--sync-now']), 0);
      const { orgs, duplicateOrgs, users } = await service.summary();
      const made = orgs.filter((name) => name.startsWith('Org '));
      console.log(`${users.length} users, ${made.length} organizations made, ${duplicateOrgs.length} twice`);
      assert.equal(users.length, 400);
      assert.equal(made.length, 50);
      assert.deepEqual(duplicateOrgs, []);
    } finally {
      installation.remove();
      await service.stop();
      await directory.stop();
    }
  });
});
