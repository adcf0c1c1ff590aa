/** Binding: who we are, what we never send, and why we were refused. */

import assert from 'node:assert/strict';
import { networkInterfaces } from 'node:os';
import { test } from 'node:test';
import { openDirectory } from '../../src/ldap/directory.ts';
import type { DirectorySettings } from '../../src/ldap/directory.ts';
import { startScriptedLdap } from '../servers/scripted-ldap.ts';
import type { ScriptedOptions } from '../servers/scripted-ldap.ts';
import { directorySettings, PASSWORD, rememberingLog, runError } from './directory-fixture.ts';

async function check(
  settings: Partial<DirectorySettings>,
  options: ScriptedOptions,
  password: string | null = PASSWORD,
): Promise<{ error: Awaited<ReturnType<typeof runError>> | null; log: string[]; binds: string[] }> {
  const server = await startScriptedLdap((answer) => answer.done({ cookie: '' }), options);
  const log = rememberingLog();
  const directory = openDirectory(
    directorySettings({ 'ldap.baseurl': server.url, ...settings }),
    password,
    log,
  );
  try {
    const error = await runError(directory.check()).catch(() => null);
    return { error, log: log.lines, binds: server.log.filter((line) => line.startsWith('bind')) };
  } finally {
    await directory.close();
    await server.close();
  }
}

test('every form of a bind user is sent as it stands', async () => {
  for (const user of ['cn=Reader,ou=Ämter,dc=test', 'reader@example.com', 'EXAMPLE\\reader', 'reader']) {
    const seen: string[] = [];
    const { error } = await check(
      { 'ldap.bind.user': user },
      { onBind: (name, password) => (seen.push(name, password), {}) },
    );
    assert.equal(error, null);
    assert.deepEqual(seen, [user, PASSWORD]);
  }
});

test('authtype NONE binds without name and password', async () => {
  const seen: string[] = [];
  await check(
    { 'ldap.bind.authtype': 'NONE' },
    { onBind: (name, password) => (seen.push(name, password), {}) },
  );
  assert.deepEqual(seen, ['', '']);
});

test('SIMPLE without a password or a user is refused before anything is sent', async () => {
  for (const password of [null, '']) {
    const { error, binds } = await check({}, {}, password);
    assert.equal(error?.code, 'PASSWORD_MISSING');
    assert.deepEqual(binds, []);
  }
  const { error, binds } = await check({ 'ldap.bind.user': ' ' }, {});
  assert.equal(error?.code, 'CONFIG_INVALID');
  assert.deepEqual(binds, []);
});

test('refused credentials are never tried again', async () => {
  const { error, binds } = await check({ 'ldap.max.attempts': 10 }, { onBind: () => ({ code: 49 }) });
  assert.equal(error?.code, 'DIRECTORY_REFUSED');
  assert.match(
    error.message,
    /^Unable to contact LDAP source at ldap:\/\/127\.0\.0\.1:\d+, reason: 'the bind of cn=reader was refused: result code 49/,
  );
  assert.equal(binds.length, 1);
});

test("Active Directory's data codes are put into words", async () => {
  const words = {
    '52e': /password is wrong/,
    '532': /password has expired/,
    '533': /disabled/,
    '775': /locked/,
  };
  for (const [data, expected] of Object.entries(words)) {
    const text = `80090308: LdapErr: DSID-0C090446, comment: AcceptSecurityContext error, data ${data}, v2580`;
    const { error } = await check({}, { onBind: () => ({ code: 49, text }) });
    assert.match(error?.message ?? '', expected);
  }
});

test('a server that wants encryption says so in the message and in the fix', async () => {
  const { error } = await check({}, { onBind: () => ({ code: 8, text: 'Transport encryption required.' }) });
  assert.equal(error?.code, 'DIRECTORY_REFUSED');
  assert.match(error.message, /encrypted connection/);
  assert.match(error.fix, /ldaps:\/\//);
});

test('a busy server is tried again and then let be', async () => {
  const { error, binds } = await check(
    { 'ldap.max.attempts': 3 },
    { onBind: (_name, _password, attempt) => (attempt < 3 ? { code: 51 } : {}) },
  );
  assert.equal(error, null);
  assert.equal(binds.length, 3);
});

test('the password is in no error and in no line of the log', async () => {
  for (const onBind of [() => ({ code: 49, text: 'no' }), () => ({ code: 51 }), () => ({})]) {
    const { error, log } = await check({ 'ldap.max.attempts': 2 }, { onBind });
    const text = JSON.stringify([error?.message, error?.stack, error?.fix, log]);
    assert.ok(!text.includes(PASSWORD));
  }
});

test('a password over plain ldap:// to this machine itself needs no warning', async () => {
  for (const policy of ['WARN', 'LOOPBACK', 'ALLOW'] as const) {
    const { error, log } = await check({ 'ldap.connection.cleartext': policy }, {});
    assert.equal(error, null);
    assert.deepEqual(log, []);
  }
});

const interfaces = Object.values(networkInterfaces()).flat();
const outside = interfaces.find(
  (one) => one !== undefined && !one.internal && one.family === 'IPv4',
)?.address;
const noOutside = outside === undefined && 'this machine has no address but its own';

test(
  'a password over plain ldap:// to another address: warned of, refused or sent, as the policy says',
  { skip: noOutside },
  async () => {
    const answers = { WARN: /^warn The bind password goes to ldap:.* unencrypted/, ALLOW: /^$/ };
    for (const [policy, expected] of Object.entries(answers)) {
      const { error, log } = await check(
        { 'ldap.connection.cleartext': policy as 'WARN' },
        { host: outside ?? '' },
      );
      assert.equal(error, null);
      assert.match(log.join(), expected);
    }
    const refused = await check(
      { 'ldap.connection.cleartext': 'LOOPBACK', 'ldap.max.attempts': 3 },
      { host: outside ?? '' },
    );
    assert.equal(refused.error?.code, 'CONFIG_INVALID');
    assert.match(refused.error.message, /ldap\.connection\.cleartext=LOOPBACK forbids/);
    assert.deepEqual(refused.binds, [], 'the password was never sent');
    const anonymous = await check(
      { 'ldap.connection.cleartext': 'LOOPBACK', 'ldap.bind.authtype': 'NONE' },
      { host: outside ?? '' },
    );
    assert.equal(anonymous.error, null);
  },
);

const noIpv6 = !interfaces.some((one) => one?.address === '::1') && 'this machine has no IPv6';

test('an IPv6 address in brackets is contacted', { skip: noIpv6 }, async () => {
  const { error, log } = await check({ 'ldap.connection.cleartext': 'LOOPBACK' }, { host: '::1' });
  assert.equal(error, null);
  assert.deepEqual(log, []);
});

test('an address, a base DN and a filter that are wrong are said before or instead of a search', async () => {
  const url = await check({ 'ldap.baseurl': 'ldap://' }, {});
  assert.equal(url.error?.code, 'CONFIG_INVALID');
  assert.match(url.error.message, /ldap\.baseurl/);
  const filter = await check({ 'ldap.search.filter': '(&(mail=*)' }, {});
  assert.equal(filter.error?.code, 'CONFIG_INVALID');
  assert.match(
    filter.error.message,
    /ldap\.search\.filter is not an LDAP filter: this "\(" is never closed \(character 1/,
  );
  const base = await check({ 'ldap.baseDn': 'dc=test' }, { baseResult: { code: 32 } });
  assert.equal(base.error?.code, 'DIRECTORY_SEARCH');
  assert.match(
    base.error.message,
    /ldap\.baseDn "dc=test" cannot be read: result code 32.*The server holds "dc=test"/,
  );
});
