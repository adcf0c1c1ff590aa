/** A directory that is restored from a backup without saying so: the next incremental run notices and takes everybody as they are now. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { startDemoServiceProcess } from '../servers/demo-process.ts';
import { employee } from '../servers/samba-people.ts';
import { sambaSkip, startSamba } from '../servers/samba.ts';
import { PEOPLE_DN, person } from '../servers/slapd-people.ts';
import { slapdSkip, startSlapd } from '../servers/slapd.ts';
import { assertExit, Installation, type Scripts } from './installation.ts';

const USERS = 12;

interface Stage {
  readonly properties: Readonly<Record<string, string>>;
  readonly password: string;
  readonly dnOf: (number: number) => string;
  modify(ldif: string): Promise<void>;
  backUp(): Promise<void>;
  restore(): Promise<void>;
  stop(): Promise<void>;
}

const SCRIPTS: Scripts = {
  active: 'function (entry) { return true; }',
  org: 'function (entry) { return null; }',
  role: 'function (entry) { return null; }',
};

async function openLdap(): Promise<Stage> {
  const server = await startSlapd({ users: USERS });
  return {
    properties: {
      'ldap.baseurl': server.url,
      'ldap.baseDn': PEOPLE_DN,
      'ldap.bind.user': server.readerDn,
      'ldap.change.overlap.period': '0',
    },
    password: server.readerPassword,
    dnOf: (number) => person(number).dn,
    modify: (ldif) => server.modify(ldif),
    backUp: () => server.backUp(),
    restore: () => server.restore(),
    stop: () => server.stop(),
  };
}

async function samba(tracking: 'USN_CHANGED' | 'WHEN_CHANGED'): Promise<Stage> {
  const server = await startSamba({ users: USERS });
  return {
    properties: {
      'ldap.baseurl': server.url,
      'ldap.baseDn': server.staffDn,
      'ldap.bind.user': 'reader@lab.test',
      'ldap.change.tracking': tracking,
      'ldap.change.overlap.period': '0',
    },
    password: server.readerPassword,
    dnOf: (number) => employee(number).dn,
    modify: (ldif) => server.modify(ldif),
    backUp: () => server.backUp(),
    restore: () => server.restore(),
    stop: () => server.stop(),
  };
}

const setTitle = (dn: string, title: string): string =>
  `dn: ${dn}\nchangetype: modify\nreplace: title\ntitle: ${title}\n\n`;

/** @param after how many changes somebody makes between the restore and the next run */
async function play(stage: Stage, after: number): Promise<void> {
  const service = await startDemoServiceProcess();
  const installation = new Installation(
    {
      ...stage.properties,
      'scim.baseurl': service.baseUrl,
      'scim.username': service.username,
      'ldap.referral': 'IGNORE',
    },
    SCRIPTS,
  );
  const run = async (): Promise<string> => {
    const finished = await installation.run(['--sync-now']);
    assertExit(finished, 0);
    return finished.stdout;
  };
  try {
    assertExit(await installation.storePasswords(stage.password, service.password), 0);
    // Times are whole seconds: what comes lies behind the load, and the changes behind the backup.
    await delay(2500);
    await stage.modify(setTitle(stage.dnOf(1), 'Witness'));
    await run();
    await stage.backUp();
    await delay(2500);
    await stage.modify(setTitle(stage.dnOf(3), 'Diver') + setTitle(stage.dnOf(5), 'Diver'));
    const before = await run();
    assert.doesNotMatch(before, /Reading every user/);
    assert.match(before, /u000003@example\.com \(title: .* -> Diver\)/);
    assert.doesNotMatch(await run(), /Reading every user/);
    await stage.restore();
    const changes = Array.from({ length: after }, (_, n) => setTitle(stage.dnOf(7), `Number ${n}`));
    if (after > 0) await stage.modify(changes.join(''));
    const restored = await run();
    assert.match(restored, /Reading every user: .* the server was restored from an older copy/);
    for (const number of [3, 5]) {
      assert.match(
        restored,
        new RegExp(`${person(number).mail} \\(title: Diver -> ${person(number).title}\\)`),
      );
    }
    if (after > 0) assert.match(restored, new RegExp(`-> Number ${after - 1}\\)`));
    // Once: what is there now is what the next run compares with.
    assert.doesNotMatch(await run(), /Reading every user/);
  } finally {
    installation.remove();
    await service.stop();
    await stage.stop();
  }
}

describe('a directory that was restored from a backup and does not say so', () => {
  it('OpenLDAP, from slapcat by slapadd', { skip: slapdSkip() }, async () => {
    await play(await openLdap(), 0);
  });

  it('OpenLDAP, where somebody has changed an entry since', { skip: slapdSkip() }, async () => {
    await play(await openLdap(), 1);
  });

  it('Samba, changes by whenChanged', { skip: sambaSkip() }, async () => {
    await play(await samba('WHEN_CHANGED'), 1);
  });

  it('Samba, changes by USN, whose counter has come past where it was', { skip: sambaSkip() }, async () => {
    await play(await samba('USN_CHANGED'), 40);
  });
});
