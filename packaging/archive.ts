/** Packs a folder so that the same content gives the same bytes: sorted names, one time, no owner. */

import { createHash } from 'node:crypto';
import { lutimesSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { runTool } from './tool.ts';

export interface Packing {
  /** Time of every entry, in seconds since 1970. */
  readonly epochS: number;
  /** 1 packs fastest, 9 smallest. */
  readonly level: number;
}

/** Writes `folder` as a `.tar.gz`, its entries starting with the folder's name. */
export function writeTarGz(folder: string, file: string, { epochS, level }: Packing): void {
  const tar = file.replace(/\.gz$/, '');
  runTool(
    'tar',
    [
      '--create',
      `--file=${tar}`,
      '--format=gnu',
      '--sort=name',
      `--mtime=@${epochS}`,
      '--owner=0',
      '--group=0',
      '--numeric-owner',
      basename(folder),
    ],
    { cwd: dirname(folder) },
  );
  // -n: no name and no time in the header.
  runTool('gzip', [`-${level}`, '-n', '-f', tar], { cwd: dirname(folder) });
}

/** Writes `folder` as a `.zip`, entries as in {@link writeTarGz}. */
export function writeZip(folder: string, file: string, { epochS, level }: Packing): void {
  rmSync(file, { force: true });
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  for (const name of names) lutimesSync(name, epochS, epochS);
  const root = dirname(folder);
  const listed = names.map((name) => name.slice(root.length + 1)).join('\n');
  // -X: no user ids, no times finer than the format's own.
  runTool('zip', [`-${level}`, '-q', '-X', '-@', file], { cwd: root, input: `${listed}\n` });
}

/** SHA-256 of a file, in hexadecimal. */
export function sha256(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}
