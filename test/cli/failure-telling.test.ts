/** The end of a live run: who fails, since when, and who waits. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FailureTelling } from '../../src/cli/failure-telling.ts';
import { summaryLines } from '../../src/report/summary-text.ts';
import type { Outcome } from '../../src/model/plan.ts';
import { Lab, type LabRun } from '../doubles/lab.ts';

const REFUSED: Outcome = { ok: false, failure: { stage: 'SEND', message: 'ann@example.com: refused' } };

/** What an administrator reads at the end of the run, without what was told on the way. */
function endOf(lab: Lab, run: LabRun): string[] {
  lab.logged.splice(0);
  const telling = new FailureTelling(lab.log);
  for (const failed of run.failures) telling.tell(failed);
  lab.logged.splice(0);
  telling.tellRemaining(run);
  const waiting = summaryLines(run, []).flatMap(({ text }) => (text.startsWith('WAITING') ? [text] : []));
  return [...lab.logged, ...waiting];
}

test('every run names who goes on failing, how often and since when, and who waits for his next attempt', async () => {
  using lab = new Lab();
  lab.hire('ann');
  lab.service.beforeWrite = () => REFUSED;
  const since = lab.now.toISOString();
  assert.deepEqual(endOf(lab, await lab.run()), []);
  for (const attempt of [2, 3]) {
    lab.now = new Date(lab.now.getTime() + 60_000);
    assert.deepEqual(endOf(lab, await lab.run()), [
      `STILL FAILING ann@example.com: attempt ${attempt} since ${since}`,
    ]);
  }
  // After three attempts he is tried again in an hour only, and is not forgotten until then.
  const next = new Date(lab.now.getTime() + 3_600_000).toISOString();
  lab.now = new Date(lab.now.getTime() + 60_000);
  const run = await lab.run();
  assert.equal(run.exitCode, 3);
  assert.deepEqual(endOf(lab, run), [
    `WAITING ann@example.com: failed 3 times since ${since}, next attempt after ${next}: ann@example.com: refused (entry ${run.waiting[0]?.dn}, identity ${run.waiting[0]?.identity})`,
  ]);
});
