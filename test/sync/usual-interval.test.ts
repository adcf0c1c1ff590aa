import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Lab } from '../doubles/lab.ts';
import { overrun, usualIntervalMs } from '../../src/sync/usual-interval.ts';

const HOUR_MS = 3_600_000;
const at = (hours: number): Date => new Date(Date.UTC(2026, 0, 1) + hours * HOUR_MS);

describe('the usual interval between live runs', () => {
  it('is the median of the distances between their starts, so that a night without runs changes nothing', () => {
    assert.equal(usualIntervalMs([at(3), at(2), at(1), at(0), at(14)]), HOUR_MS);
    assert.equal(usualIntervalMs([at(1), at(0)]), HOUR_MS);
    assert.equal(usualIntervalMs([at(0)]), null);
  });

  it('is warned of by a run that takes longer, and by no short one', () => {
    assert.match(overrun(1.5 * HOUR_MS, HOUR_MS) ?? '', /took 90\.0 minutes.*60\.0 minutes apart.*schedule/);
    assert.equal(overrun(HOUR_MS / 2, HOUR_MS), null);
    assert.equal(overrun(30_000, 10_000), null);
    assert.equal(overrun(HOUR_MS, null), null);
  });

  it('comes from the runs that the state remembers', async () => {
    using lab = new Lab();
    lab.hire('ann');
    const state = lab.openState('LIVE');
    // A run that began every minute so far: this one is dated to have begun an hour ago.
    for (let n = 0; n < 12; n += 1) {
      const startedAt = new Date(Date.now() - (20 - n) * 60_000).toISOString();
      state.runs.add({ mode: 'LIVE', scope: 'FULL', startedAt, durationMs: 1, exitCode: 0, counts: {} });
    }
    assert.equal(usualIntervalMs(state.runs.starts()), 60_000);
    assert.equal(state.runs.starts().length, 10, 'what was usual long ago is not usual now');
    state.close();
  });
});
