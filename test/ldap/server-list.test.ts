/** Which servers a domain has: the DNS's word, in the order of RFC 2782, and only within the domain. */

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { openDirectory } from '../../src/ldap/directory.ts';
import { listServers, orderServices } from '../../src/ldap/server-list.ts';
import type { ServerList } from '../../src/ldap/server-list.ts';
import { formatServer, parseServerUrls } from '../../src/ldap/server-url.ts';
import { startScriptedLdap } from '../servers/scripted-ldap.ts';
import { startTinyDns } from '../servers/tiny-dns.ts';
import type { ServiceEntry, TinyDns } from '../servers/tiny-dns.ts';
import {
  directorySettings,
  EVERYTHING,
  PASSWORD,
  readToEnd,
  rememberingLog,
  runError,
  sendUsers,
} from './directory-fixture.ts';
import { randomOf } from './random.ts';

const entry = (target: string, priority = 0, weight = 0, port = 389): ServiceEntry => ({
  target,
  priority,
  weight,
  port,
});

describe('the servers of a domain', () => {
  let dns: TinyDns;

  before(async () => {
    dns = await startTinyDns({});
  });
  beforeEach(() => {
    dns.zone = {};
  });
  after(() => dns.close());

  async function list(
    text: string,
    preferred: string | null = null,
  ): Promise<ServerList & { urls: string[] }> {
    const found = await listServers(parseServerUrls(text), {
      names: dns.resolver,
      random: () => 0,
      preferred,
    });
    return { ...found, urls: found.servers.map(formatServer) };
  }

  test('are ordered by priority, each taken once, between the servers that are named', async () => {
    dns.zone = {
      '_ldap._tcp.example.com': [
        entry('dc3.example.com', 10),
        entry('dc1.example.com', 0),
        entry('dc2.EXAMPLE.com.', 5, 0, 3890),
        entry('first.example.com', 20),
      ],
    };
    const { urls, problems } = await list('ldap://first.example.com ldap:///dc=example,dc=com ldaps://last');
    assert.deepEqual(urls, [
      'ldap://first.example.com:389',
      'ldap://dc1.example.com:389',
      'ldap://dc2.EXAMPLE.com:3890',
      'ldap://dc3.example.com:389',
      'ldaps://last:636',
    ]);
    assert.deepEqual(problems, []);
  });

  test('for ldaps:/// are those of _ldaps._tcp, else those of _ldap._tcp at their ports for TLS', async () => {
    dns.zone = {
      '_ldap._tcp.example.com': [
        entry('dc1.example.com'),
        entry('gc.example.com', 1, 0, 3268),
        entry('odd.example.com', 2, 0, 10_636),
      ],
    };
    assert.deepEqual((await list('ldaps:///DC=example,DC=com')).urls, [
      'ldaps://dc1.example.com:636',
      'ldaps://gc.example.com:3269',
      'ldaps://odd.example.com:10636',
    ]);
    dns.zone = { ...dns.zone, '_ldaps._tcp.example.com': [entry('tls.example.com', 0, 0, 6360)] };
    assert.deepEqual((await list('ldaps:///dc=example%2cdc=com')).urls, ['ldaps://tls.example.com:6360']);
  });

  test('outside of the domain are not believed, since a forged answer would name such ones', async () => {
    dns.zone = {
      '_ldap._tcp.example.com': [
        entry('dc.evil.test'),
        entry('notexample.com', 1),
        entry('dc.example.com', 9),
      ],
    };
    assert.deepEqual((await list('ldap:///dc=example,dc=com')).urls, ['ldap://dc.example.com:389']);
    dns.zone = { '_ldap._tcp.example.com': [entry('dc.evil.test')] };
    const { urls, problems } = await list('ldap:///dc=example,dc=com');
    assert.deepEqual(urls, []);
    assert.match(problems.join(), /only servers outside of example\.com \(dc\.evil\.test\).*ldap\.baseurl/);
  });

  test('are also those of one site of Active Directory', async () => {
    dns.zone = {
      '_ldap._tcp.berlin._sites.example.com': [entry('dc.example.com'), entry('dc.berlin.test', 1)],
    };
    assert.deepEqual((await list('ldap:///dc=berlin,dc=_sites,dc=example,dc=com')).urls, [
      'ldap://dc.example.com:389',
    ]);
  });

  test('that the DNS does not name are a reason in words, and the others of the list are still tried', async () => {
    const cases = [
      [3, /the DNS knows no _ldap\._tcp\.example\.com: is the domain in ldap\.baseurl right/],
      [2, /gives no answer about _ldap\._tcp\.example\.com/],
      [null, /gives no answer about _ldap\._tcp\.example\.com \(ETIMEOUT\)/],
      [[entry('.')], /names no server/],
    ] as const;
    for (const [answer, reason] of cases) {
      dns.zone = { '_ldap._tcp.example.com': answer };
      const { urls, problems } = await list('ldap:///dc=example,dc=com ldap://spare');
      assert.deepEqual(urls, ['ldap://spare:389']);
      assert.match(problems.join(), reason);
    }
  });

  test('of one priority begin with the one of the last run, but never before those of a better priority', async () => {
    dns.zone = {
      '_ldap._tcp.example.com': [
        entry('a.example.com', 0, 100),
        entry('b.example.com', 0, 1),
        entry('c.example.com', 1),
      ],
    };
    const domain = 'ldap:///dc=example,dc=com';
    const first = async (url: string): Promise<string | undefined> => (await list(domain, url)).urls[0];
    assert.equal(await first('ldap://B.example.com:389'), 'ldap://b.example.com:389');
    assert.notEqual(await first('ldap://c.example.com:389'), 'ldap://c.example.com:389');
  });

  test('ldap:///dc=… reads a server that the DNS names, by priority', async () => {
    const servers = await Promise.all(
      ['far', 'near'].map((name) =>
        startScriptedLdap((answer) => {
          sendUsers(answer, name);
          answer.done({ cookie: '' });
        }),
      ),
    );
    const [far, near] = servers.map(({ port }) => port);
    const log = rememberingLog();
    const directory = openDirectory(
      directorySettings({ 'ldap.baseurl': 'ldap:///dc=localhost' }),
      PASSWORD,
      log,
      { names: dns.resolver, random: () => 0 },
    );
    try {
      dns.zone = { '_ldap._tcp.localhost': [entry('localhost', 5, 0, far), entry('localhost', 1, 0, near)] };
      const { url } = await directory.check();
      assert.equal(url, `ldap://localhost:${near}`);
      const read = await readToEnd(directory.read(EVERYTHING));
      assert.deepEqual(
        read.entries.map(({ identity }) => identity),
        ['near'],
      );
      assert.equal(dns.asked.at(-1), '_ldap._tcp.localhost');
    } finally {
      await directory.close();
      for (const server of servers) await server.close();
    }
  });

  test('that nobody knows end the run with the name that was asked for', async () => {
    const settings = directorySettings({
      'ldap.baseurl': 'ldap:///dc=example,dc=com',
      'ldap.max.attempts': 2,
    });
    const log = rememberingLog();
    const directory = openDirectory(settings, PASSWORD, log, { names: dns.resolver });
    const error = await runError(directory.check());
    assert.equal(error.code, 'DIRECTORY_UNREACHABLE');
    assert.match(
      error.message,
      /^Unable to contact LDAP source, reason: 'the DNS knows no _ldap\._tcp\.example\.com/,
    );
    assert.equal(log.lines.length, 1, 'asked once more');
  });
});

test('within a priority servers are chosen in proportion to their weights (10,000 draws)', () => {
  const source = randomOf(7);
  const random = (): number => source.below(1_000_000) / 1_000_000;
  const records = [
    { name: 'none', port: 1, priority: 0, weight: 0 },
    { name: 'one', port: 1, priority: 0, weight: 1 },
    { name: 'three', port: 1, priority: 0, weight: 3 },
  ];
  const first: Record<string, number> = { none: 0, one: 0, three: 0 };
  for (let draw = 0; draw < 10_000; draw++) {
    const ordered = orderServices(records, random);
    assert.equal(new Set(ordered).size, 3);
    first[ordered[0]?.name ?? ''] = (first[ordered[0]?.name ?? ''] ?? 0) + 1;
  }
  // Of the five numbers that can be drawn, 0 is the weightless one's, 1 is one's, 2 to 4 are three's.
  for (const [name, share] of [
    ['none', 0.2],
    ['one', 0.2],
    ['three', 0.6],
  ] as const) {
    assert.ok(Math.abs((first[name] ?? 0) / 10_000 - share) < 0.02, `${name}: ${first[name]}`);
  }
});
