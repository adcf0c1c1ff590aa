/** The files that limit a run: `--filter` and `--files`, as people and their tools write them. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { readFilterFile, readNameFiles } from '../../src/cli/user-limits.ts';
import { checkFilter } from '../../src/ldap/filter-parser.ts';
import { RunError } from '../../src/model/errors.ts';
import type { ErrorCode } from '../../src/model/errors.ts';

const folder = mkdtempSync(join(tmpdir(), 'c42uds-limits-'));
after(() => {
  rmSync(folder, { recursive: true });
});

let files = 0;
function file(content: string | Buffer): string {
  files += 1;
  const name = `file ${files}.txt`;
  writeFileSync(join(folder, name), content);
  return name;
}

const check = (filter: string, source: string) => {
  checkFilter(filter, 'FILE_INVALID', source);
};
const readFilter = (content: string | Buffer) => readFilterFile(file(content), folder, check);
const readNames = (...contents: (string | Buffer)[]) => readNameFiles(contents.map(file), folder);

function refusal(work: () => unknown): { code: ErrorCode; message: string } {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof RunError, String(error));
    return error;
  }
  return assert.fail('it was accepted');
}

describe('--files', () => {
  test('takes one username a line, without blanks, empty lines and comments', () => {
    assert.deepEqual(readNames('ada\n\n  grace hopper \t\n# not me\n  # nor me\nCORP\\alan\n'), [
      'ada',
      'grace hopper',
      'CORP\\alan',
    ]);
  });

  test('takes what Windows editors write: a mark at the start, CR LF, UTF-16', () => {
    assert.deepEqual(readNames('\uFEFFada\r\ngrace\r\n'), ['ada', 'grace']);
    assert.deepEqual(readNames(Buffer.from('\uFEFFšárka\r\n', 'utf16le')), ['šárka']);
    assert.deepEqual(readNames('ada\rgrace'), ['ada', 'grace']);
  });

  test('reads several files as one list in which everybody stands once', () => {
    assert.deepEqual(readNames('ada\ngrace\nAda', 'GRACE\nalan'), ['ada', 'grace', 'alan']);
  });

  for (const [name, content] of [
    ['empty', ''],
    ['of nothing but comments and blanks', '# nobody\n\n   \n'],
    ['of nothing but a mark', '\uFEFF'],
  ] as const) {
    test(`refuses a list that is ${name}, by its name, even beside a good one`, () => {
      const good = file('ada');
      const empty = file(content);
      const { code, message } = refusal(() => readNameFiles([good, empty], folder));
      assert.equal(code, 'FILE_INVALID');
      assert.ok(message.includes(join(folder, empty)), message);
    });
  }

  test('refuses a missing file, a folder and a binary file, each by its name and reason', () => {
    const missing = refusal(() => readNameFiles(['nowhere.txt'], folder));
    assert.equal(missing.code, 'FILE_UNREADABLE');
    assert.match(missing.message, /nowhere\.txt: there is no such file/);
    assert.match(refusal(() => readNameFiles(['.'], folder)).message, /it is a folder/);
    assert.equal(refusal(() => readNames(Buffer.from([0x61, 0xff, 0x62]))).code, 'FILE_INVALID');
  });
});

describe('--filter', () => {
  test('takes one filter that may span lines and hold comments', () => {
    const filter = readFilter(
      '\uFEFF# the pilot\r\n(&\r\n  (department=Sales)\r\n  # and\r\n  (mail=*)\r\n)\r\n',
    );
    assert.match(filter, /^\(&\s+\(department=Sales\)\s+\(mail=\*\)\s+\)$/);
  });

  test('a hash inside a value is no comment', () => {
    assert.equal(readFilter('(cn=#1)'), '(cn=#1)');
  });

  for (const content of ['', ' \n\n', '# only this']) {
    test(`refuses an empty file (${JSON.stringify(content)})`, () => {
      const { code, message } = refusal(() => readFilter(content));
      assert.equal(code, 'FILE_INVALID');
      assert.match(message, /is empty/);
    });
  }

  test('an unparsable filter is refused with the file, and the place where a comment does not count', () => {
    const { code, message } = refusal(() => readFilter('# one\n(&(a=b)\n(c=d'));
    assert.equal(code, 'FILE_INVALID');
    assert.ok(message.includes(folder), message);
    assert.match(message, /line 3|line 2/);
  });
});
