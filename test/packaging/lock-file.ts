/** What the lock file says a platform needs, worked out from the dependencies themselves and not from its own marks. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../house/source-tree.ts';

/** An entry of `packages` (package-lock.json of npm, lockfileVersion 3). */
export interface LockedPackage {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly hasInstallScript?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
}

export type Lock = Readonly<Record<string, LockedPackage>>;

export interface Target {
  readonly os: string | undefined;
  readonly cpu: string | undefined;
  readonly libc: string;
}

/** By the path of each package, as `node_modules/pino`; the project itself is the empty path. */
export function readLock(): Lock {
  const text = readFileSync(join(ROOT, 'package-lock.json'), 'utf8');
  return (JSON.parse(text) as { packages: Lock }).packages;
}

/** Every package that a program on the platform can reach from the project without its development dependencies. */
export function productionClosure(
  lock: Lock,
  target: Target,
): readonly { readonly path: string; readonly version: string }[] {
  const reached = new Map<string, string>();
  const visit = (from: string): void => {
    for (const [name, isOptional] of needs(lock[from] ?? {})) {
      const path = resolve(lock, from, name);
      if (path === null) {
        if (!isOptional) throw new Error(`${from} needs ${name}, which the lock file does not have`);
        continue;
      }
      const found = lock[path] ?? {};
      if (reached.has(path) || !fits(found, target)) continue;
      reached.set(path, found.version ?? '');
      visit(path);
    }
  };
  visit('');
  return [...reached].map(([path, version]) => ({ path, version }));
}

/** Names with whether one may be missing. */
function needs(entry: LockedPackage): Map<string, boolean> {
  const names = (part: Readonly<Record<string, string>> | undefined): string[] => Object.keys(part ?? {});
  return new Map([
    ...names(entry.peerDependencies)
      .filter((name) => entry.peerDependenciesMeta?.[name]?.optional !== true)
      .map((name) => [name, false] as const),
    ...names(entry.dependencies).map((name) => [name, false] as const),
    ...names(entry.optionalDependencies).map((name) => [name, true] as const),
  ]);
}

/** As Node.js looks for it: beside the package, then further up. */
function resolve(lock: Lock, from: string, name: string): string | null {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('node_modules/') - 1))) {
    const path = folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
    if (path in lock) return path;
    if (folder === '') return null;
  }
}

function fits({ os, cpu, libc }: LockedPackage, target: Target): boolean {
  const allows = (list: readonly string[] | undefined, value: string | undefined): boolean =>
    list === undefined || list.includes(value ?? '');
  return (
    allows(os, target.os) && allows(cpu, target.cpu) && (target.os !== 'linux' || allows(libc, target.libc))
  );
}
