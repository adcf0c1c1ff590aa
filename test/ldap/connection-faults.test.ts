/** Whatever breaks while a search runs, the read ends, says so, and keeps what had come before. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { openDirectory } from '../../src/ldap/directory.ts';
import {
  directorySettings,
  EVERYTHING,
  namesOf,
  PASSWORD,
  readAll,
  readToEnd,
  rememberingLog,
  runError,
  scene,
  sendUsers,
} from './directory-fixture.ts';
import { message } from '../servers/scripted-ldap.ts';
import type { Answer } from '../servers/scripted-ldap.ts';

const firstPageThen =
  (fault: (answer: Answer) => void) =>
  (answer: Answer): void => {
    sendUsers(answer, `u${answer.index}`);
    if (answer.index === 0) answer.done({ cookie: 'more' });
    else fault(answer);
  };

test('a connection that ends between two messages of a page leaves the read incomplete', async () => {
  const read = await readAll(firstPageThen((answer) => answer.hangUp()));
  assert.match(read.reason, /closed the connection|connection broke|reset/);
  assert.ok(namesOf(read).includes('u0'), 'what was delivered stays delivered');
});

test('a connection that ends in the middle of a message leaves the read incomplete', async () => {
  const read = await readAll(
    firstPageThen((answer) => {
      const bytes = answer.doneBytes({ cookie: '' });
      answer.raw(bytes.subarray(0, bytes.length - 3));
      setImmediate(() => answer.hangUp());
    }),
  );
  assert.equal(read.verdict.complete, false);
  assert.match(read.reason, /middle of an answer|connection broke/);
});

test('the connection after a half message is a new one, and the next read is whole', async () => {
  await scene(
    (answer) => {
      sendUsers(answer, 'a');
      const bytes = answer.doneBytes({ cookie: '' });
      if (answer.index > 0) return answer.raw(bytes);
      answer.raw(bytes.subarray(0, 4));
      answer.hangUp();
    },
    async ({ directory, server }) => {
      await directory.check();
      assert.equal((await readToEnd(directory.read(EVERYTHING))).verdict.complete, false);
      const second = await readToEnd(directory.read(EVERYTHING));
      assert.equal(second.verdict.complete, true, second.reason);
      assert.equal(server.connectionCount(), 2);
    },
    { 'ldap.connection.pool': true },
  );
});

test('a search that is not answered ends after ldap.read.timeout.period', async () => {
  const read = await readAll(
    firstPageThen(() => undefined),
    { 'ldap.read.timeout.period': 100 },
  );
  assert.match(read.reason, /no answer within 100 ms \(ldap\.read\.timeout\.period\)/);
});

test('a half message and then silence ends after ldap.read.timeout.period', async () => {
  const read = await readAll(
    firstPageThen((answer) => answer.raw(answer.doneBytes({ cookie: '' }).subarray(0, 5))),
    { 'ldap.read.timeout.period': 100 },
  );
  assert.match(read.reason, /no answer within 100 ms/);
});

test('the read timeout counts silence, not the length of a page', async () => {
  const read = await readAll(
    (answer) => {
      let sent = 0;
      const timer = setInterval(() => {
        sendUsers(answer, `u${sent++}`);
        if (sent < 8) return;
        clearInterval(timer);
        answer.done({ cookie: '' });
      }, 40);
    },
    { 'ldap.read.timeout.period': 200 },
  );
  assert.equal(read.entries.length, 8);
  assert.equal(read.verdict.complete, true, read.reason);
});

test('a process that was busy for longer than the timeout reads what has come meanwhile', async () => {
  await scene(
    (answer) => {
      sendUsers(answer, `u${answer.index}`);
      answer.done({ cookie: answer.index < 2 ? `c${answer.index}` : '' });
    },
    async ({ directory }) => {
      await directory.check();
      const read = directory.read(EVERYTHING);
      for await (const page of read.pages) {
        assert.equal(page.entries.length, 1);
        const until = performance.now() + 120;
        while (performance.now() < until);
      }
      assert.equal(read.verdict().complete, true);
    },
    { 'ldap.read.timeout.period': 60 },
  );
});

test('messages torn into single bytes are put together again', async () => {
  const read = await readAll((answer) => {
    sendUsers(answer, 'a');
    for (const byte of answer.doneBytes({ cookie: '' })) answer.raw(Buffer.from([byte]));
  });
  assert.equal(read.verdict.complete, true, read.reason);
});

test('bytes that are no LDAP end the read at once', async () => {
  const cases: [Buffer, RegExp][] = [
    [Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'), /not LDAP/],
    [Buffer.from([0x30, 0x80, 0x02, 0x01]), /impossible length/],
    [Buffer.from([0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 0x02]), /claims to be one message/],
    [Buffer.from([0x30, 0x85, 1, 1, 1, 1, 1]), /impossible length/],
    [Buffer.from([0x30, 0x05, 0x02, 0x01, 0x03, 0x65, 0x20]), /longer than the message/],
    [Buffer.from([0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x28]), /TLS.*ldaps:\/\//],
  ];
  for (const [bytes, reason] of cases) {
    const read = await readAll(firstPageThen((answer) => answer.raw(bytes)));
    assert.match(read.reason, reason);
  }
});

test('an entry with bytes left over, or an answer to a request never sent, makes the read incomplete', async () => {
  const trailing = (id: number): Buffer =>
    message(id, (writer) => {
      writer.startSequence(0x64);
      writer.writeString('uid=x,dc=test');
      writer.startSequence();
      writer.endSequence();
      writer.writeString('left over');
      writer.endSequence();
    });
  // On its connection the search has number 3: after the bind and the rootDSE.
  const read = await readAll((answer) => answer.raw(trailing(3)));
  assert.match(read.reason, /belong to no element/);
  const stranger = await readAll((answer) => answer.raw(trailing(77)));
  assert.match(stranger.reason, /answers request 77, which was never sent/);
});

test('the text of a notice of disconnection is in the reason', async () => {
  const read = await readAll(
    firstPageThen((answer) => answer.noticeOfDisconnection('going down for maintenance')),
  );
  assert.match(read.reason, /going down for maintenance/);
});

test('a search never goes on over a second connection', async () => {
  const read = await readAll(
    firstPageThen((answer) => answer.hangUp()),
    { 'ldap.max.attempts': 5 },
  );
  assert.equal(read.verdict.complete, false);
  assert.equal(read.server.searches.length, 2);
  assert.equal(read.server.connectionCount(), 2, 'one for the check, one for the read');
});

test('stopping the iteration abandons the search, unbinds, and the verdict is incomplete', async () => {
  await scene(
    (answer) => {
      if (answer.index > 0) return;
      sendUsers(answer, 'a');
      answer.done({ cookie: 'more' });
    },
    async ({ directory, server }) => {
      await directory.check();
      const read = directory.read(EVERYTHING);
      for await (const page of read.pages) {
        assert.equal(page.entries.length, 1);
        break;
      }
      const verdict = read.verdict();
      assert.equal(verdict.complete, false);
      await server.until(() => server.openConnections() === 0);
      assert.deepEqual(server.log.slice(-2), ['abandon', 'unbind']);
    },
  );
});

test('one page is read ahead while the consumer works, and no more', async () => {
  await scene(
    (answer) => {
      sendUsers(answer, `u${answer.index}`);
      answer.done({ cookie: answer.index < 5 ? `c${answer.index}` : '' });
    },
    async ({ directory, server }) => {
      await directory.check();
      const pages = directory.read(EVERYTHING).pages[Symbol.asyncIterator]();
      await pages.next();
      await server.until(() => server.searches.length === 2);
      await new Promise((resolve) => setTimeout(resolve, 50));
      assert.equal(server.searches.length, 2);
      await pages.return?.();
    },
  );
});

test('close() while a read runs ends the read as incomplete', async () => {
  await scene(
    () => undefined,
    async ({ directory, server }) => {
      await directory.check();
      const reading = readToEnd(directory.read(EVERYTHING));
      await server.until(() => server.searches.length === 1);
      await directory.close();
      assert.match((await reading).reason, /closed/);
      await directory.close();
    },
  );
});

test('verdict() before the end, and read() before check(), are errors of the program', async () => {
  await scene(
    (answer) => answer.done({ cookie: '' }),
    async ({ directory }) => {
      assert.throws(() => directory.read(EVERYTHING), /check\(\)/);
      await directory.check();
      assert.throws(() => directory.read(EVERYTHING).verdict(), /before the pages had ended/);
    },
  );
});

test('ldap.connection.pool keeps one connection for all reads; without it each read has its own', async () => {
  for (const [pool, connections] of [
    [true, 1],
    [false, 4],
  ] as const) {
    await scene(
      (answer) => answer.done({ cookie: '' }),
      async ({ directory, server }) => {
        await directory.check();
        for (let i = 0; i < 3; i++) await readToEnd(directory.read(EVERYTHING));
        assert.equal(server.connectionCount(), connections);
      },
      { 'ldap.connection.pool': pool },
    );
  }
});

test('a kept connection that the server has dropped is replaced before the next search', async () => {
  await scene(
    (answer) => {
      sendUsers(answer, 'a');
      answer.done({ cookie: '' });
    },
    async ({ directory, server }) => {
      await directory.check();
      server.dropConnections();
      const read = await readToEnd(directory.read(EVERYTHING));
      assert.equal(read.verdict.complete, true, read.reason);
      assert.equal(
        server.log.filter((line) => line.startsWith('bind')).length,
        2,
        'bound anew, never anonymous',
      );
    },
    { 'ldap.connection.pool': true },
  );
});

test('an unreachable server is tried ldap.max.attempts times and then named as the article names it', async () => {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  const log = rememberingLog();
  const settings = directorySettings({ 'ldap.baseurl': `ldap://127.0.0.1:${port}`, 'ldap.max.attempts': 3 });
  const error = await runError(openDirectory(settings, PASSWORD, log).check());
  assert.equal(error.code, 'DIRECTORY_UNREACHABLE');
  assert.equal(
    error.message,
    `Unable to contact LDAP source at ldap://127.0.0.1:${port}, reason: 'connection refused: nothing listens on port ${port} of 127.0.0.1'`,
  );
  assert.equal(log.lines.filter((line) => line.includes('trying again')).length, 2);
});

test('a server that comes up between two attempts is found', async () => {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  const log = rememberingLog();
  const settings = directorySettings({
    'ldap.baseurl': `ldap://127.0.0.1:${port}`,
    'ldap.max.attempts': 3,
    'ldap.delay.between.attempts': 200,
  });
  const directory = openDirectory(settings, PASSWORD, { ...log, warn: (_, text) => void comeUp(text) });
  let bound = 0;
  const late = createServer((socket) => {
    socket.once('data', () => {
      bound++;
      socket.end();
    });
  });
  const comeUp = (text: string): void => {
    if (text.includes('refused') && !late.listening) late.listen(port, '127.0.0.1');
  };
  const error = await runError(directory.check());
  assert.match(error.message, /closed the connection/);
  assert.equal(bound, 2);
  late.close();
});

test('a server that accepts and says nothing ends after ldap.read.timeout.period', async () => {
  const server = createServer(() => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const settings = directorySettings({
    'ldap.baseurl': `ldap://127.0.0.1:${port}`,
    'ldap.read.timeout.period': 80,
  });
  const directory = openDirectory(settings, PASSWORD, rememberingLog());
  const error = await runError(directory.check());
  assert.match(error.message, /reason: 'no answer within 80 ms \(ldap\.read\.timeout\.period\)'/);
  await directory.close();
  server.close();
});

test('close() ends the waiting between two attempts', async () => {
  const log = rememberingLog();
  const settings = directorySettings({
    'ldap.baseurl': 'ldap://127.0.0.1:1',
    'ldap.max.attempts': 10,
    'ldap.delay.between.attempts': 60_000,
  });
  const closeSoon = (): void => void setImmediate(() => void directory.close());
  const directory = openDirectory(settings, PASSWORD, { ...log, warn: closeSoon });
  const error = await runError(directory.check());
  assert.match(error.message, /stopped/);
});

test('close() ends a check that waits in the bind', async () => {
  await scene(
    () => undefined,
    async ({ directory, server, log }) => {
      const checking = runError(directory.check());
      await server.until(() => server.log.includes('bind cn=reader'));
      await directory.close();
      assert.match((await checking).message, /the run was stopped/);
      assert.deepEqual(log.lines, []);
    },
    { 'ldap.max.attempts': 3, 'ldap.read.timeout.period': 60_000 },
    { onBind: () => null },
  );
});
