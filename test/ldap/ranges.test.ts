/** A list that the server sends in ranges is whole, or its entry is unusable; it is never short. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Answer } from '../servers/scripted-ldap.ts';
import { readAll } from './directory-fixture.ts';
import { randomOf } from './random.ts';

/** Serves `values` of member as Active Directory does: at most `size` at a time. */
function serveRanges(answer: Answer, values: readonly string[], size: number): void {
  const asked = /^member;range=(\d+)-\*$/i.exec(answer.request.attributes[0] ?? '');
  const from = asked === null ? 0 : Number(asked[1]);
  const part = values.slice(from, from + size);
  const last = from + part.length >= values.length;
  const range = { [`member;range=${from}-${last ? '*' : from + part.length - 1}`]: part };
  if (asked === null) {
    answer.entry('cn=g,dc=test', { entryUUID: 'g', member: [], ...range });
    answer.done({ cookie: '' });
  } else {
    answer.entry(answer.request.base, range);
    answer.done();
  }
}

test('an attribute in ranges is read to its end, on the same connection and before the next page', async () => {
  const values = ['a', 'b', 'ç', 'd', 'e'];
  const read = await readAll((answer) => serveRanges(answer, values, 2));
  assert.deepEqual(read.entries[0]?.attributes['member'], values);
  assert.equal(read.verdict.complete, true, read.reason);
  assert.equal(read.verdict.entryCount, 1);
  assert.deepEqual(
    read.server.searches.map(({ base, scope }) => `${base} ${scope}`),
    ['dc=test 2', 'cn=g,dc=test 0', 'cn=g,dc=test 0'],
  );
  assert.equal(read.server.connectionCount(), 2);
});

test('any number of values in ranges of any size arrives whole and in order (60 random ones)', async () => {
  const random = randomOf(5);
  const groups = Array.from({ length: 60 }, (_, i) => {
    const values = Array.from({ length: 1 + random.below(40) }, (_, j) => `value-${i}-${j}`);
    return { name: `cn=g${i},dc=test`, values, size: 1 + random.below(12) };
  });
  const read = await readAll((answer) => {
    const asked = /^member;range=(\d+)-\*$/i.exec(answer.request.attributes[0] ?? '');
    for (const { name, values, size } of groups) {
      if (asked !== null && name !== answer.request.base) continue;
      const from = asked === null ? 0 : Number(asked[1]);
      const to = from + size >= values.length ? '*' : String(from + size - 1);
      const range = { [`MEMBER;Range=${from}-${to}`]: values.slice(from, from + size) };
      answer.entry(name, asked === null ? { entryUUID: name, ...range } : range);
    }
    answer.done(asked === null ? { cookie: '' } : {});
  });
  assert.equal(read.verdict.complete, true, read.reason);
  const found = new Map(read.entries.map((entry) => [entry.dn, entry.attributes['MEMBER']]));
  for (const { name, values } of groups) assert.deepEqual(found.get(name), values, `seed ${random.seed}`);
});

test('a range that cannot be read on makes its entry unusable and the read incomplete', async () => {
  const faults: [fault: (answer: Answer) => void, reason: RegExp][] = [
    [(answer) => answer.done({ code: 32 }), /noSuchObject/],
    [(answer) => answer.done(), /did not send the values from 2 on/],
    [
      (answer) => (answer.entry('cn=g,dc=test', { member: ['c'] }), answer.done()),
      /did not send the values from 2/,
    ],
    [
      (answer) => (answer.entry('x', { 'member;range=3-*': ['d'] }), answer.done()),
      /from 3 on where those from 2/,
    ],
    [
      (answer) => (answer.entry('x', { 'member;range=2-1': ['d'] }), answer.done()),
      /sends no more values from 2/,
    ],
    [
      (answer) => (answer.entry('x', { 'member;range=2-3': [] }), answer.done()),
      /sends no more values from 2/,
    ],
    [(answer) => answer.hangUp(), /closed|broke|reset/],
  ];
  for (const [fault, reason] of faults) {
    const read = await readAll((answer) => {
      if (answer.request.scope === 0) return fault(answer);
      answer.entry('uid=ok,dc=test', { entryUUID: 'ok' });
      answer.entry('cn=g,dc=test', { entryUUID: 'g', 'member;range=0-1': ['a', 'b'] });
      answer.done({ cookie: '' });
    });
    assert.deepEqual(
      read.entries.map(({ identity }) => identity),
      ['ok'],
    );
    assert.equal(read.unusable[0]?.dn, 'cn=g,dc=test');
    assert.match(read.unusable[0]?.message ?? '', reason);
    assert.equal(read.verdict.complete, false);
    assert.match(read.reason, /1 entry cannot be used: cn=g,dc=test: the values of member/);
  }
});

test('ranges are completed in an unpaged search too', async () => {
  const values = ['a', 'b', 'c'];
  const read = await readAll(
    (answer) => serveRanges(answer, values, 1),
    {},
    { rootDse: { supportedControl: '1.2' } },
  );
  assert.deepEqual(read.entries[0]?.attributes['member'], values);
  assert.equal(read.verdict.complete, true, read.reason);
});

test('entries without an identity make the read incomplete and are counted', async () => {
  const read = await readAll((answer) => {
    for (let i = 0; i < 3; i++) answer.entry(`uid=${i},dc=test`, { uid: String(i) });
    answer.entry('uid=ok,dc=test', { entryUUID: 'ok' });
    answer.done({ cookie: '' });
  });
  assert.equal(read.entries.length, 1);
  assert.equal(read.unusable.length, 3);
  assert.match(
    read.reason,
    /^3 entries cannot be used, the first: uid=0,dc=test: the entry shows no entryUUID/,
  );
});
