/** Finding a user whose creation is in doubt, whatever the service makes of filters. */

import { error, type Body } from '../servers/hostile-scim-store.ts';
import type { Script } from '../servers/hostile-scim.ts';
import { loseAnswer, loseRequest, refuse, say, EVER } from './behaviour.ts';
import { person, type Person, type Scenario } from './scenario.ts';

const ada = person('ada@example.com');

/** The answer to the creation is lost, so that the user has to be found; the service has this of its own besides. */
function finding(number: number, title: string, user: Person, service: Scenario['service']): Scenario {
  return {
    number,
    title,
    service: (server) => {
      service(server);
      server.on('POST', loseAnswer);
    },
    tasks: [{ provision: user }],
    expect: { ends: 'DONE', users: { [user.userName]: { externalId: user.externalId } }, requests: 5 },
  };
}

/** As Apache SCIMple does: a letter beyond ASCII in a filter is a 400. */
const refuseLetters: Script = async (step) => {
  const isOdd = /[^\x20-\x7e]/.test(step.seen.query.get('filter') ?? '');
  const answer = isOdd ? error(400, 'invalidFilter', 'bad letter') : await step.obey();
  step.send(answer.status, answer.body);
};

const named = (userName: string): Body => ({
  userName,
  externalId: person(userName).externalId,
  active: true,
  title: 'Clerk',
});

export const LOOKUP_SCENARIOS: readonly Scenario[] = [
  finding(16, 'quotes and backslashes in a userName', person('a"b\\c@example.com'), () => undefined),
  finding(17, '+ % # & blank and apostrophe', person("o'neil+100%#1 & co=x?@example.com"), () => undefined),
  finding(18, 'a 400 to a letter beyond ASCII', person('jürgen@example.com'), (server) =>
    server.on('GET', refuseLetters, EVER),
  ),
  {
    number: 19,
    title: 'a filter that misses a user on account of its letters',
    service: (server) => {
      server.store.add(named('a"b@example.com'));
      server.on(
        'GET',
        async (step) => {
          const misses = (step.seen.query.get('filter') ?? '').includes('\\');
          const { status, body } = await step.obey();
          step.send(status, misses ? { totalResults: 0 } : body);
        },
        EVER,
      );
    },
    tasks: [{ provision: person('a"b@example.com') }],
    expect: { ends: 'DONE', users: { 'a"b@example.com': { title: 'Analyst' } }, requests: 5 },
  },
  finding(20, 'several hits, one of them under our externalId', ada, (server) =>
    server.on('GET', (step) => {
      const [own] = server.store.named(ada.userName);
      const shown = own === undefined ? {} : server.store.show(own);
      step.send(200, { Resources: [{ ...shown, id: '1', externalId: 'other' }, shown] });
    }),
  ),
  {
    number: 20,
    title: 'several hits that nothing tells apart',
    service: (server) => {
      server.on('POST', loseRequest);
      server.on(
        'GET',
        say(200, { Resources: ['1', '2'].map((id) => ({ id, userName: ada.userName })) }),
        EVER,
      );
    },
    tasks: [{ provision: ada }],
    expect: { ends: 'FAILED', users: {}, requests: 4, words: /ada@example\.com/ },
  },
  {
    number: 21,
    title: 'no Resources member where nobody is found',
    service: (server) => {
      server.on('POST', loseRequest);
      server.on('GET', say(200, { totalResults: 0 }), EVER);
    },
    tasks: [{ provision: ada }],
    expect: { ends: 'DONE', users: { [ada.userName]: {} }, requests: 4 },
  },
  {
    number: 22,
    title: 'a hit in another case than asked',
    service: (server) => {
      server.store.add({ ...named('Ada@Example.COM'), externalId: ada.externalId });
    },
    tasks: [{ provision: ada }],
    expect: { ends: 'DONE', users: { [ada.userName]: { title: 'Analyst' } }, requests: 3 },
  },
  {
    number: 23,
    title: 'a name whose accents are composed otherwise',
    service: (server) => {
      server.store.add(named('jose\u0301@example.com'));
      server.on('POST', refuse(409, 'uniqueness'), EVER);
    },
    tasks: [{ provision: person('jos\u00e9@example.com') }],
    expect: { ends: 'DONE', users: { 'jos\u00e9@example.com': { title: 'Analyst' } }, requests: 4 },
  },
  finding(24, 'a filter that the service does not look at', ada, (server) => {
    const strangers = ['x', 'y'].map((id) => ({ id, userName: `${id}@example.com`, externalId: id }));
    server.on(
      'GET',
      (step) => {
        const own = server.store.named(ada.userName).map((user) => server.store.show(user));
        const isWhole = step.seen.query.get('filter') === null;
        const isPast = Number(step.seen.query.get('startIndex') ?? '1') > 3;
        const all = [...strangers, ...own];
        step.send(200, { totalResults: all.length, Resources: isPast ? [] : isWhole ? all : strangers });
      },
      EVER,
    );
  }),
  {
    number: 25,
    title: 'a hit without an id',
    service: (server) => {
      server.on('POST', loseRequest);
      server.on('GET', say(200, { Resources: [{ userName: ada.userName, externalId: ada.externalId }] }));
    },
    tasks: [{ provision: ada }],
    expect: { ends: 'DONE', users: { [ada.userName]: {} }, requests: 6 },
  },
  finding(26, 'attribute names in another case', ada, (server) =>
    server.on(
      'GET',
      async (step) => {
        const text = JSON.stringify((await step.obey()).body);
        step.send(
          200,
          text.replace(/"(userName|id|externalId|Resources)":/g, (key) => key.toUpperCase()),
        );
      },
      EVER,
    ),
  ),
];
