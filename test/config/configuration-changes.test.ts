import assert from 'node:assert/strict';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, test } from 'node:test';
import { setProperty, writeInitialConfig } from '../../src/config/configuration-changes.ts';
import { OPTIONS } from '../../src/config/options.ts';
import { loadSettings } from '../../src/config/settings.ts';
import { temporaryFolder } from './temporary-folder.ts';

const POSIX = { skip: process.platform === 'win32' ? 'needs POSIX permissions' : false };

let folder: string;
let path: string;

beforeEach((t) => {
  folder = temporaryFolder(t);
  path = join(folder, 'config.properties');
});

test('the first configuration holds the answers, and names every property', () => {
  writeInitialConfig(path, {
    'ldap.baseurl': 'ldap://dc1.example.com',
    'ldap.baseDn': 'DC=example,DC=com',
    'ldap.bind.user': 'EXAMPLE\\reader',
    'scim.username': 'provider_1@cloud.code42.com',
  });
  const { settings, warnings } = loadSettings(path);
  assert.deepEqual(warnings, []);
  assert.equal(settings['ldap.bind.user'], 'EXAMPLE\\reader');
  const text = readFileSync(path, 'utf8');
  for (const key of Object.keys(OPTIONS))
    assert.ok(text.includes(`\n${key}=`) || text.includes(`\n#${key}=`), key);
  assert.deepEqual(readdirSync(folder), ['config.properties']);
});

test('the set-up never writes over a configuration', () => {
  writeFileSync(path, 'a=1\n');
  assert.throws(() => writeInitialConfig(path, {}), { code: 'FILE_INVALID', message: /exists already/ });
  assert.equal(readFileSync(path, 'utf8'), 'a=1\n');
});

test('setting a password changes its line and nothing else', () => {
  const before = '# mine\r\nldap.baseurl = ldap\\://h\r\nscim.password=\r\n! end';
  writeFileSync(path, before);
  assert.deepEqual(setProperty(path, 'scim.password', 'ENC(v1:aa:b==)'), { clearedSecrets: [] });
  assert.equal(
    readFileSync(path, 'utf8'),
    before.replace('scim.password=', 'scim.password=ENC(v1\\:aa\\:b\\=\\=)'),
  );
});

test('a write clears passwords in plain text, wherever they stand, and says which', () => {
  writeFileSync(path, 'scim.password=hunter2\nldap.bind.password=one\nldap.bind.password=tw\\\n  o\nx=1\n');
  const change = setProperty(path, 'scim.password', 'ENC(v1:aa:bb)');
  assert.deepEqual(change.clearedSecrets, ['ldap.bind.password']);
  assert.equal(readFileSync(path, 'utf8'), 'scim.password=ENC(v1\\:aa\\:bb)\nldap.bind.password=\nx=1\n');
});

test('an encrypted password of the other side survives, a plain one above it does not', () => {
  writeFileSync(path, 'ldap.bind.password=one\nldap.bind.password=ENC(v1:aa:bb)\n');
  assert.deepEqual(setProperty(path, 'scim.password', 'ENC(v1:aa:cc)').clearedSecrets, []);
  assert.equal(
    readFileSync(path, 'utf8'),
    'ldap.bind.password=ENC(v1\\:aa\\:bb)\nscim.password=ENC(v1\\:aa\\:cc)\n',
  );
});

test('setting a property removes its alias, which would otherwise contradict it', () => {
  writeFileSync(path, 'ldap.base.url=ldap://old\nx=1\n');
  setProperty(path, 'ldap.baseurl', 'ldaps://new');
  assert.equal(readFileSync(path, 'utf8'), 'x=1\nldap.baseurl=ldaps\\://new\n');
});

test('a written file is readable by its owner only', POSIX, () => {
  writeFileSync(path, 'a=1\n');
  chmodSync(path, 0o644);
  setProperty(path, 'log.keep.days', '7');
  assert.equal(statSync(path).mode & 0o777, 0o600);
  const fresh = join(folder, 'fresh.properties');
  writeInitialConfig(fresh, {});
  assert.equal(statSync(fresh).mode & 0o777, 0o600);
});

test('a symbolic link stays one: its target is replaced', POSIX, () => {
  mkdirSync(join(folder, 'real'));
  const target = join(folder, 'real', 'c.properties');
  writeFileSync(target, 'a=1\n');
  symlinkSync(join('real', 'c.properties'), path);
  setProperty(path, 'log.keep.days', '7');
  assert.ok(lstatSync(path).isSymbolicLink());
  assert.equal(readFileSync(target, 'utf8'), 'a=1\nlog.keep.days=7\n');
  assert.deepEqual(readdirSync(join(folder, 'real')), ['c.properties']);
});

test('a link to a file that is not there yet is written through', POSIX, () => {
  symlinkSync('target.properties', path);
  writeInitialConfig(path, {});
  assert.ok(lstatSync(path).isSymbolicLink());
  assert.ok(existsSync(join(folder, 'target.properties')));
});

test('root leaves the file to the account that owned it', { skip: process.getuid?.() !== 0 }, () => {
  writeFileSync(path, 'a=1\n');
  chownSync(path, 4242, 4343);
  setProperty(path, 'log.keep.days', '7');
  const { uid, gid } = statSync(path);
  assert.deepEqual([uid, gid], [4242, 4343]);
});

test('a folder that cannot be written gives one clear error and leaves no temporary file', POSIX, () => {
  // A path whose folder is a file fails for every account, root included.
  writeFileSync(join(folder, 'file'), '');
  const impossible = join(folder, 'file', 'config.properties');
  assert.throws(() => writeInitialConfig(impossible, {}), {
    code: 'FOLDER_READ_ONLY',
    message: /^Cannot write config\.properties in .*file: a part of its path is a file, not a folder\.$/,
  });
  assert.deepEqual(readdirSync(folder), ['file']);
});
