/** OpenLDAP shows no clock. Where nothing changes there, nobody is read again; and whatever changes is read, by whatever clock. */

import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, mock, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { Uptime } from '../../src/lib/boot.ts';
import { openDirectory } from '../../src/ldap/directory.ts';
import { formatGeneralizedTime } from '../../src/ldap/generalized-time.ts';
import { valuesOf } from '../../src/model/entry.ts';
import type { Entry } from '../../src/model/entry.ts';
import type { Watermark } from '../../src/model/ports.ts';
import { slapdSkip, startSlapd } from '../servers/slapd.ts';
import type { Slapd } from '../servers/slapd.ts';
import { directorySettings, EVERYTHING, readToEnd, rememberingLog } from './directory-fixture.ts';

const MINUTE_MS = 60_000;
const OU = 'ou=Quiet,dc=example,dc=com';
const PEOPLE = 12;
/** When they were loaded, all in one go, as the server's clock had it. */
const LOADED = formatGeneralizedTime(Date.now() - 120 * MINUTE_MS);

const dnOf = (number: number): string => `uid=q${number},${OU}`;
const loaded = [
  `dn: ${OU}\nobjectClass: organizationalUnit\nou: Quiet\nmodifyTimestamp: ${LOADED}\n\n`,
  ...Array.from(
    { length: PEOPLE },
    (_, index) =>
      `dn: ${dnOf(index + 1)}\nobjectClass: inetOrgPerson\nuid: q${index + 1}\ncn: q\nsn: q\nmodifyTimestamp: ${LOADED}\n\n`,
  ),
];

describe('OpenLDAP after everybody was loaded in one go', { skip: slapdSkip() }, () => {
  let slapd: Slapd;
  let changes = 0;

  beforeEach(async () => {
    slapd = await startSlapd({ users: 1, ldif: loaded });
  });
  afterEach(async () => {
    mock.restoreAll();
    await slapd?.stop();
  });

  interface Run {
    readonly users: readonly string[];
    readonly watermark: Watermark | null;
    readonly stamps: ReadonlyMap<string, string>;
  }

  interface When {
    readonly overlapMs?: number;
    readonly boot?: string;
    readonly full?: boolean;
  }

  /** One run, so many minutes after the machine was started. */
  async function run(last: Watermark | null, minutes: number, when: When = {}): Promise<Run> {
    const { overlapMs = MINUTE_MS, boot = 'one', full = false } = when;
    const settings = directorySettings({
      'ldap.baseurl': slapd.url,
      'ldap.baseDn': OU,
      'ldap.bind.user': slapd.readerDn,
      'ldap.change.overlap.period': overlapMs,
    });
    const uptime = (): Uptime => ({ boot, ms: minutes * MINUTE_MS });
    const directory = openDirectory(settings, slapd.readerPassword, rememberingLog(), { uptime });
    try {
      const facts = await directory.check(last);
      if (last !== null) assert.equal(facts.canReadSince(last), true);
      const read = await readToEnd(directory.read({ ...EVERYTHING, since: full ? null : last }));
      assert.ok(read.verdict.complete, read.reason);
      const stampOf = (entry: Entry): string => valuesOf(entry, 'modifyTimestamp')[0] ?? '';
      const stamps = new Map(read.entries.map((entry) => [entry.dn, stampOf(entry)]));
      return { users: [...stamps.keys()], watermark: read.verdict.watermark, stamps };
    } finally {
      await directory.close();
    }
  }

  const change = (number: number): Promise<void> =>
    slapd.modify(`dn: ${dnOf(number)}\nchangetype: modify\nreplace: title\ntitle: ${++changes}\n\n`);

  test('the first incremental run reads everybody again, the second nobody, and each one after it what changed', async () => {
    const first = await run(null, 10);
    const second = await run(first.watermark, 70);
    assert.deepEqual([first.users.length, second.users.length], [PEOPLE, PEOPLE]);
    const third = await run(second.watermark, 130);
    assert.deepEqual(third.users, []);
    await change(1);
    const fourth = await run(third.watermark, 190);
    assert.deepEqual(fourth.users, [dnOf(1)]);
  });

  test('runs at short intervals read nobody as soon as twenty minutes and the overlap have passed', async () => {
    let { watermark } = await run(null, 10);
    const read: number[] = [];
    for (const minutes of [15, 20, 25, 30, 35, 40, 45]) {
      const next = await run(watermark, minutes);
      read.push(next.users.length);
      watermark = next.watermark;
    }
    assert.deepEqual(read, [PEOPLE, PEOPLE, PEOPLE, PEOPLE, PEOPLE, 0, 0]);
  });

  test('a full run at any time has nobody read again by the next, if enough has passed since the first', async () => {
    const first = await run(null, 10);
    const full = await run(first.watermark, 70, { full: true });
    assert.equal(full.users.length, PEOPLE);
    assert.deepEqual((await run(full.watermark, 75)).users, []);
  });

  test('after a new start of the machine what has passed is not known, and everybody is read once more', async () => {
    const first = await run(null, 10);
    const boot = 'another';
    const second = await run(first.watermark, 500, { boot });
    const third = await run(second.watermark, 530, { boot });
    assert.deepEqual([second.users.length, third.users.length], [PEOPLE, PEOPLE]);
    assert.deepEqual((await run(third.watermark, 531, { boot })).users, []);
  });

  test('a clock of ours that is ten minutes wrong, either way, loses nothing', async () => {
    const now = Date.now;
    let { watermark } = await run((await run(null, 10)).watermark, 70);
    for (const [index, skew] of [10, -10, 0, -10, 10].entries()) {
      mock.method(Date, 'now', () => now() + skew * MINUTE_MS);
      await change(index + 1);
      const next = await run(watermark, 71 + index);
      assert.ok(next.users.includes(dnOf(index + 1)), `${skew} minutes: ${next.users.join(' ')}`);
      watermark = next.watermark;
    }
  });

  test('what changes in the second in which it was read is read by the next run, without any overlap', async () => {
    for (let tries = 0; ; tries++) {
      assert.ok(tries < 20, 'never within one second');
      // At the beginning of a second, so that everything has room in it.
      await delay(1000 - (Date.now() % 1000));
      await change(6);
      const whole = await run(null, 200, { overlapMs: 0 });
      await change(7);
      const next = await run(whole.watermark, 260, { overlapMs: 0 });
      assert.ok(next.users.includes(dnOf(7)), next.users.join(' '));
      if (next.stamps.get(dnOf(7)) === whole.stamps.get(dnOf(6))) return;
    }
  });
});
