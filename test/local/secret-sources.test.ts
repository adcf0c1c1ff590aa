import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { isUsableSecret, secretReference } from '../../src/config/secret-properties.ts';
import { readSecretSource } from '../../src/local/secret-sources.ts';
import { RunError } from '../../src/model/errors.ts';

const folder = mkdtempSync(join(tmpdir(), 'c42uds-sources-'));
after(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string, mode = 0o600): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

function read(text: string, env: Record<string, string> = {}): ReturnType<typeof readSecretSource> {
  const reference = secretReference(text);
  assert.ok(reference, text);
  return readSecretSource('scim.password', reference, folder, env);
}

function failure(text: string, env: Record<string, string> = {}): RunError {
  try {
    read(text, env);
  } catch (error) {
    assert.ok(error instanceof RunError);
    return error;
  }
  return assert.fail('a password was found');
}

test('a password comes from the environment, from a file, or from a credential of the service manager', () => {
  assert.equal(read('${env:SCIM_PASSWORD}', { SCIM_PASSWORD: 'pä$$ }{' }).password, 'pä$$ }{');
  file('scim', 'secret word\n');
  assert.equal(read('${file:scim}').password, 'secret word');
  assert.equal(read(`\${file:${join(folder, 'scim')}}`).password, 'secret word');
  mkdirSync(join(folder, 'credentials'));
  file('credentials/scim', 'another\r\n', 0o444);
  const found = read('${credential:scim}', { CREDENTIALS_DIRECTORY: join(folder, 'credentials') });
  assert.deepEqual(found, { password: 'another', warning: null });
});

test('only one line break is taken off: blanks belong to the password', () => {
  file('blanks', '  two blanks each side  \n');
  assert.equal(read('${file:blanks}').password, '  two blanks each side  ');
});

test('a file that every account can read is warned of', () => {
  const path = file('open', 'secret', 0o644);
  const { warning } = read('${file:open}');
  assert.match(warning ?? '', new RegExp(`Every account can read ${path}, which holds scim\\.password`));
  assert.doesNotMatch(warning ?? '', /secret\b(?!\.)$/);
});

test('what is not there says what and where, and never shows a password', () => {
  assert.match(failure('${env:NOBODY_SET_THIS}').message, /environment variable NOBODY_SET_THIS is not set/);
  assert.match(failure('${env:EMPTY}', { EMPTY: '' }).message, /EMPTY is not set or empty/);
  assert.match(failure('${file:none}').message, /none cannot be read: .*(?:not exist|no such)/i);
  file('empty', '\n');
  assert.match(failure('${file:empty}').message, /is empty/);
  file('two', 'first secret\nsecond');
  const two = failure('${file:two}');
  assert.match(two.message, /has more than one line/);
  assert.doesNotMatch(`${two.message} ${two.fix}`, /first secret/);
  assert.match(failure(`\${file:${folder}}`).message, /is not a file/);
  const credential = failure('${credential:scim}');
  assert.match(credential.message, /CREDENTIALS_DIRECTORY is not set/);
  assert.match(credential.fix, /LoadCredential/);
});

test('anything that is not exactly a reference is no reference', () => {
  for (const text of [
    '${env:}',
    '${file: }',
    '$env:X',
    '${vault:x}',
    'x${env:Y}',
    '${env:Y} ',
    '${credential:../x}',
    '',
  ]) {
    assert.equal(secretReference(text), null, text);
    assert.equal(isUsableSecret(text), false, text);
  }
  assert.ok(isUsableSecret('${env:X}'));
});

test('a mark of the encoding in front, and a line break behind it in the environment, are no part of the password', () => {
  file('marked', '\uFEFFsecret word\r\n');
  assert.equal(read('${file:marked}').password, 'secret word');
  assert.equal(read('${env:SCIM}', { SCIM: 'secret word\n' }).password, 'secret word');
  const two = failure('${env:SCIM}', { SCIM: 'first secret\nsecond' });
  assert.match(two.message, /variable SCIM has more than one line/);
  assert.doesNotMatch(`${two.message} ${two.fix}`, /first secret/);
});

test('a text that is not in UTF-8 is refused instead of being another password', () => {
  const texts = [Buffer.from('\uFEFFsecret\r\n', 'utf16le'), Buffer.from('s\u00e9cret', 'latin1')];
  for (const bytes of texts) {
    writeFileSync(join(folder, 'encoded'), bytes, { mode: 0o600 });
    const { message, fix } = failure('${file:encoded}');
    assert.match(message, /encoded is not in UTF-8/);
    assert.match(fix, /Windows PowerShell writes UTF-16/);
  }
});

test('a file that is far too long for a password is not read to its end', () => {
  file('long', 'x'.repeat(70_000));
  assert.match(failure('${file:long}').message, /too large for a password/);
});

test(
  'a pipe is waited for until somebody has written to it',
  { skip: process.platform === 'win32' },
  async () => {
    const pipe = join(folder, 'pipe');
    assert.equal(spawnSync('mkfifo', ['-m', '600', pipe]).status, 0);
    const writer = spawn('sh', ['-c', 'sleep 0.2; echo "secret word" > "$0"', pipe], { stdio: 'ignore' });
    const ended = once(writer, 'exit');
    assert.equal(read('${file:pipe}').password, 'secret word');
    await ended;
  },
);
