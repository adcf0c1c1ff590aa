/** The Debian package in a copy of this system that is thrown away: installed, run as its service does, upgraded, removed, purged. */

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { writeInitialConfig } from '../../src/config/configuration-changes.ts';
import { SCRIPTS } from '../e2e/installation.ts';
import { startServiceProcess, type ServiceProcess } from '../servers/service-process.ts';
import { slapdSkip, startSlapd, type Slapd } from '../servers/slapd.ts';
import { RELEASE, releaseSkip, VERSION } from './release.ts';

const PACKAGE = `c42uds_${VERSION}_amd64.deb`;
const UNIT = fileURLToPath(new URL('../../packaging/debian/c42uds.service', import.meta.url));
const USERS = 20;

/** A writable layer over this system's own files: what happens inside stays inside. */
class ThrowawaySystem {
  readonly #folder = mkdtempSync(join(tmpdir(), 'c42uds-system-'));
  readonly root = join(this.#folder, 'root');

  constructor() {
    // A file system of its own: a layer cannot lie upon one that is itself layered.
    execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', this.#folder]);
    for (const name of ['root', 'upper', 'work']) mkdirSync(join(this.#folder, name));
    const layers = `lowerdir=/,upperdir=${join(this.#folder, 'upper')},workdir=${join(this.#folder, 'work')}`;
    execFileSync('mount', ['-t', 'overlay', 'overlay', '-o', layers, this.root]);
    // The lower layer's own mounts are not part of it.
    for (const device of ['null', 'urandom', 'zero']) {
      const minor = { null: '3', urandom: '9', zero: '5' }[device] ?? '3';
      if (!existsSync(join(this.root, 'dev', device))) {
        execFileSync('mknod', ['-m', '666', join(this.root, 'dev', device), 'c', '1', minor]);
      }
    }
    execFileSync('mount', ['-t', 'proc', 'proc', join(this.root, 'proc')]);
  }

  run(
    program: string,
    words: readonly string[],
    input = '',
  ): { readonly exitCode: number | null; readonly output: string } {
    const ended = spawnSync('chroot', [this.root, program, ...words], {
      input,
      encoding: 'utf8',
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' },
    });
    return { exitCode: ended.status, output: ended.stdout + ended.stderr };
  }

  /** As {@link run}, while this process goes on serving. */
  path(inside: string): string {
    return join(this.root, inside);
  }

  remove(): void {
    execFileSync('umount', [join(this.root, 'proc')]);
    execFileSync('umount', [this.root]);
    execFileSync('umount', [this.#folder]);
    rmSync(this.#folder, { recursive: true });
  }
}

/** Why there can be no such system here; `false` where there can. */
function layerSkip(): string | false {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'only root may mount a layer';
  if (!existsSync('/usr/bin/dpkg')) return 'no dpkg';
  const probe = mkdtempSync(join(tmpdir(), 'c42uds-probe-'));
  try {
    const script =
      'mount -t tmpfs t "$1" && mkdir "$1/u" "$1/w" "$1/r" && mount -t overlay o -o "lowerdir=/,upperdir=$1/u,workdir=$1/w" "$1/r"; code=$?; umount "$1/r"; umount "$1"; exit $code';
    const { status } = spawnSync('sh', ['-c', script, 'sh', probe]);
    return status === 0 ? false : 'this kernel does not let us mount a layer here';
  } finally {
    rmSync(probe, { recursive: true });
  }
}

/** The words of the one command that the unit has under the key. */
function commandOf(key: string): string[] {
  const [command, ...others] = [...readFileSync(UNIT, 'utf8').matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))];
  assert.deepEqual(others, [], `one ${key}`);
  return (command?.[1] ?? '').split(' ').filter((word) => word !== '');
}

describe('the Debian package', { skip: releaseSkip(PACKAGE) || layerSkip() || slapdSkip() }, () => {
  let system: ThrowawaySystem;
  let slapd: Slapd;
  let service: ServiceProcess;

  before(async () => {
    slapd = await startSlapd({ users: USERS });
    service = await startServiceProcess();
    system = new ThrowawaySystem();
    copyFileSync(join(RELEASE, PACKAGE), system.path('/root/c42uds.deb'));
  });

  after(async () => {
    system.remove();
    await service.stop();
    await slapd.stop();
  });

  function done(program: string, ...words: readonly string[]): string {
    const { exitCode, output } = system.run(program, words);
    assert.equal(exitCode, 0, output);
    return output;
  }

  /** The commands of the unit, as the unit's user: the second only after a success of the first, as systemd does it. */
  function runService(): { readonly exitCode: number | null; readonly output: string } {
    let output = '';
    for (const key of ['ExecStartPre', 'ExecStart']) {
      const words = ['--reuid=c42uds', '--regid=c42uds', '--init-groups', ...commandOf(key)];
      const ended = system.run('setpriv', words);
      output += ended.output;
      if (ended.exitCode !== 0 || key === 'ExecStart') return { exitCode: ended.exitCode, output };
    }
    throw new Error('the unit starts nothing');
  }

  it('makes a user without a shell and folders that nobody else may enter', () => {
    done('dpkg', '-i', '/root/c42uds.deb');
    assert.match(done('getent', 'passwd', 'c42uds'), /:\/usr\/sbin\/nologin$/m);
    for (const folder of ['/etc/c42uds', '/var/lib/c42uds', '/var/log/c42uds']) {
      assert.equal(statSync(system.path(folder)).mode & 0o777, 0o750, folder);
      assert.match(done('stat', '-c', '%U:%G', folder), /^c42uds:c42uds$/m);
    }
    assert.equal(done('c42uds', '--version').trim(), VERSION);
    const man = done('sh', '-c', 'zcat /usr/share/man/man1/c42uds.1.gz');
    assert.ok(man.includes(`c42uds ${VERSION}`));
    const unconfigured = system.run('c42uds', ['--full-sync']);
    assert.equal(unconfigured.exitCode, 2);
    assert.match(unconfigured.output, /There is no configuration at \/etc\/c42uds\/config\.properties/);
  });

  it('stores passwords as its own user although root calls it, and its service synchronizes', async () => {
    const folder = system.path('/etc/c42uds');
    writeInitialConfig(join(folder, 'config.properties'), {
      'ldap.baseurl': slapd.url,
      'ldap.baseDn': slapd.baseDn,
      'ldap.bind.user': slapd.readerDn,
      'ldap.referral': 'IGNORE',
      'scim.baseurl': service.baseUrl,
      'scim.username': service.username,
      'state.location': '/var/lib/c42uds/state.db',
      'log.location': '/var/log/c42uds',
    });
    for (const [name, text] of Object.entries(SCRIPTS))
      writeFileSync(join(folder, `${name}script.js`), String(text));
    done('chown', '-R', 'c42uds:c42uds', '/etc/c42uds');
    const ldap = system.run('c42uds', ['--ldap-bind-password'], `${slapd.readerPassword}\n`);
    const scim = system.run('c42uds', ['--scim-password'], `${service.password}\n`);
    assert.equal(scim.exitCode, 0, ldap.output + scim.output);
    assert.match(done('stat', '-c', '%U %a', '/etc/c42uds/config.properties'), /^c42uds 600$/m);

    const ran = runService();
    assert.equal(ran.exitCode, 0, ran.output);
    assert.equal((await service.summary()).users.length, USERS);
    assert.match(done('stat', '-c', '%U %a', '/var/lib/c42uds/state.db'), /^c42uds 600$/m);
  });

  it('keeps everything in an upgrade', async () => {
    const before = readFileSync(system.path('/etc/c42uds/config.properties'), 'utf8');
    done('dpkg', '-i', '/root/c42uds.deb');
    assert.equal(readFileSync(system.path('/etc/c42uds/config.properties'), 'utf8'), before);
    await service.reset();
    const ran = runService();
    assert.equal(ran.exitCode, 0, ran.output);
    assert.equal((await service.summary()).writes, 0);
  });

  it('lets no run begin when the doctor finds a failure, and nothing is written anywhere', async () => {
    const config = system.path('/etc/c42uds/config.properties');
    const right = readFileSync(config, 'utf8');
    const runs = done('c42uds', 'history');
    await service.reset();
    writeFileSync(config, right.replace(/^ldap\.baseDn=.*$/m, 'ldap.baseDn=ou=Nowhere,dc=example,dc=com'));
    const stopped = runService();
    writeFileSync(config, right);
    assert.equal(stopped.exitCode, 4, stopped.output);
    assert.match(stopped.output, /directory-base: The search base ldap\.baseDn "ou=Nowhere/);
    assert.doesNotMatch(stopped.output, /Live incremental synchronization/);
    assert.equal((await service.summary()).writes, 0);
    assert.equal(done('c42uds', 'history'), runs);
  });

  it('leaves configuration, state and logs when it is removed, and nothing when it is purged', () => {
    done('dpkg', '-r', 'c42uds');
    assert.ok(!existsSync(system.path('/usr/lib/c42uds')));
    assert.ok(!existsSync(system.path('/usr/bin/c42uds')));
    for (const kept of ['/etc/c42uds/config.properties', '/var/lib/c42uds/state.db', '/var/log/c42uds']) {
      assert.ok(existsSync(system.path(kept)), kept);
    }
    done('dpkg', '-P', 'c42uds');
    for (const gone of ['/etc/c42uds', '/var/lib/c42uds', '/var/log/c42uds']) {
      assert.ok(!existsSync(system.path(gone)), gone);
    }
    assert.equal(system.run('getent', ['passwd', 'c42uds']).exitCode, 2);
  });
});

describe('the pre-check of the systemd unit', () => {
  const [program, ...words] = commandOf('ExecStartPre');
  const [runProgram, ...runWords] = commandOf('ExecStart');

  it('is the doctor with the configuration of the run, and no failure of it is ignored', () => {
    // A "-" before the path would let the run begin after a failure; "+" and "!" would take the sandbox away.
    assert.equal(program, runProgram);
    assert.match(program ?? '', /^\//);
    assert.deepEqual(words, ['doctor', '--quiet', ...runWords.slice(runWords.indexOf('--config'))]);
  });
});

describe(
  'the systemd unit',
  { skip: existsSync('/usr/bin/systemd-analyze') ? false : 'no systemd-analyze' },
  () => {
    it('leaves little to a program that has been taken over', () => {
      const { stdout, stderr } = spawnSync(
        'systemd-analyze',
        ['security', '--offline=true', '--no-pager', UNIT],
        {
          encoding: 'utf8',
        },
      );
      const level = Number(/Overall exposure level for c42uds\.service: ([\d.]+)/.exec(stdout)?.[1]);
      assert.ok(level < 2, stdout + stderr);
    });
  },
);
