/** By the entries that changed last a server is found out that shows an older copy, and no other. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Watermark, Witnesses } from '../../src/model/ports.ts';
import { readAll } from './directory-fixture.ts';

const HOUR = 3_600_000;
const OLD = '20260101100000Z';
const NEW = '20260101120000Z';
const LATER = '20260101130000Z';

/** Reads since a watermark with witnesses, where the server shows these times of a, b and c; `null`: no such entry. */
async function readAfter(
  now: Readonly<Record<string, string | null>>,
  witnesses: Partial<Witnesses>,
  overlapMs = 0,
): Promise<{ readonly isFull: boolean; readonly said: string; readonly found: Witnesses | undefined }> {
  const since: Watermark = {
    tracking: 'MODIFY_TIMESTAMP',
    serverId: null,
    value: NEW,
    witnesses: { latest: [], settled: [], since: Date.now() - HOUR, ...witnesses },
  };
  const read = await readAll(
    (answer) => {
      const { base, scope } = answer.request;
      const time = now[/^uid=(\w)/.exec(base)?.[1] ?? ''];
      if (scope === 2) return answer.done({ cookie: '' });
      if (time === null) return answer.done({ code: 32 });
      if (time !== undefined) answer.entry(base, { entryUUID: base, modifyTimestamp: time });
      answer.done();
    },
    { 'ldap.change.overlap.period': overlapMs },
    {},
    { since },
  );
  assert.ok(read.verdict.complete, read.reason);
  const searches = read.server.searches.filter(({ scope }) => scope === 2);
  return {
    isFull: !searches.some(({ filter }) =>
      /modifyTimestamp>=.*inetOrgPerson|inetOrgPerson.*modifyTimestamp>=/.test(filter),
    ),
    said: read.log.filter((line) => line.includes('Reading every user')).join(),
    found: read.verdict.watermark?.witnesses,
  };
}

const at = (changed: string, ...names: string[]): Witnesses['latest'] =>
  names.map((name) => ({ dn: `uid=${name},dc=test`, changed }));

test('an entry that is older than it was makes the read a full one', async () => {
  const { isFull, said } = await readAfter({ a: NEW, b: OLD, c: LATER }, { latest: at(NEW, 'a', 'b', 'c') });
  assert.equal(isFull, true);
  assert.match(said, /uid=b,dc=test is as it was before its latest change: the server was restored/);
});

test('entries that changed again, or are gone, are no sign of anything', async () => {
  for (const now of [
    { a: NEW, b: NEW },
    { a: LATER, b: LATER },
    { a: null, b: NEW },
    { a: null, b: LATER },
  ]) {
    const { isFull, said } = await readAfter(now, { latest: at(NEW, 'a', 'b') });
    assert.deepEqual([isFull, said], [false, '']);
  }
});

test('where all are gone, what they were last changed to may be gone as well', async () => {
  const { isFull, said } = await readAfter({ a: null, b: null }, { latest: at(NEW, 'a', 'b') });
  assert.equal(isFull, true);
  assert.match(
    said,
    /All 2 entries that changed last cannot be found: .*older copy, or ldap\.baseDn names another/,
  );
});

test('an entry seen less than the overlap ago may be older: its change is still on its way to this server', async () => {
  const recently = { latest: at(NEW, 'a'), settled: at(NEW, 'b'), since: Date.now() - 1000 };
  const waiting = await readAfter({ a: OLD, b: NEW }, recently, HOUR);
  assert.equal(waiting.isFull, false);
  assert.deepEqual(waiting.found, recently);
  assert.equal(
    (await readAfter({ a: OLD, b: NEW }, { ...recently, since: Date.now() - 2 * HOUR }, HOUR)).isFull,
    true,
  );
  assert.equal((await readAfter({ a: NEW, b: OLD }, recently, HOUR)).isFull, true);
});

test('witnesses who are as they were go on, and a run in which nothing changed changes nothing of them', async () => {
  const before = { latest: at(NEW, 'a', 'b'), settled: at(NEW, 'a', 'b'), since: Date.now() - HOUR };
  const { found } = await readAfter({ a: NEW, b: NEW }, before);
  assert.deepEqual(found, before);
  const gone = await readAfter({ a: NEW, b: null }, before);
  assert.deepEqual([gone.found?.latest, gone.found?.settled], [at(NEW, 'a'), at(NEW, 'a')]);
});
