import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Decision } from '../../src/model/decision.ts';
import { firstValueOf, type Entry } from '../../src/model/entry.ts';
import type { ImpactKind, ScriptImpact } from '../../src/model/impact.ts';
import type { Preview } from '../../src/model/plan.ts';
import type { NamedJudge } from '../../src/model/ports.ts';
import { differingAttributes } from '../../src/model/user.ts';
import { impactSentence } from '../../src/sync/impact.ts';
import { dnOf, Lab } from '../doubles/lab.ts';
import { RuleJudge } from '../doubles/rule-judge.ts';
import { randomOf } from '../ldap/random.ts';

type Rule = (entry: Entry) => Decision;

function judgeBy(rule: Rule): RuleJudge {
  const judge = new RuleJudge();
  judge.rule = rule;
  return judge;
}

const ALL: Rule = () => ({ active: true, org: 'Old', roles: null });

/** Edits the scripts of a lab from one rule to another. */
function edit(lab: Lab, from: Rule, to: Rule): void {
  lab.former = judgeBy(from);
  lab.judge.rule = to;
  lab.scopeKey = 'edited';
}

function countsOf(impact: ScriptImpact | undefined): Partial<Record<ImpactKind, number>> {
  assert.ok(impact);
  const kinds = Object.entries(impact.kinds).filter(([, { count }]) => count > 0);
  return Object.fromEntries(kinds.map(([kind, { count }]) => [kind, count]));
}

const nameOf = (entry: Entry): string => firstValueOf(entry, 'uid') ?? '';

describe('the impact of edited scripts', () => {
  it('counts each kind, names the first, and writes nothing', async () => {
    using lab = new Lab();
    for (const name of ['ann', 'ben', 'cid', 'dan', 'eve', 'fay']) lab.hire(name);
    const before: Rule = (entry) => ({ active: nameOf(entry) !== 'fay', org: 'Old', roles: ['A'] });
    lab.judge.rule = before;
    await lab.run();
    edit(lab, before, (entry) => {
      const name = nameOf(entry);
      if (name === 'dan') throw new Error('orgscript.js line 3: no department');
      return {
        active: name !== 'ben',
        org: name === 'ann' ? 'New' : 'Old',
        roles: name === 'eve' ? ['B'] : ['a'],
      };
    });
    const { scriptImpact, writes } = await lab.run({ mode: 'DRY' });
    assert.deepEqual(writes, []);
    assert.deepEqual(countsOf(scriptImpact), { ORG: 1, DEACTIVATE: 1, FAILS: 1, ROLES: 1, CREATE: 1 });
    assert.equal(scriptImpact?.users, 5);
    assert.equal(scriptImpact.judged, 6);
    assert.equal(scriptImpact.otherChanges, 0);
    assert.deepEqual(scriptImpact.kinds.ORG.first, [
      {
        userName: 'ann@example.com',
        from: { active: true, org: 'Old', roles: ['A'] },
        to: { active: true, org: 'New', roles: ['a'] },
        failure: null,
      },
    ]);
    assert.match(scriptImpact.kinds.FAILS.first[0]?.failure ?? '', /no department/);
    assert.ok(lab.logged.includes(impactSentence(scriptImpact)));
    assert.match(impactSentence(scriptImpact), /\(orgscript\.js\): 5 users differ because of it, of 6/);
  });

  it('tells what the scripts change from what the directory changes', async () => {
    using lab = new Lab();
    for (const name of ['ann', 'ben', 'cid']) lab.hire(name);
    lab.judge.rule = ALL;
    await lab.run();
    lab.directory.change('id-ben', { title: 'Lead' });
    lab.hire('new');
    edit(lab, ALL, (entry) => ({ active: true, org: nameOf(entry) === 'ann' ? 'New' : 'Old', roles: null }));
    const { scriptImpact } = await lab.run({ mode: 'DRY' });
    assert.deepEqual(countsOf(scriptImpact), { ORG: 1 });
    assert.equal(scriptImpact?.otherChanges, 2);
  });

  it('counts those apart for whom nothing follows, and those who are spared', async () => {
    using lab = new Lab();
    for (const name of ['ann', 'ben']) lab.hire(name);
    lab.judge.rule = (entry) => ({ active: nameOf(entry) === 'ann', org: 'Old', roles: null });
    await lab.run();
    lab.directory.change('id-ann', { title: 'Lead' });
    const nobody: Rule = () => ({ active: false, org: 'Old', roles: null });
    edit(lab, nobody, (entry) => ({ active: nameOf(entry) === 'ann', org: 'New', roles: null }));
    const { scriptImpact } = await lab.run({ mode: 'DRY' });
    assert.equal(scriptImpact?.withoutEffect, 1);
    assert.deepEqual(countsOf(scriptImpact), { SPARED: 1, ORG: 1 });
  });

  it('says so when only the manager follows, whom the edited scripts create', async () => {
    using lab = new Lab();
    lab.hire('boss');
    lab.hire('ann', { manager: dnOf('boss') });
    const withoutBoss: Rule = (entry) => ({ active: nameOf(entry) !== 'boss', org: null, roles: null });
    lab.judge.rule = withoutBoss;
    await lab.run();
    edit(lab, withoutBoss, () => ({ active: true, org: null, roles: null }));
    const { scriptImpact } = await lab.run({ mode: 'DRY' });
    assert.deepEqual(countsOf(scriptImpact), { CREATE: 1, OTHER: 1 });
    const live = await lab.run();
    assert.equal(live.writes.length, 2);
  });

  it('is not told, and stops nobody, when the former scripts cannot judge any more', async () => {
    using lab = new Lab();
    lab.rules = { ...lab.rules, workQueueSize: 2 };
    const names = ['ann', 'ben', 'cleo', 'dora'];
    for (const name of names) lab.hire(name);
    lab.judge.rule = ALL;
    edit(lab, ALL, () => ({ active: true, org: 'New', roles: null }));
    const former = judgeBy(ALL);
    former.judge = () => Promise.reject(new Error('stopped 20 times in a row'));
    lab.former = former;
    const { scriptImpact, exitCode, writes } = await lab.run();
    assert.equal(scriptImpact, undefined);
    assert.equal(exitCode, 0);
    assert.equal(writes.length, names.length);
    assert.equal(lab.logged.filter((line) => line.includes('stopped 20 times in a row')).length, 1);
  });

  it('is told by the live run, too, before it sends anything', async () => {
    using lab = new Lab();
    lab.hire('ann');
    lab.judge.rule = ALL;
    await lab.run();
    edit(lab, ALL, () => ({ active: true, org: 'New', roles: null }));
    const { scriptImpact, writes } = await lab.run();
    assert.equal(scriptImpact?.users, 1);
    assert.deepEqual(writes, ['update org ann@example.com']);
  });
});

/** What the run would do or has to say about one user, as a text. */
function effectOf({ change, failure }: Preview): string {
  if (failure !== null) return 'fails';
  if (change === null || change.kind === 'NONE') return 'nothing';
  const attributes = change.from === null ? [] : differingAttributes(change.from, change.to);
  const values = attributes.map((name) => `${name}=${JSON.stringify(change.to[name])}`).sort();
  const whole = change.from === null ? JSON.stringify(change.to) : values.join();
  return `${change.kind} ${whole} ${change.awaitsManager}`;
}

describe('the prediction', () => {
  it('names exactly the users whom a dry run by either set of scripts treats otherwise, and the live run keeps it', async () => {
    for (let seed = 1; seed <= 25; seed += 1) {
      const random = randomOf(seed);
      const rule = (salt: number): Rule => {
        const table = new Map<string, Decision | null>();
        return (entry) => {
          const name = nameOf(entry);
          if (!table.has(name)) {
            const own = randomOf(salt * 1000 + Number(name.slice(1)));
            const roll = own.below(10);
            const org = own.pick(['A', 'B']);
            const roles = own.pick([null, ['R']]);
            table.set(name, roll === 0 ? null : { active: roll < 7, org, roles });
          }
          const decision = table.get(name) ?? null;
          if (decision === null) throw new Error('cannot judge');
          return decision;
        };
      };
      const old = rule(seed);
      const other = rule(seed + 500);
      const next: Rule = (entry) => (Number(nameOf(entry).slice(1)) % 3 === 0 ? other(entry) : old(entry));
      using lab = new Lab();
      lab.rules = { ...lab.rules, failedMaxPercent: 100 };
      for (let n = 0; n < 30; n += 1) {
        lab.hire(`u${n}`, random.below(10) < 6 ? { manager: dnOf(`u${random.below(30)}`) } : {});
      }
      lab.judge.rule = old;
      await lab.run();
      for (let n = 0; n < 4; n += 1) {
        lab.directory.change(`id-u${random.below(30)}`, { title: `T${n}` });
      }
      lab.hire('u30');

      lab.scopeKey = 'reads everybody';
      const byOld = await lab.run({ mode: 'DRY' });
      edit(lab, old, next);
      const predicted = await lab.run({ mode: 'DRY' });
      const before = new Map(byOld.previews.map((one) => [one.userName, effectOf(one)]));
      const differing = predicted.previews.filter((one) => before.get(one.userName) !== effectOf(one));
      assert.equal(predicted.scriptImpact?.users, differing.length, `seed ${seed}`);
      const planned =
        predicted.planned.CREATE +
        predicted.planned.UPDATE +
        predicted.planned.REACTIVATE +
        predicted.planned.DEACTIVATE;
      const byScripts = differing.filter((one) => !/^(fails|nothing)$/.test(effectOf(one))).length;
      assert.equal(predicted.scriptImpact.otherChanges, planned - byScripts, `seed ${seed}`);

      const live = await lab.run();
      assert.equal(live.planId, predicted.planId, `seed ${seed}`);
      assert.deepEqual(live.confirmed, { ...predicted.planned, NONE: 0 }, `seed ${seed}`);
      assert.deepEqual(live.scriptImpact, predicted.scriptImpact, `seed ${seed}`);
    }
  });
});

describe('attributes that only one of the two sets of scripts names', () => {
  /** As a judge whose scripts' texts tell what they look at. */
  function naming(judge: RuleJudge, reads: readonly string[]): NamedJudge {
    return { reads, judge: (entries) => judge.judge(entries) };
  }

  it('are read for both, whether or not the former scripts tell what they look at', async () => {
    using lab = new Lab();
    for (const name of ['ann', 'ben']) lab.hire(name, { wing: 'North', floor: 'First' });
    const by =
      (attribute: string): Rule =>
      (entry) => ({ active: true, org: firstValueOf(entry, attribute), roles: null });
    lab.judge.rule = by('wing');
    lab.judge.named = naming(lab.judge, ['wing']);
    await lab.run();
    edit(lab, by('wing'), by('floor'));
    lab.judge.named = naming(lab.judge, ['floor']);
    const { former } = lab;
    assert.ok(former);
    for (const named of [naming(former, ['wing']), null]) {
      former.named = named;
      const { scriptImpact } = await lab.run({ mode: 'DRY' });
      assert.deepEqual(countsOf(scriptImpact), { ORG: 2 });
      const [first] = scriptImpact?.kinds.ORG.first ?? [];
      assert.deepEqual([first?.from?.org, first?.to?.org], ['North', 'First']);
    }
  });

  it('lead to a second look at a user of whom the former scripts look at more', async () => {
    using lab = new Lab();
    for (const name of ['ann', 'ben']) lab.hire(name, { wing: 'North' });
    const before: Rule = (entry) => ({ active: true, org: firstValueOf(entry, 'wing'), roles: null });
    lab.judge.rule = before;
    await lab.run();
    edit(lab, before, () => ({ active: true, org: 'New', roles: null }));
    lab.judge.named = naming(lab.judge, ['wing']);
    const former = lab.former;
    assert.ok(former);
    former.named = {
      reads: [],
      judge: async (entries) => {
        const judgements = await former.judge(entries);
        return judgements.map((one, at) => (entries[at]?.identity === 'id-ann' ? 'UNREAD' : one));
      },
    };
    const { scriptImpact } = await lab.run({ mode: 'DRY' });
    assert.deepEqual(countsOf(scriptImpact), { ORG: 2 });
    assert.equal(scriptImpact?.kinds.ORG.first[0]?.from?.org, 'North');
  });
});
