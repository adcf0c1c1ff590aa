/**
 * How much of what a service allows is used, and how often it has to refuse: the demo service with a limit of 1,800
 * writes a minute (or the first argument) for 60 s (or the second), at 16 connections. It says Retry-After and nothing
 * else, so that the pace has to be learned.
 */

import { startDemoService } from '../src/demo/scim-service.ts';
import { openService } from '../src/scim/service.ts';
import { settingsFor, userNamed } from '../test/scim/open-service.ts';

const CONNECTIONS = 16;
const perMinute = Number(process.argv[2] ?? '1800');
const seconds = Number(process.argv[3] ?? '60');
const burst = Number(process.argv[4] ?? String(Math.max(1, Math.round(perMinute / 60))));

const demo = await startDemoService({ rateLimit: { perMinute, burst }, orgGapMs: 0, recordLimit: 0 });
const controller = new AbortController();
const silent = (): void => undefined;
const service = openService({
  settings: settingsFor(demo.baseUrl, {
    'scim.username': demo.username,
    'scim.client.threads': CONNECTIONS,
    'scim.read.timeout.period': 60_000,
    'scim.max.attempts': 8,
  }),
  password: demo.password,
  log: { error: console.error, warn: silent, info: silent, debug: silent, trace: silent },
  signal: controller.signal,
  knownOrgs: [],
  environment: {},
  userAgent: 'c42uds/bench',
});
try {
  const writer = service.openWriter();
  const endAt = performance.now() + seconds * 1000;
  let next = 0;
  setTimeout(() => controller.abort(), seconds * 1000);
  const worker = async (): Promise<void> => {
    while (performance.now() < endAt) {
      next += 1;
      await writer.create(userNamed(`u${next}@example.com`), () => true);
    }
  };
  await Promise.allSettled(Array.from({ length: CONNECTIONS }, worker));
  const { total, byStatus } = demo.requests();
  const refused = byStatus['429'] ?? 0;
  const accepted = byStatus['201'] ?? 0;
  const achieved = (accepted / seconds) * 60;
  console.log(
    `allowed ${perMinute}/min (burst ${burst}), achieved ${achieved.toFixed(0)}/min ` +
      `(${((achieved / perMinute) * 100).toFixed(1)} %, goal 95 %), refused ${refused} of ${total} ` +
      `(${((refused / total) * 100).toFixed(2)} %, goal under 1 %)`,
  );
  console.log(
    `learned: ${service.reader.pace?.().requestsPerSecond?.toFixed(2) ?? 'no limit'} requests a second`,
  );
} finally {
  controller.abort();
  await service.close();
  await demo.stop();
}
