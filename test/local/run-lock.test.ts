import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { acquireRunLock } from '../../src/local/run-lock.ts';

const folder = mkdtempSync(join(tmpdir(), 'c42uds-lock-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const MODULE = new URL('../../src/local/run-lock.ts', import.meta.url).href;

/** Another process that holds the lock until it is killed. */
async function holder(path: string): Promise<{ pid: number; kill(): Promise<void> }> {
  const program = `const { acquireRunLock } = await import(${JSON.stringify(MODULE)});
    acquireRunLock(${JSON.stringify(path)}); console.log('held'); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return {
    pid: child.pid ?? 0,
    kill: async () => {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

describe('the run lock', () => {
  it('keeps a second process out, names the first, and dies with it', async () => {
    const path = join(folder, 'a.lock');
    const other = await holder(path);
    assert.throws(() => acquireRunLock(path), {
      code: 'LOCKED',
      exitCode: 7,
      message: new RegExp(`process ${other.pid} since \\d{4}-`),
    });
    await other.kill();
    acquireRunLock(path).release();
  });

  it('is free again after its release', () => {
    const path = join(folder, 'b.lock');
    for (let n = 0; n < 3; n += 1) {
      const lock = acquireRunLock(path);
      lock.release();
      lock.release();
    }
    const lock = acquireRunLock(path);
    assert.throws(() => acquireRunLock(path), { code: 'LOCKED' });
    lock.release();
  });

  it('lets exactly one of many at once through', async () => {
    const path = join(folder, 'c.lock');
    const program = `const { acquireRunLock } = await import(${JSON.stringify(MODULE)});
      try { acquireRunLock(${JSON.stringify(path)}); console.log('held'); process.stdin.resume(); }
      catch (error) { console.log(error.code); process.exit(error.exitCode); }`;
    const children = Array.from({ length: 8 }, () =>
      spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['pipe', 'pipe', 'inherit'] }),
    );
    const answers = await Promise.all(
      children.map(async (child) => String((await once(child.stdout, 'data'))[0]).trim()),
    );
    for (const child of children) {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    }
    assert.deepEqual(answers.sort(), [...Array<string>(7).fill('LOCKED'), 'held']);
  });
});
