import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ListEnd } from '../../src/model/ports.ts';
import { Lab } from '../doubles/lab.ts';

/** What follows where the service's list ends too early, or shows fewer users than the service says it holds. */

const BROKEN: ListEnd = { reached: false, reason: 'it answers HTTP 400' };
const SILENT: ListEnd = { reached: true };

/** A first day: the service holds six users of the directory, and the last of them has left. */
async function firstDay(): Promise<Lab> {
  const lab = new Lab();
  for (const name of ['a', 'b', 'c', 'd', 'e', 'leaver']) lab.hire(name);
  await lab.run();
  lab.forgetState();
  lab.directory.change('id-leaver', { disabled: 'yes' });
  return lab;
}

function isLeaverOpen(lab: Lab): boolean | undefined {
  return lab.service.byName('leaver@example.com')?.resource.active;
}

/** Warnings that name both figures. */
function told(lab: Lab): string[] {
  return lab.logged.splice(0).filter((line) => line.includes('The list of the service has shown'));
}

describe('a walk over the list of the service', () => {
  for (const [how, end] of [
    ['breaks off', BROKEN],
    ['ends in silence', SILENT],
  ] as const) {
    it(`that ${how} is not taken for whole: the next run finds the leaver whom it did not show`, async () => {
      using lab = await firstDay();
      lab.service.listEnds = [{ after: 5, end }];
      await lab.run();
      assert.equal(isLeaverOpen(lab), true);
      const [warning, ...more] = told(lab);
      assert.match(warning ?? '', /shown 5 users, and the service says that it holds 6/);
      assert.deepEqual(more, []);
      assert.equal((await lab.run()).confirmed.DEACTIVATE, 1);
      assert.equal(isLeaverOpen(lab), false);
      assert.deepEqual(told(lab), []);
      const walks = lab.service.lists;
      await lab.run({ scope: 'FULL' });
      assert.equal(lab.service.lists, walks);
    });
  }

  it('is taken for whole where two in a row come to their end and leave out as many: the service counts others', async () => {
    using lab = await firstDay();
    lab.service.count = async () => lab.service.users.size + 3;
    await lab.run();
    assert.match(told(lab).join(), /shown 6 users, and the service says that it holds 9.*the next run/);
    lab.hire('f');
    await lab.run();
    assert.match(told(lab).join(), /shown 6 users.* taken for whole/);
    const walks = lab.service.lists;
    for (const scope of ['INCREMENTAL', 'FULL'] as const) await lab.run({ scope });
    assert.equal(lab.service.lists, walks);
    assert.deepEqual(told(lab), []);
  });

  it('that breaks off at the same place each time is made by full syncs alone, and told by each of them', async () => {
    using lab = await firstDay();
    const broken = { after: 5, end: BROKEN };
    lab.service.listEnds = Array.from({ length: 9 }, () => broken);
    await lab.run();
    await lab.run();
    assert.equal(told(lab).length, 2);
    const walks = lab.service.lists;
    for (let n = 0; n < 3; n += 1) await lab.run();
    assert.equal(lab.service.lists, walks);
    await lab.run({ scope: 'FULL' });
    assert.equal(lab.service.lists, walks + 1);
    assert.match(told(lab).join(), /Each --full-sync reads the list again/);
    lab.service.listEnds = [];
    assert.equal((await lab.run({ scope: 'FULL' })).confirmed.DEACTIVATE, 1);
    assert.equal(isLeaverOpen(lab), false);
  });

  it('that shows others each time is not made without end', async () => {
    using lab = await firstDay();
    for (let after = 0; after < 5; after += 1) {
      lab.service.listEnds = [{ after, end: SILENT }];
      lab.service.count = async () => 100 + after * 7;
      await lab.run();
    }
    assert.equal(told(lab).length, 5);
    const walks = lab.service.lists;
    await lab.run();
    assert.equal(lab.service.lists, walks);
  });

  it('that falls short in a run over a doubtful state makes the next run read everybody and walk again', async () => {
    using lab = await firstDay();
    await lab.run();
    assert.equal(isLeaverOpen(lab), false);
    lab.hire('late');
    lab.copyState('before');
    await lab.run();
    lab.restoreState('before');
    lab.directory.change('id-late', { disabled: 'yes' });
    lab.service.listEnds = [{ after: 2, end: BROKEN }];
    await lab.run();
    assert.equal(lab.service.byName('late@example.com')?.resource.active, true);
    await lab.run();
    assert.equal(lab.service.byName('late@example.com')?.resource.active, false);
  });
});
