/** The Debian package in a system of its own with systemd: installed, set up, run, upgraded, removed, purged, as its README says. */

import assert from 'node:assert/strict';
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { Conversation } from '../e2e/command-line.ts';
import { SCRIPTS } from '../e2e/installation.ts';
import { FORMATS, makeOlder } from '../e2e/older-state.ts';
import { startServiceProcess, type ServiceProcess } from '../servers/service-process.ts';
import { slapdSkip, startSlapd, type Slapd } from '../servers/slapd.ts';
import { BootedSystem, bootSkip } from './booted-system.ts';
import { makeDebOlder, OLDER, OLDER_FORMAT, RETIRED } from './older-package.ts';
import { RELEASE, releaseSkip, VERSION } from './release.ts';

const PACKAGE = `c42uds_${VERSION}_amd64.deb`;
const USERS = 20;
const UNIT = 'c42uds.service';
const CONFIG = '/etc/c42uds/config.properties';
const STATE = '/var/lib/c42uds/state.db';

interface Outcome {
  readonly exitCode: number;
  /** In the words of systemd: `success`, `exit-code`. */
  readonly result: string;
  readonly output: string;
}

describe('the Debian package', { skip: releaseSkip(PACKAGE) || bootSkip() || slapdSkip() }, () => {
  const scratch = mkdtempSync(join(tmpdir(), 'c42uds-debian-'));
  let system: BootedSystem;
  let slapd: Slapd;
  let service: ServiceProcess;

  before(async () => {
    slapd = await startSlapd({ users: USERS });
    service = await startServiceProcess();
    system = await BootedSystem.boot();
    copyFileSync(join(RELEASE, PACKAGE), system.path('/root/c42uds.deb'));
    copyFileSync(makeDebOlder(join(RELEASE, PACKAGE), scratch), system.path('/root/older.deb'));
  });

  after(async () => {
    await system?.stop();
    await service?.stop();
    await slapd?.stop();
    rmSync(scratch, { recursive: true });
  });

  /** A run of the service as the timer starts it, and what the journal has of it. */
  async function runService(): Promise<Outcome> {
    return (await startService()).outcome();
  }

  /** `words`: `--no-block` comes back at once. */
  async function startService(...words: readonly string[]): Promise<{ outcome(): Promise<Outcome> }> {
    const said = await system.done('journalctl', '--lines=0', '--show-cursor');
    const cursor = /cursor: (\S+)/.exec(said)?.[1] ?? '';
    await system.run('systemctl', ['start', ...words, UNIT]);
    return {
      outcome: async () => {
        await system.done('journalctl', '--sync');
        const lines = ['--no-pager', '--output=cat', `--unit=${UNIT}`, `--after-cursor=${cursor}`];
        const output = await system.done('journalctl', ...lines);
        const main = Number(await property('ExecMainStatus'));
        const pre = /status=(\d+)/.exec(await property('ExecStartPre'))?.[1];
        return { exitCode: main === 0 ? Number(pre ?? 0) : main, result: await property('Result'), output };
      },
    };
  }

  async function property(name: string, unit = UNIT): Promise<string> {
    return (await system.done('systemctl', 'show', unit, `--property=${name}`, '--value')).trim();
  }

  function config(): string {
    return readFileSync(system.path(CONFIG), 'utf8');
  }

  function writeConfig(text: string): void {
    writeFileSync(system.path(CONFIG), text);
  }

  /** What an administrator puts into /etc/systemd/system/c42uds.service.d. */
  async function dropIn(text: string | null): Promise<void> {
    const folder = system.path(`/etc/systemd/system/${UNIT}.d`);
    rmSync(folder, { recursive: true, force: true });
    if (text !== null) {
      await system.done('mkdir', '-p', `/etc/systemd/system/${UNIT}.d`);
      writeFileSync(join(folder, 'test.conf'), text);
    }
    await system.done('systemctl', 'daemon-reload');
  }

  it('makes a user without a shell, folders that nobody else may enter, and starts nothing', async () => {
    await system.done('dpkg', '-i', '/root/older.deb');
    assert.match(await system.done('getent', 'passwd', 'c42uds'), /:\/usr\/sbin\/nologin$/m);
    for (const folder of ['/etc/c42uds', '/var/lib/c42uds', '/var/log/c42uds'])
      assert.match(await system.done('stat', '-c', '%U:%G %a', folder), /^c42uds:c42uds 750$/m, folder);
    assert.equal((await system.done('c42uds', '--version')).trim(), OLDER);
    assert.match(await system.done('sh', '-c', 'zcat /usr/share/man/man1/c42uds.1.gz'), /^\.TH C42UDS 1/);
    assert.equal(await property('ActiveState', 'c42uds.timer'), 'inactive');
    assert.equal((await system.run('systemctl', ['is-enabled', 'c42uds.timer'])).output.trim(), 'disabled');
    const unconfigured = await system.run('c42uds', ['--full-sync']);
    assert.equal(unconfigured.exitCode, 2);
    assert.match(unconfigured.output, /There is no configuration at \/etc\/c42uds\/config\.properties/);
  });

  it('takes over the settings of the original by the steps of its README, with state and logs where the service may write', async () => {
    const steps = readFileSync(system.path('/usr/share/doc/c42uds/README.Debian'), 'utf8');
    assert.match(steps, /^ {2}c42uds migrate \/opt\/C42UserDirectorySync-1\.0 --to \/etc\/c42uds$/m);
    const original = '/opt/C42UserDirectorySync-1.0';
    await system.done('mkdir', '-p', original);
    writeFileSync(system.path(`${original}/config.properties`), 'ldap.base.url=ldap\\://ad.example.com\n');
    for (const [name, text] of Object.entries(SCRIPTS))
      writeFileSync(system.path(`${original}/${name}script.js`), String(text));
    const done = await system.run('c42uds', ['migrate', original, '--to', '/etc/c42uds']);
    assert.match(done.output, /Wrote \/etc\/c42uds\/config\.properties/);
    assert.match(config(), /^state\.location=\/var\/lib\/c42uds\/state\.db$/m);
    assert.match(config(), /^log\.location=\/var\/log\/c42uds$/m);
    assert.equal(await system.done('find', '/etc/c42uds', '!', '-user', 'c42uds'), '');
    // The rest of the tests begins with the set-up.
    await system.done('find', '/etc/c42uds', '-mindepth', '1', '-delete');
  });

  it('is set up by root in a terminal, and everything belongs to its own user', async () => {
    const talk = new Conversation([], { cwd: scratch }, [...system.entrance, '/usr/bin/c42uds']);
    await talk.answer('ldap.base.url', slapd.url);
    await talk.expect('ldap.baseDn');
    await talk.expect(slapd.baseDn);
    talk.send('\r');
    await talk.answer('ldap.bind.user', slapd.readerDn);
    for (const name of ['ldap.bind.password', 'ldap.bind.password (again)'])
      await talk.answer(name, slapd.readerPassword);
    await talk.answer('scim.baseurl', service.baseUrl);
    await talk.answer('scim.username', service.username);
    for (const name of ['scim.password', 'scim.password (again)']) await talk.answer(name, service.password);
    const { exitCode, screen } = await talk.end();
    assert.equal(exitCode, 0, screen);
    assert.match(config(), /^state\.location=\/var\/lib\/c42uds\/state\.db$/m);
    assert.match(config(), /^log\.location=\/var\/log\/c42uds$/m);
    assert.match(await system.done('stat', '-c', '%U %a', CONFIG), /^c42uds 600$/m);
    const foreign = await system.done(
      'find',
      '/etc/c42uds',
      '/var/lib/c42uds',
      '/var/log/c42uds',
      '!',
      '-user',
      'c42uds',
    );
    assert.equal(foreign, '');
  });

  it('is checked and previewed by hand, and synchronizes by its service', async () => {
    for (const [name, text] of Object.entries(SCRIPTS))
      writeFileSync(system.path(`/etc/c42uds/${name}script.js`), String(text));
    await system.done('c42uds', 'doctor');
    assert.match(await system.done('c42uds', '--full-sync'), new RegExp(`${USERS} to create; dry run`));
    const forRoot = await system.run('c42uds', ['--full-sync', '--report', '/root/report.html']);
    assert.equal(forRoot.exitCode, 2, forRoot.output);
    assert.match(forRoot.output, /\/root\/report\.html cannot be written: permission denied/);
    assert.equal((await service.summary()).writes, 0);
    const ran = await runService();
    assert.equal(ran.exitCode, 0, ran.output);
    assert.equal((await service.summary()).users.length, USERS);
    assert.match(await system.done('stat', '-c', '%U %a', STATE), /^c42uds 600$/m);
  });

  it('lets its service write state and logs, and neither configuration nor scripts', async () => {
    const folders =
      '/etc/c42uds /var/lib/c42uds /var/log/c42uds /usr/lib/c42uds /etc/default /var/lib /var/log /root /tmp';
    const probe = `for f in ${folders}; do if touch $f/probe 2>/dev/null; then rm $f/probe; echo writes $f; fi; done`;
    await dropIn(
      `[Service]\nExecStartPre=\nExecStart=\nExecStart=/bin/sh -c '${probe.replaceAll('$', '$$$$')}'\n`,
    );
    // The present unit, not that of the older package.
    copyFileSync(
      join(import.meta.dirname, '../../packaging/debian', UNIT),
      system.path(`/usr/lib/systemd/system/${UNIT}`),
    );
    await system.done('systemctl', 'daemon-reload');
    const { output } = await runService();
    await dropIn(null);
    const written = [...output.matchAll(/^writes (.*)$/gm)].map(([, folder]) => folder);
    // Its /tmp is its own.
    assert.deepEqual(written, ['/var/lib/c42uds', '/var/log/c42uds', '/tmp'], output);
  });

  it('stops a run in order for an upgrade, keeps what is the administrator’s, and goes on where the run stopped', async () => {
    await system.done('systemctl', 'enable', '--now', 'c42uds.timer');
    // Everybody is sent again, slowly.
    const settings = config();
    writeConfig(`${settings}scim.requests.per.second=2\n`);
    await service.reset();
    await dropIn(
      '[Service]\nExecStart=\nExecStart=/usr/lib/c42uds/bin/c42uds --sync-now --full-sync --config /etc/c42uds/config.properties\n',
    );
    const running = await startService('--no-block');
    while ((await service.summary()).writes < 2) {
      assert.equal(await property('ActiveState'), 'activating', (await running.outcome()).output);
      await delay(100);
    }
    await system.done('dpkg', '-i', '/root/c42uds.deb');
    const stopped = await running.outcome();
    assert.equal(stopped.exitCode, 143, stopped.output);
    assert.equal(stopped.result, 'success', stopped.output);
    assert.match(stopped.output, /ended with exit code 143: TERMINATED/);
    const { writes } = await service.summary();
    assert.ok(writes < USERS, 'the run was in the middle');
    assert.equal((await system.done('c42uds', '--version')).trim(), VERSION);
    assert.equal(await property('ActiveState', 'c42uds.timer'), 'active');
    assert.ok(!existsSync(system.path('/run/c42uds.timer-stopped')));
    assert.equal(config(), `${settings}scim.requests.per.second=2\n`);
    writeConfig(settings);
    await dropIn(null);
    for (const path of [
      ...RETIRED.map((name) => `/usr/lib/c42uds/${name}`),
      '/usr/lib/tmpfiles.d/c42uds.conf',
    ])
      assert.ok(!existsSync(system.path(path)), path);
    assert.ok(existsSync(system.path('/etc/default/c42uds')));

    // What the older version has left: a state of its format.
    const state = join(scratch, 'state.db');
    copyFileSync(system.path(STATE), state);
    makeOlder(state, join(FORMATS, `${OLDER_FORMAT}.sql`));
    copyFileSync(state, system.path(STATE));
    await system.done('chown', 'c42uds:c42uds', STATE);
    await system.done('chmod', '600', STATE);
    await service.reset();
    const ran = await runService();
    assert.equal(ran.exitCode, 0, ran.output);
    assert.equal((await service.summary()).users.filter(({ active }) => active).length, USERS);
    await service.reset();
    assert.equal((await runService()).exitCode, 0);
    assert.equal((await service.summary()).writes, 0);
  });

  it('carried the state forward with a copy of it, and the older version refuses what it finds', async () => {
    const copy = `${STATE}.format-${OLDER_FORMAT}`;
    assert.match(await system.done('stat', '-c', '%U %a', copy), /^c42uds 600$/m);
    const timer = await property('ActiveState', 'c42uds.timer');
    await system.done('systemctl', 'stop', 'c42uds.timer');
    await system.done('dpkg', '-i', '/root/older.deb');
    // A timer that somebody has stopped stays so.
    assert.deepEqual([timer, await property('ActiveState', 'c42uds.timer')], ['active', 'inactive']);
    await service.reset();
    const refused = await system.run('c42uds', ['--sync-now']);
    assert.equal(refused.exitCode, 2, refused.output);
    assert.match(refused.output, /state\.db was written by a newer version of c42uds/);
    assert.equal((await service.summary()).writes, 0);
    await system.done('dpkg', '-i', '/root/c42uds.deb');
    // The way back of README.Debian; the version of today takes the copy as the older one would.
    await system.done('c42uds', 'state', 'restore', copy);
    const ran = await runService();
    assert.equal(ran.exitCode, 0, ran.output);
    const { users } = await service.summary();
    assert.deepEqual([users.length, users.filter(({ active }) => active).length], [USERS, USERS]);
  });

  it('lets no run begin when the doctor finds a failure, and nothing is written anywhere', async () => {
    const right = config();
    const runs = await system.done('c42uds', 'history');
    await service.reset();
    writeConfig(right.replace(/^ldap\.baseDn=.*$/m, 'ldap.baseDn=ou=Nowhere,dc=example,dc=com'));
    const stopped = await runService();
    writeConfig(right);
    assert.deepEqual([stopped.exitCode, stopped.result], [4, 'exit-code'], stopped.output);
    assert.match(stopped.output, /directory-base: The search base ldap\.baseDn "ou=Nowhere/);
    assert.doesNotMatch(stopped.output, /Live incremental synchronization/);
    assert.equal((await service.summary()).writes, 0);
    assert.equal(await system.done('c42uds', 'history'), runs);
  });

  it('hands root’s proxy and time zone to the command and no other variable, and what /etc/default says to both', async () => {
    const real = system.path('/usr/lib/c42uds/bin/c42uds');
    const program = readFileSync(real);
    const defaults = system.path('/etc/default/c42uds');
    const shipped = readFileSync(defaults);
    writeFileSync(real, '#!/bin/sh\nid -un\npwd\nenv | sort\n');
    writeFileSync(defaults, "no_proxy='localhost, .example.com'\n");
    const env = {
      https_proxy: 'http://user:p%40ss@proxy.example.com:3128',
      TZ: 'Europe/Berlin',
      NODE_EXTRA_CA_CERTS: '/etc/ssl/own authority.pem',
      AWS_SECRET_ACCESS_KEY: 'of root alone',
      NODE_OPTIONS: '--require /root/x.js',
    };
    const { output } = await system.run('c42uds', [], { env });
    const ran = await runService();
    writeFileSync(real, program);
    writeFileSync(defaults, shipped);
    assert.deepEqual(
      output
        .trim()
        .split('\n')
        .filter((line) => !/^(?:PWD|OLDPWD|SHLVL|_)=/.test(line)),
      [
        'c42uds',
        '/var/lib/c42uds',
        'HOME=/var/lib/c42uds',
        'LOGNAME=c42uds',
        'LOGS_DIRECTORY=/var/log/c42uds',
        'NODE_EXTRA_CA_CERTS=/etc/ssl/own authority.pem',
        'PATH=/usr/local/bin:/usr/bin:/bin',
        'SHELL=/bin/sh',
        'STATE_DIRECTORY=/var/lib/c42uds',
        'TZ=Europe/Berlin',
        'USER=c42uds',
        'https_proxy=http://user:p%40ss@proxy.example.com:3128',
        'no_proxy=localhost, .example.com',
      ],
    );
    assert.match(ran.output, /^no_proxy=localhost, \.example\.com$/m);
    assert.match(ran.output, /^STATE_DIRECTORY=\/var\/lib\/c42uds$/m);
  });

  it('goes on by hand and by service with passwords that only systemd has, a plan that a guard has stopped included', async () => {
    const right = config();
    const example = readFileSync(system.path('/usr/share/doc/c42uds/examples/credentials.conf'), 'utf8');
    const steps = [...example.matchAll(/^# {3}(\S.*)$/gm)].map(([, line = '']) => line);
    assert.equal(steps.length, 6, 'four commands, two properties');
    const passwords: Record<string, string> = { ldap: slapd.readerPassword, scim: service.password };
    for (const step of steps.slice(0, 4)) {
      const asked = /^systemd-ask-password -n '[^']+' \| (.*--name=(\w+) .*)$/.exec(step);
      const words = ['-c', asked?.[1] ?? step];
      const { exitCode, output } = await system.run('sh', words, {
        input: passwords[asked?.[2] ?? ''] ?? '',
      });
      assert.equal(exitCode, 0, output);
    }
    const lines = right.split('\n').filter((line) => !/^(?:ldap\.bind|scim)\.password=/.test(line));
    writeConfig([...lines, ...steps.slice(4), ''].join('\n'));
    rmSync(system.path('/etc/c42uds/secret.key'));
    const scripts = system.path('/etc/c42uds/activescript.js');
    const script = readFileSync(scripts, 'utf8');
    writeFileSync(scripts, 'function (entry) { return false; }');

    const stopped = await runService();
    assert.equal(stopped.exitCode, 6, stopped.output);
    const id = /--approve ([0-9a-f]+)/.exec(stopped.output)?.[1] ?? '';
    assert.match(
      await system.done('c42uds', 'secrets', 'check'),
      /from the credential ldap of the service manager/,
    );
    const preview = await system.run('c42uds', ['--full-sync', '--plan', '/var/lib/c42uds/plan.jsonl']);
    assert.equal(preview.exitCode, 6, preview.output);
    assert.ok(readFileSync(system.path('/var/lib/c42uds/plan.jsonl'), 'utf8').split('\n').length > USERS);
    const talk = new Conversation(['--sync-now', '--approve', id], { cwd: scratch }, [
      ...system.entrance,
      '/usr/bin/c42uds',
    ]);
    const approved = await talk.end();
    assert.equal(approved.exitCode, 0, approved.screen);
    assert.equal((await service.summary()).users.filter(({ active }) => active).length, 0);
    for (const text of [stopped.output, approved.screen])
      for (const password of Object.values(passwords)) assert.ok(!text.includes(password));
    assert.doesNotMatch(await system.done('systemctl', 'list-units', '--all', '--no-legend'), /by-hand/);

    // Told to stop, the command takes the run with it, which systemd has started.
    writeConfig(`${config()}scim.requests.per.second=2\n`);
    const long = ['--signal=TERM', '--preserve-status', '4', 'c42uds', '--sync-now', '--full-sync'];
    const ended = await system.run('timeout', long);
    assert.equal(ended.exitCode, 143, ended.output);
    assert.match(ended.output, /ended with exit code 143: TERMINATED/);
    assert.doesNotMatch(await system.done('systemctl', 'list-units', '--all', '--no-legend'), /by-hand/);

    // The exit code comes through, and so does what is piped.
    const failed = await system.run('c42uds', ['explain', 'nobody@example.com']);
    assert.equal(failed.exitCode, 2, failed.output);
    writeFileSync(scripts, script);
    writeConfig(right.replace(/^(?:ldap\.bind|scim)\.password=.*\n/gm, ''));
    await dropIn(null);
    for (const [words, password] of [
      ['--ldap-bind-password', slapd.readerPassword],
      ['--scim-password', service.password],
    ])
      await system.run('c42uds', [words ?? ''], { input: `${password}\n` });
    const again = await system.run('c42uds', ['--sync-now']);
    assert.equal(again.exitCode, 6, 'everybody would come back at once');
  });

  it('has no network but the addresses that a drop-in allows', async () => {
    const example = readFileSync(system.path('/usr/share/doc/c42uds/examples/network.conf'), 'utf8');
    const port = new URL(slapd.url).port;
    // Packets that are not allowed vanish: only time tells.
    const connect = `/usr/bin/timeout 3 /bin/bash -c ': <>/dev/tcp/127.0.0.1/${port}'`;
    const reached = async (text: string): Promise<boolean> => {
      await dropIn(`${text}ExecStartPre=\nExecStart=\nExecStart=${connect}\n`);
      const { exitCode, output } = await runService();
      assert.ok([0, 124].includes(exitCode), output);
      return exitCode === 0;
    };
    assert.equal(await reached(example), true);
    assert.equal(await reached(example.replace('IPAddressAllow=localhost\n', '')), false);
    await dropIn(null);
  });

  it('leaves configuration, state and logs when it is removed, and nothing when it is purged', async () => {
    await system.done('systemctl', 'enable', '--now', 'c42uds.timer');
    await system.done('dpkg', '-r', 'c42uds');
    assert.equal(await property('ActiveState', 'c42uds.timer'), 'inactive');
    for (const gone of [
      '/usr/lib/c42uds',
      '/usr/bin/c42uds',
      '/etc/systemd/system/timers.target.wants/c42uds.timer',
    ])
      assert.throws(() => statSync(system.path(gone)), gone);
    for (const kept of [CONFIG, STATE, '/var/log/c42uds', '/etc/default/c42uds'])
      assert.ok(existsSync(system.path(kept)), kept);
    await system.done('dpkg', '-P', 'c42uds');
    for (const gone of ['/etc/c42uds', '/var/lib/c42uds', '/var/log/c42uds', '/etc/default/c42uds'])
      assert.ok(!existsSync(system.path(gone)), gone);
    assert.ok(!readdirSync(system.path('/usr/lib/systemd/system')).some((name) => name.startsWith('c42uds')));
    assert.equal((await system.run('getent', ['passwd', 'c42uds'])).exitCode, 2);
  });
});
