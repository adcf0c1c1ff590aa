import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ROOT } from './source-tree.ts';

/** The titles of a file's tests and suites: whatever is quoted behind `it(`, `test(` or `describe(`. */
function titlesOf(source: string): Set<string> {
  const calls = /\b(?:it|test|describe)\(\s*(?:'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)")/g;
  return new Set(
    [...source.matchAll(calls)].map(([, single, double]) => (single ?? double ?? '').replace(/\\(.)/g, '$1')),
  );
}

/** The quoted titles of a cell, which stand apart by `<br>`. */
function quotedIn(cell: string): string[] {
  return cell
    .split('<br>')
    .map((title) => /^"(.*)"$/.exec(title.trim())?.[1] ?? `not a quoted title: ${title}`);
}

describe('tests that a document names', () => {
  it('stand under these titles in the files that docs/safety.md names', () => {
    const rows = [
      ...readFileSync(join(ROOT, 'docs/safety.md'), 'utf8').matchAll(/^\|.*\| `(test\/.*?)` \| (.*) \|$/gm),
    ];
    assert.ok(rows.length > 25, 'the tables have rows');
    for (const [, file = '', cell = ''] of rows) {
      assert.ok(existsSync(join(ROOT, file)), file);
      const titles = titlesOf(readFileSync(join(ROOT, file), 'utf8'));
      for (const title of quotedIn(cell)) assert.ok(titles.has(title), `${file} has no test "${title}"`);
    }
  });

  it('cover the first twenty rows of docs/safety.md, each number once', () => {
    const numbers = [...readFileSync(join(ROOT, 'docs/safety.md'), 'utf8').matchAll(/^\| (\d+) \|/gm)];
    assert.deepEqual(
      numbers.map(([, number]) => Number(number)),
      Array.from({ length: 20 }, (_, n) => n + 1),
    );
  });
});
