/** What only Active Directory does, read from a real domain controller. */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { completeRanges } from '../../src/ldap/attribute-ranges.ts';
import type { Connection } from '../../src/ldap/connection.ts';
import type { DecodedEntries } from '../../src/ldap/entry-decoder.ts';
import { openSession } from '../../src/ldap/session.ts';
import { tlsTrust } from '../../src/ldap/tls-trust.ts';
import { firstValueOf, valuesOf } from '../../src/model/entry.ts';
import { accountLdif, DOMAIN_DN, employee, groupLdif, teamDn } from '../servers/samba-people.ts';
import { sambaSkip, startSamba } from '../servers/samba.ts';
import type { Samba } from '../servers/samba.ts';
import { directorySettings, rememberingLog, runError } from './directory-fixture.ts';
import { closeAll, entriesOf, open } from './samba-fixture.ts';

const USERS = 30;

/** A bound connection for what the port does not offer. */
async function connected<T>(samba: Samba, use: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = await openSession(
    {
      settings: directorySettings({ 'ldap.bind.user': samba.readerDn }),
      bindPassword: samba.readerPassword,
      trust: await tlsTrust('', false),
      log: rememberingLog(),
      signal: new AbortController().signal,
    },
    { secure: false, host: samba.address, port: 389 },
    null,
  );
  try {
    return await use(connection);
  } finally {
    connection.close();
  }
}

describe('Active Directory', { skip: sambaSkip() }, () => {
  let samba: Samba;

  before(async () => {
    samba = await startSamba({ users: USERS });
  });
  after(async () => {
    await closeAll();
    await samba?.stop();
  });

  test('is recognized, and what follows from it is chosen', async () => {
    const facts = await open(samba).check();
    assert.equal(facts.kind, 'ACTIVE_DIRECTORY');
    assert.equal(facts.identityAttribute, 'objectGUID');
    assert.equal(facts.changeTracking, 'USN_CHANGED');
    assert.equal(facts.userFilter, '(&(objectCategory=person)(objectClass=user))');
  });

  test('the top of the domain is read whole, whatever ldap.referral says of settings and DNS', async () => {
    for (const referral of ['THROW', 'FOLLOW', 'IGNORE'] as const) {
      const entries = await entriesOf(open(samba, { 'ldap.baseDn': DOMAIN_DN, 'ldap.referral': referral }));
      const accounts = new Set(entries.map((entry) => firstValueOf(entry, 'sAMAccountName')));
      for (let number = 1; number <= USERS; number++) assert.ok(accounts.has(employee(number).uid), referral);
      assert.ok(accounts.has('Administrator') && !accounts.has('DC1$'), 'people and no computers');
    }
  });

  test('a bind is accepted by DN, by UPN and by DOMAIN\\name', async () => {
    for (const name of [samba.readerDn, 'reader@lab.test', 'LAB\\reader']) {
      await open(samba, { 'ldap.bind.user': name }).check();
    }
  });

  test('identities and SIDs are in their written form, and a move keeps both', async () => {
    const { dn, uid } = employee(5);
    const find = { anyOf: { attribute: 'sAMAccountName', values: [uid] } };
    const directory = open(samba, { 'ldap.baseDn': DOMAIN_DN });
    const [before] = await entriesOf(directory, find);
    assert.ok(before);
    assert.match(before.identity, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    assert.match(firstValueOf(before, 'objectSid') ?? '', /^S-1-5-21-\d+-\d+-\d+-\d+$/);
    await samba.modify(
      `dn: ${dn}\nchangetype: modrdn\nnewrdn: CN=Married\ndeleteoldrdn: 1\nnewsuperior: ${samba.teamsDn}\n`,
    );
    const [moved] = await entriesOf(directory, { anyOf: { attribute: null, values: [before.identity] } });
    assert.equal(moved?.dn, `CN=Married,${samba.teamsDn}`);
    assert.equal(moved.identity, before.identity);
    assert.equal(firstValueOf(moved, 'objectSid'), firstValueOf(before, 'objectSid'));
    const [report] = await entriesOf(directory, { extraFilter: `(manager=${moved.dn})` });
    // Links follow by themselves: who reports to the moved manager names the new DN.
    if (report !== undefined) assert.equal(firstValueOf(report, 'manager'), moved.dn);
    await samba.modify(
      `dn: ${moved.dn}\nchangetype: modrdn\nnewrdn: CN=${uid}\ndeleteoldrdn: 1\nnewsuperior: ${samba.staffDn}\n`,
    );
  });

  test('bits of userAccountControl and nested groups can be filtered by', async () => {
    const { dn, uid } = employee(6);
    await samba.modify(
      `dn: ${dn}\nchangetype: modify\nreplace: userAccountControl\nuserAccountControl: 546\n`,
    );
    const ids = async (extraFilter: string): Promise<string[]> =>
      (await entriesOf(open(samba), { extraFilter })).map((entry) => firstValueOf(entry, 'uid') ?? '');
    assert.deepEqual(await ids('(userAccountControl:1.2.840.113556.1.4.803:=2)'), [uid]);
    assert.equal((await ids('(!(userAccountControl:1.2.840.113556.1.4.803:=2))')).length, USERS - 1);
    await samba.load(groupLdif(teamDn('outer'), [teamDn('team-7')]));
    const nested = await ids(`(memberOf:1.2.840.113556.1.4.1941:=${teamDn('outer')})`);
    const expected = Array.from({ length: USERS }, (_, n) => employee(n + 1)).filter(({ groups }) =>
      groups.includes(teamDn('team-7')),
    );
    assert.deepEqual(nested.sort(), expected.map((who) => who.uid).sort());
  });

  test('odd names are read, found and referred to as they are', async () => {
    const names = [
      'Comma, Ann',
      'Quote "Q" O\'Neil',
      'Back\\slash',
      ' leading',
      'trailing ',
      '#hash+plus;semi<less>=',
      'star * (brackets)',
      'Ümläut Jürgen',
      'Emoji 😀🇩🇪',
      'e\u0301 combined',
    ];
    const escaped = (name: string): string => name.replace(/[\\,+"<>;=#]/g, '\\$&').replace(/^ | $/g, '\\20');
    const dns = names.map((name) => `CN=${escaped(name)},${samba.staffDn}`);
    await samba.load(
      dns
        .map((dn, at) =>
          accountLdif({
            dn,
            sAMAccountName: `odd${at}`,
            attributes: {
              displayName: names[at] ?? '',
              manager: (dns[(at + 1) % dns.length] && dns[at - 1]) || null,
            },
          }),
        )
        .join('') + groupLdif(teamDn('odd'), dns),
    );
    const directory = open(samba);
    const odd = await entriesOf(directory, { extraFilter: '(sAMAccountName=odd*)' });
    const byAccount = new Map(odd.map((entry) => [firstValueOf(entry, 'sAMAccountName'), entry]));
    const ownDns = new Set(odd.map(({ dn }) => dn));
    for (const [at, name] of names.entries()) {
      const entry = byAccount.get(`odd${at}`);
      assert.ok(entry, name);
      assert.equal(valuesOf(entry, 'displayName')[0], name);
      assert.deepEqual(valuesOf(entry, 'memberOf'), [teamDn('odd')], name);
      if (at > 0)
        assert.ok(ownDns.has(valuesOf(entry, 'manager')[0] ?? ''), 'a manager is spelled as his own DN is');
      // Values are data: no star or bracket in them is read as a filter.
      const found = await entriesOf(directory, { anyOf: { attribute: 'displayName', values: [name] } });
      assert.ok(
        found.some(({ identity }) => identity === entry.identity),
        name,
      );
      assert.ok(found.length <= 2, name);
    }
  });

  test('a user is found again by DN, where that is the identity, however odd it is', async () => {
    const directory = open(samba, { 'ldap.attrib.externalId': 'DN' });
    const odd = await entriesOf(directory, { extraFilter: '(sAMAccountName=odd*)' });
    assert.equal(odd.length, 10);
    const values = odd.map(({ identity }) => identity);
    const again = await entriesOf(directory, { anyOf: { attribute: null, values } });
    assert.deepEqual(again.map(({ dn }) => dn).sort(), odd.map(({ dn }) => dn).sort());
  });

  test('the rest of a long list is asked for in the way that the server understands', async () => {
    const group = await connected(samba, async (connection) => {
      const entry = { identity: 'g', dn: teamDn('odd'), attributes: { member: ['the first two'] } };
      const ranges = [{ attribute: 'member', values: entry.attributes.member, next: 2 }];
      const decoded: DecodedEntries = { entries: [], unusable: [], ranged: [{ entry, ranges }] };
      await completeRanges(connection, decoded);
      assert.deepEqual(decoded.unusable, []);
      return decoded.entries[0];
    });
    assert.ok(group);
    assert.equal(valuesOf(group, 'member').length, 1 + 8);
  });
});

describe('Active Directory that wants encryption', { skip: sambaSkip() }, () => {
  let samba: Samba;

  before(async () => {
    samba = await startSamba({ users: 3, strongAuth: true });
  });
  after(async () => {
    await closeAll();
    await samba?.stop();
  });

  test('a bind over ldap:// is refused once, and the message says what to do', async () => {
    const log = rememberingLog();
    const error = await runError(open(samba, { 'ldap.max.attempts': 3 }, log).check());
    assert.equal(error.code, 'DIRECTORY_REFUSED');
    assert.ok(error.message.startsWith(`Unable to contact LDAP source at ${samba.url}`), error.message);
    assert.match(error.message, /result code 8 \(strongerAuthRequired\).*use ldaps:\/\//);
    assert.equal(error.fix, 'Use ldaps:// in ldap.baseurl, or set ldap.connection.starttls=true.');
    assert.deepEqual(log.lines, [], 'no second attempt');
  });

  test('ldaps:// is accepted with the authority of the server, and refused without', async () => {
    const secure = { 'ldap.baseurl': samba.tlsUrl };
    const entries = await entriesOf(open(samba, { ...secure, 'ldap.connection.ca.file': samba.caFile }));
    assert.equal(entries.length, 3);
    const error = await runError(open(samba, secure).check());
    assert.match(error.message, /an authority that is not known here/);
  });

  test('refused accounts are told apart where the server tells them apart, and no password is shown', async () => {
    const secure = { 'ldap.baseurl': samba.tlsUrl, 'ldap.connection.ca.file': samba.caFile };
    const wrong = await runError(open(samba, secure, rememberingLog(), 'not-it').check());
    assert.equal(wrong.code, 'DIRECTORY_REFUSED');
    assert.match(wrong.message, /the user name or the password is wrong, or the account may not log on/);
    assert.ok(!wrong.message.includes('not-it'));
    await samba.modify(
      `dn: ${samba.readerDn}\nchangetype: modify\nreplace: userAccountControl\nuserAccountControl: 66050\n`,
    );
    const disabled = await runError(open(samba, secure).check());
    assert.match(disabled.message, /result code 49, data 5/);
  });
});
