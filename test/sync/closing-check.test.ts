/** Scripts that decide by chance. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Lab } from '../doubles/lab.ts';
import { byAttributes } from '../doubles/rule-judge.ts';

describe('an Active script that says something else when it is asked again', () => {
  it('closes nobody, and its users fail until it always says the same', async () => {
    using lab = new Lab();
    for (const name of ['ann', 'ben', 'cyd']) lab.hire(name);
    await lab.run();
    let asked = 0;
    lab.judge.rule = (entry) => {
      if (entry.identity === 'id-ann') asked += 1;
      return { ...byAttributes(entry), active: entry.identity !== 'id-ann' || asked === 3 };
    };
    const run = await lab.run({ scope: 'FULL' });
    assert.equal(asked, 3);
    assert.equal(run.exitCode, 3);
    assert.match(run.failures[0]?.failure.message ?? '', /asked again at once, that the user is active/);
    assert.equal(lab.service.byName('ann@example.com')?.resource.active, true);
    // The same answer each time from now on.
    assert.equal((await lab.run()).confirmed.DEACTIVATE, 1);
  });

  it('is not asked again of people whose accounts are closed, or who never had one', async () => {
    using lab = new Lab();
    for (const name of ['ann', 'ben', 'cyd']) lab.hire(name);
    lab.hire('dan', { disabled: 'yes' });
    lab.directory.change('id-cyd', { disabled: 'yes' });
    await lab.run();
    const asked: string[] = [];
    lab.judge.rule = (entry) => {
      asked.push(entry.identity);
      return byAttributes(entry);
    };
    await lab.run({ scope: 'FULL' });
    assert.equal(asked.length, 4);
    assert.equal(new Set(asked).size, 4);
  });
});
