import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { person, personDn } from '../servers/slapd-people.ts';
import { slapdSkip, startSlapd, type Slapd } from '../servers/slapd.ts';
import { startServiceProcess, type ServiceProcess } from '../servers/service-process.ts';
import { assertExit, Installation } from './installation.ts';

/** 1,000 in the test run; the figures of docs/performance.md were made with 10,000. */
const USERS = Number(process.env['C42UDS_E2E_USERS'] ?? '1000');

describe('OpenLDAP to a SCIM service in another process', { skip: slapdSkip() }, () => {
  let slapd: Slapd;
  let service: ServiceProcess;
  let installation: Installation;

  before(async () => {
    slapd = await startSlapd({ users: USERS });
    service = await startServiceProcess();
    installation = install();
    assertExit(await installation.storePasswords(slapd.readerPassword, service.password), 0);
  });

  after(async () => {
    installation.remove();
    await service.stop();
    await slapd.stop();
  });

  function install(): Installation {
    return new Installation({
      'ldap.baseurl': slapd.url,
      'ldap.baseDn': slapd.baseDn,
      'ldap.bind.user': slapd.readerDn,
      'ldap.referral': 'IGNORE',
      'scim.baseurl': service.baseUrl,
      'scim.username': service.username,
      'scim.client.threads': '8',
      'missed.user.check': 'true',
    });
  }

  async function count(what: string): Promise<Record<string, number>> {
    const { byMethod } = await service.summary();
    const text = Object.entries(byMethod).map(([method, n]) => `${method} ${n}`);
    console.log(`${USERS} users, ${what}: ${text.join(', ')}`);
    await service.reset();
    return { GET: 0, POST: 0, PATCH: 0, PUT: 0, DELETE: 0, ...byMethod };
  }

  it('shows a plan and sends nothing but GET in a dry run', async () => {
    await service.reset();
    const dry = await installation.run(['--full-sync']);
    assertExit(dry, 0);
    assert.match(dry.stdout, new RegExp(`${person(1).mail} +true +${person(1).department}`));
    const { GET, ...others } = await count('dry run');
    assert.ok((GET ?? 0) > 0);
    assert.deepEqual(others, { POST: 0, PATCH: 0, PUT: 0, DELETE: 0 });
  });

  it('creates everybody once, managers and organizations included', async () => {
    const first = await installation.runLong(['--sync-now']);
    assert.equal(first.exitCode, 0);
    console.log(`first live run: ${first.seconds.toFixed(1)} s`);
    const { users, orgs, duplicateOrgs } = await service.summary();
    assert.equal(users.length, USERS);
    assert.deepEqual(duplicateOrgs, []);
    // Six departments and the service's own default.
    assert.ok(orgs.length <= 7, orgs.join());
    const byName = new Map(users.map((user) => [user.userName, user]));
    for (let n = 2; n <= USERS; n += 1) {
      const { manager, mail } = person(n);
      const boss = byName.get(`${/uid=([^,]+)/.exec(manager ?? '')?.[1]}@example.com`);
      assert.equal(byName.get(mail)?.manager, boss?.id, mail);
    }
    const { POST, PATCH, PUT } = await count('first live run');
    assert.deepEqual({ POST, PATCH, PUT }, { POST: USERS, PATCH: 0, PUT: 0 });
  });

  it('sends no write when nothing changed', async () => {
    assertExit(await installation.run(['--sync-now']), 0);
    assert.equal((await service.summary()).writes, 0);
    await count('second live run, nothing changed');
  });

  it('sends exactly one write for each change', async () => {
    const numbers = (from: number, howMany: number): number[] =>
      Array.from({ length: howMany }, (_, n) => from + n);
    const change = (n: number, attribute: string, value: string): string =>
      `dn: ${personDn(n)}\nchangetype: modify\nreplace: ${attribute}\n${attribute}: ${value}\n\n`;
    await slapd.modify(
      [
        ...numbers(100, 100).map((n) => change(n, 'title', 'Senior Test Engineer')),
        ...numbers(300, 10).map((n) => change(n, 'userAccountControl', '514')),
        ...numbers(400, 5).map((n) => change(n, 'mail', `renamed${n}@example.com`)),
      ].join(''),
    );
    assertExit(await installation.run(['--sync-now']), 0);
    const { POST, PATCH, PUT } = await count('100 changed, 10 inactive, 5 renamed');
    assert.deepEqual({ POST, PATCH, PUT }, { POST: 0, PATCH: 115, PUT: 0 });
    const { users } = await service.summary();
    assert.equal(users.filter((user) => !user.active).length, 10);
    assert.equal(users.filter((user) => user.userName.startsWith('renamed')).length, 5);
    assert.equal(users.length, USERS);
  });

  it('sends every active user again in a live full sync, and only looks at who is inactive as wanted', async () => {
    const full = await installation.runLong(['--sync-now', '--full-sync']);
    assert.equal(full.exitCode, 0);
    const { users } = await service.summary();
    const inactive = users.filter((user) => !user.active).length;
    const { GET, POST, PATCH, PUT } = await count(`live full sync (${full.seconds.toFixed(1)} s)`);
    assert.deepEqual({ POST, PATCH, PUT }, { POST: 0, PATCH: USERS - inactive, PUT: 0 });
    assert.equal(inactive, 10);
    assert.ok((GET ?? 0) >= inactive, `${GET} GETs`);
  });

  it('learns the users from the service when the state is lost', async () => {
    const afresh = install();
    try {
      assertExit(await afresh.storePasswords(slapd.readerPassword, service.password), 0);
      await service.reset();
      assertExit(await afresh.run(['--sync-now']), 0);
      const { GET, POST, PATCH } = await count('state lost, learned by listing');
      assert.equal(POST, 0);
      assert.equal(PATCH, 0);
      assert.ok((GET ?? 0) < 10 + USERS / 50, `${GET} GETs`);
      assert.equal((await service.summary()).users.length, USERS);
    } finally {
      afresh.remove();
    }
  });

  it('creates again a user whom somebody removed at the service', async () => {
    const { users } = await service.summary();
    const victim = users.find((user) => user.userName === person(7).mail);
    assert.ok(victim);
    await service.remove(victim.id);
    await slapd.modify(`dn: ${personDn(7)}\nchangetype: modify\nreplace: title\ntitle: Back\n\n`);
    assertExit(await installation.run(['--sync-now']), 0);
    const again = (await service.summary()).users.filter((user) => user.userName === person(7).mail);
    assert.equal(again.length, 1);
    assert.notEqual(again[0]?.id, victim.id);
  });

  it('reads users of a --files list and a --filter only', async () => {
    writeFileSync(
      installation.path('names.txt'),
      `# two of them\n${person(20).uid}\n\n${person(21).uid.toUpperCase()}\n`,
    );
    const files = await installation.run(['--files', 'names.txt']);
    assertExit(files, 0);
    assert.match(files.stdout, /users read +2\b/);
    writeFileSync(
      installation.path('filter.txt'),
      `(&(department=${person(20).department})\n  (uid=${person(20).uid}))\n`,
    );
    const filter = await installation.run(['--full-sync', '--filter', 'filter.txt']);
    assertExit(filter, 0);
    assert.match(filter.stdout, /users read +1\b/);
    writeFileSync(installation.path('names.txt'), 'nobody-of-this-name\n');
    const unknown = await installation.run(['--files', 'names.txt']);
    assertExit(unknown, 3);
    assert.match(unknown.stdout + unknown.stderr, /nobody-of-this-name/);
  });

  it('deactivates who is absent as often as the threshold says', async () => {
    installation.set({ 'deactivate.user.threshold': '2' });
    await slapd.modify(`dn: ${personDn(USERS)}\nchangetype: delete\n\n`);
    assertExit(await installation.run(['--sync-now']), 0);
    const isActive = async (): Promise<boolean | undefined> =>
      (await service.summary()).users.find((user) => user.userName === person(USERS).mail)?.active;
    assert.equal(await isActive(), true);
    assertExit(await installation.run(['--sync-now']), 0);
    assert.equal(await isActive(), false);
  });
});
