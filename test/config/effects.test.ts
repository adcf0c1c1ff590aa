/** Keeps the last two columns of docs/properties.md true: the modules and the tests that they name are there. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { EFFECTS } from '../../src/config/effects.ts';
import { OPTIONS, type OptionKey } from '../../src/config/options.ts';
import { filesBelow, ROOT } from '../house/source-tree.ts';

const KEYS = Object.keys(OPTIONS) as OptionKey[];
const TITLE = /\b(?:test|it)(?:\.\w+)?\(\s*(['"`])((?:\\.|(?!\1)[^\\])*)\1/g;

/** The titles of all tests by file, without escapes. */
const titles = new Map(
  filesBelow('test', /\.test\.ts$/).map(({ path, text }) => [
    path,
    new Set([...text.matchAll(TITLE)].map(([, , title = '']) => title.replace(/\\(.)/g, '$1'))),
  ]),
);

test('every property takes effect in modules that exist, the first of which takes it from the settings', () => {
  for (const key of KEYS) {
    const { files } = EFFECTS[key];
    const [first = ''] = files.map((file) => readFileSync(join(ROOT, file), 'utf8'));
    assert.ok(
      files.every((file) => file.startsWith('src/') && !file.startsWith('src/config/')),
      key,
    );
    assert.ok(first.includes(`'${key}'`), `${String(files[0])} does not mention ${key}`);
  }
});

test('every property is proven by tests that exist under their title', () => {
  for (const key of KEYS) {
    const { proofs } = EFFECTS[key];
    assert.ok(proofs.length > 0, key);
    for (const [file, title] of proofs) {
      assert.ok(titles.get(file)?.has(title), `${key}: ${file} has no test "${title}"`);
    }
  }
});

test('no test of a property in test/properties is missing from the table', () => {
  const named = new Set(
    KEYS.flatMap((key) => EFFECTS[key].proofs.map(([file, title]) => `${file}: ${title}`)),
  );
  for (const [file, inFile] of titles) {
    if (!file.startsWith('test/properties/')) continue;
    for (const title of inFile) assert.ok(named.has(`${file}: ${title}`), `${file}: ${title}`);
  }
});
