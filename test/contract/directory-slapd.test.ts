/** The directory reader against OpenLDAP. */

import { openDirectory } from '../../src/ldap/directory.ts';
import { directorySettings, rememberingLog } from '../ldap/directory-fixture.ts';
import { person, personDn, PEOPLE_DN } from '../servers/slapd-people.ts';
import { slapdSkip, startSlapd } from '../servers/slapd.ts';
import { directoryContract } from './directory-contract.ts';

const USERS = 40;

for (const pool of [false, true]) {
  directoryContract(`OpenLDAP (ldap.connection.pool=${pool})`, slapdSkip(), async () => {
    const slapd = await startSlapd({ users: USERS });
    const dnOf = (uid: string): string => `uid=${uid},${PEOPLE_DN}`;
    return {
      people: Array.from({ length: USERS }, (_, i) => person(i + 1)),
      open: () =>
        openDirectory(
          directorySettings({
            'ldap.baseurl': slapd.url,
            'ldap.baseDn': slapd.baseDn,
            'ldap.bind.user': slapd.readerDn,
            'ldap.paging.size': 7,
            'ldap.connection.pool': pool,
            // What changed within the seconds before counts as changed too: times in OpenLDAP are whole seconds.
            'ldap.change.overlap.period': 0,
          }),
          slapd.readerPassword,
          rememberingLog(),
        ),
      add: (uid) =>
        slapd.modify(
          `dn: ${dnOf(uid)}\nobjectClass: inetOrgPerson\nuid: ${uid}\ncn: ${uid}\nsn: New\nmail: ${uid}@example.com\nmanager: ${personDn(1)}\n`,
        ),
      setTitle: (uid, title) =>
        slapd.modify(`dn: ${dnOf(uid)}\nchangetype: modify\nreplace: title\ntitle: ${title}\n`),
      rename: (uid, newUid) =>
        slapd.modify(`dn: ${dnOf(uid)}\nchangetype: modrdn\nnewrdn: uid=${newUid}\ndeleteoldrdn: 1\n`),
      remove: (uid) => slapd.modify(`dn: ${dnOf(uid)}\nchangetype: delete\n`),
      stop: () => slapd.stop(),
    };
  });
}
