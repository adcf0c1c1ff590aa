/** Several servers in ldap.baseurl: which one is read, why not the others, and that a read never changes over. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openDirectory } from '../../src/ldap/directory.ts';
import type { DirectorySettings } from '../../src/ldap/directory.ts';
import type { Directory, Watermark } from '../../src/model/ports.ts';
import { startScriptedLdap } from '../servers/scripted-ldap.ts';
import type { Script, ScriptedLdap, ScriptedOptions } from '../servers/scripted-ldap.ts';
import {
  directorySettings,
  EVERYTHING,
  PASSWORD,
  readToEnd,
  rememberingLog,
  runError,
  sendUsers,
} from './directory-fixture.ts';

interface Pair {
  readonly servers: readonly [ScriptedLdap, ScriptedLdap];
  readonly log: ReturnType<typeof rememberingLog>;
  readonly open: (settings?: Partial<DirectorySettings>) => Directory;
}

const serving =
  (name: string): Script =>
  (answer) => {
    sendUsers(answer, name);
    answer.done({ cookie: '' });
  };

async function withPair<T>(
  options: readonly [ScriptedOptions, ScriptedOptions],
  play: (pair: Pair) => Promise<T>,
  scripts: readonly [Script, Script] = [serving('first'), serving('second')],
): Promise<T> {
  const servers = [
    await startScriptedLdap(scripts[0], options[0]),
    await startScriptedLdap(scripts[1], options[1]),
  ] as const;
  const log = rememberingLog();
  const opened: Directory[] = [];
  const open = (settings: Partial<DirectorySettings> = {}): Directory => {
    const all = { 'ldap.baseurl': servers.map(({ url }) => url).join('  '), ...settings };
    const directory = openDirectory(directorySettings(all), PASSWORD, log);
    opened.push(directory);
    return directory;
  };
  try {
    return await play({ servers, log, open });
  } finally {
    for (const directory of opened) await directory.close();
    for (const server of servers) await server.close();
  }
}

async function namesRead(directory: Directory): Promise<string[]> {
  const read = await readToEnd(directory.read(EVERYTHING));
  assert.equal(read.verdict.complete, true, read.reason);
  return read.entries.map(({ identity }) => identity);
}

test('the first server of the list that answers is read, and the log says why not the others', async () => {
  await withPair([{}, {}], async ({ servers, log, open }) => {
    const [first, second] = servers;
    const both = open();
    assert.equal((await both.check()).url, first.url);
    assert.deepEqual(await namesRead(both), ['first']);
    assert.deepEqual(log.lines, []);
    assert.equal(second.connectionCount(), 0);

    const spare = open({ 'ldap.baseurl': `ldap://127.0.0.1:9 ${second.url}`, 'ldap.max.attempts': 10 });
    assert.equal((await spare.check()).url, second.url);
    assert.deepEqual(await namesRead(spare), ['second']);
    assert.deepEqual(log.lines, [
      `warn ldap://127.0.0.1:9 is not used: connection refused: nothing listens on port 9 of 127.0.0.1; trying ${second.url}`,
    ]);
  });
});

test('a server that is there and cannot serve is passed over: busy, not yet replicated, without an answer', async () => {
  const unfit: readonly [ScriptedOptions, RegExp][] = [
    [{ onBind: () => ({ code: 51 }) }, /result code 51 \(busy\)/],
    [{ onBind: () => null }, /no answer within 200 ms/],
    [{ baseResult: { code: 52 } }, /result code 52 \(unavailable\)/],
    [{ rootDse: { isSynchronized: 'FALSE' } }, /its first replication is not over/],
  ];
  for (const [options, reason] of unfit) {
    await withPair([options, {}], async ({ servers, log, open }) => {
      const directory = open({ 'ldap.read.timeout.period': 200 });
      assert.equal((await directory.check()).url, servers[1].url);
      assert.equal(log.lines.length, 1);
      assert.match(log.lines[0] ?? '', reason);
      assert.deepEqual(await namesRead(directory), ['second']);
    });
  }
});

test('a global catalog that does not hold the whole forest yet is passed over; one that does is warned of', async () => {
  // No other port says that it is one.
  const catalog = { host: '127.0.0.68', port: 3268 };
  const notYet = { rootDse: { isGlobalCatalogReady: 'FALSE' } };
  await withPair([{ ...catalog, ...notYet }, notYet], async ({ servers, log, open }) => {
    const directory = open();
    assert.equal((await directory.check()).url, servers[1].url);
    assert.match(log.lines.join('\n'), /^warn .*:3268 is not used: its global catalog is not ready.*$/);
  });
  await withPair(
    [{ ...catalog, rootDse: { isGlobalCatalogReady: 'TRUE' } }, {}],
    async ({ servers, log, open }) => {
      const directory = open();
      assert.equal((await directory.check()).url, servers[0].url);
      assert.match(
        log.lines.join('\n'),
        /^warn Port 3268 of 127\.0\.0\.68 is a global catalog: .* Use port 389 .*$/,
      );
      assert.deepEqual(await namesRead(directory), ['first']);
      assert.equal(log.lines.length, 1, 'once in a run');
    },
  );
});

test('the list is gone through ldap.max.attempts times, and the error has the reason of each server', async () => {
  const log = rememberingLog();
  const directory = openDirectory(
    directorySettings({ 'ldap.baseurl': 'ldap://127.0.0.1:9 ldap://127.0.0.1:11', 'ldap.max.attempts': 2 }),
    PASSWORD,
    log,
  );
  const error = await runError(directory.check());
  assert.equal(error.code, 'DIRECTORY_UNREACHABLE');
  assert.match(
    error.message,
    /^Unable to contact LDAP source at ldap:\/\/127\.0\.0\.1:9, reason: '.*port 9.*'; nor LDAP source at ldap:\/\/127\.0\.0\.1:11, reason: '.*port 11/,
  );
  assert.equal(log.lines.length, 3, 'two failures of the first round, one before the last');
});

test('refused credentials end the run at the first server: the others would count them too', async () => {
  await withPair([{ onBind: () => ({ code: 49 }) }, {}], async ({ servers, open }) => {
    const error = await runError(open({ 'ldap.max.attempts': 5 }).check());
    assert.equal(error.code, 'DIRECTORY_REFUSED');
    assert.equal(servers[0].log.filter((line) => line.startsWith('bind')).length, 1);
    assert.equal(servers[1].connectionCount(), 0);
  });
});

test('a read that breaks is incomplete and is not taken up at another server', async () => {
  const breaking: Script = (answer) => {
    sendUsers(answer, `page ${answer.index}`);
    if (answer.index === 0) answer.done({ cookie: 'more' });
    else answer.hangUp();
  };
  await withPair(
    [{}, {}],
    async ({ servers, open }) => {
      const directory = open({ 'ldap.max.attempts': 3 });
      await directory.check();
      const read = await readToEnd(directory.read(EVERYTHING));
      assert.equal(read.verdict.complete, false);
      assert.match(read.reason, new RegExp(`^${servers[0].url}: `));
      assert.equal(servers[1].connectionCount(), 0, 'the run stays with its server');
    },
    [breaking, serving('second')],
  );
});

test('by time: a watermark of one of several servers is none of another, and an old one of no server is neither', async () => {
  const times: Script = (answer) => {
    answer.entry('uid=a,dc=test', { entryUUID: 'a', modifyTimestamp: '20260101120000Z' });
    answer.done({ cookie: '' });
  };
  await withPair(
    [{}, {}],
    async ({ servers, open }) => {
      const directory = open();
      const facts = await directory.check();
      const { verdict } = await readToEnd(directory.read(EVERYTHING));
      assert.ok(verdict.complete && verdict.watermark);
      const since: Watermark = verdict.watermark;
      assert.equal(since.serverId, servers[0].url);
      assert.equal(facts.canReadSince(since), true);
      assert.match(String(facts.canReadSince({ ...since, serverId: null })), /another server answers/);
      const other = await open({ 'ldap.baseurl': `${servers[1].url} ${servers[0].url}` }).check();
      assert.match(String(other.canReadSince(since)), /another server answers than in the last run/);
    },
    [times, times],
  );
});
