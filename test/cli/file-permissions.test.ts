/** Files that other accounts can read or change are warned of in every run. */

import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { permissionWarnings } from '../../src/cli/file-permissions.ts';
import { loadSettings } from '../../src/config/settings.ts';

const folder = mkdtempSync(join(tmpdir(), 'c42uds-permissions-'));
after(() => {
  rmSync(folder, { recursive: true });
});
const LINUX = { skip: process.platform !== 'linux' };
const at = (name: string): string => join(folder, name);

function warningsWith(modes: Readonly<Record<string, number>>): string[] {
  for (const name of [
    'config.properties',
    'secret.key',
    'activescript.js',
    'orgscript.js',
    'rolescript.js',
  ]) {
    writeFileSync(
      at(name),
      name === 'config.properties' ? 'ldap.baseurl=ldap://dc1\nldap.baseDn=dc=example\n' : '',
    );
    chmodSync(at(name), modes[name] ?? 0o600);
  }
  return permissionWarnings(loadSettings(at('config.properties')));
}

test('files of their owner alone, and scripts that others may only read, are no cause', LINUX, () => {
  assert.deepEqual(warningsWith({ 'config.properties': 0o644, 'orgscript.js': 0o755 }), []);
});

test(
  'a key that others can read, and a configuration or script that others can change, are named',
  LINUX,
  () => {
    const modes = { 'config.properties': 0o620, 'secret.key': 0o640, 'activescript.js': 0o664 };
    assert.deepEqual(warningsWith(modes), [
      `Other accounts can read ${at('secret.key')}, the key of the passwords; run chmod 600 on it.`,
      `Other accounts can change ${at('config.properties')}; run chmod go-w on it.`,
      `Other accounts can change ${at('activescript.js')} and so decide who is active; run chmod go-w on it.`,
    ]);
  },
);
