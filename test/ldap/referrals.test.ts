/** A referral is a part of the directory that lies elsewhere: read there, left out on purpose, or missed and said so. */

import assert from 'node:assert/strict';
import { networkInterfaces } from 'node:os';
import { test } from 'node:test';
import { parseReferral, parseServerUrls } from '../../src/ldap/server-url.ts';
import type { ServerAddress } from '../../src/ldap/server-url.ts';
import { followable } from '../../src/ldap/referral.ts';
import { RunError } from '../../src/model/errors.ts';
import { startScriptedLdap } from '../servers/scripted-ldap.ts';
import type { Script, ScriptedLdap, ScriptedOptions } from '../servers/scripted-ldap.ts';
import { namesOf, PASSWORD, readAll, sendUsers } from './directory-fixture.ts';

const FOLLOW = { 'ldap.referral': 'FOLLOW' } as const;

async function withOther<T>(
  script: Script,
  play: (other: ScriptedLdap) => Promise<T>,
  options: ScriptedOptions = {},
): Promise<T> {
  const other = await startScriptedLdap(script, options);
  try {
    return await play(other);
  } finally {
    await other.close();
  }
}

function referTo(...urls: string[]): Script {
  return (answer) => {
    sendUsers(answer, 'here');
    answer.reference(...urls);
    answer.done({ cookie: '' });
  };
}

test('THROW: a referral makes the read incomplete and its URL is named', async () => {
  const read = await readAll(referTo('ldap://elsewhere.test/ou=x,dc=test'));
  assert.deepEqual(namesOf(read), ['here']);
  assert.match(
    read.reason,
    /part of the search base is on ldap:\/\/elsewhere\.test\/ou=x,dc=test and was not read/,
  );
});

test('IGNORE: a referral inside the base is left out on purpose, the read is complete, the log knows', async () => {
  const read = await readAll(referTo('ldap://elsewhere.test/ou=x,dc=test'), { 'ldap.referral': 'IGNORE' });
  assert.equal(read.verdict.complete, true);
  assert.ok(
    read.log.some((line) => line.startsWith('info Left out on purpose') && line.includes('elsewhere.test')),
  );
});

test('THROW and IGNORE: a referral of the whole search is incomplete, for nothing at all was read', async () => {
  for (const policy of ['THROW', 'IGNORE'] as const) {
    const read = await readAll((answer) => answer.done({ code: 10, referrals: ['ldap://elsewhere.test'] }), {
      'ldap.referral': policy,
    });
    assert.match(read.reason, /search base dc=test is on ldap:\/\/elsewhere\.test/);
  }
});

test('FOLLOW: the part is read at the other server, page by page, bound with the same name and password', async () => {
  const bound: string[] = [];
  await withOther(
    (answer) => {
      sendUsers(answer, `there-${answer.index}`);
      answer.done({ cookie: answer.index === 0 ? 'on' : '' });
    },
    async (other) => {
      const read = await readAll(referTo(`${other.url}/ou=x,dc=test??sub`), FOLLOW);
      assert.equal(read.verdict.complete, true, read.reason);
      assert.deepEqual(namesOf(read), ['here', 'there-0', 'there-1']);
      assert.equal(read.verdict.entryCount, 3);
      assert.deepEqual(bound, ['cn=reader', PASSWORD]);
      assert.equal(other.searches[0]?.base, 'ou=x,dc=test');
      assert.equal(other.searches[0]?.filter, '(objectClass=inetOrgPerson)');
    },
    { onBind: (name, password) => (bound.push(name, password), {}) },
  );
});

test('FOLLOW: a referral of the whole search and a referral from there are followed', async () => {
  await withOther(
    (answer) => {
      sendUsers(answer, 'last');
      answer.done({ cookie: '' });
    },
    (last) =>
      withOther(referTo(`${last.url}/`), async (middle) => {
        const read = await readAll((answer) => answer.done({ code: 10, referrals: [middle.url] }), FOLLOW);
        assert.equal(read.verdict.complete, true, read.reason);
        assert.deepEqual(namesOf(read), ['here', 'last']);
        assert.equal(last.searches[0]?.base, 'dc=test');
      }),
  );
});

test('FOLLOW: entries that both servers hold are delivered once', async () => {
  await withOther(
    (answer) => {
      sendUsers(answer, 'here', 'there');
      answer.done({ cookie: '' });
    },
    async (other) => {
      const read = await readAll(referTo(other.url), FOLLOW);
      assert.deepEqual(namesOf(read), ['here', 'there']);
      assert.equal(read.verdict.entryCount, 2);
    },
  );
});

test('FOLLOW: two servers that refer to each other come to an end', async () => {
  let first = '';
  await withOther(
    (answer) => {
      sendUsers(answer, 'there');
      answer.reference(`${first}/dc=test`);
      answer.done({ cookie: '' });
    },
    async (other) => {
      const read = await readAll((answer) => {
        first = `ldap://127.0.0.1:${other.port}`;
        sendUsers(answer, 'here');
        answer.reference(`${other.url}/ou=x,dc=test`);
        answer.done({ cookie: '' });
      }, FOLLOW);
      assert.deepEqual(namesOf(read), ['here', 'there']);
      assert.ok(other.searches.length <= 2);
    },
  );
});

test('FOLLOW: referrals that lead ever deeper are given up as incomplete', async () => {
  let url = '';
  await withOther(
    (answer) => {
      answer.reference(`${url}/ou=${answer.index},dc=test`);
      answer.done({ cookie: '' });
    },
    async (other) => {
      ({ url } = other);
      const read = await readAll(referTo(`${url}/ou=first,dc=test`), FOLLOW);
      assert.match(read.reason, /more than 5 deep/);
      assert.equal(other.searches.length, 5);
    },
  );
});

test('FOLLOW: of several URLs the first that works is enough', async () => {
  await withOther(
    (answer) => {
      sendUsers(answer, 'there');
      answer.done({ cookie: '' });
    },
    async (other) => {
      const read = await readAll(referTo('http://x/', 'ldap://127.0.0.1:1/', other.url), FOLLOW);
      assert.equal(read.verdict.complete, true, read.reason);
      assert.deepEqual(namesOf(read), ['here', 'there']);
    },
  );
});

test('FOLLOW: a server that cannot be reached, refuses or breaks off leaves the read incomplete', async () => {
  const dead = await readAll(referTo('ldap://127.0.0.1:1/ou=x,dc=test'), FOLLOW);
  assert.match(
    dead.reason,
    /referral to ldap:\/\/127\.0\.0\.1:1\/ou=x,dc=test could not be followed.*connection refused/,
  );
  await withOther(
    () => undefined,
    async (other) => {
      assert.match((await readAll(referTo(other.url), FOLLOW)).reason, /could not be followed.*was refused/);
    },
    { onBind: () => ({ code: 49 }) },
  );
  await withOther(
    (answer) => answer.hangUp(),
    async (other) => {
      const read = await readAll(referTo(other.url), FOLLOW);
      assert.deepEqual(namesOf(read), ['here']);
      assert.match(read.reason, new RegExp(`${other.url}: .*(closed|broke|reset)`));
    },
  );
});

test('FOLLOW: at another server the whole part is read, whatever the watermark', async () => {
  await withOther(
    (answer) => {
      sendUsers(answer, 'there');
      answer.done({ cookie: '' });
    },
    async (other) => {
      const since = { tracking: 'MODIFY_TIMESTAMP', serverId: null, value: '20240101000000Z' } as const;
      const refer = referTo(other.url);
      // The unpaged search is for containers that were moved.
      const script: Script = (answer) => (answer.request.page === null ? answer.done() : refer(answer));
      const read = await readAll(script, FOLLOW, {}, { since });
      assert.equal(read.verdict.complete, true, read.reason);
      assert.equal(
        read.server.searches.find(({ page }) => page !== null)?.filter,
        '(&(objectClass=inetOrgPerson)(modifyTimestamp>=20231231235900Z))',
      );
      assert.equal(other.searches[0]?.filter, '(objectClass=inetOrgPerson)');
    },
  );
});

test('a password that came over TLS never goes on in clear', () => {
  const from = { secure: true, host: 'a.test', port: 636 };
  const filter = { type: 'PRESENT', attribute: 'cn' } as const;
  const search = {
    base: 'dc=test',
    scope: 'SUB',
    filter,
    wholeFilter: filter,
    baseMayBeMissing: false,
  } as const;
  const target = followable('ldap://b.test/dc=b', from, search);
  assert.ok(typeof target !== 'string');
  assert.deepEqual(target.server, { secure: true, host: 'b.test', port: 636 });
  const refused = followable('ldap://b.test:3389/dc=b', from, search);
  assert.match(typeof refused === 'string' ? refused : '', /not encrypted/);
  const plain = followable('ldap://b.test:3389/dc=b', { ...from, secure: false }, search);
  assert.ok(typeof plain !== 'string');
});

function serverOf(url: string): ServerAddress {
  const [source] = parseServerUrls(url);
  assert.ok(source?.kind === 'SERVER');
  return source.server;
}

test('the URLs of servers and referrals are read as RFC 4516 has them', () => {
  assert.deepEqual(serverOf('ldap://host'), { secure: false, host: 'host', port: 389 });
  assert.deepEqual(serverOf('LDAPS://[2001:db8::1]/'), {
    secure: true,
    host: '2001:db8::1',
    port: 636,
  });
  assert.deepEqual(serverOf('ldaps://10.0.0.1:3269'), { secure: true, host: '10.0.0.1', port: 3269 });
  for (const url of [
    'ldap://',
    'ldap:///ou=x',
    'http://host',
    'host',
    'ldap://host:0',
    'ldap://host:70000',
    'ldap://::1',
  ]) {
    assert.throws(() => serverOf(url), RunError, url);
  }
  const full = parseReferral('ldap://h:1389/ou=a%20b,dc=x?cn?one?(cn=%2a)');
  assert.equal(full?.base, 'ou=a b,dc=x');
  assert.equal(full?.scope, 'ONE');
  assert.deepEqual(full?.filter, { type: 'PRESENT', attribute: 'cn' });
  assert.deepEqual(parseReferral('ldap://h')?.base, null);
  for (const url of [
    'http://h/',
    'ldap:///dc=x',
    'ldap://h/%zz',
    'ldap://h/dc=x??tree',
    'ldap://h/???(cn=',
    'ldap://h/????!x',
  ]) {
    assert.equal(parseReferral(url), null, url);
  }
});

test('FOLLOW: one identity under two DNs is delivered twice, so that the conflict can be seen', async () => {
  await withOther(
    (answer) => {
      answer.entry('UID=here, DC=test', { entryUUID: 'here' });
      answer.entry('uid=mallory,dc=test', { entryUUID: 'here' });
      answer.done({ cookie: '' });
    },
    async (other) => {
      const { entries } = await readAll(referTo(other.url), FOLLOW);
      assert.deepEqual(
        entries.map(({ dn }) => dn),
        ['uid=here,dc=test', 'uid=mallory,dc=test'],
      );
    },
  );
});

test('FOLLOW: where the bind password goes is said once for each server', async () => {
  await withOther(
    (answer) => answer.done({ cookie: '' }),
    async (other) => {
      const twice = referTo(`${other.url}/ou=x,dc=test`);
      const read = await readAll((answer) => {
        answer.reference(`${other.url}/ou=y,dc=test`);
        twice(answer);
      }, FOLLOW);
      assert.equal(other.searches.length, 2);
      assert.deepEqual(
        read.log.filter((line) => line.startsWith('warn')),
        [
          `warn A referral leads to 127.0.0.1, port ${other.port}: with ldap.referral=FOLLOW the bind password is sent there, too.`,
        ],
      );
      const anonymous = await readAll(twice, { ...FOLLOW, 'ldap.bind.authtype': 'NONE' });
      assert.deepEqual(
        anonymous.log.filter((line) => line.startsWith('warn')),
        [],
      );
    },
  );
});

const outside = Object.values(networkInterfaces())
  .flat()
  .find((one) => one !== undefined && !one.internal && one.family === 'IPv4')?.address;

test(
  'FOLLOW: with ldap.connection.cleartext=LOOPBACK no referral gets the password to another machine in clear',
  { skip: outside === undefined && 'this machine has no address but its own' },
  async () => {
    await withOther(
      (answer) => answer.done({ cookie: '' }),
      async (other) => {
        const settings = { ...FOLLOW, 'ldap.connection.cleartext': 'LOOPBACK' } as const;
        const read = await readAll(referTo(other.url), settings);
        assert.match(read.reason, /ldap\.connection\.cleartext=LOOPBACK forbids/);
        assert.deepEqual(other.log, []);
      },
      { host: outside ?? '' },
    );
  },
);
