/** The directory reader against the demo directory, as both kinds of server that it can be. */

import { startDemoDirectory } from '../../src/demo/ldap-server.ts';
import { openDirectory } from '../../src/ldap/directory.ts';
import { directorySettings, PASSWORD, rememberingLog } from '../ldap/directory-fixture.ts';
import { directoryContract } from './directory-contract.ts';

const BASE = 'dc=example,dc=com';
const USERS = 30;
const GROUPS = 7;
const SURNAMES = ['Smith', 'Müller', 'Novák', 'Ito'];

const groupDn = (index: number): string => `cn=g${index},ou=Groups,${BASE}`;
const dnOf = (uid: string): string => `uid=${uid},ou=People,${BASE}`;

const people = Array.from({ length: USERS }, (_, index) => {
  const uid = `u${String(index).padStart(3, '0')}`;
  // The first is in all groups: more than the Active Directory below sends at a time.
  const groups = Array.from({ length: GROUPS }, (_, group) => group).filter(
    (group) => index % (group + 1) === 0,
  );
  const sn = SURNAMES[index % SURNAMES.length] ?? '';
  return { dn: dnOf(uid), uid, mail: `${uid}@example.com`, sn, groups: groups.map(groupDn) };
});

function personAttributes(uid: string, sn: string): Record<string, string | string[]> {
  return {
    objectClass: ['top', 'person', 'organizationalPerson', 'inetOrgPerson', 'user'],
    objectCategory: `CN=Person,CN=Schema,CN=Configuration,${BASE}`,
    ...{ uid, cn: uid, sn, mail: `${uid}@example.com`, userPassword: 'secret', sambaNTPassword: 'secret' },
  };
}

for (const kind of ['OPENLDAP', 'ACTIVE_DIRECTORY'] as const) {
  directoryContract(`The demo directory as ${kind}`, false, async () => {
    const groups = Array.from({ length: GROUPS }, (_, group) => ({
      dn: groupDn(group),
      attributes: {
        objectClass: ['top', 'groupOfNames'],
        member: people.filter((person) => person.groups.includes(groupDn(group))).map(({ dn }) => dn),
      },
    }));
    const server = await startDemoDirectory({
      kind,
      suffix: BASE,
      entries: [
        ...people.map(({ dn, uid, sn }) => ({ dn, attributes: personAttributes(uid, sn) })),
        ...groups,
      ],
      bindDn: `cn=reader,${BASE}`,
      bindPassword: PASSWORD,
      maxPageSize: 8,
      maxValueRange: 3,
    });
    return {
      people,
      open: () =>
        openDirectory(
          directorySettings({
            'ldap.baseurl': server.url,
            'ldap.baseDn': BASE,
            'ldap.bind.user': server.bindDn,
            'ldap.paging.size': 10,
          }),
          PASSWORD,
          rememberingLog(),
        ),
      add: async (uid) => void server.add(dnOf(uid), personAttributes(uid, 'New')),
      setTitle: async (uid, title) => void server.modify(dnOf(uid), { replace: { title } }),
      rename: async (uid, newUid) => {
        server.rename(dnOf(uid), dnOf(newUid));
      },
      remove: async (uid) => server.remove(dnOf(uid)),
      stop: () => server.stop(),
    };
  });
}
