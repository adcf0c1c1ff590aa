/** Which host name a server with many certificates is told (SNI, RFC 6066 3). */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { test } from 'node:test';
import { createSecureContext, createServer as createTlsServer, TLSSocket } from 'node:tls';
import { openDirectory } from '../../src/ldap/directory.ts';
import type { DirectorySettings } from '../../src/ldap/directory.ts';
import { GOOD_CERTIFICATE } from '../servers/hostile-scim-certificates.ts';
import { directorySettings, PASSWORD, rememberingLog, runError } from './directory-fixture.ts';

const STARTS_TLS = Buffer.from('300c02010178070a010004000400', 'hex');

/** The names that the server was told; `false` for a handshake without one. It hangs up then, so each check fails. */
async function namesTold(
  listen: (heard: (socket: TLSSocket) => void) => Server,
  host: string,
  settings: Partial<DirectorySettings>,
  scheme: string,
): Promise<unknown[]> {
  const told: unknown[] = [];
  const server = listen((socket) => {
    told.push((socket as { servername?: unknown }).servername);
    socket.on('error', () => undefined).destroy();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `${scheme}://${host}:${(server.address() as AddressInfo).port}`;
  const changes = { 'ldap.baseurl': url, 'ldap.connection.allowunsafecerts': true, ...settings };
  const directory = openDirectory(directorySettings(changes), PASSWORD, rememberingLog());
  try {
    await runError(directory.check());
    return told;
  } finally {
    await directory.close();
    server.close();
  }
}

const overTls = (heard: (socket: TLSSocket) => void): Server => createTlsServer(GOOD_CERTIFICATE, heard);

const byStartTls = (heard: (socket: TLSSocket) => void): Server =>
  createTcpServer((socket: Socket) => {
    socket.once('data', () => {
      socket.write(STARTS_TLS);
      const secureContext = createSecureContext(GOOD_CERTIFICATE);
      const secured = new TLSSocket(socket, { isServer: true, secureContext });
      secured.once('secure', () => heard(secured));
    });
  });

test('the host name of ldap.baseurl is told to the server, an IP address is not', async () => {
  assert.deepEqual(await namesTold(overTls, 'localhost', {}, 'ldaps'), ['localhost']);
  assert.deepEqual(await namesTold(overTls, '127.0.0.1', {}, 'ldaps'), [false]);
});

test('with StartTLS, too', async () => {
  const startTls = { 'ldap.connection.starttls': true };
  assert.deepEqual(await namesTold(byStartTls, 'localhost', startTls, 'ldap'), ['localhost']);
  assert.deepEqual(await namesTold(byStartTls, '127.0.0.1', startTls, 'ldap'), [false]);
});
