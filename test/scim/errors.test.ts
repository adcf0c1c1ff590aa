/** Refusals, throttling and odd answers: what ends the run, what costs one user, and what is only waited out. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { retryAfterMs } from '../../src/scim/retry-after.ts';
import { error } from '../servers/hostile-scim-store.ts';
import { open, PASSWORD, userNamed, type Opened } from './open-service.ts';

const ada = userNamed('ada@example.com');

async function failureOf(opened: Opened): Promise<string> {
  const outcome = await opened.writer.create(ada);
  assert.ok(!outcome.ok);
  return outcome.failure.message;
}

test('case 51: Retry-After in seconds holds all workers, not one', async (t) => {
  const { server, writer } = await open(t);
  const arrivals: number[] = [];
  server.on('POST', (step) => step.send(429, null, { 'retry-after': '1' }));
  server.on(
    'POST',
    async (step) => {
      arrivals.push(performance.now());
      const { status, body } = await step.obey();
      step.send(status, body);
    },
    99,
  );
  const first = writer.create(ada);
  // maxHoldMs of the tests cuts the second to 300 ms.
  while (server.seen.length === 0) await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setTimeout(resolve, 30));
  const refusedAt = performance.now();
  const others = ['b', 'c'].map((name) => writer.create(userNamed(`${name}@example.com`)));
  for (const outcome of await Promise.all([first, ...others])) assert.ok(outcome.ok);
  assert.equal(arrivals.length, 3);
  for (const at of arrivals) assert.ok(at - refusedAt > 200, `came after ${at - refusedAt} ms`);
});

test('case 52: Retry-After as a date is measured against the clock of the service', () => {
  const date = 'Wed, 21 Oct 2020 07:28:00 GMT';
  assert.equal(retryAfterMs('Wed, 21 Oct 2020 07:28:30 GMT', date), 30_000);
  assert.equal(retryAfterMs('Wed, 21 Oct 2020 07:28:30 GMT', undefined, Date.parse(date)), 30_000);
  assert.equal(retryAfterMs('Wed, 21 Oct 2020 07:27:00 GMT', date), null);
});

test('case 53: a Retry-After that makes no sense is none, and a huge one is cut', async (t) => {
  for (const text of ['soon', '-5', '0', '', ' ', 'NaN', '1e9', '99999999999999999999', undefined]) {
    assert.equal(retryAfterMs(text, undefined), null);
  }
  assert.equal(retryAfterMs(' 3600 ', undefined), 3_600_000);
  const { server, writer } = await open(t);
  server.on('POST', (step) => step.send(429, null, { 'retry-after': '3600' }));
  server.on('POST', (step) => step.send(429, null, { 'retry-after': '-1' }));
  assert.ok((await writer.create(ada)).ok);
  assert.equal(server.count('POST'), 3);
});

test('case 54: a 503 with or without Retry-After is waited out', async (t) => {
  const { server, writer } = await open(t);
  const created = await writer.create(ada);
  assert.ok(created.ok);
  server.on('PATCH', (step) => step.send(503, null, { 'retry-after': '1' }));
  server.on('PATCH', (step) => step.send(503, '<h1>Down</h1>'));
  assert.ok((await writer.update(created.scimId, { ...ada, title: 'Clerk' }, ['title'])).ok);
  assert.equal(server.count('PATCH'), 3);
});

test('case 55: a 500 that passes costs nobody anything', async (t) => {
  const { server, writer } = await open(t);
  const created = await writer.create(ada);
  assert.ok(created.ok);
  server.on('PATCH', (step) => step.send(500), 2);
  assert.ok((await writer.update(created.scimId, { ...ada, title: 'Clerk' }, ['title'])).ok);
});

test('case 56: a 500 for one user for ever costs that user, and the run goes on', async (t) => {
  const { server, writer } = await open(t);
  for (let i = 0; i < 6; i += 1) {
    server.on('POST', (step) => step.send(500), 4);
    assert.equal((await writer.create(userNamed(`bad${i}@example.com`))).ok, false);
    assert.equal((await writer.create(userNamed(`good${i}@example.com`))).ok, true);
  }
});

test('case 57: a 401 ends the run at once, and the password is not tried again', async (t) => {
  const { server, writer, reader } = await open(t);
  server.on('', (step) => step.send(401, error(401, null, `bad password ${PASSWORD}`).body), 99);
  const rejection = {
    name: 'RunError',
    code: 'SERVICE_REFUSED',
    message: /refused the credentials of provider@cloud.*HTTP 401: bad password \*\*\*/,
  };
  await assert.rejects(reader.check(), rejection);
  await assert.rejects(writer.create(ada), rejection);
  await assert.rejects(writer.create(ada), rejection);
  assert.equal(server.seen.length, 1);
});

test('case 58: a 403 costs that user, and five in a row without a change that is taken end the run', async (t) => {
  const { server, writer } = await open(t);
  server.on('POST', (step) => step.send(403, error(403, 'sensitive', 'not this one').body));
  const outcome = await writer.create(ada);
  assert.match(outcome.ok ? '' : outcome.failure.message, /HTTP 403 sensitive: not this one/);
  const forbid = (times: number): void =>
    server.on('POST', (step) => step.send(403, error(403, null, 'no licence').body), times);
  forbid(4);
  for (let n = 0; n < 4; n += 1) assert.equal((await writer.create(ada)).ok, false);
  assert.equal(
    (await writer.create(ada)).ok,
    true,
    'one that is taken shows that those before were about their users',
  );
  forbid(9);
  for (let n = 0; n < 4; n += 1)
    assert.equal((await writer.create({ ...ada, userName: 'b@example.com' })).ok, false);
  const refusal = { code: 'SERVICE_REFUSED', message: /does not allow.*no licence/ };
  await assert.rejects(writer.create({ ...ada, userName: 'b@example.com' }), refusal);
});

test('case 59: a 400 fails that user without a second try', async (t) => {
  const opened = await open(t);
  opened.server.on('POST', (step) => step.send(400, error(400, 'invalidValue', 'country: not ISO').body), 99);
  assert.match(await failureOf(opened), /ada@example\.com.*HTTP 400 invalidValue: country: not ISO/);
  assert.equal(opened.server.seen.length, 1);
});

test('case 60: a 413 fails that user, and a 414 to a long filter falls back to externalId', async (t) => {
  const opened = await open(t);
  opened.server.on('POST', (step) => step.send(413));
  assert.match(await failureOf(opened), /HTTP 413: Payload Too Large/);
  opened.server.on('POST', async (step) => {
    await step.obey();
    step.hangUp();
  });
  opened.server.on('GET', (step) => step.send(414));
  const outcome = await opened.writer.create(ada);
  assert.deepEqual(outcome.ok && outcome.how, 'ADOPTED');
});

test('case 61: whatever the body of an error is, it is shown cut, on one line and without secrets', async (t) => {
  const opened = await open(t);
  const { server } = opened;
  const basic = Buffer.from(`provider@cloud.example.com:${PASSWORD}`).toString('base64');
  server.on('POST', (step) =>
    step.send(
      400,
      `<html><head><title>x</title></head><body><h1>Blocked</h1>\n<p>by ${PASSWORD}</p></body>`,
      { 'content-type': 'text/html' },
    ),
  );
  assert.match(await failureOf(opened), /HTTP 400: Blocked by \*\*\*$/);
  server.on('POST', (step) => step.send(400));
  assert.match(await failureOf(opened), /HTTP 400: Bad Request$/);
  server.on('POST', (step) =>
    step.send(400, gzipSync(JSON.stringify({ detail: 'zipped' })), { 'content-encoding': 'gzip' }),
  );
  assert.match(await failureOf(opened), /HTTP 400: zipped$/);
  server.on('POST', (step) => step.send(400, 'not zipped', { 'content-encoding': 'gzip' }));
  assert.match(await failureOf(opened), /HTTP 400: not zipped$/);
  server.on('POST', (step) =>
    step.send(400, Buffer.from([0xff, 0x41, 0x1b, 0x5b, 0x32, 0x4a]), {
      'content-type': 'text/plain; charset=nonsense',
    }),
  );
  const odd = await failureOf(opened);
  assert.ok(!odd.includes('\u001b') && odd.includes('A'));
  server.on('POST', (step) => step.send(400, `Basic ${basic} `.repeat(100_000)));
  const long = await failureOf(opened);
  assert.ok(long.length < 400 && !long.includes(basic) && long.includes('***'));
  assert.ok(!opened.lines.some((line) => line.includes(PASSWORD) || line.includes(basic)));
});

test('case 62: the status in an error body may be a number or a string', async (t) => {
  const opened = await open(t);
  for (const status of [400, '400']) {
    opened.server.on('POST', (step) => step.send(400, { status, scimType: 'invalidValue', detail: 'no' }));
    assert.match(await failureOf(opened), /HTTP 400 invalidValue: no$/);
  }
});

test('case 63: members that nobody knows are ignored in any body', async (t) => {
  const { server, writer } = await open(t);
  server.on('POST', async (step) => {
    const { body } = await step.obey();
    step.send(201, {
      ...body,
      'urn:vendor:x': { deep: [{}] },
      emails: [{ value: 'ada@example.com', type: 'work', display: 'x', odd: null }],
      surprise: [null, 1],
    });
  });
  const outcome = await writer.create(ada);
  assert.deepEqual(outcome.ok && outcome.held, []);
});

test('scim.requests.per.second spreads the requests of all workers', async (t) => {
  const { server, writer } = await open(t, { 'scim.requests.per.second': 50 });
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: 11 }, (_, i) => writer.create(userNamed(`u${i}@example.com`))));
  assert.ok(performance.now() - startedAt >= 195);
  assert.equal(server.count('POST'), 11);
});

test('a service that refuses everything for its rate fails the user in the end', async (t) => {
  const opened = await open(t, { 'scim.max.attempts': 1 });
  opened.server.on('POST', (step) => step.send(429), 99);
  assert.match(await failureOf(opened), /HTTP 429/);
  assert.equal(opened.server.count('POST'), 5);
});

test('a service that refuses everybody for its rate for too long ends the run', async (t) => {
  const pace = { baseDelayMs: 10, maxDelayMs: 20, maxHoldMs: 20, maxStarvedMs: 60 };
  const { server, writer } = await open(t, { 'scim.max.attempts': 99 }, { pace });
  server.on('POST', (step) => step.send(429, null, { 'retry-after': '1' }), 999);
  await assert.rejects(writer.create(ada), {
    code: 'SERVICE_UNREACHABLE',
    message: /refuses every request for its rate limit: HTTP 429/,
  });
});

test('the pace tells what a live run may expect: the limit of the settings or of the service, and how long an answer takes', async (t) => {
  const limited = await open(t, { 'scim.requests.per.second': 50, 'scim.client.threads': 3 });
  assert.deepEqual(limited.reader.pace?.(), { requestsPerSecond: 50, latencyMs: null, connections: 3 });
  const { server, reader } = await open(t);
  await reader.check();
  const { requestsPerSecond, latencyMs } = reader.pace?.() ?? {};
  assert.ok(requestsPerSecond === null && typeof latencyMs === 'number' && latencyMs > 0);
  server.on('GET', async (step) => {
    const { status, body } = await step.obey();
    step.send(status, body, { ratelimit: '"w";r=170;t=30', 'ratelimit-policy': '"w";q=180;w=60' });
  });
  await reader.check();
  assert.equal(reader.pace?.().requestsPerSecond, 3);
});

test('an allowance that is used up is waited for before anybody is refused', async (t) => {
  const { server, writer } = await open(t, {}, { pace: { baseDelayMs: 10, maxHoldMs: 5_000 } });
  const arrivals: number[] = [];
  server.on(
    'POST',
    async (step) => {
      arrivals.push(performance.now());
      const { status, body } = await step.obey();
      const isFirst = arrivals.length === 1;
      step.send(status, body, isFirst ? { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '0.2' } : {});
    },
    9,
  );
  for (const name of ['a', 'b']) assert.ok((await writer.create(userNamed(`${name}@example.com`))).ok);
  assert.ok((arrivals[1] ?? 0) - (arrivals[0] ?? 0) >= 190);
});

test('the check passes on a service without filter, and says where there is no service', async (t) => {
  const { server, reader } = await open(t);
  await reader.check();
  assert.deepEqual(reader.requests(), { GET: 1 });
  assert.equal(server.seen[0]?.query.get('filter'), 'userName eq "provider@cloud.example.com"');
  for (const status of [400, 501]) {
    server.on('GET', (step) => step.send(status, error(status, 'invalidFilter', 'no').body));
    await reader.check();
  }
  server.on('GET', (step) => step.send(404, '<h1>Not here</h1>'));
  await reader.check();
  server.on('GET', (step) => step.send(404, '<h1>Not here</h1>'), 2);
  await assert.rejects(reader.check(), {
    code: 'SERVICE_UNREACHABLE',
    message: /There is no SCIM service at http.*HTTP 404: Not here/,
  });
  server.on('GET', (step) => step.send(200, '<h1>Welcome</h1>'), 3);
  await assert.rejects(reader.check(), {
    code: 'SERVICE_UNREACHABLE',
    message: /answers, but not as a SCIM service does/,
  });
});

test('a token goes as Bearer and is masked', async (t) => {
  const { server, reader } = await open(t, { 'scim.auth.type': 'BEARER' });
  server.on('GET', (step) => step.send(401, error(401, null, `token ${PASSWORD}`).body));
  await assert.rejects(reader.check(), { message: /credentials of the bearer token.*token \*\*\*/ });
  assert.equal(server.seen[0]?.headers['authorization'], `Bearer ${PASSWORD}`);
});

test('before a writer is opened nothing but GET can leave, whoever asks', async (t) => {
  const { server, reader } = await open(t);
  await reader.check();
  await reader.count();
  for await (const user of reader.list()) assert.fail(user.scimId);
  assert.deepEqual(Object.keys(reader.requests()), ['GET']);
  assert.ok(server.seen.every((each) => each.method === 'GET'));
});

test('a service that is there and fails each change is told from one that is not there', async (t) => {
  const { server, writer } = await open(t);
  server.on('POST', (step) => step.send(500), 9_999);
  const failed = async (n: number): Promise<boolean> =>
    (await writer.create(userNamed(`u${n}@example.com`))).ok;
  for (let n = 0; n < 24; n += 1) assert.equal(await failed(n), false);
  await assert.rejects(failed(24), {
    code: 'SERVICE_REFUSED',
    message: /is there and takes no change: 25 in a row/,
  });
});
