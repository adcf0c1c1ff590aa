/** An older release made of the present one: there is none yet, so what an older one would have been like is put into it. */

import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SCHEMA_VERSION } from '../../src/local/state-schema.ts';
import { VERSION } from './release.ts';

export const OLDER = '0.0.9';
/** The format of the state that the older program writes at most, and takes. */
export const OLDER_FORMAT = SCHEMA_VERSION - 1;

/** What only the older program has; relative to its folder. */
export const RETIRED = [
  'dist/cli/retired.js',
  'node_modules/retired-library/package.json',
  'node_modules/undici/lib/retired.js',
  'scripts/examples/retired.js',
  'docs/retired.md',
];
/** What only the newer one has. */
const ADDED = ['docs/decisions/engine.md', 'scripts/examples/roles-by-nested-group.js'];

/**
 * Makes a program folder of this version that of an older one: another version, files that are gone today, some of today's
 * missing, and a state of the format before: it refuses what the present one writes.
 */
export function makeProgramOlder(program: string): void {
  replaceIn(join(program, 'package.json'), `"version": "${VERSION}"`, `"version": "${OLDER}"`);
  for (const path of RETIRED) {
    mkdirSync(dirname(join(program, path)), { recursive: true });
    writeFileSync(join(program, path), '{ "retired": true }\n');
  }
  for (const path of ADDED) rmSync(join(program, path), { force: true });
  const schema = join(program, 'dist/local/state-schema.js');
  replaceIn(schema, `SCHEMA_VERSION = ${SCHEMA_VERSION};`, `SCHEMA_VERSION = ${OLDER_FORMAT};`);
}

/** The same for a Debian package; it packs at once. */
export function makeDebOlder(deb: string, folder: string): string {
  const root = join(folder, 'older');
  execFileSync('dpkg-deb', ['--raw-extract', deb, root]);
  makeProgramOlder(join(root, 'usr/lib/c42uds'));
  replaceIn(join(root, 'DEBIAN/control'), `Version: ${VERSION}`, `Version: ${OLDER}`);
  // As it was once: it gave the folder of the configuration to the service's user at every start of the machine.
  mkdirSync(join(root, 'usr/lib/tmpfiles.d'), { recursive: true });
  writeFileSync(join(root, 'usr/lib/tmpfiles.d/c42uds.conf'), 'd /etc/c42uds 0750 c42uds c42uds -\n');
  rmSync(join(root, 'etc/default/c42uds'));
  rmSync(join(root, 'DEBIAN/conffiles'));
  const file = join(folder, `c42uds_${OLDER}_amd64.deb`);
  execFileSync('dpkg-deb', ['--root-owner-group', '-Zgzip', '-z1', '--build', root, file]);
  rmSync(root, { recursive: true });
  return file;
}

function replaceIn(path: string, from: string, to: string): void {
  const text = readFileSync(path, 'utf8');
  if (text.split(from).length !== 2) throw new Error(`${path} does not hold ${from} once`);
  writeFileSync(path, text.replace(from, to));
}
