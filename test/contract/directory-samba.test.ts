/** The directory reader against a real Active Directory domain controller, plain and encrypted. */

import { openDirectory } from '../../src/ldap/directory.ts';
import { directorySettings, rememberingLog } from '../ldap/directory-fixture.ts';
import { accountLdif, employee, staffDn } from '../servers/samba-people.ts';
import { sambaSkip, startSamba } from '../servers/samba.ts';
import { directoryContract } from './directory-contract.ts';

const USERS = 40;

for (const secure of [false, true]) {
  directoryContract(`Samba over ${secure ? 'ldaps' : 'ldap'}`, sambaSkip(), async () => {
    const samba = await startSamba({ users: USERS, strongAuth: secure });
    return {
      people: Array.from({ length: USERS }, (_, i) => employee(i + 1)),
      open: () =>
        openDirectory(
          directorySettings({
            'ldap.baseurl': secure ? samba.tlsUrl : samba.url,
            'ldap.baseDn': samba.staffDn,
            'ldap.bind.user': samba.readerDn,
            'ldap.connection.ca.file': samba.caFile,
            'ldap.connection.pool': secure,
            'ldap.paging.size': 7,
          }),
          samba.readerPassword,
          rememberingLog(),
        ),
      add: (uid) =>
        samba.modify(accountLdif({ dn: staffDn(uid), sAMAccountName: uid, attributes: { uid, sn: 'New' } })),
      setTitle: (uid, title) =>
        samba.modify(`dn: ${staffDn(uid)}\nchangetype: modify\nreplace: title\ntitle: ${title}\n`),
      rename: async (uid, newUid) =>
        samba.modify(
          `dn: ${staffDn(uid)}\nchangetype: modrdn\nnewrdn: CN=${newUid}\ndeleteoldrdn: 1\n\n` +
            `dn: ${staffDn(newUid)}\nchangetype: modify\nreplace: uid\nuid: ${newUid}\n`,
        ),
      remove: (uid) => samba.modify(`dn: ${staffDn(uid)}\nchangetype: delete\n`),
      stop: () => samba.stop(),
    };
  });
}
