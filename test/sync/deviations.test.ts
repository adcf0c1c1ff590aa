import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Lab } from '../doubles/lab.ts';

const LATER_MS = 30 * 60_000;

function later(lab: Lab): void {
  lab.now = new Date(lab.now.getTime() + LATER_MS);
}

function warnings(lab: Lab, pattern: RegExp): string[] {
  return lab.logged.splice(0).filter((line) => pattern.test(line));
}

describe('a service that takes a change and holds something else', () => {
  it('is told of once for each user and counted, nothing is sent again but by a full sync', async () => {
    using lab = new Lab();
    for (const name of ['ann', 'ben']) lab.hire(name, { title: 'a title that is too long' });
    lab.service.transforms = (user) => ({ ...user, title: user.title?.slice(0, 7) ?? null });
    const first = await lab.run();
    assert.equal(first.exitCode, 0);
    assert.equal(first.deviating, 2);
    assert.deepEqual(warnings(lab, /another value/), [
      'ann@example.com: the service took the change and holds another value for title; it is sent again by a full sync only.',
      'ben@example.com: the service took the change and holds another value for title; it is sent again by a full sync only.',
    ]);
    for (let n = 0; n < 2; n += 1) {
      const next = await lab.run();
      assert.deepEqual([next.writes, next.deviating], [[], 2]);
    }
    lab.directory.change('id-ann', { department: 'Sales' });
    assert.deepEqual((await lab.run()).writes, ['update department,org ann@example.com']);
    assert.equal((await lab.run({ scope: 'FULL' })).writes.length, 2);
    assert.deepEqual(warnings(lab, /another value/), []);

    lab.service.transforms = null;
    assert.equal((await lab.run({ scope: 'FULL' })).deviating, 0);
    assert.equal(lab.service.byName('ann@example.com')?.resource.title, 'a title that is too long');
  });

  it('is told of anew when it holds another value than before', async () => {
    using lab = new Lab();
    lab.hire('ann', { title: 'a title that is too long' });
    lab.service.transforms = (user) => ({ ...user, title: 'cut' });
    await lab.run();
    lab.service.transforms = (user) => ({ ...user, title: 'cut short' });
    await lab.run({ scope: 'FULL' });
    assert.equal(warnings(lab, /another value/).length, 2);
  });
});

describe('a deactivation that the service takes and does not show', () => {
  it('is no matter where the account is closed a little later', async () => {
    using lab = new Lab();
    lab.hire('ann');
    await lab.run();
    lab.service.transforms = (user) => ({ ...user, active: true });
    lab.directory.change('id-ann', { disabled: 'yes' });
    const closing = await lab.run();
    assert.equal(closing.confirmed.DEACTIVATE, 1);
    const held = lab.service.byName('ann@example.com');
    assert.ok(held !== undefined);
    held.resource = { ...held.resource, active: false };
    later(lab);
    const looked = await lab.run();
    assert.deepEqual([looked.writes, looked.deviating, looked.exitCode], [[], 0, 0]);
    lab.service.gets = 0;
    await lab.run();
    assert.equal(lab.service.gets, 1, 'nobody is looked for any more');
    assert.deepEqual(warnings(lab, /active/), []);
  });

  it('is warned of in every run while the account stays open, and mended by a full sync', async () => {
    using lab = new Lab();
    lab.hire('ann');
    await lab.run();
    lab.service.transforms = (user) => ({ ...user, active: true });
    lab.directory.change('id-ann', { disabled: 'yes' });
    await lab.run();
    for (let n = 0; n < 2; n += 1) {
      later(lab);
      assert.equal((await lab.run()).deviating, 1);
      assert.match(warnings(lab, /still active at the service/)[0] ?? '', /^ann@example\.com/);
    }
    lab.service.transforms = null;
    assert.equal((await lab.run({ scope: 'FULL' })).deviating, 0);
    assert.equal(lab.service.byName('ann@example.com')?.resource.active, false);
  });
});
