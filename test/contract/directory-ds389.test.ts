/** The directory reader against 389 Directory Server. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openDirectory } from '../../src/ldap/directory.ts';
import type { Directory } from '../../src/model/ports.ts';
import { directorySettings, rememberingLog } from '../ldap/directory-fixture.ts';
import { ds389Skip, startDs389 } from '../servers/ds389.ts';
import type { Ds389 } from '../servers/ds389.ts';
import { person, personDn, PEOPLE_DN } from '../servers/slapd-people.ts';
import { directoryContract } from './directory-contract.ts';

const USERS = 40;

function open(server: Ds389): Directory {
  return openDirectory(
    directorySettings({
      'ldap.baseurl': server.url,
      'ldap.baseDn': server.baseDn,
      'ldap.bind.user': server.readerDn,
      'ldap.paging.size': 7,
      'ldap.change.overlap.period': 0,
    }),
    server.readerPassword,
    rememberingLog(),
  );
}

directoryContract('389 Directory Server', ds389Skip(), async () => {
  const server = await startDs389({ users: USERS });
  const dnOf = (uid: string): string => `uid=${uid},${PEOPLE_DN}`;
  return {
    people: Array.from({ length: USERS }, (_, i) => person(i + 1)),
    open: () => open(server),
    add: (uid) =>
      server.modify(
        `dn: ${dnOf(uid)}\nobjectClass: inetOrgPerson\nuid: ${uid}\ncn: ${uid}\nsn: New\nmail: ${uid}@example.com\nmanager: ${personDn(1)}\n`,
      ),
    setTitle: (uid, title) =>
      server.modify(`dn: ${dnOf(uid)}\nchangetype: modify\nreplace: title\ntitle: ${title}\n`),
    rename: (uid, newUid) =>
      server.modify(`dn: ${dnOf(uid)}\nchangetype: modrdn\nnewrdn: uid=${newUid}\ndeleteoldrdn: 1\n`),
    remove: (uid) => server.modify(`dn: ${dnOf(uid)}\nchangetype: delete\n`),
    stop: () => server.stop(),
  };
});

test(
  '389 Directory Server is recognized, and what follows from it is chosen',
  { skip: ds389Skip() },
  async () => {
    const server = await startDs389({ users: 1 });
    const directory = open(server);
    try {
      const facts = await directory.check();
      assert.deepEqual(
        [facts.kind, facts.identityAttribute, facts.userFilter, facts.changeTracking],
        ['389_DIRECTORY_SERVER', 'nsUniqueId', '(objectClass=inetOrgPerson)', 'MODIFY_TIMESTAMP'],
      );
    } finally {
      await directory.close();
      await server.stop();
    }
  },
);
