/** Errors of the file system in words. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileProblem } from '../../src/lib/file-problem.ts';

function problemOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return fileProblem(error);
  }
  return assert.fail('it did not fail');
}

test('a missing file and a folder are told in words', () => {
  assert.equal(
    problemOf(() => readFileSync('/no/such/file')),
    'there is no such file or folder',
  );
  assert.equal(
    problemOf(() => readFileSync('.')),
    'it is a folder, not a file',
  );
});

test('what has no words keeps its code, else its message', () => {
  assert.equal(fileProblem(Object.assign(new Error('x'), { code: 'EODD' })), 'EODD');
  assert.equal(fileProblem(new Error('odd')), 'odd');
  assert.equal(fileProblem('odd'), 'odd');
});
