/** Keeps docs/scim-cases.md true: every case that has to be handled names tests that exist. */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const root = join(import.meta.dirname, '..', '..');

function numbersFrom(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

/** The source of all tests that the document may name, without escapes in names. */
function testSource(): string {
  const files = ['test/scim', 'test/contract'].flatMap((folder) =>
    readdirSync(join(root, folder))
      .filter((file) => file.endsWith('.test.ts'))
      .map((file) => join(root, folder, file)),
  );
  return files.map((file) => readFileSync(file, 'utf8')).join('\n');
}

test('every case of the document names tests that exist, and no case is missing', () => {
  const source = testSource();
  const rows = readFileSync(join(root, 'docs', 'scim-cases.md'), 'utf8').matchAll(/^\| (\d+)\. .*$/gm);
  const covered = new Set<number>();
  for (const [row, number] of rows) {
    const names =
      row
        .split(' | ')
        .at(-1)
        ?.match(/"cases? .*?"(?=<br>| )/g) ?? [];
    assert.ok(names.length > 0, `case ${number} names no test`);
    for (const quoted of names) {
      const name = quoted.slice(1, -1);
      assert.ok(
        source.includes(`'${name}'`) || source.includes(`"${name}"`),
        `case ${number}: there is no test "${name}"`,
      );
      assert.match(
        name,
        new RegExp(`^cases? .*\\b${number}\\b`),
        `case ${number} is not what "${name}" tests`,
      );
    }
    covered.add(Number(number));
  }
  const missing = [...numbersFrom(1, 50), ...numbersFrom(57, 64)].filter((number) => !covered.has(number));
  assert.deepEqual(missing, []);
});
