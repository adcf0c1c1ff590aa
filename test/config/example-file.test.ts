import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { EFFECTS } from '../../src/config/effects.ts';
import { renderConfiguration, renderExample } from '../../src/config/example-file.ts';
import { OPTIONS, type Option, type OptionKey } from '../../src/config/options.ts';
import { PropertiesFile } from '../../src/config/properties-file.ts';
import { renderReference } from '../../src/config/properties-reference.ts';
import { loadSettings } from '../../src/config/settings.ts';
import { temporaryFolder } from './temporary-folder.ts';

const root = new URL('../../', import.meta.url);
const rows = Object.entries<Option>(OPTIONS);

function committed(path: string): string {
  return readFileSync(new URL(path, root), 'utf8').replaceAll('\r\n', '\n');
}

test('config.properties.example is what "npm run generate" makes of the table', () => {
  assert.equal(committed('config.properties.example'), renderExample());
});

test('docs/properties.md is what "npm run generate" makes of the table', () => {
  assert.equal(committed('docs/properties.md'), renderReference());
});

test('the reference names every property, its default, where it takes effect and what proves it', () => {
  const reference = renderReference().split('\n');
  for (const [key, row] of rows) {
    const line = reference.find((text) => text.startsWith(`| \`${key}\``));
    assert.ok(line !== undefined, key);
    assert.equal(line.split(/(?<!\\)\|/).length, 7, key);
    assert.ok(row.default === '' || line.includes(`\`${row.default}\``), key);
    for (const path of EFFECTS[key as OptionKey].files) assert.ok(line.includes(`\`${path}\``), key);
    for (const [file] of EFFECTS[key as OptionKey].proofs) assert.ok(line.includes(`\`${file}\`: "`), key);
  }
});

test('the example, with every property switched on, says exactly the defaults', () => {
  const on = renderExample().replaceAll(/^#(?=[a-z]+\.[\w.]+=)/gm, '');
  const entries = new PropertiesFile(Buffer.from(on)).entries();
  const expected = rows.map(([key, row]) => [key, row.default]);
  assert.deepEqual(entries.map(({ key, value }) => [key, value]).sort(), expected.sort());
});

test('the example is ASCII, so that no encoding can spoil it, and its lines fit a screen', () => {
  for (const line of renderExample().split('\n')) assert.match(line, /^[ -~]{0,120}$/);
});

test('an example copied without a change says that the directory server is not set', (t) => {
  const path = join(temporaryFolder(t), 'config.properties');
  writeFileSync(path, renderExample(), { mode: 0o600 });
  assert.throws(() => loadSettings(path), {
    code: 'CONFIG_INVALID',
    message: /^config.properties line \d+: ldap.baseurl: the directory server is not set[^\n]*$/,
  });
});

test('answers are escaped, so that they read back as given', (t) => {
  const path = join(temporaryFolder(t), 'config.properties');
  const answers = { 'ldap.baseurl': 'ldaps://[::1]:636', 'ldap.bind.user': 'CORP\\müller #1' } as const;
  writeFileSync(path, renderConfiguration(answers), { mode: 0o600 });
  const { settings } = loadSettings(path);
  assert.equal(settings['ldap.baseurl'], answers['ldap.baseurl']);
  assert.equal(settings['ldap.bind.user'], answers['ldap.bind.user']);
});

test('a file of the original loads unchanged: Java’s escapes, Windows line ends, keys that we do not know', (t) => {
  const path = join(temporaryFolder(t), 'config.properties');
  const lines = [
    '#Mon Jan 06 10:00:00 CET 2020',
    '! ldap.paging.size: entries at a time',
    'ldap.baseurl=ldaps\\://192.0.2.0\\:636',
    'ldap.baseDn=OU\\=M\\u00FCnchen,DC\\=example,DC\\=com',
    'ldap.bind.user=EXAMPLE\\\\reader',
    'ldap.bind.password=7d0a9c51',
    'ldap.schema.attributes.sensitive=userPassword,\\',
    '    unicodepwd',
    'scim.baseurl=https\\://www.crashplan.com/scim/v2',
    'scim.username=provider_1@cloud.code42.com',
    'script.active.location=activescript.js',
    'ldap.query.special=1',
    'workqueues.size 250',
  ];
  writeFileSync(path, lines.join('\r\n'), { mode: 0o600 });
  const { settings, warnings, plainSecrets } = loadSettings(path);
  assert.equal(settings['ldap.baseurl'], 'ldaps://192.0.2.0:636');
  assert.equal(settings['ldap.baseDn'], 'OU=München,DC=example,DC=com');
  assert.equal(settings['ldap.bind.user'], 'EXAMPLE\\reader');
  assert.deepEqual(settings['ldap.schema.attributes.sensitive'], ['userPassword', 'unicodepwd']);
  assert.equal(settings['workqueues.size'], 250);
  assert.equal(plainSecrets.length, 1);
  assert.deepEqual(warnings, [
    'config.properties line 12: ldap.query.special is not a property that c42uds knows',
  ]);
});
