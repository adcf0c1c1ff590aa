/** The demo directory asked by OpenLDAP's own client, where that is installed. */

import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { makeCompany } from '../../src/demo/company.ts';
import { startDemoDirectory, type DemoDirectory } from '../../src/demo/ldap-server.ts';

const skip = spawnSync('ldapsearch', ['-VV']).error === undefined ? false : 'ldapsearch is not installed';
const run = promisify(execFile);
let directory: DemoDirectory;

before(async () => {
  const { entries } = makeCompany({ kind: 'ACTIVE_DIRECTORY', size: 10_000 });
  directory = await startDemoDirectory({
    kind: 'ACTIVE_DIRECTORY',
    entries,
    bindDn: 'cn=reader',
    bindPassword: 'pw',
  });
});

after(() => directory.stop());

async function ldapsearch(...args: string[]): Promise<string> {
  const common = ['-x', '-LLL', '-o', 'ldif-wrap=no', '-H', directory.url, '-b', 'dc=example,dc=com'];
  const bind = ['-D', 'cn=reader', '-w', 'pw'];
  const { stdout } = await run('ldapsearch', [...common, ...bind, ...args], { maxBuffer: 64 * 1024 * 1024 });
  return stdout;
}

test('10,000 users are read in pages within seconds', { skip }, async () => {
  const started = performance.now();
  const filter = '(&(objectCategory=person)(objectClass=user))';
  const ldif = await ldapsearch('-E', 'pr=5000/noprompt', filter);
  assert.equal(ldif.match(/^dn:/gm)?.length, 10_000);
  assert.equal(directory.requests().searches, 10);
  // Alone on the machine it takes a third of a second; the limit leaves room for a busy one.
  assert.ok(performance.now() - started < 10_000);
});

test('without pages the cap ends the search with code 4', { skip }, async () => {
  await assert.rejects(
    ldapsearch('(objectClass=user)', '1.1'),
    (error: { code?: unknown; stderr?: unknown }) => {
      assert.match(String(error.stderr), /Size limit exceeded \(4\)/);
      return error.code === 4;
    },
  );
});

test('a long member list comes in slices', { skip }, async () => {
  const first = await ldapsearch('(cn=All Staff)', 'member');
  assert.equal(first.match(/^member;range=0-1499:/gm)?.length, 1500);
  assert.equal(
    (await ldapsearch('(cn=All Staff)', 'member;range=10-11')).match(/^member;range=10-11:/gm)?.length,
    2,
  );
});

test('a disabled account is found by its bit, a name by its umlaut', { skip }, async () => {
  assert.match(
    await ldapsearch('(userAccountControl:1.2.840.113556.1.4.803:=2)', '1.1', '-E', 'pr=500/noprompt'),
    /^dn:/,
  );
  const ldif = await ldapsearch(
    '(&(sn=M\\c3\\bcller)(givenName=J\\c3\\bcrgen))',
    'mail',
    '-E',
    'pr=500/noprompt',
  );
  assert.match(ldif, /^mail: juergen\.mueller/m);
});
