import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, describe, it } from 'node:test';
import { openState, type StateOptions } from '../../src/local/state.ts';
import type { Change } from '../../src/model/plan.ts';
import type { UserResource } from '../../src/model/user.ts';

const folder = mkdtempSync(join(tmpdir(), 'c42uds-state-'));
after(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;

function options(over: Partial<StateOptions> = {}): StateOptions {
  files += 1;
  return {
    path: join(folder, `state-${files}.db`),
    mode: 'LIVE',
    service: 'https://scim.example',
    scopeKey: 'scope',
    ...over,
  };
}

function resource(name: string): UserResource {
  return {
    userName: `${name}@example.com`,
    externalId: name,
    active: true,
    givenName: null,
    familyName: name,
    email: null,
    title: null,
    userType: null,
    country: null,
    department: null,
    division: null,
    manager: null,
    org: 'Sales',
    roles: null,
  };
}

function creation(name: string): Change {
  return {
    identity: name,
    dn: `uid=${name}`,
    kind: 'CREATE',
    cause: null,
    scimId: null,
    from: null,
    to: resource(name),
    attributes: ['userName'],
    awaitsManager: null,
  };
}

function confirm(path: StateOptions, name: string, scimId: string): void {
  const state = openState(path);
  state.confirm(creation(name), resource(name), [], { ok: true, scimId, how: 'CREATED', held: [] });
  state.close();
}

describe('the state file', () => {
  it('is created with mode 0600, side files too', () => {
    const path = options();
    const state = openState(path);
    state.fail({ identity: 'ann', dn: 'uid=ann', userName: null }, { stage: 'SEND', message: 'no' });
    for (const suffix of ['', '-wal', '-shm']) {
      assert.equal(statSync(path.path + suffix).mode & 0o777, 0o600, suffix);
    }
    state.close();
  });

  it('remembers confirmed users and their organizations for the next process', () => {
    const path = options();
    confirm(path, 'ann', '17');
    const state = openState({ ...path, mode: 'DRY' });
    assert.equal(state.scimIdOf('ann'), '17');
    assert.deepEqual(state.organizations(), ['Sales']);
    assert.deepEqual(state.population(), { known: 1, active: 1 });
    assert.equal(state.holderOf('ANN@example.com'), 'uid=ann');
    state.close();
  });

  it('cannot be written through a dry run', () => {
    const path = options();
    confirm(path, 'ann', '17');
    const state = openState({ ...path, mode: 'DRY' });
    assert.throws(
      () => state.fail({ identity: 'ann', dn: 'uid=ann', userName: null }, { stage: 'SEND', message: 'no' }),
      /readonly/,
    );
    state.close();
  });

  it('of a newer version is refused by name and left as it is', () => {
    const path = options();
    openState(path).close();
    const newer = new DatabaseSync(path.path);
    newer.exec('PRAGMA user_version = 99');
    newer.close();
    for (const mode of ['LIVE', 'DRY'] as const) {
      assert.throws(() => openState({ ...path, mode }), {
        code: 'STATE_NEWER',
        message: /state-\d+\.db.*newer version/,
      });
    }
  });

  it('of the first version is read by a dry run as it is, and brought forward by a live one', () => {
    const path = options();
    confirm(path, 'ann', '17');
    const old = new DatabaseSync(path.path);
    old.exec(`
      DROP TABLE traces;
      DROP TABLE change_log;
      DROP TABLE deviations;
      DROP INDEX users_missed;
      ALTER TABLE runs DROP COLUMN run_id;
      ALTER TABLE users DROP COLUMN vain_lookups;
      ALTER TABLE users DROP COLUMN sought_since;
      PRAGMA user_version = 1;`);
    old.close();
    for (const mode of ['DRY', 'LIVE', 'DRY'] as const) {
      const state = openState({ ...path, mode });
      assert.equal(state.scimIdOf('ann'), '17');
      assert.deepEqual(state.lostCreations(true), []);
      state.close();
    }
  });

  it('that is damaged, or a database of somebody else, is refused and left as it is', () => {
    const damaged = options();
    writeFileSync(damaged.path, 'this is no database at all, whatever its name says '.repeat(40));
    assert.throws(() => openState(damaged), { code: 'STATE_DAMAGED' });
    const foreign = options();
    const other = new DatabaseSync(foreign.path);
    other.exec('CREATE TABLE mine (x)');
    other.close();
    assert.throws(() => openState(foreign), { code: 'STATE_DAMAGED', message: /not one of c42uds/ });
  });

  it('of another service is refused once it knows users', () => {
    const path = options();
    openState(path).close();
    openState({ ...path, service: 'https://other.example' }).close();
    confirm(path, 'ann', '17');
    assert.throws(() => openState({ ...path, service: 'https://other.example' }), {
      code: 'STATE_FOREIGN',
      message: /scim\.baseurl is https:\/\/other\.example/,
    });
  });

  it(
    'in a folder that cannot be written is an error that names it',
    { skip: process.platform !== 'linux' },
    () => {
      // Even the superuser cannot create a file there.
      assert.throws(() => openState(options({ path: '/sys/state.db' })), {
        code: 'FOLDER_READ_ONLY',
        message: /\/sys\/state\.db/,
      });
    },
  );

  it('whose folder does not exist is an error that names it', () => {
    assert.throws(() => openState(options({ path: join(folder, 'nowhere', 'state.db') })), {
      code: 'FILE_UNREADABLE',
      message: /nowhere/,
    });
  });

  it('gives an id of the service to one user only', () => {
    const path = options();
    confirm(path, 'ann', '17');
    confirm(path, 'ann-anew', '17');
    const state = openState(path);
    assert.equal(state.scimIdOf('ann'), null);
    assert.equal(state.scimIdOf('ann-anew'), '17');
    state.close();
  });
});
