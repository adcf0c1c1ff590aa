/** What is refused, and the table of docs/script-compatibility.md: every row names a test that exists. */

import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { RunError } from '../../src/model/errors.ts';
import { compileScript } from '../../src/sandbox/script-file.ts';
import { CORPUS } from './legacy/corpus.ts';
import { REFUSED_SCRIPTS } from './refused-scripts.ts';

const DOCUMENT = join(import.meta.dirname, '../../docs/script-compatibility.md');

for (const { what, source, message } of REFUSED_SCRIPTS) {
  test(`refused: ${what}`, () => {
    assert.throws(
      () => compileScript('org', 'orgscript.js', source),
      (error: unknown) => {
        assert.ok(error instanceof RunError, String(error));
        assert.equal(error.code, 'SCRIPT_INVALID');
        assert.match(error.message, /^orgscript\.js line \d+, column \d+: /);
        assert.match(error.message, message);
        return true;
      },
    );
  });
}

/** The rows of the tables below a heading, by their cells. */
function rowsBelow(text: string, heading: string): string[][] {
  const section = text.split(/^## /m).find((part) => part.startsWith(heading)) ?? '';
  return [...section.matchAll(/^\| (.*) \|$/gm)]
    .map((match) => (match[1] ?? '').split(' | ').map((cell) => cell.trim()))
    .filter((cells) => !cells.every((cell) => /^-+$/.test(cell)))
    .slice(1);
}

async function titlesOfTests(): Promise<Set<string>> {
  const titles = [
    ...CORPUS.map(({ title }) => `legacy script: ${title}`),
    ...REFUSED_SCRIPTS.map(({ what }) => `refused: ${what}`),
  ];
  for (const file of await readdir(import.meta.dirname)) {
    if (!file.endsWith('.test.ts')) continue;
    const text = await readFile(join(import.meta.dirname, file), 'utf8');
    for (const [, , title = ''] of text.matchAll(/\btest\(\s*(['"])(.+?)\1,/g)) titles.push(title);
  }
  return new Set(titles);
}

test('every row of the compatibility table names a test that exists, and every legacy script has its row', async () => {
  const rows = rowsBelow(await readFile(DOCUMENT, 'utf8'), 'What works');
  const titles = await titlesOfTests();
  const named = rows.flatMap((cells) => (cells.at(-1) ?? '').split('; '));
  assert.ok(rows.length >= 50, `${rows.length} rows`);
  assert.deepEqual(
    rows.filter(
      (cells) => cells.length !== 4 || !/^(?:works|equivalent|refused|differs)$/.test(cells[1] ?? ''),
    ),
    [],
  );
  assert.deepEqual(
    named.filter((title) => !titles.has(title)),
    [],
  );
  const refused = rows.filter((cells) => cells[1] === 'refused').map((cells) => cells.at(-1));
  assert.deepEqual(
    REFUSED_SCRIPTS.map(({ what }) => `refused: ${what}`).filter((title) => !refused.includes(title)),
    [],
  );
  assert.deepEqual(
    CORPUS.map(({ title }) => `legacy script: ${title}`).filter((title) => !named.includes(title)),
    [],
  );
});

test('every difference of Rhino that the corpus knows is a row of the document, with its source', async () => {
  const rows = rowsBelow(await readFile(DOCUMENT, 'utf8'), 'Where Rhino');
  const known = new Set(CORPUS.flatMap(({ rhino }) => (rhino === undefined ? [] : [rhino])));
  assert.deepEqual(rows.map(([name]) => name).sort(), [...known].sort());
  assert.ok(rows.every((cells) => cells.length === 4 && cells[3] !== ''));
});
