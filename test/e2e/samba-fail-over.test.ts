/**
 * Two domain controllers of one domain: a run goes to the second when the first is down, reads everybody there because
 * its numbers mean nothing to it, and goes back in the same way. Nothing is lost and nothing is sent twice.
 */

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { employee } from '../servers/samba-people.ts';
import { sambaSkip, startSamba, type Samba } from '../servers/samba.ts';
import { startServiceProcess, type ServiceProcess } from '../servers/service-process.ts';
import type { Finished } from './command-line.ts';
import { assertExit, Installation } from './installation.ts';

const USERS = 15;

describe('two domain controllers', { skip: sambaSkip() }, () => {
  let first: Samba;
  let second: Samba;
  let service: ServiceProcess;
  let installation: Installation;
  const table: string[] = [];

  before(async () => {
    first = await startSamba({ users: USERS });
    await first.backUp();
    second = await startSamba({ users: USERS, replicaOf: first });
    service = await startServiceProcess();
    installation = new Installation({
      'ldap.baseurl': `${first.url} ${second.url}`,
      'ldap.baseDn': first.staffDn,
      'ldap.bind.user': 'reader@lab.test',
      'ldap.max.attempts': '1',
      'scim.baseurl': service.baseUrl,
      'scim.username': service.username,
    });
    assertExit(await installation.storePasswords(first.readerPassword, service.password), 0);
  });
  after(async () => {
    console.log(table.join('\n'));
    installation?.remove();
    for (const server of [first, second, service]) await server?.stop();
  });

  const setTitle = (number: number, title: string): string =>
    `dn: ${employee(number).dn}\nchangetype: modify\nreplace: title\ntitle: ${title}\n\n`;

  async function run(what: string, writes: number): Promise<Finished> {
    await service.reset();
    const finished = await installation.run(['--sync-now']);
    assertExit(finished, 0);
    const lines = (finished.stdout + finished.stderr)
      .split('\n')
      .filter((line) => line.includes('LdapService'));
    table.push(what, ...lines.map((line) => `    ${line}`));
    assert.equal((await service.summary()).writes, writes, `${what}: ${finished.stdout}`);
    return finished;
  }

  async function titleOf(number: number): Promise<string | null> {
    const { users } = await service.summary();
    return users.find(({ userName }) => userName === employee(number).mail)?.title ?? null;
  }

  it('reads the first while it is there, and only what changed', async () => {
    const whole = await run('the first run', USERS);
    assert.match(whole.stdout, new RegExp(`${first.url}:389 is Active Directory`));
    await first.modify(setTitle(1, 'Astronaut'));
    await second.modify(setTitle(1, 'Astronaut'));
    const next = await run('one change', 1);
    assert.doesNotMatch(next.stdout, /Reading every user/);
  });

  it('reads everybody at the second when the first is down, and says why', async () => {
    await first.kill();
    await second.modify(setTitle(2, 'Baker'));
    const over = await run('the first is down, one change', 1);
    assert.match(
      over.stdout + over.stderr,
      new RegExp(`${first.url}:389 is not used: connection refused.*trying ${second.url}:389`),
    );
    assert.match(over.stdout, new RegExp(`${second.url}:389 is Active Directory`));
    assert.match(over.stdout, /Reading every user: another server answers than in the last run/);
    assert.equal(await titleOf(2), 'Baker');
  });

  it('goes on there with what changed', async () => {
    await second.modify(setTitle(3, 'Cook'));
    const next = await run('the first is still down, one change', 1);
    assert.doesNotMatch(next.stdout, /Reading every user/);
    assert.equal(await titleOf(3), 'Cook');
  });

  it('goes back to the first, reads everybody, and sends what reached it only now', async () => {
    await first.restart();
    // What was changed at the second arrives, and one more thing.
    await first.modify(setTitle(2, 'Baker') + setTitle(3, 'Cook') + setTitle(4, 'Diver'));
    const back = await run('the first is back, one change', 1);
    assert.match(back.stdout, new RegExp(`${first.url}:389 is Active Directory`));
    assert.match(back.stdout, /Reading every user: another server answers than in the last run/);
    assert.equal(await titleOf(4), 'Diver');
  });

  it('reads everybody when the first was restored from a backup, and puts right what that took back', async () => {
    await first.restore();
    const restored = await run('the first is restored to its beginning', 4);
    assert.match(restored.stdout, /Reading every user: the update sequence number .* went backwards/);
    assert.equal(await titleOf(4), employee(4).title);
  });
});
