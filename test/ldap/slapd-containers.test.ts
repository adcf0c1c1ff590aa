/** Users of OpenLDAP who come into the search base with what they are in: nothing on themselves shows that. */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { openDirectory } from '../../src/ldap/directory.ts';
import { formatGeneralizedTime } from '../../src/ldap/generalized-time.ts';
import { PEOPLE_DN } from '../servers/slapd-people.ts';
import { slapdSkip, startSlapd } from '../servers/slapd.ts';
import type { Slapd } from '../servers/slapd.ts';
import { directorySettings, EVERYTHING, readToEnd, rememberingLog } from './directory-fixture.ts';

const HOLDERS = [
  ['ou=Merger', 'organizationalUnit'],
  ['o=Bought', 'organization'],
  ['l=Berlin', 'locality'],
  ['c=DE', 'country'],
  ['dc=merged', 'domain'],
  ['cn=Role', 'organizationalRole'],
  ['cn=App', 'applicationProcess'],
  // A person who holds others.
  ['sn=Boss', 'person\ncn: Boss'],
] as const;

describe('what is moved into the base of OpenLDAP', { skip: slapdSkip() }, () => {
  let slapd: Slapd;

  before(async () => {
    slapd = await startSlapd({ users: 3 });
    for (const [rdn, objectClass] of HOLDERS) {
      await slapd.modify(
        `dn: ${rdn},${slapd.baseDn}\nchangetype: add\nobjectClass: ${objectClass}\n\n` +
          `dn: uid=newcomer,${rdn},${slapd.baseDn}\nchangetype: add\nobjectClass: inetOrgPerson\ncn: New\nsn: Comer\n`,
      );
    }
  });
  after(() => slapd?.stop());

  test('makes the next incremental read a full one, whatever kind of holder it is', async () => {
    // Time stamps are whole seconds: nothing that was written so far may count as new.
    await delay(1010 - (Date.now() % 1000));
    const value = formatGeneralizedTime(Date.now());
    const since = { tracking: 'MODIFY_TIMESTAMP', serverId: null, value } as const;
    for (const [rdn] of HOLDERS) {
      const log = rememberingLog();
      const settings = directorySettings({
        'ldap.baseurl': slapd.url,
        'ldap.baseDn': PEOPLE_DN,
        'ldap.bind.user': slapd.readerDn,
        'ldap.change.overlap.period': 0,
      });
      const directory = openDirectory(settings, slapd.readerPassword, log);
      await directory.check();
      await slapd.modify(
        `dn: ${rdn},${slapd.baseDn}\nchangetype: modrdn\nnewrdn: ${rdn}\ndeleteoldrdn: 1\nnewsuperior: ${PEOPLE_DN}\n`,
      );
      const { entries, verdict, reason } = await readToEnd(directory.read({ ...EVERYTHING, since }));
      await directory.close();
      const newcomer = `uid=newcomer,${rdn},${PEOPLE_DN}`;
      await slapd.modify(
        `dn: ${newcomer}\nchangetype: delete\n\ndn: ${rdn},${PEOPLE_DN}\nchangetype: delete\n`,
      );
      assert.equal(verdict.complete, true, reason);
      assert.match(log.lines.join('\n'), new RegExp(`Reading every user: ${rdn},\\S+ changed since`));
      assert.ok(
        entries.some(({ dn }) => dn === newcomer),
        rdn,
      );
    }
  });
});
