/** The release that `npm run package` has built, and the tools to look into it. */

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));

/** C42UDS_RELEASE names a folder that `npm run package -- --out FOLDER` has filled; `release` by default. */
export const RELEASE = process.env['C42UDS_RELEASE'] ?? join(PROJECT, 'release');

export const { version: VERSION } = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8')) as {
  version: string;
};

/** Why the tests of a package cannot run; `false` where they can. A release is built where it is asked for only. */
export function releaseSkip(...files: readonly string[]): string | false {
  const missing = files.filter((file) => !existsSync(join(RELEASE, file)));
  if (missing.length === 0) return false;
  const reason = `${missing.join(', ')} not built: npm run package`;
  if (process.env['C42UDS_RELEASE'] !== undefined) throw new Error(reason);
  return reason;
}

/** Unpacks an archive into a fresh folder; `remove` deletes it. */
export function unpack(file: string): { readonly folder: string; readonly remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'c42uds-release-'));
  unpackInto(file, folder);
  return {
    folder,
    remove: () => {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Unpacks an archive of the release into a folder. */
export function unpackInto(file: string, folder: string): void {
  mkdirSync(folder, { recursive: true });
  const path = join(RELEASE, file);
  if (file.endsWith('.zip')) execFileSync('unzip', ['-q', path, '-d', folder]);
  else execFileSync('tar', ['-xzf', path, '-C', folder, '--no-same-owner']);
}

/** Paths of all files below a folder, relative to it, sorted. */
export function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}
