/** What is loaded before anything is done: nearly all that `--version` costs. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { PROGRAM } from '../e2e/command-line.ts';

/** Tells on standard error of every module that is loaded. */
const TELLING = `data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from 'node:module';
  registerHooks({ load(url, context, next) { process.stderr.write(url + '\\n'); return next(url, context); } });
`)}`;

/** What runs need, or some of them, and what takes ten times as long to load as any file of ours. */
const NOT_WANTED =
  /undici|ldapts|isolated-vm|pino|inquirer|acorn|dot-properties|keyring|scimmy|node:(sqlite|readline|net|tls|https?|worker_threads)/;

function loadedBy(flag: string): string[] {
  const { status, stderr } = spawnSync(process.execPath, ['--import', TELLING, PROGRAM, flag], {
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
  return stderr.trim().split('\n');
}

describe('start-up', () => {
  for (const flag of ['--version', '--help']) {
    it(`for ${flag} loads few files, and no library but commander`, () => {
      const loaded = loadedBy(flag);
      assert.ok(loaded.some((url) => url.includes('commander')));
      assert.deepEqual(
        loaded.filter((url) => NOT_WANTED.test(url.replace(/^.*node_modules/, ''))),
        [],
      );
      assert.ok(loaded.length <= 55, `${loaded.length} modules`);
    });
  }
});
