/** No answer of a server may end a search early unseen: each of these would make users look as if they had left. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EVERYTHING, namesOf, readAll, scene, sendUsers } from './directory-fixture.ts';

test('a search is read page by page until the cookie is empty, and is complete then', async () => {
  const read = await readAll(
    (answer) => {
      sendUsers(answer, `user-${answer.index}`);
      answer.done({ cookie: answer.index < 3 ? `c${answer.index}` : '' });
    },
    { 'ldap.paging.size': 7 },
  );
  assert.deepEqual(namesOf(read), ['user-0', 'user-1', 'user-2', 'user-3']);
  assert.equal(read.verdict.complete, true);
  assert.equal(read.verdict.entryCount, 4);
  assert.deepEqual(
    read.server.searches.map((search) => search.page),
    ['', 'c0', 'c1', 'c2'].map((cookie) => ({ size: 7, cookie, critical: true })),
  );
});

test('the requests carry no size limit and no time limit of our own', async () => {
  const read = await readAll((answer) => answer.done({ cookie: '' }));
  const [search] = read.server.searches;
  assert.equal(search?.sizeLimit, 0);
  assert.equal(search?.timeLimit, 0);
});

test('an empty first page with a cookie is followed by the pages behind it', async () => {
  const read = await readAll((answer) => {
    if (answer.index > 0) sendUsers(answer, 'a', 'b');
    answer.done({ cookie: answer.index === 0 ? 'on' : '' });
  });
  assert.deepEqual(namesOf(read), ['a', 'b']);
  assert.equal(read.verdict.complete, true);
});

test('empty pages in the middle, with changing or repeated cookies, do not end the search', async () => {
  for (const cookies of [
    ['1', '2', '3', ''],
    ['0', '0', '0', ''],
  ]) {
    const read = await readAll((answer) => {
      if (answer.index === 0 || answer.index === 3) sendUsers(answer, `u${answer.index}`);
      answer.done({ cookie: cookies[answer.index] ?? '' });
    });
    assert.deepEqual(namesOf(read), ['u0', 'u3']);
    assert.equal(read.verdict.complete, true, read.reason);
  }
});

test('a server that gives every page the same cookie and counts itself is read to the end', async () => {
  // As 389 Directory Server and Samba do.
  const read = await readAll((answer) => {
    sendUsers(answer, `u${answer.index}`);
    answer.done({ cookie: answer.index < 5 ? '0' : '' });
  });
  assert.equal(read.entries.length, 6);
  assert.equal(read.verdict.complete, true, read.reason);
});

test('a server that sends the same page with the same cookie again and again is caught', async () => {
  const read = await readAll((answer) => {
    sendUsers(answer, 'a', 'b');
    answer.done({ cookie: 'same' });
  });
  assert.match(read.reason, /same page again and again/);
  assert.ok(read.server.searches.length < 5);
});

test('a server that sends the same pages in a circle is caught', async () => {
  const read = await readAll((answer) => {
    sendUsers(answer, `u${answer.index % 3}`);
    answer.done({ cookie: `c${answer.index % 3}` });
  });
  assert.match(read.reason, /same page again and again/);
  assert.ok(read.server.searches.length < 8);
});

test('endless empty pages with ever new cookies come to an end as incomplete', async () => {
  const read = await readAll((answer) => answer.done({ cookie: `c${answer.index}` }));
  assert.match(read.reason, /1000 empty pages in a row/);
});

test('an answer without the paging control is incomplete, on any page', async () => {
  for (const lostAt of [0, 1]) {
    const read = await readAll((answer) => {
      sendUsers(answer, `u${answer.index}`);
      answer.done(answer.index === lostAt ? {} : { cookie: 'more' });
    });
    assert.equal(read.entries.length, lostAt + 1);
    assert.match(read.reason, /no paging control/);
  }
});

test('an unreadable paging control is incomplete', async () => {
  const read = await readAll((answer) => {
    sendUsers(answer, 'a');
    const bytes = answer.doneBytes({ cookie: 'xyz' });
    // The tag of the cookie, which then is no octet string any more.
    bytes[bytes.length - 5] = 0x05;
    answer.raw(bytes);
  });
  assert.deepEqual(namesOf(read), ['a']);
  assert.match(read.reason, /cannot be read/);
});

test('a server that lists its controls without paging is read in one piece, and complete with result code 0', async () => {
  const read = await readAll(
    (answer) => {
      sendUsers(answer, ...Array.from({ length: 25 }, (_, i) => `u${i}`));
      answer.done();
    },
    { 'ldap.paging.size': 10 },
    { rootDse: { supportedControl: '1.2.3' } },
  );
  assert.equal(read.entries.length, 25);
  assert.equal(read.verdict.complete, true, read.reason);
  assert.equal(read.server.searches[0]?.page, null);
});

test('an unpaged search over the size limit of the server is incomplete, what came is delivered', async () => {
  const read = await readAll(
    (answer) => {
      sendUsers(answer, 'a', 'b');
      answer.done({ code: 4 });
    },
    {},
    { rootDse: { supportedControl: '1.2.3' } },
  );
  assert.deepEqual(namesOf(read), ['a', 'b']);
  assert.match(read.reason, /result code 4 \(sizeLimitExceeded\).*ldap\.paging\.size/);
});

test('every result code but 0 is incomplete, and the reason names the code, the cause and the words of the server', async () => {
  const names = {
    1: 'operationsError',
    3: 'timeLimitExceeded',
    4: 'sizeLimitExceeded',
    11: 'adminLimitExceeded',
  };
  const more = {
    12: 'unavailableCriticalExtension',
    50: 'insufficientAccessRights',
    51: 'busy',
    52: 'unavailable',
  };
  for (const [code, name] of Object.entries({
    ...names,
    ...more,
    53: 'unwillingToPerform',
    80: 'other',
    99: 'unknown',
  })) {
    const read = await readAll((answer) => {
      sendUsers(answer, `u${answer.index}`);
      if (answer.index === 0) answer.done({ cookie: 'more' });
      else answer.done({ code: Number(code), text: 'no\nmore today', cookie: '' });
    });
    assert.equal(read.entries.length, 2);
    assert.match(
      read.reason,
      new RegExp(`result code ${code} \\(${name}\\): .*the server says: no more today`),
    );
  }
});

test('a search that the server gave up and calls a success is incomplete', async () => {
  // 389 Directory Server: result code 0, empty cookie, and only the text tells.
  const read = await readAll((answer) => {
    if (answer.index === 0) sendUsers(answer, 'a');
    answer.done(
      answer.index === 0 ? { cookie: '0' } : { cookie: '', text: 'Simple Paged Results Search abandoned' },
    );
  });
  assert.match(read.reason, /gave the search up/);
});

test('an intermediate response is passed over', async () => {
  const read = await readAll((answer) => {
    sendUsers(answer, 'a');
    answer.intermediate();
    sendUsers(answer, 'b');
    answer.intermediate();
    answer.done({ cookie: '' });
  });
  assert.deepEqual(namesOf(read), ['a', 'b']);
  assert.equal(read.verdict.complete, true, read.reason);
});

test('a paging control behind a referral field is found', async () => {
  const read = await readAll((answer) => {
    sendUsers(answer, `u${answer.index}`);
    answer.done({ referrals: ['ldap://elsewhere.test'], cookie: answer.index === 0 ? 'more' : '' });
  });
  assert.deepEqual(namesOf(read), ['u0', 'u1']);
  assert.equal(read.verdict.complete, true, read.reason);
});

test('a long unpaged answer waits for a slow consumer without running into the read timeout', async () => {
  const names = Array.from({ length: 3000 }, (_, i) => `u${i}`);
  await scene(
    (answer) => {
      sendUsers(answer, ...names);
      answer.done();
    },
    async ({ directory }) => {
      await directory.check();
      const read = directory.read(EVERYTHING);
      let count = 0;
      for await (const page of read.pages) {
        count += page.entries.length;
        if (count % 600 === 0) await new Promise((resolve) => setTimeout(resolve, 60));
      }
      assert.equal(count, names.length);
      assert.deepEqual(read.verdict().complete, true);
    },
    { 'ldap.paging.size': 100, 'ldap.read.timeout.period': 50 },
    { rootDse: { supportedControl: '1.2.3' } },
  );
});
