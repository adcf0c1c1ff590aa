import assert from 'node:assert/strict';
import {
  chmodSync,
  lstatSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { isEncrypted } from '../../src/config/secret-properties.ts';
import { decryptSecret, encryptSecret, type SecretContext } from '../../src/local/secrets.ts';
import { addKey, dropOlderKeys, isKeyOpen } from '../../src/local/secrets-key.ts';
import { type Keychain, type Machine, readMachineId, thisMachine } from '../../src/local/secrets-machine.ts';
import { RunError } from '../../src/model/errors.ts';

const PASSWORD = 'pä$$ wörd=007 😀';
const POSIX = { skip: process.platform === 'win32' ? 'needs POSIX permissions' : false };

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'c42uds-secrets-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A Linux machine; touching its keychain fails the test. */
function linux(machineId: string | null = 'a'.repeat(32)): Machine {
  return {
    platform: 'linux',
    store: 'AUTO',
    machineId: () => machineId,
    keychain: () => assert.fail('the keychain was asked for on Linux'),
    userName: () => 'root',
  };
}

/** A Windows or macOS user, with a keychain of their own; touching the machine id fails the test. */
function desktop(platform: 'win32' | 'darwin', userName: string): Machine {
  const stored = new Map<string, string>();
  const keychain: Keychain = {
    getPassword: async (service, account) => stored.get(`${service}/${account}`) ?? null,
    setPassword: async (service, account, password) => {
      stored.set(`${service}/${account}`, password);
    },
  };
  return {
    platform,
    store: 'AUTO',
    machineId: () => assert.fail('the machine id was asked for'),
    keychain: async () => keychain,
    userName: () => userName,
  };
}

function context(
  machine: Machine,
  property: SecretContext['property'] = 'ldap.bind.password',
): SecretContext {
  return { machine, property, configPath: join(folder, 'config.properties') };
}

async function failureOf(text: string, where: SecretContext): Promise<RunError> {
  try {
    await decryptSecret(text, where);
  } catch (error) {
    assert.ok(error instanceof RunError);
    return error;
  }
  return assert.fail('decrypted');
}

test('a password comes back as it was, and its text neither shows nor repeats it', async () => {
  for (const machine of [linux(), desktop('win32', 'ann'), desktop('darwin', 'ann')]) {
    const first = await encryptSecret(PASSWORD, context(machine));
    const second = await encryptSecret(PASSWORD, context(machine));
    assert.notEqual(first, second);
    assert.ok(isEncrypted(first), first);
    assert.equal(await decryptSecret(first, context(machine)), PASSWORD);
    assert.equal(await decryptSecret(second, context(machine)), PASSWORD);
  }
});

test('an empty and a long password come back too', async () => {
  for (const password of ['', 'x'.repeat(10_000)]) {
    assert.equal(
      await decryptSecret(await encryptSecret(password, context(linux())), context(linux())),
      password,
    );
  }
});

test(
  'on this very machine encryption works without any preparation',
  { skip: process.platform !== 'linux' },
  async () => {
    const here = context(thisMachine('AUTO'));
    assert.equal(await decryptSecret(await encryptSecret(PASSWORD, here), here), PASSWORD);
  },
);

test('a password from another machine says so, and which property and command', async () => {
  const text = await encryptSecret(PASSWORD, context(linux('a'.repeat(32)), 'scim.password'));
  const error = await failureOf(text, context(linux('b'.repeat(32)), 'scim.password'));
  assert.equal(error.code, 'PASSWORD_UNREADABLE');
  assert.match(error.message, /^The value of scim\.password was encrypted on another machine/);
  assert.equal(error.fix, 'Set it again on this machine with c42uds --scim-password.');
});

test('a file copied without its key file says so', async () => {
  const text = await encryptSecret(PASSWORD, context(linux()));
  rmSync(join(folder, 'secret.key'));
  const error = await failureOf(text, context(linux()));
  assert.match(
    error.message,
    /ldap\.bind\.password was encrypted on another machine or its key was deleted: .*secret\.key/,
  );
});

test('a key file that was made anew does not fit old passwords', async () => {
  const text = await encryptSecret(PASSWORD, context(linux()));
  rmSync(join(folder, 'secret.key'));
  await encryptSecret(PASSWORD, context(linux()));
  assert.match(
    (await failureOf(text, context(linux()))).message,
    /another machine, or with another secret\.key/,
  );
});

test('a password of another user on Windows or macOS says so', async () => {
  for (const platform of ['win32', 'darwin'] as const) {
    const text = await encryptSecret(PASSWORD, context(desktop(platform, 'ann')));
    const stranger = desktop(platform, 'bob');
    const before = await failureOf(text, context(stranger));
    assert.match(before.message, /encrypted by another user .*keychain of bob has no key/);
    await encryptSecret(PASSWORD, context(stranger));
    const after = await failureOf(text, context(stranger));
    assert.match(after.message, /ldap\.bind\.password was encrypted by another user, not by bob/);
    assert.equal(
      after.fix,
      'Set it again as the user who runs the synchronization with c42uds --ldap-bind-password.',
    );
  }
});

test('a text moved to the other property, altered, cut or of a newer form is refused', async () => {
  const text = await encryptSecret(PASSWORD, context(linux()));
  const moved = await failureOf(text, context(linux(), 'scim.password'));
  assert.match(moved.message, /encrypted for another property/);
  const bytes = Buffer.from(text.slice(16, -1), 'base64');
  for (let index = 0; index < bytes.length; index += 1) {
    const altered = Buffer.from(bytes);
    altered[index] = (altered[index] ?? 0) ^ 1;
    const error = await failureOf(`${text.slice(0, 16)}${altered.toString('base64')})`, context(linux()));
    assert.match(error.message, /has been altered/);
  }
  assert.match((await failureOf(`${text.slice(0, 24)})`, context(linux()))).message, /is cut short/);
  for (const other of [text.replace('v1', 'v2'), 'ENC(abc)', 'hunter2', '']) {
    const error = await failureOf(other, context(linux()));
    assert.match(error.message, /not in a form that this version of c42uds has encrypted/);
    assert.doesNotMatch(error.message, /hunter2/);
  }
});

test(
  'the key file is made once, for its owner only, and it shows when others can read it',
  POSIX,
  async () => {
    const path = join(folder, 'secret.key');
    await encryptSecret(PASSWORD, context(linux()));
    const made = readFileSync(path);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.equal(isKeyOpen(linux(), join(folder, 'config.properties')), false);
    await encryptSecret(PASSWORD, context(linux()));
    assert.deepEqual(readFileSync(path), made);
    chmodSync(path, 0o640);
    assert.equal(isKeyOpen(linux(), join(folder, 'config.properties')), true);
  },
);

test('reading a password never makes a key', async () => {
  const text = 'ENC(v1:00000000:AAAA)';
  assert.equal((await failureOf(text, context(linux()))).code, 'PASSWORD_UNREADABLE');
  assert.equal(statSync(join(folder, 'secret.key'), { throwIfNoEntry: false }), undefined);
});

test('a damaged key file is named, with what to do, and is not written over', async () => {
  const path = join(folder, 'secret.key');
  writeFileSync(path, 'oops');
  await assert.rejects(encryptSecret(PASSWORD, context(linux())), {
    code: 'PASSWORD_UNREADABLE',
    message: `The key file ${path} is damaged.`,
    fix: /Delete it, then set both passwords again: c42uds --ldap-bind-password and c42uds --scim-password/,
  });
  assert.equal(readFileSync(path, 'utf8'), 'oops');
});

test('a machine without an id, such as a container, works by its key file alone', async () => {
  const text = await encryptSecret(PASSWORD, context(linux(null)));
  assert.equal(await decryptSecret(text, context(linux(null))), PASSWORD);
  assert.match((await failureOf(text, context(linux()))).message, /another machine/);
});

test('the machine id is the first valid one: an empty or uninitialized file does not count', () => {
  const [empty, fresh, good] = ['empty', 'fresh', 'good'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  writeFileSync(empty, '');
  writeFileSync(fresh, 'uninitialized\n');
  writeFileSync(good, '0123456789ABCDEF0123456789abcdef\n');
  assert.equal(readMachineId([join(folder, 'none'), empty, fresh, good]), '0123456789abcdef0123456789abcdef');
  assert.equal(readMachineId([empty, fresh]), null);
});

test('a locked or missing keychain is an error that says so', async () => {
  const machine: Machine = {
    ...desktop('darwin', 'ann'),
    keychain: () => Promise.reject(new Error('The user name or passphrase you entered is not correct.')),
  };
  await assert.rejects(encryptSecret(PASSWORD, context(machine)), {
    code: 'PASSWORD_UNREADABLE',
    message: /^Cannot use the macOS keychain for the key of the passwords: The user name/,
  });
});

test('secret.store decides between key file and keychain, whatever the platform', async () => {
  const asked = { ...desktop('darwin', 'ann'), platform: 'linux' as const, store: 'KEYCHAIN' as const };
  const text = await encryptSecret(PASSWORD, context(asked));
  assert.equal(statSync(join(folder, 'secret.key'), { throwIfNoEntry: false }), undefined);
  assert.equal(await decryptSecret(text, context(asked)), PASSWORD);
  const mac: Machine = { ...linux(), platform: 'darwin', store: 'FILE' };
  assert.equal(await decryptSecret(await encryptSecret(PASSWORD, context(mac)), context(mac)), PASSWORD);
  assert.ok(statSync(join(folder, 'secret.key')).isFile());
});

test('a new key stands beside the old one until that is dropped: a rotation may stop at any step', async () => {
  for (const machine of [linux(), desktop('win32', 'ann')]) {
    const where = context(machine);
    const old = await encryptSecret(PASSWORD, where);
    await addKey(machine, where.configPath);
    assert.equal(await decryptSecret(old, where), PASSWORD);
    const renewed = await encryptSecret(PASSWORD, where);
    assert.notEqual(renewed.slice(0, 16), old.slice(0, 16));
    assert.equal(await decryptSecret(renewed, where), PASSWORD);
    await dropOlderKeys(machine, where.configPath);
    assert.equal(await decryptSecret(renewed, where), PASSWORD);
    assert.equal((await failureOf(old, where)).code, 'PASSWORD_UNREADABLE');
  }
});

test('two configurations of one user have a key each', async () => {
  const machine = desktop('win32', 'ann');
  const text = await encryptSecret(PASSWORD, context(machine));
  const other = { ...context(machine), configPath: join(folder, 'other', 'config.properties') };
  assert.match((await failureOf(text, other)).message, /under another path/);
});

test('the keychain library has the API that we call', async (t) => {
  const library = await import('keytar').catch(() => null);
  if (library === null) {
    t.skip('the optional dependency keytar is not installed');
    return;
  }
  assert.equal(typeof library.AsyncEntry.prototype.getPassword, 'function');
  assert.equal(typeof library.AsyncEntry.prototype.setPassword, 'function');
});

test(
  'a key file that is a link leads to the key, for reading and for a new one; one that leads nowhere is named',
  POSIX,
  async () => {
    const { configPath } = context(linux());
    const link = join(folder, 'secret.key');
    const elsewhere = join(folder, 'elsewhere.key');
    symlinkSync(elsewhere, link);
    await assert.rejects(encryptSecret(PASSWORD, context(linux())), {
      code: 'FILE_UNREADABLE',
      message: /secret\.key is a symbolic link that leads nowhere/,
    });
    writeFileSync(elsewhere, `${'ab'.repeat(32)}\n`, { mode: 0o600 });
    const text = await encryptSecret(PASSWORD, context(linux()));
    assert.equal(await decryptSecret(text, context(linux())), PASSWORD);
    await addKey(linux(), configPath);
    assert.ok(lstatSync(link).isSymbolicLink());
    assert.equal(readFileSync(elsewhere, 'utf8').trim().split('\n').length, 2);
    chmodSync(elsewhere, 0o640);
    assert.equal(isKeyOpen(linux(), configPath), true);
  },
);
