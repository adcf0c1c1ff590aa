/** The directory reader against OpenLDAP: limits, crashes and certificates as a real server shows them. */

import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, mock, test } from 'node:test';
import { openDirectory } from '../../src/ldap/directory.ts';
import type { DirectorySettings } from '../../src/ldap/directory.ts';
import type { Directory } from '../../src/model/ports.ts';
import { makeAuthority, makeCertificate } from '../servers/slapd-certificates.ts';
import type { CertificateKind } from '../servers/slapd-certificates.ts';
import { person } from '../servers/slapd-people.ts';
import { slapdSkip, startSlapd } from '../servers/slapd.ts';
import type { Slapd } from '../servers/slapd.ts';
import { startScriptedLdap } from '../servers/scripted-ldap.ts';
import {
  directorySettings,
  EVERYTHING,
  PASSWORD,
  readToEnd,
  rememberingLog,
  runError,
} from './directory-fixture.ts';

describe('OpenLDAP with 2,500 users', { skip: slapdSkip() }, () => {
  let slapd: Slapd;
  const opened: Directory[] = [];

  function open(changes: Partial<DirectorySettings> = {}, password = slapd.readerPassword): Directory {
    const settings = directorySettings({
      'ldap.baseurl': slapd.url,
      'ldap.baseDn': slapd.baseDn,
      'ldap.bind.user': slapd.readerDn,
      ...changes,
    });
    const directory = openDirectory(settings, password, rememberingLog());
    opened.push(directory);
    return directory;
  }

  before(async () => {
    slapd = await startSlapd({
      users: 2500,
      referral: 'ldap://elsewhere.example.net/ou=Remote,dc=example,dc=com',
    });
  });
  after(async () => {
    for (const directory of opened) await directory.close();
    await slapd?.stop();
  });

  test('all users are read beyond the size limit of 1,000, over ldap and over ldaps with its own authority', async () => {
    for (const url of [slapd.url, slapd.tlsUrl]) {
      const directory = open({
        'ldap.baseurl': url,
        'ldap.connection.ca.file': slapd.caFile,
        'ldap.referral': 'IGNORE',
      });
      const facts = await directory.check();
      assert.equal(facts.kind, 'OPENLDAP');
      const read = await readToEnd(directory.read(EVERYTHING));
      assert.equal(read.verdict.complete, true, read.reason);
      assert.equal(new Set(read.entries.map(({ identity }) => identity)).size, 2500);
    }
  });

  test('the referral entry below the base makes the read incomplete by default', async () => {
    const directory = open();
    await directory.check();
    const read = await readToEnd(directory.read(EVERYTHING));
    assert.equal(read.entries.length, 2500);
    assert.match(read.reason, /elsewhere\.example\.net/);
  });

  test('a page size above what the server allows is incomplete or whole, never short and complete', async () => {
    const directory = open({ 'ldap.paging.size': 2000, 'ldap.referral': 'IGNORE' });
    await directory.check();
    const read = await readToEnd(directory.read(EVERYTHING));
    assert.equal(read.verdict.complete, read.entries.length === 2500);
  });

  for (const [how, changes] of [
    ['ldap', () => ({})],
    ['ldaps', () => ({ 'ldap.baseurl': slapd.tlsUrl, 'ldap.connection.ca.file': slapd.caFile })],
    ['StartTLS', () => ({ 'ldap.connection.starttls': true, 'ldap.connection.ca.file': slapd.caFile })],
  ] as const) {
    test(`a server that is killed while pages come over ${how} leaves the read incomplete; after its restart all is well`, async () => {
      const directory = open({
        ...changes(),
        'ldap.paging.size': 100,
        'ldap.referral': 'IGNORE',
        'ldap.connection.pool': true,
      });
      await directory.check();
      const read = directory.read(EVERYTHING);
      let pages = 0;
      for await (const page of read.pages) {
        assert.ok(page.entries.length > 0);
        if (++pages === 3) await slapd.kill();
      }
      const verdict = read.verdict();
      assert.equal(verdict.complete, false);
      assert.ok(verdict.entryCount >= 300 && verdict.entryCount < 2500);
      await slapd.restart();
      const again = await readToEnd(directory.read(EVERYTHING));
      assert.equal(again.verdict.complete, true, again.reason);
      assert.equal(again.entries.length, 2500);
    });
  }

  test('a server that is restarted between two pages is not asked to go on', async () => {
    const directory = open({ 'ldap.paging.size': 100, 'ldap.referral': 'IGNORE', 'ldap.max.attempts': 5 });
    await directory.check();
    const read = directory.read(EVERYTHING);
    let pages = 0;
    for await (const page of read.pages) {
      assert.ok(page.entries.length > 0);
      if (++pages === 3) await slapd.restart();
    }
    assert.equal(read.verdict().complete, false);
  });

  test('a server that stops answering ends the read after ldap.read.timeout.period', async () => {
    const directory = open({
      'ldap.paging.size': 100,
      'ldap.referral': 'IGNORE',
      'ldap.read.timeout.period': 300,
    });
    await directory.check();
    const read = directory.read(EVERYTHING);
    let pages = 0;
    const { pid } = slapd;
    try {
      for await (const page of read.pages) {
        assert.ok(page.entries.length > 0);
        if (++pages === 3) process.kill(pid, 'SIGSTOP');
      }
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    const verdict = read.verdict();
    assert.match(verdict.complete ? '' : verdict.reason, /no answer within 300 ms/);
  });

  test('by modifyTimestamp: nothing is lost though our clock is ten minutes wrong, either way', async () => {
    // The units of a directory that was loaded a moment ago count as changed, and then everybody is read.
    await slapd.modify(`dn: ${person(1).dn}\nchangetype: modify\nreplace: title\ntitle: First\n`);
    for (const minutes of [-10, 10]) {
      mock.timers.enable({ apis: ['Date'], now: Date.now() + minutes * 60_000 });
      try {
        const directory = open({ 'ldap.referral': 'IGNORE', 'ldap.change.overlap.period': 0 });
        await directory.check();
        const { verdict } = await readToEnd(directory.read(EVERYTHING));
        assert.ok(verdict.complete && verdict.watermark !== null);
        const since = verdict.watermark;
        const { dn, uid } = person(minutes + 20);
        await slapd.modify(`dn: ${dn}\nchangetype: modify\nreplace: title\ntitle: Minute ${minutes}\n`);
        assert.equal((await directory.check()).canReadSince(since), true);
        const changed = await readToEnd(directory.read({ ...EVERYTHING, since }));
        assert.equal(changed.verdict.complete, true, changed.reason);
        assert.ok(
          changed.entries.some((entry) => entry.dn === dn),
          `${uid}, ${minutes} minutes`,
        );
      } finally {
        mock.timers.reset();
      }
    }
  });

  test('a wrong password, an unknown user and a wrong base are told apart', async () => {
    const password = await runError(open({}, 'wrong').check());
    assert.equal(password.code, 'DIRECTORY_REFUSED');
    assert.ok(!password.message.includes('wrong'));
    const user = await runError(open({ 'ldap.bind.user': 'not a DN' }).check());
    assert.equal(user.code, 'DIRECTORY_REFUSED');
    const base = await runError(open({ 'ldap.baseDn': 'dc=nowhere,dc=com' }).check());
    assert.equal(base.code, 'DIRECTORY_SEARCH');
    assert.match(base.message, /"dc=nowhere,dc=com".*The server holds "dc=example,dc=com"/);
    const syntax = await runError(open({ 'ldap.baseDn': 'nonsense' }).check());
    assert.match(syntax.message, /result code 34/);
  });

  test('an anonymous bind that may read nothing is no empty directory', async () => {
    const error = await runError(open({ 'ldap.bind.authtype': 'NONE' }).check());
    assert.equal(error.code, 'DIRECTORY_SEARCH');
  });

  test('ldap:// at the port for TLS, and ldaps:// at the plain one, are recognized', async () => {
    const plain = await runError(open({ 'ldap.baseurl': slapd.tlsUrl.replace('ldaps', 'ldap') }).check());
    assert.match(plain.message, /TLS|closed/);
    const tls = await runError(open({ 'ldap.baseurl': slapd.url.replace('ldap', 'ldaps') }).check());
    assert.match(tls.message, /TLS/);
  });
});

describe('certificates', { skip: slapdSkip() }, () => {
  let folder: string;
  let caFile: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'c42uds-tls-'));
    caFile = await makeAuthority(folder);
  });
  after(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  async function check(kind: CertificateKind, changes: Partial<DirectorySettings>, host = '127.0.0.1') {
    const { certFile, keyFile } = await makeCertificate(folder, kind);
    const tls = { cert: await readFile(certFile), key: await readFile(keyFile) };
    const server = await startScriptedLdap((answer) => answer.done({ cookie: '' }), { tls });
    const log = rememberingLog();
    const url = `ldaps://${host}:${server.port}`;
    const settings = directorySettings({ 'ldap.baseurl': url, 'ldap.max.attempts': 3, ...changes });
    const directory = openDirectory(settings, PASSWORD, log);
    try {
      const error = await runError(directory.check()).catch(() => null);
      return { error, log: log.lines, url };
    } finally {
      await directory.close();
      await server.close();
    }
  }

  test('a good certificate of our own authority is trusted, for an address and for a name', async () => {
    for (const host of ['127.0.0.1', 'localhost']) {
      const { error, log } = await check('good', { 'ldap.connection.ca.file': caFile }, host);
      assert.equal(error, null);
      assert.deepEqual(log, []);
    }
  });

  test('a certificate that ends within 30 days is warned of, its host and its day named', async () => {
    const { error, log } = await check('expiring', { 'ldap.connection.ca.file': caFile });
    assert.equal(error, null);
    assert.equal(log.length, 1);
    assert.match(
      log[0] ?? '',
      /^warn The certificate of 127\.0\.0\.1 ends in (9|10) days, on \d{4}-\d\d-\d\d:/,
    );
    const unsafe = await check('expiring', { 'ldap.connection.allowunsafecerts': true });
    assert.deepEqual(unsafe.log, [], 'where nothing is checked, nothing ends');
  });

  test('a bad certificate is refused once, its cause in plain words and both properties that help', async () => {
    const cases: [CertificateKind, string, RegExp][] = [
      ['expired', caFile, /has expired \(on .*2021/],
      ['selfsigned', caFile, /is self-signed/],
      ['wronghost', caFile, /is for another host \(DNS:directory\.example\.net\)/],
      ['good', '', /an authority that is not known here/],
    ];
    for (const [kind, ca, cause] of cases) {
      const { error, log, url } = await check(kind, { 'ldap.connection.ca.file': ca });
      assert.equal(error?.code, 'DIRECTORY_UNREACHABLE');
      assert.ok(
        error.message.startsWith(
          `Unable to contact LDAP source at ${url}, reason: 'the certificate of 127.0.0.1`,
        ),
      );
      assert.match(error.message, cause);
      assert.match(error.fix, /ldap\.connection\.ca\.file.*ldap\.connection\.allowunsafecerts/);
      assert.deepEqual(log, [], 'no second attempt');
    }
  });

  test('allowunsafecerts=true accepts each of them', async () => {
    for (const kind of ['good', 'expired', 'selfsigned', 'wronghost'] as const) {
      assert.equal((await check(kind, { 'ldap.connection.allowunsafecerts': true })).error, null);
    }
  });

  test('a self-signed certificate may be named as its own authority', async () => {
    const { certFile } = await makeCertificate(folder, 'selfsigned');
    const pem = join(folder, 'named.pem');
    await writeFile(pem, await readFile(certFile));
    const server = await startScriptedLdap((answer) => answer.done({ cookie: '' }), {
      tls: { cert: await readFile(certFile), key: await readFile(join(folder, 'selfsigned.key')) },
    });
    const settings = directorySettings({ 'ldap.baseurl': server.url, 'ldap.connection.ca.file': pem });
    const directory = openDirectory(settings, PASSWORD, rememberingLog());
    await directory.check();
    await directory.close();
    await server.close();
  });

  test('an authority file that is missing or holds no certificate is named', async () => {
    const missing = await check('good', { 'ldap.connection.ca.file': join(folder, 'missing.pem') });
    assert.equal(missing.error?.code, 'FILE_UNREADABLE');
    assert.match(missing.error.message, /ldap\.connection\.ca\.file.*missing\.pem/);
    const empty = await check('good', { 'ldap.connection.ca.file': join(folder, 'ca.key') });
    assert.equal(empty.error?.code, 'FILE_INVALID');
  });
});
