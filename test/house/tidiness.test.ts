import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { EXIT_CODES, ERRORS } from '../../src/model/errors.ts';
import { filesBelow, ROOT, type SourceFile } from './source-tree.ts';

const SOURCES = filesBelow('src', /\.ts$/);
const TESTS = [...filesBelow('test', /\.ts$/), ...filesBelow('bench', /\.ts$/)];

function paths(files: readonly SourceFile[]): string[] {
  return files.map((file) => file.path);
}

describe('every source file', () => {
  it('opens by saying what it is for', () => {
    assert.deepEqual(paths(SOURCES.filter((file) => !file.text.startsWith('/**'))), []);
  });

  it('has at most 330 lines, but for the table of properties, which has a row for each', () => {
    const long = SOURCES.filter((file) => file.text.split('\n').length > 330);
    assert.deepEqual(paths(long), ['src/config/options.ts']);
  });

  it('has a noun in kebab-case as its name, and none is a catch-all', () => {
    const name = /\/[a-z0-9]+(-[a-z0-9]+)*\.ts$/;
    assert.deepEqual(paths(SOURCES.filter((file) => !name.test(file.path))), []);
    assert.deepEqual(
      paths(SOURCES.filter((file) => /\/(utils?|helpers?|common|misc|index)\.ts$/.test(file.path))),
      [],
    );
  });

  it('has no default export, no enum, no suppressed check', () => {
    const banned =
      /^export default|^\s*(export )?(const )?enum |@ts-(ignore|expect-error|nocheck)|eslint-disable/m;
    assert.deepEqual(
      paths([...SOURCES, ...TESTS].filter((file) => banned.test(file.text) && !file.path.includes('house/'))),
      [],
    );
  });
});

describe('the documents', () => {
  it('name every room of src in the folder table of docs/architecture.md, and no other', () => {
    const table = readFileSync(join(ROOT, 'docs/architecture.md'), 'utf8').matchAll(
      /^\| `src\/([a-z]+)\/` \|/gm,
    );
    const rooms = readdirSync(join(ROOT, 'src'));
    assert.deepEqual([...table].map((match) => match[1]).sort(), rooms.sort());
  });

  it('name every exit code and every error code', () => {
    const guide = readFileSync(join(ROOT, 'docs/operating.md'), 'utf8');
    for (const code of Object.values(EXIT_CODES)) assert.match(guide, new RegExp(`^\\| ${code} \\|`, 'm'));
    const rows = readFileSync(join(ROOT, 'docs/troubleshooting.md'), 'utf8').matchAll(
      /^\| `([A-Z_]+)` \| (\d+) \| \S.* \| \S.* \|$/gm,
    );
    const told = [...rows].map(([, code = '', exitCode]) => [code, Number(exitCode)]);
    const errors = Object.entries(ERRORS).map(([code, { exitCode }]) => [code, exitCode]);
    assert.deepEqual(told.sort(), errors.sort());
  });

  it('justify every dependency in one line', () => {
    const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Record<
      string,
      Record<string, string>
    >;
    const reasons = readFileSync(join(ROOT, 'docs/decisions/dependencies.md'), 'utf8');
    const names = ['dependencies', 'optionalDependencies', 'devDependencies'].flatMap((kind) =>
      Object.keys(manifest[kind] ?? {}),
    );
    assert.deepEqual(
      names.filter((name) => !reasons.includes(`| \`${name}\` |`)),
      [],
    );
  });

  it('count the dependencies of a release as the lock file does', () => {
    const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, Record<string, unknown>>;
    };
    const { '': root = {}, ...all } = packages;
    const direct = [root['dependencies'], root['optionalDependencies']].flatMap((of) =>
      Object.keys(of ?? {}),
    );
    const shipped = Object.values(all).filter(({ dev, devOptional }) => dev !== true && devOptional !== true);
    // Of the native packages that exist for each platform, a release holds the one of its own.
    const natives = shipped.filter(({ os }) => os !== undefined);
    const transitive = shipped.length - natives.length + 1 - direct.length;
    assert.match(
      readFileSync(join(ROOT, 'docs/decisions/dependencies.md'), 'utf8'),
      new RegExp(`^A release holds ${direct.length} direct and ${transitive} transitive packages`, 'm'),
    );
  });

  it('name tests that exist for each way in which a directory fails', () => {
    const rows = readFileSync(join(ROOT, 'docs/directory-failures.md'), 'utf8').matchAll(
      /^\| \S.* \| `(test\/\S+)`: "(.+)" \|$/gm,
    );
    const named = [...rows].map(([, path = '', title = '']) => ({ path, title }));
    assert.ok(named.length > 20);
    const missing = named.filter(
      ({ path, title }) => !readFileSync(join(ROOT, path), 'utf8').includes(title),
    );
    assert.deepEqual(missing, []);
  });

  it('link to files that exist', () => {
    const broken: string[] = [];
    for (const file of [
      ...filesBelow('docs', /\.md$/),
      ...['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md'].map((path) => ({
        path,
        text: readFileSync(join(ROOT, path), 'utf8'),
      })),
    ]) {
      for (const [, target = ''] of file.text.matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)) {
        try {
          readFileSync(join(ROOT, file.path, '..', target));
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'EISDIR') broken.push(`${file.path} → ${target}`);
        }
      }
    }
    assert.deepEqual(broken, []);
  });
});

describe('the lock file', () => {
  it('pins every dependency exactly and names no registry', () => {
    const manifest = readFileSync(join(ROOT, 'package.json'), 'utf8');
    assert.doesNotMatch(manifest, /": "[\^~]/);
    assert.doesNotMatch(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'), /"resolved"/);
  });
});
