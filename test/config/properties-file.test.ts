import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PropertiesFile } from '../../src/config/properties-file.ts';

function read(text: string, encoding: BufferEncoding = 'latin1'): Record<string, string> {
  const entries = new PropertiesFile(Buffer.from(text, encoding)).entries();
  return Object.fromEntries(entries.map(({ key, value }) => [key, value]));
}

function changed(text: string, key: string, value: string, encoding: BufferEncoding = 'latin1'): string {
  const file = new PropertiesFile(Buffer.from(text, encoding));
  file.set(key, value);
  return file.toBytes().toString(encoding);
}

test('the three separators, comments, escapes and continuation lines are read', () => {
  const text = '# c\n! c\n  a = 1\nb:2\nc 3\n  d\ne=ldaps\\://h\\:636\nf=x,\\\n    y\ng=\\u00e9\\t\\q\nh==\n';
  assert.deepEqual(read(text), {
    a: '1',
    b: '2',
    c: '3',
    d: '',
    e: 'ldaps://h:636',
    f: 'x,y',
    g: 'é\tq',
    h: '=',
  });
});

test('continuation lines work with the line ends of Windows and of old Macs, in keys too', () => {
  for (const end of ['\n', '\r\n', '\r']) {
    const text = `ldap.\\${end}  baseDn = DC=a,\\${end}\t DC=b${end}x=1${end}`;
    assert.deepEqual(read(text), { 'ldap.baseDn': 'DC=a,DC=b', x: '1' });
  }
});

test('each entry knows the line it begins on', () => {
  const file = new PropertiesFile(Buffer.from('# one\r\na=1,\\\r\n 2\r\n\r\nb=3\r\n'));
  assert.deepEqual(
    file.entries().map(({ key, line }) => [key, line]),
    [
      ['a', 2],
      ['b', 5],
    ],
  );
});

test('ISO-8859-1 and UTF-8 are both read, a byte order mark is not part of the first key', () => {
  assert.deepEqual(read('a=Müller\n', 'latin1'), { a: 'Müller' });
  assert.deepEqual(read('a=Müller 日本\n', 'utf8'), { a: 'Müller 日本' });
  assert.deepEqual(read('\ufeffa=1\n', 'utf8'), { a: '1' });
});

test('a change leaves every other byte alone and is escaped as Java escapes', () => {
  const before = '#  Größe \n\n  ldap.baseurl : ldap\\://old\n! x\r\nb=  1,\\\n   2\nlast';
  const after = changed(before, 'ldap.baseurl', 'ldaps://hôte:636 日');
  assert.equal(after, before.replace('ldap\\://old', 'ldaps\\://h\\u00F4te\\:636 \\u65E5'));
});

test('a file in UTF-8 with a byte order mark keeps both', () => {
  assert.equal(changed('\ufeff# 日本\na=1\n', 'a', 'é', 'utf8'), '\ufeff# 日本\na=\\u00E9\n');
});

test('a multi-line value is replaced as a whole', () => {
  assert.equal(changed('a = 1,\\\n  2\nb=3\n', 'a', '4'), 'a = 4\nb=3\n');
});

test('a new key goes below the comment that stands for it, else to the end', () => {
  assert.equal(changed('#a=1\n#b=2\nc=3\n', 'a', '9'), '#a=1\na=9\n#b=2\nc=3\n');
  assert.equal(changed('c=3', 'a', '9'), 'c=3\na=9\n');
  assert.equal(changed('c=3\r\n', 'a', '9'), 'c=3\r\na=9\r\n');
  assert.equal(changed('', 'a', '9'), 'a=9\n');
});

test('a key added behind a dangling backslash does not become part of the last value', () => {
  assert.deepEqual(read(changed('c=3\\', 'a', '9')), { c: '3', a: '9' });
  assert.deepEqual(read(changed('c=3\\\n', 'a', '9')), { c: '3', a: '9' });
});

test('setting a key that is there twice leaves one line, so no old password stays behind', () => {
  assert.equal(changed('p=secret\nx=1\np=other\n', 'p', 'ENC(v1)'), 'x=1\np=ENC(v1)\n');
});

test('a change that takes the last non-ASCII bytes of another line does not turn ISO-8859-1 into UTF-8', () => {
  // The bytes of "Ã©" are UTF-8 for "é"; only the line with "ß " showed that the file is not UTF-8.
  const after = changed('a=\\Ã©\nb=ß \n', 'b', '1');
  assert.deepEqual(read(after), { a: 'Ã©', b: '1' });
});

test('\\u without four hexadecimal digits is reported, as Java refuses it', () => {
  const [entry] = new PropertiesFile(Buffer.from('ldap.bind.user=domain\\user\n')).entries();
  assert.equal(entry?.malformedEscape, '\\user');
});
