/** A newer archive unpacked over the older program, or beside it: configuration, scripts, state and logs stay and go on. */

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { cleanEnvironment, finished, type Finished } from '../e2e/command-line.ts';
import { assertExit } from '../e2e/installation.ts';
import { TrapScene } from '../traps/trap-scene.ts';
import { releaseSkip, unpackInto, VERSION } from './release.ts';

const ARCHIVE = `c42uds-${VERSION}-linux-x64.tar.gz`;
const NEWER = '99.0.0';
/** What is the administrator's and not the program's. */
const SETTINGS = ['config.properties', 'secret.key', 'activescript.js', 'orgscript.js', 'rolescript.js'];

function textsOf(folder: string): Record<string, string> {
  return Object.fromEntries(SETTINGS.map((name) => [name, readFileSync(join(folder, name), 'latin1')]));
}

describe('a newer linux-x64 archive', { skip: releaseSkip(ARCHIVE) }, () => {
  const root = mkdtempSync(join(tmpdir(), 'c42uds-upgrade-'));
  const older = join(root, `c42uds-${VERSION}`);
  const newerTar = join(root, 'newer.tar');
  let scene: TrapScene;

  function run(program: string, cwd: string, words: readonly string[], input = ''): Promise<Finished> {
    const child = spawn(join(program, 'bin/c42uds'), words, { cwd, env: cleanEnvironment() });
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    return finished(child);
  }

  before(async () => {
    scene = await TrapScene.start();
    unpackInto(ARCHIVE, root);
    // There is no newer release yet: this one under another version stands for it.
    const packed = join(root, 'packed');
    cpSync(older, join(packed, `c42uds-${NEWER}`), { recursive: true });
    const manifest = join(packed, `c42uds-${NEWER}`, 'package.json');
    writeFileSync(manifest, readFileSync(manifest, 'utf8').replace(`"${VERSION}"`, `"${NEWER}"`));
    execFileSync('tar', ['-cf', newerTar, '-C', packed, `c42uds-${NEWER}`]);
    rmSync(packed, { recursive: true });
    // As with the original: everything in the folder of the program.
    for (const name of SETTINGS) cpSync(scene.installation.path(name), join(older, name));
    const bind = await run(older, older, ['--ldap-bind-password'], 'pw-of-the-reader\n');
    const scim = await run(older, older, ['--scim-password'], `${scene.service.password}\n`);
    assert.equal(scim.exitCode, 0, bind.stderr + scim.stderr);
    assertExit(await run(older, older, ['--sync-now']), 0);
    assert.deepEqual(scene.held, scene.wanted);
  });

  after(async () => {
    await scene[Symbol.asyncDispose]();
    rmSync(root, { recursive: true, force: true });
  });

  /** The newer program goes on where the older one stopped: passwords, memory, log files and all. */
  async function assertGoesOn(program: string, folder: string, logLines: number): Promise<void> {
    const words = ['--config', join(folder, 'config.properties')];
    assert.equal((await run(program, root, ['--version'])).stdout.trim(), NEWER);
    scene.service.resetRequests();
    assertExit(await run(program, root, ['--sync-now', ...words]), 0);
    assert.equal(scene.service.requests().writes, 0, 'nobody is sent again');
    const history = await run(program, root, ['history', '--json', ...words]);
    assert.ok((JSON.parse(history.stdout) as { runs: unknown[] }).runs.length >= 2, history.stdout);
    assert.ok(linesOfLogs(folder) > logLines);
  }

  function linesOfLogs(folder: string): number {
    const texts = readdirSync(join(folder, 'logs')).map((name) =>
      readFileSync(join(folder, 'logs', name), 'utf8'),
    );
    return texts.join('').split('\n').length;
  }

  it('beside the older one takes over where --config points, and leaves the older one able to run', async () => {
    execFileSync('tar', ['-xf', newerTar, '-C', root, '--no-same-owner']);
    const settings = textsOf(older);
    const logLines = linesOfLogs(older);
    await assertGoesOn(join(root, `c42uds-${NEWER}`), older, logLines);
    assert.deepEqual(textsOf(older), settings);
    assert.equal((await run(older, older, ['--version'])).stdout.trim(), VERSION);
    assertExit(await run(older, older, ['--sync-now']), 0);
  });

  it('over the older one keeps every file that is not of the program', async () => {
    const settings = textsOf(older);
    const logLines = linesOfLogs(older);
    const names = new Set(readdirSync(older));
    execFileSync('tar', ['-xf', newerTar, '-C', older, '--strip-components=1', '--no-same-owner']);
    assert.deepEqual(textsOf(older), settings);
    assert.deepEqual(
      [...names].filter((name) => !readdirSync(older).includes(name)),
      [],
    );
    await assertGoesOn(older, older, logLines);
    assert.deepEqual(textsOf(older), settings);
  });

  it('does not mind that the folder of the program gets another name', async () => {
    const moved = join(root, 'sync');
    renameSync(older, moved);
    await assertGoesOn(moved, moved, 0);
  });
});
