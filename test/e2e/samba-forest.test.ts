/**
 * A domain and its child, each on a domain controller of its own: a search from the top of the first is referred to the
 * second. Whether the people there come along, what that costs in trust, and what happens while the second is down.
 */

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { accountLdif, employee } from '../servers/samba-people.ts';
import { sambaSkip, startSamba, type Samba } from '../servers/samba.ts';
import { startServiceProcess, type ServiceProcess } from '../servers/service-process.ts';
import { runProgram, type Finished } from './command-line.ts';
import { assertExit, Installation, SCRIPTS } from './installation.ts';

const HERE = 4;
const CHILD = 'child.lab.test';
const CHILD_DN = 'DC=child,DC=lab,DC=test';
const COLLEAGUES = ['ada', 'brigitte', 'chen'];

const colleagueDn = (name: string): string => `CN=${name},OU=Staff,${CHILD_DN}`;
const colleagueMail = (name: string): string => `${name}@child.example.com`;
const colleague = (name: string): string =>
  accountLdif({
    dn: colleagueDn(name),
    sAMAccountName: name,
    attributes: { sn: name, givenName: name, mail: colleagueMail(name), department: 'Branch' },
  });
const setTitle = (dn: string, title: string): string =>
  `dn: ${dn}\nchangetype: modify\nreplace: title\ntitle: ${title}\n\n`;

describe('a child domain on a domain controller of its own', { skip: sambaSkip() }, () => {
  let parent: Samba;
  let child: Samba;
  let service: ServiceProcess;
  const installations: Installation[] = [];

  before(async () => {
    parent = await startSamba({ users: HERE, childDomain: CHILD_DN });
    const people = COLLEAGUES.map(colleague).join('');
    child = await startSamba({ users: 0, domain: CHILD, names: ['DNS:lab.test'], ldif: people });
    service = await startServiceProcess();
  });
  after(async () => {
    for (const installation of installations) installation.remove();
    for (const server of [parent, child, service]) await server?.stop();
  });

  async function install(properties: Readonly<Record<string, string>>): Promise<Installation> {
    const installation = new Installation(
      {
        'ldap.baseurl': parent.url,
        'ldap.baseDn': parent.baseDn,
        'ldap.bind.user': 'reader@lab.test',
        'ldap.max.attempts': '1',
        'scim.baseurl': service.baseUrl,
        'scim.username': service.username,
        'missed.user.check': 'true',
        'deactivate.user.threshold': '2',
        ...properties,
      },
      { ...SCRIPTS, active: 'function (entry) { return entry.mail !== null; }' },
    );
    installations.push(installation);
    await installation.storePasswords(parent.readerPassword, service.password);
    return installation;
  }

  /** Samba names as the host of every referral its own domain, and there is no DNS here that knows it. */
  async function run(installation: Installation, ...words: string[]): Promise<Finished> {
    await service.reset();
    const code = `import dns from 'node:dns';
      const { lookup } = dns;
      dns.lookup = (host, ...rest) => lookup(host === 'lab.test' ? '${child.address}' : host, ...rest);`;
    const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(code)}` };
    return runProgram(words, { cwd: installation.folder, env });
  }

  const output = ({ stdout, stderr }: Finished): string => stdout + stderr;
  const ours = Array.from({ length: HERE }, (_, index) => employee(index + 1).mail);
  const theirs = COLLEAGUES.map(colleagueMail);
  const activeUsers = async (): Promise<string[]> =>
    (await service.summary()).users
      .filter(({ active }) => active)
      .map(({ userName }) => userName)
      .sort();

  it('THROW: the run is incomplete, and names where the others are', async () => {
    const dry = await run(await install({}));
    assertExit(dry, 4);
    const where = `a part of the search base is on ldap://lab.test/${CHILD_DN} and was not read`;
    assert.ok(output(dry).includes(where), output(dry));
    assert.match(dry.stdout, new RegExp(employee(1).mail));
    assert.ok(!output(dry).includes('@child.example.com'));
  });

  it('IGNORE: the run is complete without them, and says what it left out', async () => {
    const dry = await run(await install({ 'ldap.referral': 'IGNORE' }));
    assertExit(dry, 0);
    assert.match(dry.stdout, new RegExp(`${HERE} to create; dry run`));
    const left = `Left out on purpose (ldap.referral=IGNORE): ldap://lab.test/${CHILD_DN}`;
    assert.equal(output(dry).split(left).length, 2, output(dry));
    assert.ok(!output(dry).includes('@child.example.com'));
  });

  it('FOLLOW: a dry run shows the people of both, writes nothing, and says where the password goes', async () => {
    const dry = await run(await install({ 'ldap.referral': 'FOLLOW' }));
    assertExit(dry, 0);
    assert.match(dry.stdout, new RegExp(`${HERE + COLLEAGUES.length} to create; dry run`));
    for (const mail of [...ours, ...theirs]) assert.ok(dry.stdout.includes(mail), mail);
    const told =
      'A referral leads to lab.test, port 389: with ldap.referral=FOLLOW the bind password is sent';
    assert.equal(output(dry).split(told).length, 2, output(dry));
    assert.equal((await service.summary()).writes, 0);
  });

  it('FOLLOW: live runs create both, send a change of either once, and nothing while there is none', async () => {
    const installation = await install({ 'ldap.referral': 'FOLLOW' });
    assertExit(await run(installation, '--sync-now'), 0);
    assert.deepEqual(await activeUsers(), [...ours, ...theirs].sort());
    assertExit(await run(installation, '--sync-now'), 0);
    assert.equal((await service.summary()).writes, 0);
    await parent.modify(setTitle(employee(1).dn, 'Astronaut'));
    await child.modify(setTitle(colleagueDn('ada'), 'Baker'));
    assertExit(await run(installation, '--sync-now'), 0);
    const { byMethod, users } = await service.summary();
    assert.deepEqual([byMethod['POST'] ?? 0, byMethod['PATCH']], [0, 2]);
    const titles = new Map(users.map(({ userName, title }) => [userName, title]));
    assert.deepEqual(
      [titles.get(employee(1).mail), titles.get(colleagueMail('ada'))],
      ['Astronaut', 'Baker'],
    );
  });

  it('while the second is down runs are incomplete: nobody is deactivated, changes of the first are sent', async () => {
    const installation = await install({ 'ldap.referral': 'FOLLOW' });
    assertExit(await run(installation, '--sync-now'), 0);
    await child.kill();
    try {
      await parent.modify(setTitle(employee(2).dn, 'Cook'));
      for (const words of [['--sync-now'], ['--sync-now'], ['--sync-now', '--full-sync'], []]) {
        const finished = await run(installation, ...words);
        assertExit(finished, 4);
        assert.match(output(finished), /the referral to ldap:\/\/lab\.test\/.*connection refused/);
        assert.deepEqual(await activeUsers(), [...ours, ...theirs].sort());
      }
      const cook = (await service.summary()).users.find(({ userName }) => userName === employee(2).mail);
      assert.equal(cook?.title, 'Cook');
    } finally {
      await child.restart();
    }
    // Absence counts again with the first complete read, and only for who is really gone.
    await child.modify(`dn: ${colleagueDn('chen')}\nchangetype: delete\n\n`);
    assertExit(await run(installation, '--sync-now'), 0);
    assert.deepEqual(await activeUsers(), [...ours, ...theirs].sort());
    assertExit(await run(installation, '--sync-now'), 0);
    assert.deepEqual(await activeUsers(), [...ours, ...theirs.slice(0, 2)].sort());
  });

  it('an account that the second does not know reads the first alone: incomplete, and tried once', async () => {
    const refused = await run(
      await install({ 'ldap.referral': 'FOLLOW', 'ldap.bind.user': parent.readerDn }),
    );
    assertExit(refused, 4);
    assert.match(output(refused), /could not be followed: .*the bind of CN=reader.* was refused/);
  });

  it('from an encrypted connection it is followed encrypted, to a server whose certificate is good alone', async () => {
    const encrypted = { 'ldap.baseurl': parent.tlsUrl, 'ldap.referral': 'FOLLOW' };
    const installation = await install({ ...encrypted, 'ldap.connection.ca.file': parent.caFile });
    const stranger = await run(installation);
    assertExit(stranger, 4);
    assert.match(output(stranger), /could not be followed: .*certificate of lab\.test cannot be trusted/);
    const authorities = [parent, child].map(({ caFile }) => readFileSync(caFile, 'utf8'));
    writeFileSync(installation.path('both.pem'), authorities.join('\n'));
    installation.set({ 'ldap.connection.ca.file': 'both.pem' });
    const trusted = await run(installation);
    assertExit(trusted, 0);
    assert.match(output(trusted), /A referral leads to lab\.test, port 636/);
    for (const mail of theirs.slice(0, 2)) assert.ok(trusted.stdout.includes(mail), mail);
  });
});
