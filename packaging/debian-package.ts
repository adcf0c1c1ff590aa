/** The Debian package: the Linux program under /usr/lib, its own user, folders, man page, systemd service and timer. */

import { chmodSync, cpSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { dirname, join, relative } from 'node:path';
import type { Packing } from './archive.ts';
import type { Platform } from './platforms.ts';
import { filesBelow } from './stage.ts';
import { runTool } from './tool.ts';

const SCRIPTS = ['postinst', 'prerm', 'postrm'];
const MAINTAINER = 'The c42uds engineers <c42uds@localhost>';

/** Where each file of `packaging/debian` goes, and its mode. */
const PLACES: readonly { readonly from: string; readonly to: string; readonly mode: number }[] = [
  { from: 'c42uds.sh', to: 'usr/bin/c42uds', mode: 0o755 },
  { from: 'c42uds.service', to: 'usr/lib/systemd/system/c42uds.service', mode: 0o644 },
  { from: 'c42uds.timer', to: 'usr/lib/systemd/system/c42uds.timer', mode: 0o644 },
  { from: 'c42uds.sysusers', to: 'usr/lib/sysusers.d/c42uds.conf', mode: 0o644 },
  { from: 'c42uds.default', to: 'etc/default/c42uds', mode: 0o644 },
  { from: 'README.Debian', to: 'usr/share/doc/c42uds/README.Debian', mode: 0o644 },
  {
    from: 'examples/credentials.conf',
    to: 'usr/share/doc/c42uds/examples/credentials.conf',
    mode: 0o644,
  },
  { from: 'examples/network.conf', to: 'usr/share/doc/c42uds/examples/network.conf', mode: 0o644 },
];

/**
 * Builds `c42uds_VERSION_ARCH.deb` with dpkg-deb.
 * @param program the staged program folder
 * @returns its path
 */
export function writeDeb(
  platform: Platform,
  project: string,
  program: string,
  version: string,
  { epochS, level }: Packing,
  out: string,
): string {
  const architecture = platform.cpu === 'x64' ? 'amd64' : 'arm64';
  const source = join(project, 'packaging', 'debian');
  const root = join(dirname(program), 'deb');
  cpSync(program, join(root, 'usr/lib/c42uds'), { recursive: true });
  for (const { from, to, mode } of PLACES) {
    mkdirSync(dirname(join(root, to)), { recursive: true });
    cpSync(join(source, from), join(root, to));
    chmodSync(join(root, to), mode);
  }
  writeManual(join(source, 'c42uds.1'), join(root, 'usr/share/man/man1/c42uds.1'), version);
  writeNotices(project, join(root, 'usr/share/doc/c42uds'), version, epochS);
  writeControl(source, root, version, architecture);
  // dpkg-deb takes the times of the archive from SOURCE_DATE_EPOCH, those of the files are clamped to it.
  runTool('find', [root, '-exec', 'touch', '-h', `--date=@${epochS}`, '{}', '+'], { cwd: root });
  const file = join(out, `c42uds_${version}_${architecture}.deb`);
  runTool('dpkg-deb', ['--root-owner-group', '-Zxz', `-z${Math.min(level, 6)}`, '--build', root, file], {
    cwd: out,
    env: { SOURCE_DATE_EPOCH: String(epochS) },
  });
  rmSync(root, { recursive: true });
  return file;
}

function writeManual(source: string, target: string, version: string): void {
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, readFileSync(source, 'utf8').replaceAll('@VERSION@', version));
  runTool('gzip', ['-9', '-n', target], { cwd: dirname(target) });
  chmodSync(`${target}.gz`, 0o644);
}

/** What the Debian Policy Manual wants beside the program: the copyright (12.5) and the changelog (12.7). */
function writeNotices(project: string, target: string, version: string, epochS: number): void {
  const licence = readFileSync(join(project, 'LICENSE'), 'utf8');
  const others =
    'What c42uds brings with it, each with its licence: /usr/lib/c42uds/THIRD-PARTY-LICENSES.txt';
  writeFileSync(join(target, 'copyright'), `${licence}\n${others}\n`, { mode: 0o644 });
  const date = new Date(epochS * 1000).toUTCString().replace('GMT', '+0000');
  const changelog = [
    `c42uds (${version}) stable; urgency=medium`,
    '  * What is new: /usr/lib/c42uds/CHANGELOG.md',
    ` -- ${MAINTAINER}  ${date}`,
  ].join('\n\n');
  writeFileSync(join(target, 'changelog'), `${changelog}\n`, { mode: 0o644 });
  runTool('gzip', ['-9', '-n', join(target, 'changelog')], { cwd: target });
}

function writeControl(source: string, root: string, version: string, architecture: string): void {
  const files = filesBelow(root);
  const kilobytes = files.reduce((sum, path) => sum + Math.ceil(statSync(path).size / 1024), 0);
  const sums = files.map((path) => {
    const sum = createHash('md5').update(readFileSync(path)).digest('hex');
    return `${sum}  ${relative(root, path)}\n`;
  });
  const folder = join(root, 'DEBIAN');
  mkdirSync(folder);
  const control = readFileSync(join(source, 'control'), 'utf8')
    .replaceAll('@VERSION@', version)
    .replaceAll('@ARCHITECTURE@', architecture)
    .replaceAll('@MAINTAINER@', MAINTAINER)
    .replaceAll('@INSTALLED_SIZE@', String(kilobytes));
  writeFileSync(join(folder, 'control'), control);
  // The format wants MD5 (deb-md5sums(5)); it finds damage, it proves nothing.
  writeFileSync(join(folder, 'md5sums'), sums.join(''));
  // What an administrator edits: an upgrade keeps it, or asks (deb-conffiles(5)).
  const settings = PLACES.filter(({ to }) => to.startsWith('etc/')).map(({ to }) => `/${to}\n`);
  writeFileSync(join(folder, 'conffiles'), settings.join(''));
  for (const script of SCRIPTS) {
    cpSync(join(source, script), join(folder, script));
    chmodSync(join(folder, script), 0o755);
  }
  for (const file of ['control', 'md5sums', 'conffiles']) chmodSync(join(folder, file), 0o644);
}
