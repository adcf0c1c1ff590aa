import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Entry } from '../../src/model/entry.ts';
import type { Instability } from '../../src/model/instability.ts';
import type { Judge } from '../../src/model/ports.ts';
import { findInstability, instabilitySentence, Sample, SHIFT_MS } from '../../src/sync/instability.ts';
import { judgeWith, user, type Scripts } from '../sandbox/scripted-judge.ts';

const NAMES = { active: 'activescript.js', org: 'orgscript.js', role: 'rolescript.js' };
const NOW = Date.UTC(2026, 5, 15, 9, 0, 0);
const CROWD = Array.from({ length: 40 }, (_, n) => user(`u${n}`, { n: [String(n)] }));

/** Judges the crowd with real scripts and asks a second time. */
async function check(scripts: Scripts): Promise<readonly Instability[]> {
  await using judge = await judgeWith(scripts, { clockMs: NOW });
  const judgements = await judge.judge(CROWD);
  const sample = CROWD.map((entry, at) => {
    const judgement = judgements[at];
    assert.ok(judgement);
    return { entry, user: entry.identity, judgement };
  });
  const openAt = (clockMs: number): Promise<Judge> => judgeWith(scripts, { clockMs });
  return findInstability(sample, { openAt, names: NAMES }, NOW);
}

function causes(found: readonly Instability[]): string[] {
  return found.map(({ name, cause }) => `${name} ${cause}`);
}

describe('a script that does not decide by the entry alone', () => {
  it('is found when it throws dice', async () => {
    const found = await check({
      org: 'function (entry) { return Math.random() < 0.5 ? "A" : "B"; }',
    });
    assert.deepEqual(causes(found), ['orgscript.js CHANCE']);
    assert.match(
      found.map(instabilitySentence)[0] ?? '',
      /^orgscript\.js answers by chance: for u\d+ it said [AB], then [AB] \(\d+ of 40 users asked twice\)/,
    );
  });

  it('is found when it remembers who came before', async () => {
    const found = await check({
      role: 'var seen = []; function (entry) { seen.push(entry.n); return seen.length > 20 ? ["Late"] : null; }',
    });
    assert.deepEqual(causes(found), ['rolescript.js ORDER']);
    assert.equal(found[0]?.users, 40);
    assert.deepEqual([found[0]?.first, found[0]?.second], ['none', 'Late']);
  });

  it('is told apart from one that compares with the date', async () => {
    const expires = (n: number): string => `new Date(${NOW} + ${n} * 3600000)`;
    const found = await check({
      active: `function (entry) { return entry.n !== "7" || ${expires(12)} > new Date(); }`,
      org: `function (entry) { return ${expires(24 * 365)} > new Date() ? "A" : "B"; }`,
      role: 'function (entry) { return ["Day " + new Date().getDay()]; }',
    });
    assert.deepEqual(causes(found), ['activescript.js TIME', 'rolescript.js TIME']);
    assert.deepEqual([found[0]?.user, found[0]?.first, found[0]?.second], ['u7', 'true', 'false']);
    assert.match(
      found.map(instabilitySentence)[0] ?? '',
      /depends on the time: for u7 it says true now and false in 37 hours/,
    );
  });

  it('is found when only its failures differ, and by its own name', async () => {
    const found = await check({
      org: 'var n = 0; function (entry) { n += 1; if (n === 1) throw new Error("first come"); return null; }',
    });
    assert.deepEqual(causes(found), ['orgscript.js ORDER']);
    assert.match(found[0]?.first ?? '', /first come/);
  });
});

describe('no false alarm', () => {
  it('is raised for scripts that decide by the entry, with tables, dates of their own and failures', async () => {
    const found = await check({
      active:
        'var cache = {}; function (entry) { cache[entry.n] = (cache[entry.n] || 0) + 1; return Number(entry.n) % 2 === 0; }',
      org: 'function (entry) { if (entry.n === "3") throw new Error("no org"); return "Org " + new Date(0).getFullYear(); }',
      role: 'var built = new Date(); function (entry) { return new Date() < built ? ["Past"] : ["Now"]; }',
    });
    assert.deepEqual(found, []);
  });

  it('is raised for a user who was stopped because the machine was busy', async () => {
    const busy = {
      ok: false,
      failure: { stage: 'SCRIPT', message: 'orgscript.js took longer than 5 ms' },
    } as const;
    const openAt = (): Promise<Judge> => judgeWith({});
    const [entry] = CROWD;
    assert.ok(entry);
    const sample = [{ entry, user: 'u0', judgement: busy }];
    assert.deepEqual(await findInstability(sample, { openAt, names: NAMES }, NOW), []);
  });
});

describe('the sample', () => {
  it('is the same whatever the order, and has its size', () => {
    const entries = Array.from({ length: 5000 }, (_, n) => user(`id-${n}`));
    const sampleOf = (list: readonly Entry[]): string[] => {
      const sample = new Sample(50);
      for (const entry of list) {
        sample.add(entry, { ok: true, decision: { active: true, org: null, roles: null } }, entry.identity);
      }
      return sample
        .judged()
        .map((one) => one.user)
        .sort();
    };
    const forward = sampleOf(entries);
    assert.equal(forward.length, 50);
    assert.deepEqual(sampleOf([...entries].reverse()), forward);
    // Not the first ones: those are often of one OU.
    assert.ok(forward.some((name) => Number(name.slice(3)) > 2500));
  });

  it('is asked on another day of the week and at another hour', () => {
    const later = new Date(NOW + SHIFT_MS);
    assert.notEqual(later.getUTCDay(), new Date(NOW).getUTCDay());
    assert.notEqual(later.getUTCHours(), new Date(NOW).getUTCHours());
    assert.notEqual(later.getUTCSeconds(), new Date(NOW).getUTCSeconds());
  });
});
