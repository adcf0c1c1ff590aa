/** Connections that break, stall, lie or never come about. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { ServiceSettings } from '../../src/scim/service.ts';
import type { ServiceOptions } from '../../src/scim/service.ts';
import * as certificates from '../servers/hostile-scim-certificates.ts';
import { startHostileProxy, type HostileProxy } from '../servers/hostile-scim-proxy.ts';
import { startHostileScim, type HostileScim } from '../servers/hostile-scim.ts';
import { open, openAt, PASSWORD, userNamed, type Opened } from './open-service.ts';

const ada = userNamed('ada@example.com');

/** A TCP server that is no SCIM service. */
async function startRaw(t: TestContext, onConnection: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

function clientOf(
  t: TestContext,
  url: string,
  settings: Partial<ServiceSettings> = {},
  options: Partial<ServiceOptions> = {},
): Omit<Opened, 'server'> {
  const opened = openAt(url, settings, options);
  t.after(() => opened.close());
  return opened;
}

async function secureServer(t: TestContext, certificate: certificates.TestCertificate): Promise<HostileScim> {
  const server = await startHostileScim(certificate);
  t.after(() => server.close());
  return server;
}

async function proxyIn(t: TestContext, mode: 'PASS' | 'HANG' | number): Promise<HostileProxy> {
  const proxy = await startHostileProxy(mode);
  t.after(() => proxy.close());
  return proxy;
}

/** The test authority as a file, as an administrator would name it. */
function authorityFile(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'c42uds-ca-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'ca.pem');
  writeFileSync(file, certificates.TEST_AUTHORITY);
  return file;
}

test('case 64: a redirect is refused with its Location, and nothing goes there', async (t) => {
  const elsewhere = await startHostileScim();
  t.after(() => elsewhere.close());
  for (const status of [301, 302, 303, 307, 308]) {
    const { server, writer } = await open(t);
    server.on('POST', (step) => step.send(status, null, { location: `${elsewhere.url}/Users` }));
    await assert.rejects(writer.create(ada), {
      code: 'SERVICE_UNREACHABLE',
      message: new RegExp(`redirects to ${elsewhere.url}/Users \\(HTTP ${status}\\)`),
    });
  }
  assert.equal(elsewhere.seen.length, 0);
});

test('cases 65, 66, 67: slow headers, a stalled body and a dribbling one all meet one deadline', async (t) => {
  const { server, reader } = await open(t, { 'scim.read.timeout.period': 150, 'scim.max.attempts': 1 });
  const startedAt = performance.now();
  server.on('GET', () => undefined);
  await assert.rejects(reader.check(), {
    code: 'SERVICE_UNREACHABLE',
    message: /no complete answer within 150 ms/,
  });
  server.on('GET', (step) => void step.response.writeHead(200).write('{'));
  await assert.rejects(reader.check(), /no complete answer within 150 ms/);
  server.on('GET', (step) => {
    step.response.writeHead(200);
    const timer = setInterval(() => step.response.write(' '), 20);
    step.request.socket.on('close', () => clearInterval(timer));
  });
  await assert.rejects(reader.check(), /no complete answer within 150 ms/);
  assert.ok(performance.now() - startedAt < 1_500);
});

test('case 67: the deadline also holds while the connection is being made', async (t) => {
  const port = await startRaw(t, () => undefined);
  const { reader } = clientOf(t, `https://127.0.0.1:${port}/scim/v2`, {
    'scim.read.timeout.period': 100,
    'scim.connection.timeout.period': 5_000,
    'scim.max.attempts': 1,
  });
  const startedAt = performance.now();
  await assert.rejects(reader.check(), { code: 'SERVICE_UNREACHABLE' });
  assert.ok(performance.now() - startedAt < 1_000);
});

test('case 68: a cut body is a lost answer, and reading is repeated', async (t) => {
  const { server, reader } = await open(t);
  server.on('GET', (step) => {
    step.response.writeHead(200, { 'content-length': '100' });
    step.response.write('{"totalResults": 1', () => step.hangUp());
  });
  server.on('GET', (step) => {
    step.response.writeHead(200);
    step.response.write('{"totalResults": 1', () => step.hangUp());
  });
  assert.equal(await reader.count(), 0);
  assert.equal(server.count('GET'), 3);
});

test('case 69: a 204 with a body harms nobody', async (t) => {
  const { server, writer } = await open(t);
  const created = await writer.create(ada);
  assert.ok(created.ok);
  server.on('PATCH', (step) => {
    step.request.socket.write('HTTP/1.1 204 No Content\r\ncontent-length: 2\r\n\r\n{}');
  });
  assert.ok((await writer.update(created.scimId, { ...ada, title: 'Clerk' }, ['title'])).ok);
  assert.ok((await writer.update(created.scimId, { ...ada, title: 'Clerk' }, ['title'])).ok);
});

test('case 70: an answer of 30 MB is not read to its end', async (t) => {
  const { server, reader } = await open(t, { 'scim.max.attempts': 1, 'scim.read.timeout.period': 5_000 });
  server.on('GET', (step) => step.send(200, Buffer.alloc(30 * 1024 * 1024, 32)));
  await assert.rejects(reader.check(), { code: 'SERVICE_UNREACHABLE' });
});

test('case 71: something that is not HTTP ends the check with words for it', async (t) => {
  const port = await startRaw(t, (socket) => socket.end('220 mail.example.com ESMTP\r\n'));
  const { reader } = clientOf(t, `http://127.0.0.1:${port}/`);
  await assert.rejects(reader.check(), { code: 'SERVICE_UNREACHABLE', message: /cannot be reached/ });
});

test('case 72: a 103 before the answer is no answer', async (t) => {
  const { server, writer } = await open(t);
  server.on('POST', async (step) => {
    step.response.writeEarlyHints({ link: '</a.css>; rel=preload' });
    const { status, body } = await step.obey();
    step.send(status, body);
  });
  assert.ok((await writer.create(ada)).ok);
});

test('case 73: a kept connection that the service has closed meanwhile costs no user', async (t) => {
  const { server, writer } = await open(t, { 'scim.client.threads': 1 });
  server.on(
    'POST',
    async (step) => {
      const { status, body } = await step.obey();
      step.send(status, body);
      step.request.socket.end();
    },
    99,
  );
  for (let i = 0; i < 5; i += 1) assert.ok((await writer.create(userNamed(`u${i}@example.com`))).ok);
  assert.equal(server.store.users.size, 5);
});

test('case 74: refused, reset and unknown hosts end the check with their names', async (t) => {
  const port = await startRaw(t, (socket) => socket.resetAndDestroy());
  await assert.rejects(clientOf(t, `http://127.0.0.1:${port}/`).reader.check(), {
    code: 'SERVICE_UNREACHABLE',
  });
  const gone = await startHostileScim();
  await gone.close();
  const { reader, lines } = clientOf(t, gone.url);
  await assert.rejects(reader.check(), {
    code: 'SERVICE_UNREACHABLE',
    message: /127\.0\.0\.1.*ECONNREFUSED/,
  });
  assert.deepEqual(reader.requests(), { GET: 3 });
  assert.ok(lines.some((line) => line.startsWith('debug') && line.includes('attempt 1')));
  const unknown = clientOf(t, 'http://no-such-host.invalid/scim', {
    'scim.connection.timeout.period': 5_000,
    'scim.read.timeout.period': 5_000,
  });
  await assert.rejects(unknown.reader.check(), {
    code: 'SERVICE_UNREACHABLE',
    message: /no-such-host\.invalid/,
  });
});

test('case 75: a certificate that cannot be trusted ends the run at once, by name', async (t) => {
  const expected: [certificates.TestCertificate, string, RegExp, RegExp][] = [
    [
      certificates.GOOD_CERTIFICATE,
      '',
      /certificate that is not trusted.*UNABLE_TO_VERIFY_LEAF_SIGNATURE/,
      /scim\.connection\.ca\.file/,
    ],
    [certificates.EXPIRED_CERTIFICATE, authorityFile(t), /CERT_HAS_EXPIRED/, /renewed/],
    [
      certificates.OTHER_HOST_CERTIFICATE,
      authorityFile(t),
      /ERR_TLS_CERT_ALTNAME_INVALID/,
      /host name that is in the certificate/,
    ],
  ];
  for (const [certificate, caFile, message, fix] of expected) {
    const server = await secureServer(t, certificate);
    const { reader } = clientOf(t, server.url, { 'scim.connection.ca.file': caFile });
    await assert.rejects(reader.check(), { code: 'SERVICE_UNREACHABLE', message, fix });
    assert.deepEqual(reader.requests(), { GET: 1 });
  }
});

test('case 75: scim.connection.ca.file makes an own authority trusted', async (t) => {
  const server = await secureServer(t, certificates.GOOD_CERTIFICATE);
  await clientOf(t, server.url, { 'scim.connection.ca.file': authorityFile(t) }).reader.check();
  assert.equal(server.seen.length, 1);
});

test('case 75: https to a plain port and plain http to a TLS port are told apart from a dead service', async (t) => {
  const plain = await startHostileScim();
  t.after(() => plain.close());
  const toPlain = clientOf(t, plain.url.replace('http:', 'https:'));
  await assert.rejects(toPlain.reader.check(), {
    code: 'SERVICE_UNREACHABLE',
    message: /does not speak TLS/,
  });
  const secure = await secureServer(t, certificates.GOOD_CERTIFICATE);
  const toSecure = clientOf(t, secure.url.replace('https:', 'http:'), { 'scim.max.attempts': 1 });
  await assert.rejects(toSecure.reader.check(), { code: 'SERVICE_UNREACHABLE' });
});

test('a CA file that is missing or holds no certificate is named before anything is sent', (t) => {
  const file = authorityFile(t);
  const openWith = (caFile: string) => () =>
    openAt('https://127.0.0.1:1/', { 'scim.connection.ca.file': caFile });
  assert.throws(openWith(`${file}.missing`), { code: 'FILE_UNREADABLE' });
  writeFileSync(file, 'hello');
  assert.throws(openWith(file), { code: 'FILE_INVALID', message: /holds no PEM certificate/ });
  writeFileSync(file, certificates.TEST_AUTHORITY.replace('MIIB', 'AAAA'));
  assert.throws(openWith(file), { code: 'FILE_INVALID', message: /damaged certificate/ });
});

test('case 76: https goes through the proxy of https_proxy, with its credentials and our authority', async (t) => {
  const server = await secureServer(t, certificates.GOOD_CERTIFICATE);
  const proxy = await proxyIn(t, 'PASS');
  const caFile = authorityFile(t);
  const environment = { HTTPS_PROXY: `us%40er:pa%3Ass@127.0.0.1:${proxy.port}` };
  const { writer } = clientOf(t, server.url, { 'scim.connection.ca.file': caFile }, { environment });
  assert.ok((await writer.create(ada)).ok);
  const authorization = `Basic ${Buffer.from('us@er:pa:ss').toString('base64')}`;
  assert.deepEqual(proxy.seen, [{ line: `CONNECT 127.0.0.1:${server.port}`, authorization }]);
  assert.equal(server.seen[0]?.headers['proxy-authorization'], undefined);
});

test('case 76: plain http goes through the proxy of http_proxy as an absolute request', async (t) => {
  const { server } = await open(t);
  const proxy = await proxyIn(t, 'PASS');
  const environment = { http_proxy: `http://127.0.0.1:${proxy.port}` };
  const { writer } = clientOf(t, server.url, {}, { environment });
  assert.ok((await writer.create(ada)).ok);
  assert.equal(proxy.seen[0]?.line, `POST ${server.url}/Users`);
});

test('case 76: no_proxy goes past the proxy', async (t) => {
  const { server } = await open(t);
  const proxy = await proxyIn(t, 'PASS');
  const environment = { http_proxy: `http://127.0.0.1:${proxy.port}`, NO_PROXY: '127.0.0.0/8' };
  await clientOf(t, server.url, {}, { environment }).reader.check();
  assert.equal(proxy.seen.length, 0);
});

test('case 76: a proxy that wants credentials, refuses, is broken or hangs is named', async (t) => {
  const settings = { 'scim.connection.timeout.period': 100, 'scim.max.attempts': 1 };
  const expected: [number | 'HANG', RegExp, RegExp][] = [
    [407, /proxy answered 407/, /credentials/],
    [401, /proxy answered 401/, /credentials/],
    [403, /proxy answered 403/, /no_proxy/],
    [502, /proxy answered 502/, /proxy/],
    ['HANG', /cannot be reached/, /proxy/],
  ];
  for (const [mode, message, fix] of expected) {
    const proxy = await proxyIn(t, mode);
    const environment = { https_proxy: `http://127.0.0.1:${proxy.port}` };
    const { reader } = clientOf(t, 'https://service.invalid/scim/v2', settings, { environment });
    await assert.rejects(reader.check(), { code: 'SERVICE_UNREACHABLE', message, fix });
  }
  const proxy = await proxyIn(t, 407);
  const environment = { http_proxy: `http://127.0.0.1:${proxy.port}` };
  const { reader } = clientOf(t, 'http://service.invalid/scim/v2', settings, { environment });
  await assert.rejects(reader.check(), { code: 'SERVICE_UNREACHABLE', message: /proxy refused.*407/ });
});

test('case 77: a host with a dead address among its own is reached at the other', async (t) => {
  const { server } = await open(t);
  // localhost is ::1 and 127.0.0.1; the service listens at the latter only.
  await clientOf(t, server.url.replace('127.0.0.1', 'localhost')).reader.check();
  assert.equal(server.seen.length, 1);
});

test('case 78: a service that goes away and comes back costs no user', async (t) => {
  const { server, writer } = await open(t, { 'scim.max.attempts': 8 });
  let isDown = false;
  server.on(
    '',
    async (step) => {
      if (isDown) return step.hangUp();
      const { status, body } = await step.obey();
      step.send(status, body);
    },
    9_999,
  );
  const creations = Array.from({ length: 40 }, async (_, i) => {
    if (i === 20) {
      isDown = true;
      setTimeout(() => (isDown = false), 60);
    }
    return writer.create(userNamed(`u${i}@example.com`));
  });
  for (const outcome of await Promise.all(creations)) assert.ok(outcome.ok);
  assert.equal(server.store.users.size, 40);
});

test('a service that is gone for good ends the run without blaming a single user', async (t) => {
  const { server, writer } = await open(t, { 'scim.client.threads': 1 });
  server.on('', (step) => step.hangUp(), 9_999);
  const outcomes: boolean[] = [];
  await assert.rejects(
    async () => {
      for (let i = 0; i < 100; i += 1)
        outcomes.push((await writer.create(userNamed(`u${i}@example.com`))).ok);
    },
    { code: 'SERVICE_UNREACHABLE', message: /cannot be reached/ },
  );
  assert.deepEqual(outcomes, []);
});

test('a change that never gets an answer costs its user where others are answered', async (t) => {
  const { server, writer } = await open(t, { 'scim.client.threads': 1 });
  server.on('POST', (step) => step.hangUp(), 8);
  for (const name of ['a', 'b'])
    assert.equal((await writer.create(userNamed(`${name}@example.com`))).ok, false);
  assert.equal((await writer.create(ada)).ok, true);
});

test('a service that takes no changes any more ends the run even if it can be read', async (t) => {
  const { server, writer } = await open(t, { 'scim.max.attempts': 1 });
  server.on('POST', (step) => step.send(503), 9_999);
  const failures = Array.from({ length: 24 }, (_, i) => writer.create(userNamed(`u${i}@example.com`)));
  for (const outcome of await Promise.all(failures)) assert.equal(outcome.ok, false);
  await assert.rejects(writer.create(ada), { code: 'SERVICE_REFUSED' });
});

test('a service that answers nothing but errors ends the run in the end', async (t) => {
  const { server, writer } = await open(t, { 'scim.max.attempts': 1 });
  server.on('', (step) => step.send(500), 9_999);
  let failed = 0;
  await assert.rejects(
    async () => {
      for (let i = 0; i < 100; i += 1)
        failed += (await writer.create(userNamed(`u${i}@example.com`))).ok ? 0 : 1;
    },
    { code: 'SERVICE_UNREACHABLE' },
  );
  assert.equal(failed, 24);
});

test('never more connections than scim.client.threads, however many users are sent at once', async (t) => {
  const { server, writer } = await open(t, { 'scim.client.threads': 3 });
  let inside = 0;
  let most = 0;
  server.on(
    'POST',
    async (step) => {
      inside += 1;
      most = Math.max(most, inside);
      const { status, body } = await step.obey();
      await new Promise((resolve) => setTimeout(resolve, 5));
      inside -= 1;
      step.send(status, body);
    },
    999,
  );
  await Promise.all(Array.from({ length: 150 }, (_, i) => writer.create(userNamed(`u${i}@example.com`))));
  assert.equal(most, 3);
  assert.equal(server.connections.most, 3);
});

test('an interruption ends questions and waits at once, and lets a write that is on its way come to its answer', async (t) => {
  const controller = new AbortController();
  const { server, writer, reader } = await open(
    t,
    { 'scim.read.timeout.period': 60_000 },
    { signal: controller.signal, pace: { baseDelayMs: 60_000 } },
  );
  server.on('POST', async (step) => {
    controller.abort();
    const { status, body, headers } = await step.obey();
    setTimeout(() => step.send(status, body, headers), 50);
  });
  server.on('GET', (step) => step.send(500));
  const waiting = assert.rejects(reader.check(), { code: 'INTERRUPTED' });
  assert.equal((await writer.create(ada)).ok, true);
  await waiting;
  await assert.rejects(writer.create(ada), { name: 'RunError', code: 'INTERRUPTED' });
  await assert.rejects(reader.check(), { code: 'INTERRUPTED' });
});

test('a write without an answer does not keep an interrupted run for long', async (t) => {
  const controller = new AbortController();
  const { server, writer } = await open(
    t,
    { 'scim.read.timeout.period': 60_000 },
    { signal: controller.signal, pace: { maxFinishMs: 50 } },
  );
  server.on('POST', () => controller.abort());
  await assert.rejects(writer.create(ada), { name: 'RunError', code: 'INTERRUPTED' });
});

test('a password over http to another host is worth a warning, over https or to this machine it is not', (t) => {
  assert.ok(
    clientOf(t, 'http://service.example.com/scim').lines.some(
      (line) => line.startsWith('warn') && line.includes('unencrypted'),
    ),
  );
  for (const url of [
    'https://service.example.com/scim',
    'http://localhost:1/',
    'http://127.0.0.1:1/',
    'http://[::1]:1/',
  ]) {
    assert.deepEqual(clientOf(t, url).lines, []);
  }
});

test('neither the password nor the Authorization header is ever logged', async (t) => {
  const { server, writer, lines } = await open(t);
  server.on('POST', (step) => step.send(400, JSON.stringify(step.request.headers)));
  await writer.create(ada);
  assert.ok(lines.some((line) => line.startsWith('trace')));
  const basic = Buffer.from(`provider@cloud.example.com:${PASSWORD}`).toString('base64');
  assert.ok(lines.every((line) => !line.includes(basic) && !line.includes(PASSWORD)));
});

test('a trace leaves out what a service calls a secret, however it says so', async (t) => {
  const { server, writer, lines } = await open(t);
  const bodies = [
    JSON.stringify({ nested: [{ userPassword: 'first-one' }, { api_key: { deep: 'second-one' } }] }),
    JSON.stringify({ Operations: [{ op: 'replace', path: 'password', value: 'third-one' }] }),
    'not JSON, access_token=fourth-one&password: fifth-one',
    '{"password":"sixth-one", cut in the mid',
  ];
  for (const body of bodies) {
    server.on('POST', (step) => step.send(400, body));
    await writer.create(ada);
  }
  const traced = lines.filter(
    (line) => line.startsWith('trace') && line.includes('received 400 to POST /Users'),
  );
  assert.equal(traced.length, bodies.length, lines.join('\n'));
  assert.doesNotMatch(lines.join('\n'), /(first|second|third|fourth|fifth|sixth)-one/);
  assert.equal(traced.filter((line) => line.includes('***')).length, bodies.length);
});
