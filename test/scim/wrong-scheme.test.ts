/** http:// where TLS is wanted, and https:// where there is none: said in words, with the property to change. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createHttp } from 'node:http';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { test, type TestContext } from 'node:test';
import { RunError } from '../../src/model/errors.ts';
import { GOOD_CERTIFICATE } from '../servers/hostile-scim-certificates.ts';
import { startHostileScim } from '../servers/hostile-scim.ts';
import { openAt } from './open-service.ts';

async function errorAt(url: string): Promise<RunError> {
  const client = openAt(url, { 'scim.max.attempts': 1, 'scim.connection.timeout.period': 5_000 });
  try {
    await client.reader.check();
  } catch (error) {
    assert.ok(error instanceof RunError);
    return error;
  } finally {
    await client.close();
  }
  assert.fail('the service was reached');
}

async function portOf(t: TestContext, server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return (server.address() as AddressInfo).port;
}

test('https:// at a port without TLS names the scheme and scim.baseurl, and shows nothing of OpenSSL', async (t) => {
  const port = await portOf(
    t,
    createHttp((_, response) => response.end('hello')),
  );
  const { message, fix } = await errorAt(`https://127.0.0.1:${port}/scim/v2`);
  assert.equal(
    message,
    `The SCIM service at https://127.0.0.1:${port} does not speak TLS on this port, but scim.baseurl begins with https://.`,
  );
  assert.match(fix, /Correct the port in scim\.baseurl, or let it begin with http:\/\/127/);
});

test('http:// at a port for TLS asks whether scim.baseurl has to begin with https://', async (t) => {
  const https = await startHostileScim(GOOD_CERTIFICATE);
  t.after(() => https.close());
  const alert = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.end(Buffer.from([0x15, 0x03, 0x01, 0x00, 0x02, 0x02, 0x0a])));
  });
  for (const port of [Number(new URL(https.url).port), await portOf(t, alert)]) {
    const { message } = await errorAt(`http://127.0.0.1:${port}/scim/v2`);
    assert.match(
      message,
      new RegExp(
        `does this port want TLS\\? Then scim\\.baseurl has to begin with https://127\\.0\\.0\\.1:${port}\\b`,
      ),
    );
  }
});

test('a web server that says so itself is believed', async (t) => {
  const page = '<html><head><title>400 The plain HTTP request was sent to HTTPS port</title></head></html>';
  const port = await portOf(
    t,
    createHttp((_, response) => response.writeHead(400).end(page)),
  );
  const { message, fix } = await errorAt(`http://127.0.0.1:${port}/scim/v2`);
  assert.match(
    message,
    /The port of http:\/\/127\.0\.0\.1:\d+\/scim\/v2 wants TLS, but scim\.baseurl begins with http:/,
  );
  assert.equal(fix, `Let scim.baseurl begin with https://127.0.0.1:${port}.`);
});
