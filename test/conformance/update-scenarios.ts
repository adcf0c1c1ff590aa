/** Updating, deactivating and renaming: what the service holds in the end is what was wanted, or the client says so. */

import { ENTERPRISE, type Body } from '../servers/hostile-scim-store.ts';
import type { HostileScim, Script } from '../servers/hostile-scim.ts';
import { instead, keepSilent, loseAnswer, loseRequest, obey, refuse, say, EVER } from './behaviour.ts';
import { person, type Person, type Scenario } from './scenario.ts';

const ada = person('ada@example.com');
const WRITES = /^(PATCH|PUT|POST)$/;

function stored(server: HostileScim): Body {
  return server.store.named(ada.userName)[0]?.body ?? {};
}

/** Ada gets other values, by default another title, and holds them in the end. */
function changing(
  number: number,
  title: string,
  requests: number,
  service: Scenario['service'],
  { to = { title: 'Countess' }, users, ...rest }: Partial<Scenario['expect']> & { to?: Partial<Person> } = {},
): Scenario {
  return {
    number,
    title,
    given: [ada],
    service,
    tasks: [{ change: ada.userName, to }],
    expect: { ends: 'DONE', users: users ?? { [ada.userName]: { title: 'Countess' } }, requests, ...rest },
  };
}

/** PATCH and PUT alike. */
function onWrites(server: HostileScim, script: Script, times = 1): void {
  server.on('PATCH', script, times);
  server.on('PUT', script, times);
}

/** Every body that was written since the user was made. */
function written(server: HostileScim): string {
  const bodies = server.seen.slice(1).filter((each) => WRITES.test(each.method));
  return JSON.stringify(bodies.map((each) => each.body));
}

export const UPDATE_SCENARIOS: readonly Scenario[] = [
  changing(27, 'a 200 with the user', 2, (server) => server.on('PATCH', obey)),
  changing(28, 'a 204', 2, (server) =>
    onWrites(
      server,
      instead((step) => void step.response.writeHead(204).end()),
    ),
  ),
  changing(
    29,
    'a 200 that shows the user unchanged, and is right',
    3,
    (server) =>
      onWrites(server, (step) => step.send(200, { ...stored(server), id: step.seen.path.split('/')[2] })),
    { users: { [ada.userName]: { title: 'Analyst' } }, words: /title/ },
  ),
  changing(30, 'a user removed by hand', 5, (server) => server.store.users.clear()),
  changing(30, 'a user removed and made again by hand', 5, (server) => {
    server.store.users.clear();
    server.store.add({ userName: ada.userName, externalId: ada.externalId, active: true, title: 'Clerk' });
  }),
  changing(30, 'a user removed by hand who is to be deactivated', 5, (server) => server.store.users.clear(), {
    to: { active: false },
    users: {},
  }),
  changing(31, 'a 412 in between', 4, (server) => onWrites(server, refuse(412))),
  changing(31, 'a 428', 4, (server) => onWrites(server, refuse(428))),
  changing(31, 'a 412 for ever', 10, (server) => onWrites(server, refuse(412), EVER), {
    ends: 'FAILED',
    users: { [ada.userName]: { title: 'Analyst' } },
    words: /ada@example\.com/,
  }),
  changing(32, 'a version that is only in meta.version', 4, (server) => {
    server.on('PATCH', refuse(412));
    server.on(
      'GET',
      instead((step, body) => step.send(200, body)),
      EVER,
    );
  }),
  changing(33, 'an attribute of the extension, where a nested object is an error', 3, () => undefined, {
    to: { department: 'Looms' },
    users: { [ada.userName]: { [ENTERPRISE]: { department: 'Looms' } } },
  }),
  changing(34, 'a cleared attribute', 3, () => undefined, {
    to: { title: null },
    users: { [ada.userName]: { title: undefined } },
    wrong: (server) =>
      /"title":(null|"")|"value":(null|"")/.test(written(server)) ? 'clears by an empty value' : null,
  }),
  changing(
    34,
    'a cleared attribute that is gone already',
    4,
    (server) => {
      delete stored(server)['title'];
      server.on('PATCH', refuse(400, 'noTarget'));
    },
    { to: { title: null }, users: { [ada.userName]: { title: undefined } } },
  ),
  changing(35, 'another mail where there is none', 3, (server) => void delete stored(server)['emails'], {
    to: { email: 'new@example.com' },
    users: { [ada.userName]: { emails: [{ value: 'new@example.com', type: 'work', primary: true }] } },
  }),
  changing(36, 'another mail', 3, () => undefined, {
    to: { email: 'new@example.com' },
    users: { [ada.userName]: {} },
    wrong: (server) => {
      const emails = (stored(server)['emails'] ?? []) as Body[];
      return emails.filter((each) => each['primary'] === true).length === 1
        ? null
        : 'not exactly one primary mail';
    },
  }),
  changing(
    37,
    'a service that shows active as a string',
    2,
    (server) =>
      server.on(
        'PATCH',
        instead((step, body) =>
          step.send(200, { ...body, active: body['active'] === true ? 'True' : 'False' }),
        ),
        EVER,
      ),
    { to: { active: false }, users: { [ada.userName]: { active: false } } },
  ),
  changing(38, 'a rename', 3, () => undefined, {
    to: { userName: 'ada.king@example.com', externalId: ada.externalId },
    users: { 'ada.king@example.com': { externalId: ada.externalId } },
  }),
  changing(
    39,
    "a rename onto another user's name",
    4,
    (server) => void server.store.add({ userName: 'taken@example.com', externalId: 'other' }),
    {
      to: { userName: 'taken@example.com' },
      ends: 'FAILED',
      users: { [ada.userName]: {}, 'taken@example.com': { externalId: 'other' } },
      words: /taken@example\.com/,
    },
  ),
  changing(39, 'a rename whose answer is lost', 4, (server) => onWrites(server, loseAnswer), {
    to: { userName: 'ada.king@example.com' },
    users: { 'ada.king@example.com': {} },
  }),
  {
    number: 40,
    title: 'roles in another order and case',
    service: (server) => {
      const { givenName, ...rest } = ada;
      server.store.add({
        userName: rest.userName,
        externalId: rest.externalId,
        active: true,
        name: { givenName },
        title: rest.title,
        emails: [{ value: rest.email, type: 'work', primary: true }],
        [ENTERPRISE]: { department: rest.department },
        roles: [{ value: 'proe user' }, { value: 'DESKTOP USER' }],
      });
    },
    tasks: [{ provision: { ...ada, roles: ['Desktop User', 'PROe User'] } }],
    expect: { ends: 'DONE', users: { [ada.userName]: {} }, requests: 2 },
  },
  changing(41, 'nothing to change', 0, () => undefined, {
    to: {},
    users: { [ada.userName]: { title: 'Analyst' } },
  }),
  changing(42, 'no PATCH: 501', 4, (server) => server.on('PATCH', refuse(501), EVER)),
  changing(
    42,
    'no PATCH: 405, and an attribute that is not ours',
    4,
    (server) => {
      stored(server)['nickName'] = 'Countess';
      server.on('PATCH', refuse(405), EVER);
    },
    { users: { [ada.userName]: { title: 'Countess', nickName: 'Countess' } } },
  ),
  changing(43, 'a ServiceProviderConfig that is missing', 3, (server) =>
    server.on('GET /ServiceProviderConfig', say(404), EVER),
  ),
  changing(43, 'a ServiceProviderConfig that is an HTML page', 3, (server) =>
    server.on('GET /ServiceProviderConfig', say(200, '<html>'), EVER),
  ),
  changing(55, 'an update whose request is lost', 3, (server) => onWrites(server, loseRequest)),
  changing(55, 'an update whose answer is lost', 4, (server) => onWrites(server, loseAnswer)),
  changing(55, 'an update that is never answered at first', 4, (server) => onWrites(server, keepSilent)),
  changing(55, 'an update that is answered 502 after it was done', 4, (server) =>
    onWrites(
      server,
      instead((step) => step.send(502, '<h1>Bad gateway</h1>')),
    ),
  ),
];
