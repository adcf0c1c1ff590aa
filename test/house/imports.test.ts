import assert from 'node:assert/strict';
import { posix } from 'node:path';
import { describe, it } from 'node:test';
import { filesBelow, importsOf, roomOf } from './source-tree.ts';

/** Which rooms a room may import. Its own files it always may. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  model: [],
  lib: [],
  config: ['model', 'lib'],
  ldap: ['model', 'lib', 'config'],
  sandbox: ['model', 'lib', 'config'],
  scim: ['model', 'lib', 'config'],
  local: ['model', 'lib', 'config'],
  report: ['model', 'lib', 'config'],
  sync: ['model', 'lib'],
  demo: ['model', 'lib', 'config', 'ldap', 'sandbox', 'scim', 'local', 'report', 'sync'],
  cli: ['model', 'lib', 'config', 'ldap', 'sandbox', 'scim', 'local', 'report', 'sync', 'demo'],
};

const SOURCES = filesBelow('src', /\.ts$/);

describe('the import rule', () => {
  it('names every room of src', () => {
    const rooms = new Set(SOURCES.map((file) => roomOf(file.path)));
    assert.deepEqual([...rooms].sort(), Object.keys(MAY_IMPORT).sort());
  });

  it('is kept: data flows one way and adapters do not know each other', () => {
    const broken: string[] = [];
    for (const file of SOURCES) {
      const room = roomOf(file.path);
      for (const specifier of importsOf(file)) {
        if (!specifier.startsWith('.')) continue;
        const target = roomOf(posix.join(posix.dirname(file.path), specifier));
        if (target !== room && !MAY_IMPORT[room]?.includes(target)) {
          broken.push(`${file.path} imports ${specifier}`);
        }
      }
    }
    assert.deepEqual(broken, []);
  });

  it('keeps each third-party library in one room', () => {
    const rooms = new Map<string, Set<string>>();
    for (const file of SOURCES) {
      for (const specifier of importsOf(file)) {
        if (specifier.startsWith('.') || specifier.startsWith('node:')) continue;
        const name = specifier
          .split('/')
          .slice(0, specifier.startsWith('@') ? 2 : 1)
          .join('/');
        rooms.set(name, (rooms.get(name) ?? new Set()).add(roomOf(file.path)));
      }
    }
    const shared = [...rooms]
      .filter(([, where]) => where.size > 1)
      .map(([name, where]) => `${name}: ${[...where].join()}`);
    assert.deepEqual(shared, []);
  });
});

describe('the process', () => {
  it('is ended, and its arguments and environment are read, by the command line only', () => {
    // The script process is a process of its own, and starting it takes one variable of Windows.
    const own = /^src\/(cli|demo)\/|^src\/sandbox\/(child|script-process)/;
    const guilty = SOURCES.filter(
      (file) =>
        !own.test(file.path) &&
        /process\.(exit\b|argv|env\b)/.test(file.text.replace(/^\s*(\*|\/\/).*$/gm, '')),
    );
    assert.deepEqual(
      guilty.map((file) => file.path),
      [],
    );
  });
});
