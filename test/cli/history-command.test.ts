/** `c42uds history`: what live runs did, and what became of one user. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import type { UserHistory } from '../../src/model/history.ts';
import { dnOf, type Scene } from '../properties/program-folder.ts';
import { assertPublished } from '../report/published-schema.ts';
import { startChangedScene } from './report-scene.ts';

async function userHistory({ program }: Scene, user: string): Promise<UserHistory> {
  const run = await program.run('history', user, '--json');
  assert.equal(run.exitCode, 0, run.text);
  const history = JSON.parse(run.stdout) as UserHistory;
  assertPublished('user-history.json', history);
  return history;
}

test('the runs: what, how long, counts and exit code, the latest first', async (t) => {
  const scene = await startChangedScene(t);
  await scene.program.run('--sync-now');
  await scene.program.run();
  const shown = await scene.program.run('history');
  const lines = shown.stdout.trimEnd().split('\n');
  assert.match(lines[0] ?? '', /Dry runs change nothing and are not kept/);
  const cells = lines.slice(1).map((line) => line.trim().split(/ {2,}/));
  const counts = cells.map((row) => row.slice(2, -1).join(' '));
  for (const row of cells.slice(1)) assert.match(row.at(-1) ?? '', /^[0-9a-f]{8}$/);
  assert.deepEqual(counts, [
    'SCOPE READ CREATED UPDATED AGAIN REACTIV. DEACTIV. FAILED EXIT',
    'incremental 5 1 1 0 1 1 1 3',
    'incremental 1 0 0 0 0 1 0 0',
    'incremental 6 5 0 0 0 0 0 0',
  ]);
  const narrow = await scene.program.runBefore({ isTTY: true }, 'history');
  assert.match(
    narrow.stdout,
    /^20.* UTC {2}incremental, .* s, exit code 3, RUN [0-9a-f]{8}\n {4}5 read, 1 created, 1 updated, 1 reactivated, 1 deactivated, 1 failed$/m,
  );
  const one = await scene.program.run('history', '--last', '1', '--json');
  const history = JSON.parse(one.stdout) as { runs: readonly { exitCode: number }[] };
  assertPublished('history.json', history);
  assert.deepEqual(
    history.runs.map(({ exitCode }) => exitCode),
    [3],
  );
});

test('a user: old and new value of each change with its date, by any of his names', async (t) => {
  const scene = await startChangedScene(t);
  await scene.program.run('--sync-now');
  scene.directory.modify(dnOf('cem'), { replace: { mail: ['cem.a@example.com'] } });
  await scene.program.run('--sync-now');
  const history = await userHistory(scene, 'cem@example.com');
  assert.deepEqual(
    history.changes.map(({ kind, cause, attributes }) => [kind, cause, attributes]),
    [
      [
        'UPDATE',
        null,
        {
          userName: { from: 'cem@example.com', to: 'cem.a@example.com' },
          email: { from: 'cem@example.com', to: 'cem.a@example.com' },
        },
      ],
      ['REACTIVATE', null, { active: { from: false, to: true } }],
      ['DEACTIVATE', 'SCRIPT', { active: { from: true, to: false } }],
      [
        'CREATE',
        null,
        {
          userName: { from: null, to: 'cem@example.com' },
          org: { from: null, to: 'Looms' },
          roles: { from: null, to: ['Desktop User'] },
        },
      ],
    ],
  );
  const [user] = (await userHistory(scene, 'CEM.A@example.com')).users;
  assert.equal(user?.dn, dnOf('cem'));
  for (const name of [dnOf('cem').toLowerCase(), user?.identity ?? '', user?.scimId ?? '']) {
    assert.equal((await userHistory(scene, name)).changes.length, 4, name);
  }
  const { stdout } = await scene.program.run('history', 'cem.a@example.com');
  assert.match(
    stdout,
    /^ {2}\d{4}-\d\d-\d\d \d\d:\d\d UTC {2}updated cem\.a@example\.com {2}\[run [0-9a-f]{8}\]\n {6}userName: cem@example\.com -> cem\.a@example\.com$/m,
  );
});

test('a user who fails is shown with what is wrong', async (t) => {
  const scene = await startChangedScene(t);
  await scene.program.run('--sync-now');
  const { stdout } = await scene.program.run('history', 'dot@example.com');
  assert.match(stdout, /failing since .* UTC, 1 attempt: .*orgscript/);
});

test('nobody of that name, and no run yet, are said', async (t) => {
  const scene = await startChangedScene(t);
  const run = await scene.program.run('history', 'nobody@example.com', '--json');
  assert.equal(run.exitCode, 2);
  assertPublished('error.json', JSON.parse(run.stdout));
  scene.program.set({ 'state.location': 'other.db' });
  assert.match(
    (await scene.program.run('history')).stdout,
    /There has been no live run with the state file .*other\.db yet/,
  );
});

test('what ldap.schema.attributes.sensitive names is in no history, and not in the state', async (t) => {
  const scene = await startChangedScene(t);
  const state = join(scene.program.path, 'state.db');
  scene.directory.modify(dnOf('ann'), { replace: { title: ['Boss'] } });
  await scene.program.run('--sync-now');
  assert.match((await scene.program.run('history', 'ann@example.com')).stdout, /title: Weaver -> Boss/);
  scene.program.set({ 'ldap.schema.attributes.sensitive': 'title' });
  await scene.program.run('--sync-now');
  const { changes } = await userHistory(scene, 'ann@example.com');
  assert.deepEqual(
    changes.map(({ withheld }) => withheld),
    [['title'], []],
    'nothing is cleared at the service: it is left as it is',
  );
  assert.doesNotMatch((await scene.program.run('history', 'ann@example.com')).stdout, /Weaver|Boss/);
  const database = new DatabaseSync(state, { readOnly: true });
  t.after(() => {
    database.close();
  });
  const holding = database.prepare("SELECT count(*) AS n FROM users WHERE confirmed LIKE '%Boss%'").get();
  assert.equal(holding?.['n'], 0);
});

test('state.history.days is how long confirmed changes are kept; 0 keeps none', async (t) => {
  const scene = await startChangedScene(t);
  const age = (days: number): void => {
    const database = new DatabaseSync(join(scene.program.path, 'state.db'));
    const at = new Date(Date.now() - days * 86_400_000).toISOString();
    database.prepare('UPDATE change_log SET at = ?').run(at);
    database.close();
  };
  age(89);
  await scene.program.run('--sync-now');
  assert.equal((await userHistory(scene, 'cem@example.com')).changes.length, 3);
  age(91);
  await scene.program.run('--sync-now');
  assert.deepEqual((await userHistory(scene, 'cem@example.com')).changes, []);
  scene.program.set({ 'state.history.days': '0' });
  scene.directory.modify(dnOf('cem'), { replace: { title: ['Boss'] } });
  await scene.program.run('--sync-now');
  assert.deepEqual((await userHistory(scene, 'cem@example.com')).changes, []);
  assert.match((await scene.program.run('history', 'cem@example.com')).stdout, /Changes are not kept/);
});

test('a state file of an older version is read, and gets its log with the next live run', async (t) => {
  const scene = await startChangedScene(t);
  const path = join(scene.program.path, 'state.db');
  const database = new DatabaseSync(path);
  database.exec(
    'DROP TABLE change_log; DROP TABLE deviations; ALTER TABLE runs DROP COLUMN run_id; PRAGMA user_version = 2',
  );
  database.close();
  const before = readFileSync(path);
  assert.deepEqual((await userHistory(scene, 'ann@example.com')).changes, []);
  assert.equal((await scene.program.run()).exitCode, 3);
  assert.deepEqual(readFileSync(path), before, 'reading changes nothing');
  assert.equal((await scene.program.run('--sync-now')).exitCode, 3);
  assert.equal((await userHistory(scene, 'ann@example.com')).changes.length, 1);
});
