/** What of a source tree gets into a package. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { copyTracked } from '../../packaging/project-files.ts';
import { filesIn } from './release.ts';

describe('a folder of the project', () => {
  const root = mkdtempSync(join(tmpdir(), 'c42uds-tracked-'));
  after(() => {
    rmSync(root, { recursive: true });
  });

  function sourceTree(name: string): string {
    const project = join(root, name);
    mkdirSync(join(project, 'docs/a b'), { recursive: true });
    mkdirSync(join(project, 'docs-of-others'));
    for (const path of ['docs/guide.md', 'docs/a b/größe.md', 'docs-of-others/x.md', 'LICENSE'])
      writeFileSync(join(project, path), path);
    return project;
  }

  it('is packed without what nobody has put under version control', () => {
    const project = sourceTree('with-history');
    for (const words of [
      ['init', '--quiet'],
      ['add', '.'],
    ])
      execFileSync('git', words, { cwd: project });
    writeFileSync(join(project, 'docs/notes-of-mine.md'), 'a secret');
    const target = join(root, 'packed');
    copyTracked(project, 'docs', join(target, 'docs'));
    copyTracked(project, 'LICENSE', join(target, 'LICENSE'));
    assert.deepEqual(filesIn(target), ['LICENSE', 'docs/a b/größe.md', 'docs/guide.md']);
    assert.equal(readFileSync(join(target, 'docs/a b/größe.md'), 'utf8'), 'docs/a b/größe.md');
    writeFileSync(join(project, 'NOTICE'), '');
    assert.throws(() => {
      copyTracked(project, 'NOTICE', join(target, 'NOTICE'));
    }, /NOTICE is not under version control/);
    rmSync(join(project, 'docs/guide.md'));
    assert.throws(() => {
      copyTracked(project, 'docs', join(root, 'incomplete'));
    }, /guide\.md/);
  });

  it('is packed whole where there is no history', () => {
    copyTracked(sourceTree('tarball'), 'docs', join(root, 'whole'));
    assert.deepEqual(filesIn(join(root, 'whole')), ['a b/größe.md', 'guide.md']);
  });
});
