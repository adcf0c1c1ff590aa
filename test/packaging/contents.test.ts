/** What is inside the packages, and what is not. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { ROOT } from '../house/source-tree.ts';
import { productionClosure, readLock } from './lock-file.ts';
import { filesIn, RELEASE, releaseSkip, unpack, VERSION } from './release.ts';

const LINUX = `c42uds-${VERSION}-linux-x64.tar.gz`;
const WINDOWS = `c42uds-${VERSION}-win-x64.zip`;
const IMAGE_FILE_MACHINE_AMD64 = 0x8664;

/** The machine of a PE file (PE format, COFF file header); `null` for anything else. */
function peMachine(bytes: Buffer): number | null {
  if (bytes.toString('latin1', 0, 2) !== 'MZ') return null;
  const header = bytes.readUInt32LE(0x3c);
  return bytes.toString('latin1', header, header + 4) === 'PE\0\0' ? bytes.readUInt16LE(header + 4) : null;
}

/** Folders of packages, relative to the program, sorted. */
function packagesIn(program: string): string[] {
  return filesIn(program)
    .filter((path) => /^node_modules\/(?:.*\/node_modules\/)?(?:@[^/]+\/)?[^/]+\/package\.json$/.test(path))
    .map((path) => path.slice(0, -'/package.json'.length));
}

const ELF = Buffer.from('7f454c46', 'hex');

for (const file of [LINUX, WINDOWS]) {
  describe(`the archive ${file.replace(VERSION, 'VERSION')}`, { skip: releaseSkip(file) }, () => {
    const { folder, remove } =
      releaseSkip(file) === false ? unpack(file) : { folder: '', remove: () => undefined };
    after(remove);
    const program = join(folder, `c42uds-${VERSION}`);

    it('unpacks into one folder that is named after the version', () => {
      assert.ok(filesIn(folder).every((path) => path.startsWith(`c42uds-${VERSION}/`)));
    });

    it('holds nothing that belongs to the user: unpacking it over an older one keeps configuration, scripts, state', () => {
      const atTop = filesIn(program).filter((path) => !path.includes('/'));
      assert.deepEqual(atTop, [
        'CHANGELOG.md',
        'CONTRIBUTING.md',
        'LICENSE',
        'README.md',
        'SECURITY.md',
        'THIRD-PARTY-LICENSES.txt',
        'config.properties.example',
        'package.json',
        'sbom.cdx.json',
      ]);
      assert.ok(!existsSync(join(program, 'logs')));
    });

    it('has of our program what the sources make, and no file that an earlier build has left', () => {
      const built = filesIn(join(program, 'dist'));
      const sources = filesIn(join(ROOT, 'src')).map((path) => path.replace(/\.ts$/, '.js'));
      assert.deepEqual(built, [...sources].sort());
    });

    it('has of our other folders what is under version control, and no file that happens to lie there', () => {
      const tracked = execFileSync('git', ['ls-files', '-z', 'assets', 'docs', 'scripts'], { cwd: ROOT });
      const ours = tracked.toString().split('\0').filter(Boolean).sort();
      assert.ok(ours.length > 40);
      assert.deepEqual(
        filesIn(program).filter((path) => /^(?:assets|docs|scripts)\//.test(path)),
        ours,
      );
    });

    it('contains the packages that the lock file wants for it, in those versions, and no other', () => {
      const found = packagesIn(program).map((path) => {
        const text = readFileSync(join(program, path, 'package.json'), 'utf8');
        return `${path} ${(JSON.parse(text) as { version: string }).version}`;
      });
      const [os, cpu] = file === WINDOWS ? ['win32', 'x64'] : ['linux', 'x64'];
      const wanted = productionClosure(readLock(), { os, cpu, libc: 'glibc' });
      assert.ok(wanted.length > 40);
      assert.deepEqual(found.sort(), wanted.map(({ path, version }) => `${path} ${version}`).sort());
    });

    it('has no package inside another: unpacked over an older version, what that one left could be taken for it', () => {
      assert.deepEqual(
        packagesIn(program).filter((path) => path.split('node_modules/').length > 2),
        [],
      );
    });

    it('brings the recipe of an image where that can be made of it', () => {
      const recipe = filesIn(program).filter((path) => path.startsWith('container/'));
      const whole = ['container/Dockerfile', 'container/Dockerfile.dockerignore', 'container/cronjob.yaml'];
      assert.deepEqual(recipe, file === WINDOWS ? [] : whole);
    });

    it('has native files of its own platform only', () => {
      const native = filesIn(program).filter((path) =>
        /\.(?:node|exe|dll|so|dylib)$|runtime\/bin\/node$/.test(path),
      );
      assert.ok(native.length >= 3, native.join());
      for (const path of native) {
        const bytes = readFileSync(join(program, path));
        if (file === WINDOWS) assert.equal(peMachine(bytes), IMAGE_FILE_MACHINE_AMD64, path);
        else assert.deepEqual(bytes.subarray(0, 4), ELF, path);
      }
    });

    it('lists every package inside in a bill of materials and in the licences', () => {
      const bill = JSON.parse(readFileSync(join(program, 'sbom.cdx.json'), 'utf8')) as {
        components: { name: string; version: string; 'bom-ref': string; licenses: unknown[] }[];
      };
      const listed = new Set(bill.components.map(({ name, version }) => `${name}@${version}`));
      const manifests = packagesIn(program).map((path) => `${path}/package.json`);
      assert.ok(manifests.length > 20);
      const licences = readFileSync(join(program, 'THIRD-PARTY-LICENSES.txt'), 'utf8');
      for (const path of manifests) {
        const { name, version } = JSON.parse(readFileSync(join(program, path), 'utf8')) as Record<
          string,
          string
        >;
        assert.ok(listed.has(`${name}@${version}`), path);
        assert.ok(licences.includes(`${name} ${version}: `), path);
      }
      assert.ok(bill.components.some(({ name }) => name === 'node'));
      assert.equal(
        new Set(bill.components.map((component) => component['bom-ref'])).size,
        bill.components.length,
      );
    });

    it('has the checksum that SHA256SUMS states', () => {
      const sum = createHash('sha256')
        .update(readFileSync(join(RELEASE, file)))
        .digest('hex');
      assert.ok(readFileSync(join(RELEASE, 'SHA256SUMS'), 'utf8').includes(`${sum}  ${file}\n`));
    });
  });
}

describe('the files for Windows', { skip: releaseSkip(WINDOWS) }, () => {
  const { folder, remove } =
    releaseSkip(WINDOWS) === false ? unpack(WINDOWS) : { folder: '', remove: () => undefined };
  after(remove);
  const program = join(folder, `c42uds-${VERSION}`);

  for (const path of [
    'bin/c42uds.cmd',
    'bin/C42UserDirectorySync.bat',
    'windows/register-task.ps1',
    'windows/c42uds-task.xml',
  ]) {
    it(`${path} ends each line as Windows does`, () => {
      const text = readFileSync(join(program, path), 'latin1');
      assert.ok(text.length > 100);
      assert.equal(text.split('\r\n').length, text.split('\n').length);
    });
  }

  it('have no name that Windows cannot store, and no path that is too long for it', () => {
    for (const path of filesIn(program)) {
      assert.doesNotMatch(path, /[<>:"|?*\\]|[. ](?:\/|$)/, path);
      assert.doesNotMatch(path, /(?:^|\/)(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|\/|$)/i, path);
      assert.ok(path.length < 150, path);
    }
    const lower = filesIn(program).map((path) => path.toLowerCase());
    assert.equal(new Set(lower).size, lower.length);
  });
});
