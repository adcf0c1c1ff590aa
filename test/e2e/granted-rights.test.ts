/** Users whom the bind account is given the right to see, or gets back: nothing on their entries shows that. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { startDemoServiceProcess } from '../servers/demo-process.ts';
import { employee } from '../servers/samba-people.ts';
import { sambaSkip, startSamba } from '../servers/samba.ts';
import { BASE_DN, PEOPLE_DN, person } from '../servers/slapd-people.ts';
import { slapdSkip, startSlapd } from '../servers/slapd.ts';
import { assertExit, Installation, type Scripts } from './installation.ts';

const USERS = 12;
/** Whom the account sees only while it has the right to. */
const HIDDEN = [3, 5];

interface Stage {
  readonly properties: Readonly<Record<string, string>>;
  readonly password: string;
  readonly dnOf: (number: number) => string;
  /** So long, and something else, that what has happened lies before the next watermark: times are whole seconds. */
  pass(): Promise<void>;
  /** Gives the account the right to see the {@link HIDDEN}, or takes it back. */
  allow(sees: boolean): Promise<void>;
  modify(ldif: string): Promise<void>;
  stop(): Promise<void>;
}

/** No script reads groups: then nothing but the identities of everybody is looked at in every run. */
const SCRIPTS: Scripts = {
  active: 'function (entry) { return entry.title !== "Left"; }',
  org: 'function (entry) { return null; }',
  role: 'function (entry) { return null; }',
};

const setTitle = (dn: string, title: string): string =>
  `dn: ${dn}\nchangetype: modify\nreplace: title\ntitle: ${title}\n\n`;
const member = (verb: 'add' | 'delete', group: string, dn: string): string =>
  `dn: ${group}\nchangetype: modify\n${verb}: member\nmember: ${dn}\n\n`;

async function openLdap(): Promise<Stage> {
  const trusted = `cn=trusted,${BASE_DN}`;
  const access = HIDDEN.map(
    (number) => `access to dn.exact="${person(number).dn}" by group.exact="${trusted}" read by * none`,
  );
  const server = await startSlapd({ users: USERS, access: access.join('\n') });
  await server.modify(`dn: ${trusted}\nobjectClass: groupOfNames\ncn: trusted\nmember: ${BASE_DN}\n`);
  const pass = async (): Promise<void> => {
    await delay(2500);
    await server.modify(`dn: ${person(1).dn}\nchangetype: modify\nreplace: description\ndescription: x\n\n`);
  };
  return {
    properties: {
      'ldap.baseurl': server.url,
      'ldap.baseDn': PEOPLE_DN,
      'ldap.bind.user': server.readerDn,
      // The whole story is younger than the usual minute.
      'ldap.change.overlap.period': '0',
    },
    password: server.readerPassword,
    dnOf: (number) => person(number).dn,
    pass,
    allow: (sees) => server.modify(member(sees ? 'add' : 'delete', trusted, server.readerDn)),
    modify: (ldif) => server.modify(ldif),
    stop: () => server.stop(),
  };
}

async function samba(): Promise<Stage> {
  const server = await startSamba({ users: USERS });
  // [MS-DTYP] 2.5.1: guests may not read the entry; administrators may do all, everybody else may read.
  const descriptor = 'O:DAG:DAD:PAI(D;;RPLCLORC;;;BG)(A;;GA;;;DA)(A;;GA;;;SY)(A;;RPLCLORC;;;AU)';
  const deny = (number: number): string =>
    `dn: ${employee(number).dn}\nchangetype: modify\nreplace: nTSecurityDescriptor\nnTSecurityDescriptor: ${descriptor}\n\n`;
  const guests = `CN=Guests,CN=Builtin,${server.baseDn}`;
  await server.load(HIDDEN.map(deny).join(''));
  await server.modify(member('add', guests, server.readerDn));
  return {
    properties: {
      'ldap.baseurl': server.url,
      'ldap.baseDn': server.staffDn,
      'ldap.bind.user': 'reader@lab.test',
    },
    password: server.readerPassword,
    dnOf: (number) => employee(number).dn,
    pass: () => Promise.resolve(),
    allow: (sees) => server.modify(member(sees ? 'delete' : 'add', guests, server.readerDn)),
    modify: (ldif) => server.modify(ldif),
    stop: () => server.stop(),
  };
}

function suite(name: string, skip: string | false, open: () => Promise<Stage>): void {
  it(
    `${name}: are read in the next incremental run, whether they get an account or not, and once`,
    { skip },
    async () => {
      const stage = await open();
      const service = await startDemoServiceProcess();
      const installation = new Installation(
        {
          ...stage.properties,
          'scim.baseurl': service.baseUrl,
          'scim.username': service.username,
          'missed.user.check': 'true',
          'deactivate.user.threshold': '3',
          'ldap.referral': 'IGNORE',
        },
        SCRIPTS,
      );
      const run = async (): Promise<{ stdout: string; writes: number }> => {
        await service.resetRequests();
        const finished = await installation.run(['--sync-now', '--debug']);
        assertExit(finished, 0);
        const { writes } = await service.requests();
        return { stdout: finished.stdout, writes };
      };
      const isActive = async (number: number): Promise<boolean | undefined> =>
        (await service.users()).find((user) => user.userName === person(number).mail)?.active;
      const [first = 0, second = 0] = HIDDEN;
      try {
        assertExit(await installation.storePasswords(stage.password, service.password), 0);
        await stage.modify(setTitle(stage.dnOf(first), 'Left'));
        await stage.pass();
        assert.equal((await run()).writes, USERS - HIDDEN.length);
        await stage.allow(true);
        const granted = await run();
        assert.match(
          granted.stdout,
          /2 users are seen who are new here, or were away, though no change shows/,
        );
        assert.match(granted.stdout, /Reading 2 users again whom no run has judged/);
        assert.equal(granted.writes, 1);
        assert.deepEqual([await isActive(first), await isActive(second)], [undefined, true]);
        const idle = await run();
        assert.doesNotMatch(idle.stdout, /users are seen|Reading \d+ users again/);
        assert.equal(idle.writes, 0);
        // Out of sight, and changed meanwhile: one who has no account gets it, one who has one is brought up to date.
        await stage.allow(false);
        await stage.modify(setTitle(stage.dnOf(first), 'Back') + setTitle(stage.dnOf(second), 'Left'));
        await stage.pass();
        assert.equal((await run()).writes, 0);
        await stage.allow(true);
        assert.equal((await run()).writes, 2);
        assert.deepEqual([await isActive(first), await isActive(second)], [true, false]);
        // The same for an account that is closed by now.
        await stage.allow(false);
        await stage.modify(setTitle(stage.dnOf(second), 'Back'));
        await stage.pass();
        assert.equal((await run()).writes, 0);
        await stage.allow(true);
        assert.equal((await run()).writes, 1);
        assert.equal(await isActive(second), true);
        assert.equal((await run()).writes, 0);
      } finally {
        installation.remove();
        await service.stop();
        await stage.stop();
      }
    },
  );
}

describe('users whom the account is given the right to see', () => {
  suite('OpenLDAP', slapdSkip(), openLdap);
  suite('Samba', sambaSkip(), samba);
});
