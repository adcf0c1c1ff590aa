/** The directory reader of the tool itself against the demo directory, as either kind of server. */

import { makeCompany } from '../../src/demo/company.ts';
import { startDemoDirectory } from '../../src/demo/ldap-server.ts';
import { openDirectory } from '../../src/ldap/directory.ts';
import { directoryContract } from '../contract/directory-contract.ts';
import { directorySettings, rememberingLog } from '../ldap/directory-fixture.ts';

const BIND = { bindDn: 'cn=reader,dc=example,dc=com', bindPassword: 'demo-ldap-password' };

for (const kind of ['OPENLDAP', 'ACTIVE_DIRECTORY'] as const) {
  directoryContract(`the demo directory as ${kind}`, false, async () => {
    const { entries, people, peopleBase } = makeCompany({ kind, size: 40 });
    // The contract names people by uid, which real Active Directories have too.
    const uids = new Map(people.map(({ dn, account }) => [dn, account]));
    const directory = await startDemoDirectory({
      kind,
      ...BIND,
      entries: entries.map(({ dn, attributes }) => ({
        dn,
        attributes: uids.has(dn) ? { ...attributes, uid: uids.get(dn) ?? null } : attributes,
      })),
    });
    const dnOf = (uid: string): string => {
      for (const entry of directory.entries()) if (entry.text('uid') === uid) return entry.dn;
      throw new Error(`nobody is ${uid}`);
    };
    const classes =
      kind === 'OPENLDAP'
        ? { objectClass: ['top', 'person', 'inetOrgPerson'] }
        : { objectClass: ['top', 'person', 'user'], objectCategory: 'CN=Person,CN=Schema,DC=example,DC=com' };
    return {
      people: people.map(({ dn, account, mail, lastName }) => ({
        dn,
        uid: account,
        mail,
        sn: lastName,
        groups: directory.find(dn)?.values('memberOf').map(String) ?? [],
      })),
      open: () =>
        openDirectory(
          directorySettings({
            'ldap.baseurl': directory.url,
            'ldap.baseDn': peopleBase,
            'ldap.bind.user': BIND.bindDn,
            'ldap.paging.size': 7,
            'ldap.change.overlap.period': 0,
          }),
          BIND.bindPassword,
          rememberingLog(),
        ),
      add: async (uid) => {
        const manager = people[0]?.dn ?? null;
        const own = { uid, cn: uid, sn: 'New', mail: `${uid}@example.com`, manager };
        directory.add(`uid=${uid},${peopleBase}`, { ...classes, ...own });
      },
      setTitle: async (uid, title) => void directory.modify(dnOf(uid), { replace: { title } }),
      rename: async (uid, newUid) => {
        directory.rename(dnOf(uid), `uid=${newUid},${peopleBase}`);
        directory.modify(`uid=${newUid},${peopleBase}`, { replace: { uid: newUid } });
      },
      remove: async (uid) => directory.remove(dnOf(uid)),
      stop: () => directory.stop(),
    };
  });
}
