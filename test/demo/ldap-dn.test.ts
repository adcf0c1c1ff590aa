/** Distinguished names of the demo directory. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dnKey, escapeDnValue, isUnder, parentDn } from '../../src/demo/ldap-dn.ts';

test('spellings of one name have one key', () => {
  const same = [
    'CN=Groß\\, Jörg,OU=People,DC=example,DC=com',
    'cn=groß\\2c j\\c3\\b6rg, ou=PEOPLE ,dc=Example,dc=com',
    ' cn = GROß\\, JöRG,ou=People,dc=example,dc=com',
  ];
  assert.equal(new Set(same.map(dnKey)).size, 1);
  assert.equal(dnKey('a=1+b=2,c=3'), dnKey('B=2+A=1,C=3'));
  assert.equal(dnKey(''), '');
});

test('a comma inside a value separates nothing', () => {
  assert.equal(parentDn('CN=a\\,b,OU=c'), 'OU=c');
  assert.equal(isUnder(dnKey('CN=x,OU=Research\\, Design,DC=d'), dnKey('OU=Research\\, Design,DC=d')), true);
  assert.equal(isUnder(dnKey('CN=x,OU=Research\\,OU=Design,DC=d'), dnKey('OU=Design,DC=d')), false);
  assert.equal(isUnder(dnKey('CN=x,DC=ad'), dnKey('DC=d')), false);
});

test('an escaped value comes back as it was', () => {
  for (const value of ['a,b', '#1', ' blank ', 'back\\slash', 'a+b="c"', 'plus;<>']) {
    const key = dnKey(`cn=${escapeDnValue(value)},dc=d`);
    assert.equal(key.split(',').length, 2, key);
  }
});

test('text that is no name is refused', () => {
  for (const text of ['people', 'cn', '=x', 'cn=a,,dc=b', 'c n=a'])
    assert.throws(() => dnKey(text), TypeError);
});
