/** Lines and tables that fit a screen, whatever the letters in them are. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { columnsOf, padded, shortened } from '../../src/lib/text-width.ts';
import { columnWidths, rowLines, wrapped } from '../../src/lib/wrapping.ts';

const RED = '\u001b[31m';
const PLAIN = '\u001b[0m';

describe('the columns of a text', () => {
  for (const [text, columns, what] of [
    ['ann@example.com', 15, 'plain letters'],
    ['李小龙', 6, 'Chinese letters'],
    ['ｱﾝﾅ', 3, 'half-width katakana'],
    ['ＡＢ', 4, 'full-width letters'],
    ['한글', 4, 'Korean syllables'],
    ['\u1112\u1161\u11ab', 2, 'a Korean syllable written by its parts'],
    ['e\u0301', 1, 'a letter with a combining mark'],
    ['नमस्ते', 4, 'Indian letters with vowel signs'],
    ['👩‍👩‍👧', 2, 'a family joined to one picture'],
    ['🇫🇷', 2, 'a flag'],
    ['❤️', 2, 'a heart shown as emoji'],
    ['©', 1, 'a sign that is text'],
    [`${RED}abc${PLAIN}`, 3, 'colours'],
  ] as const) {
    test(`are counted of ${what}`, () => {
      assert.equal(columnsOf(text), columns);
      assert.equal(columnsOf(padded(text, 20)), 20);
    });
  }
});

test('a text that is cut shows that it was, and never half a letter', () => {
  assert.equal(shortened('ann@example.com', 15), 'ann@example.com');
  assert.equal(shortened('ann@example.com', 8), 'ann@exa…');
  assert.equal(shortened('李小龙李', 6), '李小…');
  assert.equal(shortened('e\u0301e\u0301e\u0301', 2), 'e\u0301…');
});

describe('a line that is longer than the screen', () => {
  test('is broken at blanks and goes on behind a hanging indent', () => {
    assert.deepEqual(wrapped('  title: Weaver of the old mill -> Chief', 20), [
      '  title: Weaver of',
      '    the old mill ->',
      '    Chief',
    ]);
  });

  test('loses nothing, whatever it holds', () => {
    const hostile = `  ${'李'.repeat(30)} x ${'a'.repeat(95)} ${RED}CN=Ann,OU=Looms,OU=People,DC=example,DC=com${PLAIN} e\u0301`;
    for (const columns of [9, 20, 61]) {
      const lines = wrapped(hostile, columns);
      for (const line of lines) assert.ok(columnsOf(line) <= columns, `${columns}: "${line}"`);
      assert.equal(lines.join('').replaceAll(' ', ''), hostile.replaceAll(' ', ''));
    }
  });

  test('is broken behind a separator where a single word is longer', () => {
    assert.deepEqual(wrapped('entry CN=Ann,OU=Looms,OU=People,DC=example', 24), [
      'entry CN=Ann,OU=Looms,',
      '  OU=People,DC=example',
    ]);
  });

  test('keeps its colours, which take no room', () => {
    assert.deepEqual(wrapped(`${RED}one two${PLAIN} three`, 7, 0), [`${RED}one two${PLAIN}`, 'three']);
  });

  test('stays whole where nobody looks on', () => {
    const long = 'x '.repeat(500);
    assert.deepEqual(wrapped(long, Infinity), [long]);
  });
});

test('a table narrows its widest column first and wraps its cells', () => {
  const rows = [
    ['userName', 'ann@example.com', 'ann@example.com'],
    ['title', 'Head of the looms and of the weavers', 'Weaver'],
  ];
  const widths = columnWidths(rows, 50, 2);
  assert.deepEqual(widths, [8, 23, 15]);
  assert.deepEqual(rowLines(rows[1] ?? [], widths, 2), [
    'title     Head of the looms and    Weaver',
    '          of the weavers',
  ]);
  assert.deepEqual(columnWidths(rows, Infinity, 2), [8, 36, 15]);
});
