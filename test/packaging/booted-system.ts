/** A copy of this system that runs systemd and is thrown away: what happens inside stays inside, but for the network. */

import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const SYSTEMD = '/lib/systemd/systemd';
const LONGEST_BOOT_MS = 60_000;

/**
 * In namespaces of its own: a writable layer over this system's files, and systemd as the first process. Of this system's
 * services none is started (they would take ports that are in use), only the journal, and timers once they are asked for.
 */
const BOOT = `
set -eu
root=$1/root
# A file system of its own: a layer cannot lie upon one that is itself layered.
mount -t tmpfs tmpfs "$1"
mkdir "$root" "$1/upper" "$1/work"
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$root"
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
for folder in run tmp dev; do mount -t tmpfs tmpfs "$root/$folder"; done
chmod 1777 "$root/tmp"
for device in null:3 zero:5 full:7 random:8 urandom:9; do
  mknod -m 666 "$root/dev/\${device%:*}" c 1 "\${device#*:}"
done
mknod -m 666 "$root/dev/tty" c 5 0
: >"$root/dev/console"
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=666 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
units=$root/etc/systemd/system
rm -rf "$units"
mkdir -p "$units"
for unit in /lib/systemd/system/sysinit.target.wants/*; do
  case $unit in *journald*) ;; *) ln -sf /dev/null "$units/\${unit##*/}" ;; esac
done
printf '[Unit]\\nDefaultDependencies=no\\n' >"$units/sysinit.target"
printf '[Unit]\\nDefaultDependencies=no\\nRequires=systemd-journald.service dbus.socket\\n' >"$units/test.target"
mkdir "$root/.outside"
cd "$root"
pivot_root . .outside
cd /
umount -l /.outside
# As systemd expects of whoever starts it in a container: credentials are mounted from one namespace to the other.
mount --make-rshared /
container=test exec ${SYSTEMD} --system --unit=test.target
`;

export interface Ended {
  readonly exitCode: number | null;
  readonly output: string;
}

export class BootedSystem {
  readonly #folder: string;
  readonly #starter: ChildProcess;
  readonly #pid: number;

  private constructor(folder: string, starter: ChildProcess, pid: number) {
    this.#folder = folder;
    this.#starter = starter;
    this.#pid = pid;
  }

  static async boot(): Promise<BootedSystem> {
    const folder = mkdtempSync(join(tmpdir(), 'c42uds-booted-'));
    for (const name of ['system', 'cgroup']) mkdirSync(join(folder, name));
    execFileSync('mount', ['-t', 'cgroup2', 'cgroup2', join(folder, 'cgroup')]);
    const group = groupOf(folder);
    mkdirSync(group);
    const namespaces = '--mount --pid --fork --cgroup --kill-child=SIGKILL --propagation private';
    const starter = spawn(
      'sh',
      [
        '-c',
        `echo $$ >"$1/cgroup.procs"; exec unshare ${namespaces} sh -c "$2" sh "$3"`,
        'sh',
        group,
        BOOT,
        join(folder, 'system'),
      ],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    let said = '';
    for (const stream of [starter.stdout, starter.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (said += text));
    const deadlineMs = Date.now() + LONGEST_BOOT_MS;
    while (Date.now() < deadlineMs && starter.exitCode === null) {
      const pid = Number(
        childrenOf(starter.pid ?? 0)
          .trim()
          .split(' ')[0],
      );
      if (pid > 0) {
        const system = new BootedSystem(folder, starter, pid);
        const { output } = await system.run('systemctl', ['is-system-running', '--wait']);
        if (/^(?:running|degraded)$/m.test(output)) return system;
        said += output;
      }
      await delay(100);
    }
    throw new Error(`systemd does not start:\n${said}`);
  }

  /** The words that run a program inside. */
  get entrance(): readonly string[] {
    return ['nsenter', `--target=${this.#pid}`, '--mount', '--pid', '--cgroup', '--root', '--wd'];
  }

  /** Runs a program inside as root, with `env` alone as its environment besides PATH. */
  async run(
    program: string,
    words: readonly string[],
    {
      input = '',
      env = {},
    }: { readonly input?: string; readonly env?: Readonly<Record<string, string>> } = {},
  ): Promise<Ended> {
    const [nsenter = '', ...where] = this.entrance;
    const child = spawn(nsenter, [...where, program, ...words], {
      env: {
        PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
        DEBIAN_FRONTEND: 'noninteractive',
        LC_ALL: 'C.UTF-8',
        ...env,
      },
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    const [exitCode] = (await once(child, 'close')) as [number | null];
    return { exitCode, output };
  }

  /** As {@link run}, and fails unless it ends with 0. */
  async done(program: string, ...words: readonly string[]): Promise<string> {
    const { exitCode, output } = await this.run(program, words);
    assert.equal(exitCode, 0, `${program} ${words.join(' ')}\n${output}`);
    return output;
  }

  /** Where a file of the inside is for this process. */
  path(inside: string): string {
    return `/proc/${this.#pid}/root${inside}`;
  }

  async stop(): Promise<void> {
    const closed = once(this.#starter, 'close');
    // The first process of a namespace takes all others with it.
    process.kill(this.#pid, 'SIGKILL');
    await closed;
    const group = groupOf(this.#folder);
    const emptied = (): boolean => /^populated 0$/m.test(readFileSync(join(group, 'cgroup.events'), 'utf8'));
    for (let tries = 0; tries < 50 && !emptied(); tries += 1) await delay(100);
    const groups = readdirSync(group, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name));
    for (const path of [group, ...groups].sort().reverse()) rmdirSync(path);
    execFileSync('umount', [join(this.#folder, 'cgroup')]);
    rmSync(this.#folder, { recursive: true });
  }
}

/** Why no such system can be started here; `false` where it can. */
export function bootSkip(): string | false {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'only root may mount a layer';
  for (const program of [SYSTEMD, '/usr/bin/dpkg', '/usr/bin/unshare'])
    if (!existsSync(program)) return `no ${program}`;
  const probe = mkdtempSync(join(tmpdir(), 'c42uds-probe-'));
  try {
    const script =
      'mount -t tmpfs t "$1" && cd "$1" && mkdir u w r c && mount -t overlay o -o lowerdir=/,upperdir=u,workdir=w r && mount -t cgroup2 c c && mkdir c/"$2" && rmdir c/"$2"';
    const words = [
      '--mount',
      '--propagation',
      'private',
      'sh',
      '-c',
      script,
      'sh',
      probe,
      `probe-${process.pid}`,
    ];
    return spawnSync('unshare', words).status === 0
      ? false
      : 'this kernel does not let us start a system here';
  } finally {
    rmSync(probe, { recursive: true });
  }
}

function groupOf(folder: string): string {
  return join(folder, 'cgroup', `c42uds-test-${process.pid}`);
}

function childrenOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  } catch {
    return '';
  }
}
