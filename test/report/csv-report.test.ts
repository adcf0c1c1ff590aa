/** A report for a spreadsheet: what a hostile value may not do, and what RFC 4180 asks for. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { csvLine, csvReport } from '../../src/report/csv-report.ts';
import { RECORD } from './sample-record.ts';

test('a value that a spreadsheet would take for a formula is made a text', () => {
  for (const value of [
    '=1+1',
    '+1',
    '-1',
    '@SUM(A1)',
    '\t=1',
    '\r=1',
    '\n=1',
    ' =1+1',
    '\uFF1D1+1',
    '=cmd|calc!A0',
  ]) {
    const [first] = parse(csvLine([value, 'x']));
    assert.equal(first?.[0], `'${value}`);
  }
});

test('what only looks a little like a formula stays as it is', () => {
  for (const value of ['a=b', 'ann@example.com', 'Jean-Luc', '3+4', '']) {
    assert.equal(parse(csvLine([value, 'x']))[0]?.[0], value);
  }
});

test('quotes, commas and line breaks survive the way through RFC 4180', () => {
  const values = ['a "quoted" word', 'one, two', 'line\r\nbreak', ' blanks ', '"', ''];
  assert.deepEqual(parse(csvLine(values)), [values]);
});

test('a user has a line for each attribute that changes, and one where none does', () => {
  let text = '';
  const report = csvReport(RECORD.head, (part) => (text += part));
  report.user(RECORD.user);
  report.user({ ...RECORD.user, action: 'unchanged', attributes: {}, withheld: [] });
  report.user({ ...RECORD.user, attributes: {}, withheld: ['title'] });
  report.end(RECORD.result, []);
  assert.ok(text.startsWith('\uFEFFstatus,action,userName,'));
  const [head = [], ...rows] = parse(text.slice(1));
  const shown = rows.map((row) =>
    ['attribute', 'old value', 'new value'].map((name) => row[head.indexOf(name)]),
  );
  assert.deepEqual(shown, [
    ['title', 'Weaver', 'Miller'],
    ['roles', 'Desktop User', 'Desktop User; PROe User'],
    ['', '', ''],
    ['title', '(sensitive)', '(sensitive)'],
  ]);
  assert.ok(rows.every((row) => row.length === head.length));
});

/** RFC 4180, read by its grammar. */
function parse(text: string): string[][] {
  const rows: string[][] = [];
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/y;
  const row: string[] = [];
  while (field.lastIndex < text.length) {
    const match =
      field.exec(text) ?? assert.fail(`no field at ${field.lastIndex} of ${JSON.stringify(text)}`);
    row.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '');
    if (match[3] === '\r\n') rows.push(row.splice(0));
  }
  return rows;
}
