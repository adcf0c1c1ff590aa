/** The properties of the scripts: which files they are, and what they may take. */

import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startScene } from './program-folder.ts';

test('the three script.*.location properties name the files of the three functions, relative or absolute', async (t) => {
  const scene = await startScene(
    t,
    { ann: {}, ben: {} },
    {},
    {
      active: 'function (entry) { return entry.cn === "ann"; }',
      org: 'function (entry) { return "Looms"; }',
      role: 'function (entry) { return "Desktop User"; }',
    },
  );
  const { program, service } = scene;
  const decided = (name: string): unknown[] => {
    const held = scene.held(name);
    return [held?.['active'], held?.['c42OrgName'], held?.['roles']];
  };
  assert.equal((await program.run('--sync-now')).exitCode, 0);
  assert.deepEqual(scene.names(), ['ann']);
  assert.deepEqual(decided('ann'), [true, 'Looms', [{ value: 'Desktop User' }]]);

  mkdirSync(join(program.path, 'other'));
  program.write('other/who.js', 'function (entry) { return entry.cn === "ben"; }');
  const where = program.write('other/where.js', 'function (entry) { return "Mills"; }');
  const what = program.write('other/what.js', 'function (entry) { return ["PROe User"]; }');
  program.set({ 'script.active.location': 'other/who.js' });
  const first = await program.run('--sync-now');
  assert.equal(first.exitCode, 0, first.text);
  assert.deepEqual(decided('ann'), [false, 'Looms', [{ value: 'Desktop User' }]]);
  assert.deepEqual(decided('ben'), [true, 'Looms', [{ value: 'Desktop User' }]]);

  program.set({ 'script.org.location': where });
  assert.equal((await program.run('--sync-now')).exitCode, 0);
  assert.deepEqual(decided('ben'), [true, 'Mills', [{ value: 'Desktop User' }]]);

  program.set({ 'script.role.location': what });
  assert.equal((await program.run('--sync-now')).exitCode, 0);
  assert.deepEqual(decided('ben'), [true, 'Mills', [{ value: 'PROe User' }]]);
  assert.ok(service.count('DELETE') === 0);
});

test('script.timeout.period is the time that the scripts may take for one user', async (t) => {
  const slow = 'function (entry) { var end = Date.now() + 300; while (Date.now() < end) {} return true; }';
  for (const [period, exitCode, created] of [
    ['50', 3, []],
    ['10000', 0, ['ann']],
  ] as const) {
    const scene = await startScene(t, { ann: {} }, { 'script.timeout.period': period }, { active: slow });
    const run = await scene.program.run('--sync-now');
    assert.equal(run.exitCode, exitCode, run.text);
    assert.deepEqual(scene.names(), created);
    assert.equal(/longer than 50 ms/.test(run.text), exitCode === 3, run.text);
  }
});

test('script.memory.limit is the memory that the scripts may use', async (t) => {
  const greedy =
    'function (entry) { var a = []; for (var i = 0; i < 6000000; i++) a.push(i + 0.5); return a.length > 0; }';
  for (const [limit, exitCode, created] of [
    ['16', 3, []],
    ['512', 0, ['ann']],
  ] as const) {
    const properties = { 'script.memory.limit': limit, 'script.timeout.period': '20000' };
    const scene = await startScene(t, { ann: {} }, properties, { active: greedy });
    const run = await scene.program.run('--sync-now');
    assert.equal(run.exitCode, exitCode, run.text);
    assert.deepEqual(scene.names(), created);
    assert.equal(/16 MB/.test(run.text), exitCode === 3, run.text);
  }
});
