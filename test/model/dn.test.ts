import assert from 'node:assert/strict';
import { it } from 'node:test';
import { dnKey } from '../../src/model/dn.ts';

it('two spellings of one DN have one key', () => {
  const same: [string, string][] = [
    ['CN=Ann Lee,OU=Sales,DC=example,DC=com', 'cn=ann lee, ou=sales , dc = example,dc=com'],
    ['cn=Lee\\, Ann,o=x', 'CN=Lee\\2C Ann,O=X'],
    ['cn=J\\C3\\B6rg,o=x', 'cn=Jörg,o=x'],
    ['cn=a\\+b,o=x', 'cn=a\\2bb,o=x'],
    ['cn=Jo\u0308rg', 'cn=J\u00f6rg'],
  ];
  for (const [a, b] of same) assert.equal(dnKey(a), dnKey(b), `${a} and ${b}`);
});

it('different DNs have different keys', () => {
  const different: [string, string][] = [
    ['cn=a\\,b', 'cn=a,b'],
    ['cn=a,ou=b', 'cn=a\\,ou\\=b'],
    ['cn=a  b', 'cn=a b'],
    ['cn=ann', 'cn=anna'],
  ];
  for (const [a, b] of different) assert.notEqual(dnKey(a), dnKey(b), `${a} and ${b}`);
});
