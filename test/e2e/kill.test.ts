import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { makeCompany } from '../../src/demo/company.ts';
import { startDemoDirectory } from '../../src/demo/ldap-server.ts';
import { startServiceProcess } from '../servers/service-process.ts';
import { assertExit, Installation } from './installation.ts';

const BIND = { bindDn: 'CN=reader,DC=example,DC=com', bindPassword: 'pw-of-the-reader' };

describe('kill -9 in the middle of a live run', () => {
  it('loses and repeats nothing, however often it happens: the service ends with exactly the users it should have', async () => {
    const company = makeCompany({ kind: 'ACTIVE_DIRECTORY', size: 300 });
    const directory = await startDemoDirectory({
      ...BIND,
      kind: 'ACTIVE_DIRECTORY',
      entries: company.entries,
    });
    const service = await startServiceProcess({ latencyMs: 10, orgGapMs: 20 });
    const installation = new Installation({
      'ldap.baseurl': directory.url,
      'ldap.baseDn': company.peopleBase,
      'ldap.bind.user': BIND.bindDn,
      'scim.baseurl': service.baseUrl,
      'scim.username': service.username,
      'scim.client.threads': '4',
    });
    try {
      assertExit(await installation.storePasswords(BIND.bindPassword, service.password), 0);
      let killedInTheMiddle = 0;
      for (let n = 0; n < 6; n += 1) {
        const before = (await service.summary()).users.length;
        await installation.runAndKill(
          ['--sync-now'],
          async () => (await service.summary()).users.length > before + 3 * n,
        );
        const held = (await service.summary()).users.length;
        if (held > 0 && held < 292) killedInTheMiddle += 1;
      }
      assert.ok(killedInTheMiddle > 0, 'no run was killed while it was sending');
      assertExit(await installation.run(['--sync-now']), 0);
      const { users, duplicateOrgs, byMethod } = await service.summary();
      const wanted = company.people
        .filter((person) => person.enabled)
        .map((person) => person.mail.toLowerCase());
      assert.deepEqual(users.map((user) => user.userName.toLowerCase()).sort(), wanted.sort());
      assert.deepEqual(duplicateOrgs, []);
      // A creation whose answer was lost is tried once more and adopted: at most one for each worker of a killed run.
      assert.ok(
        (byMethod['POST'] ?? 0) <= wanted.length + 6 * 4,
        `${byMethod['POST']} creations for ${wanted.length}`,
      );
      await service.reset();
      assertExit(await installation.run(['--sync-now', '--full-sync']), 0);
      assertExit(await installation.run(['--sync-now']), 0);
      assert.equal((await service.summary()).users.length, wanted.length);
    } finally {
      installation.remove();
      await service.stop();
      await directory.stop();
    }
  });
});
