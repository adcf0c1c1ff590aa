/** A newer archive unpacked over the older program, or beside it: configuration, scripts, state and logs stay and go on. */

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { cleanEnvironment, finished, type Finished } from '../e2e/command-line.ts';
import { assertExit } from '../e2e/installation.ts';
import { FORMATS, makeOlder } from '../e2e/older-state.ts';
import { TrapScene } from '../traps/trap-scene.ts';
import { makeProgramOlder, OLDER, OLDER_FORMAT, RETIRED } from './older-package.ts';
import { RELEASE, releaseSkip, unpackInto, VERSION } from './release.ts';

const ARCHIVE = `c42uds-${VERSION}-linux-x64.tar.gz`;
/** What is the administrator's and not the program's. */
const SETTINGS = ['config.properties', 'secret.key', 'activescript.js', 'orgscript.js', 'rolescript.js'];

function textsOf(folder: string): Record<string, string> {
  return Object.fromEntries(SETTINGS.map((name) => [name, readFileSync(join(folder, name), 'latin1')]));
}

function linesOfLogs(folder: string): number {
  const texts = readdirSync(join(folder, 'logs')).map((name) =>
    readFileSync(join(folder, 'logs', name), 'utf8'),
  );
  return texts.join('').split('\n').length;
}

describe('a newer linux-x64 archive', { skip: releaseSkip(ARCHIVE) }, () => {
  const root = mkdtempSync(join(tmpdir(), 'c42uds-upgrade-'));
  const older = join(root, `c42uds-${OLDER}`);
  const over = join(root, 'over');
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
    renameSync(join(root, `c42uds-${VERSION}`), older);
    makeProgramOlder(older);
    // As with the original: everything in the folder of the program.
    for (const name of SETTINGS) cpSync(scene.installation.path(name), join(older, name));
    const bind = await run(older, older, ['--ldap-bind-password'], 'pw-of-the-reader\n');
    const scim = await run(older, older, ['--scim-password'], `${scene.service.password}\n`);
    assert.equal(scim.exitCode, 0, bind.stderr + scim.stderr);
    assertExit(await run(older, older, ['--sync-now']), 0);
    assert.deepEqual(scene.held, scene.wanted);
    assert.equal((await run(older, older, ['--version'])).stdout.trim(), OLDER);
    makeOlder(join(older, 'state.db'), join(FORMATS, `${OLDER_FORMAT}.sql`));
    cpSync(older, over, { recursive: true });
  });

  after(async () => {
    await scene[Symbol.asyncDispose]();
    rmSync(root, { recursive: true, force: true });
  });

  /** The newer program goes on where the older one stopped: passwords, memory, log files and all. */
  async function assertGoesOn(program: string, folder: string, logLines: number): Promise<void> {
    const words = ['--config', join(folder, 'config.properties')];
    assert.equal((await run(program, root, ['--version'])).stdout.trim(), VERSION);
    scene.service.resetRequests();
    assertExit(await run(program, root, ['--sync-now', ...words]), 0);
    assert.equal(scene.service.requests().writes, 0, 'nobody is sent again');
    const history = await run(program, root, ['history', '--json', ...words]);
    assert.ok((JSON.parse(history.stdout) as { runs: unknown[] }).runs.length >= 2, history.stdout);
    assert.ok(linesOfLogs(folder) > logLines);
    assert.equal(statSync(join(folder, `state.db.format-${OLDER_FORMAT}`)).mode & 0o777, 0o600);
  }

  it('beside the older one takes over where --config points, carries the state forward and keeps a copy', async () => {
    unpackInto(ARCHIVE, root);
    const settings = textsOf(older);
    await assertGoesOn(join(root, `c42uds-${VERSION}`), older, linesOfLogs(older));
    assert.deepEqual(textsOf(older), settings);
  });

  it('leaves an older one that refuses what the newer has written, and sends nothing', async () => {
    const state = readFileSync(join(older, 'state.db'));
    scene.service.resetRequests();
    const refused = await run(older, older, ['--sync-now', '--full-sync']);
    assertExit(refused, 2);
    assert.match(
      refused.stderr,
      /state\.db was written by a newer version of c42uds \(format \d+, this one knows \d+\)/,
    );
    assert.match(refused.stderr, /Run the newer version of c42uds that wrote it/);
    assert.equal(scene.service.requests().writes, 0);
    assert.deepEqual(readFileSync(join(older, 'state.db')), state);
    // The way back of the guide, by the version of today: an older one is not at hand.
    const present = join(root, `c42uds-${VERSION}`);
    const words = ['--config', join(older, 'config.properties')];
    const copy = join(older, `state.db.format-${OLDER_FORMAT}`);
    assertExit(await run(present, root, ['state', 'restore', copy, ...words]), 0);
    assertExit(await run(present, root, ['--sync-now', ...words]), 0);
    assert.deepEqual(scene.held, scene.wanted);
  });

  it('over the older one keeps every file that is not of the program, and does not mind what the older one has left', async () => {
    const settings = textsOf(over);
    const logLines = linesOfLogs(over);
    const names = readdirSync(over);
    const words = ['-xzf', join(RELEASE, ARCHIVE), '-C', over, '--strip-components=1', '--no-same-owner'];
    execFileSync('tar', words);
    assert.deepEqual(textsOf(over), settings);
    const now = readdirSync(over);
    assert.deepEqual(
      names.filter((name) => !now.includes(name)),
      [],
    );
    for (const path of RETIRED) assert.ok(existsSync(join(over, path)), path);
    await assertGoesOn(over, over, logLines);
    assert.deepEqual(textsOf(over), settings);
    assertExit(await run(over, over, ['doctor', '--quiet']), 0);
  });

  it('does not mind that the folder of the program gets another name', async () => {
    const moved = join(root, 'sync');
    renameSync(over, moved);
    await assertGoesOn(moved, moved, 0);
  });
});
