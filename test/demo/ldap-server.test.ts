/** The demo directory over its socket, asked by a client that others wrote. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, describe, test } from 'node:test';
import { Client, Control, InvalidCredentialsError, type SearchOptions } from 'ldapts';
import { BerReader, BerWriter } from '../../src/demo/ber.ts';
import {
  startDemoDirectory,
  type DemoDirectory,
  type DemoDirectoryOptions,
} from '../../src/demo/ldap-server.ts';

const BASE = 'dc=example,dc=com';
const BIND_DN = `cn=reader,${BASE}`;
const closers: (() => Promise<void>)[] = [];

after(async () => {
  for (const close of closers.reverse()) await close();
});

const people = (count: number) =>
  Array.from({ length: count }, (_, at) => ({
    dn: `uid=u${at},ou=People,${BASE}`,
    attributes: {
      objectClass: ['top', 'person', 'inetOrgPerson'],
      uid: `u${at}`,
      cn: `User ${at}`,
      mail: `u${at}@x.org`,
    },
  }));

async function start(options: Partial<DemoDirectoryOptions> = {}): Promise<DemoDirectory> {
  const directory = await startDemoDirectory({
    kind: 'OPENLDAP',
    entries: [],
    bindDn: BIND_DN,
    bindPassword: 'pw',
    ...options,
  });
  closers.push(() => directory.stop());
  return directory;
}

async function bound(directory: DemoDirectory): Promise<Client> {
  const client = new Client({ url: directory.url, timeout: 5000 });
  closers.push(() => client.unbind());
  await client.bind(BIND_DN, 'pw');
  return client;
}

async function search(client: Client, options: SearchOptions = {}, base = BASE) {
  return (await client.search(base, { timeLimit: 0, ...options })).searchEntries;
}

describe('binding', () => {
  test('a wrong password and an unknown name are both code 49', async () => {
    const directory = await start();
    const client = new Client({ url: directory.url, timeout: 5000 });
    closers.push(() => client.unbind());
    await assert.rejects(client.bind(BIND_DN, 'wrong'), InvalidCredentialsError);
    await assert.rejects(client.bind('cn=nobody', 'pw'), InvalidCredentialsError);
    await client.bind(BIND_DN.toUpperCase(), 'pw');
    assert.deepEqual([directory.requests().binds, directory.requests().failedBinds], [3, 2]);
  });

  test('Active Directory wants a bind before a search, except of its root DSE', async () => {
    const directory = await start({ kind: 'ACTIVE_DIRECTORY' });
    const client = new Client({ url: directory.url, timeout: 5000 });
    closers.push(() => client.unbind());
    const [root] = await search(client, { scope: 'base' }, '');
    assert.equal(root?.['defaultNamingContext'], BASE);
    assert.ok([root['supportedCapabilities']].flat().includes('1.2.840.113556.1.4.800'));
    assert.match(String(root['currentTime']), /^\d{14}\.0Z$/);
    await assert.rejects(search(client), /successful bind/);
    await client.bind(BIND_DN, 'pw');
    assert.equal((await search(client)).length, 1);
  });

  test('a bind user may be a user@domain or DOMAIN\\user', async () => {
    const directory = await start({ kind: 'ACTIVE_DIRECTORY', bindDn: 'EXAMPLE\\reader' });
    const client = new Client({ url: directory.url, timeout: 5000 });
    closers.push(() => client.unbind());
    await client.bind('example\\reader', 'pw');
  });
});

describe('searching', () => {
  test("OpenLDAP's root DSE shows its class, and the rest to those who name it", async () => {
    const client = await bound(await start());
    const [plain] = await search(client, { scope: 'base', attributes: ['*'] }, '');
    assert.deepEqual(plain?.['objectClass'], ['top', 'OpenLDAProotDSE']);
    const [named] = await search(
      client,
      { scope: 'base', attributes: ['namingContexts', 'supportedControl'] },
      '',
    );
    assert.deepEqual(named?.['namingContexts'], BASE);
    assert.deepEqual(named['supportedControl'], '1.2.840.113556.1.4.319');
  });

  test('base, one and sub reach what they should', async () => {
    const directory = await start({
      entries: [{ dn: `ou=People,${BASE}`, attributes: { objectClass: 'organizationalUnit' } }, ...people(3)],
    });
    const client = await bound(directory);
    const dns = async (scope: 'base' | 'one' | 'sub', base: string) =>
      (await search(client, { scope, attributes: ['1.1'] }, base)).length;
    assert.deepEqual([await dns('base', BASE), await dns('one', BASE), await dns('sub', BASE)], [1, 1, 5]);
    assert.deepEqual([await dns('one', `OU=PEOPLE,${BASE}`), await dns('sub', `ou=People,${BASE}`)], [3, 4]);
  });

  test('a base that is not there is code 32, one that is no name code 34', async () => {
    const client = await bound(await start());
    await assert.rejects(search(client, {}, `ou=Nowhere,${BASE}`), { code: 32 });
    await assert.rejects(search(client, {}, 'nowhere'), { code: 34 });
  });

  test('attributes come by name in any case, by * and by +', async () => {
    const directory = await start({ entries: people(1) });
    const client = await bound(directory);
    const names = async (attributes: string[]) => {
      const [entry] = await search(client, { attributes, filter: '(uid=u0)' });
      return Object.entries(entry ?? {})
        .filter(([name, values]) => name !== 'dn' && values.length > 0)
        .map(([name]) => name)
        .sort();
    };
    assert.deepEqual(await names(['1.1']), []);
    assert.deepEqual(await names(['*']), ['cn', 'mail', 'objectClass', 'uid']);
    assert.deepEqual(await names(['+']), ['createTimestamp', 'entryUUID', 'modifyTimestamp']);
    const [entry] = await search(client, {
      attributes: ['MAIL'],
      filter: '(uid=u0)',
      returnAttributeValues: false,
    });
    assert.ok('mail' in (entry ?? {}));
  });

  test('an unpaged search over the cap is code 4, and so is one over its own limit', async () => {
    const directory = await start({ entries: people(30), maxPageSize: 20 });
    const client = await bound(directory);
    await assert.rejects(search(client), { code: 4 });
    assert.equal(directory.requests().entriesSent, 20);
    await assert.rejects(search(client, { sizeLimit: 5 }), { code: 4 }).catch(() => undefined);
    assert.equal(directory.requests().entriesSent, 25);
  });

  test('pages are no larger than the cap, whatever the client asks for', async () => {
    const directory = await start({ entries: people(95), maxPageSize: 20 });
    const client = await bound(directory);
    const sizes: number[] = [];
    for await (const page of client.searchPaginated(BASE, { paged: { pageSize: 5000 }, timeLimit: 0 })) {
      sizes.push(page.searchEntries.length);
    }
    assert.deepEqual(sizes, [20, 20, 20, 20, 16]);
  });

  test('an entry removed between two pages is not on the second', async () => {
    const directory = await start({ entries: people(20), maxPageSize: 10 });
    const client = await bound(directory);
    const seen: string[] = [];
    for await (const page of client.searchPaginated(BASE, {
      filter: '(uid=*)',
      paged: { pageSize: 10 },
      timeLimit: 0,
    })) {
      seen.push(...page.searchEntries.map(({ dn }) => dn));
      if (seen.length === 10) directory.remove(`uid=u15,ou=People,${BASE}`);
    }
    assert.equal(seen.length, 19);
  });

  test('a critical control that nobody knows is code 12, another one is ignored', async () => {
    const client = await bound(await start());
    const unknown = (critical: boolean) => new Control('1.2.3.4', { critical });
    const ask = (critical: boolean) => client.search(BASE, { timeLimit: 0 }, unknown(critical));
    await assert.rejects(ask(true), { code: 12 });
    assert.equal((await ask(false)).searchEntries.length, 1);
  });

  test('a referral is a reference in a subtree and code 10 at the base', async () => {
    const remote = {
      dn: `ou=Remote,${BASE}`,
      attributes: { objectClass: ['referral'], ref: 'ldap://other.example/' },
    };
    const client = await bound(await start({ entries: [remote] }));
    const { searchReferences } = await client.search(BASE, { timeLimit: 0 });
    assert.deepEqual(searchReferences, ['ldap://other.example/']);
    await assert.rejects(search(client, { scope: 'base' }, `ou=Remote,${BASE}`), { code: 10 });
  });

  test('Active Directory sends long lists of values in slices, OpenLDAP whole', async () => {
    const member = Array.from({ length: 3200 }, (_, at) => `CN=m${at},${BASE}`);
    const entries = [{ dn: `CN=big,${BASE}`, attributes: { objectClass: 'group', cn: 'big', member } }];
    const client = await bound(await start({ kind: 'ACTIVE_DIRECTORY', entries }));
    const names = async (attributes: string[]) => {
      const [entry] = await search(client, { filter: '(cn=big)', attributes });
      return Object.entries(entry ?? {})
        .filter(([name, values]) => name.startsWith('member') && values.length > 0)
        .map(([name, values]) => `${name} ${values.length}`);
    };
    assert.deepEqual(await names(['member']), ['member;range=0-1499 1500']);
    assert.deepEqual(await names(['*']), ['member;range=0-1499 1500']);
    assert.deepEqual(await names(['member;range=1500-*']), ['member;range=1500-2999 1500']);
    assert.deepEqual(await names(['member;range=3000-*']), ['member;range=3000-* 200']);
    assert.deepEqual(await names(['member;range=3200-*']), []);
    const [whole] = await search(await bound(await start({ entries })), { filter: '(cn=big)' });
    assert.equal(whole?.['member']?.length, 3200);
  });
});

describe('changing', () => {
  test('each change moves the USN and the time stamp of the entry it is about', async () => {
    let time = Date.parse('2026-05-01T00:00:00Z');
    const directory = await start({
      kind: 'ACTIVE_DIRECTORY',
      entries: people(2),
      now: () => new Date(time),
    });
    const stamp = (dn: string) => [
      directory.find(dn)?.text('uSNChanged'),
      directory.find(dn)?.text('whenChanged'),
    ];
    const [one, two] = [`uid=u0,ou=People,${BASE}`, `uid=u1,ou=People,${BASE}`];
    const before = stamp(one);
    const beforeTwo = stamp(two);
    time += 60_000;
    directory.modify(one, {
      replace: { mail: 'new@x.org' },
      add: { title: 'Boss' },
      remove: { cn: 'USER 0' },
    });
    const entry = directory.find(one);
    assert.deepEqual(
      [entry?.text('mail'), entry?.text('title'), entry?.text('cn')],
      ['new@x.org', 'Boss', null],
    );
    assert.ok(Number(stamp(one)[0]) > Number(before[0]));
    assert.equal(stamp(one)[1], '20260501000100.0Z');
    assert.deepEqual(stamp(two), beforeTwo);
  });

  test('memberOf follows the groups without touching the stamps of the member', async () => {
    const group = {
      dn: `cn=g,${BASE}`,
      attributes: { objectClass: 'groupOfNames', member: `uid=u0,ou=People,${BASE}` },
    };
    const directory = await start({ entries: [group, ...people(2)] });
    const client = await bound(directory);
    const memberOf = async (uid: string) =>
      (await search(client, { filter: `(uid=${uid})`, attributes: ['memberOf'] }))[0]?.['memberOf'];
    assert.equal(await memberOf('u0'), `cn=g,${BASE}`);
    assert.deepEqual(await memberOf('u1'), []);
    const stamp = directory.find(`uid=u1,ou=People,${BASE}`)?.text('modifyTimestamp');
    directory.modify(`cn=g,${BASE}`, { replace: { member: `UID=u1,ou=people,${BASE}` } });
    assert.deepEqual(await memberOf('u0'), []);
    assert.equal(await memberOf('u1'), `cn=g,${BASE}`);
    assert.equal(directory.find(`uid=u1,ou=People,${BASE}`)?.text('modifyTimestamp'), stamp);
    directory.remove(`uid=u1,ou=People,${BASE}`);
    assert.deepEqual(directory.find(`cn=g,${BASE}`)?.values('member'), []);
  });

  test('a rename keeps the identity and carries the new name into member and manager', async () => {
    const [boss, worker] = [`uid=u0,ou=People,${BASE}`, `uid=u1,ou=People,${BASE}`];
    const directory = await start({ entries: people(2) });
    directory.add(`cn=g,${BASE}`, { objectClass: 'groupOfNames', member: [boss, worker] });
    directory.modify(worker, { replace: { manager: boss } });
    const identity = directory.find(boss)?.text('entryUUID');
    const renamed = directory.rename(boss, `uid=chief,ou=People,${BASE}`);
    assert.equal(renamed.text('entryUUID'), identity);
    assert.deepEqual(renamed.values('uid'), ['chief']);
    assert.deepEqual(renamed.values('memberOf'), [`cn=g,${BASE}`]);
    assert.equal(directory.find(worker)?.text('manager'), `uid=chief,ou=People,${BASE}`);
    assert.deepEqual(directory.find(`cn=g,${BASE}`)?.values('member'), [
      `uid=chief,ou=People,${BASE}`,
      worker,
    ]);
    assert.equal(directory.find(boss), undefined);
  });

  test('renaming a unit moves what is below', async () => {
    const unit = { dn: `ou=People,${BASE}`, attributes: { objectClass: 'organizationalUnit', ou: 'People' } };
    const directory = await start({ entries: [unit, ...people(2)] });
    directory.rename(`ou=People,${BASE}`, `ou=Humans,${BASE}`);
    assert.equal(directory.find(`uid=u1,ou=Humans,${BASE}`)?.dn, `uid=u1,ou=Humans,${BASE}`);
    assert.throws(
      () => directory.rename(`uid=u1,ou=Humans,${BASE}`, `uid=u0,ou=Humans,${BASE}`),
      /already has/,
    );
  });

  test('over LDAP nothing can be changed', async () => {
    const client = await bound(await start());
    await assert.rejects(client.add(`cn=x,${BASE}`, { objectClass: 'person' }), { code: 53 });
    await assert.rejects(client.del(BASE), { code: 53 });
  });
});

describe('misbehaving on request', () => {
  const collect = async (directory: DemoDirectory): Promise<number> => {
    const client = await bound(directory);
    let count = 0;
    for await (const page of client.searchPaginated(BASE, {
      filter: '(uid=*)',
      paged: { pageSize: 10 },
      timeLimit: 0,
    })) {
      count += page.searchEntries.length;
    }
    return count;
  };

  test('an empty page comes with a cookie that brings the rest', async () => {
    const directory = await start({
      entries: people(30),
      misbehave: ({ search: number }) => (number === 2 ? 'EMPTY_PAGE' : null),
    });
    // A naive reader stops at the empty page; that the rest can be had is checked by hand.
    assert.equal(await collect(directory), 10);
    const socket = await rawClient(directory);
    directory.setMisbehave(({ page, entryCount }) => (page === 1 && entryCount > 0 ? 'EMPTY_PAGE' : null));
    const first = await socket.page(1, 10, '');
    assert.deepEqual([first.entries, first.cookie === ''], [0, false]);
    directory.setMisbehave(null);
    const second = await socket.page(2, 10, first.cookie);
    assert.deepEqual([second.entries, second.cookie === ''], [10, false]);
    socket.close();
  });

  test('a page can claim to be empty and the last, come twice, or be cut off in the middle', async () => {
    const directory = await start({ entries: people(30) });
    const socket = await rawClient(directory);
    directory.setMisbehave(({ paged }) => (paged ? 'EMPTY' : null));
    const nobody = await socket.page(1, 10, '');
    assert.deepEqual([nobody.code, nobody.entries, nobody.cookie], [0, 0, '']);
    directory.setMisbehave(({ page }) => (page === 1 ? 'REPEATED_PAGE' : null));
    const first = await socket.page(2, 10, '');
    directory.setMisbehave(null);
    const again = await socket.page(3, 10, first.cookie);
    const second = await socket.page(4, 10, again.cookie);
    assert.deepEqual([first.entries, again.entries, second.entries], [10, 10, 10]);
    socket.close();
    directory.setMisbehave(() => 'MID_PAGE');
    await assert.rejects(collect(directory));
  });

  test('a cookie is worth nothing on another connection', async () => {
    for (const [kind, code] of [
      ['OPENLDAP', 2],
      ['ACTIVE_DIRECTORY', 53],
    ] as const) {
      const directory = await start({ kind, entries: people(30) });
      const [one, other] = [await rawClient(directory), await rawClient(directory)];
      const { cookie } = await one.page(1, 10, '');
      assert.equal((await other.page(1, 10, cookie)).code, code);
      one.close();
      other.close();
    }
  });

  test('connections are cut, messages halved, codes invented', async () => {
    const directory = await start({ entries: people(30) });
    directory.setMisbehave(() => 'DISCONNECT');
    await assert.rejects(collect(directory), /Connection closed/);
    directory.setMisbehave(({ page }) => (page === 2 ? 'HALF_MESSAGE' : null));
    await assert.rejects(collect(directory), /Connection closed/);
    directory.setMisbehave(() => 'NOTICE');
    await assert.rejects(collect(directory), /Connection closed/);
    directory.setMisbehave(({ page }) => (page === 3 ? 51 : null));
    await assert.rejects(collect(directory), { code: 51 });
    directory.setMisbehave(({ page }) => (page === 1 ? 'NO_PAGING' : null));
    assert.equal(await collect(directory), 10);
  });

  test('a search that hangs ends by the clock of the client', async () => {
    const directory = await start({ misbehave: () => 'HANG' });
    const client = new Client({ url: directory.url, timeout: 100 });
    closers.push(() => client.unbind());
    await client.bind(BIND_DN, 'pw');
    await assert.rejects(search(client), /timed out/);
  });

  test('bytes that are no LDAP end the connection', async () => {
    const directory = await start();
    const socket = connect(directory.port, directory.host);
    socket.resume();
    socket.write('GET / HTTP/1.1\r\n\r\n');
    await once(socket, 'close');
    assert.equal(directory.requests().searches, 0);
  });

  test('connections dropped on purpose can be made again', async () => {
    const directory = await start({ entries: people(3) });
    const socket = await rawClient(directory);
    directory.dropConnections();
    await socket.closed;
    assert.equal(await collect(directory), 3);
  });
});

test('an abandoned search gets no further answers, and the connection goes on', async () => {
  // Far more than the buffers between a server and a client that does not read.
  const description = 'x'.repeat(8_000);
  const entries = people(4000).map(({ dn, attributes }) => ({
    dn,
    attributes: { ...attributes, description },
  }));
  const directory = await start({ entries, maxPageSize: 100_000 });
  const socket = await rawClient(directory);
  socket.pause();
  socket.send(searchMessage(7, 100_000, ''));
  await socket.stalled();
  socket.send(abandonMessage(8, 7));
  socket.resume();
  const answer = await socket.page(9, 1, '');
  assert.deepEqual([answer.code, answer.entries], [0, 1]);
  assert.equal(socket.finished.has(7), false);
  assert.ok(directory.requests().entriesSent < 4000);
  socket.close();
});

function message(id: number, write: (writer: BerWriter) => void): Buffer {
  const writer = new BerWriter();
  writer.open(0x30);
  writer.integer(id);
  write(writer);
  writer.close();
  return writer.take();
}

function abandonMessage(id: number, target: number): Buffer {
  return message(id, (writer) => writer.integer(target, 0x50));
}

function searchMessage(id: number, pageSize: number, cookie: string): Buffer {
  return message(id, (writer) => {
    writer.open(0x63);
    writer.octets(BASE);
    writer.integer(2, 0x0a);
    writer.integer(0, 0x0a);
    writer.integer(0);
    writer.integer(0);
    writer.octets(Buffer.from([0]), 0x01);
    writer.octets('uid', 0x87);
    writer.open(0x30);
    writer.close();
    writer.close();
    writer.open(0xa0);
    writer.open(0x30);
    writer.octets('1.2.840.113556.1.4.319');
    writer.open(0x04);
    writer.open(0x30);
    writer.integer(pageSize);
    writer.octets(cookie);
    for (let level = 0; level < 4; level++) writer.close();
  });
}

/** A client that sees what goes over the wire. */
async function rawClient(directory: DemoDirectory) {
  const socket = connect(directory.port, directory.host);
  const entries = new Map<number, number>();
  const finished = new Map<number, { code: number; cookie: string }>();
  const closed = once(socket, 'close');
  let received = Buffer.alloc(0);
  let wake: () => void = () => undefined;
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    let at = 0;
    for (;;) {
      if (received.length - at < 6) break;
      const size = 6 + received.readUInt32BE(at + 2);
      if (received.length - at < size) break;
      const body = new BerReader(received.subarray(at, at + size)).inside();
      const id = body.integer();
      if (body.peek() === 0x64) entries.set(id, (entries.get(id) ?? 0) + 1);
      else if (body.peek() === 0x65 || body.peek() === 0x61) {
        const code = body.inside(body.peek()).integer(0x0a);
        finished.set(id, { code, cookie: body.peek() === 0xa0 ? cookieOf(body.inside(0xa0)) : '' });
      }
      at += size;
    }
    received = Buffer.from(received.subarray(at));
    wake();
  });
  const answered = async (id: number) => {
    while (!finished.has(id)) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    return { ...(finished.get(id) ?? { code: -1, cookie: '' }), entries: entries.get(id) ?? 0 };
  };
  await once(socket, 'connect');
  socket.write(
    message(100, (writer) => {
      writer.open(0x60);
      writer.integer(3);
      writer.octets(BIND_DN);
      writer.octets('pw', 0x80);
      writer.close();
    }),
  );
  assert.equal((await answered(100)).code, 0);
  return {
    finished,
    closed,
    send: (bytes: Buffer) => socket.write(bytes),
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    /** Resolves when the directory has stopped sending because nobody reads. */
    stalled: async () => {
      for (let before = -1, quiet = 0; quiet < 5;) {
        await new Promise((resolve) => setTimeout(resolve, 10));
        const sent = directory.requests().entriesSent;
        quiet = sent > 0 && sent === before ? quiet + 1 : 0;
        before = sent;
      }
    },
    page: async (id: number, size: number, cookie: string) => {
      socket.write(searchMessage(id, size, cookie));
      return answered(id);
    },
    close: () => socket.destroy(),
  };
}

function cookieOf(controls: BerReader): string {
  const control = controls.inside();
  control.text();
  const value = new BerReader(control.octets()).inside();
  value.integer();
  return value.text();
}
