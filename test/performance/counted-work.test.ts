/** Work that is counted, not timed: what costs too much of it is slow on every machine. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startDemoDirectory } from '../../src/demo/ldap-server.ts';
import { openDirectory } from '../../src/ldap/directory.ts';
import { Lab } from '../doubles/lab.ts';
import {
  directorySettings,
  EVERYTHING,
  PASSWORD,
  readToEnd,
  rememberingLog,
} from '../ldap/directory-fixture.ts';
import { countedStatements } from './counted-statements.ts';
import { plansOf } from './query-plans.ts';

const SMALL = 200;
const LARGE = 600;

/** Steps that go through all users, or all active ones; not those by an index that holds a few of them. */
const WALK =
  /^SCAN (users|u|m|mu|mk|own|old)\b(?!.*users_(unsettled|failed|missed|link_due))|users_active \(active=/;

function labOf(users: number): Lab {
  const lab = new Lab();
  for (let n = 0; n < users; n += 1) lab.hire(`user${n}`, { department: 'Sales', manager: 'uid=boss' });
  return lab;
}

/** Statements for each of the users by which two labs differ: what every run needs anyway falls out. */
async function perUser(
  run: (lab: Lab) => Promise<unknown>,
  prepare?: (lab: Lab) => Promise<unknown>,
): Promise<number> {
  const counts: number[] = [];
  for (const users of [SMALL, LARGE]) {
    using lab = labOf(users);
    await prepare?.(lab);
    counts.push(await countedStatements(() => run(lab)));
  }
  const [small = 0, large = 0] = counts;
  return (large - small) / (LARGE - SMALL);
}

describe('statements of SQLite', () => {
  it('are at most two for each user of a full dry run of new users, and little more than one for known ones', async () => {
    const dry = (lab: Lab): Promise<unknown> => lab.run({ mode: 'DRY', scope: 'FULL' });
    const ofNew = await perUser(dry);
    assert.ok(ofNew > 1 && ofNew < 2.2, `${ofNew} for each new user`);
    const ofKnown = await perUser(dry, (lab) => lab.run());
    assert.ok(ofKnown > 1 && ofKnown < 2.2, `${ofKnown} for each known user`);
  });

  it('of a run in which nothing changed do not grow with the number of known users', async () => {
    const idle = await perUser(
      (lab) => lab.run(),
      (lab) => lab.run(),
    );
    assert.equal(idle, 0);
  });

  it('of a run in which nothing changed look at nobody but those who are read, or due', async () => {
    using lab = labOf(LARGE);
    await lab.run();
    lab.directory.change('id-user3', { title: 'Lead' });
    await lab.run();
    const plans = await plansOf(() => lab.run());
    assert.ok(plans.length > 20, `${plans.length} statements`);
    const walks = plans.flatMap(({ sql, steps }) =>
      steps.filter((step) => WALK.test(step) && !/active = 0$/.test(sql)).map((step) => `${step}: ${sql}`),
    );
    assert.deepEqual(walks, []);
  });

  it('are at most 25 for each user who is created', async () => {
    const live = await perUser((lab) => lab.run());
    assert.ok(live > 5 && live <= 25, `${live} for each created user`);
  });
});

describe('batches of users', () => {
  it('are two at most: one with the scripts while the one before is stored', async () => {
    using lab = labOf(LARGE);
    const judge = lab.judge.judge.bind(lab.judge);
    let asked = 0;
    let unstored = 0;
    let together = 0;
    lab.judge.judge = (entries) => {
      asked += entries.length;
      return judge(entries);
    };
    lab.observe = {
      progress: (stage, done) => {
        if (stage !== 'COLLECT') return;
        unstored = Math.max(unstored, asked - done);
        together += asked > done ? 1 : 0;
      },
    };
    await lab.run({ mode: 'DRY', scope: 'FULL' });
    assert.equal(asked, LARGE);
    assert.ok(together > 20, `${together} times a batch was with the scripts while another was stored`);
    assert.ok(unstored * 2 <= lab.rules.workQueueSize, `${unstored} users were out at once`);
  });
});

describe('requests to the service', () => {
  it('are one for each new user, one for each changed one and none for the others', async () => {
    using lab = labOf(SMALL);
    assert.equal((await lab.run()).writes.length, SMALL);
    assert.equal((await lab.run()).writes.length, 0);
    for (const n of [3, 5, 8]) lab.directory.change(`id-user${n}`, { title: 'Lead' });
    assert.equal((await lab.run()).writes.length, 3);
  });
});

describe('what is asked of the directory', () => {
  const PAGE = 100;
  const PHOTO = 'x'.repeat(20_000);

  it('is one search a page, and no attribute that nobody names', async () => {
    const suffix = 'dc=example,dc=com';
    const bindDn = `cn=reader,${suffix}`;
    const server = await startDemoDirectory({
      kind: 'OPENLDAP',
      suffix,
      bindDn,
      bindPassword: PASSWORD,
      entries: Array.from({ length: 5 * PAGE }, (_, n) => ({
        dn: `uid=u${n},${suffix}`,
        attributes: {
          objectClass: ['top', 'person', 'organizationalPerson', 'inetOrgPerson'],
          ...{ uid: `u${n}`, cn: `u${n}`, sn: 'User', mail: `u${n}@example.com`, description: PHOTO },
        },
      })),
    });
    try {
      const costs = [];
      for (const attributes of ['ALL', 'NAMED'] as const) {
        const directory = openDirectory(
          directorySettings({
            'ldap.baseurl': server.url,
            'ldap.baseDn': suffix,
            'ldap.bind.user': bindDn,
            'ldap.paging.size': PAGE,
          }),
          PASSWORD,
          rememberingLog(),
        );
        await directory.check();
        const before = directory.cost?.();
        const read = await readToEnd(directory.read({ ...EVERYTHING, attributes, also: ['employeeType'] }));
        assert.equal(read.entries.length, 5 * PAGE);
        const after = directory.cost?.();
        assert.ok(before && after);
        costs.push({
          requests: after.requests - before.requests,
          entries: after.entries - before.entries,
          sent: after.bytesSent - before.bytesSent,
          read: after.bytesRead - before.bytesRead,
        });
        await directory.close();
      }
      const [all, named] = costs;
      assert.ok(all && named);
      for (const cost of costs) {
        assert.ok(cost.requests >= 5 && cost.requests <= 5 + 3, `${cost.requests} requests for five pages`);
        assert.ok(cost.sent / cost.requests < 1000, `${cost.sent} bytes sent`);
        assert.ok(cost.entries <= 5 * PAGE + 2, `${cost.entries} entries`);
      }
      assert.ok(named.read * 20 < all.read, `${named.read} bytes of named attributes, ${all.read} of all`);
    } finally {
      await server.stop();
    }
  });
});
