import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readOptionValue } from '../../src/config/option-values.ts';
import { OPTIONS, type Option } from '../../src/config/options.ts';

/** The properties of the vendor's article and their defaults; `''` where it says "NA". */
const ARTICLE: Readonly<Record<string, string>> = {
  'deactivate.user.threshold': '5',
  'driver.files.attribute.name': 'sAMAccountName',
  'ldap.baseDn': 'DC=example,DC=com',
  'ldap.baseurl': 'ldap://',
  'ldap.bind.authtype': 'SIMPLE',
  'ldap.bind.password': '',
  'ldap.bind.user': 'cn=read-only-admin',
  'ldap.connection.allowunsafecerts': 'false',
  'ldap.connection.pool': 'false',
  'ldap.connection.timeout.period': '5000',
  'ldap.delay.between.attempts': '1000',
  'ldap.max.attempts': '10',
  'ldap.paging.size': '500',
  'ldap.read.timeout.period': '5000',
  'ldap.referral': 'THROW',
  'ldap.schema.attributes.sensitive': 'userPassword,unixUserPassword,msSFU30Password,unicodepwd',
  'missed.user.check': 'false',
  'scim.baseurl': 'https://www.crashplan.com/scim/v2',
  'scim.password': '',
  'scim.client.threads': '1',
  'scim.username': 'provider_id@cloud.code42.com',
  'script.active.location': 'activescript.js',
  'script.org.location': 'orgscript.js',
  'script.role.location': 'rolescript.js',
  'workqueues.size': '500',
};

/** The article names the nine types in words and leaves the keys to the file. */
const ATTRIBUTE_TYPES = [
  'countryCode',
  'department',
  'division',
  'employeeType',
  'firstName',
  'givenName',
  'lastName',
  'manager',
  'title',
];

const rows = Object.entries<Option>(OPTIONS);

test('every property of the article is in the table under its name and default', () => {
  for (const [key, value] of Object.entries(ARTICLE)) {
    const row = rows.find(([name]) => name === key)?.[1];
    assert.equal(row?.origin, 'ARTICLE', key);
    assert.equal(row.default, value, key);
  }
  for (const type of ATTRIBUTE_TYPES) {
    assert.equal(rows.find(([name]) => name === `ldap.attrib.${type}`)?.[1].origin, 'ARTICLE', type);
  }
});

test('nothing else is marked as the article’s', () => {
  const marked = rows.filter(([, row]) => row.origin === 'ARTICLE').map(([key]) => key);
  assert.equal(marked.length, Object.keys(ARTICLE).length + ATTRIBUTE_TYPES.length);
});

test('every row has an explanation in ASCII, and a default that is valid for its kind', () => {
  for (const [key, row] of rows) {
    assert.match(row.doc, /^[ -~]{15,}\.$/, key);
    const read = readOptionValue(row, row.default, '/');
    assert.ok(read.ok, `${key}: ${read.ok ? '' : read.problem}`);
    assert.equal('warning' in read, false, key);
    assert.equal(row.kind === 'CHOICE', row.choices?.includes(row.default) ?? false, key);
    assert.equal(row.kind === 'URL', row.schemes !== undefined, key);
    assert.equal(row.kind === 'SECRET', /\.(?:password|secret)$/.test(key), key);
  }
});

test('choices are in upper case and no two keys or aliases differ only in case', () => {
  const names = rows.flatMap(([key, row]) => [key, ...(row.aliases ?? [])]).map((name) => name.toLowerCase());
  assert.equal(new Set(names).size, names.length);
  for (const [key, row] of rows) {
    for (const choice of row.choices ?? []) assert.equal(choice, choice.toUpperCase(), key);
  }
});
