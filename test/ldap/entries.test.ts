/** Entries come out as the model wants them, whatever bytes went in. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { guidBytes, guidText, sidText } from '../../src/ldap/binary-values.ts';
import { BerError } from '../../src/ldap/ber.ts';
import { EntryDecoder } from '../../src/ldap/entry-decoder.ts';
import type { DecodedEntries } from '../../src/ldap/entry-decoder.ts';
import { entryMessage } from '../servers/scripted-ldap.ts';
import type { Values } from '../servers/scripted-ldap.ts';
import { randomOf } from './random.ts';

function decoder(changes: Partial<ConstructorParameters<typeof EntryDecoder>[0]> = {}): EntryDecoder {
  return new EntryDecoder({
    identityAttribute: 'entryUUID',
    sensitive: ['userPassword'],
    attributes: true,
    ...changes,
  });
}

function decode(values: Values, by = decoder(), dn = 'uid=a,dc=test'): DecodedEntries {
  const into: DecodedEntries = { entries: [], unusable: [], ranged: [] };
  const bytes = entryMessage(1, dn, values);
  by.decode(bytes, contentOf(bytes), bytes.length, into);
  return into;
}

/** Where the entry begins: past the envelope, the message number of three bytes, and the head of the operation. */
function contentOf(bytes: Buffer): number {
  const head = (at: number): number => 2 + ((bytes[at + 1] ?? 0) & 0x80 ? (bytes[at + 1] ?? 0) & 0x7f : 0);
  const operation = head(0) + 3;
  return operation + head(operation);
}

function attributesOf(values: Values, by = decoder()): Readonly<Record<string, readonly string[]>> {
  const [entry] = decode({ entryUUID: 'id', ...values }, by).entries;
  assert.ok(entry);
  return Object.fromEntries(Object.entries(entry.attributes).filter(([name]) => name !== 'entryUUID'));
}

const GUID = Buffer.from('00112233445566778899aabbccddeeff', 'hex');

test('values are text in the order of the server, and an attribute without values is not there', () => {
  assert.deepEqual(attributesOf({ cn: 'Zoë', mail: ['b@x', 'a@x'], title: [], empty: '' }), {
    cn: ['Zoë'],
    mail: ['b@x', 'a@x'],
    empty: [''],
  });
});

test('names that differ only in case are one attribute, its values merged', () => {
  assert.deepEqual(attributesOf({ mail: 'a', cn: 'x', MAIL: 'b', Mail: ['c', 'd'] }), {
    mail: ['a', 'b', 'c', 'd'],
    cn: ['x'],
  });
});

test('a value with options is kept under its own name, the attribute has the values without', () => {
  assert.deepEqual(
    attributesOf({ 'cn;lang-de': 'Bär', cn: 'Bear', 'userCertificate;binary': Buffer.from('ab') }),
    {
      'cn;lang-de': ['Bär'],
      cn: ['Bear'],
      'userCertificate;binary': ['YWI='],
    },
  );
});

test('sensitive attributes are dropped in any case and with any option', () => {
  assert.deepEqual(attributesOf({ USERPASSWORD: 'a', 'userpassword;x-1': 'b', userPasswordHint: 'c' }), {
    userPasswordHint: ['c'],
  });
});

test('values that are not UTF-8 are base64, a replacement character in a value is not', () => {
  assert.deepEqual(
    attributesOf({ a: Buffer.from([0xff, 0xfe]), b: '\uFFFD', c: '\uFEFFx', jpegPhoto: 'plain' }),
    {
      a: ['//4='],
      b: ['\uFFFD'],
      c: ['\uFEFFx'],
      jpegPhoto: ['cGxhaW4='],
    },
  );
});

test('objectGUID and objectSid have their written form, wrong lengths become base64 or stay text', () => {
  const sid = Buffer.from('010500000000000515000000a065cf7e784b9b5fe77c8770091c0100', 'hex');
  assert.deepEqual(
    attributesOf({ objectGUID: GUID, OBJECTSID: sid, 'mS-DS-ConsistencyGuid': Buffer.from([0xff]) }),
    {
      objectGUID: ['33221100-5544-7766-8899-aabbccddeeff'],
      OBJECTSID: ['S-1-5-21-2127521184-1604012920-1887927527-72713'],
      'mS-DS-ConsistencyGuid': ['/w=='],
    },
  );
});

test('a UUID as identity is in lower case, a GUID canonical, other bytes hexadecimal, and the DN where there is nothing else', () => {
  const identity = (name: string | null, values: Values): string | undefined =>
    decode(values, decoder({ identityAttribute: name }), 'UID=Zoë,dc=Test').entries[0]?.identity;
  assert.equal(identity('entryUUID', { entryuuid: 'ABC-1' }), 'abc-1');
  assert.equal(identity('objectGUID', { objectGUID: GUID }), '33221100-5544-7766-8899-aabbccddeeff');
  assert.equal(identity('GUID', { GUID: Buffer.from([0xff, 0x00]) }), 'ff00');
  assert.equal(identity(null, {}), 'uid=zoë,dc=test');
});

test('an entry without an identity, or with two, is unusable and named by its DN', () => {
  assert.deepEqual(
    decode({ cn: 'x' }).unusable.map(({ dn }) => dn),
    ['uid=a,dc=test'],
  );
  assert.match(decode({ cn: 'x' }).unusable[0]?.message ?? '', /shows no entryUUID/);
  assert.match(decode({ entryUUID: ' ' }).unusable[0]?.message ?? '', /shows no entryUUID/);
  assert.match(decode({ entryUUID: ['a', 'b'] }).unusable[0]?.message ?? '', /2 values of entryUUID/);
});

test('a read of identities keeps nothing else', () => {
  const [entry] = decode({ entryUUID: 'id', cn: 'x' }, decoder({ attributes: false })).entries;
  assert.deepEqual(entry, { identity: 'id', dn: 'uid=a,dc=test', attributes: {} });
});

test('an identity that is sensitive still identifies', () => {
  const [entry] = decode(
    { employeeNumber: '7' },
    decoder({ identityAttribute: 'employeeNumber', sensitive: ['employeenumber'] }),
  ).entries;
  assert.deepEqual(entry, { identity: '7', dn: 'uid=a,dc=test', attributes: {} });
});

test('a range that is open is set aside, one that holds everything is not', () => {
  const open = decode({ entryUUID: 'id', member: [], 'member;range=0-1': ['a', 'b'] });
  assert.equal(open.entries.length, 0);
  assert.deepEqual(open.ranged[0]?.ranges, [{ attribute: 'member', values: ['a', 'b'], next: 2 }]);
  const whole = decode({ entryUUID: 'id', 'member;range=0-*': ['a', 'b'] });
  assert.deepEqual(whole.entries[0]?.attributes, { entryUUID: ['id'], member: ['a', 'b'] });
});

test('names that objects have by themselves are attributes like others', () => {
  const values = { constructor: 'a', toString: 'b', hasOwnProperty: 'c' } as unknown as Values;
  assert.deepEqual(attributesOf(values), { constructor: ['a'], toString: ['b'], hasOwnProperty: ['c'] });
});

test('decoding keeps up with entries whose attributes change from one to the next (500 random entries)', () => {
  const random = randomOf(42);
  const by = decoder();
  const names = ['a', 'b', 'C', 'd-e', 'f;x', 'g', 'h'];
  for (let i = 0; i < 500; i++) {
    const values: Record<string, string[]> = { entryUUID: [`id-${i}`] };
    for (const name of names) {
      if (random.below(3) > 0)
        values[name] = Array.from({ length: 1 + random.below(3) }, () =>
          random.pick(['x', 'ä', '', 'long '.repeat(40), '日本']),
        );
    }
    const [entry] = decode(values, by).entries;
    assert.deepEqual(entry?.attributes, values, `seed ${random.seed}, entry ${i}`);
  }
});

test('no truncated or damaged entry is taken for an entry with fewer values (every cut, 2,000 flips)', () => {
  const bytes = entryMessage(1, 'uid=a,dc=test', { entryUUID: 'id', cn: ['x', 'y'], mail: 'm@x' });
  const start = contentOf(bytes);
  const count = (from: Buffer, end: number): number => {
    const into: DecodedEntries = { entries: [], unusable: [], ranged: [] };
    decoder().decode(from, start, end, into);
    return into.entries.length;
  };
  assert.equal(count(bytes, bytes.length), 1);
  for (let end = start; end < bytes.length; end++) assert.throws(() => count(bytes, end), BerError);
  const random = randomOf(3);
  for (let i = 0; i < 2000; i++) {
    const damaged = Buffer.from(bytes);
    damaged[start + random.below(bytes.length - start)] = random.below(256);
    try {
      count(damaged, damaged.length);
    } catch (error) {
      assert.ok(error instanceof BerError, `seed ${random.seed}`);
    }
  }
});

test('a GUID survives both directions (1,000 random ones), and other texts are none', () => {
  const random = randomOf(11);
  for (let i = 0; i < 1000; i++) {
    const bytes = Buffer.from(Array.from({ length: 16 }, () => random.below(256)));
    const text = guidText(bytes);
    assert.ok(text !== null);
    assert.match(text, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    assert.deepEqual(guidBytes(text), bytes);
    assert.deepEqual(guidBytes(`{${text.toUpperCase()}}`), bytes);
  }
  for (const text of ['', 'x', '33221100-5544-7766-8899-aabbccddeef', '33221100554477668899aabbccddeeff']) {
    assert.equal(guidBytes(text), null);
  }
  assert.equal(guidText(Buffer.alloc(15)), null);
});

test('bytes that are no security identifier are not written as one', () => {
  for (const hex of ['', '01', '0102000000000005150000', '010100000000000515000000ff']) {
    assert.equal(sidText(Buffer.from(hex, 'hex')), null);
  }
});

test('an identity that is no UUID is taken letter by letter: a blank or a capital makes another one', () => {
  const identity = (employeeNumber: string): string | undefined =>
    decode({ employeeNumber }, decoder({ identityAttribute: 'employeeNumber' })).entries[0]?.identity;
  for (const text of ['1001', ' 1001 ', 'A1B2', 'a1b2']) assert.equal(identity(text), text);
  assert.equal(identity('33221100-5544-7766-8899-AABBCCDDEEFF'), '33221100-5544-7766-8899-aabbccddeeff');
  assert.equal(identity('  '), undefined);
});
