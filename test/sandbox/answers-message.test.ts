/** What the script process says is read with distrust. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { readAnswers } from '../../src/sandbox/answers-message.ts';

const GOOD = { answers: [[true, 'O', ['R']], 'failed'], prints: ['p'], spoiled: false, stopped: 1 };

test('a message with the answers of no more users than wait is read', () => {
  assert.deepEqual(readAnswers(JSON.stringify(GOOD), 2), GOOD);
});

test('a malformed message of the script process is none, whatever is wrong with it', () => {
  const wrong: unknown[] = [
    null,
    [],
    'x',
    {},
    ...['x', null, { length: 1 }, [null], [5], [[true, null]], [['yes', null, null]]].map((answers) => ({
      ...GOOD,
      answers,
    })),
    ...[[[true, '', null]], [[true, 5, null]], [[true, null, 'R']], [[true, null, [5]]]].map((answers) => ({
      ...GOOD,
      answers,
    })),
    ...[null, 'x', [5]].map((prints) => ({ ...GOOD, prints })),
    ...[-1, 3, 0.5, '1', null].map((stopped) => ({ ...GOOD, stopped })),
    { ...GOOD, spoiled: 0 },
  ];
  for (const message of wrong)
    assert.equal(readAnswers(JSON.stringify(message), 2), null, JSON.stringify(message));
  assert.equal(readAnswers('{', 2), null);
  assert.equal(readAnswers(JSON.stringify(GOOD), 1), null);
});
