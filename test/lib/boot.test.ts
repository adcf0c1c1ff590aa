import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { isSameBoot, presentUptime } from '../../src/lib/boot.ts';
import type { Uptime } from '../../src/lib/boot.ts';

test('how long the machine has been up is the same for every process, whatever its clock says', () => {
  const before = presentUptime();
  const code = `Date.now = () => 0;
    const { presentUptime } = await import(${JSON.stringify(new URL('../../src/lib/boot.ts', import.meta.url))});
    console.log(JSON.stringify(presentUptime()));`;
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' });
  const other = JSON.parse(output) as Uptime;
  const after = presentUptime();
  assert.ok(before.ms <= other.ms && other.ms <= after.ms, `${before.ms} ${other.ms} ${after.ms}`);
  // Where the start has no name of its own, it is reckoned from the clock.
  if (process.platform === 'linux') assert.ok(isSameBoot(before.boot, other.boot));
});
