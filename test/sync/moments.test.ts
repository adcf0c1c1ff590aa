import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextMoment } from '../../src/sync/moments.ts';

const NOW_MS = Date.UTC(2026, 1, 1);

function next(attributes: Record<string, readonly string[]>, nowMs = NOW_MS): string | null {
  return nextMoment({ identity: 'id', dn: 'uid=ann', attributes }, nowMs);
}

for (const [value, moment] of [
  ['20260301000000Z', '2026-03-01T00:00:00.000Z'],
  ['20260301000000.0Z', '2026-03-01T00:00:00.000Z'],
  ['2026030100Z', '2026-03-01T00:00:00.000Z'],
  ['202603010030Z', '2026-03-01T00:30:00.000Z'],
  ['20260301000000+0100', '2026-02-28T23:00:00.000Z'],
  ['20260301000000-0530', '2026-03-01T05:30:00.000Z'],
  ['2026-03-01T00:00:00Z', '2026-03-01T00:00:00.000Z'],
  ['2026-03-01T00:00:00.123+01:00', '2026-02-28T23:00:00.000Z'],
  ['134168832000000000', '2026-03-02T00:00:00.000Z'],
] as const) {
  test(`${value} names the moment ${moment}`, () => {
    assert.equal(next({ contractEnd: [value] }), moment);
  });
}

for (const value of [
  '2026-03-01',
  '20260301',
  '01.03.2026',
  '1/3/2026',
  '3/1/2026',
  '2026/03/01',
  '2026-03-01 00:00',
]) {
  test(`${value} names moments around that day, whatever the time zone`, () => {
    const moment = Date.parse(next({ contractEnd: [value] }) ?? '');
    assert.ok(
      Math.abs(moment - Date.UTC(2026, 2, 1)) <= 14 * 3_600_000 || value.includes('/'),
      String(moment),
    );
    const seen: string[] = [];
    for (let at = NOW_MS; ;) {
      const found = next({ contractEnd: [value] }, at);
      if (found === null) break;
      seen.push(found);
      at = Date.parse(found);
    }
    assert.ok(seen.includes('2026-03-01T00:00:00.000Z'), seen.join());
    // The end of the day, for "valid until".
    assert.ok(value.endsWith('00:00') || seen.includes('2026-03-02T00:00:00.000Z'), seen.join());
  });
}

for (const value of [
  '01.03.2026 23:59',
  '2026/03/01 23:59',
  '2026-03-01 23:59:59 +0100',
  '3/1/2026 11:59 PM',
  ' 2026-03-01',
]) {
  test(`${value} names the end of that day`, () => {
    for (let at = NOW_MS, seen = ''; ; at = Date.parse(seen)) {
      seen = next({ contractEnd: [value] }, at) ?? 'never';
      if (seen === '2026-03-02T00:00:00.000Z') break;
      assert.notEqual(seen, 'never');
    }
  });
}

test('of several moments the next one counts, and none that has passed', () => {
  const attributes = { a: ['20250101000000Z', '20270101000000Z'], b: ['20260601000000Z'], c: ['Sales'] };
  assert.equal(next(attributes), '2026-06-01T00:00:00.000Z');
  assert.equal(next(attributes, Date.UTC(2026, 6, 1)), '2027-01-01T00:00:00.000Z');
  assert.equal(next(attributes, Date.UTC(2028, 0, 1)), null);
});

test('"never", telephone numbers and impossible dates name no moment', () => {
  for (const value of [
    '9223372036854775807',
    '0',
    '99991231235959Z',
    '+49 30 1234567',
    '20261345',
    '2030-02',
    '12345678',
  ])
    assert.equal(next({ accountExpires: [value] }), null, value);
});

test('shadowExpire counts days', () => {
  assert.equal(next({ shadowExpire: ['20513'] }), '2026-03-01T00:00:00.000Z');
});
