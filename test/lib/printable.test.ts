/** What may reach a screen or a log line as it is. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { printable } from '../../src/lib/printable.ts';

test('controls, separators, marks of direction and marks that nobody sees are written as escapes', () => {
  const table: readonly [string, string][] = [
    ['\n', '\\n'],
    ['\u001b', '\\u{1b}'],
    ['\u2028', '\\u{2028}'],
    ['\u202E', '\\u{202e}'],
    ['\u061C', '\\u{61c}'],
    ['\u2060', '\\u{2060}'],
    ['\u00AD', '\\u{ad}'],
    ['\u{E0000}', '\\u{e0000}'],
    ['\u{E0041}', '\\u{e0041}'],
    ['\u{E007F}', '\\u{e007f}'],
  ];
  for (const [character, escape] of table) assert.equal(printable(`a${character}b`), `a${escape}b`);
});

test('names of any script stay as they are, with the joiners that some need', () => {
  for (const name of ['Zoë Müller', '山田', 'می\u200Cخواهم', 'क्\u200Dष', '👩\u200D💻', 'O\'Brien \\ "x"']) {
    assert.equal(printable(name), name);
  }
});
