/** The program as somebody meets it without a terminal: flags, streams, exit codes, bad input. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { PROGRAM, finished, freshFolder, runProgram, startProgram } from './command-line.ts';

const folder = freshFolder();
after(folder.remove);

let folders = 0;
/** A folder of its own with these files. */
function folderWith(files: Readonly<Record<string, string>> = {}): string {
  folders += 1;
  const path = join(folder.path, `case ${folders}`);
  mkdirSync(path);
  for (const [name, content] of Object.entries(files))
    writeFileSync(join(path, name), content, { mode: 0o600 });
  return path;
}

/** Nothing listens on port 9, and nothing has to: every case here ends before it would connect. */
const CONFIG = [
  'ldap.baseurl=ldap\\://127.0.0.1\\:9',
  'ldap.baseDn=dc=example,dc=com',
  'ldap.bind.user=cn=reader',
  'ldap.max.attempts=1',
  'scim.baseurl=http\\://127.0.0.1\\:9/scim/v2',
  'scim.username=provider',
  'scim.max.attempts=1',
  '',
].join('\n');

test('--version prints the version of package.json and nothing else', async () => {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  const run = await runProgram(['--version'], { cwd: folder.path });
  assert.deepEqual(run, { exitCode: 0, signal: null, stdout: `${manifest.version}\n`, stderr: '' });
});

test('-help, as the original wrote it, shows the help on standard output', async () => {
  const run = await runProgram(['-help'], { cwd: folder.path });
  assert.equal(run.exitCode, 0);
  assert.match(run.stdout, /^Usage: c42uds/);
  assert.match(run.stdout, /--ldap-bind-password/);
  assert.equal(run.stderr, '');
});

test('an unknown flag is refused with the nearest one, and makes no files', async () => {
  const cwd = folderWith();
  const run = await runProgram(['--ful-sync'], { cwd });
  assert.equal(run.exitCode, 2);
  assert.equal(run.stdout, '');
  assert.match(run.stderr, /^\[ERROR {3}main\] Unknown flag "--ful-sync"\. Did you mean --full-sync\?\n/);
  assert.deepEqual(readdirSync(cwd), []);
});

test('no configuration and no terminal: one clear error, no hanging question', async () => {
  for (const words of [[], ['--sync-now'], ['--scim-password']]) {
    const cwd = folderWith();
    const run = await runProgram(words, { cwd });
    assert.equal(run.exitCode, 2);
    assert.ok(
      run.stderr.includes(`There is no configuration at ${join(cwd, 'config.properties')}`),
      run.stderr,
    );
    assert.deepEqual(readdirSync(cwd), []);
  }
});

test('a configuration with three mistakes: all three at once, each with its line', async () => {
  const cwd = folderWith({
    'config.properties': `${CONFIG}ldap.paging.size=many\nldap.referral=MAYBE\ndeactivate.user.threshold=1\n`,
  });
  const run = await runProgram([], { cwd });
  assert.equal(run.exitCode, 2);
  for (const [line, key] of [
    [8, 'ldap.paging.size'],
    [9, 'ldap.referral'],
    [10, 'deactivate.user.threshold'],
  ]) {
    assert.match(run.stderr, new RegExp(`^\\[ERROR {3}main\\] .*line ${line}: ${key}: `, 'm'));
  }
  assert.deepEqual(readdirSync(cwd), ['config.properties']);
});

describe('a password in plain text', () => {
  test('is never used: the run refuses and names the command', async () => {
    const cwd = folderWith({ 'config.properties': `${CONFIG}scim.password=hunter2\n` });
    const run = await runProgram([], { cwd });
    assert.equal(run.exitCode, 2);
    assert.match(run.stderr, /scim\.password/);
    assert.match(run.stderr, /c42uds --scim-password/);
    assert.ok(!(run.stdout + run.stderr + logsIn(cwd)).includes('hunter2'));
  });

  test('is removed when a password is set, with a message', async () => {
    const cwd = folderWith({ 'config.properties': `${CONFIG}ldap.bind.password=hunter2\n` });
    const run = await runProgram(['--scim-password'], { cwd, input: 'the right one\n' });
    assert.match(run.stderr, /plain text in ldap\.bind\.password was removed.*c42uds --ldap-bind-password/);
    const config = readFileSync(join(cwd, 'config.properties'), 'utf8');
    assert.ok(!config.includes('hunter2'), config);
    assert.match(config, /^scim\.password=ENC\(/m);
  });
});

test('no password at all: the run names the command that sets it', async () => {
  const cwd = folderWith({ 'config.properties': CONFIG });
  const run = await runProgram(['--sync-now'], { cwd });
  assert.equal(run.exitCode, 2);
  assert.match(run.stderr, /No password is set for ldap\.bind\.password/);
  assert.match(run.stderr, /c42uds --ldap-bind-password/);
});

describe('the password commands without a terminal', () => {
  test('an empty standard input changes nothing', async () => {
    for (const input of ['', '\n', '\r\n']) {
      const cwd = folderWith({ 'config.properties': CONFIG });
      const run = await runProgram(['--ldap-bind-password'], { cwd, input });
      assert.equal(run.exitCode, 2);
      assert.match(run.stderr, /No password for ldap\.bind\.password on standard input/);
      assert.equal(readFileSync(join(cwd, 'config.properties'), 'utf8'), CONFIG);
    }
  });

  test('one line is taken, encrypted and kept although no server answers', async () => {
    const cwd = folderWith({ 'config.properties': CONFIG });
    const secret = ' päss:wörd=1 \\ ';
    const ldap = await runProgram(['--ldap-bind-password'], { cwd, input: `${secret}\nand another line\n` });
    assert.equal(ldap.exitCode, 4, ldap.stdout + ldap.stderr);
    assert.match(
      ldap.stdout,
      /\[INFO {4}main\] The password was encrypted and written to ldap\.bind\.password/,
    );
    assert.match(
      ldap.stderr,
      /\[ERROR {3}LdapService\] Unable to contact LDAP source at ldap:\/\/127\.0\.0\.1:9/,
    );
    assert.match(ldap.stderr, /Not tested: No password is set for scim\.password/);
    assert.match(ldap.stderr, /The password stays stored/);
    const scim = await runProgram(['--scim-password'], { cwd, input: secret });
    assert.equal(scim.exitCode, 5, scim.stdout + scim.stderr);
    assert.match(scim.stderr, /LdapService/);
    assert.match(scim.stderr, /ScimService/);
    const config = readFileSync(join(cwd, 'config.properties'), 'utf8');
    assert.match(config, /^ldap\.bind\.password=ENC\(/m);
    assert.match(config, /^scim\.password=ENC\(/m);
    const everything = [ldap.stdout, ldap.stderr, scim.stdout, scim.stderr, config, logsIn(cwd)].join('\n');
    assert.ok(!everything.includes(secret.trim()), everything);
  });
});

describe('files that limit a run are checked before anything is connected', () => {
  const prepared = async () => {
    const cwd = folderWith({ 'config.properties': CONFIG });
    await runProgram(['--ldap-bind-password'], { cwd, input: 'one' });
    await runProgram(['--scim-password'], { cwd, input: 'two' });
    return cwd;
  };

  test('an unparsable --filter, an empty --files and missing ones are refused by name', async () => {
    const cwd = await prepared();
    writeFileSync(join(cwd, 'broken.txt'), '(&(a=b)(c=d)');
    writeFileSync(join(cwd, 'empty.txt'), '# nobody\n');
    const before = readdirSync(cwd).sort();
    for (const [words, message] of [
      [['--filter', 'broken.txt'], /broken\.txt is not an LDAP filter: .*\(character \d+/],
      [['--filter', 'empty.txt'], /empty\.txt is empty/],
      [['--filter', 'nowhere.txt'], /nowhere\.txt: there is no such file/],
      [['--files', 'empty.txt'], /empty\.txt names no user/],
      [['--sync-now', '--files', 'nowhere.txt'], /nowhere\.txt: there is no such file/],
    ] as const) {
      const run = await runProgram(words, { cwd });
      assert.equal(run.exitCode, 2, run.stderr);
      assert.match(run.stderr, message);
      assert.ok(!run.stderr.includes('LdapService'), run.stderr);
    }
    assert.deepEqual(readdirSync(cwd).sort(), before);
  });
});

test(
  'a read-only folder: one clear message that names it',
  { skip: process.platform !== 'linux' },
  async () => {
    // Root may write in every folder but those of the kernel.
    const cwd = folderWith({ 'config.properties': `${CONFIG}log.location=/sys/c42uds-logs\n` });
    const run = await runProgram([], { cwd });
    assert.equal(run.exitCode, 2, run.stderr);
    assert.match(run.stderr, /\/sys\/c42uds-logs/);
    assert.match(run.stderr, /write permission/);
    assert.deepEqual(readdirSync(cwd), ['config.properties']);
  },
);

test('a log folder that cannot be made: one clear message that names it', async () => {
  const cwd = folderWith({ 'config.properties': `${CONFIG}log.location=a file/logs\n`, 'a file': '' });
  const run = await runProgram([], { cwd });
  assert.equal(run.exitCode, 2);
  assert.ok(run.stderr.includes(`${join(cwd, 'a file', 'logs')} (log.location)`), run.stderr);
  assert.match(run.stderr, /Move the file away, or name another folder in log\.location/);
});

describe('signals', () => {
  /** A directory that accepts connections and says nothing: whoever connects can only wait. */
  async function withSilentServer(work: (cwd: string, connected: Promise<unknown>) => Promise<void>) {
    const server = createServer((socket) => socket.on('error', () => undefined));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const config = CONFIG.replace('ldap\\://127.0.0.1\\:9', `ldap\\://127.0.0.1\\:${port}`);
    const cwd = folderWith({ 'config.properties': `${config}ldap.read.timeout.period=60000\n` });
    const connected = once(server, 'connection');
    try {
      await work(cwd, connected);
    } finally {
      server.close();
    }
  }

  for (const [signal, exitCode] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 143],
  ] as const) {
    test(`${signal} while a connection is tested ends with ${exitCode}`, async () => {
      await withSilentServer(async (cwd, connected) => {
        const child = startProgram(['--ldap-bind-password'], { cwd });
        child.stdin.end('secret\n');
        const ended = finished(child);
        await connected;
        child.kill(signal);
        assert.equal((await ended).exitCode, exitCode);
      });
    });
  }
});

test('a live run that only waits ends at the second Ctrl-C at the latest', async () => {
  const server = createServer((socket) => socket.on('error', () => undefined));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const cwd = folderWith({ 'config.properties': `${CONFIG}ldap.read.timeout.period=60000\n` });
  const path = join(cwd, 'config.properties');
  // The passwords are set while nothing listens, which is quick.
  await runProgram(['--ldap-bind-password'], { cwd, input: 'one' });
  await runProgram(['--scim-password'], { cwd, input: 'two' });
  writeFileSync(
    path,
    readFileSync(path, 'utf8').replace('ldap\\://127.0.0.1\\:9', `ldap://127.0.0.1:${port}`),
  );
  for (const name of ['activescript.js', 'orgscript.js', 'rolescript.js']) {
    copyFileSync(new URL(`../../scripts/${name}`, import.meta.url), join(cwd, name));
  }
  const connected = once(server, 'connection');
  const child = startProgram(['--sync-now'], { cwd });
  const ended = finished(child);
  await connected;
  child.kill('SIGINT');
  child.kill('SIGINT');
  await once(child.stderr, 'data');
  await delay(600);
  child.kill('SIGINT');
  const { exitCode, stderr } = await ended;
  server.close();
  assert.equal(exitCode, 130, stderr);
  assert.match(stderr, /Interrupted: finishing what was begun/);
});

test('a reader that stops reading does not disturb the run', { skip: process.platform === 'win32' }, () => {
  const cwd = folderWith();
  const run = spawnSync('sh', ['-c', `"${process.execPath}" "${PROGRAM}" -help | true; echo done`], {
    cwd,
    encoding: 'utf8',
  });
  assert.equal(run.stdout, 'done\n');
  assert.equal(run.stderr, '');
});

describe('finding a fit Node', () => {
  const old = oldNode();

  test(
    'an older Node hands over to the bundled one',
    { skip: old === null ? 'no older Node here' : false },
    async () => {
      const run = await runProgram(['--version'], { cwd: folder.path, node: old ?? '' });
      assert.equal(run.exitCode, 0);
      assert.match(run.stdout, /^\d+\.\d+\.\d+\n$/);
      const refused = await runProgram(['--nonsense'], { cwd: folder.path, node: old ?? '' });
      assert.equal(refused.exitCode, 2);
    },
  );

  test('without a build it says in one sentence what to do', async () => {
    const bare = folderWith({ 'package.json': '{"type":"module","version":"0.0.0"}' });
    mkdirSync(join(bare, 'bin'));
    writeFileSync(join(bare, 'bin', 'c42uds.js'), readFileSync(PROGRAM));
    const run = spawnSync(process.execPath, [join(bare, 'bin', 'c42uds.js')], { encoding: 'utf8' });
    assert.equal(run.status, 2);
    assert.match(run.stderr, /^\[ERROR {3}main\] .*has not been built yet: .*npm run build.*\n$/);
  });

  /** A program folder without a runtime of its own. */
  function bareProgram(): string {
    const bare = folderWith({ 'package.json': '{"type":"module","version":"0.0.0"}' });
    mkdirSync(join(bare, 'bin'));
    mkdirSync(join(bare, 'dist', 'cli'), { recursive: true });
    writeFileSync(join(bare, 'dist', 'cli', 'main.js'), 'export function main() {}');
    writeFileSync(join(bare, 'bin', 'c42uds.js'), readFileSync(PROGRAM));
    return join(bare, 'bin', 'c42uds.js');
  }

  test(
    'without a fit Node it says in one sentence what is needed',
    { skip: old === null ? 'no older Node here' : false },
    () => {
      const run = spawnSync(old ?? '', [bareProgram()], { encoding: 'utf8' });
      assert.equal(run.status, 2);
      assert.match(run.stderr, /^\[ERROR {3}main\] c42uds needs Node\.js 24 or 26, this is .*\n$/);
      const system = spawnSync(old ?? '', [PROGRAM, '--use-system-node', '--version'], { encoding: 'utf8' });
      assert.equal(system.status, 2);
      assert.match(system.stderr, /^\[ERROR {3}main\] c42uds needs Node\.js 24 or 26, .* leave out .*\n$/);
    },
  );

  test('a Node between the two that the script engine is built for is refused as an older one is', () => {
    // Node says before the program begins that it is another one.
    const posing = (node: string, modules: string): string =>
      `data:text/javascript,${encodeURIComponent(
        `Object.defineProperty(process, 'versions', { value: { ...process.versions, ...${JSON.stringify({ node, modules })} } });`,
      )}`;
    const runAs = (node: string, modules: string, words: readonly string[]) =>
      spawnSync(process.execPath, ['--import', posing(node, modules), ...words], { encoding: 'utf8' });
    for (const words of [[PROGRAM, '--use-system-node', '--version'], [bareProgram()]]) {
      const refused = runAs('25.2.1', '141', words);
      assert.equal(refused.status, 2);
      assert.match(
        refused.stderr,
        /^\[ERROR {3}main\] c42uds needs Node\.js 24 or 26, this is 25\.2\.1.*\n$/,
      );
      assert.equal(refused.stdout, '');
      assert.equal(runAs('26.0.0', '147', words).status, 0);
    }
  });
});

function oldNode(): string | null {
  for (const path of ['/usr/bin/node', '/usr/local/bin/node']) {
    if (!existsSync(path)) continue;
    const { stdout } = spawnSync(path, ['--version'], { encoding: 'utf8' });
    if (Number(/^v(\d+)/.exec(stdout)?.[1] ?? 99) < 24) return path;
  }
  return null;
}

function logsIn(cwd: string): string {
  const logs = join(cwd, 'logs');
  if (!existsSync(logs)) return '';
  return readdirSync(logs)
    .map((name) => readFileSync(join(logs, name), 'utf8'))
    .join('\n');
}
