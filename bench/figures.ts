/** Prints the figures that can be shown in some minutes: one run at a time, torn reads, and the use of a rate limit. */

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const WRITES_A_MINUTE = '180';
const SECONDS = '240';

const shown: readonly (readonly string[])[] = [
  ['--test', 'test/e2e/crowd.test.ts'],
  ['--test', 'test/e2e/torn-reads.test.ts'],
  ['bench/throttled-service.ts', WRITES_A_MINUTE, SECONDS],
];

for (const words of shown) {
  console.log(`\n$ node ${words.join(' ')}`);
  const { status } = spawnSync(process.execPath, words, { cwd: ROOT, stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}
