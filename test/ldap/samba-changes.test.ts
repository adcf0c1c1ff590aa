/** What changed in Active Directory, and whose word that is: real domain controllers, restored, or two behind a name. */

import assert from 'node:assert/strict';
import { after, before, describe, mock, test } from 'node:test';
import { firstValueOf, valuesOf } from '../../src/model/entry.ts';
import type { Directory, Watermark } from '../../src/model/ports.ts';
import { forwardTo } from '../servers/samba-forwarder.ts';
import type { Forwarder } from '../servers/samba-forwarder.ts';
import { accountLdif, DOMAIN_DN, employee, groupLdif, teamDn } from '../servers/samba-people.ts';
import { sambaSkip, startSamba } from '../servers/samba.ts';
import type { Samba } from '../servers/samba.ts';
import { openDirectory } from '../../src/ldap/directory.ts';
import { directorySettings, EVERYTHING, readToEnd, rememberingLog } from './directory-fixture.ts';
import { closeAll, entriesOf, open } from './samba-fixture.ts';

const USERS = 12;

async function watermarkOf(directory: Directory): Promise<Watermark | null> {
  await directory.check();
  const { verdict } = await readToEnd(directory.read(EVERYTHING));
  assert.ok(verdict.complete);
  return verdict.watermark;
}

async function idsSince(directory: Directory, since: Watermark | null): Promise<string[]> {
  assert.ok(since);
  const entries = await entriesOf(directory, { since });
  return entries.map((entry) => firstValueOf(entry, 'sAMAccountName') ?? '').sort();
}

async function canRead(directory: Directory, since: Watermark | null): Promise<string> {
  assert.ok(since);
  return String((await directory.check()).canReadSince(since));
}

function setTitle(number: number, title: string): string {
  return `dn: ${employee(number).dn}\nchangetype: modify\nreplace: title\ntitle: ${title}\n\n`;
}

describe('changes in Active Directory', { skip: sambaSkip() }, () => {
  let samba: Samba;

  before(async () => {
    samba = await startSamba({ users: USERS });
  });
  after(async () => {
    await closeAll();
    await samba?.stop();
  });

  test('by USN: exactly what changed since the read began is read', async () => {
    const directory = open(samba);
    const since = await watermarkOf(directory);
    assert.deepEqual(await idsSince(directory, since), []);
    await samba.modify(setTitle(1, 'Astronaut') + setTitle(2, 'Baker'));
    assert.deepEqual(await idsSince(directory, since), [employee(1).uid, employee(2).uid]);
    const later = await watermarkOf(directory);
    await samba.modify(setTitle(2, 'Baker'));
    assert.deepEqual(await idsSince(directory, later), [], 'writing the same value again is no change');
  });

  test('by USN: a user who enters the base or the filter is a change, one who leaves them is not there', async () => {
    const directory = open(samba);
    const since = await watermarkOf(directory);
    const account = accountLdif({ dn: `CN=outside,${samba.teamsDn}`, sAMAccountName: 'outside' });
    await samba.modify(account);
    assert.deepEqual(await idsSince(directory, since), []);
    await samba.modify(
      `dn: CN=outside,${samba.teamsDn}\nchangetype: modrdn\nnewrdn: CN=outside\ndeleteoldrdn: 1\nnewsuperior: ${samba.staffDn}\n`,
    );
    assert.deepEqual(await idsSince(directory, since), ['outside']);
    await samba.modify(`dn: CN=outside,${samba.staffDn}\nchangetype: delete\n`);
    assert.deepEqual(await idsSince(directory, since), []);
  });

  test('by USN: users who come into the base with the unit that they are in are read, though nothing on them changed', async () => {
    const log = rememberingLog();
    const directory = open(samba, {}, log);
    const unit = `OU=Merger,${DOMAIN_DN}`;
    await samba.modify(
      `dn: ${unit}\nobjectClass: organizationalUnit\n\n` +
        accountLdif({ dn: `CN=merged,${unit}`, sAMAccountName: 'merged' }),
    );
    const since = await watermarkOf(directory);
    const move = `changetype: modrdn\nnewrdn: OU=Merger\ndeleteoldrdn: 1\n`;
    await samba.modify(`dn: ${unit}\n${move}newsuperior: ${samba.staffDn}\n`);
    assert.ok((await idsSince(directory, since)).includes('merged'));
    assert.match(
      log.lines.join('\n'),
      /info Reading every user: OU=Merger,OU=Staff,.* changed since the last run/,
    );
    const later = await watermarkOf(directory);
    assert.deepEqual(await idsSince(directory, later), []);
    await samba.modify(`dn: OU=Merger,${samba.staffDn}\n${move}newsuperior: ${DOMAIN_DN}\n`);
    assert.deepEqual(await idsSince(directory, later), [], 'who left with it is not there');
  });

  for (const tracking of ['USN_CHANGED', 'WHEN_CHANGED', 'MODIFY_TIMESTAMP'] as const) {
    test(`by ${tracking}: nothing is lost though our clock is ten minutes wrong, either way`, async () => {
      const settings = { 'ldap.change.tracking': tracking, 'ldap.change.overlap.period': 0 };
      for (const [number, minutes] of [
        [3, -10],
        [4, 10],
      ] as const) {
        mock.timers.enable({ apis: ['Date'], now: Date.now() + minutes * 60_000 });
        try {
          const since = await watermarkOf(open(samba, settings));
          assert.equal(since?.tracking, tracking);
          await samba.modify(setTitle(number, `${tracking} ${minutes}`));
          const later = open(samba, settings);
          assert.equal(await canRead(later, since), 'true');
          assert.ok((await idsSince(later, since)).includes(employee(number).uid), `${minutes} minutes`);
        } finally {
          mock.timers.reset();
        }
      }
    });
  }

  test('by USN: a global catalog counts as the directory of the same server does, and says that it shows less', async () => {
    const log = rememberingLog();
    const catalog = { 'ldap.baseurl': `${samba.url}:3268` };
    const since = await watermarkOf(open(samba, catalog, log));
    assert.match(log.lines.join('\n'), /^warn Port 3268 of .* is a global catalog: it shows some attributes/);
    assert.equal(since?.serverId, (await watermarkOf(open(samba)))?.serverId);
    await samba.modify(setTitle(5, 'Cartographer'));
    assert.deepEqual(await idsSince(open(samba, catalog), since), [employee(5).uid]);
    assert.deepEqual(await idsSince(open(samba, catalog), await watermarkOf(open(samba))), []);
  });

  test('a watermark of the other kind is not taken for one of this', async () => {
    const byUsn = await watermarkOf(open(samba));
    const byTime = open(samba, { 'ldap.change.tracking': 'WHEN_CHANGED' });
    assert.match(await canRead(byTime, byUsn), /by USN_CHANGED, this one by WHEN_CHANGED/);
    const compare = open(samba, { 'ldap.change.tracking': 'COMPARE' });
    assert.equal(await watermarkOf(compare), null);
    assert.match(await canRead(compare, byUsn), /COMPARE: every run reads everything/);
  });

  test('joining or leaving a group leaves no trace on the user, and is seen by reading memberOf of all', async () => {
    const { dn, uid } = employee(8);
    const directory = open(samba);
    const since = await watermarkOf(directory);
    const groupsNow = async (): Promise<readonly string[]> => {
      const all = await entriesOf(directory, { attributes: ['memberOf'] });
      const user = all.find((entry) => entry.dn === dn);
      assert.ok(user);
      return valuesOf(user, 'memberOf');
    };
    const before = await groupsNow();
    await samba.modify(groupLdif(teamDn('chess'), [dn]));
    assert.ok(!(await idsSince(directory, since)).includes(uid));
    assert.deepEqual([...(await groupsNow())].sort(), [...before, teamDn('chess')].sort());
    await samba.modify(`dn: ${teamDn('chess')}\nchangetype: modrdn\nnewrdn: CN=draughts\ndeleteoldrdn: 1\n`);
    assert.deepEqual([...(await groupsNow())].sort(), [...before, teamDn('draughts')].sort());
    await samba.modify(`dn: ${teamDn('draughts')}\nchangetype: delete\n`);
    assert.deepEqual([...(await groupsNow())].sort(), [...before].sort());
    assert.ok(!(await idsSince(directory, since)).includes(uid));
  });

  test('memberOfAll is what the server itself counts as the groups of a user, by one search instead of one for each', async () => {
    const [first, second] = [employee(10), employee(11)];
    await samba.modify(
      groupLdif(teamDn('inner'), [first.dn]) +
        groupLdif(teamDn('outer'), [teamDn('inner'), second.dn]) +
        groupLdif(teamDn('outermost'), [teamDn('outer')]) +
        `dn: ${teamDn('inner')}\nchangetype: modify\nadd: member\nmember: ${teamDn('outermost')}\n\n`,
    );
    const users = await entriesOf(open(samba), { also: ['memberOfAll'] });
    // Where the DN is the identity, users are asked for one by one, as tokenGroups demands.
    const byDn = open(samba, { 'ldap.attrib.externalId': 'dn' });
    const anyOf = { attribute: null, values: users.map(({ dn }) => dn) };
    const tokens = await entriesOf(byDn, { attributes: ['tokenGroups'], anyOf });
    const groups = await entriesOf(
      open(samba, {
        'ldap.baseDn': samba.baseDn,
        'ldap.search.filter': '(objectCategory=group)',
        'ldap.referral': 'IGNORE',
      }),
    );
    const dnOf = new Map(groups.map((group) => [firstValueOf(group, 'objectSid'), group.dn]));
    assert.equal(tokens.length, users.length);
    for (const user of users) {
      const sids = tokens.find(({ dn }) => dn === user.dn);
      const expected = valuesOf(sids ?? user, 'tokenGroups').map((sid) => dnOf.get(sid) ?? sid);
      assert.deepEqual([...valuesOf(user, 'memberOfAll')].sort(), expected.sort(), user.dn);
    }
    const one = users.find(({ dn }) => dn === first.dn);
    assert.ok(one);
    const ofFirst = valuesOf(one, 'memberOfAll');
    for (const name of ['inner', 'outer', 'outermost']) assert.ok(ofFirst.includes(teamDn(name)), name);
  });

  test('an absent user is told to be deleted, or elsewhere; who may not see deleted ones still sees the others', async () => {
    const accounts = ['deleted', 'moved'].map((uid) =>
      accountLdif({ dn: `CN=${uid},${samba.staffDn}`, sAMAccountName: uid }),
    );
    await samba.modify(accounts.join(''));
    const asAdmin = openDirectory(
      directorySettings({
        'ldap.baseurl': samba.url,
        'ldap.baseDn': samba.staffDn,
        'ldap.bind.user': samba.adminDn,
      }),
      samba.adminPassword,
      rememberingLog(),
    );
    await asAdmin.check();
    const { entries } = await readToEnd(asAdmin.read(EVERYTHING));
    const idOf = (uid: string): string =>
      entries.find((entry) => firstValueOf(entry, 'sAMAccountName') === uid)?.identity ?? '';
    const [deleted, moved] = [idOf('deleted'), idOf('moved')];
    await samba.modify(
      `dn: CN=deleted,${samba.staffDn}\nchangetype: delete\n\ndn: CN=moved,${samba.staffDn}\nchangetype: modrdn\nnewrdn: CN=moved\ndeleteoldrdn: 1\nnewsuperior: ${samba.teamsDn}\n`,
    );
    const elsewhere = { kind: 'ELSEWHERE', dn: `CN=moved,${samba.teamsDn}` };
    const seen = await asAdmin.whereabouts([deleted, moved]);
    await asAdmin.close();
    assert.deepEqual(Object.fromEntries(seen), { [deleted]: { kind: 'DELETED' }, [moved]: elsewhere });
    const reader = open(samba);
    await reader.check();
    const unseen = await reader.whereabouts([deleted, moved]);
    assert.deepEqual(unseen.get(moved), elsewhere);
    assert.deepEqual(unseen.get(deleted), { kind: 'UNSEEN' });
  });

  test('by USN: a restored server is told from the one before, whether it knows of its restore or not', async () => {
    await samba.backUp();
    await samba.modify(setTitle(9, 'Lost in the restore'));
    const since = await watermarkOf(open(samba));
    await samba.restore();
    assert.match(await canRead(open(samba), since), /went backwards: it was restored from a backup/);
    await samba.restore(Buffer.from('a7c5c1f08b9d4a4e9f6e2d1c0b0a0908', 'hex'));
    await samba.modify(setTitle(9, 'After') + setTitle(9, 'the') + setTitle(9, 'restore'));
    assert.match(await canRead(open(samba), since), /another server answers/);
  });
});

describe('two domain controllers behind one name', { skip: sambaSkip() }, () => {
  let servers: readonly [Samba, Samba];
  let name: Forwarder;

  before(async () => {
    servers = await Promise.all([startSamba({ users: 5 }), startSamba({ users: 6, fresh: true })]);
    name = await forwardTo(servers[0].address, 389);
  });
  after(async () => {
    await closeAll();
    await name?.close();
    for (const server of servers ?? []) await server.stop();
  });

  test('the watermark of one is none of the other', async () => {
    const settings = { 'ldap.baseurl': `ldap://127.0.0.1:${name.port}` };
    const since = await watermarkOf(open(servers[0], settings));
    assert.equal(await canRead(open(servers[0], settings), since), 'true');
    name.target = servers[1].address;
    assert.match(await canRead(open(servers[0], settings), since), /another server answers/);
  });

  test('a read that would begin at the other is refused and not taken for one without changes', async () => {
    name.target = servers[0].address;
    const directory = open(servers[0], { 'ldap.baseurl': `ldap://127.0.0.1:${name.port}` });
    const since = await watermarkOf(directory);
    await directory.check();
    name.target = servers[1].address;
    const read = await readToEnd(directory.read({ ...EVERYTHING, since }));
    assert.match(read.reason, /another server answers/);
    assert.equal(read.entries.length, 0);
  });

  test('a full read at the other has the watermark of the other', async () => {
    name.target = servers[0].address;
    const directory = open(servers[0], { 'ldap.baseurl': `ldap://127.0.0.1:${name.port}` });
    await directory.check();
    name.target = servers[1].address;
    const { verdict } = await readToEnd(directory.read(EVERYTHING));
    assert.ok(verdict.complete && verdict.entryCount === 6);
    assert.equal(await canRead(open(servers[1]), verdict.watermark), 'true');
    assert.match(await canRead(open(servers[0]), verdict.watermark), /another server answers/);
  });
});
