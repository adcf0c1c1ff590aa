import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { valuesOf, type Entry } from '../../src/model/entry.ts';
import type { NamedJudge } from '../../src/model/ports.ts';
import { Lab, RULES } from '../doubles/lab.ts';
import { byAttributes, type RuleJudge } from '../doubles/rule-judge.ts';

/** Scripts that name `disabled`, and look at `left` as well for the users that `looksFurther` picks. */
function naming(judge: RuleJudge, looksFurther: (entry: Entry) => boolean): NamedJudge {
  return {
    reads: ['disabled'],
    judge: async (entries) => {
      for (const entry of entries) assert.deepEqual(valuesOf(entry, 'photo'), [], 'read without being named');
      const judged = await judge.judge(entries);
      return judged.map((one, at) => (looksFurther(entries[at] as Entry) ? 'UNREAD' : one));
    },
  };
}

function labOf(looksFurther: (entry: Entry) => boolean): Lab {
  const lab = new Lab();
  lab.judge.rule = (entry) => {
    const decision = byAttributes(entry);
    return { ...decision, active: decision.active && valuesOf(entry, 'left').length === 0 };
  };
  lab.judge.named = naming(lab.judge, looksFurther);
  return lab;
}

describe('a run whose scripts name the attributes that they look at', () => {
  it('reads these and the mapped ones, and again with all whom a script looked at more of', async () => {
    using lab = labOf((entry) => entry.identity.endsWith('7'));
    for (let n = 0; n < 20; n += 1) lab.hire(`user${n}`, { photo: 'x', ...(n === 7 ? { left: 'yes' } : {}) });
    const result = await lab.run({ scope: 'FULL' });
    assert.equal(result.exitCode, 0);
    assert.equal(result.confirmed.CREATE, 19);
    assert.equal(result.verdict.entryCount, 20);
    assert.equal(lab.service.byName('user7@example.com') ?? null, null);
    assert.deepEqual(
      lab.directory.queries.map(({ attributes, anyOf }) => [attributes, anyOf?.values ?? null]),
      [
        ['NAMED', null],
        ['ALL', ['id-user7', 'id-user17']],
      ],
    );
  });

  it('reads everybody with all attributes where entries are not found by their identity', async () => {
    using lab = labOf((entry) => entry.identity.endsWith('7'));
    lab.rules = { ...RULES, missedUserCheck: true, deactivateUserThreshold: 1 };
    for (let n = 0; n < 20; n += 1) lab.hire(`user${n}`);
    await lab.run({ scope: 'FULL' });
    lab.directory.change('id-user7', { left: 'yes' });
    const read = lab.directory.read.bind(lab.directory);
    // An identity attribute that the server does not compare: it answers with success and no entry.
    lab.directory.read = (query) =>
      read(query.anyOf?.attribute === null ? { ...query, anyOf: { ...query.anyOf, values: [] } } : query);
    const result = await lab.run({ scope: 'FULL' });
    assert.deepEqual([result.exitCode, result.confirmed.DEACTIVATE, result.confirmed.UPDATE], [0, 1, 19]);
    assert.equal(lab.service.byName('user7@example.com')?.resource.active, false);
    assert.equal(lab.service.byName('user17@example.com')?.resource.active, true);
  });

  it('reads everybody with all attributes when the scripts look at more of too many', async () => {
    using lab = labOf(() => true);
    for (let n = 0; n < 450; n += 1)
      lab.hire(`user${n}`, { photo: 'x', ...(n % 2 === 0 ? { left: 'yes' } : {}) });
    const result = await lab.run({ scope: 'FULL' });
    assert.equal(result.exitCode, 0);
    assert.equal(result.confirmed.CREATE, 225);
    assert.equal(result.verdict.entryCount, 450);
    assert.deepEqual(
      lab.directory.queries.map(({ attributes }) => attributes),
      ['NAMED', 'ALL'],
    );
  });

  it('counts nobody absent when the second look at a user failed', async () => {
    using lab = labOf((entry) => entry.identity === 'id-ann');
    for (const name of ['ann', 'ben']) lab.hire(name);
    await lab.run({ scope: 'FULL' });
    lab.rules = { ...lab.rules, missedUserCheck: true, deactivateUserThreshold: 1 };
    lab.directory.faults = [null, { afterPages: 0, reason: 'the connection was lost' }];
    const result = await lab.run({ scope: 'FULL' });
    assert.equal(result.exitCode, 4);
    assert.equal(result.confirmed.DEACTIVATE, 0);
    assert.equal(lab.service.byName('ann@example.com')?.resource.active, true);
  });
});
