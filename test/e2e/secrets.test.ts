/** The passwords as an administrator handles them: checked, rotated, and kept outside the configuration. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { startServiceProcess, type ServiceProcess } from '../servers/service-process.ts';
import { slapdSkip, startSlapd, type Slapd } from '../servers/slapd.ts';
import { PROGRAM, runProgram } from './command-line.ts';
import { assertExit, Installation } from './installation.ts';

describe('the passwords', { skip: slapdSkip() }, () => {
  let slapd: Slapd;
  let service: ServiceProcess;

  before(async () => {
    slapd = await startSlapd({ users: 5 });
    service = await startServiceProcess();
  });

  after(async () => {
    await service.stop();
    await slapd.stop();
  });

  function install(more: Record<string, string> = {}): Installation {
    return new Installation({
      'ldap.baseurl': slapd.url,
      'ldap.baseDn': slapd.baseDn,
      'ldap.bind.user': slapd.readerDn,
      'ldap.referral': 'IGNORE',
      'scim.baseurl': service.baseUrl,
      'scim.username': service.username,
      ...more,
    });
  }

  it('are checked without being shown, and encrypted anew under another key', async () => {
    const installation = install();
    try {
      assertExit(await installation.run(['secrets', 'check']), 2);
      assertExit(await installation.storePasswords(slapd.readerPassword, service.password), 0);
      const checked = await installation.run(['secrets', 'check']);
      assertExit(checked, 0);
      assert.match(checked.stdout, /ldap\.bind\.password can be read: encrypted in the configuration\./);
      assert.match(checked.stdout, /scim\.password can be read: encrypted in the configuration\./);
      const oldKey = readFileSync(installation.path('secret.key'), 'utf8');
      const oldConfiguration = readFileSync(installation.configPath, 'utf8');
      assertExit(await installation.run(['secrets', 'rotate']), 0);
      const newKey = readFileSync(installation.path('secret.key'), 'utf8');
      assert.notEqual(newKey, oldKey);
      assert.equal(newKey.trim().length, 64);
      assertExit(await installation.run([]), 0);
      writeFileSync(installation.configPath, oldConfiguration);
      const moved = await installation.run(['secrets', 'check']);
      assertExit(moved, 2);
      assert.match(moved.stdout + moved.stderr, /another machine, or with another secret\.key/);
    } finally {
      installation.remove();
    }
  });

  it('come from the environment and from files, and never stand in log or output', async () => {
    const installation = install({
      'ldap.bind.password': '${env:BIND_PASSWORD}',
      'scim.password': '${file:scim}',
    });
    try {
      writeFileSync(installation.path('scim'), `${service.password}\n`, { mode: 0o600 });
      const env = { BIND_PASSWORD: slapd.readerPassword };
      const ran = await runProgram(['--full-sync', '--trace'], { cwd: installation.folder, env });
      assertExit(ran, 0);
      for (const secret of [slapd.readerPassword, service.password]) {
        assert.ok(!`${ran.stdout}${ran.stderr}`.includes(secret));
      }
      const without = await installation.run([]);
      assertExit(without, 2);
      assert.match(
        without.stdout + without.stderr,
        /the environment variable BIND_PASSWORD is not set or empty/,
      );
      // Setting one with its command replaces the reference, and leaves the other alone.
      assertExit(await installation.run(['--ldap-bind-password'], `${slapd.readerPassword}\n`), 0);
      assert.match(readFileSync(installation.configPath, 'utf8'), /^scim\.password=\$\{file\\?:scim\}$/m);
      assertExit(await installation.run([]), 0);
    } finally {
      installation.remove();
    }
  });

  it(
    'are bound to the keychain of the session where that is asked for',
    { skip: secretServiceMissing() },
    () => {
      const installation = install({ 'secret.store': 'KEYCHAIN' });
      try {
        const command = (words: string): string => `"${process.execPath}" "${PROGRAM}" ${words}`;
        const script = [
          `printf keyring | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1`,
          `printf '%s\\n' '${slapd.readerPassword}' | ${command('--ldap-bind-password')}`,
          `printf '%s\\n' '${service.password}' | ${command('--scim-password')}`,
          `${command('secrets check')} && ${command('secrets rotate')} && ${command('--full-sync')}`,
        ].join('\n');
        const ran = spawnSync('dbus-run-session', ['--', 'sh', '-c', script], {
          cwd: installation.folder,
          encoding: 'utf8',
          timeout: 60_000,
          env: {
            ...process.env,
            HOME: installation.folder,
            XDG_RUNTIME_DIR: installation.folder,
            NODE_OPTIONS: '',
          },
        });
        assert.equal(ran.status, 0, ran.stdout + ran.stderr);
        assert.throws(() => readFileSync(join(installation.folder, 'secret.key')), { code: 'ENOENT' });
      } finally {
        installation.remove();
      }
    },
  );
});

function secretServiceMissing(): string | false {
  const found = ['dbus-run-session', 'gnome-keyring-daemon'].every(
    (program) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0,
  );
  return found ? false : 'no dbus-run-session or gnome-keyring-daemon';
}
