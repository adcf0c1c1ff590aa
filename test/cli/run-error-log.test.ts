/** What an error that ends a run tells an administrator to do. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logRunError } from '../../src/cli/run-error-log.ts';
import { RunError } from '../../src/model/errors.ts';
import type { Log } from '../../src/model/ports.ts';

function told(error: RunError): string[] {
  const lines: string[] = [];
  const ignore = (): void => undefined;
  const log: Log = {
    error: (_, message) => lines.push(message),
    warn: ignore,
    info: ignore,
    debug: ignore,
    trace: ignore,
  };
  logRunError(error, log);
  return lines;
}

test('"the named line" is spoken of only where a line is named', () => {
  const named = 'orgscript.js line 3, column 1: a brace is missing';
  assert.deepEqual(told(new RunError('SCRIPT_INVALID', named)), [
    named,
    'Correct the script at the named line.',
  ]);
  assert.deepEqual(told(new RunError('SCRIPT_INVALID', 'orgscript.js is empty.')), [
    'orgscript.js is empty.',
    'Correct the script.',
  ]);
  assert.equal(told(new RunError('SCRIPT_INVALID', 'Odd.', { fix: 'Shorten it.' })).at(-1), 'Shorten it.');
});
