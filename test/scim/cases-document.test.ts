/** Keeps docs/scim-cases.md true: every case that has to be handled names tests that exist. */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { SCENARIOS } from '../conformance/suite.ts';

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

interface Row {
  readonly number: number;
  readonly tests: readonly string[];
  readonly scenarios: readonly string[];
}

function rowsOfDocument(): Row[] {
  const text = readFileSync(join(root, 'docs', 'scim-cases.md'), 'utf8');
  return [...text.matchAll(/^\| (\d+)\. .*$/gm)].map(([row, number]) => {
    const [, , tests = '', scenarios = ''] = row.slice(2, -2).split(' | ');
    return {
      number: Number(number),
      tests: (tests.match(/"cases? .*?"(?=<br>|$)/g) ?? []).map((quoted) => quoted.slice(1, -1)),
      scenarios: scenarios.trim() === '-' ? [] : scenarios.trim().split('<br>'),
    };
  });
}

test('every case of the document names tests that exist, and no case is missing', () => {
  const source = testSource();
  const rows = rowsOfDocument();
  for (const { number, tests } of rows) {
    assert.ok(tests.length > 0, `case ${number} names no test`);
    for (const name of tests) {
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
  }
  assert.deepEqual(
    rows.map(({ number }) => number),
    numbersFrom(1, 84),
  );
});

test('every scenario of the conformance suite stands with its case, and no name is there twice', () => {
  for (const { number, scenarios } of rowsOfDocument()) {
    const titles = SCENARIOS.filter((scenario) => scenario.number === number).map(({ title }) => title);
    assert.deepEqual(scenarios, titles, `case ${number}`);
    assert.equal(new Set(titles).size, titles.length, `case ${number}`);
  }
});
