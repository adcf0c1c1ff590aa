/** Lays out the program folder of one platform: our files, the production dependencies, the runtime, the launchers. */

import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import type { Platform, Runtime } from './platforms.ts';
import { copyTracked } from './project-files.ts';
import { runTool } from './tool.ts';

/** What of the project goes into every package, beside what was built. `config.properties`, the three scripts, state and logs are the user's. */
const OURS = [
  'bin/c42uds.js',
  'assets',
  'scripts',
  'docs',
  'config.properties.example',
  'README.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'LICENSE',
];
/** Of the dependencies: types, maps and prose, which no run reads. Licences stay. */
const NEEDLESS = /\.(?:d\.[cm]?ts|[cm]?ts|map|markdown|md|tgz|gyp|gypi|cc|h|jsx|flow)$/;
const LICENCE = /^(?:licen[cs]e|copying|notice)/i;
/** Whole folders of a dependency that only its own developers use. */
const DEVELOPERS = new Set([
  'test',
  'tests',
  'benchmarks',
  'example',
  'examples',
  '.github',
  'native-example',
]);

/**
 * Fills an empty folder with the program for one platform. The result depends on the project, its lock file and the
 * pinned runtime alone.
 * @param project root of the project, built into a `dist` that was empty before
 * @param cache folder for downloads that are checked and then used again
 * @throws Error when a download does not match its checksum or something expected is missing
 */
export function stageProgram(platform: Platform, project: string, target: string, cache: string): void {
  for (const path of OURS) copyTracked(project, path, join(target, path));
  cpSync(join(project, 'dist'), join(target, 'dist'), { recursive: true });
  writeManifest(project, target);
  installDependencies(platform, project, target);
  stripDependencies(platform, target);
  placeRuntime(platform.runtime, target, cache);
  placeLaunchers(platform, project, target);
  settleModes(target);
}

/** The manifest without what only developers need: whoever runs npm in the program folder gets no compiler. */
function writeManifest(project: string, target: string): void {
  const manifest = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as Record<string, unknown>;
  for (const key of ['devDependencies', 'scripts', 'files', 'allowScripts'])
    Reflect.deleteProperty(manifest, key);
  writeFileSync(join(target, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
}

function installDependencies({ os, cpu }: Platform, project: string, target: string): void {
  const folder = join(dirname(target), 'dependencies');
  mkdirSync(folder, { recursive: true });
  for (const file of ['package.json', 'package-lock.json', '.npmrc']) {
    copyFileSync(join(project, file), join(folder, file));
  }
  const libc = os === 'linux' ? ['--libc=glibc'] : [];
  // No script of a package runs: what a foreign platform needs is in the packages, not built here.
  runTool('npm', ['ci', '--omit=dev', '--ignore-scripts', `--os=${os}`, `--cpu=${cpu}`, ...libc], {
    cwd: folder,
  });
  cpSync(join(folder, 'node_modules'), join(target, 'node_modules'), {
    recursive: true,
    verbatimSymlinks: true,
    // Links to commands and npm's own notes, which name nothing that a run needs.
    filter: (path) => !['.bin', '.package-lock.json'].includes(basename(path)),
  });
  rmSync(folder, { recursive: true });
}

function stripDependencies(platform: Platform, target: string): void {
  const modules = join(target, 'node_modules');
  // Types only, wanted by the prompts as an optional peer.
  rmSync(join(modules, '@types'), { recursive: true, force: true });
  rmSync(join(modules, 'undici-types'), { recursive: true, force: true });
  for (const needless of ['src', 'vendor', 'scripts', 'include.js', 'inspector-example.js', 'binding.gyp']) {
    rmSync(join(modules, 'isolated-vm', needless), { recursive: true, force: true });
  }
  const prebuilds = join(modules, 'isolated-vm', 'prebuilds');
  const kept = filesBelow(prebuilds).filter((path) => {
    if (platform.prebuilds.test(relative(prebuilds, path).replaceAll('\\', '/'))) return true;
    rmSync(path);
    return false;
  });
  if (kept.length === 0) throw new Error(`isolated-vm has no prebuilt binary for ${platform.name}`);
  for (const path of filesBelow(modules)) {
    const inside = relative(modules, path).split('/');
    const developers = inside.slice(1, -1).some((folder) => DEVELOPERS.has(folder));
    if (developers || (NEEDLESS.test(path) && !LICENCE.test(basename(path)))) rmSync(path);
  }
  removeEmptyFolders(target);
}

function placeRuntime(runtime: Runtime, target: string, cache: string): void {
  const package_ = fetchRuntime(runtime, cache);
  mkdirSync(dirname(join(target, runtime.target)), { recursive: true });
  copyFileSync(join(package_, runtime.executable), join(target, runtime.target));
}

/**
 * The unpacked package of a runtime, fetched once and checked each time.
 * @returns its folder
 * @throws Error when its bytes are not those that are pinned
 */
export function fetchRuntime(runtime: Runtime, cache: string): string {
  const name = `${runtime.packageName}-${runtime.version}`;
  const tarball = join(cache, `${name}.tgz`);
  const folder = join(cache, name);
  mkdirSync(cache, { recursive: true });
  if (statSync(tarball, { throwIfNoEntry: false }) === undefined) {
    runTool('npm', ['pack', '--silent', `${runtime.packageName}@${runtime.version}`], { cwd: cache });
  }
  const found = `sha512-${createHash('sha512').update(readFileSync(tarball)).digest('base64')}`;
  if (found !== runtime.integrity) {
    throw new Error(`${tarball} is not the runtime that is pinned: ${found} instead of ${runtime.integrity}`);
  }
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  runTool('tar', ['-xzf', tarball, '-C', folder, '--strip-components=1', '--no-same-owner'], { cwd: cache });
  return folder;
}

function placeLaunchers(platform: Platform, project: string, target: string): void {
  const launchers = join(project, 'packaging', 'launchers');
  if (platform.os === 'win32') {
    const text = readFileSync(join(launchers, 'c42uds.cmd'), 'utf8').replaceAll(/\r?\n/g, '\r\n');
    for (const name of ['c42uds.cmd', 'C42UserDirectorySync.bat'])
      writeFileSync(join(target, 'bin', name), text);
    copyTracked(project, 'packaging/windows', join(target, 'windows'));
    for (const path of filesBelow(join(target, 'windows'))) {
      writeFileSync(path, readFileSync(path, 'utf8').replaceAll(/\r?\n/g, '\r\n'));
    }
    return;
  }
  for (const name of ['c42uds', 'C42UserDirectorySync']) {
    copyFileSync(join(launchers, 'c42uds'), join(target, 'bin', name));
  }
  // An image is made from an archive for Linux, by whoever has it.
  if (platform.os === 'linux') copyTracked(project, 'packaging/container', join(target, 'container'));
}

/** The same modes whatever the umask and file system of the machine that packs. */
function settleModes(target: string): void {
  const executable = /^(?:bin\/(?:c42uds|C42UserDirectorySync)|runtime\/bin\/node)$/;
  for (const path of filesBelow(target)) {
    chmodSync(path, executable.test(relative(target, path)) ? 0o755 : 0o644);
  }
  for (const path of foldersBelow(target)) chmodSync(path, 0o755);
}

/** Absolute paths of all files below a folder, sorted. */
export function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function foldersBelow(folder: string): readonly string[] {
  const below = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name));
  // The deepest first.
  return [folder, ...below].sort().reverse();
}

function removeEmptyFolders(target: string): void {
  for (const folder of foldersBelow(target)) {
    if (readdirSync(folder).length === 0) rmSync(folder, { recursive: true });
  }
}
