import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { openState, type OpenState, type StateOptions } from '../../src/local/state.ts';
import type { Change } from '../../src/model/plan.ts';
import type { DesiredUser } from '../../src/model/state.ts';
import { USER_ATTRIBUTES, type UserResource } from '../../src/model/user.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'c42uds-learning-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function open(over: Partial<StateOptions> = {}): OpenState {
  const path = join(folder, 'state.db');
  return openState({ path, mode: 'LIVE', service: 'https://scim.example', scopeKey: 'scope', ...over });
}

function resource(name: string, over: Partial<UserResource> = {}): UserResource {
  const empty = Object.fromEntries(USER_ATTRIBUTES.map((attribute) => [attribute, null]));
  const own = { userName: `${name}@example.com`, externalId: name, active: true, org: 'Sales' };
  return { ...(empty as unknown as UserResource), ...own, ...over };
}

function change(name: string, to: UserResource): Change {
  const dn = `uid=${name}`;
  const rest = { cause: null, scimId: null, from: null, attributes: USER_ATTRIBUTES, awaitsManager: null };
  return { identity: name, dn, kind: 'CREATE', to, ...rest };
}

function confirm(state: OpenState, name: string, scimId: string, over: Partial<UserResource> = {}): void {
  const to = resource(name, over);
  state.confirm(change(name, to), to, USER_ATTRIBUTES, { ok: true, scimId, how: 'CREATED', held: [] });
}

function want(
  state: OpenState,
  name: string,
  over: Partial<UserResource> = {},
  managerDn: string | null = null,
): void {
  const wanted = resource(name, over);
  const { active, org, roles } = wanted;
  const user: DesiredUser = {
    identity: name,
    dn: `uid=${name}`,
    managerDn,
    userName: wanted.userName,
    decision: { active, org, roles },
    resource: wanted,
    failure: null,
  };
  state.addDesired([user]);
}

describe('learning from the list of the service', () => {
  it('leaves alone what was confirmed: a list may be old, or show less', () => {
    const state = open();
    confirm(state, 'ann', '1');
    want(state, 'ann');
    const shown: Partial<UserResource> = { ...resource('ann') };
    delete (shown as Record<string, unknown>)['org'];
    state.addFound({ scimId: '1', resource: shown });
    assert.equal(state.learn(false, true).taken, 0);
    assert.deepEqual([...state.comparisons('DIFFERING')], []);
    state.close();
  });

  it('gives nobody by name the account of somebody who is known or wanted himself', () => {
    for (const isKnown of [true, false]) {
      const state = open({ path: join(folder, `${isKnown}.db`) });
      if (isKnown) confirm(state, 'ann', '1');
      want(state, 'ann');
      // An inactive entry that claims the same name: its account would be closed.
      want(state, 'bob', { userName: 'ann@example.com', active: false });
      state.addFound({ scimId: '1', resource: resource('ann') });
      state.learn(true, true);
      assert.equal(state.scimIdOf('ann'), '1');
      assert.equal(state.scimIdOf('bob'), null);
      state.close();
    }
  });

  it('is due again for an older copy of the state, which does not know who was created since', () => {
    const state = open();
    state.beginWriting();
    state.remember({
      failures: [],
      watermark: null,
      absence: 'LEAVE',
      sawEverybody: true,
      linkedBy: null,
      retriedEverybody: true,
      sentEverybody: false,
      wholeRun: true,
      learned: true,
      shortWalk: null,
      notFound: [],
    });
    assert.equal(state.serviceList.isCompared(), true);
    state.close();
    const older = open({ mark: { latest: () => 99, raise: () => undefined } });
    assert.equal(older.serviceList.isCompared(), false);
    older.close();
  });
});

describe('a manager who gets another id', () => {
  it('after his report was sent with the old one is given to him in the next run', () => {
    const state = open();
    confirm(state, 'boss', '1');
    want(state, 'boss');
    want(state, 'ann', {}, 'uid=boss');
    confirm(state, 'boss', '2');
    // Planned before anybody knew of the new id, and sent after it.
    confirm(state, 'ann', '3', { manager: '1' });
    state.close();
    const next = open();
    assert.deepEqual(
      [...next.dependents('ALL')].map(({ known, manager }) => [known.identity, manager]),
      [['ann', { kind: 'KNOWN', scimId: '2' }]],
    );
    next.close();
  });
});

describe('two entries that had one DN after each other', () => {
  it('are not both found under it, though the run in which the second came died before its end', () => {
    const state = open();
    want(state, 'boss');
    confirm(state, 'boss', '1');
    state.close();
    const dying = open();
    const anew = resource('boss2', { userName: 'boss.anew@example.com' });
    const dn = 'uid=boss';
    const decision = { active: true, org: 'Sales', roles: null };
    dying.addDesired([
      {
        identity: 'boss2',
        dn,
        managerDn: null,
        userName: anew.userName,
        decision,
        resource: anew,
        failure: null,
      },
    ]);
    const creation = { ...change('boss2', anew), dn };
    dying.confirm(creation, anew, USER_ATTRIBUTES, { ok: true, scimId: '2', how: 'CREATED', held: [] });
    dying.close();
    const next = open();
    want(next, 'ann', {}, dn);
    assert.deepEqual(
      [...next.comparisons('ALL')].map(({ manager }) => manager),
      [{ kind: 'KNOWN', scimId: '2' }],
    );
    next.close();
  });
});

describe('a state file that a dead run has left its log beside', () => {
  it('is refused when an older copy was put in its place', () => {
    const path = join(folder, 'state.db');
    const state = open();
    for (let n = 0; n < 300; n += 1) confirm(state, `user${n}`, `${n}`);
    state.close();
    copyFileSync(path, `${path}.older`);
    const dying = open();
    for (let n = 0; n < 300; n += 7)
      confirm(dying, `user${n}`, `${n}`, { org: 'Legal', userName: `new${n}@example.com` });
    copyFileSync(`${path}-wal`, `${path}.log`);
    dying.close();
    const between = open();
    for (let n = 0; n < 600; n += 1) confirm(between, `more${n}`, `9${n}`);
    between.close();
    // What a hurried administrator leaves behind: one file of one day, the other of another.
    copyFileSync(path, `${path}.newer`);
    copyFileSync(`${path}.newer`, path);
    copyFileSync(`${path}.log`, `${path}-wal`);
    assert.throws(() => open(), { code: 'STATE_DAMAGED' });
  });
});
