/** One name that leads to several OpenLDAP servers: which of them answers, and what a watermark of one is worth at another. */

import assert from 'node:assert/strict';
import dns from 'node:dns';
import { afterEach, beforeEach, describe, mock, test } from 'node:test';
import { openDirectory } from '../../src/ldap/directory.ts';
import type { Watermark } from '../../src/model/ports.ts';
import { PEOPLE_DN } from '../servers/slapd-people.ts';
import { slapdSkip, startSlapd } from '../servers/slapd.ts';
import type { Slapd } from '../servers/slapd.ts';
import { directorySettings, EVERYTHING, readToEnd, rememberingLog } from './directory-fixture.ts';

const NAME = 'directory.test';
const FIRST = '127.0.0.11';
const SECOND = '127.0.0.12';

describe('one name with two OpenLDAP servers', { skip: slapdSkip() }, () => {
  let first: Slapd;
  let second: Slapd;

  beforeEach(async () => {
    first = await startSlapd({ users: 5, address: FIRST });
    second = await startSlapd({ users: 5, address: SECOND, port: first.port });
  });
  afterEach(async () => {
    mock.restoreAll();
    for (const server of [first, second]) await server?.stop();
  });

  /** The name has these addresses from now on, and the system connects to the first of them. */
  function resolveTo(...addresses: readonly string[]): void {
    mock.restoreAll();
    const { lookup } = dns;
    mock.method(dns, 'lookup', (host: string, options: dns.LookupOptions, callback: Answer) => {
      if (host !== NAME) return lookup(host, options, callback);
      const [address = ''] = addresses;
      if (options.all !== true) return callback(null, address, 4);
      return callback(
        null,
        addresses.map((one) => ({ address: one, family: 4 })),
      );
    });
  }

  interface Run {
    /** From where this run could go on; `true`: from where the last one ended. */
    readonly since: true | string | null;
    readonly read: number;
    readonly watermark: Watermark;
  }

  async function run(last: Watermark | null, urls = `ldap://${NAME}:${first.port}`): Promise<Run> {
    const settings = directorySettings({
      'ldap.baseurl': urls,
      'ldap.baseDn': PEOPLE_DN,
      'ldap.bind.user': first.readerDn,
    });
    const directory = openDirectory(settings, first.readerPassword, rememberingLog());
    try {
      const facts = await directory.check(last);
      const since = last === null ? null : facts.canReadSince(last);
      const read = await readToEnd(directory.read({ ...EVERYTHING, since: since === true ? last : null }));
      assert.ok(read.verdict.complete, read.reason);
      assert.ok(read.verdict.watermark);
      return { since, read: read.entries.length, watermark: read.verdict.watermark };
    } finally {
      await directory.close();
    }
  }

  test('the address of the last run is asked first, in whatever order the DNS names them', async () => {
    resolveTo(SECOND, FIRST);
    const one = await run(null);
    assert.equal(one.watermark.address, SECOND);
    for (const order of [
      [FIRST, SECOND],
      [SECOND, FIRST],
    ]) {
      resolveTo(...order);
      const next = await run(one.watermark);
      assert.deepEqual([next.since, next.watermark.address], [true, SECOND]);
    }
  });

  test('where that one is down the other is read from the beginning, and so is the first when it is back', async () => {
    resolveTo(FIRST, SECOND);
    const one = await run(null);
    await first.kill();
    resolveTo(SECOND, FIRST);
    const other = await run(one.watermark);
    const why = (now: string, then: string): string =>
      `another server answers than in the last run: ${now}, not ${then}`;
    assert.deepEqual([other.since, other.read], [why(SECOND, FIRST), 5]);
    await first.restart();
    await second.kill();
    resolveTo(FIRST, SECOND);
    const back = await run(other.watermark);
    assert.deepEqual([back.since, back.read], [why(FIRST, SECOND), 5]);
  });

  test('an address that the name has no longer is not asked, though somebody still answers there', async () => {
    resolveTo(FIRST, SECOND);
    const one = await run(null);
    assert.equal(one.watermark.address, FIRST);
    resolveTo(SECOND);
    const moved = await run(one.watermark);
    assert.equal(moved.watermark.address, SECOND);
    assert.match(String(moved.since), /another server answers/);
  });

  test('a watermark of before addresses were remembered goes on', async () => {
    resolveTo(FIRST);
    const { tracking, serverId, value } = (await run(null)).watermark;
    assert.equal((await run({ tracking, serverId, value })).since, true);
  });

  test('with a list of URLs the address behind each of them counts as well', async () => {
    const urls = `ldap://${NAME}:${first.port} ldap://127.0.0.1:9`;
    resolveTo(FIRST, SECOND);
    const one = await run(null, urls);
    assert.equal(one.watermark.url, `ldap://${NAME}:${first.port}`);
    resolveTo(SECOND, FIRST);
    assert.equal((await run(one.watermark, urls)).since, true);
    resolveTo(SECOND);
    assert.match(String((await run(one.watermark, urls)).since), /another server answers/);
  });
});

type Answer = (error: Error | null, address: string | dns.LookupAddress[], family?: number) => void;
