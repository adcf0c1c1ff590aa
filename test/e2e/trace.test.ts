/** What `--trace` writes of a real run, and what it must never write. */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { startDemoServiceProcess, type DemoServiceProcess } from '../servers/demo-process.ts';
import { slapdSkip, startSlapd, type Slapd } from '../servers/slapd.ts';
import { assertExit, Installation } from './installation.ts';

/** As the directory holds it for each person. */
const USER_PASSWORD = 'secret-of-u000001';

/** Looks at every attribute, so that the directory is asked for all. */
const CURIOUS = {
  active: 'function (entry) { return Object.keys(entry).length > 0; }',
  org: 'function (entry) { return "Everybody"; }',
  role: 'function (entry) { return null; }',
};

describe('a trace', { skip: slapdSkip() }, () => {
  let slapd: Slapd;
  let service: DemoServiceProcess;
  let installation: Installation;

  before(async () => {
    slapd = await startSlapd({ users: 3 });
    service = await startDemoServiceProcess();
    installation = new Installation(
      {
        'ldap.baseurl': slapd.url,
        'ldap.baseDn': slapd.baseDn,
        'ldap.bind.user': slapd.readerDn,
        'ldap.connection.starttls': 'true',
        'ldap.connection.ca.file': slapd.caFile,
        'ldap.referral': 'IGNORE',
        'ldap.paging.size': '2',
        // Not in the list any more, and never shown all the same.
        'ldap.schema.attributes.sensitive': 'givenName',
        'ldap.attrib.firstName': '',
        'ldap.attrib.givenName': '',
        'scim.baseurl': service.baseUrl,
        'scim.username': service.username,
      },
      CURIOUS,
    );
    assertExit(await installation.storePasswords(slapd.readerPassword, service.password), 0);
  });
  after(async () => {
    installation?.remove();
    await service?.stop();
    await slapd?.stop();
  });

  function logText(): string {
    const folder = installation.path('logs');
    return readdirSync(folder)
      .map((name) => readFileSync(join(folder, name), 'utf8'))
      .join('');
  }

  it('of a live run holds every message of both sides, with sizes, on lines of that run', async () => {
    const before = logText().length;
    const ran = await installation.run(['--sync-now', '--trace']);
    assertExit(ran, 0);
    const text = logText().slice(before);
    for (const expected of [
      /sent to ldap:\S+ \(31 bytes\) #1 extended request 1\.3\.6\.1\.4\.1\.1466\.20037$/m,
      /received from ldap:\S+ \(\d+ bytes\) #1 extended answer result code 0$/m,
      /sent to .* bind simple as "cn=reader,dc=example,dc=com", credentials \[left out\]$/m,
      /received from .* bind answer result code 0$/m,
      /sent to .* search SUB "dc=example,dc=com" \(&?.*objectClass=inetOrgPerson\).* for \* .*, controls paged results$/m,
      /received from .* entry "uid=u000001,.*mail: /m,
      /received from .* search done result code 0, more pages$/m,
      /received from .* search done result code 0, last page$/m,
      /sent to .* unbind$/m,
      /sent POST \/Users: \(\d+ bytes\) \{.*"userName":/m,
      /received 201 to POST \/Users: \(\d+ bytes\) \{.*"id":/m,
      /sent GET .*: HTTP 200|GET .*: HTTP 200 \(\d+ ms\)/m,
    ]) {
      assert.match(text, expected);
    }
    const entries = text.match(/received from .* entry "uid=u0/g)?.length ?? 0;
    assert.ok(entries >= 3, `${entries} entries`);
    assert.equal(text.match(/sent POST \/Users:/g)?.length, 3);

    const ids = new Set(
      text
        .trimEnd()
        .split('\n')
        .map((line) => /^\S+ ([0-9a-f]{8}) \[/.exec(line)?.[1]),
    );
    assert.equal(ids.size, 1);
    const [id = ''] = ids;
    assert.ok(ran.stdout.includes(`(lines of run ${id})`), 'the console says which lines to look for');
  });

  it('holds no password, no hash of one, no Authorization header and no sensitive attribute', () => {
    const text = logText();
    const basic = Buffer.from(`${service.username}:${service.password}`).toString('base64');
    const hashed = Buffer.from(USER_PASSWORD).toString('base64');
    for (const secret of [slapd.readerPassword, service.password, basic, USER_PASSWORD, hashed]) {
      assert.ok(!text.includes(secret), secret);
    }
    assert.doesNotMatch(text, /authorization|Basic [\w+/=]{8}/i);
    assert.match(text, /userPassword: \[left out\]/, 'the server did send it');
    assert.match(text, /givenName: \[left out\]/, 'the server did send it');
  });

  it('stays in files that their owner alone can read: the console shows no message', async () => {
    const folder = installation.path('logs');
    for (const name of readdirSync(folder)) assert.equal(statSync(join(folder, name)).mode & 0o777, 0o600);
    const ran = await installation.run(['--full-sync', '--trace']);
    assertExit(ran, 0);
    assert.doesNotMatch(ran.stdout + ran.stderr, /TRACE|sent to|received from/);
    assert.match(ran.stdout, /personal data, but no password/);
  });

  it('with a bearer token holds no token either, and in JSON every line is an object of the run', async () => {
    installation.set({ 'scim.auth.type': 'BEARER', 'log.format': 'JSON' });
    assertExit(await installation.run(['--scim-password'], `${service.token}\n`), 0);
    assertExit(await installation.run(['--full-sync', '--trace']), 0);
    const text = logText();
    assert.ok(!text.includes(service.token));
    const lines = text.split('\n').filter((line) => line.startsWith('{'));
    const records = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    assert.ok(records.every(({ run }) => /^[0-9a-f]{8}$/.test(String(run))));
    assert.ok(records.some(({ level, msg }) => level === 'trace' && /received 200 to GET/.test(String(msg))));
  });
});
