import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, beforeEach, describe, it } from 'node:test';
import { makeCompany, type Company } from '../../src/demo/company.ts';
import { startDemoDirectory, type DemoDirectory } from '../../src/demo/ldap-server.ts';
import { startDemoService, type DemoService } from '../../src/demo/scim-service.ts';
import { makeAuthority, makeCertificate } from '../servers/slapd-certificates.ts';
import { assertExit, Installation, SCRIPTS } from './installation.ts';

const BIND = { bindDn: 'CN=reader,DC=example,DC=com', bindPassword: 'pw-of-the-reader' };
const USERS = 60;

/** Each mistake gives one clear message that names the thing and the fix, the right exit code, and changes nothing. */
describe('bad input', () => {
  let company: Company;
  let directory: DemoDirectory;
  let service: DemoService;
  let installation: Installation;
  let certificates: string;

  before(async () => {
    company = makeCompany({ kind: 'ACTIVE_DIRECTORY', size: USERS });
    directory = await startDemoDirectory({ ...BIND, kind: 'ACTIVE_DIRECTORY', entries: company.entries });
    service = await startDemoService();
    certificates = mkdtempSync(join(tmpdir(), 'c42uds-certificates-'));
    installation = install();
    assertExit(await installation.storePasswords(BIND.bindPassword, service.password), 0);
  });

  after(async () => {
    installation.remove();
    rmSync(certificates, { recursive: true, force: true });
    await service.stop();
    await directory.stop();
  });

  beforeEach(() => {
    installation.set(good());
    installation.writeScripts(SCRIPTS);
    rmSync(installation.path('state.db'), { force: true });
    service.resetRequests();
  });

  function good(): Record<string, string> {
    return {
      'ldap.baseurl': directory.url,
      'ldap.baseDn': company.peopleBase,
      'ldap.bind.user': BIND.bindDn,
      'ldap.max.attempts': '2',
      'ldap.delay.between.attempts': '10',
      'scim.baseurl': service.baseUrl,
      'scim.username': service.username,
      'scim.client.threads': '1',
      'scim.max.attempts': '2',
      'scim.read.timeout.period': '5000',
      'script.timeout.period': '1000',
      'state.location': 'state.db',
      'ldap.attrib.userName': 'mail',
    };
  }

  function install(): Installation {
    return new Installation(good());
  }

  async function refused(words: readonly string[], exitCode: number, ...patterns: RegExp[]): Promise<void> {
    const finished = await installation.run(words);
    assertExit(finished, exitCode);
    const text = finished.stdout + finished.stderr;
    for (const pattern of patterns) assert.match(text, pattern);
    assert.doesNotMatch(text, /^\s+at .*\.(js|ts):\d+/m, 'no stack trace for a mistake of the administrator');
    assert.doesNotMatch(text, new RegExp(`${BIND.bindPassword}|${service.password}`));
    assert.equal(service.requests().writes, 0);
  }

  for (const words of [['--sync-now'], []]) {
    const run = words.length === 0 ? 'a dry run' : 'a live run';

    it(`${run} with a wrong password`, async () => {
      installation.set({ 'ldap.bind.user': 'CN=somebody,DC=example,DC=com' });
      await refused(words, 4, /ldap:\/\/127\.0\.0\.1:\d+/, /ldap\.bind\.user/, /--ldap-bind-password/);
    });

    it(`${run} with a wrong user name at the service`, async () => {
      installation.set({ 'scim.username': 'somebody@example.com' });
      await refused(words, 5, /scim\.username/, /--scim-password/, /401/);
    });

    it(`${run} with an unreachable directory`, async () => {
      installation.set({ 'ldap.baseurl': 'ldap://127.0.0.1:1' });
      await refused(
        words,
        4,
        /\[ERROR {3}LdapService\] Unable to contact LDAP source at ldap:\/\/127\.0\.0\.1:1, reason: 'connection refused/,
      );
    });

    it(`${run} with an unreachable service`, async () => {
      installation.set({ 'scim.baseurl': 'http://127.0.0.1:1/scim/v2' });
      await refused(words, 5, /http:\/\/127\.0\.0\.1:1/, /scim\.baseurl/);
    });

    it(`${run} with a wrong base DN`, async () => {
      installation.set({ 'ldap.baseDn': 'OU=Nowhere,DC=example,DC=com' });
      await refused(words, 4, /OU=Nowhere,DC=example,DC=com/, /ldap\.baseDn/);
    });
  }

  it('an expired certificate', async () => {
    const caFile = await makeAuthority(certificates);
    const { certFile, keyFile } = await makeCertificate(certificates, 'expired');
    const secure = await startDemoDirectory({
      ...BIND,
      kind: 'ACTIVE_DIRECTORY',
      entries: company.entries,
      tls: { key: readFileSync(keyFile, 'utf8'), cert: readFileSync(certFile, 'utf8') },
    });
    try {
      installation.set({ 'ldap.baseurl': secure.url, 'ldap.connection.ca.file': caFile });
      await refused(
        ['--sync-now'],
        4,
        /Unable to contact LDAP source at ldaps:/,
        /expired/,
        /allowunsafecerts/,
      );
    } finally {
      await secure.stop();
      installation.set({ 'ldap.connection.ca.file': '' });
    }
  });

  it('a filter file that cannot be parsed', async () => {
    writeFileSync(installation.path('filter.txt'), '(&(department=Sales)\n(title=*)');
    await refused(['--sync-now', '--filter', 'filter.txt'], 2, /filter\.txt/);
    await refused(['--filter', 'nowhere.txt'], 2, /nowhere\.txt/);
  });

  it('an empty list of users', async () => {
    writeFileSync(installation.path('names.txt'), '# nobody yet\n\n');
    await refused(['--sync-now', '--files', 'names.txt'], 2, /names\.txt/);
  });

  it('a listed user who does not exist', async () => {
    writeFileSync(installation.path('names.txt'), 'nobody.of.this.name\n');
    await refused(
      ['--sync-now', '--files', 'names.txt'],
      3,
      /nobody\.of\.this\.name/,
      /driver\.files\.attribute\.name/,
    );
  });

  it('a script with a syntax error', async () => {
    installation.writeScripts({ org: 'function (entry) {\n  return entry.department +;\n}' });
    await refused(['--sync-now'], 2, /orgscript\.js/, /line 2/);
  });

  it('a script that is missing', async () => {
    rmSync(installation.path('rolescript.js'));
    await refused(['--sync-now'], 2, /rolescript\.js/);
  });

  it('a script that returns a number, for everybody', async () => {
    installation.writeScripts({ active: 'function (entry) { return 1; }' });
    await refused(['--sync-now'], 6, /activescript\.js/, /60 of 60/);
  });

  it('a script that returns a number, for one user', async () => {
    const [first] = company.people;
    installation.writeScripts({
      active: `function (entry) { return entry.mail === ${JSON.stringify(first?.mail)} ? 1 : false; }`,
    });
    const mail = (first?.mail ?? '').replaceAll('.', '\\.');
    await refused(['--sync-now'], 3, new RegExp(`${mail}.*activescript\\.js.*number`));
  });

  it('a user without mail', async () => {
    directory.add('CN=No Mail,OU=People,DC=example,DC=com', {
      objectClass: ['top', 'person', 'organizationalPerson', 'user'],
      objectCategory: 'CN=Person,CN=Schema,CN=Configuration,DC=example,DC=com',
      cn: 'No Mail',
      userAccountControl: '512',
    });
    try {
      installation.writeScripts({ active: 'function (entry) { return entry.cn === "No Mail"; }' });
      await refused(['--sync-now'], 3, /CN=No Mail,OU=People,DC=example,DC=com.*mail/);
    } finally {
      directory.remove('CN=No Mail,OU=People,DC=example,DC=com');
    }
  });

  it('a configuration with three mistakes and a misspelt key: all at once, with their lines', async () => {
    installation.set({
      'scim.client.threads': 'many',
      'ldap.referral': 'MAYBE',
      'deactivate.user.threshold': '1',
    });
    const text = readFileSync(installation.configPath, 'utf8');
    writeFileSync(installation.configPath, `${text}\nldap.pagingsize=100\n`);
    try {
      await refused(
        ['--sync-now'],
        2,
        /line \d+.*scim\.client\.threads/,
        /line \d+.*ldap\.referral/,
        /line \d+.*deactivate\.user\.threshold/,
        /ldap\.pagingsize.*ldap\.paging\.size/,
      );
    } finally {
      writeFileSync(installation.configPath, text);
      installation.set({ 'deactivate.user.threshold': '5', 'ldap.referral': 'THROW' });
    }
  });

  it('a configuration from another machine', async () => {
    const other = install();
    try {
      assertExit(await other.storePasswords(BIND.bindPassword, service.password), 0);
      const key = readFileSync(installation.path('secret.key'));
      writeFileSync(installation.path('secret.key'), readFileSync(other.path('secret.key')));
      await refused(['--sync-now'], 2, /ldap\.bind\.password/, /another machine/, /--ldap-bind-password/);
      writeFileSync(installation.path('secret.key'), key);
    } finally {
      other.remove();
    }
  });

  it('a password in plain text', async () => {
    const text = readFileSync(installation.configPath, 'utf8');
    writeFileSync(
      installation.configPath,
      text.replace(/^scim\.password=.*$/m, `scim.password=${service.password}`),
    );
    try {
      await refused(['--sync-now'], 2, /scim\.password/, /plain text/, /--scim-password/);
      assert.equal(service.requests().total, 0);
    } finally {
      writeFileSync(installation.configPath, text);
    }
  });

  it('a state file of a newer version', async () => {
    const newer = new DatabaseSync(installation.path('state.db'));
    newer.exec('PRAGMA user_version = 99; CREATE TABLE future (x)');
    newer.close();
    const before = readFileSync(installation.path('state.db'));
    await refused(['--sync-now'], 2, /state\.db/, /newer version/);
    await refused([], 2, /state\.db/, /newer version/);
    assert.deepEqual(readFileSync(installation.path('state.db')), before);
  });

  it('a state file that is none', async () => {
    writeFileSync(installation.path('state.db'), 'not a database '.repeat(100));
    await refused(['--sync-now'], 2, /state\.db/);
    assert.equal(readFileSync(installation.path('state.db'), 'utf8'), 'not a database '.repeat(100));
  });

  it('a folder that cannot be written', { skip: process.platform !== 'linux' }, async () => {
    // Even the superuser cannot create a file there.
    installation.set({ 'state.location': '/sys/state.db' });
    await refused(['--sync-now'], 2, /state\.db/, /\/sys/, /write/);
  });

  it('no configuration and no terminal', async () => {
    const empty = mkdtempSync(join(tmpdir(), 'c42uds-empty-'));
    try {
      await refused(['--sync-now', '--config', join(empty, 'config.properties')], 2, /config\.properties/);
      assert.equal(existsSync(join(empty, 'config.properties')), false);
    } finally {
      rmSync(empty, { recursive: true, force: true });
    }
  });
});
