/**
 * A year in a company's life, played on Active Directory and on OpenLDAP: what each change of the directory sends to
 * the SCIM service, in which run, and that it is sent once.
 */

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startDemoServiceProcess, type DemoServiceProcess } from '../servers/demo-process.ts';
import { accountLdif, employee, groupLdif, staffDn, teamDn } from '../servers/samba-people.ts';
import { sambaSkip, startSamba } from '../servers/samba.ts';
import { BASE_DN, groupDn, GROUPS_DN, PEOPLE_DN, person, personLdif } from '../servers/slapd-people.ts';
import { slapdSkip, startSlapd } from '../servers/slapd.ts';
import { holdTable, type ChangeRow } from './change-table.ts';
import { assertExit, Installation, type Scripts } from './installation.ts';

const USERS = 40;
const NEWCOMER = USERS + 1;

/** What the story needs to know of a directory; everything else in it is plain LDIF. */
interface Stage {
  readonly properties: Readonly<Record<string, string>>;
  readonly password: string;
  /** Whether a run may read users again who have not changed since: times are whole seconds, USNs are exact. */
  readonly readsAgain: boolean;
  /** Where the users are, and all that is searched. */
  readonly base: string;
  readonly outside: string;
  readonly dnOf: (number: number) => string;
  readonly rdn: (name: string) => string;
  groupDn(name: string): string;
  hire(number: number): string;
  /** Gives person 2 another DN; whoever reports to him names the new one. */
  renameManager(): string;
  modify(ldif: string): Promise<void>;
  stop(): Promise<void>;
}

const SCRIPTS: Scripts = {
  active: 'function (entry) { return entry.mail !== null && (Number(entry.userAccountControl) & 2) === 0; }',
  org: 'function (entry) { return entry.department; }',
  role: `function (entry) {
    var roles = ["Desktop User"];
    if (entry.list("memberOf").some(function (dn) { return /^cn=vip,/i.test(dn); })) roles.push("PROe User");
    if (entry.list("memberOfAll").some(function (dn) { return /^cn=admins,/i.test(dn); })) roles.push("Admin");
    return roles;
  }`,
};

async function samba(): Promise<Stage> {
  const vip = groupLdif(
    teamDn('vip'),
    [31, 32].map((number) => employee(number).dn),
  );
  const teams = groupLdif(teamDn('desk'), [employee(30).dn]) + groupLdif(teamDn('admins'), []);
  const server = await startSamba({ users: USERS, ldif: vip + teams });
  return {
    properties: {
      'ldap.baseurl': server.url,
      'ldap.baseDn': server.staffDn,
      'ldap.bind.user': 'reader@lab.test',
    },
    password: server.readerPassword,
    readsAgain: false,
    base: server.staffDn,
    outside: server.teamsDn,
    dnOf: (number) => staffDn(employee(number).uid),
    rdn: (name) => `CN=${name}`,
    groupDn: teamDn,
    hire: (number) => {
      const { uid, mail, sn, givenName, department } = employee(number);
      const attributes = { mail, sn, givenName, department };
      return accountLdif({ dn: staffDn(uid), sAMAccountName: uid, attributes });
    },
    // Active Directory keeps references by itself, and leaves no trace of that on the report.
    renameManager: () => move(staffDn(employee(2).uid), 'CN=the-boss', server.staffDn),
    modify: (ldif) => server.modify(ldif),
    stop: () => server.stop(),
  };
}

async function openLdap(): Promise<Stage> {
  const server = await startSlapd({ users: USERS });
  const members = [31, 32].map((number) => `member: ${person(number).dn}\n`).join('');
  const team = (name: string, list: string): string =>
    `dn: ${groupDn(name)}\nobjectClass: groupOfNames\ncn: ${name}\nmember: ${BASE_DN}\n${list}\n`;
  const desk = team('desk', `member: ${person(30).dn}\n`);
  await server.modify(team('vip', members) + desk + team('admins', ''));
  return {
    properties: {
      'ldap.baseurl': server.url,
      'ldap.baseDn': PEOPLE_DN,
      'ldap.bind.user': server.readerDn,
      // The whole story is younger than the usual minute, and would be read again from its beginning.
      'ldap.change.overlap.period': '0',
    },
    password: server.readerPassword,
    readsAgain: true,
    base: PEOPLE_DN,
    outside: GROUPS_DN,
    dnOf: (number) => person(number).dn,
    rdn: (name) => `uid=${name}`,
    groupDn,
    hire: (number) => personLdif({ ...person(number), manager: null, groups: [] }, { memberOf: false }),
    renameManager: () =>
      move(person(2).dn, 'uid=the-boss', PEOPLE_DN) +
      Array.from({ length: USERS }, (_, index) => person(index + 1))
        .filter(({ manager }) => manager === person(2).dn)
        .map(({ dn }) => replace(dn, 'manager', `uid=the-boss,${PEOPLE_DN}`))
        .join(''),
    modify: (ldif) => server.modify(ldif),
    stop: () => server.stop(),
  };
}

const replace = (dn: string, attribute: string, value: string | null): string =>
  `dn: ${dn}\nchangetype: modify\nreplace: ${attribute}\n${value === null ? '' : `${attribute}: ${value}\n`}\n`;
const move = (dn: string, rdn: string, parent: string): string =>
  `dn: ${dn}\nchangetype: modrdn\nnewrdn: ${rdn}\ndeleteoldrdn: 1\nnewsuperior: ${parent}\n\n`;
const member = (verb: 'add' | 'delete', group: string, dn: string): string =>
  `dn: ${group}\nchangetype: modify\n${verb}: member\nmember: ${dn}\n\n`;

/** What happens to a user, and what the next run sends about him: method and attributes. */
interface Event {
  readonly what: string;
  readonly user: number;
  readonly ldif: string;
  readonly sends: string;
}

/** All that happens before one run. */
type Chapter = readonly Event[];

const NOTHING = '';

function event(what: string, user: number, sends: string, ldif = ''): Event {
  return { what, user, sends, ldif };
}

/** The runs of the story after the first, each with what has happened before it. */
function story(stage: Stage): readonly Chapter[] {
  const { dnOf, rdn, base, outside } = stage;
  const vip = stage.groupDn('vip');
  const uid = (number: number): string => person(number).uid;
  const marriage =
    replace(dnOf(22), 'sn', 'Newlywed') +
    replace(dnOf(22), 'mail', 'newlywed@example.com') +
    replace(dnOf(22), 'userPrincipalName', 'newlywed@lab.test');
  const rename = move(vip, 'cn=gold', vip.slice(vip.indexOf(',') + 1));
  const [admins, desk] = [stage.groupDn('admins'), stage.groupDn('desk')];
  return [
    [event('nothing at all', 21, NOTHING)],
    [
      event('hired', NEWCOMER, 'POST', stage.hire(NEWCOMER)),
      event('title changed', 21, 'PATCH title', replace(dnOf(21), 'title', 'Astronaut')),
      event('married: surname, mail, UPN', 22, 'PATCH emails name userName', marriage),
      event('title cleared', 23, 'PATCH title', replace(dnOf(23), 'title', null)),
      event('given another manager', 24, 'PATCH manager', replace(dnOf(24), 'manager', dnOf(1))),
      event('disabled', 25, 'PATCH active', replace(dnOf(25), 'userAccountControl', '514')),
    ],
    [
      event('enabled again', 25, 'PATCH active', replace(dnOf(25), 'userAccountControl', '512')),
      event('renamed', 26, NOTHING, move(dnOf(26), rdn('somebody-else'), base)),
      event('a manager, renamed', 2, NOTHING, stage.renameManager()),
      event('deleted, absent once', 27, NOTHING, `dn: ${dnOf(27)}\nchangetype: delete\n\n`),
      event('moved out of the base', 28, NOTHING, move(dnOf(28), rdn(uid(28)), outside)),
    ],
    [
      event('deleted, absent twice', 27, 'PATCH active'),
      event('out of the base for two runs', 28, 'PATCH active'),
      event('title of the report changed', 21, 'PATCH title', replace(dnOf(21), 'title', 'Baker')),
    ],
    [event('moved back', 28, 'PATCH active', move(`${rdn(uid(28))},${outside}`, rdn(uid(28)), base))],
    [event('joined a group', 29, 'PATCH roles', member('add', vip, dnOf(29)))],
    [event('left a group', 31, 'PATCH roles', member('delete', vip, dnOf(31)))],
    [
      event('his group renamed', 32, 'PATCH roles', rename),
      event('his group renamed', 29, 'PATCH roles'),
      event('never in that group', 30, NOTHING),
    ],
    [event('his group put into another', 30, 'PATCH roles', member('add', admins, desk))],
    [event('his group taken out of it', 30, 'PATCH roles', member('delete', admins, desk))],
    [event('nothing at all', 21, NOTHING)],
  ];
}

/** "PATCH emails name" for a request: what of the user it touches. */
function describeRequest(method: string, body: string): string {
  if (method !== 'PATCH') return method;
  const operations = (JSON.parse(body) as { Operations: { path?: string; value?: unknown }[] }).Operations;
  const names = operations.flatMap(({ path, value }) => (path === undefined ? keysOf(value) : [path]));
  const short = names.map((name) => name.replace(/^urn:.*:/, '').replace(/[.[].*$/, ''));
  return `PATCH ${[...new Set(short)].sort().join(' ')}`;
}

function keysOf(value: unknown): string[] {
  return Object.entries(value ?? {}).flatMap(([key, inner]) =>
    /^urn:.*:User$/.test(key) ? keysOf(inner) : [key],
  );
}

/** The story on one kind of directory. */
function play(name: string, skip: string | false, open: () => Promise<Stage>): void {
  describe(`A company in ${name}`, { skip }, () => {
    let stage: Stage;
    let service: DemoServiceProcess;
    let installation: Installation;
    /** By entry number, since names change. */
    const ids = new Map<number, string>();

    before(async () => {
      stage = await open();
      service = await startDemoServiceProcess();
      const answers = { 'scim.baseurl': service.baseUrl, 'scim.username': service.username };
      const absence = { 'missed.user.check': 'true', 'deactivate.user.threshold': '2' };
      installation = new Installation({ ...stage.properties, ...answers, ...absence }, SCRIPTS);
      assertExit(await installation.storePasswords(stage.password, service.password), 0);
    });
    after(async () => {
      installation?.remove();
      await service?.stop();
      await stage?.stop();
    });

    /** Runs, and says what was sent about each user, by SCIM id; creations by userName. */
    async function run(): Promise<{ sent: Map<string, string[]>; read: number }> {
      await service.resetRequests();
      const finished = await installation.run(['--sync-now']);
      assertExit(finished, 0);
      const sent = new Map<string, string[]>();
      for (const { method, path, body } of await service.recorded()) {
        if (method === 'GET') continue;
        const key =
          method === 'POST'
            ? (JSON.parse(body) as { userName: string }).userName
            : (path.split('/').at(-1) ?? '');
        sent.set(key, [...(sent.get(key) ?? []), describeRequest(method, body)]);
      }
      return { sent, read: Number(/users read +(\d+)/.exec(finished.stdout)?.[1]) };
    }

    async function learnIds(): Promise<void> {
      const users = new Map((await service.users()).map(({ userName, id }) => [userName, id]));
      for (let number = 1; number <= NEWCOMER; number++) {
        const id = users.get(person(number).mail);
        if (id !== undefined) ids.set(number, id);
      }
    }

    it('begins with everybody, each created once', async () => {
      const { sent } = await run();
      assert.equal(sent.size, USERS);
      await learnIds();
      assert.equal(ids.size, USERS);
      assert.deepEqual(await service.duplicateOrgs(), []);
    });

    it('sends each change once, in the next run, and nothing else, as docs/directory-changes.md says', async () => {
      const rows: ChangeRow[] = [];
      for (const [number, events] of story(stage).entries()) {
        const ldif = events.map((one) => one.ldif).join('');
        if (ldif !== '') await stage.modify(ldif);
        const { sent, read } = await run();
        for (const { what, user, sends } of events) {
          const key = sends === 'POST' ? person(user).mail : (ids.get(user) ?? '?');
          const requests = sent.get(key) ?? [];
          rows.push({ run: number + 2, read: stage.readsAgain ? null : read, what, sent: requests });
          assert.deepEqual(requests, sends === NOTHING ? [] : [sends], `run ${number + 2}: ${what}`);
          sent.delete(key);
        }
        assert.deepEqual([...sent], [], `run ${number + 2} sends nothing that nobody asked for`);
        if (!stage.readsAgain) assert.ok(read <= events.length, `${read} read`);
        await learnIds();
      }
      holdTable(name, rows, 'test/e2e/samba-sync.test.ts');
    });

    it('leaves the service as the directory is', async () => {
      const users = await service.users();
      assert.equal(users.length, USERS + 1);
      assert.deepEqual(
        users.filter(({ active }) => !active).map(({ userName }) => userName),
        [person(27).mail],
      );
    });
  });
}

play('Active Directory', sambaSkip(), samba);
play('OpenLDAP', slapdSkip(), openLdap);
