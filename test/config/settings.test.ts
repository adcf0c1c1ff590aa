import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, test } from 'node:test';
import { type LoadedSettings, loadSettings } from '../../src/config/settings.ts';
import { RunError } from '../../src/model/errors.ts';
import { temporaryFolder } from './temporary-folder.ts';

const GOOD = [
  'ldap.baseurl=ldaps\\://dc1.example.com\\:636',
  'ldap.baseDn=DC\\=corp,DC\\=example,DC\\=com',
  'ldap.bind.user=reader@example.com',
  'scim.username=provider_1@cloud.code42.com',
];

let folder: string;
let path: string;

beforeEach((t) => {
  folder = temporaryFolder(t);
  path = join(folder, 'config.properties');
});

function load(lines: readonly string[]): LoadedSettings {
  writeFileSync(path, `${lines.join('\n')}\n`, { mode: 0o600 });
  return loadSettings(path);
}

function problemsOf(lines: readonly string[]): string[] {
  try {
    load(lines);
  } catch (error) {
    assert.ok(error instanceof RunError);
    assert.equal(error.code, 'CONFIG_INVALID');
    return error.message.split('\n');
  }
  return [];
}

test('a short configuration loads, and everything else has its default', () => {
  const { settings, warnings, plainSecrets } = load(GOOD);
  assert.deepEqual([...warnings, ...plainSecrets], []);
  assert.equal(settings['ldap.baseurl'], 'ldaps://dc1.example.com:636');
  assert.equal(settings['ldap.paging.size'], 500);
  assert.equal(settings['ldap.connection.pool'], false);
  assert.equal(settings['ldap.referral'], 'THROW');
  assert.equal(settings['scim.baseurl'], 'https://www.crashplan.com/scim/v2');
  assert.deepEqual(settings['ldap.schema.attributes.sensitive'], [
    'userPassword',
    'unixUserPassword',
    'msSFU30Password',
    'unicodepwd',
  ]);
  assert.equal(settings['ldap.connection.ca.file'], '');
  assert.equal(settings['ldap.bind.password'], '');
});

test('values are trimmed, choices and booleans may be in any case, lists may have blanks', () => {
  const { settings } = load([
    ...GOOD,
    'ldap.referral= follow  ',
    'missed.user.check=True',
    'deactivate.user.threshold = 7 ',
    'ldap.schema.attributes.sensitive= a , b,,c ',
    'ldap.attrib.manager=',
  ]);
  assert.equal(settings['ldap.referral'], 'FOLLOW');
  assert.equal(settings['missed.user.check'], true);
  assert.equal(settings['deactivate.user.threshold'], 7);
  assert.deepEqual(settings['ldap.schema.attributes.sensitive'], ['a', 'b', 'c']);
  assert.equal(settings['ldap.attrib.manager'], '');
});

test('relative paths are relative to the folder of the file, absolute ones stay', () => {
  const { settings } = load([...GOOD, 'script.org.location=scripts/org.js', 'state.location=/var/lib/x.db']);
  assert.equal(settings['script.org.location'], join(folder, 'scripts/org.js'));
  assert.equal(settings['script.active.location'], join(folder, 'activescript.js'));
  assert.equal(settings['state.location'], '/var/lib/x.db');
});

test('all problems are reported at once, each with its line', () => {
  const problems = problemsOf([
    '# comment',
    ...GOOD,
    'scim.client.threads=abc',
    'ldap.referral=MAYBE',
    'missed.user.check=yes',
    'deactivate.user.threshold=1',
    'ldap.search.filter=(cn=\\u12)',
    'deactivate.max.percent=101',
  ]);
  assert.deepEqual(problems, [
    'config.properties line 6: scim.client.threads: "abc" is not a whole number (default 1)',
    'config.properties line 7: ldap.referral: "MAYBE" is not one of IGNORE, FOLLOW, THROW (default THROW)',
    'config.properties line 8: missed.user.check: "yes" is neither true nor false (default false)',
    'config.properties line 9: deactivate.user.threshold: "1" must be at least 2 (default 5)',
    'config.properties line 10: ldap.search.filter: \\u must be followed by four hexadecimal digits; write \\\\ for a backslash',
    'config.properties line 11: deactivate.max.percent: "101" must be at most 100 (default 10)',
  ]);
});

test('an unknown key is a warning with a suggestion, never an error', () => {
  const { warnings } = load([
    ...GOOD,
    'ldap.paging.sise=7',
    'LDAP.Paging.Size=8',
    'something.of.the.original=p4ssword',
  ]);
  assert.deepEqual(warnings, [
    'config.properties line 5: ldap.paging.sise is not a property that c42uds knows; did you mean ldap.paging.size?',
    'config.properties line 6: LDAP.Paging.Size is not a property that c42uds knows; did you mean ldap.paging.size?',
    'config.properties line 7: something.of.the.original is not a property that c42uds knows',
  ]);
});

test('the last of two equal keys wins, with a warning', () => {
  const { settings, warnings } = load([...GOOD, 'ldap.paging.size=1', 'ldap.paging.size=2']);
  assert.equal(settings['ldap.paging.size'], 2);
  assert.deepEqual(warnings, [
    'config.properties line 6: ldap.paging.size is set again; line 5 has no effect',
  ]);
});

test('ldap.base.url is accepted for ldap.baseurl, whose own name wins', () => {
  const [, ...others] = GOOD;
  assert.equal(load([...others, 'ldap.base.url=ldap://a']).settings['ldap.baseurl'], 'ldap://a');
  const both = load([...others, 'ldap.baseurl=ldap://b', 'ldap.base.url=ldap://a']);
  assert.equal(both.settings['ldap.baseurl'], 'ldap://b');
  assert.match(both.warnings.join(), /line 5 has no effect/);
});

test('a directory URL needs a host and a scheme that we speak; IPv6 is fine', () => {
  const [, ...others] = GOOD;
  const urlProblem = (url: string): string => problemsOf([`ldap.baseurl=${url}`, ...others]).join('\n');
  assert.match(urlProblem('ldap://'), /line 1: ldap.baseurl: the directory server is not set; write ldap:/);
  assert.match(urlProblem(''), /line 1: ldap.baseurl: the directory server is not set/);
  assert.match(
    problemsOf(others).join(),
    /^config.properties: ldap.baseurl: the directory server is not set/,
  );
  assert.match(urlProblem('http://dc1'), /"http:\/\/dc1" does not begin with a supported scheme/);
  assert.match(
    urlProblem('dc1.example.com:389'),
    /does not begin with a supported scheme; write ldap:\/\/dc1\.example\.com:389 or/,
  );
  assert.match(urlProblem('dc1'), /"dc1" is not a URL; write ldap:\/\/dc1 or ldaps:\/\/dc1/);
  assert.match(urlProblem('ldap://a b'), /"b" is not a URL/);
  assert.match(urlProblem('ldap://a http://b'), /"http:\/\/b" does not begin with a supported scheme/);
  for (const nobody of ['ldap:///', 'ldap:///ou=x', 'ldap://a ldap://']) {
    assert.match(urlProblem(nobody), /the directory server is not set/, nobody);
  }
  assert.match(urlProblem('ldap://h:99999'), /is not a URL/);
  for (const url of [
    'ldap://a ldaps://b',
    'ldap:///dc=example,dc=com',
    'ldap://[::1]:389',
    'ldaps://dc1',
    'LDAP://10.0.0.1:3268/',
    'ldap\\://dc_1\\:389',
  ]) {
    assert.equal(urlProblem(url), '', url);
  }
});

test('a URL that carries a password is refused without showing it', () => {
  const [first = '', ...others] = GOOD;
  for (const url of ['https://me:hunter2@host/scim', 'https://me:hunter2@ho st', 'ftp://me:hunter2@host']) {
    const problems = problemsOf([first, ...others, `scim.baseurl=${url}`]);
    assert.match(problems.join(), /line 5: scim.baseurl: /);
    assert.doesNotMatch(problems.join(), /hunter2/);
  }
});

test('what belongs together is checked together', () => {
  const blank = ['ldap.baseurl=ldap://h', 'ldap.baseDn=', 'ldap.bind.user=', 'scim.username='];
  assert.deepEqual(problemsOf(blank), [
    'config.properties line 2: ldap.baseDn: the search base is not set (example: DC=example,DC=com)',
    'config.properties line 3: ldap.bind.user: not set, but ldap.bind.authtype=SIMPLE needs it',
    'config.properties line 4: scim.username: not set, but scim.auth.type=BASIC needs it',
  ]);
  const modern = ['ldap.bind.authtype=none', 'scim.auth.type=Bearer'];
  assert.equal(problemsOf([...blank, ...modern]).length, 1);
  assert.match(
    problemsOf([...GOOD, 'ldap.attrib.title=job title']).join(),
    /"job title" is not an LDAP attribute name/,
  );
  for (const nothing of ['', ' , '])
    assert.match(
      problemsOf([...GOOD, `ldap.attrib.userName=${nothing}`]).join(),
      /ldap.attrib.userName: not set/,
    );
  assert.deepEqual(problemsOf([...GOOD, 'ldap.attrib.userName=mail, userPrincipalName']), []);
  assert.match(
    problemsOf([...GOOD, 'ldap.attrib.userName=mail,user_name']).join(),
    /"user_name" is not an LDAP attribute name/,
  );
});

test('a base DN or an account that the file does not name is a warning, because its default is the article’s', () => {
  const { settings, warnings } = load(['ldap.baseurl=ldap://h']);
  assert.equal(settings['ldap.bind.user'], 'cn=read-only-admin');
  assert.deepEqual(warnings, [
    'config.properties: ldap.baseDn: not in the file, so the default DC=example,DC=com is used',
    'config.properties: ldap.bind.user: not in the file, so the default cn=read-only-admin is used',
    'config.properties: scim.username: not in the file, so the default provider_id@cloud.code42.com is used',
  ]);
});

test('a password in plain text is not used and its message names the line, never the password', () => {
  const { settings, plainSecrets, warnings } = load([
    ...GOOD,
    'ldap.bind.password=hunter\\u2 C:\\x',
    'scim.password=ENC(v1:0011aabb:AAAA)',
  ]);
  assert.equal(settings['ldap.bind.password'], '');
  assert.equal(settings['scim.password'], 'ENC(v1:0011aabb:AAAA)');
  assert.deepEqual(plainSecrets, [
    {
      key: 'ldap.bind.password',
      line: 5,
      message:
        'config.properties line 5: ldap.bind.password is not a password that c42uds has encrypted. It is not used.',
    },
  ]);
  assert.doesNotMatch(warnings.join(), /hunter/);
});

test('a single backslash in an account or a path is a warning that shows how the value reads', () => {
  const { warnings } = load([
    ...GOOD,
    'ldap.bind.user=CORP\\reader',
    'script.org.location=C:\\\\tools\\\\o.js',
  ]);
  assert.equal(warnings.length, 2);
  assert.match(
    warnings.join('\n'),
    /line 5: ldap.bind.user reads as "CORP\\reader", because a single backslash/,
  );
});

test('numbers above our limit are lowered for the article’s properties and refused for ours', () => {
  const { settings, warnings } = load([...GOOD, 'scim.client.threads=200', 'ldap.max.attempts=99999999999']);
  assert.equal(settings['scim.client.threads'], 64);
  assert.equal(settings['ldap.max.attempts'], 2_147_483_647);
  assert.match(warnings.join('\n'), /line 5: scim.client.threads: "200" is above the limit; 64 is used/);
  assert.match(
    problemsOf([...GOOD, 'scim.read.timeout.period=3000000000']).join(),
    /must be at most 2147483647 ms/,
  );
});

test('an unencrypted service URL beyond this machine is a warning', () => {
  assert.match(load([...GOOD, 'scim.baseurl=http://scim.example.com/v2']).warnings.join(), /unencrypted/);
  assert.deepEqual(load([...GOOD, 'scim.baseurl=http://127.0.0.1:8080/v2']).warnings, []);
  assert.deepEqual(load([...GOOD, 'scim.baseurl=http://[::1]:8080/v2']).warnings, []);
});

test('a missing file, a folder, UTF-16 and a huge file are told apart', () => {
  const failure = (target: string): RunError => {
    try {
      loadSettings(target);
    } catch (error) {
      assert.ok(error instanceof RunError);
      return error;
    }
    return assert.fail('loaded');
  };
  assert.equal(failure(path).code, 'NOT_CONFIGURED');
  assert.match(failure(path).message, /There is no configuration at .*config\.properties/);
  mkdirSync(path);
  assert.equal(failure(path).code, 'FILE_UNREADABLE');
  const other = join(folder, 'other');
  writeFileSync(other, Buffer.from('\ufeffldap.baseurl=x', 'utf16le'));
  assert.match(failure(other).message, /UTF-16/);
  writeFileSync(other, Buffer.alloc(1024 * 1024 + 1, 0x20));
  assert.match(failure(other).message, /larger than 1 MiB/);
});

test(
  'a file that every account can read is a warning once it holds a password',
  { skip: process.platform === 'win32' },
  () => {
    load([...GOOD, 'scim.password=ENC(v1:0011aabb:AAAA)']);
    chmodSync(path, 0o644);
    assert.match(loadSettings(path).warnings.join(), /every account can read it; run chmod 600/);
    chmodSync(path, 0o640);
    assert.deepEqual(loadSettings(path).warnings, []);
    for (const lines of [GOOD, [...GOOD, 'scim.password=${env:SCIM_PASSWORD}']]) {
      load(lines);
      chmodSync(path, 0o644);
      assert.deepEqual(loadSettings(path).warnings, []);
    }
  },
);
