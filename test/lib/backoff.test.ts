import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backoffDelayMs, pause } from '../../src/lib/backoff.ts';

const limits = { baseDelayMs: 100, maxDelayMs: 1_000 };

test('the wait doubles up to its limit, the upper half of it by chance', () => {
  assert.deepEqual(
    [1, 2, 3, 4, 5, 60].map((attempt) => backoffDelayMs(attempt, limits, () => 1)),
    [100, 200, 400, 800, 1_000, 1_000],
  );
  assert.equal(
    backoffDelayMs(3, limits, () => 0),
    200,
  );
});

test('a pause ends with the reason of the signal as soon as it is aborted', async () => {
  const controller = new AbortController();
  const reason = new Error('enough');
  const paused = pause(60_000, controller.signal);
  controller.abort(reason);
  await assert.rejects(paused, reason);
  await assert.rejects(pause(0, controller.signal), reason);
});

test('a pause of nothing does not wait', async () => {
  await pause(-1, new AbortController().signal);
});
