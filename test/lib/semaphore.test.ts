import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Semaphore } from '../../src/lib/semaphore.ts';

test('no more than its slots are ever inside, and everybody gets in, in order', async () => {
  const semaphore = new Semaphore(3);
  let inside = 0;
  let most = 0;
  const order: number[] = [];
  const visit = async (index: number): Promise<void> => {
    await semaphore.acquire();
    order.push(index);
    inside += 1;
    most = Math.max(most, inside);
    await new Promise((resolve) => setImmediate(resolve));
    inside -= 1;
    semaphore.release();
  };
  const everybody = Array.from({ length: 20 }, (_, index) => index);
  await Promise.all(everybody.map(visit));
  assert.equal(most, 3);
  assert.deepEqual(order, everybody);
});
