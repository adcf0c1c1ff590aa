/** A root file system with nothing in it but a shell, the C library and an unpacked program; the network is the host's. */

import { execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const TOOLS = ['/bin/sh', '/usr/bin/readlink', '/usr/bin/dirname'];
/** Nobody in particular: a number without a right. */
const USER_ID = 10042;
const HOME = '/home/somebody';

export interface Ended {
  readonly exitCode: number | null;
  readonly output: string;
}

export interface EmptyRoot {
  readonly path: string;
  /** The unprivileged user's folder, as seen from inside. */
  readonly home: string;
  /** The first words of a command that runs inside, as the unprivileged user, in the home folder. */
  readonly entrance: readonly string[];
  /** Runs a shell command inside, as the unprivileged user, in the home folder. */
  run(command: string, input?: string): Promise<Ended>;
  remove(): void;
}

/** Why there can be no such root here; `false` where there can. */
export function emptyRootSkip(): string | false {
  if (process.platform !== 'linux') return 'chroot as Linux has it';
  return process.getuid?.() === 0 ? false : 'only root may change the root';
}

/** Makes the root. `place` fills it with the program before anything runs. */
export function makeEmptyRoot(place: (root: string) => readonly string[]): EmptyRoot {
  const path = mkdtempSync(join(tmpdir(), 'c42uds-root-'));
  for (const folder of ['bin', 'dev', 'etc', 'home/somebody', 'proc', 'tmp']) {
    mkdirSync(join(path, folder), { recursive: true });
  }
  for (const tool of TOOLS)
    copyFileSync(realpathSync(tool), join(path, 'bin', tool.slice(tool.lastIndexOf('/') + 1)));
  for (const library of librariesOf([...TOOLS, ...place(path)])) {
    mkdirSync(dirname(join(path, library)), { recursive: true });
    copyFileSync(realpathSync(library), join(path, library));
  }
  // Made for its owner alone, as every temporary folder.
  chmodSync(path, 0o755);
  writeFileSync(join(path, 'etc/passwd'), `somebody:x:${USER_ID}:${USER_ID}::/home/somebody:/bin/sh\n`);
  execFileSync('chown', [`${USER_ID}:${USER_ID}`, join(path, 'home/somebody')]);
  execFileSync('chmod', ['1777', join(path, 'tmp')]);
  execFileSync('mknod', ['-m', '666', join(path, 'dev/null'), 'c', '1', '3']);
  execFileSync('mknod', ['-m', '666', join(path, 'dev/urandom'), 'c', '1', '9']);
  execFileSync('mount', ['-t', 'proc', 'proc', join(path, 'proc')]);
  return {
    path,
    home: HOME,
    entrance: entranceOf(path),
    run: (command, input = '') => runInside(path, command, input),
    remove() {
      execFileSync('umount', [join(path, 'proc')]);
      rmSync(path, { recursive: true, force: true });
    },
  };
}

/** The shared libraries that executables load, as the dynamic linker names them. */
function librariesOf(executables: readonly string[]): readonly string[] {
  const libraries = executables.flatMap((executable) => {
    const text = execFileSync('ldd', [executable], { encoding: 'utf8' });
    return [...text.matchAll(/(?:^|\s)(\/\S+)/gm)].map((match) => match[1] ?? '');
  });
  return [...new Set(libraries)];
}

function entranceOf(root: string): readonly string[] {
  // Nothing of this environment but what a terminal says of itself.
  const variables = ['PATH=/bin:/usr/bin:/usr/sbin:/sbin', `HOME=${HOME}`, 'TERM=xterm', 'COLUMNS=120'];
  const user = `--userspec=${USER_ID}:${USER_ID}`;
  return ['env', '-i', ...variables, 'chroot', user, root, '/bin/sh', '-c', `cd ${HOME} && exec "$0" "$@"`];
}

async function runInside(root: string, command: string, input: string): Promise<Ended> {
  const [program = '', ...words] = [...entranceOf(root), '/bin/sh', '-c', command];
  const child = spawn(program, words);
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const exitCode = await new Promise<number | null>((resolve) => {
    child.on('close', resolve);
  });
  return { exitCode, output };
}
