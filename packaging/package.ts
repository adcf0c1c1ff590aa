/**
 * `npm run package [-- --platform NAME… --out FOLDER --cache FOLDER --level 1…9 --no-deb]`: release archives, Debian package, checksums
 * and bills of materials. The same commit gives the same bytes, wherever it is built.
 */

import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { sha256, writeTarGz, writeZip } from './archive.ts';
import { writeBill } from './bill.ts';
import { writeDeb } from './debian-package.ts';
import { PLATFORMS } from './platforms.ts';
import type { Platform } from './platforms.ts';
import { fetchRuntime, filesBelow, stageProgram } from './stage.ts';
import { runTool } from './tool.ts';

// The umask of whoever packs must not be seen in any package, nor be one that dpkg-deb refuses.
process.umask(0o022);

const PROJECT = resolve(import.meta.dirname, '..');

const { values } = parseArgs({
  options: {
    platform: { type: 'string', multiple: true, default: PLATFORMS.map(({ name }) => name) },
    out: { type: 'string', default: join(PROJECT, 'release') },
    cache: { type: 'string', default: join(PROJECT, 'release', '.cache') },
    /** 1 to 9: less packs faster; a release takes 9. */
    level: { type: 'string', default: '9' },
    /** Leaves out the Debian packages of the Linux platforms. */
    'no-deb': { type: 'boolean', default: false },
  },
});

/** The time of every entry: of the last commit, or what SOURCE_DATE_EPOCH says (reproducible-builds.org). */
function sourceDateEpochS(): number {
  const given = process.env['SOURCE_DATE_EPOCH'];
  const text = given ?? runTool('git', ['log', '-1', '--format=%ct'], { cwd: PROJECT });
  const epochS = Number(text.trim());
  if (!Number.isSafeInteger(epochS) || epochS <= 0)
    throw new Error(`SOURCE_DATE_EPOCH is not a time: ${text}`);
  return epochS;
}

interface Release {
  readonly file: string;
  readonly bytes: number;
  readonly unpackedBytes: number;
  readonly packages: number;
}

function packPlatform(platform: Platform, version: string, epochS: number, out: string): readonly Release[] {
  const work = mkdtempSync(join(tmpdir(), 'c42uds-package-'));
  try {
    // The name of the folder has no platform in it: a schedule points into it.
    const program = join(work, `c42uds-${version}`);
    mkdirSync(program);
    stageProgram(platform, PROJECT, program, resolve(values.cache));
    const packages = writeBill(platform, program, nodeLicence(platform), epochS);
    const unpackedBytes = filesBelow(program).reduce((sum, path) => sum + statSync(path).size, 0);
    const stem = join(out, `c42uds-${version}-${platform.name}`);
    const archive = platform.archive === 'ZIP' ? `${stem}.zip` : `${stem}.tar.gz`;
    if (platform.archive === 'ZIP') writeZip(program, archive, { epochS, level });
    else writeTarGz(program, archive, { epochS, level });
    const files = [archive];
    if (!values['no-deb'] && platform.os === 'linux') {
      files.push(writeDeb(platform, PROJECT, program, version, { epochS, level }, out));
    }
    return files.map((file) => ({ file, bytes: statSync(file).size, unpackedBytes, packages }));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** The package for Windows brings no licence; that of Linux, of the same version, does. */
function nodeLicence(platform: Platform): string {
  const source = platform.os === 'win32' ? PLATFORMS.find(({ name }) => name === 'linux-x64') : platform;
  if (source === undefined || source.runtime.version !== platform.runtime.version) {
    throw new Error(`There is no licence text for the runtime of ${platform.name}`);
  }
  return readFileSync(join(fetchRuntime(source.runtime, resolve(values.cache)), 'LICENSE'), 'utf8');
}

const out = resolve(values.out);
mkdirSync(out, { recursive: true });
const { version } = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8')) as { version: string };
const epochS = sourceDateEpochS();
const level = Number(values.level);
const unknown = values.platform.filter((name) => !PLATFORMS.some((platform) => platform.name === name));
if (unknown.length > 0) {
  throw new Error(
    `No such platform: ${unknown.join(', ')}. There are ${PLATFORMS.map(({ name }) => name).join(', ')}.`,
  );
}

const releases: Release[] = [];
for (const platform of PLATFORMS) {
  if (!values.platform.includes(platform.name)) continue;
  for (const release of packPlatform(platform, version, epochS, out)) {
    releases.push(release);
    const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
    console.log(
      `${basename(release.file).padEnd(40)} ${megabytes(release.bytes).padStart(9)}, unpacked ${megabytes(release.unpackedBytes)}, ${release.packages} packages inside`,
    );
  }
}
const sums = releases
  .map(({ file }) => `${sha256(file)}  ${basename(file)}\n`)
  .sort()
  .join('');
writeFileSync(join(out, 'SHA256SUMS'), sums);
console.log(`Checksums: ${join(out, 'SHA256SUMS')}`);
