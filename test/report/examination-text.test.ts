import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CheckResult } from '../../src/model/examination.ts';
import { checkLines, verdictSentence } from '../../src/report/examination-text.ts';
import { COLOURED, PLAIN } from '../../src/report/palette.ts';

const RESULT: CheckResult = {
  id: 'directory-base',
  stage: 'DIRECTORY',
  title: 'Search base',
  status: 'FAILURE',
  message: 'The search base cannot be read because there is no entry of that name on this server at all.',
  fix: 'Correct ldap.baseDn.',
  error: 'DIRECTORY_SEARCH',
  exitCode: 4,
  waitsFor: null,
  durationMs: 12,
};

describe('a row of the doctor', () => {
  it('is folded to the terminal, the rest below the message', () => {
    const lines = checkLines(RESULT, PLAIN, 80);
    assert.ok(lines.every((line) => line.length <= 80));
    assert.match(lines[0] ?? '', /^ {2}FAILURE {5}12 ms {2}Search base +The search base/);
    const indent = (lines[0] ?? '').indexOf('The search');
    for (const line of lines.slice(1)) assert.match(line, new RegExp(`^ {${indent}}\\S`));
    assert.equal(lines.at(-1)?.trim(), '→ Correct ldap.baseDn.');
  });

  it('is one line where nobody looks on', () => {
    assert.equal(checkLines({ ...RESULT, fix: null }, PLAIN, Infinity).length, 1);
  });

  it('has the same columns with colours, and lets no value write escapes', () => {
    const [line = ''] = checkLines({ ...RESULT, message: 'a\u001b[2Jb' }, COLOURED, Infinity);
    assert.ok(line.includes('\u001b[31mFAILURE\u001b[0m'));
    assert.ok(!line.includes('\u001b[2J'));
  });

  it('is counted in the verdict, which names the first failure', () => {
    const sentence = verdictSentence({ startedAt: '', durationMs: 1000, checks: [RESULT], exitCode: 4 });
    assert.equal(
      sentence,
      'c42uds doctor: 0 of 1 check ok, 1 failure in 1.0 s; first to mend: directory-base (exit code 4).',
    );
  });

  it('is no promise where all is well: what a run would change shows the dry run', () => {
    const checks = [{ ...RESULT, status: 'OK' as const, fix: null, error: null, exitCode: null }];
    assert.equal(
      verdictSentence({ startedAt: '', durationMs: 1000, checks, exitCode: 0 }),
      'c42uds doctor: 1 of 1 check ok in 1.0 s; a run can begin. No plan was made; what a run would change: c42uds.',
    );
  });
});
