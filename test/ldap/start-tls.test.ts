/** StartTLS: encrypted before anything else is said, or nothing is said. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { openDirectory } from '../../src/ldap/directory.ts';
import type { DirectorySettings } from '../../src/ldap/directory.ts';
import type { RunError } from '../../src/model/errors.ts';
import { sambaSkip, startSamba } from '../servers/samba.ts';
import type { Samba } from '../servers/samba.ts';
import { slapdSkip, startSlapd } from '../servers/slapd.ts';
import type { Slapd } from '../servers/slapd.ts';
import {
  directorySettings,
  EVERYTHING,
  PASSWORD,
  readToEnd,
  rememberingLog,
  runError,
} from './directory-fixture.ts';

interface Server {
  readonly url: string;
  readonly baseDn: string;
  readonly readerDn: string;
  readonly readerPassword: string;
  readonly caFile: string;
}

function settingsFor(server: Server, changes: Partial<DirectorySettings> = {}): DirectorySettings {
  return directorySettings({
    'ldap.baseurl': server.url,
    'ldap.baseDn': server.baseDn,
    'ldap.bind.user': server.readerDn,
    'ldap.connection.ca.file': server.caFile,
    'ldap.connection.starttls': true,
    'ldap.max.attempts': 3,
    ...changes,
  });
}

async function countUsers(server: Server): Promise<number> {
  const directory = openDirectory(settingsFor(server), server.readerPassword, rememberingLog());
  try {
    await directory.check();
    const read = await readToEnd(directory.read(EVERYTHING));
    assert.equal(read.verdict.complete, true, read.reason);
    return read.entries.length;
  } finally {
    await directory.close();
  }
}

describe('StartTLS with OpenLDAP', { skip: slapdSkip() }, () => {
  let slapd: Slapd;

  before(async () => {
    // Passwords are accepted over TLS only.
    slapd = await startSlapd({ users: 30, config: 'security simple_bind=128' });
  });
  after(() => slapd?.stop());

  test('with ldap.connection.starttls users and password are encrypted over ldap://', async () => {
    assert.equal(await countUsers(slapd), 30);
    const plain = openDirectory(
      settingsFor(slapd, { 'ldap.connection.starttls': false }),
      slapd.readerPassword,
      rememberingLog(),
    );
    const error = await runError(plain.check());
    assert.match(error.message, /result code 13 \(confidentialityRequired\)/);
    assert.equal(error.fix, 'Use ldaps:// in ldap.baseurl, or set ldap.connection.starttls=true.');
  });

  test('a host name is checked as over ldaps://, and an unknown authority is refused once', async () => {
    const named = { ...slapd, url: slapd.url.replace('127.0.0.1', 'localhost') };
    assert.equal(await countUsers(named), 30);
    const log = rememberingLog();
    const strange = openDirectory(
      settingsFor(slapd, { 'ldap.connection.ca.file': '' }),
      slapd.readerPassword,
      log,
    );
    const error = await runError(strange.check());
    assert.match(error.message, /the certificate of 127\.0\.0\.1 cannot be trusted: .*authority/);
    assert.deepEqual(log.lines, [], 'no second attempt');
  });
});

describe('StartTLS with Active Directory', { skip: sambaSkip() }, () => {
  let samba: Samba;

  before(async () => {
    samba = await startSamba({ users: 5, strongAuth: true });
  });
  after(() => samba?.stop());

  test('is what a domain controller that wants encryption accepts over ldap://', async () => {
    assert.equal(await countUsers({ ...samba, baseDn: samba.staffDn }), 5);
  });
});

describe('a server that does not start TLS', () => {
  const REQUEST = '1.3.6.1.4.1.1466.20037';
  const success = Buffer.from('300c02010178070a010004000400', 'hex');
  const refusal = Buffer.from('300c02010178070a010204000400', 'hex');

  /** What comes of it, and everything that was sent to the server. */
  async function outcome(
    answer: (socket: Socket, chunk: Buffer) => void,
  ): Promise<{ error: RunError; sent: string; connections: number }> {
    let sent = '';
    let connections = 0;
    const server = createServer((socket) => {
      connections++;
      socket.on('error', () => undefined);
      socket.on('data', (chunk: Buffer) => {
        sent += chunk.toString('latin1');
        answer(socket, chunk);
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const directory = openDirectory(
      directorySettings({
        'ldap.baseurl': `ldap://127.0.0.1:${(server.address() as AddressInfo).port}`,
        'ldap.connection.starttls': true,
        'ldap.connection.timeout.period': 300,
        'ldap.max.attempts': 3,
      }),
      PASSWORD,
      rememberingLog(),
    );
    try {
      const error = await runError(directory.check());
      assert.equal(error.code, 'DIRECTORY_UNREACHABLE');
      return { error, sent, connections };
    } finally {
      await directory.close();
      server.close();
    }
  }

  test('is told nothing: no name and no password goes over the connection', async () => {
    const answers: readonly (readonly [(socket: Socket) => void, RegExp])[] = [
      [(socket) => socket.write(refusal), /does not start TLS \(ldap\.connection\.starttls\): result code 2/],
      [(socket) => socket.write(Buffer.concat([success, success])), /something in clear after its answer/],
      [
        (socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'),
        /the answer to StartTLS cannot be read: the answer is not LDAP/,
      ],
      [(socket) => socket.end(), /the server closed the connection instead of starting TLS/],
      [() => undefined, /no answer to StartTLS within 300 ms/],
    ];
    for (const [answer, says] of answers) {
      const { error, sent, connections } = await outcome(answer);
      assert.equal(connections, 1, 'no second attempt');
      assert.match(error.message, says);
      assert.ok(sent.includes(REQUEST) && !sent.includes(PASSWORD) && !sent.includes('cn=reader'));
    }
  });

  test('a server that says yes and speaks no TLS is told nothing either', async () => {
    const { error, sent } = await outcome((socket, chunk) => {
      if (chunk.includes(REQUEST)) socket.write(success);
      else socket.end('this is no handshake');
    });
    assert.match(error.message, /no TLS handshake/);
    assert.ok(!sent.includes(PASSWORD));
  });
});
