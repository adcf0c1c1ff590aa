/** The process around the isolate: what it may do, and that it never outlives its parent. */

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { setTimeout as after } from 'node:timers/promises';
import { childFlags, ScriptProcess } from '../../src/sandbox/script-process.ts';
import { judgeWith, user } from './scripted-judge.ts';

const SANDBOX = join(import.meta.dirname, '../../src/sandbox');
const NEEDS_PROC = process.platform === 'linux' ? false : 'needs /proc';

test('the script process may read its program and nothing else, and start nothing', () => {
  const probe = `
    const denied = [];
    for (const attempt of [
      () => require('fs').readFileSync('/etc/passwd'),
      () => require('fs').readFileSync(${JSON.stringify(join(SANDBOX, '../../package-lock.json'))}),
      () => require('fs').writeFileSync(${JSON.stringify(join(SANDBOX, 'x'))}, ''),
      () => require('child_process').spawnSync('true'),
      () => new (require('worker_threads').Worker)('1', { eval: true }),
      () => process.binding('fs'),
    ]) try { attempt(); denied.push('no'); } catch (error) { denied.push(error.code); }
    console.log(denied.join());`;
  const { stdout, stderr } = spawnSync(process.execPath, [...childFlags(SANDBOX), '-e', probe], {
    env: {},
    encoding: 'utf8',
  });
  assert.equal(stderr, '');
  assert.equal(stdout.trim(), Array(6).fill('ERR_ACCESS_DENIED').join());
});

test('the script process has an empty environment', { skip: NEEDS_PROC }, async () => {
  await using judge = await judgeWith({});
  await judge.judge([user('a')]);
  const [child] = await childrenOf(process.pid);
  assert.ok(child !== undefined);
  assert.match(await readFile(`/proc/${child}/cmdline`, 'utf8'), /--permission/);
  assert.equal(await readFile(`/proc/${child}/environ`, 'utf8'), '');
});

test('closing ends a process that is in an endless loop, and the judgement under way is refused', async () => {
  const judge = await judgeWith({ active: 'function (entry) { for (;;); }' }, { timeoutMs: 60_000 });
  const refused = assert.rejects(judge.judge([user('a')]), /closed/);
  await judge.close();
  await refused;
});

test('closing while the script process starts ends the judgement at once', async () => {
  const message = { scripts: [], unnamed: [], reads: [], limits: { timeoutMs: 1_000, memoryLimitMb: 32 } };
  const closing = new AbortController();
  const starting = ScriptProcess.start(message, () => {}, closing.signal);
  closing.abort();
  await assert.rejects(starting, /The script process could not be started/);
});

test('packages that are reached by a link can be read by both their names', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'c42uds-linked-'));
  try {
    await symlink(join(SANDBOX, '../../node_modules'), join(folder, 'node_modules'));
    await cp(join(SANDBOX, '..'), join(folder, 'src'), { recursive: true });
    await cp(join(SANDBOX, '../../package.json'), join(folder, 'package.json'));
    const { ScriptProcess: Linked } = (await import(join(folder, 'src/sandbox/script-process.ts'))) as {
      ScriptProcess: typeof ScriptProcess;
    };
    const message = { scripts: [], unnamed: [], reads: [], limits: { timeoutMs: 1_000, memoryLimitMb: 32 } };
    const started = await Linked.start(message, () => {}, new AbortController().signal);
    assert.equal(started.isGone, false);
    await started.kill();
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('the script process dies with its parent, even in an endless loop', { skip: NEEDS_PROC }, async () => {
  const program = `
    import { openJudge } from ${JSON.stringify(join(SANDBOX, 'judge.ts'))};
    const none = () => {};
    const log = { error: none, warn: none, info: none, debug: none, trace: none };
    const loop = { name: 'loop.js', text: 'function (entry) { print("in"); for (;;); }' };
    const judge = await openJudge({ scripts: { active: loop, org: loop, role: loop }, timeoutMs: 60_000, memoryLimitMb: 32, log });
    console.log('open');
    await judge.judge([{ identity: 'a', dn: 'cn=a', attributes: {} }]);`;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    await once(parent.stdout, 'data');
    const [child] = await childrenOf(parent.pid ?? 0);
    assert.ok(child !== undefined);
    parent.kill('SIGKILL');
    await once(parent, 'exit');
    const deadline = Date.now() + 10_000;
    while (await isRunning(child)) {
      assert.ok(Date.now() < deadline, 'the script process lives on');
      await after(20);
    }
  } finally {
    parent.kill('SIGKILL');
  }
});

test('three simple scripts judge tens of thousands of users a second', async (t) => {
  await using judge = await judgeWith({
    active: 'function (entry) { return (entry.userAccountControl & 2) === 0 && entry.mail !== null; }',
    org: 'function (entry) { return entry.department || entry.company; }',
    role: `function (entry) {
      var roles = [];
      for each (var group in entry.memberOf) if (group.startsWith('CN=Group7')) roles.push('Seven');
      return roles;
    }`,
  });
  const memberOf = Array.from({ length: 8 }, (_, i) => `CN=Group${i},OU=Groups,DC=example,DC=com`);
  const page = Array.from({ length: 500 }, (_, i) =>
    user(`u${i}`, { userAccountControl: ['512'], department: [`D${i % 20}`], memberOf, title: ['Engineer'] }),
  );
  const pages = 60;
  const started = performance.now();
  for (let i = 0; i < pages; i += 1) {
    const judgements = await judge.judge(page);
    assert.ok(judgements.every((one) => one.ok && one.decision.roles?.[0] === 'Seven'));
  }
  const seconds = (performance.now() - started) / 1_000;
  t.diagnostic(`${Math.round((pages * page.length) / seconds)} users a second`);
});

/** The script processes that a process has started. */
async function childrenOf(pid: number): Promise<string[]> {
  const list = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  const children = list.trim().split(' ').filter(Boolean);
  const lines = await Promise.all(children.map((child) => readFile(`/proc/${child}/cmdline`, 'utf8')));
  return children.filter((_, i) => lines[i]?.includes('child.ts') === true);
}

async function isRunning(pid: string): Promise<boolean> {
  try {
    // A process that nobody has waited for yet is a zombie: it has ended.
    return !/\) [ZX] /.test(await readFile(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
