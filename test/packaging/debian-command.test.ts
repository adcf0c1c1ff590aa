/** Which configuration the command of the Debian package hands to the program. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';

const COMMAND = join(import.meta.dirname, '../../packaging/debian/c42uds.sh');
const STANDARD = ['--config', '/etc/c42uds/config.properties'];

describe(
  'the command of the Debian package',
  { skip: process.platform === 'win32' && 'a shell script' },
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'c42uds-command-'));
    after(() => {
      rmSync(folder, { recursive: true });
    });
    const program = join(folder, 'program');
    writeFileSync(program, '#!/bin/sh\nprintf "%s\\n" "$@"\n', { mode: 0o755 });
    // Called by somebody who is not root, whoever runs this test: root's way goes through the user of the package.
    writeFileSync(join(folder, 'id'), '#!/bin/sh\necho 1000\n', { mode: 0o755 });
    const command = join(folder, 'command');
    const text = readFileSync(COMMAND, 'utf8');
    assert.match(text, /^program=\/usr\/lib\/c42uds\/bin\/c42uds$/m);
    writeFileSync(command, text.replace(/^program=.*$/m, `program='${program}'`));

    function handed(...words: readonly string[]): string[] {
      const env = { PATH: `${folder}:${process.env['PATH'] ?? ''}` };
      const { status, stdout, stderr } = spawnSync('sh', [command, ...words], { env, encoding: 'utf8' });
      assert.equal(status, 0, stderr);
      return stdout.split('\n').filter((line) => line !== '');
    }

    for (const words of [
      [],
      ['--sync-now'],
      ['doctor', '--quiet'],
      ['history', 'demo'],
      ['explain', 'migrate'],
      ['--json', 'history', 'help'],
      ['script', 'test', 'completion'],
      ['--filter', 'demo'],
      ['--sync-now', '--files', 'people', 'help', '--quiet'],
    ])
      it(`adds the one of /etc to "${words.join(' ')}"`, () => {
        assert.deepEqual(handed(...words), [...words, ...STANDARD]);
      });

    for (const words of [
      ['demo'],
      ['migrate', '/opt/original', '--to', '/etc/c42uds'],
      ['--json', 'migrate', '/opt/original'],
      ['help', 'properties'],
      ['completion', 'bash'],
      ['--version'],
      ['history', '--help'],
      ['history', '--config', 'other.properties'],
      ['--config=other.properties'],
    ])
      it(`leaves "${words.join(' ')}" as it is`, () => {
        assert.deepEqual(handed(...words), words);
      });
  },
);
