/** ldap:// where TLS is wanted, and ldaps:// where there is none: said in words, with the property to change. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { after, before, describe, test, type TestContext } from 'node:test';
import { openDirectory } from '../../src/ldap/directory.ts';
import { slapdSkip, startSlapd, type Slapd } from '../servers/slapd.ts';
import { directorySettings, PASSWORD, rememberingLog, runError } from './directory-fixture.ts';

const HANDSHAKE_ALERT = Buffer.from([0x15, 0x03, 0x01, 0x00, 0x02, 0x02, 0x0a]);

async function messageAt(url: string, more: Parameters<typeof directorySettings>[0] = {}): Promise<string> {
  const settings = directorySettings({ 'ldap.baseurl': url, 'ldap.max.attempts': 1, ...more });
  const directory = openDirectory(settings, PASSWORD, rememberingLog());
  try {
    return (await runError(directory.check())).message;
  } finally {
    await directory.close();
  }
}

/** A server that does one thing to whoever says anything. */
async function portThat(t: TestContext, answer: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => answer(socket));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return (server.address() as AddressInfo).port;
}

test('a port that answers ldap:// in TLS, closes or breaks off without a word is asked for by ldaps://', async (t) => {
  const ways: readonly (readonly [(socket: Socket) => void, RegExp])[] = [
    [(socket) => socket.end(HANDSHAKE_ALERT), /the server answers in TLS: /],
    [(socket) => socket.end(), /closed the connection without a word: /],
    [(socket) => socket.resetAndDestroy(), /broke the connection off without a word: /],
  ];
  for (const [answer, words] of ways) {
    const port = await portThat(t, answer);
    const message = await messageAt(`ldap://127.0.0.1:${port}`);
    assert.match(message, words);
    assert.match(
      message,
      new RegExp(`does this port want TLS\\?: set ldap\\.baseurl to ldaps://127\\.0\\.0\\.1:${port}`),
    );
    const byStartTls = await messageAt(`ldap://127.0.0.1:${port}`, { 'ldap.connection.starttls': true });
    assert.match(
      byStartTls,
      new RegExp(`ldaps://127\\.0\\.0\\.1:${port}, and ldap\\.connection\\.starttls=false`),
    );
  }
});

test('a port that answers ldaps:// in clear, closes or breaks off is no port for it', async (t) => {
  const ways: readonly (readonly [(socket: Socket) => void, RegExp])[] = [
    [(socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'), /does not speak TLS on port \d+: /],
    [(socket) => socket.end(), /before TLS was up: /],
    [(socket) => socket.resetAndDestroy(), /before TLS was up: /],
  ];
  for (const [answer, words] of ways) {
    const port = await portThat(t, answer);
    const message = await messageAt(`ldaps://127.0.0.1:${port}`);
    assert.match(message, words);
    assert.match(
      message,
      new RegExp(
        `set ldap\\.baseurl to ldap://127\\.0\\.0\\.1:${port} and ldap\\.connection\\.starttls=true`,
      ),
    );
  }
});

describe('the wrong scheme at OpenLDAP', { skip: slapdSkip() }, () => {
  let slapd: Slapd;
  before(async () => {
    slapd = await startSlapd({ users: 1 });
  });
  after(() => slapd?.stop());

  test('is named, either way', async () => {
    const bind = { 'ldap.baseDn': slapd.baseDn, 'ldap.connection.ca.file': slapd.caFile } as const;
    const clearAtTls = slapd.tlsUrl.replace('ldaps:', 'ldap:');
    assert.match(
      await messageAt(clearAtTls, bind),
      /without a word: does this port want TLS\?: set ldap\.baseurl to ldaps:/,
    );
    const tlsAtClear = slapd.url.replace('ldap:', 'ldaps:');
    assert.match(await messageAt(tlsAtClear, bind), /TLS.*: is this the port for ldaps \(636\)\?/);
  });
});
