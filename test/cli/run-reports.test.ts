/** `--report FILE` and `--json`: the same run told to a program, to a spreadsheet and to a person. */

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { RunResult } from '../../src/report/run-result.ts';
import type { UserRecord } from '../../src/report/user-record.ts';
import { dnOf, startScene, type Scene } from '../properties/program-folder.ts';
import { assertPublished } from '../report/published-schema.ts';
import { HOSTILE, startChangedScene } from './report-scene.ts';

interface Report {
  readonly users: readonly UserRecord[];
  readonly result: RunResult;
  readonly history: readonly object[];
}

const reader =
  ({ program }: Scene) =>
  (name: string): string =>
    readFileSync(join(program.path, name), 'utf8');

function userOf({ users }: Report, name: string): UserRecord {
  const found = users.find(({ userName }) => userName === `${name}@example.com`);
  return found ?? assert.fail(`${name} is missing`);
}

test('a dry run reports every user in four forms at once, each as its schema says', async (t) => {
  const scene = await startChangedScene(t);
  const read = reader(scene);
  const run = await scene.program.run('--full-sync', '--report', 'r.json', 'r.jsonl', 'r.csv', 'r.html');
  assert.equal(run.exitCode, 3, run.text);
  const report = JSON.parse(read('r.json')) as Report;
  assertPublished('report.json', report);
  assert.equal(report.result.verdict, 'USERS_FAILED');
  assert.equal(report.history.length, 2);
  assert.deepEqual(
    Object.fromEntries(report.users.map(({ userName, action }) => [userName.split('@')[0], action])),
    {
      ann: 'update',
      ben: 'deactivate',
      cem: 'reactivate',
      dot: 'failed',
      ida: 'skip',
      new: 'create',
      zoe: 'resend',
    },
  );
  const ann = userOf(report, 'ann');
  assert.deepEqual(ann.attributes, {
    title: { from: 'Weaver', to: HOSTILE, source: 'title' },
    org: { from: 'Mills', to: '=cmd|calc', source: 'orgscript.js' },
    department: { from: 'Mills', to: '=cmd|calc', source: 'department' },
  });
  assert.equal(ann.status, 'PLANNED');
  assert.equal(ann.reason, 'title, department changed in the directory; orgscript.js says otherwise');
  assert.equal(userOf(report, 'ben').reason, 'activescript.js says inactive');
  assert.match(userOf(report, 'dot').failure?.message ?? '', /orgscript/);

  const lines = read('r.jsonl')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string });
  for (const line of lines) assertPublished('report-line.json', line);
  assert.deepEqual(
    [lines[0]?.type, lines.at(-1)?.type, lines.filter(({ type }) => type === 'user').length],
    ['head', 'run', report.users.length],
  );
  for (const name of ['r.json', 'r.jsonl', 'r.csv', 'r.html']) {
    assert.equal(statSync(join(scene.program.path, name)).mode & 0o777, 0o600, name);
  }
  assert.deepEqual(
    readdirSync(scene.program.path).filter((name) => name.endsWith('.part')),
    [],
  );
});

test('a live run reports what the service has confirmed, and who failed with what was to be done', async (t) => {
  const scene = await startChangedScene(t);
  const run = await scene.program.run('--sync-now', '--report', 'r.json');
  assert.equal(run.exitCode, 3, run.text);
  const report = JSON.parse(reader(scene)('r.json')) as Report;
  assertPublished('report.json', report);
  assert.deepEqual(report.users.map(({ action, status }) => `${action} ${status}`).sort(), [
    'create CONFIRMED',
    'deactivate CONFIRMED',
    'failed FAILED',
    'reactivate CONFIRMED',
    'update CONFIRMED',
  ]);
  assert.equal(report.history.length, 3, 'this run is part of the history');
  assert.equal(scene.held('new')?.['title'], '"Chief", of\nlooms');
});

test('a live run that a guard has stopped reports the plan that it has stopped', async (t) => {
  const scene = await startChangedScene(t, { 'deactivate.max.count': '1' });
  scene.directory.modify(dnOf('zoe'), { replace: { employeeType: ['left'] } });
  const run = await scene.program.run('--sync-now', '--report', 'r.json');
  assert.equal(run.exitCode, 6, run.text);
  const { users, result } = JSON.parse(reader(scene)('r.json')) as Report;
  assert.equal(result.verdict, 'STOPPED_BY_GUARD');
  assert.equal(result.guards[0]?.property, 'deactivate.max.count');
  const stopped = users.filter(({ status }) => status === 'STOPPED').map(({ action }) => action);
  assert.deepEqual(stopped.sort(), ['create', 'deactivate', 'deactivate', 'reactivate', 'update']);
});

test('a run that ends early leaves a report that says so, in the place of the one before', async (t) => {
  const scene = await startChangedScene(t);
  writeFileSync(join(scene.program.path, 'r.json'), 'yesterday');
  await scene.directory.stop();
  const run = await scene.program.run('--report', 'r.json', 'r.csv');
  assert.equal(run.exitCode, 4, run.text);
  assert.match(reader(scene)('r.csv'), /\r\nRUN,ended early,.*DIRECTORY_UNREACHABLE.*Unable to contact/);
  const report = JSON.parse(reader(scene)('r.json')) as Report;
  assertPublished('report.json', report);
  assert.equal(report.result.verdict, 'ENDED_EARLY');
  assert.equal(report.result.error?.code, 'DIRECTORY_UNREACHABLE');
});

describe('the file of a report', () => {
  test('that cannot be written ends the run before it begins', async (t) => {
    const scene = await startChangedScene(t);
    mkdirSync(join(scene.program.path, 'folder.html'));
    symlinkSync('circle.html', join(scene.program.path, 'circle.html'));
    for (const [path, reason] of [
      ['nowhere/r.html', /no such file or folder/],
      ['folder.html', /not an ordinary file/],
      // As a folder that the account may not enter: not even what is there can be asked.
      ['circle.html', /circle\.html cannot be written: .*a circle of links/],
      ['r.pdf', /ends in one of \.html, \.json, \.jsonl, \.csv/],
    ] as const) {
      const before = scene.service.store.users.size;
      const run = await scene.program.run('--sync-now', '--report', path);
      assert.equal(run.exitCode, 2, run.text);
      assert.match(run.text, reason);
      assert.equal(scene.service.store.users.size, before);
    }
  });

  test('may be a link, which stays one', async (t) => {
    const scene = await startChangedScene(t);
    symlinkSync('real.json', join(scene.program.path, 'r.json'));
    writeFileSync(join(scene.program.path, 'real.json'), '');
    assert.equal((await scene.program.run('--report', 'r.json')).exitCode, 3);
    assertPublished('report.json', JSON.parse(reader(scene)('real.json')));
  });
});

describe('what ldap.schema.attributes.sensitive names', () => {
  test('is in no preview, no plan and no report, though the state still knows its old value', async (t) => {
    const scene = await startChangedScene(t, { 'ldap.attrib.title': 'Title' });
    scene.program.set({ 'ldap.schema.attributes.sensitive': 'userPassword,title' });
    const files = ['r.json', 'r.jsonl', 'r.csv', 'r.html', 'plan.jsonl'];
    const run = await scene.program.run(
      '--full-sync',
      '--plan',
      'plan.jsonl',
      '--report',
      ...files.slice(0, 4),
    );
    // Not read, and so not cleared either: the service keeps it.
    assert.doesNotMatch(run.stdout, /title: /);
    const texts = [run.text, ...files.map(reader(scene))];
    for (const text of texts) assert.doesNotMatch(text, /Weaver|owned/);
    const report = JSON.parse(reader(scene)('r.json')) as Report;
    const { attributes, withheld } = userOf(report, 'ann');
    assert.ok(!('title' in attributes) && !withheld.includes('title'));
    for (const line of reader(scene)('plan.jsonl').trimEnd().split('\n')) {
      assertPublished('plan-line.json', JSON.parse(line));
    }
  });
});

test('a failure names its entry by DN and identity wherever it is told, also without a userName and with a shared one', async (t) => {
  const twin = { employeeType: ['left'], mail: ['ann@example.com'] };
  const scene = await startScene(t, { ann: {}, bob: { mail: [] }, twin });
  const { program, directory } = scene;
  directory.modify(dnOf('twin'), { replace: { employeeType: [] } });
  const expected = ['ann', 'bob', 'twin'].map(dnOf);
  const terminal = await program.runBefore({ isTTY: true, env: { NO_COLOR: '1' } }, '--full-sync');
  const report = await program.run('--full-sync', '--json', '--report', 'r.json', 'r.csv');
  const { failures } = JSON.parse(report.stdout) as RunResult;
  assertPublished('run.json', JSON.parse(report.stdout));
  assert.deepEqual(failures.map(({ dn }) => dn).sort(), expected);
  const { users } = JSON.parse(reader(scene)('r.json')) as Report;
  assert.deepEqual(users.map(({ dn }) => dn).sort(), expected);
  const pipe = await program.run('--full-sync');
  const live = await program.run('--sync-now');
  assert.equal(live.exitCode, 3, live.text);
  for (const { dn, identity } of failures) {
    assert.match(identity ?? '', /^[0-9a-f-]{36}$/);
    assert.equal(users.find((user) => user.dn === dn)?.identity, identity);
    const told = [terminal.stdout.replaceAll(/\n +/g, ' '), pipe.stdout, live.stderr, reader(scene)('r.csv')];
    for (const text of told) {
      assert.ok(text.includes(identity ?? ''), `${identity} is missing in:\n${text}`);
      assert.ok(text.includes(dn ?? ''), `${dn} is missing in:\n${text}`);
    }
    // A message that names both DNs does not say whose failure it is.
    for (const text of dn === dnOf('bob') ? [] : told.slice(0, 3)) {
      assert.ok(text.includes(`(entry ${dn}, identity ${identity})`), text);
    }
  }
});

describe('--json', () => {
  test('prints one JSON object, and the log beside it', async (t) => {
    const scene = await startChangedScene(t);
    for (const [words, exitCode, verdict] of [
      [['--json'], 3, 'USERS_FAILED'],
      [['--json', '--sync-now'], 3, 'USERS_FAILED'],
    ] as const) {
      const run = await scene.program.run(...words);
      assert.equal(run.exitCode, exitCode, run.text);
      const result = JSON.parse(run.stdout) as RunResult;
      assertPublished('run.json', result);
      assert.equal(result.verdict, verdict);
      assert.equal(result.exitCode, exitCode);
      assert.match(run.stderr, /\[INFO {4}main\] users read|\[INFO {4}main\] {3}users read/);
    }
  });

  test('prints one JSON object whatever goes wrong', async (t) => {
    const scene = await startChangedScene(t);
    await scene.directory.stop();
    const early = await scene.program.run('--json');
    const result = JSON.parse(early.stdout) as RunResult;
    assertPublished('run.json', result);
    assert.equal(result.error?.code, 'DIRECTORY_UNREACHABLE');
    for (const words of [
      ['--json', '--config', 'nowhere.properties'],
      ['--json', '--no-such-flag'],
    ]) {
      const run = await scene.program.run(...words);
      assert.equal(run.exitCode, 2);
      assertPublished('error.json', JSON.parse(run.stdout));
    }
  });
});

test('--quiet leaves warnings and errors on the console, and everything in the log file', async (t) => {
  const scene = await startChangedScene(t);
  const run = await scene.program.run('--quiet', '--sync-now');
  assert.equal(run.exitCode, 3);
  assert.equal(run.stdout, '');
  assert.match(run.stderr, /FAILED dot@example\.com/);
  const logs = readdirSync(join(scene.program.path, 'logs')).map((name) => reader(scene)(`logs/${name}`));
  assert.match(logs.join(''), /updated ann@example\.com/);
});
