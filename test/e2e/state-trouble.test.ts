import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { assertPublished } from '../report/published-schema.ts';
import { TrapScene } from '../traps/trap-scene.ts';
import type { Finished } from './command-line.ts';
import { assertExit } from './installation.ts';

/** What the administrator reads when the state file is in trouble, and that the way out loses and repeats nothing. */

function mounted(folder: string, size: string): boolean {
  mkdirSync(folder, { recursive: true });
  return spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder]).status === 0;
}

function assertNobodyTwice(scene: TrapScene): void {
  assert.deepEqual(scene.held, scene.wanted);
  assert.deepEqual(scene.service.duplicateOrgs(), []);
}

function assertNamesFile({ stderr }: Finished, path: string): void {
  assert.ok(stderr.includes(path), stderr);
  assert.doesNotMatch(stderr, /^\s+at /m);
}

describe('a disk that is full', () => {
  it('ends the run with exit code 2 and words for it; with room again the next one goes on', async (t) => {
    await using scene = await TrapScene.start({ people: 150 });
    const { installation } = scene;
    const disk = installation.path('disk');
    if (!mounted(disk, '200k')) {
      t.skip('a small file system can be mounted by the superuser of Linux only');
      return;
    }
    try {
      installation.set({ 'state.location': 'disk/state.db' });
      const full = await installation.run(['--sync-now']);
      assertExit(full, 2);
      assertNamesFile(full, 'disk/state.db');
      assert.match(full.stderr, /disk is full|disk space/);
      assert.ok(scene.held.length < scene.wanted.length);
      spawnSync('mount', ['-o', 'remount,size=50m', disk]);
      assertExit(await installation.run(['--sync-now']), 0);
      assertNobodyTwice(scene);
    } finally {
      spawnSync('umount', [disk]);
    }
  });
});

describe('a state file', () => {
  it('of before a run that was killed is noticed when it is put back', async () => {
    await using scene = await TrapScene.start({ people: 60, service: { latencyMs: 30 } });
    const { installation, service } = scene;
    assertExit(await installation.run(['--sync-now']), 0);
    copyFileSync(installation.path('state.db'), installation.path('older'));
    service.resetRequests();
    await installation.runAndKill(['--sync-now', '--full-sync'], async () => {
      await delay(10);
      return service.requests().writes > 3;
    });
    for (const side of ['-wal', '-shm']) rmSync(installation.path(`state.db${side}`), { force: true });
    renameSync(installation.path('older'), installation.path('state.db'));
    const run = await installation.run(['--sync-now']);
    assertExit(run, 0);
    assert.match(run.stderr, /state\.db is an older copy of the state: every user is read and sent again/);
    assertNobodyTwice(scene);
  });

  it('that another configuration has used last is told with the way to part the two', async () => {
    await using scene = await TrapScene.start({ people: 12 });
    const { installation } = scene;
    assertExit(await installation.run(['--sync-now']), 0);
    copyFileSync(installation.configPath, installation.path('other.properties'));
    const other = await installation.run(['--config', installation.path('other.properties')]);
    assertExit(other, 0);
    assert.match(other.stderr, /state\.db was last used with config\.properties\. .* set state\.location/);
    assert.doesNotMatch((await installation.run([])).stderr, /was last used with/);
  });

  it('that was cut or torn is refused by name and left as it is; rebuilt, it knows everybody again', async () => {
    await using scene = await TrapScene.start({ people: 150 });
    const { installation, service } = scene;
    assertExit(await installation.run(['--sync-now']), 0);
    const path = installation.path('state.db');
    const whole = readFileSync(path);
    for (const harm of ['CUT', 'TORN'] as const) {
      writeFileSync(path, whole);
      if (harm === 'CUT') truncateSync(path, Math.floor(whole.length / 2));
      else
        writeFileSync(
          path,
          Buffer.concat([whole.subarray(0, 8192), Buffer.alloc(16_384, 0xa5), whole.subarray(24_576)]),
        );
      const harmed = readFileSync(path);
      service.resetRequests();
      const checked = await installation.run(['state', 'check']);
      assertExit(checked, 2);
      assertNamesFile(checked, path);
      const run = await installation.run(['--sync-now']);
      assertExit(run, 2);
      assertNamesFile(run, path);
      assert.match(run.stderr, /damaged/);
      assert.match(run.stderr, /state restore COPY.*state rebuild/);
      assert.equal(service.requests().writes, 0);
      assert.deepEqual(readFileSync(path), harmed);
    }
    const gone = scene.company.people.findLast(({ enabled }) => enabled);
    assert.ok(gone);
    scene.directory.remove(gone.dn);
    assertExit(await installation.run(['state', 'rebuild']), 0);
    assert.ok(readdirSync(installation.folder).some((name) => /^state\.db\..*/.test(name)));
    const rebuilt = await installation.run(['--sync-now']);
    assertExit(rebuilt, 0);
    assert.equal(service.requests().writes, 0);
    // Nobody remembers whose the account is that has no entry any more: it stays as it is, and a person is told.
    assert.match(rebuilt.stderr, /holds 1 active account whose externalId no entry in the directory has/);
    assert.ok(rebuilt.stderr.includes(gone.mail), rebuilt.stderr);
    assertNobodyTwice(scene);
  });

  it('whose log was torn by a crash is whole up to the last commit', async () => {
    await using scene = await TrapScene.start({ people: 60, service: { latencyMs: 30 } });
    const { installation } = scene;
    await installation.runAndKill(['--sync-now'], 1500);
    appendFileSync(installation.path('state.db-wal'), Buffer.alloc(5000, 0x5a));
    assertExit(await installation.run(['state', 'check']), 0);
    assertExit(await installation.run(['--sync-now']), 0);
    assertNobodyTwice(scene);
  });

  it('of an earlier day that is put back is noticed: everybody is sent again, and what changed since is right', async () => {
    await using scene = await TrapScene.start({ people: 60 });
    const { installation, service, directory } = scene;
    assertExit(await installation.run(['--sync-now']), 0);
    copyFileSync(installation.path('state.db'), installation.path('older'));
    const [gone, renamed] = scene.company.people.filter(({ enabled }) => enabled).slice(-2);
    assert.ok(gone && renamed);
    directory.modify(gone.dn, { replace: { userAccountControl: '514' } });
    directory.modify(renamed.dn, { replace: { mail: 'renamed@example.com' } });
    assertExit(await installation.run(['--sync-now']), 0);
    // Back at work since: the old state knows neither that she left nor that she is here again.
    directory.modify(gone.dn, { replace: { userAccountControl: '512' } });
    for (const side of ['-wal', '-shm']) rmSync(installation.path(`state.db${side}`), { force: true });
    renameSync(installation.path('older'), installation.path('state.db'));
    service.resetRequests();
    const run = await installation.run(['--sync-now']);
    assertExit(run, 0);
    assert.match(run.stderr, /state\.db is an older copy of the state: every user is read and sent again/);
    assert.equal(service.requests().byMethod['POST'], undefined);
    const wanted = scene.wanted.map((name) => (name === renamed.mail ? 'renamed@example.com' : name));
    assert.deepEqual(scene.held, wanted.sort());
  });

  it('of the middle of a run is restored by a command: everybody is compared, nobody is closed for its age', async () => {
    await using scene = await TrapScene.start({ people: 60, service: { latencyMs: 20 } });
    const { installation, service, directory } = scene;
    const copy = installation.path('backup');
    const running = installation.runAndKill(['--sync-now'], async () => {
      await delay(10);
      if (service.requests().writes < 20) return false;
      for (const side of ['', '-wal']) copyFileSync(installation.path(`state.db${side}`), copy + side);
      return true;
    });
    await running;
    assertExit(await installation.run(['--sync-now']), 0);
    const [gone] = scene.company.people.filter(({ enabled }) => enabled).slice(-1);
    assert.ok(gone);
    // He came after the copy was made and leaves before it is put back: the copy alone would never close his account.
    directory.modify(gone.dn, { replace: { userAccountControl: '514' } });
    const restored = await installation.run(['state', 'restore', 'backup', '--json']);
    assertExit(restored, 0);
    const result = JSON.parse(restored.stdout) as Record<string, unknown>;
    assertPublished('state-restored.json', result);
    assert.equal(result['copy'], copy);
    assert.match(restored.stderr, /reads everybody and the list of the service/);
    const dry = await installation.run([]);
    assertExit(dry, 0);
    assert.match(dry.stderr + dry.stdout, /is an older copy of the state/);
    service.resetRequests();
    assertExit(await installation.run(['--sync-now']), 0);
    assert.equal(service.requests().byMethod['POST'], undefined);
    assert.deepEqual(
      scene.held,
      scene.wanted.filter((name) => name !== gone.mail),
    );
    assert.equal((await installation.run(['--sync-now'])).stderr.includes('older copy'), false);
  });

  it('is not restored while a run is on its way', async () => {
    await using scene = await TrapScene.start({ people: 40, service: { latencyMs: 50 } });
    const { installation, service } = scene;
    assertExit(await installation.run(['--sync-now']), 0);
    copyFileSync(installation.path('state.db'), installation.path('copy'));
    service.resetRequests();
    let refused: Finished | null = null;
    await installation.runAndKill(['--sync-now', '--full-sync'], async () => {
      await delay(10);
      if (service.requests().writes === 0) return false;
      refused ??= await installation.run(['state', 'restore', 'copy']);
      return true;
    });
    assert.ok(refused);
    assertExit(refused, 7);
  });
});
