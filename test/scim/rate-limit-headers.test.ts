/** Rate-limit headers in every spelling that is in use. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { quotaOf } from '../../src/scim/rate-limit-headers.ts';

const date = 'Wed, 21 Oct 2020 07:28:00 GMT';
const at = Date.parse(date);

test('the drafts of RateLimit are understood: items with r and t, one list of names, one header for each', () => {
  assert.deepEqual(
    quotaOf({ ratelimit: '"default";r=50;t=30', 'ratelimit-policy': '"default";q=100;w=60' }),
    {
      remaining: 50,
      resetMs: 30_000,
      limit: 100,
      windowMs: 60_000,
    },
  );
  assert.deepEqual(
    quotaOf({ ratelimit: 'limit=180, remaining=7, reset=12', 'ratelimit-policy': '180;w=60' }),
    {
      remaining: 7,
      resetMs: 12_000,
      limit: 180,
      windowMs: 60_000,
    },
  );
  assert.deepEqual(
    quotaOf({ 'ratelimit-limit': '100', 'ratelimit-remaining': '9', 'ratelimit-reset': '5' }),
    {
      remaining: 9,
      resetMs: 5_000,
      limit: 100,
      windowMs: null,
    },
  );
});

test('of several limits the tightest counts, with its own policy', () => {
  const headers = {
    ratelimit: '"day";r=9000;t=3600, "burst";r=2;t=10',
    'ratelimit-policy': '"day";q=10000;w=86400, "burst";q=20;w=10',
  };
  assert.deepEqual(quotaOf(headers), { remaining: 2, resetMs: 10_000, limit: 20, windowMs: 10_000 });
});

test('X-RateLimit and X-Rate-Limit have a reset in seconds or as a moment, by the clock of the service', () => {
  const expected = { remaining: 3, resetMs: 20_000, limit: 600, windowMs: null };
  for (const family of ['x-ratelimit', 'x-rate-limit']) {
    for (const reset of ['20', String(at / 1000 + 20), String(at + 20_000)]) {
      const headers = {
        [`${family}-limit`]: '600',
        [`${family}-remaining`]: '3',
        [`${family}-reset`]: reset,
        date,
      };
      assert.deepEqual(quotaOf(headers), expected);
    }
  }
  const dateless = { 'x-rate-limit-remaining': '3', 'x-rate-limit-reset': String(at / 1000 + 20) };
  assert.deepEqual(quotaOf(dateless, at), { ...expected, limit: null });
});

test('headers that make no sense say nothing', () => {
  const nonsense: Record<string, string>[] = [
    {},
    { ratelimit: '' },
    { ratelimit: ';;;,,,==' },
    { ratelimit: '"default"' },
    { ratelimit: '"default";r=-1;t=abc' },
    { 'x-ratelimit-remaining': 'many', 'x-ratelimit-reset': '5' },
    { 'x-ratelimit-remaining': '5' },
    { 'x-ratelimit-remaining': '5', 'x-ratelimit-reset': '0' },
    { 'x-ratelimit-remaining': '5', 'x-ratelimit-reset': '1577836800', date },
    { 'ratelimit-policy': '"default";q=100;w=60' },
  ];
  for (const headers of nonsense) assert.equal(quotaOf(headers, at), null, JSON.stringify(headers));
});
