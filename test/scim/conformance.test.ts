/** Our client through the conformance suite for SCIM clients; and a naive one, to show that the suite can be failed. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judge } from '../conformance/judge.ts';
import { NAIVE_CLIENT } from '../conformance/naive-client.ts';
import { OUR_CLIENT } from '../conformance/our-client.ts';
import { SCENARIOS } from '../conformance/suite.ts';

for (const scenario of SCENARIOS) {
  test(`conformance ${scenario.number}: ${scenario.title}`, async () => {
    assert.deepEqual(await judge(scenario, OUR_CLIENT), []);
  });
}

test('a client that knows nothing of all this fails a good part of the suite', async () => {
  const failed = new Set<number>();
  // A few at a time: a machine under load would make it fail for other reasons.
  const waiting = [...SCENARIOS];
  const worker = async (): Promise<void> => {
    for (let scenario = waiting.shift(); scenario !== undefined; scenario = waiting.shift()) {
      if ((await judge(scenario, NAIVE_CLIENT)).length > 0) failed.add(scenario.number);
    }
  };
  await Promise.all([worker(), worker(), worker()]);
  assert.ok(failed.size >= 25, `it fails only ${[...failed].join(', ')}`);
  // Nothing is wrong with the simplest of them.
  assert.deepEqual(
    [1, 5, 27].filter((number) => failed.has(number)),
    [],
  );
});
