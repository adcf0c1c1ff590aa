/** Demo servers in processes of their own. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client } from 'ldapts';
import { startDemoDirectoryProcess, startDemoServiceProcess } from '../servers/demo-process.ts';

test('a service in another process is asked over HTTP and looked into over IPC', async () => {
  const service = await startDemoServiceProcess({ orgGapMs: 0, maxPage: 50 });
  try {
    await service.seed([{ userName: 'a@x.org' }, { userName: 'b@x.org', c42OrgName: 'Europe' }]);
    const response = await fetch(`${service.baseUrl}/Users`, {
      headers: { authorization: `Bearer ${service.token}` },
    });
    assert.equal(((await response.json()) as { totalResults: number }).totalResults, 2);
    assert.deepEqual(
      (await service.users()).map(({ userName, org }) => [userName, org]),
      [
        ['a@x.org', 'Example Inc.'],
        ['b@x.org', 'Europe'],
      ],
    );
    assert.deepEqual((await service.requests()).byMethod, { GET: 1 });
    await assert.rejects(service.seed([{ userName: 'a@x.org' }]), /exists already/);
    assert.notEqual(service.pid, process.pid);
  } finally {
    await service.stop();
  }
  await assert.rejects(fetch(service.baseUrl));
  await assert.rejects(service.requests());
});

test('a directory in another process holds a company that can be changed', async () => {
  const directory = await startDemoDirectoryProcess({
    kind: 'OPENLDAP',
    size: 30,
    bindDn: 'cn=r',
    bindPassword: 'p',
  });
  const client = new Client({ url: directory.url, timeout: 5000 });
  try {
    await client.bind('cn=r', 'p');
    const count = async () =>
      (await client.search(directory.suffix, { filter: '(objectClass=inetOrgPerson)', timeLimit: 0 }))
        .searchEntries.length;
    assert.equal(await count(), 30);
    await directory.add(`cn=new,${directory.suffix}`, { objectClass: 'inetOrgPerson' });
    assert.equal(await count(), 31);
    await assert.rejects(directory.remove('cn=nobody'), /has no cn=nobody/);
  } finally {
    await client.unbind();
    await directory.stop();
  }
});
