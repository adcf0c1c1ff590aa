import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { migrationOf } from '../../src/config/migration.ts';
import { OPTIONS, type OptionKey } from '../../src/config/options.ts';

function migrated(...lines: readonly string[]): ReturnType<typeof migrationOf> {
  return migrationOf('/opt/original/config.properties', Buffer.from(lines.join('\n'), 'latin1'));
}

describe('the properties of the original', () => {
  it('are all taken under the names and with the values of the article', () => {
    const keys = (Object.keys(OPTIONS) as OptionKey[]).filter(
      (key) => OPTIONS[key].origin === 'ARTICLE' && OPTIONS[key].kind !== 'SECRET',
    );
    assert.ok(keys.length > 25);
    const { keys: fates, values, scripts } = migrated(...keys.map((key) => `${key}=${OPTIONS[key].default}`));
    assert.ok(fates.every(({ fate, key, as }) => fate === 'TAKEN' && as === key));
    for (const key of keys) assert.equal({ ...values, ...scripts }[key], OPTIONS[key].default, key);
  });

  it('are found in other spellings', () => {
    for (const [key, as] of [
      ['ldap.base.url', 'ldap.baseurl'],
      ['ldap.basedn', 'ldap.baseDn'],
      ['ldap.attrib.last.name', 'ldap.attrib.lastName'],
      ['ldap.attrib.LASTNAME', 'ldap.attrib.lastName'],
      ['ldap.attrib.employee_type', 'ldap.attrib.employeeType'],
      ['ldap.attrib.country', 'ldap.attrib.countryCode'],
    ] as const) {
      const { keys, values } = migrated(`${key}=x`);
      assert.deepEqual(
        keys.map((one) => [one.fate, one.as]),
        [['RENAMED', as]],
        key,
      );
      assert.equal(values[as], 'x');
    }
  });

  it('are ignored with a reason where nobody knows them, and a password never shows', () => {
    const { keys, values } = migrated(
      'scim.password=c2VjcmV0LXBhc3N3b3Jk',
      'sync.threads=4',
      'ldap.attrib.shoeSize=x',
    );
    assert.deepEqual(
      keys.map(({ fate }) => fate),
      ['IGNORED', 'IGNORED', 'IGNORED'],
    );
    assert.deepEqual(values, {});
    assert.doesNotMatch(JSON.stringify(keys), /c2VjcmV0/);
    assert.match(keys[0]?.why ?? '', /c42uds --scim-password/);
  });

  it('keep what Java reads: escapes, ISO-8859-1, the last of two', () => {
    const { values, keys } = migrated(
      'ldap.baseDn=OU\\=B\xfcro,DC\\=example',
      'ldap.bind.user=CORP\\\\reader',
      'ldap.paging.size=1',
      'ldap.paging.size=2',
    );
    assert.equal(values['ldap.baseDn'], 'OU=B\u00fcro,DC=example');
    assert.equal(values['ldap.bind.user'], 'CORP\\reader');
    assert.equal(values['ldap.paging.size'], '2');
    assert.match(keys[2]?.why ?? '', /line 4 sets it again/);
  });
});
