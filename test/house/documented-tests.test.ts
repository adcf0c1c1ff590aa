import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ROOT } from './source-tree.ts';

/** Patterns for the titles of a file's tests and suites: whatever is quoted behind `it(`, `test(` or `describe(`. */
function titlesOf(source: string): RegExp[] {
  const calls = /\b(?:it|test|describe)\(\s*(?:'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)"|`([^`]*)`)/g;
  return [...source.matchAll(calls)].map(([, single, double, template]) => {
    const title = single ?? double ?? template ?? '';
    // What a template fills in may be anything.
    const parts = template === undefined ? [title] : title.split(/\$\{[^}]*\}/);
    return new RegExp(`^${parts.map((part) => RegExp.escape(part.replace(/\\(.)/g, '$1'))).join('.+')}$`);
  });
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
      for (const title of quotedIn(cell))
        assert.ok(
          titles.some((known) => known.test(title)),
          `${file} has no test "${title}"`,
        );
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
