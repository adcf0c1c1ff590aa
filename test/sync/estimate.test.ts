import assert from 'node:assert/strict';
import { test } from 'node:test';
import { estimate } from '../../src/sync/estimate.ts';

const PLANNED = { CREATE: 500, UPDATE: 90, REACTIVATE: 0, DEACTIVATE: 10, NONE: 9_000 };

test('a service that says how much it allows sets the duration', () => {
  assert.deepEqual(estimate(PLANNED, { requestsPerSecond: 3, latencyMs: 20, connections: 4 }), {
    requests: 610,
    durationMs: 203_333,
    limitPerSecond: 3,
  });
});

test('otherwise its answers do: so many at a time, so long each', () => {
  assert.deepEqual(estimate(PLANNED, { requestsPerSecond: null, latencyMs: 50, connections: 2 }), {
    requests: 610,
    durationMs: 15_250,
    limitPerSecond: null,
  });
  assert.equal(
    estimate(PLANNED, { requestsPerSecond: 1000, latencyMs: 50, connections: 2 })?.limitPerSecond,
    null,
    'a limit that cannot be reached limits nothing',
  );
});

test('nothing is estimated where nothing is to be sent or known', () => {
  const nothing = { CREATE: 0, UPDATE: 0, REACTIVATE: 0, DEACTIVATE: 0, NONE: 9_000 };
  assert.equal(estimate(nothing, { requestsPerSecond: 3, latencyMs: 20, connections: 4 }), null);
  assert.equal(estimate(PLANNED, { requestsPerSecond: 3, latencyMs: null, connections: 4 }), null);
  assert.equal(estimate(PLANNED, undefined), null);
});
