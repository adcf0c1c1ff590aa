/** LDAP messages as lines of a trace: what of them is shown, and what never is. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BerWriter } from 'ldapts';
import { BerCursor } from '../../src/ldap/ber.ts';
import { parseFilter } from '../../src/ldap/filter-parser.ts';
import { readFilter } from '../../src/ldap/filter-reading.ts';
import { formatFilter, writeFilter } from '../../src/ldap/filter.ts';
import { openMessageTrace } from '../../src/ldap/message-trace.ts';
import {
  abandonRequest,
  bindRequest,
  externalBindRequest,
  searchRequest,
  startTlsRequest,
  unbindRequest,
} from '../../src/ldap/requests.ts';

const SERVER = { secure: true, host: 'dc1.example.com', port: 636 };

function traced(sensitive: readonly string[] = []) {
  const lines: string[] = [];
  const none = () => undefined;
  const log = {
    error: none,
    warn: none,
    info: none,
    debug: none,
    trace: (_component: string, message: string) => void lines.push(message),
    isEnabled: () => true,
  };
  const trace = openMessageTrace(log, sensitive);
  assert.ok(trace !== null);
  return { lines, trace };
}

/** A SearchResultEntry as a server sends it. */
function entry(attributes: Readonly<Record<string, readonly (string | Buffer)[]>>): Buffer {
  const writer = new BerWriter();
  writer.startSequence();
  writer.writeInt(7);
  writer.startSequence(0x64);
  writer.writeString('CN=Ann,DC=example,DC=com');
  writer.startSequence();
  for (const [name, values] of Object.entries(attributes)) {
    writer.startSequence();
    writer.writeString(name);
    writer.startSequence(0x31);
    for (const value of values) writer.writeBuffer(Buffer.from(value), 0x04);
    writer.endSequence();
    writer.endSequence();
  }
  for (let depth = 0; depth < 3; depth++) writer.endSequence();
  return writer.buffer;
}

test('nothing is traced unless the log takes every detail', () => {
  const none = () => undefined;
  const log = { error: none, warn: none, info: none, debug: none, trace: none };
  assert.equal(openMessageTrace(log, []), null);
  assert.equal(openMessageTrace({ ...log, isEnabled: (level) => level !== 'trace' }, []), null);
});

test('a request is shown as what it asks for, a bind without its credentials', () => {
  const { lines, trace } = traced();
  const spec = {
    base: 'DC=example,DC=com',
    scope: 'SUB' as const,
    filter: parseFilter('(&(objectClass=user)(unicodePwd=geheim)(!(badge:2.5.13.2:=1)))'),
    attributes: ['mail', 'objectGUID'],
  };
  const page = { size: 500, cookie: Buffer.from('cookie') };
  const requests = [
    bindRequest(1, 'CN=reader', 'geheim'),
    externalBindRequest(2),
    startTlsRequest(3),
    searchRequest(4, spec, page),
    abandonRequest(5, 4),
    unbindRequest(6),
  ];
  for (const bytes of requests) trace.sent(bytes, SERVER);
  assert.deepEqual(
    lines.map((line) => line.replace(/^sent to ldaps:\/\/dc1\.example\.com:636 \(\d+ bytes\) /, '')),
    [
      '#1 bind simple as "CN=reader", credentials [left out]',
      '#2 bind SASL as "", credentials [left out]',
      '#3 extended request 1.3.6.1.4.1.1466.20037',
      '#4 search SUB "DC=example,DC=com" (&(objectClass=user)(unicodePwd=[left out])(!(badge:2.5.13.2:=1))) for mail objectGUID, controls paged results',
      '#5 abandon #4',
      '#6 unbind',
    ],
  );
});

test('an entry is shown with its attributes, without those that are sensitive or hold passwords, under any option', () => {
  const { lines, trace } = traced(['BadgePin']);
  const bytes = entry({
    mail: ['ann@example.com', 'a@example.com'],
    badgepin: ['1111'],
    'badgePin;lang-de': ['2222'],
    'userPassword;x-old': ['{SSHA}3333'],
    'ms-Mcs-AdmPwd': ['4444'],
    objectGUID: [Buffer.alloc(16, 1)],
    jpegPhoto: [Buffer.alloc(2000, 0xff)],
    custom: [Buffer.from([0xff, 0xfe])],
    note: ['x'.repeat(1_500)],
  });
  trace.received(bytes, 0, bytes.length, SERVER);
  const [line = ''] = lines;
  assert.match(
    line,
    /^received from ldaps:\/\/dc1\.example\.com:636 \(\d+ bytes\) #7 entry "CN=Ann,DC=example,DC=com" /,
  );
  assert.match(line, /mail: ann@example\.com \| a@example\.com; badgepin: \[left out\]/);
  assert.doesNotMatch(line, /1111|2222|3333|4444/);
  assert.match(line, /objectGUID: 01010101-0101-0101-0101-010101010101; jpegPhoto: \[2000 bytes\]/);
  assert.match(line, /custom: \[2 bytes\]; note: x{1000}… \(1500 bytes\)$/);
});

test('a message that cannot be read is said to be one, and breaks nothing', () => {
  const { lines, trace } = traced();
  const bytes = entry({ mail: ['ann@example.com'] });
  for (let length = 0; length < bytes.length; length++) trace.received(bytes, 0, length, SERVER);
  trace.received(Buffer.alloc(40, 0xff), 0, 40, SERVER);
  assert.equal(lines.length, bytes.length + 1);
  assert.ok(lines.every((line) => line.endsWith(' a message that cannot be read')));
});

test('a filter is read back as it was written, whatever is in it', () => {
  for (const text of [
    '(mail=*)',
    '(cn=a\\2ab\\28c\\29\\c3\\bc)',
    '(|(uid=a*)(uid=*b)(uid=*m*n*)(uid=a*m*b))',
    '(&(whenChanged>=20260101000000.0Z)(uSNChanged<=5)(cn~=ann)(!(c=DE)))',
    '(memberOf:1.2.840.113556.1.4.1941:=CN=All,DC=example,DC=com)',
    '(ou:dn:=Sales)',
    '(:caseExactMatch:=x)',
  ]) {
    const writer = new BerWriter();
    writeFilter(writer, parseFilter(text));
    const bytes = writer.buffer;
    assert.equal(formatFilter(readFilter(new BerCursor(bytes, 0, bytes.length), bytes.length)), text);
  }
});
