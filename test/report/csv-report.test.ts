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
    ['', '', ''],
  ]);
  assert.ok(rows.every((row) => row.length === head.length));
});

test('the last line is the run: nobody takes one that ended early for one without users', () => {
  const error = { code: 'DIRECTORY_UNREACHABLE', message: 'no answer', fix: 'Check it.' };
  const early = { ...RECORD.result, verdict: 'ENDED_EARLY', exitCode: 4, error, planned: null } as const;
  const late = { user: 'eve', dn: 'CN=eve', identity: '0e', stage: 'SEND', message: 'refused' };
  const waiting = [{ ...late, since: '2026-01-01T00:00:00Z', attempts: 4, retryAt: '2026-01-02T00:00:00Z' }];
  for (const [result, expected] of [
    [
      early,
      [
        'RUN ended early Run 3f9a1c2e ended with exit code 4: DIRECTORY_UNREACHABLE, dry run; 4,180 users read in 4.2 s. no answer. Check it.',
      ],
    ],
    [
      { ...RECORD.result, waiting },
      [
        'WAITING failed eve refused (failed 4 times since 2026-01-01T00:00:00Z, next attempt after 2026-01-02T00:00:00Z) CN=eve 0e',
        'RUN plan ready Run 3f9a1c2e ended with exit code 0: 1 to update, 1 user waiting; dry run; 4,180 users read in 4.2 s',
      ],
    ],
  ] as const) {
    let text = '';
    const report = csvReport(RECORD.head, (part) => (text += part));
    report.end(result, []);
    const [, ...rows] = parse(text.slice(1));
    assert.deepEqual(
      rows.map((row) => row.filter((cell) => cell !== '').join(' ')),
      expected,
    );
  }
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
