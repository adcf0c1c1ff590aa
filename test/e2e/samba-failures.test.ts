/** What an administrator sees when the directory cannot be read: one line that says why, and the exit code. */

import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { OptionKey } from '../../src/config/options.ts';
import { accountLdif, DOMAIN_DN } from '../servers/samba-people.ts';
import { READER_PASSWORD } from '../servers/samba-provision.ts';
import { sambaSkip, startSamba, type Samba } from '../servers/samba.ts';
import { startServiceProcess, type ServiceProcess } from '../servers/service-process.ts';
import { startScriptedLdap, type Done } from '../servers/scripted-ldap.ts';
import { makeAuthority, makeCertificate, type CertificateKind } from '../servers/slapd-certificates.ts';
import { assertExit, Installation } from './installation.ts';

/** In 100 ns since 1601: long ago. */
const PAST = '125911584000000000';

/** Accounts that may not log on, each for another reason. */
const ACCOUNTS: readonly {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly says: string;
}[] = [
  { name: 'disabled', attributes: { userAccountControl: '66050' }, says: 'the account is disabled' },
  { name: 'expired', attributes: { accountExpires: PAST }, says: 'the account has expired' },
  {
    name: 'mustchange',
    attributes: { userAccountControl: '512', pwdLastSet: '0' },
    says: 'the password must be changed first',
  },
  {
    name: 'nohours',
    attributes: { 'logonHours:': Buffer.alloc(21).toString('base64') },
    says: 'the account may not log on at this time',
  },
];

type Properties = Partial<Record<OptionKey, string>>;

describe('a directory that cannot be read', { skip: sambaSkip() }, () => {
  let samba: Samba;
  let strict: Samba;
  let service: ServiceProcess;
  let installation: Installation;
  let folder: string;
  let caFile: string;
  let standard: Properties;
  const table: string[] = [];

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'c42uds-failures-'));
    caFile = await makeAuthority(folder);
    const ldif = ACCOUNTS.map(({ name }) =>
      accountLdif({ dn: dnOf(name), sAMAccountName: name, password: READER_PASSWORD }),
    );
    const states = ACCOUNTS.flatMap(({ name, attributes }) =>
      Object.entries(attributes).map(
        ([attribute, value]) =>
          `dn: ${dnOf(name)}\nchangetype: modify\nreplace: ${attribute.replace(':', '')}\n${attribute}: ${value}\n\n`,
      ),
    );
    [samba, strict, service] = await Promise.all([
      startSamba({ users: 3, ldif: [...ldif, ...states].join('') }),
      startSamba({ users: 1, strongAuth: true }),
      startServiceProcess(),
    ]);
    standard = {
      'ldap.baseurl': samba.url,
      'ldap.baseDn': samba.staffDn,
      'ldap.bind.user': samba.readerDn,
      'ldap.bind.authtype': 'SIMPLE',
      'ldap.max.attempts': '1',
      'ldap.read.timeout.period': '5000',
      'ldap.connection.ca.file': samba.caFile,
    };
    installation = new Installation({
      ...standard,
      'scim.baseurl': service.baseUrl,
      'scim.username': service.username,
    });
    assertExit(await installation.storePasswords(samba.readerPassword, service.password), 0);
  });
  after(async () => {
    console.log(table.join('\n'));
    installation?.remove();
    for (const server of [samba, strict, service]) await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** Runs live with these properties; the run must end with this exit code, say this, and write nothing. */
  async function fails(what: string, properties: Properties, says: RegExp, exitCode = 4): Promise<void> {
    installation.set({ ...standard, ...properties });
    await service.reset();
    const finished = await installation.run(['--sync-now', '--full-sync']);
    const lines = finished.stderr.split('\n').filter((line) => line.trim() !== '');
    table.push(`${what} -> exit ${finished.exitCode}`, ...lines.map((line) => `    ${line}`));
    assertExit(finished, exitCode);
    assert.match(finished.stderr, says, what);
    assert.doesNotMatch(finished.stdout + finished.stderr, /Passw0rd|\n {4}at /, what);
    assert.equal((await service.summary()).users.filter(({ active }) => !active).length, 0);
  }

  const unable = (reason: string): RegExp =>
    new RegExp(
      `\\[ERROR +LdapService\\] Unable to contact LDAP source at ldaps?://[^ ]+, reason: '.*${reason}`,
    );

  it('a server that is not there', async () => {
    const url = (text: string): Properties => ({ 'ldap.baseurl': text });
    await fails(
      'nothing listens',
      url('ldap://127.0.0.1:9'),
      unable('connection refused: nothing listens on port 9'),
    );
    await fails(
      'unknown host',
      url('ldap://dc.invalid'),
      unable('the host name dc.invalid (is not known|cannot be resolved)'),
    );
    const wrong = /line \d+: ldap\.baseurl: "http:\/\/dc1" does not begin with a supported scheme/;
    await fails('no URL of a directory', url('http://dc1'), wrong, 2);
    await fails(
      'none of two servers',
      url('ldap://127.0.0.1:9 ldap://127.0.0.1:11'),
      unable("nothing listens on port 9.*'; nor LDAP source at ldap://127.0.0.1:11, reason: '.*port 11"),
    );
    await fails(
      'a domain that the DNS does not know',
      url('ldap:///dc=nowhere,dc=invalid'),
      /Unable to contact LDAP source, reason: 'the DNS (knows no|gives no answer about) _ldap\._tcp\.nowhere\.invalid/,
    );
    await fails('ldaps at the plain port', url(`ldaps://${samba.address}:389`), unable('TLS'));
    await fails(
      'ldap at the port for TLS',
      url(`ldap://${samba.address}:636`),
      unable('this is the port for ldaps'),
    );
  });

  it('credentials that are refused', async () => {
    const user = (text: string): Properties => ({ 'ldap.bind.user': text });
    await fails('unknown user', user('nobody@lab.test'), unable('the user name or the password is wrong'));
    await fails('wrong password', user(samba.adminDn), unable('the user name or the password is wrong'));
    await fails('no bind', { 'ldap.bind.authtype': 'NONE' }, /set ldap\.bind\.authtype=SIMPLE/);
    await fails(
      'strong authentication',
      { 'ldap.baseurl': strict.url },
      unable('result code 8 \\(strongerAuthRequired\\)'),
    );
  });

  it('strong authentication is satisfied by ldaps and by StartTLS', async () => {
    const staff = { ...standard, 'ldap.connection.ca.file': strict.caFile };
    for (const encrypted of [
      { 'ldap.baseurl': strict.tlsUrl },
      { 'ldap.baseurl': strict.url, 'ldap.connection.starttls': 'true' },
    ]) {
      installation.set({ ...staff, ...encrypted });
      const finished = await installation.run(['--full-sync']);
      assertExit(finished, 0);
      assert.match(finished.stdout, /is Active Directory/);
    }
    installation.set({ ...standard, 'ldap.connection.starttls': 'false' });
  });

  it('accounts that may not log on', async () => {
    for (const { name, says } of ACCOUNTS) {
      await fails(`account: ${name}`, { 'ldap.bind.user': `${name}@lab.test` }, unable(says));
    }
  });

  it('a search base that is not there', async () => {
    const base = (text: string): Properties => ({ 'ldap.baseDn': text });
    const missing = /ldap\.baseDn "OU=Gone,DC=lab,DC=test" cannot be read: .*noSuchObject/;
    await fails('base is missing', base('OU=Gone,DC=lab,DC=test'), missing);
    await fails('base is in another domain', base('DC=example,DC=com'), /The server holds "DC=lab,DC=test"/);
    await fails(
      'base with an unknown attribute',
      base('XX=Staff,DC=lab,DC=test'),
      /ldap\.baseDn "XX=Staff,DC=lab,DC=test" cannot be read/,
    );
  });

  it('a certificate that is refused', async () => {
    for (const [kind, says] of [
      ['expired', 'it has expired \\(on '],
      ['selfsigned', 'it is self-signed'],
      ['wronghost', 'it is for another host \\(DNS:directory'],
    ] as const) {
      const server = await secureServer(kind);
      await fails(
        `certificate: ${kind}`,
        { 'ldap.baseurl': server.url, 'ldap.connection.ca.file': caFile },
        unable(says),
      );
      await server.close();
    }
    const unknown = { 'ldap.baseurl': samba.tlsUrl, 'ldap.connection.ca.file': '' };
    await fails('certificate: unknown authority', unknown, unable('an authority that is not known here'));
  });

  it('a server that stops answering', async () => {
    process.kill(samba.pid, 'SIGSTOP');
    try {
      await fails('no answer', { 'ldap.read.timeout.period': '300' }, unable('no answer within 300 ms'));
    } finally {
      process.kill(samba.pid, 'SIGCONT');
    }
  });

  it('a search that ends before its end', async () => {
    const ends: readonly (readonly [Done, RegExp])[] = [
      [{ code: 1, text: '000004DC' }, /result code 1 \(operationsError\)/],
      [{ code: 3 }, /result code 3 \(timeLimitExceeded\)/],
      [{ code: 4 }, /result code 4 \(sizeLimitExceeded\).*ldap\.paging\.size/],
      [{ code: 10, referrals: ['ldap://other/'] }, /ldap:\/\/other\/, ldap\.referral=THROW/],
      [{ code: 11 }, /result code 11 \(adminLimitExceeded\)/],
      [{ code: 12 }, /result code 12 \(unavailableCriticalExtension\): the server has no paged results/],
      [{ code: 50 }, /result code 50 \(insufficientAccessRights\)/],
      [{ code: 51 }, /result code 51 \(busy\)/],
      [{ code: 52 }, /result code 52 \(unavailable\)/],
      [{ code: 53, text: 'dsdb_paged_results' }, /result code 53 .*dsdb_paged_results/],
      [{}, /has no paging control/],
    ];
    let end: (typeof ends)[number][0] | 'HANG_UP' | 'NOTICE' = 'HANG_UP';
    const server = await startScriptedLdap((answer) => {
      answer.entry('uid=a,dc=test', { entryUUID: 'a', uid: 'a', mail: 'a@example.com' });
      if (end === 'HANG_UP') answer.hangUp();
      else if (end === 'NOTICE') answer.noticeOfDisconnection('shutting down');
      else answer.done(end);
    });
    const properties = {
      'ldap.baseurl': server.url,
      'ldap.baseDn': server.baseDn,
      'ldap.bind.user': 'cn=reader',
    };
    for (const [done, says] of ends) {
      end = done;
      await fails(`search ends: code ${done.code ?? 0}`, properties, says);
    }
    end = 'HANG_UP';
    await fails('search ends: connection lost', properties, /the server closed the connection/);
    end = 'NOTICE';
    await fails('search ends: notice of disconnection', properties, /shutting down/);
    await server.close();
  });

  it('is read again when all is well', async () => {
    installation.set(standard);
    assertExit(await installation.run(['--sync-now', '--full-sync']), 0);
  });

  async function secureServer(kind: CertificateKind): Promise<{ url: string; close(): Promise<void> }> {
    const { certFile, keyFile } = await makeCertificate(folder, kind);
    const tls = { cert: await readFile(certFile), key: await readFile(keyFile) };
    return startScriptedLdap((answer) => answer.done({ cookie: '' }), { tls });
  }
});

function dnOf(name: string): string {
  return `CN=${name},CN=Users,${DOMAIN_DN}`;
}
