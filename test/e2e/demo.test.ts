import assert from 'node:assert/strict';
import { it } from 'node:test';
import { assertExit } from './installation.ts';
import { freshFolder, runProgram } from './command-line.ts';

it('the demo ends well, in well under a minute, and every check in it holds', async () => {
  const folder = freshFolder();
  try {
    const started = performance.now();
    const demo = await runProgram(['demo'], { cwd: folder.path });
    assertExit(demo, 0);
    assert.ok(performance.now() - started < 45_000);
    assert.ok((demo.stdout.match(/✓/g) ?? []).length >= 4);
    assert.doesNotMatch(demo.stdout, /NOT TRUE/);
  } finally {
    folder.remove();
  }
});
