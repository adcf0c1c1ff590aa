/** A clock that was a year ahead during one run. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { firstValueOf } from '../../src/model/entry.ts';
import { Lab, RULES } from '../doubles/lab.ts';

const DAY_MS = 86_400_000;
const YEAR_MS = 365 * DAY_MS;

describe('a clock that was a year ahead during one run', () => {
  it('keeps nobody from being looked at whose account may still be open', async () => {
    using lab = new Lab();
    for (const name of ['ann', 'ben', 'cyd']) lab.hire(name);
    await lab.run();
    lab.directory.change('id-ann', { disabled: 'yes' });
    lab.service.showsNothing = true;
    lab.service.transforms = (resource) => ({ ...resource, active: true });
    const right = lab.now;
    lab.now = new Date(right.getTime() + YEAR_MS);
    await lab.run();
    lab.now = new Date(right.getTime() + DAY_MS);
    assert.equal((await lab.run()).exitCode, 3);
  });

  it('does not put off for a year what the service refused', async () => {
    using lab = new Lab();
    for (const name of ['ann', 'ben', 'cyd']) lab.hire(name);
    await lab.run();
    lab.directory.change('id-ann', { disabled: 'yes' });
    lab.service.beforeWrite = () => ({ ok: false, failure: { stage: 'SEND', message: 'HTTP 500' } });
    const right = lab.now;
    for (let n = 0; n < 4; n += 1) {
      lab.now = new Date(right.getTime() + YEAR_MS + n * DAY_MS);
      await lab.run();
    }
    lab.service.beforeWrite = null;
    lab.now = new Date(right.getTime() + DAY_MS);
    assert.equal((await lab.run()).exitCode, 0);
    assert.equal(lab.service.byName('ann@example.com')?.resource.active, false);
  });

  it('is noticed by the next run, which reads everybody and brings back who was closed by date', async (t) => {
    using lab = new Lab();
    lab.judge.reads = ['Date'];
    lab.rules = { ...RULES, deactivateMaxPercent: 10 };
    for (let n = 0; n < 100; n += 1) lab.hire(`u${n}`, n < 8 ? { until: '20270101000000Z' } : {});
    lab.judge.rule = (entry) => {
      const until = firstValueOf(entry, 'until');
      const active = until === null || Date.UTC(Number(until.slice(0, 4)), 0, 1) > Date.now();
      return { active, org: null, roles: null };
    };
    const right = Date.UTC(2026, 0, 10);
    t.mock.timers.enable({ apis: ['Date'], now: right });
    const at = (ms: number): void => {
      t.mock.timers.reset();
      t.mock.timers.enable({ apis: ['Date'], now: ms });
      lab.now = new Date(ms);
    };
    at(right);
    await lab.run();
    at(right + YEAR_MS);
    assert.equal((await lab.run()).confirmed.DEACTIVATE, 8);
    at(right + DAY_MS);
    lab.logged.length = 0;
    assert.equal((await lab.run()).confirmed.REACTIVATE, 8);
    assert.match(lab.logged.join('\n'), /Reading every user: by the clock the last run was in the future/);
    at(right + 2 * DAY_MS);
    lab.logged.length = 0;
    await lab.run();
    assert.doesNotMatch(lab.logged.join('\n'), /in the future/);
  });
});
