/** The pace against services of every kind, in virtual time: nearly all that they allow, and hardly a refusal. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_PACE, Throttle, type ThrottleOptions } from '../../src/scim/throttle.ts';
import { VirtualClock } from '../lib/virtual-clock.ts';
import { FixedWindow, SlidingWindow, TokenBucket, type Limiter } from './limited-service.ts';

interface Told {
  /** What a refusal says: the wait in whole seconds, or nothing. */
  readonly retryAfter: boolean;
  /** Whether each answer says what is left. */
  readonly quota: boolean;
}

interface Course {
  readonly accepted: number;
  readonly refused: number;
  readonly throttle: Throttle;
}

/** A seeded generator (mulberry32): a failing course can be repeated. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** So many workers send as fast as the pace allows for so many minutes; a way takes 20 ms and at most 4 ms more. */
async function course(
  limiter: Limiter,
  minutes: number,
  told: Told,
  options: Partial<ThrottleOptions> = {},
  onMinute: (minute: number, counts: { accepted: number; refused: number }) => void = () => undefined,
): Promise<Course> {
  const clock = new VirtualClock();
  const random = generator(7);
  const controller = new AbortController();
  const { signal } = controller;
  const settings = { pace: DEFAULT_PACE, requestsPerSecond: 0, connections: 16, signal, clock, random };
  const throttle = new Throttle({ ...settings, ...options });
  const counts = { accepted: 0, refused: 0 };
  const endAt = minutes * 60_000;
  const worker = async (): Promise<void> => {
    for (;;) {
      const sentAt = await throttle.enter();
      if (clock.now() >= endAt) return throttle.left();
      await clock.pause(20 + 4 * random(), signal);
      const { isAccepted, waitMs, quota } = limiter.take(clock.now());
      await clock.pause(20 + 4 * random(), signal);
      throttle.left();
      if (told.quota) throttle.informed(quota);
      if (isAccepted) {
        counts.accepted += 1;
        throttle.accepted(sentAt);
      } else {
        counts.refused += 1;
        const askedMs = told.retryAfter ? Math.ceil(waitMs / 1000) * 1000 : null;
        throttle.refused({ sentAt, askedMs, isRate: true });
      }
    }
  };
  for (let minute = 0; minute < minutes; minute += 1) {
    clock.later((minute + 1) * 60_000, () => onMinute(minute, { ...counts }));
  }
  const workers = Promise.all(Array.from({ length: 16 }, worker));
  await clock.run(() => clock.now() >= endAt);
  controller.abort(new Error('the course is over'));
  await workers.catch(() => undefined);
  return { ...counts, throttle };
}

/** Counts only what happened after `fromMinute`. */
async function converged(
  limiter: Limiter,
  fromMinute: number,
  toMinute: number,
  told: Told,
): Promise<Course> {
  const early = { accepted: 0, refused: 0 };
  const all = await course(limiter, toMinute, told, {}, (minute, counts) => {
    if (minute < fromMinute) Object.assign(early, counts);
  });
  const { throttle } = all;
  return { accepted: all.accepted - early.accepted, refused: all.refused - early.refused, throttle };
}

function assertPaced({ accepted, refused }: Course, allowed: number): void {
  const use = accepted / allowed;
  const share = refused / (accepted + refused);
  const words = `${(use * 100).toFixed(1)} % used, ${(share * 100).toFixed(2)} % refused`;
  assert.ok(use >= 0.95 && share < 0.01, words);
}

const RETRY_AFTER = { retryAfter: true, quota: false };
const SILENT = { retryAfter: false, quota: false };
const QUOTA = { retryAfter: false, quota: true };

const limiters: Readonly<Record<string, () => Limiter>> = {
  'a bucket that holds 2': () => new TokenBucket(180, 2),
  'a bucket that holds 5': () => new TokenBucket(180, 5),
  'a bucket that holds 20': () => new TokenBucket(180, 20),
  'a bucket that holds a whole minute': () => new TokenBucket(180, 180),
  'a window of each minute': () => new FixedWindow(180),
  'a window that ends 10 s after the start': () => new FixedWindow(180, 50_000),
  'a window that slides': () => new SlidingWindow(180),
};

for (const [kind, limiter] of Object.entries(limiters)) {
  test(`180 a minute counted by ${kind}, with Retry-After: 95 % used and under 1 % refused in ten minutes from the start`, async () => {
    assertPaced(await course(limiter(), 10, RETRY_AFTER), 1_800);
  });

  test(`180 a minute counted by ${kind}, without Retry-After: 95 % used and under 1 % refused after five minutes`, async () => {
    assertPaced(await converged(limiter(), 5, 25, SILENT), 3_600);
  });
}

test('180 a minute counted by a bucket that holds 1, whatever the jitter of the network: 95 % used in the end', async () => {
  assertPaced(await converged(new TokenBucket(180, 1), 15, 35, RETRY_AFTER), 3_600);
  assertPaced(await converged(new TokenBucket(180, 1), 15, 35, SILENT), 3_600);
});

test('a service that says what is left is never pushed to a refusal, and is used to the last request', async () => {
  for (const limiter of [new FixedWindow(180), new FixedWindow(180, 50_000), new TokenBucket(180, 20)]) {
    const { accepted, refused } = await course(limiter, 5, QUOTA);
    assert.ok(refused === 0 && accepted >= 0.95 * 900, `${accepted} taken, ${refused} refused`);
  }
  // Its reset is that of one request, not of all.
  assertPaced(await course(new SlidingWindow(180), 5, QUOTA), 900);
});

test('the pace follows a limit that is lowered and raised', async () => {
  const limiter = new TokenBucket(1_800, 30);
  const changing: Limiter = {
    take(nowMs) {
      if (nowMs > 20 * 60_000) limiter.perMinute = 1_800;
      else if (nowMs > 10 * 60_000) limiter.perMinute = 600;
      return limiter.take(nowMs);
    },
  };
  const taken = [0];
  const { refused } = await course(changing, 40, RETRY_AFTER, {}, (minute, { accepted }) => {
    taken[minute + 1] = accepted;
  });
  const share = (from: number, to: number, perMinute: number): number =>
    ((taken[to] ?? 0) - (taken[from] ?? 0)) / ((to - from) * perMinute);
  const shares = [share(5, 10, 1_800), share(12, 20, 600), share(30, 40, 1_800)];
  assert.ok(
    shares.every((each) => each >= 0.95),
    String(shares),
  );
  assert.ok(refused / (taken[40] ?? 0) < 0.01, `${refused} refused`);
});

test('a service without a limit is asked by all connections after a moment, and no rate is made up for it', async () => {
  const unlimited: Limiter = {
    take: () => ({
      isAccepted: true,
      waitMs: 0,
      quota: { remaining: 0, resetMs: 0, limit: null, windowMs: null },
    }),
  };
  const { accepted, throttle } = await course(unlimited, 1, SILENT);
  // 16 connections and 44 ms there and back make at most 21,800.
  assert.ok(accepted > 0.9 * 21_800, String(accepted));
  assert.equal(throttle.perSecond, null);
  assert.ok(Math.abs((throttle.latencyMs ?? 0) - 44) < 3);
});

test('scim.requests.per.second stays the limit, whatever the service allows', async () => {
  const options = { requestsPerSecond: 10 };
  const { accepted, throttle } = await course(new TokenBucket(6_000, 100), 2, QUOTA, options);
  assert.ok(accepted <= 1_201 && accepted >= 1_190, String(accepted));
  assert.equal(throttle.perSecond, 10);
});

/** A throttle whose clock the test moves. */
function alone(options: Partial<ThrottleOptions> = {}): { throttle: Throttle; clock: VirtualClock } {
  const clock = new VirtualClock();
  const { signal } = new AbortController();
  const settings = {
    pace: DEFAULT_PACE,
    requestsPerSecond: 0,
    connections: 4,
    signal,
    clock,
    random: () => 0,
  };
  return { throttle: new Throttle({ ...settings, ...options }), clock };
}

test('a wait is at most maxHoldMs, grows where the service does not say how long, and starts over after a request was taken', async () => {
  const { throttle, clock } = alone();
  const waits: number[] = [];
  for (const askedMs of [null, null, null, 3_600_000, null]) {
    const sentAt = await enterAt(throttle, clock);
    throttle.left();
    waits.push(throttle.refused({ sentAt, askedMs, isRate: true }));
  }
  // Half of each wait is left to chance, which is 0 here.
  assert.deepEqual(waits, [500, 1_000, 2_000, 300_000, 8_000]);
  assert.ok(throttle.starvedMs > 300_000);
  const sentAt = await enterAt(throttle, clock);
  throttle.accepted(sentAt);
  assert.equal(throttle.starvedMs, 0);
  assert.equal(throttle.refused({ sentAt: clock.now(), askedMs: null, isRate: true }), 500);
});

test('requests that were on their way together are one refusal', async () => {
  const { throttle, clock } = alone();
  const first = await enterAt(throttle, clock);
  assert.equal(throttle.refused({ sentAt: first, askedMs: null, isRate: true }), 500);
  assert.equal(throttle.refused({ sentAt: first, askedMs: null, isRate: true }), 0);
  // Unless one of them is told to wait longer.
  assert.equal(throttle.refused({ sentAt: first, askedMs: 5_000, isRate: true }), 5_000);
  assert.equal(throttle.refused({ sentAt: first, askedMs: 1_000, isRate: true }), 0);
  throttle.left();
  await enterAt(throttle, clock);
  assert.equal(clock.now(), 5_000);
});

test('a single 503 is waited out and teaches no rate, one that returns after each burst does', async () => {
  const { throttle, clock } = alone();
  for (let burst = 1; burst <= 3; burst += 1) {
    for (let i = 0; i < 50; i += 1) {
      throttle.accepted(await enterAt(throttle, clock));
      throttle.left();
    }
    const sentAt = await enterAt(throttle, clock);
    throttle.left();
    throttle.refused({ sentAt, askedMs: 10_000, isRate: false });
    if (burst === 1) assert.equal(throttle.perSecond, null);
  }
  const rate = throttle.perSecond ?? 0;
  assert.ok(rate > 2 && rate < 6, String(rate));
});

test('the first requests go one at a time, so that few of them meet a limit that nobody knew', async () => {
  const { throttle, clock } = alone();
  await enterAt(throttle, clock);
  const second = throttle.enter();
  // Even if the first never comes back, the second goes after a while.
  await clock.run(() => clock.now() >= 2_000);
  assert.equal(await second, 2_000);
});

async function enterAt(throttle: Throttle, clock: VirtualClock): Promise<number> {
  let sentAt: number | null = null;
  void throttle.enter().then((at) => (sentAt = at));
  await clock.run(() => sentAt !== null);
  assert.ok(sentAt !== null);
  return sentAt;
}
