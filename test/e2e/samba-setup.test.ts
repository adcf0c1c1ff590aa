/** An administrator of Active Directory who answers the set-up questions, edits one script, and nothing else. */

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { startServiceProcess, type ServiceProcess } from '../servers/service-process.ts';
import { employee } from '../servers/samba-people.ts';
import { sambaSkip, startSamba, type Samba } from '../servers/samba.ts';
import { Conversation, freshFolder, noTerminal, runProgram } from './command-line.ts';
import { assertExit, Installation } from './installation.ts';

const USERS = 25;

function defaultScript(name: string): string {
  return readFileSync(new URL(`../../scripts/${name}script.js`, import.meta.url), 'utf8');
}

describe('Active Directory from the set-up questions alone', { skip: sambaSkip() }, () => {
  let samba: Samba;
  let service: ServiceProcess;
  let installation: Installation;

  before(async () => {
    [samba, service] = await Promise.all([startSamba({ users: USERS }), startServiceProcess()]);
    installation = new Installation(
      {
        'ldap.baseurl': samba.url,
        'ldap.baseDn': samba.baseDn,
        'ldap.bind.user': 'reader@lab.test',
        'scim.baseurl': service.baseUrl,
        'scim.username': service.username,
      },
      { active: defaultScript('active'), org: defaultScript('org'), role: defaultScript('role') },
    );
    assertExit(await installation.storePasswords(samba.readerPassword, service.password), 0);
  });
  after(async () => {
    installation?.remove();
    await service?.stop();
    await samba?.stop();
  });

  it(
    'the set-up alone makes a configuration that works: base, who is a user, and who has no mail',
    { skip: noTerminal() },
    async () => {
      const folder = freshFolder();
      try {
        const talk = new Conversation([], { cwd: folder.path });
        await talk.answer('ldap.base.url', samba.url);
        await talk.expect(`It holds ${samba.baseDn}`);
        // Without the partitions of settings and of the DNS.
        await talk.answer('ldap.baseDn', '');
        await talk.answer('ldap.bind.user', 'reader@lab.test');
        await talk.answer('ldap.bind.password', samba.readerPassword);
        await talk.answer('ldap.bind.password (again)', samba.readerPassword);
        await talk.expect(`OK: The bind was accepted (ACTIVE_DIRECTORY), and ${samba.baseDn} is there.`);
        await talk.expect('users by (&(objectCategory=person)(objectClass=user)), known by objectGUID.');
        await talk.expect('1 of 30 users has userPrincipalName, but no mail, which is the userName.');
        await talk.expect('Name them by userPrincipalName (ldap.attrib.userName=mail,userPrincipalName)');
        talk.send('\r');
        await talk.answer('scim.baseurl', service.baseUrl);
        await talk.answer('scim.username', service.username);
        await talk.answer('scim.password', service.password);
        await talk.answer('scim.password (again)', service.password);
        const { exitCode, screen } = await talk.end();
        assert.equal(exitCode, 0, screen);
        assert.doesNotMatch(screen, /It holds .*(?:Configuration|DnsZones)/i);
        const staff = 'return entry.mail !== null || entry.sAMAccountName === "reader";';
        writeFileSync(
          join(folder.path, 'activescript.js'),
          defaultScript('active').replace(/return false;(?=\n})/, staff),
        );
        const dry = await runProgram([], { cwd: folder.path });
        assertExit(dry, 0);
        assert.match(dry.stdout, new RegExp(`${USERS + 1} to create; dry run`));
        for (const name of ['reader@lab.test', employee(1).mail]) assert.ok(dry.stdout.includes(name), name);
      } finally {
        folder.remove();
      }
    },
  );

  it('a dry run over the whole domain is complete, and provisions nobody', async () => {
    const dry = await installation.run([]);
    assertExit(dry, 0);
    assert.match(dry.stdout, /users read +(\d+)/);
    assert.equal((await service.summary()).writes, 0);
  });

  it('with an Active script, everybody in the OU is created, and the next run reads nobody', async () => {
    const ou = `return entry.dn.toLowerCase().endsWith(",${samba.staffDn.toLowerCase()}");`;
    installation.writeScripts({ active: defaultScript('active').replace(/return false;(?=\n})/, ou) });
    assertExit(await installation.run(['--sync-now']), 0);
    const { users } = await service.summary();
    assert.deepEqual(
      users.map(({ userName }) => userName).sort(),
      Array.from({ length: USERS }, (_, index) => employee(index + 1).mail).sort(),
    );
    for (const { externalId, manager } of users) {
      assert.match(externalId ?? '', /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
      assert.ok(manager === null || users.some(({ id }) => id === manager));
    }
    const again = await installation.run(['--sync-now']);
    assertExit(again, 0);
    assert.match(again.stdout, /users read +0\b/);
  });

  it('a user is found by sAMAccountName, in any case', async () => {
    writeFileSync(installation.path('names.txt'), `${employee(1).uid}\n${employee(2).uid.toUpperCase()}\n`);
    const finished = await installation.run(['--files', 'names.txt']);
    assertExit(finished, 0);
    assert.match(finished.stdout, /users read +2\b/);
  });

  it('a clock that is ten minutes wrong, either way, loses no change', async () => {
    installation.set({ 'ldap.change.tracking': 'WHEN_CHANGED', 'ldap.change.overlap.period': '0' });
    for (const [number, minutes] of [
      [3, 0],
      [4, -10],
      [5, 10],
      [6, 0],
    ] as const) {
      const dn = employee(number).dn;
      await samba.modify(`dn: ${dn}\nchangetype: modify\nreplace: title\ntitle: Minute ${minutes}\n`);
      await service.reset();
      const finished = await runProgram(['--sync-now'], {
        cwd: installation.folder,
        env: { NODE_OPTIONS: `--import=${skew(minutes)}` },
      });
      assertExit(finished, 0);
      assert.equal((await service.summary()).byMethod['PATCH'], 1, `${minutes} minutes`);
    }
  });
});

/** A module that moves the clock of the program, but not that of its timers. */
function skew(minutes: number): string {
  const code = `const now = Date.now; const D = Date;
    globalThis.Date = class extends D { constructor(...a) { super(...(a.length ? a : [now() + ${minutes * 60_000}])); } };
    Date.now = () => now() + ${minutes * 60_000};`;
  return `data:text/javascript,${encodeURIComponent(code)}`;
}
