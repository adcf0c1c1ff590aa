/** What is inside a package: a CycloneDX bill of materials and the licences of everything. */

import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Platform } from './platforms.ts';

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string | { readonly type?: string };
}

/** A package inside the program folder. */
interface Part {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly licenceTexts: readonly string[];
}

/**
 * Writes `sbom.cdx.json` (CycloneDX 1.6) and `THIRD-PARTY-LICENSES.txt` into the program folder, from what really is in
 * it.
 * @param nodeLicence text of the runtime's licence
 * @returns how many packages are inside, the runtime included
 * @throws Error when a package states no licence
 */
export function writeBill(platform: Platform, program: string, nodeLicence: string, epochS: number): number {
  const own = manifestOf(program);
  const parts = [...partsBelow(join(program, 'node_modules')), runtimePart(platform, nodeLicence)];
  const components = parts.map((part) => ({
    type: part.name === 'node' ? 'platform' : 'library',
    'bom-ref': purl(part),
    name: part.name,
    version: part.version,
    licenses: [part.license.includes(' ') ? { expression: part.license } : { license: { id: part.license } }],
    purl: purl(part),
  }));
  const bill = {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${uuidOf(JSON.stringify([own.version, components]))}`,
    version: 1,
    metadata: {
      timestamp: new Date(epochS * 1000).toISOString(),
      component: {
        type: 'application',
        'bom-ref': `pkg:generic/c42uds@${own.version}`,
        name: 'c42uds',
        version: own.version,
        licenses: [{ license: { id: licenceOf(own) } }],
      },
    },
    components,
    dependencies: [
      {
        ref: `pkg:generic/c42uds@${own.version}`,
        dependsOn: components.map((component) => component['bom-ref']),
      },
    ],
  };
  writeFileSync(join(program, 'sbom.cdx.json'), `${JSON.stringify(bill, null, 2)}\n`);
  writeFileSync(join(program, 'THIRD-PARTY-LICENSES.txt'), licenceList(parts));
  return parts.length;
}

function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
}

/** Every package below a `node_modules`, nested ones and scopes included, sorted by name and version. */
function partsBelow(modules: string): readonly Part[] {
  const parts = new Map<string, Part>();
  const visit = (folder: string): void => {
    if (!existsSync(folder)) return;
    for (const name of readdirSync(folder).sort()) {
      const path = join(folder, name);
      if (name.startsWith('@')) visit(path);
      else if (existsSync(join(path, 'package.json'))) {
        const part = partOf(path);
        parts.set(`${part.name}@${part.version}`, part);
        visit(join(path, 'node_modules'));
      }
    }
  };
  visit(modules);
  return [...parts.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, part]) => part);
}

function partOf(folder: string): Part {
  const manifest = manifestOf(folder);
  const texts = readdirSync(folder)
    .filter((file) => /^(?:licen[cs]e|copying|notice)/i.test(file))
    .sort()
    .map((file) => readFileSync(join(folder, file), 'utf8').trim());
  return { ...manifest, license: licenceOf(manifest), licenceTexts: texts };
}

function licenceOf({ name, version, license }: Manifest): string {
  const stated = typeof license === 'string' ? license : license?.type;
  if (stated === undefined || stated === '') throw new Error(`${name} ${version} states no licence`);
  return stated;
}

function runtimePart({ runtime }: Platform, licence: string): Part {
  return {
    name: 'node',
    version: runtime.version,
    license: 'MIT',
    licenceTexts: [licence.trim()],
  };
}

function purl({ name, version }: Part): string {
  if (name === 'node') return `pkg:generic/node@${version}`;
  return `pkg:npm/${name.replace('@', '%40')}@${version}`;
}

/** A UUID of version 8 (RFC 9562 5.8) made of a text, so that the same content has the same serial number. */
function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    variant + hex.slice(17, 20),
    hex.slice(20, 32),
  ].join('-');
}

function licenceList(parts: readonly Part[]): string {
  const rule = '='.repeat(100);
  const entries = parts.map(({ name, version, license, licenceTexts }) =>
    [
      rule,
      `${name} ${version}: ${license}`,
      rule,
      '',
      ...(licenceTexts.length === 0
        ? [`(The package brings no licence text; it states ${license}.)`]
        : licenceTexts),
      '',
    ].join('\n'),
  );
  const summary = parts.map(({ name, version, license }) => `${`${name} ${version}`.padEnd(50)} ${license}`);
  return [
    'c42uds is made with the following, each under its own licence.',
    '',
    ...summary,
    '',
    ...entries,
  ].join('\n');
}
