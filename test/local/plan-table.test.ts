import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { openState } from '../../src/local/state.ts';
import type { Change, ChangeKind } from '../../src/model/plan.ts';
import type { DesiredUser, State } from '../../src/model/state.ts';
import type { UserResource } from '../../src/model/user.ts';

const folder = mkdtempSync(join(tmpdir(), 'c42uds-plan-'));
after(() => rmSync(folder, { recursive: true, force: true }));

function resource(name: string): UserResource {
  return {
    ...{ userName: `${name}@example.com`, externalId: name, active: true, givenName: null, familyName: name },
    ...{ email: null, title: null, userType: null, country: null, department: null, division: null },
    ...{ manager: null, org: null, roles: null },
  };
}

function change(name: string, kind: ChangeKind = 'CREATE', title: string | null = null): Change {
  const to = { ...resource(name), title };
  const from = kind === 'CREATE' ? null : resource(name);
  const scimId = kind === 'CREATE' ? null : name;
  return {
    ...{ identity: name, dn: `uid=${name}`, kind, cause: null, scimId, from, to },
    ...{ attributes: ['title'], awaitsManager: null },
  };
}

function wanted(name: string, failure: DesiredUser['failure'] = null): DesiredUser {
  const decision = { active: true, org: null, roles: null };
  const found = { identity: name, dn: `uid=${name}`, managerDn: null, userName: `${name}@example.com` };
  return { ...found, decision, resource: failure === null ? resource(name) : null, failure };
}

function withPlan<T>(batches: readonly (readonly Change[])[], look: (state: State) => T): T {
  const state = openState({
    path: join(folder, 'none.db'),
    mode: 'DRY',
    service: 'https://scim.example',
    scopeKey: 'scope',
  });
  try {
    for (const batch of batches) state.addChanges(batch);
    return look(state);
  } finally {
    state.close();
  }
}

const idOf = (...batches: readonly (readonly Change[])[]): string =>
  withPlan(batches, (state) => state.planId());

describe('the id of a plan', () => {
  it('is the same in whatever order and in however many batches its changes were found', () => {
    const [ann, ben, cleo] = [change('ann'), change('ben'), change('cleo', 'UPDATE')];
    assert.equal(idOf([ann, ben, cleo]), idOf([cleo], [ann], [ben]));
    assert.match(idOf([ann]), /^[0-9a-f]{12}$/);
  });

  it('is another one for one change more, less or otherwise', () => {
    const ids = [
      idOf(),
      idOf([change('ann')]),
      idOf([change('ann'), change('ben')]),
      idOf([change('ann'), change('ben', 'UPDATE')]),
      idOf([change('ann'), change('ben', 'UPDATE', 'Lead')]),
    ];
    assert.equal(new Set(ids).size, ids.length);
  });

  it('counts the first change of a user and no other', () => {
    assert.equal(idOf([change('ann'), change('ann', 'UPDATE')], [change('ann')]), idOf([change('ann')]));
  });
});

describe('the counts of a plan', () => {
  it('are those of the changes in it; who was read without any is counted as unchanged, who failed is not', () => {
    const plan = [
      change('ann'),
      change('ann', 'UPDATE'),
      change('ben', 'UPDATE'),
      change('gone', 'DEACTIVATE'),
    ];
    withPlan([plan.slice(0, 2), plan.slice(2)], (state) => {
      state.addDesired(['ann', 'ben', 'cleo', 'dora'].map((name) => wanted(name)));
      state.addDesired([wanted('eve', { stage: 'SCRIPT', message: 'no' })]);
      assert.deepEqual(state.planned(), { CREATE: 1, UPDATE: 1, REACTIVATE: 0, DEACTIVATE: 1, NONE: 2 });
      const names = (which: Parameters<State['changes']>[0]): string[] =>
        [...state.changes(which)].map(({ identity }) => identity);
      assert.deepEqual(names('UNREAD'), ['gone']);
      assert.deepEqual(names(['CREATE', 'DEACTIVATE']), ['ann', 'gone']);
      assert.deepEqual(names(['REACTIVATE']), []);
    });
  });
});
