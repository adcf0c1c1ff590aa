/** Client certificates: shown to a server that asks for one, and as what we bind by (SASL EXTERNAL). */

import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { execFile } from 'node:child_process';
import { openDirectory } from '../../src/ldap/directory.ts';
import type { DirectorySettings } from '../../src/ldap/directory.ts';
import { makeAuthority, makeClientCertificate } from '../servers/slapd-certificates.ts';
import type { Certificate } from '../servers/slapd-certificates.ts';
import { slapdSkip, startSlapd } from '../servers/slapd.ts';
import type { Slapd } from '../servers/slapd.ts';
import { directorySettings, EVERYTHING, readToEnd, rememberingLog, runError } from './directory-fixture.ts';

const USERS = 12;

describe('client certificates with OpenLDAP', { skip: slapdSkip() }, () => {
  let slapd: Slapd;
  let reader: Certificate;
  let nobody: Certificate;
  let stranger: Certificate;
  let strangers: string;

  before(async () => {
    slapd = await startSlapd({
      users: USERS,
      config: 'TLSVerifyClient try\nauthz-regexp "^cn=reader$" "cn=reader,dc=example,dc=com"\n',
    });
    const folder = dirname(slapd.caFile);
    reader = await makeClientCertificate(folder, 'reader');
    nobody = await makeClientCertificate(folder, 'nobody');
    strangers = await mkdtemp(join(tmpdir(), 'c42uds-strangers-'));
    await makeAuthority(strangers);
    stranger = await makeClientCertificate(strangers, 'reader');
  });
  after(async () => {
    await slapd?.stop();
    await rm(strangers, { recursive: true, force: true });
  });

  function external(client: Certificate, changes: Partial<DirectorySettings> = {}): DirectorySettings {
    return directorySettings({
      'ldap.baseurl': slapd.tlsUrl,
      'ldap.baseDn': slapd.baseDn,
      'ldap.bind.authtype': 'EXTERNAL',
      'ldap.bind.user': '',
      'ldap.connection.ca.file': slapd.caFile,
      'ldap.connection.client.cert': client.certFile,
      'ldap.connection.client.key': client.keyFile,
      ...changes,
    });
  }

  async function count(settings: DirectorySettings, password: string | null = null): Promise<number> {
    const directory = openDirectory(settings, password, rememberingLog());
    try {
      await directory.check();
      const read = await readToEnd(directory.read(EVERYTHING));
      assert.equal(read.verdict.complete, true, read.reason);
      return read.entries.length;
    } finally {
      await directory.close();
    }
  }

  test('authtype EXTERNAL binds by the client certificate, over ldaps:// and StartTLS', async () => {
    assert.equal(await count(external(reader)), USERS);
    const startTls = { 'ldap.baseurl': slapd.url, 'ldap.connection.starttls': true } as const;
    assert.equal(await count(external(reader, startTls)), USERS);
    const both = join(dirname(reader.certFile), 'both.pem');
    await writeFile(
      both,
      (await readFile(reader.keyFile, 'utf8')) + (await readFile(reader.certFile, 'utf8')),
      {
        mode: 0o600,
      },
    );
    assert.equal(await count(external({ certFile: both, keyFile: '' })), USERS, 'both in one file');
  });

  test('a certificate of nobody whom the server knows, of another authority, or none at all opens nothing', async () => {
    const unknown = await runError(count(external(nobody)));
    assert.equal(unknown.code, 'DIRECTORY_SEARCH');
    const foreign = await runError(count(external(stranger)));
    assert.equal(foreign.exitCode, 4);
    const none = await runError(count(external({ certFile: '', keyFile: '' })));
    assert.equal(none.code, 'DIRECTORY_REFUSED');
    assert.match(none.message, /the bind by ldap\.connection\.client\.cert was refused: result code (7|49)/);
  });

  test('without TLS nothing is sent', async () => {
    const error = await runError(count(external(reader, { 'ldap.baseurl': slapd.url })));
    assert.equal(error.code, 'CONFIG_INVALID');
    assert.match(error.message, /EXTERNAL needs TLS/);
  });

  test('a certificate or key that cannot be used is named before anything is sent', async () => {
    const withPassphrase = join(dirname(reader.certFile), 'locked.key');
    await promisify(execFile)('openssl', [
      ...['pkcs8', '-topk8', '-in', reader.keyFile, '-passout', 'pass:secret', '-out', withPassphrase],
    ]);
    const cases: readonly [Certificate, string, RegExp][] = [
      [
        { ...reader, certFile: '/nowhere.pem' },
        'FILE_UNREADABLE',
        /client\.cert cannot be read: \/nowhere\.pem/,
      ],
      [{ ...reader, certFile: reader.keyFile }, 'FILE_INVALID', /client\.cert holds no PEM certificate/],
      [{ ...reader, keyFile: reader.certFile }, 'FILE_INVALID', /client\.key holds no PEM private key/],
      [{ ...reader, keyFile: '' }, 'FILE_INVALID', /client\.cert holds no PEM private key/],
      [{ ...reader, keyFile: nobody.keyFile }, 'FILE_INVALID', /do not fit together/],
      [{ ...reader, keyFile: withPassphrase }, 'FILE_INVALID', /client\.key has a passphrase/],
    ];
    for (const [client, code, message] of cases) {
      const error = await runError(count(external(client, { 'ldap.baseurl': 'ldaps://127.0.0.1:9' })));
      assert.equal(error.code, code);
      assert.match(error.message, message);
    }
  });

  test('a server that demands a certificate is bound to by name and password, with one', async () => {
    const strict = await startSlapd({ users: 3, config: 'TLSVerifyClient demand\n' });
    try {
      const client = await makeClientCertificate(dirname(strict.caFile), 'host');
      const simple = directorySettings({
        'ldap.baseurl': strict.tlsUrl,
        'ldap.baseDn': strict.baseDn,
        'ldap.bind.user': strict.readerDn,
        'ldap.connection.ca.file': strict.caFile,
      });
      const shown = {
        'ldap.connection.client.cert': client.certFile,
        'ldap.connection.client.key': client.keyFile,
      };
      assert.equal(await count({ ...simple, ...shown }, strict.readerPassword), 3);
      const error = await runError(count(simple, strict.readerPassword));
      assert.equal(error.code, 'DIRECTORY_UNREACHABLE');
    } finally {
      await strict.stop();
    }
  });
});
