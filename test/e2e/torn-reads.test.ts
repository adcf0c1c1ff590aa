import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { makeCompany } from '../../src/demo/company.ts';
import { startDemoDirectory } from '../../src/demo/ldap-server.ts';
import { startServiceProcess } from '../servers/service-process.ts';
import { assertExit, Installation } from './installation.ts';

const BIND = { bindDn: 'CN=reader,DC=example,DC=com', bindPassword: 'pw-of-the-reader' };
const USERS = 5000;
const PAGE = 250;

describe('a directory that dies on page 3 of 20, in ten runs in a row', () => {
  it('makes nobody absent and deactivates nobody, with exit code 4 each time', async () => {
    const company = makeCompany({ kind: 'OPENLDAP', size: USERS });
    const directory = await startDemoDirectory({ ...BIND, kind: 'OPENLDAP', entries: company.entries });
    const service = await startServiceProcess();
    const installation = new Installation(
      {
        'ldap.baseurl': directory.url,
        'ldap.baseDn': company.peopleBase,
        'ldap.bind.user': BIND.bindDn,
        'ldap.paging.size': String(PAGE),
        'ldap.attrib.externalId': 'entryUUID',
        'scim.baseurl': service.baseUrl,
        'scim.username': service.username,
        'scim.client.threads': '8',
        'missed.user.check': 'true',
        'deactivate.user.threshold': '2',
      },
      {
        active: 'function (entry) { return true; }',
        org: 'function (entry) { return null; }',
        role: 'function (entry) { return null; }',
      },
    );
    try {
      assertExit(await installation.storePasswords(BIND.bindPassword, service.password), 0);
      assert.equal((await installation.runLong(['--sync-now'])).exitCode, 0);
      assert.equal((await service.summary()).users.length, USERS);
      const codes: (number | null)[] = [];
      for (let n = 0; n < 10; n += 1) {
        let cut = 0;
        directory.setMisbehave(({ page }) => {
          if (page < 3) return null;
          cut += 1;
          return 'DISCONNECT';
        });
        const torn = await installation.runLong(['--sync-now', '--full-sync']);
        codes.push(torn.exitCode);
        assert.equal(torn.exitCode, 4);
        assert.equal(cut, 1);
      }
      const { users } = await service.summary();
      const inactive = users.filter((user) => !user.active).length;
      const state = new DatabaseSync(installation.path('state.db'), { readOnly: true });
      const absent = state.prepare('SELECT count(*) AS n FROM users WHERE missed > 0').get()?.['n'];
      state.close();
      console.log(
        `${USERS} users, directory dead on page 3 of ${USERS / PAGE}: exit codes ${codes.join(' ')}, ${String(absent)} absent, ${inactive} deactivated`,
      );
      assert.deepEqual({ inactive, absent }, { inactive: 0, absent: 0 });
    } finally {
      installation.remove();
      await service.stop();
      await directory.stop();
    }
  });
});
