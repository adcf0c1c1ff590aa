/** A state file that knows everybody of a generated directory as confirmed, without a service having been asked. */

import { DesiredUsers } from '../src/local/desired-users.ts';
import { KnownUsers } from '../src/local/known-users.ts';
import { inTransaction } from '../src/local/sql-rows.ts';
import { openStateFile } from '../src/local/state-file.ts';
import { openDirectory } from '../src/ldap/directory.ts';
import { dnKey } from '../src/model/dn.ts';
import { USER_ATTRIBUTES, type UserResource } from '../src/model/user.ts';
import { directorySettings, EVERYTHING, rememberingLog } from '../test/ldap/directory-fixture.ts';
import { person, type Person } from '../test/servers/slapd-people.ts';
import type { Slapd } from '../test/servers/slapd.ts';

/**
 * Writes what a first live run with the lab's scripts would have left of each user. The run after it must find nothing
 * to change; the watermark is its business.
 */
export async function seedState(path: string, slapd: Slapd): Promise<void> {
  const directory = openDirectory(
    directorySettings({
      'ldap.baseurl': slapd.url,
      'ldap.baseDn': slapd.baseDn,
      'ldap.bind.user': slapd.readerDn,
      'ldap.paging.size': 1000,
      'ldap.referral': 'IGNORE',
    }),
    slapd.readerPassword,
    rememberingLog(),
  );
  const database = openStateFile(path, 'LIVE');
  // Its scratch tables are asked for by the other one.
  new DesiredUsers(database);
  const users = new KnownUsers(database);
  try {
    await directory.check();
    const read = directory.read({ ...EVERYTHING, attributes: 'IDENTITIES' });
    for await (const { entries } of read.pages) {
      inTransaction(database, 'LIVE', () => {
        for (const { identity, dn } of entries) {
          const who = person(Number(/^uid=u(\d+),/.exec(dn)?.[1]));
          users.put({
            ...{ identity, dn, scimId: idOf(who.number), resource: resourceOf(who, identity) },
            settled: USER_ATTRIBUTES,
            managerDnKey: who.manager === null ? null : dnKey(who.manager),
          });
        }
      });
    }
    database.exec('UPDATE users SET link_due = 0; PRAGMA journal_mode = DELETE');
  } finally {
    database.close();
    await directory.close();
  }
}

function idOf(number: number): string {
  return `seeded-${number}`;
}

function resourceOf(who: Person, identity: string): UserResource {
  const manager = /^uid=u(\d+),/.exec(who.manager ?? '')?.[1];
  return {
    userName: who.mail,
    externalId: identity,
    active: true,
    givenName: who.givenName,
    familyName: who.sn,
    email: who.mail,
    title: who.title,
    userType: who.employeeType,
    country: who.c,
    department: who.department,
    division: who.division,
    manager: manager === undefined ? null : idOf(Number(manager)),
    org: who.department,
    roles: who.employeeType === 'Contractor' ? null : ['Desktop User', 'PROe User'],
  };
}
