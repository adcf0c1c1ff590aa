import assert from 'node:assert/strict';
import { it } from 'node:test';
import { assertExit } from './installation.ts';
import { freshFolder, runProgram } from './command-line.ts';

it('the demo ends well, in well under a minute, and every check in it holds', async () => {
  const folder = freshFolder();
  try {
    const started = performance.now();
    const demo = await runProgram(['demo'], {
      cwd: folder.path,
      env: { C42UDS_TERMINAL: '90', NO_COLOR: '1' },
      patienceMs: 60_000,
    });
    assertExit(demo, 0);
    assert.ok(performance.now() - started < 45_000);
    assert.ok((demo.stdout.match(/✓/g) ?? []).length >= 4);
    assert.doesNotMatch(demo.stdout, /NOT TRUE/);
    // What a person at a terminal sees of a dry run, and no wider than that terminal.
    assert.match(demo.stdout, /^ {2}To deactivate \(3\)\n {4}USERNAME +ACTIVE +ORG +ROLES$/m);
    const table = demo.stdout.split('\n').filter((line) => /^ {3,}\S/.test(line));
    assert.ok(table.length > 50 && table.every((line) => line.length <= 90));
  } finally {
    folder.remove();
  }
});
