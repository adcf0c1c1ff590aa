/** What the engine relies on in every Directory: the suite that each implementation passes. */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { firstValueOf, valuesOf } from '../../src/model/entry.ts';
import type { Entry } from '../../src/model/entry.ts';
import type {
  Directory,
  DirectoryFacts,
  DirectoryQuery,
  ReadVerdict,
  Watermark,
} from '../../src/model/ports.ts';

/** A user that the directory is known to hold. */
export interface KnownPerson {
  readonly dn: string;
  readonly uid: string;
  readonly mail: string;
  readonly sn: string;
  readonly groups: readonly string[];
}

/** A directory that holds exactly `people`, twenty or more, some of whose surnames are not ASCII. */
export interface DirectorySetup {
  readonly people: readonly KnownPerson[];
  /** A new Directory on the same data, with a page size below the number of people. */
  open(): Directory;
  add(uid: string): Promise<void>;
  setTitle(uid: string, title: string): Promise<void>;
  rename(uid: string, newUid: string): Promise<void>;
  remove(uid: string): Promise<void>;
  stop(): Promise<void>;
}

const EVERYTHING: DirectoryQuery = { attributes: 'ALL', since: null, extraFilter: null, anyOf: null };

interface Whole {
  readonly entries: readonly Entry[];
  readonly pageCount: number;
  readonly verdict: ReadVerdict;
}

async function readToEnd(directory: Directory, query: Partial<DirectoryQuery> = {}): Promise<Whole> {
  const read = directory.read({ ...EVERYTHING, ...query });
  const entries: Entry[] = [];
  let pageCount = 0;
  for await (const page of read.pages) {
    pageCount++;
    entries.push(...page.entries);
    assert.deepEqual(page.unusable, []);
  }
  return { entries, pageCount, verdict: read.verdict() };
}

/** The entries of a read that must be complete. */
async function complete(
  directory: Directory,
  query: Partial<DirectoryQuery> = {},
): Promise<readonly Entry[]> {
  const { entries, verdict } = await readToEnd(directory, query);
  assert.ok(verdict.complete, verdict.complete ? '' : verdict.reason);
  assert.equal(verdict.entryCount, entries.length);
  return entries;
}

function uidsOf(entries: readonly Entry[]): string[] {
  return entries.map((entry) => firstValueOf(entry, 'uid') ?? '').sort();
}

/** Registers the suite; with `skip` it says why it does not run. */
export function directoryContract(
  name: string,
  skip: string | false,
  setUp: () => Promise<DirectorySetup>,
): void {
  describe(`${name} as a directory`, { skip }, () => {
    let setup: DirectorySetup;
    let directory: Directory;
    let facts: DirectoryFacts;

    before(async () => {
      setup = await setUp();
      directory = setup.open();
      facts = await directory.check();
    });
    after(async () => {
      await directory?.close();
      await setup?.stop();
    });

    registerReading(() => ({ setup, directory, facts }));
    registerChanges(() => ({ setup, directory, facts }));
  });
}

type Current = () => { setup: DirectorySetup; directory: Directory; facts: DirectoryFacts };

function registerReading(current: Current): void {
  test('a full read returns every user once, over several pages, and is complete', async () => {
    const { setup, directory } = current();
    const { entries, pageCount, verdict } = await readToEnd(directory);
    assert.deepEqual(verdict.complete, true);
    assert.ok(pageCount > 1);
    assert.deepEqual(uidsOf(entries), setup.people.map(({ uid }) => uid).sort());
    assert.equal(new Set(entries.map(({ identity }) => identity)).size, entries.length);
  });

  test('an entry has its DN, its attributes as text and the groups it is a member of', async () => {
    const { setup, directory, facts } = current();
    const byUid = new Map((await complete(directory)).map((entry) => [firstValueOf(entry, 'UID'), entry]));
    for (const known of setup.people) {
      const entry = byUid.get(known.uid);
      assert.ok(entry);
      assert.equal(entry.dn.toLowerCase(), known.dn.toLowerCase());
      assert.equal(firstValueOf(entry, 'MAIL'), known.mail);
      assert.equal(firstValueOf(entry, 'sn'), known.sn);
      assert.deepEqual([...valuesOf(entry, 'memberof')].sort(), [...known.groups].sort());
      assert.equal(entry.identity, entry.identity.toLowerCase());
      assert.equal(firstValueOf(entry, facts.identityAttribute)?.toLowerCase(), entry.identity);
    }
  });

  test('no password is ever in an entry', async () => {
    const { directory } = current();
    for (const entry of await complete(directory)) {
      for (const name of ['userPassword', 'sambaNTPassword']) assert.deepEqual(valuesOf(entry, name), []);
    }
  });

  test('a read of identities returns the same users without attributes', async () => {
    const { directory } = current();
    const all = await complete(directory);
    const identities = await complete(directory, { attributes: 'IDENTITIES' });
    assert.deepEqual(
      identities.map(({ identity }) => identity).sort(),
      all.map(({ identity }) => identity).sort(),
    );
    for (const entry of identities) assert.deepEqual({ ...entry.attributes }, {});
  });

  test('a read without the rest has what the mapping and the scripts name, passwords apart', async () => {
    const { setup, directory, facts } = current();
    const all = await complete(directory);
    const also = ['memberof', 'userPassword', 'tokenGroups', 'noSuchAttribute', 'dn'];
    const entries = await complete(directory, { attributes: 'NAMED', also });
    assert.equal(entries.length, all.length);
    const byIdentity = new Map(all.map((entry) => [entry.identity, entry]));
    const groups = new Map(setup.people.map((known) => [known.dn.toLowerCase(), known.groups]));
    for (const entry of entries) {
      const whole = byIdentity.get(entry.identity);
      assert.ok(whole);
      assert.equal(entry.dn, whole.dn);
      for (const name of ['mail', 'givenName', 'sn', 'title', facts.identityAttribute]) {
        assert.deepEqual(valuesOf(entry, name), valuesOf(whole, name), name);
      }
      assert.deepEqual(
        [...valuesOf(entry, 'memberOf')].sort(),
        [...(groups.get(entry.dn.toLowerCase()) ?? [])].sort(),
      );
      assert.deepEqual(valuesOf(entry, 'objectClass'), []);
      assert.deepEqual(valuesOf(entry, 'userPassword'), []);
    }
  });

  test('a full read that leaves out the rest moves the watermark', async () => {
    const { directory } = current();
    const { verdict } = await readToEnd(directory, { attributes: 'NAMED' });
    assert.ok(verdict.complete && verdict.watermark !== null);
  });

  test('a read of named attributes returns the same users with these alone', async () => {
    const { setup, directory, facts } = current();
    const groups = new Map(setup.people.map((known) => [known.dn.toLowerCase(), known.groups]));
    const entries = await complete(directory, { attributes: ['memberOf'] });
    assert.equal(entries.length, setup.people.length);
    for (const entry of entries) {
      const names = Object.keys(entry.attributes).map((name) => name.toLowerCase());
      assert.deepEqual(
        names.filter((name) => name !== facts.identityAttribute.toLowerCase() && name !== 'memberof'),
        [],
      );
      const expected = groups.get(entry.dn.toLowerCase()) ?? [];
      assert.deepEqual([...valuesOf(entry, 'memberOf')].sort(), [...expected].sort());
    }
  });

  test('users are found by an attribute, by several values, and by identity', async () => {
    const { setup, directory } = current();
    const [first, second] = setup.people;
    assert.ok(first && second);
    const byUid = { attribute: 'uid', values: [first.uid.toUpperCase(), second.uid, 'nobody-has-this'] };
    const found = await complete(directory, { anyOf: byUid });
    assert.deepEqual(uidsOf(found), [first.uid, second.uid].sort());
    const identities = found.map(({ identity }) => identity);
    const again = await complete(directory, { anyOf: { attribute: null, values: identities } });
    assert.deepEqual(uidsOf(again), uidsOf(found));
    assert.deepEqual(await complete(directory, { anyOf: { attribute: 'uid', values: [] } }), []);
  });

  test('an extra filter narrows the users, and none of its characters is misread', async () => {
    const { setup, directory } = current();
    const [person] = setup.people.filter(({ sn }) => /[^\x20-\x7e]/.test(sn));
    assert.ok(person);
    const named = setup.people.filter(({ sn }) => sn === person.sn).map(({ uid }) => uid);
    const escaped = [...Buffer.from(person.sn)]
      .map((byte) => `\\${byte.toString(16).padStart(2, '0')}`)
      .join('');
    for (const filter of [`(sn=${person.sn})`, `(sn=${escaped})`, `(&(sn=${person.sn})(!(uid=nobody)))`]) {
      assert.deepEqual(uidsOf(await complete(directory, { extraFilter: filter })), named.sort(), filter);
    }
  });

  test('stopping early ends the read, its verdict is incomplete, and the next read is whole', async () => {
    const { setup, directory } = current();
    const read = directory.read(EVERYTHING);
    for await (const page of read.pages) {
      assert.ok(page.entries.length > 0);
      break;
    }
    assert.equal(read.verdict().complete, false);
    assert.equal((await complete(directory)).length, setup.people.length);
  });

  test('the verdict cannot be asked for before the pages have ended', () => {
    const { directory } = current();
    assert.throws(() => directory.read(EVERYTHING).verdict());
  });

  test('two reads at the same time do not disturb each other', async () => {
    const { setup, directory } = current();
    const reads = await Promise.all([complete(directory), complete(directory, { attributes: 'IDENTITIES' })]);
    for (const entries of reads) assert.equal(entries.length, setup.people.length);
  });
}

function registerChanges(current: Current): void {
  test('additions, changes, renames and removals show, and a rename keeps the identity', async () => {
    const { setup, directory, facts } = current();
    const since = await watermarkAfter(directory);
    const [changed, renamed] = setup.people;
    assert.ok(changed && renamed);
    const before = new Map(
      (await complete(directory)).map((entry) => [firstValueOf(entry, 'uid'), entry.identity]),
    );

    await setup.add('newcomer');
    await setup.setTitle(changed.uid, 'Astronaut');
    await setup.rename(renamed.uid, 'renamed');
    const after = new Map((await complete(directory)).map((entry) => [firstValueOf(entry, 'uid'), entry]));
    assert.equal(after.size, setup.people.length + 1);
    assert.equal(firstValueOf(after.get(changed.uid) as Entry, 'title'), 'Astronaut');
    assert.equal(after.get('renamed')?.identity, before.get(renamed.uid));

    if (facts.changeTracking !== 'COMPARE') {
      assert.ok(since);
      assert.equal((await directory.check()).canReadSince(since), true);
      const recent = uidsOf(await complete(directory, { since }));
      for (const uid of ['newcomer', changed.uid, 'renamed']) assert.ok(recent.includes(uid), uid);
    }
    await setup.remove('newcomer');
    await setup.rename('renamed', renamed.uid);
    assert.deepEqual(uidsOf(await complete(directory)), setup.people.map(({ uid }) => uid).sort());
  });

  test('who is not in the base is looked for: deleted, or elsewhere, as far as the server tells', async () => {
    const { setup, directory } = current();
    await setup.add('leaver');
    const before = await complete(directory);
    const identityOf = (uid: string): string =>
      before.find((entry) => firstValueOf(entry, 'uid') === uid)?.identity ?? '';
    const [stayer] = setup.people;
    assert.ok(stayer);
    const [leaving, staying] = [identityOf('leaver'), identityOf(stayer.uid)];
    await setup.remove('leaver');
    const where = await directory.whereabouts([leaving, staying]);
    const found = where.get(staying);
    assert.ok(found?.kind === 'ELSEWHERE');
    assert.equal(found.dn.toLowerCase(), stayer.dn.toLowerCase());
    assert.match(String(where.get(leaving)?.kind), /^(DELETED|UNSEEN)$/);
    assert.deepEqual([...(await directory.whereabouts([]))], []);
  });

  test('a closed directory may be closed again, and another one on the same server works', async () => {
    const { setup } = current();
    const another = setup.open();
    await another.check();
    assert.equal((await complete(another)).length, setup.people.length);
    await another.close();
    await another.close();
  });
}

async function watermarkAfter(directory: Directory): Promise<Watermark | null> {
  const { verdict } = await readToEnd(directory);
  assert.ok(verdict.complete);
  return verdict.watermark;
}
