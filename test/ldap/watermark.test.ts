/** Where the next incremental read may start: never later than the first change that this one could have missed. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DirectorySettings } from '../../src/ldap/directory.ts';
import { formatGeneralizedTime, parseGeneralizedTime } from '../../src/ldap/generalized-time.ts';
import type { DirectoryFacts, DirectoryQuery, Watermark } from '../../src/model/ports.ts';
import type { Answer, SearchRequest, Values } from '../servers/scripted-ldap.ts';
import { EVERYTHING, readAll, readToEnd, scene } from './directory-fixture.ts';
import { randomOf } from './random.ts';

const SERVICE = 'CN=NTDS Settings,CN=DC1';
const INVOCATION = Buffer.from('00112233445566778899aabbccddeeff', 'hex');
const SERVER_ID = '33221100-5544-7766-8899-aabbccddeeff';
const AD: Values = {
  objectClass: 'top',
  supportedCapabilities: '1.2.840.113556.1.4.800',
  highestCommittedUSN: '5000',
  dsServiceName: SERVICE,
};

/** Answers as a domain controller with one user. */
function domainController(answer: Answer, invocation: Buffer | null = INVOCATION): void {
  if (answer.request.base === SERVICE) {
    if (invocation !== null) answer.entry(SERVICE, { invocationId: invocation });
    return answer.done();
  }
  answer.entry('cn=a,dc=test', {
    objectGUID: INVOCATION,
    uSNChanged: '4711',
    whenChanged: '20260101100000.0Z',
  });
  answer.done({ cookie: '' });
}

function watermarkOf(read: {
  verdict: { complete: boolean; watermark?: Watermark | null };
}): Watermark | null | undefined {
  assert.equal(read.verdict.complete, true);
  const { watermark } = read.verdict;
  if (watermark === null || watermark === undefined) return watermark;
  // Who answered, and what is reckoned from: test/ldap/slapd-quiet.test.ts, test/ldap/slapd-addresses.test.ts.
  const { tracking, serverId, value } = watermark;
  assert.equal(watermark.address, '127.0.0.1');
  return { tracking, serverId, value };
}

async function readAt(
  times: readonly string[],
  query: Partial<DirectoryQuery> = {},
  settings: Partial<DirectorySettings> = {},
  rootDse: Values = {},
  delayMs = 0,
): Promise<Watermark | null | undefined> {
  const read = await readAll(
    (answer) => {
      for (const time of times)
        answer.entry(`uid=${time},dc=test`, { entryUUID: time, modifyTimestamp: time });
      setTimeout(() => answer.done({ cookie: '' }), delayMs);
    },
    settings,
    { rootDse },
    query,
  );
  return watermarkOf(read);
}

const since = (
  value: string,
  tracking: Watermark['tracking'] = 'MODIFY_TIMESTAMP',
  serverId: string | null = null,
): Watermark => ({
  tracking,
  serverId,
  value,
});

test('by USN: the counter of the server before the read, bound to its invocation id', async () => {
  const read = await readAll(domainController, {}, { rootDse: AD });
  assert.deepEqual(watermarkOf(read), since('5000', 'USN_CHANGED', SERVER_ID));
});

test('by USN: the name of the settings binds where the invocation id cannot be read, which is said once', async () => {
  const read = await readAll((answer) => domainController(answer, null), {}, { rootDse: AD });
  assert.deepEqual(watermarkOf(read), since('5000', 'USN_CHANGED', SERVICE));
  const warnings = read.log.filter((line) => line.includes('invocation id'));
  assert.deepEqual(warnings, [
    `warn The invocation id of the domain controller cannot be read, so that a restore from a backup is noticed only by its update sequence number and the entries that changed last. Give ldap.bind.user the right to read invocationId of ${SERVICE}, or run c42uds --sync-now --full-sync after a restore.`,
  ]);
});

test('by USN: the next read asks for what is above the watermark', async () => {
  const read = await readAll(
    domainController,
    {},
    { rootDse: AD },
    { since: since('9007199254740993', 'USN_CHANGED', SERVER_ID) },
  );
  const search = read.server.searches.find(({ scope }) => scope === 2);
  assert.match(search?.filter ?? '', /\(uSNChanged>=9007199254740994\)/);
});

test('by USN: a read over a connection to another domain controller is refused', async () => {
  const read = await readAll(
    domainController,
    {},
    { rootDse: AD },
    { since: since('10', 'USN_CHANGED', 'another') },
  );
  assert.match(read.reason, /another server answers/);
  assert.equal(read.server.searches.filter(({ scope }) => scope === 2).length, 0);
});

test('the check says whether a watermark can be used here, or why not', async () => {
  const facts = (rootDse: Values, settings: Partial<DirectorySettings> = {}): Promise<DirectoryFacts> =>
    scene(domainController, ({ directory }) => directory.check(), settings, { rootDse });
  const ad = await facts(AD);
  assert.equal(ad.canReadSince(since('5000', 'USN_CHANGED', SERVER_ID)), true);
  assert.match(String(ad.canReadSince(since('5001', 'USN_CHANGED', SERVER_ID))), /went backwards/);
  assert.match(String(ad.canReadSince(since('10', 'USN_CHANGED', 'x'))), /another server answers/);
  assert.match(String(ad.canReadSince(since('soon', 'USN_CHANGED', SERVER_ID))), /no USN/);
  assert.match(
    String(ad.canReadSince(since('20260101000000Z'))),
    /by MODIFY_TIMESTAMP, this one by USN_CHANGED/,
  );
  const open = await facts({});
  assert.equal(open.canReadSince(since('20260101000000Z')), true);
  assert.match(String(open.canReadSince(since('yesterday'))), /no time/);
  const compare = await facts({}, { 'ldap.change.tracking': 'COMPARE' });
  assert.match(String(compare.canReadSince(since('x', 'COMPARE'))), /COMPARE/);
  const clock = await facts({ currentTime: '20260101000000Z' });
  assert.match(String(clock.canReadSince(since('20260101000001Z'))), /clock went backwards/);
});

test("by time: the server's clock before the read, where it shows one", async () => {
  const rootDse = { currentTime: '20260101120000.5Z' };
  assert.deepEqual(await readAt(['20260101130000Z'], {}, {}, rootDse), since('20260101120000Z'));
  const settings = { 'ldap.change.tracking': 'WHEN_CHANGED' } as const;
  const found = await readAt([], { since: since('20260101110000Z', 'WHEN_CHANGED') }, settings, rootDse);
  assert.deepEqual(found, since('20260101120000Z', 'WHEN_CHANGED'));
});

test('by whenChanged: the next read asks in the notation of Active Directory, with the overlap', async () => {
  const read = await readAll(
    (answer) => answer.done({ cookie: '' }),
    { 'ldap.change.tracking': 'WHEN_CHANGED', 'ldap.change.overlap.period': 60_000 },
    {},
    { since: since('20260101000030Z', 'WHEN_CHANGED') },
  );
  const search: SearchRequest | undefined = read.server.searches[0];
  assert.match(search?.filter ?? '', /\(whenChanged>=20251231235930\.0Z\)/);
});

test('by modifyTimestamp: the latest time read, less what the read took', async () => {
  const found = await readAt(['20260101120000Z', '20260101120010Z', '20250101000000Z'], {}, {}, {}, 100);
  // A read of 0.1 s: one second less, rounded down.
  assert.deepEqual(found, since('20260101120009Z'));
});

test('by modifyTimestamp: a read that saw nothing newer keeps the watermark, one that saw nothing at all has none', async () => {
  const before = since('20260101120000Z');
  assert.deepEqual(await readAt([], { since: before }), before);
  assert.deepEqual(await readAt(['20260101115930Z'], { since: before }), before);
  assert.deepEqual(await readAt(['20260101130000Z'], { since: before }), since('20260101125959Z'));
  assert.equal(await readAt([]), null);
});

test('a read of a part, or of identities, or by COMPARE, moves no watermark', async () => {
  const rootDse = { currentTime: '20260101120000Z' };
  for (const query of [
    { extraFilter: '(a=b)' },
    { anyOf: { attribute: 'uid', values: ['a'] } },
    { attributes: 'IDENTITIES' as const },
  ]) {
    assert.equal(await readAt([], query, {}, rootDse), null);
  }
  assert.equal(await readAt([], {}, { 'ldap.change.tracking': 'COMPARE' }, rootDse), null);
});

test('an incomplete read has no watermark', async () => {
  await scene(
    (answer) => {
      answer.entry('uid=a,dc=test', { entryUUID: 'a', modifyTimestamp: '20260101120000Z' });
      answer.done({ code: 4, cookie: '' });
    },
    async ({ directory }) => {
      await directory.check();
      const { verdict } = await readToEnd(directory.read(EVERYTHING));
      assert.ok(!verdict.complete && !('watermark' in verdict));
    },
  );
});

test('GeneralizedTime is read in every notation of RFC 4517 and written in one', () => {
  const noon = Date.UTC(2026, 0, 31, 12);
  for (const text of [
    '2026013112Z',
    '202601311200Z',
    '20260131120000Z',
    '20260131120000.0Z',
    '20260131120000,000Z',
    '20260131130000+0100',
    '20260131130000+01',
    '20260131063000-0530',
  ]) {
    assert.equal(parseGeneralizedTime(text), noon, text);
  }
  assert.equal(parseGeneralizedTime('2026013112.5Z'), noon + 1_800_000);
  assert.equal(parseGeneralizedTime('20260131120000.789Z'), noon + 789);
  for (const text of [
    '',
    '20260131',
    '20260131120000',
    '20261331120000Z',
    '20260100120000Z',
    '20260131120000ZZ',
  ]) {
    assert.equal(parseGeneralizedTime(text), null, text);
  }
  assert.equal(formatGeneralizedTime(noon + 999), '20260131120000Z');
});

test('GeneralizedTime survives writing and reading (1,000 random times)', () => {
  const random = randomOf(9);
  for (let i = 0; i < 1000; i++) {
    const timeMs = random.below(4_000_000_000) * 1000 + random.below(1000);
    assert.equal(
      parseGeneralizedTime(formatGeneralizedTime(timeMs)),
      timeMs - (timeMs % 1000),
      `seed ${random.seed}`,
    );
  }
});

test('a time more than a day ahead of our clock moves no watermark, and one warning names the entry', async () => {
  const read = await readAll((answer) => {
    const times = { odd: '20990101000000Z', ann: '20260101120000Z', odder: '20990101000001Z' };
    for (const [uid, modifyTimestamp] of Object.entries(times))
      answer.entry(`uid=${uid},dc=test`, { entryUUID: uid, modifyTimestamp });
    answer.done({ cookie: '' });
  });
  assert.equal(read.entries.length, 3);
  assert.equal(watermarkOf(read)?.value.slice(0, 10), '2026010111');
  assert.equal(read.log.length, 1);
  assert.match(read.log[0] ?? '', /^warn The modifyTimestamp of uid=odd,dc=test, 20990101000000Z, lies more/);
  assert.equal(await readAt(['20990101000000Z']), null);
  assert.equal(await readAt([], { since: since('20990101000000Z') }), null);
});

test('a time that is still to come, of a server whose clock was wrong, moves no watermark beyond our clock', async () => {
  const ahead = formatGeneralizedTime(Date.now() + 10 * 3_600_000);
  for (const [times, last] of [
    [[ahead], null],
    [[], since(ahead)],
    [[formatGeneralizedTime(Date.now() - 3_600_000)], since(ahead)],
  ] as const) {
    const earliest = Math.floor(Date.now() / 1000) * 1000;
    const watermark = await readAt(times, { since: last });
    const at = parseGeneralizedTime(watermark?.value ?? '');
    assert.ok(at !== null && at >= earliest && at <= Date.now(), watermark?.value);
  }
});

test('a stored watermark more than a day ahead of our clock makes the next read a full one', async () => {
  const facts = await scene(domainController, ({ directory }) => directory.check());
  assert.match(
    String(facts.canReadSince(since('20990101000000Z'))),
    /20990101000000Z lies more than a day ahead/,
  );
  const soon = formatGeneralizedTime(Date.now() + 3_600_000);
  assert.equal(facts.canReadSince(since(soon)), true);
});
