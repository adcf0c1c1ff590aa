/** What the native files want of the system, against what the Debian package says it depends on. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { filesIn, releaseSkip, unpack, VERSION } from './release.ts';

const PROJECT = join(import.meta.dirname, '../..');
const PREBUILDS = join(PROJECT, 'node_modules/isolated-vm/prebuilds');
const LINUX = `c42uds-${VERSION}-linux-x64.tar.gz`;
/** The last symbol version of libstdc++ that each release of GCC knows (libstdc++ manual, "ABI Policy and Guidelines"). */
const GLIBCXX_OF_GCC: Readonly<Record<string, string>> = {
  '10': '3.4.28',
  '11': '3.4.29',
  '12': '3.4.30',
  '13': '3.4.32',
  '14': '3.4.33',
};

/** The newest version of each set of symbols that a native file names. */
function newestIn(path: string): ReadonlyMap<string, string> {
  const newest = new Map<string, string>();
  for (const [, set = '', version = ''] of readFileSync(path, 'latin1').matchAll(
    /\0(GLIBC|GLIBCXX|GCC)_(\d+(?:\.\d+)+)(?=\0)/g,
  )) {
    if (isNewer(version, newest.get(set) ?? '0')) newest.set(set, version);
  }
  return newest;
}

function isNewer(version: string, than: string): boolean {
  return version.localeCompare(than, 'en', { numeric: true }) > 0;
}

describe('the Debian package', () => {
  const control = readFileSync(join(PROJECT, 'packaging/debian/control'), 'utf8');
  const depends = new Map(
    (/^Depends: (.*)$/m.exec(control)?.[1] ?? '').split(', ').map((one) => {
      const [, name = '', version = ''] = /^(\S+)(?: \(>= (\S+)\))?$/.exec(one) ?? [];
      return [name, version];
    }),
  );
  const promised = {
    GLIBC: depends.get('libc6') ?? '0',
    GLIBCXX: GLIBCXX_OF_GCC[depends.get('libstdc++6') ?? ''] ?? '0',
    // Every libgcc-s1 has them all: the name is younger than they are.
    GCC: depends.has('libgcc-s1') ? '7.0.0' : '0',
  };

  function assertPromised(folder: string, paths: readonly string[]): void {
    let wantsMost = '0';
    for (const path of paths) {
      const wanted = newestIn(join(folder, path));
      assert.ok(wanted.has('GLIBC'), path);
      for (const [set, version] of Object.entries(promised)) {
        const needs = wanted.get(set) ?? '0';
        assert.ok(!isNewer(needs, version), `${path} needs ${set}_${needs}`);
      }
      const libc = wanted.get('GLIBC') ?? '0';
      if (isNewer(libc, wantsMost)) wantsMost = libc;
    }
    assert.equal(promised.GLIBC, wantsMost, 'no newer system than is needed');
  }

  it('depends on the libraries that the script engine wants, for both of its processors', () => {
    const files = filesIn(PREBUILDS).filter((path) => /^linux-(?:x64|arm64)\/.*\.glibc\.node$/.test(path));
    assert.equal(files.length, 4);
    assertPromised(PREBUILDS, files);
  });

  describe('as it is packed', { skip: releaseSkip(LINUX) }, () => {
    const { folder, remove } =
      releaseSkip(LINUX) === false ? unpack(LINUX) : { folder: '', remove: () => undefined };
    after(remove);

    it('depends on the libraries that its native files want', () => {
      const files = filesIn(folder).filter((path) => /\.node$|runtime\/bin\/node$/.test(path));
      assert.ok(files.length >= 3, files.join());
      assertPromised(folder, files);
    });
  });
});
