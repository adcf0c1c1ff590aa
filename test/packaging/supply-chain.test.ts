/** What comes into the project from outside: exact, with checksums, from the registry alone, and without running anything unasked. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { PLATFORMS } from '../../packaging/platforms.ts';
import { ROOT } from '../house/source-tree.ts';
import { productionClosure, readLock } from './lock-file.ts';

const lock = readLock();
const { '': project = {}, ...packages } = lock;
const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  readonly allowScripts: Readonly<Record<string, boolean>>;
};

describe('the lock file', () => {
  it('has a checksum for every package, and no package from a place of its own: npm audit signatures can check each', () => {
    assert.ok(Object.keys(packages).length > 100);
    for (const [path, { version, integrity, resolved, link }] of Object.entries(packages)) {
      assert.match(version ?? '', /^\d+\.\d+\.\d+/, path);
      assert.match(integrity ?? '', /^sha512-[\w+/]{86}==$/, path);
      assert.equal(link, undefined, path);
      // From git or a file it would have an address; from the registry it needs none.
      assert.equal(resolved, undefined, path);
    }
  });

  it('goes with exact versions in package.json', () => {
    const stated = Object.entries({
      ...project.dependencies,
      ...project.devDependencies,
      ...project.optionalDependencies,
    });
    assert.ok(stated.length > 15);
    for (const [name, version] of stated) assert.match(version, /^(?:npm:@?[\w/-]+@)?\d+\.\d+\.\d+$/, name);
  });
});

describe('install scripts', () => {
  it('are decided upon for each package that has one, by name, and only the runtime’s may run', () => {
    const named = Object.entries(packages)
      .filter(([, { hasInstallScript }]) => hasInstallScript === true)
      .map(([path]) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length));
    const decided = Object.keys(manifest.allowScripts);
    assert.deepEqual(
      named.filter((name) => !decided.includes(name)),
      [],
    );
    assert.deepEqual(
      decided.filter((name) => manifest.allowScripts[name] === true),
      ['node'],
    );
  });

  it('are no part of a release: none of its packages may run one', () => {
    for (const { os, cpu } of PLATFORMS) {
      const closure = productionClosure(lock, { os, cpu, libc: 'glibc' });
      const scripts = closure
        .filter(({ path }) => lock[path]?.hasInstallScript === true)
        .map(({ path }) => path);
      assert.deepEqual(
        scripts.filter((path) => manifest.allowScripts[path.replace('node_modules/', '')] !== false),
        [],
      );
    }
  });

  it('do not run while a release is packed', () => {
    const stage = readFileSync(join(ROOT, 'packaging/stage.ts'), 'utf8');
    assert.equal(stage.match(/'npm', \['ci'[^\]]*'--ignore-scripts'/g)?.length, 1);
    assert.equal(stage.match(/runTool\('npm', \['(?:ci|install)'/g)?.length, 1);
  });
});
