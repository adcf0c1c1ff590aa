/** Groups of groups: what an entry gets as memberOfAll, on each kind of directory and in odd shapes of nesting. */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startDemoDirectory, type DemoDirectory } from '../../src/demo/ldap-server.ts';
import { GroupGraph } from '../../src/ldap/group-graph.ts';
import { openDirectory } from '../../src/ldap/directory.ts';
import type { DirectorySettings } from '../../src/ldap/directory.ts';
import { valuesOf, type Entry } from '../../src/model/entry.ts';
import type { DirectoryQuery } from '../../src/model/ports.ts';
import { randomOf } from './random.ts';
import { directorySettings, EVERYTHING, PASSWORD, readToEnd, rememberingLog } from './directory-fixture.ts';

function group(dn: string, attributes: Record<string, readonly string[]>): Entry {
  return { identity: dn.toLowerCase(), dn, attributes };
}

function all(graph: GroupGraph, attributes: Record<string, readonly string[]>, dn = 'cn=ann'): string[] {
  return [...valuesOf(graph.withGroups(group(dn, attributes)), 'memberOfAll')].sort();
}

test('groups of groups are found through memberOf, each once, and a circle ends', () => {
  const graph = new GroupGraph();
  graph.add(group('CN=a', { memberOf: ['CN=b', 'CN=c'] }));
  graph.add(group('CN=b', { memberOf: ['CN=d'] }));
  graph.add(group('CN=c', { memberOf: ['CN=d', 'CN=a'] }));
  graph.add(group('CN=d', { memberOf: ['CN=d', 'CN=b'] }));
  assert.deepEqual(all(graph, { memberOf: ['cn=A'] }), ['CN=b', 'CN=c', 'CN=d', 'cn=A']);
  assert.deepEqual(all(graph, { memberOf: ['CN=e'] }), ['CN=e']);
  assert.equal('memberOfAll' in graph.withGroups(group('cn=x', {})).attributes, false);
});

test('groups of groups are found through lists of members where there is no memberOf', () => {
  const graph = new GroupGraph();
  graph.add(group('cn=a', { member: ['UID=Ann, ou=People', 'uid=ben,ou=people'] }));
  graph.add(group('cn=b', { uniqueMember: ["cn=a#'0101'B", 'cn=b'] }));
  assert.deepEqual(all(graph, {}, 'uid=ann,ou=people'), ['cn=a', 'cn=b']);
});

test('groups that name their members by uid (posixGroup) are among them, and what those are in', () => {
  const graph = new GroupGraph();
  graph.add(group('cn=posix', { memberUid: ['ann', 'ben'] }));
  graph.add(group('cn=outer', { member: ['cn=posix'] }));
  assert.deepEqual(all(graph, { uid: ['x', 'ann'] }), ['cn=outer', 'cn=posix']);
  assert.deepEqual(all(graph, { uid: ['Ann'] }), []);
});

test('the primary group of Active Directory, which memberOf leaves out, is among them', () => {
  const graph = new GroupGraph();
  graph.add(group('CN=Domain Users', { objectSid: ['S-1-5-21-1-2-3-513'], memberOf: ['CN=Users'] }));
  graph.add(group('CN=Other Users', { objectSid: ['S-1-5-21-9-9-9-513'] }));
  const sid = { objectSid: ['S-1-5-21-1-2-3-1104'], primaryGroupID: ['513'] };
  assert.deepEqual(all(graph, sid), ['CN=Domain Users', 'CN=Users']);
});

test('an attribute of that name that the directory holds itself is left alone', () => {
  const graph = new GroupGraph();
  assert.deepEqual(all(graph, { memberOfAll: ['mine'], memberOf: ['cn=a'] }), ['mine']);
});

test('whatever the shape of the nesting, both ways lead to the same groups (100 random ones)', () => {
  const random = randomOf(7);
  for (let round = 0; round < 100; round++) {
    const size = 2 + random.below(12);
    const names = Array.from({ length: size }, (_, i) => `cn=g${i}`);
    const up = new Map(names.map((name) => [name, names.filter(() => random.below(5) === 0)]));
    const byParents = new GroupGraph();
    const byMembers = new GroupGraph();
    for (const name of names) {
      byParents.add(group(name, { memberOf: up.get(name) ?? [] }));
      byMembers.add(group(name, { member: names.filter((other) => up.get(other)?.includes(name)) }));
    }
    const expected = new Set<string>();
    const visit = (name: string): void => {
      if (expected.has(name)) return;
      expected.add(name);
      for (const parent of up.get(name) ?? []) visit(parent);
    };
    visit('cn=g0');
    for (const graph of [byParents, byMembers]) {
      assert.deepEqual(all(graph, { memberOf: ['cn=g0'] }), [...expected].sort());
    }
  }
});

for (const kind of ['ACTIVE_DIRECTORY', 'OPENLDAP'] as const) {
  describe(`nested groups of a directory of the kind ${kind}`, () => {
    const suffix = 'dc=test';
    let server: DemoDirectory;
    const settings = (): Partial<DirectorySettings> => ({
      'ldap.baseurl': server.url,
      'ldap.baseDn': `ou=people,${suffix}`,
      'ldap.bind.user': 'cn=reader',
    });
    const groupClass = kind === 'ACTIVE_DIRECTORY' ? ['top', 'group'] : ['groupOfNames'];

    before(async () => {
      const container = (name: string): { dn: string; attributes: Record<string, string[]> } => ({
        dn: `ou=${name},${suffix}`,
        attributes: { objectClass: ['top', 'organizationalUnit'] },
      });
      const person = (name: string): { dn: string; attributes: Record<string, string[]> } => ({
        dn: `cn=${name},ou=people,${suffix}`,
        attributes: {
          objectClass: [
            'top',
            'person',
            'organizationalPerson',
            kind === 'OPENLDAP' ? 'inetOrgPerson' : 'user',
          ],
          objectCategory: [`CN=Person,CN=Schema,CN=Configuration,${suffix}`],
          cn: [name],
          sn: [name],
        },
      });
      const team = (
        name: string,
        ...member: string[]
      ): { dn: string; attributes: Record<string, string[]> } => ({
        dn: `cn=${name},ou=groups,${suffix}`,
        attributes: {
          objectClass: groupClass,
          objectCategory: [`CN=Group,CN=Schema,CN=Configuration,${suffix}`],
          cn: [name],
          member: member.map((dn) => `${dn},${suffix}`),
        },
      });
      server = await startDemoDirectory({
        kind,
        suffix,
        bindDn: 'cn=reader',
        bindPassword: PASSWORD,
        entries: [
          { dn: suffix, attributes: { objectClass: ['top', 'domain'] } },
          container('people'),
          container('groups'),
          person('ann'),
          person('ben'),
          team('inner', 'cn=ann,ou=people'),
          team('middle', 'cn=inner,ou=groups', 'cn=outer,ou=groups'),
          team('outer', 'cn=middle,ou=groups'),
        ],
      });
    });
    after(() => server?.stop());

    const groupsOf = async (
      query: Partial<DirectoryQuery>,
      more: Partial<DirectorySettings> = {},
    ): Promise<Record<string, string[]>> => {
      const directory = openDirectory(
        directorySettings({ ...settings(), ...more }),
        PASSWORD,
        rememberingLog(),
      );
      try {
        await directory.check();
        const { entries, reason } = await readToEnd(directory.read({ ...EVERYTHING, ...query }));
        assert.equal(reason, '');
        const names = (entry: Entry): string[] =>
          valuesOf(entry, 'memberOfAll').map((dn) => dn.split(/[=,]/)[1] ?? '');
        return Object.fromEntries(entries.map((entry) => [entry.dn.split(/[=,]/)[1] ?? '', names(entry)]));
      } finally {
        await directory.close();
      }
    };

    test('are there where memberOfAll is asked for, with all attributes or alone, and else not', async () => {
      const expected = { ann: ['inner', 'middle', 'outer'], ben: [] };
      assert.deepEqual(await groupsOf({ also: ['memberOfAll'] }), expected);
      assert.deepEqual(await groupsOf({ attributes: ['memberOfAll'] }), expected);
      assert.deepEqual(await groupsOf({}), { ann: [], ben: [] });
    });

    test('groups are looked for below ldap.group.baseDn, and else in the naming context of the base', async () => {
      const below = { 'ldap.group.baseDn': `cn=inner,ou=groups,${suffix}` };
      const direct = kind === 'OPENLDAP' ? ['inner'] : ['inner', 'middle'];
      assert.deepEqual((await groupsOf({ also: ['memberOfAll'] }, below))['ann'], direct);
    });

    test('a group search that fails fails the read: nobody is judged as if he were in fewer groups', async () => {
      const elsewhere = { ...settings(), 'ldap.group.baseDn': `ou=nowhere,${suffix}` };
      const directory = openDirectory(directorySettings(elsewhere), PASSWORD, rememberingLog());
      await directory.check();
      const read = await readToEnd(directory.read({ ...EVERYTHING, also: ['memberOfAll'] }));
      await directory.close();
      assert.equal(read.entries.length, 0);
      assert.match(read.reason, /the groups for memberOfAll could not be read: .*noSuchObject/);
    });
  });
}
