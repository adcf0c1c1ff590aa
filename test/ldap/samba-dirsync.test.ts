/**
 * Changes by USN held against what the domain controller itself replicates (DirSync, [MS-ADTS] 3.1.1.3.4.1.3): whom it
 * names as changed is read, after any series of changes, and nobody else.
 */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { BerWriter, Client, Control, type BerReader } from 'ldapts';
import { firstValueOf } from '../../src/model/entry.ts';
import type { Watermark } from '../../src/model/ports.ts';
import { accountLdif, DOMAIN_DN, ldifLine } from '../servers/samba-people.ts';
import { sambaSkip, startSamba } from '../servers/samba.ts';
import type { Samba } from '../servers/samba.ts';
import { EVERYTHING, readToEnd } from './directory-fixture.ts';
import { randomOf, type Random } from './random.ts';
import { closeAll, open } from './samba-fixture.ts';

const ROUNDS = 8;
const CHANGES = 12;
const OCTETS = 0x04;
/** Only what the account may see, which any account may ask for. */
const OBJECT_SECURITY = 1;

class DirSync extends Control {
  cookie: Buffer;
  hasMore = false;

  constructor(cookie: Buffer) {
    super('1.2.840.113556.1.4.841', { critical: true });
    this.cookie = cookie;
  }

  override writeControl(writer: BerWriter): void {
    const value = new BerWriter();
    value.startSequence();
    value.writeInt(OBJECT_SECURITY);
    value.writeInt(0);
    value.writeBuffer(this.cookie, OCTETS);
    value.endSequence();
    writer.writeBuffer(value.buffer, OCTETS);
  }

  override parseControl(reader: BerReader): void {
    reader.readSequence();
    this.hasMore = reader.readInt() !== 0;
    reader.readInt();
    this.cookie = Buffer.from(reader.readString(OCTETS, true) ?? Buffer.alloc(0));
  }
}

/** Who has changed in the domain since the cookie, by sAMAccountName where it changed too, else by DN; and the next cookie. */
async function dirSync(samba: Samba, from: Buffer): Promise<{ dns: string[]; cookie: Buffer }> {
  const client = new Client({ url: samba.url, timeout: 10_000 });
  const dns: string[] = [];
  try {
    await client.bind(samba.readerDn, samba.readerPassword);
    const control = new DirSync(from);
    do {
      const { searchEntries } = await client.search(
        DOMAIN_DN,
        { scope: 'sub', filter: '(&(objectCategory=person)(objectClass=user))', timeLimit: 0 },
        control,
      );
      dns.push(...searchEntries.map(({ dn }) => dn));
    } while (control.hasMore);
    return { dns, cookie: control.cookie };
  } finally {
    await client.unbind();
  }
}

/** One account of the test, wherever it is. */
interface Somebody {
  readonly name: string;
  cn: string;
  parent: string;
}

const dnOf = ({ cn, parent }: Somebody): string => `CN=${cn},${parent}`;

/** A change as LDIF, of a kind that happens in a company, or one that changes nothing. */
function someChange(samba: Samba, who: Somebody, round: number, random: Random): string {
  const head = ldifLine('dn', dnOf(who));
  const replace = (name: string, value: string | number | Buffer): string =>
    `${head}changetype: modify\nreplace: ${name}\n${ldifLine(name, value)}\n`;
  const moved = (cn: string, parent: string): string => {
    who.cn = cn;
    who.parent = parent;
    return `${head}changetype: modrdn\nnewrdn: CN=${cn}\ndeleteoldrdn: 1\nnewsuperior: ${parent}\n\n`;
  };
  const kinds = [
    () => replace('title', `Title ${round}.${random.below(3)}`),
    () => replace('title', 'The same for all'),
    () => `${head}changetype: modify\nreplace: title\n\n`,
    () => replace('userAccountControl', random.pick([0x10220, 0x10222])),
    () => replace('thumbnailPhoto', Buffer.from([0xff, 0xd8, round, random.below(256)])),
    () => replace('manager', `CN=reader-of-nobody,${samba.teamsDn}`),
    () => moved(`${who.name}-${round}-${random.below(100)}`, who.parent),
    () => moved(who.cn, random.pick([samba.staffDn, samba.teamsDn])),
  ];
  return random.pick(kinds)();
}

describe('changes by USN and by DirSync', { skip: sambaSkip() }, () => {
  let samba: Samba;
  const people: Somebody[] = [];

  before(async () => {
    samba = await startSamba({ users: 2 });
    await samba.modify(
      accountLdif({ dn: `CN=reader-of-nobody,${samba.teamsDn}`, sAMAccountName: 'reader-of-nobody' }),
    );
    for (let number = 0; number < 10; number += 1) {
      const somebody = { name: `somebody${number}`, cn: `somebody${number}`, parent: samba.staffDn };
      people.push(somebody);
      await samba.modify(accountLdif({ dn: dnOf(somebody), sAMAccountName: somebody.name }));
    }
  });
  after(async () => {
    await closeAll();
    await samba?.stop();
  });

  async function changedByUsn(since: Watermark | null): Promise<{ names: string[]; next: Watermark }> {
    const directory = open(samba);
    await directory.check();
    const { entries, verdict, reason } = await readToEnd(directory.read({ ...EVERYTHING, since }));
    assert.ok(verdict.complete && verdict.watermark !== null, reason);
    const names = entries.map((entry) => firstValueOf(entry, 'distinguishedName') ?? '');
    return { names: names.sort(), next: verdict.watermark };
  }

  test(`name the same users of the search base after ${ROUNDS} random series of changes`, async () => {
    const seed = Date.now() % 100_000;
    const random = randomOf(seed);
    let since = (await changedByUsn(null)).next;
    let { cookie } = await dirSync(samba, Buffer.alloc(0));
    let seen = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const changes = Array.from({ length: CHANGES }, () =>
        someChange(samba, random.pick(people), round, random),
      );
      await samba.modify(changes.join(''));
      const byDirSync = await dirSync(samba, cookie);
      const inBase = byDirSync.dns.filter((dn) => dn.endsWith(`,${samba.staffDn}`)).sort();
      const byUsn = await changedByUsn(since);
      assert.deepEqual(byUsn.names, inBase, `seed ${seed}, round ${round}:\n${changes.join('')}`);
      seen += inBase.length;
      [since, cookie] = [byUsn.next, byDirSync.cookie];
    }
    assert.ok(seen > ROUNDS, 'most series change somebody in the base');
  });
});
