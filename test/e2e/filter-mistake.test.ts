import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import type { Finished } from './command-line.ts';
import { GuardScene, guardText } from './guard-scene.ts';
import { assertExit } from './installation.ts';

/** 120 of 200 people have higher numbers. */
const FILTER = '(employeeNumber<=10080)';

describe('a filter mistake that hides 60 % of the users', () => {
  let scene: GuardScene;

  before(async () => {
    scene = await GuardScene.start({ 'deactivate.user.threshold': '2' });
    scene.installation.set({ 'ldap.search.filter': FILTER });
  });

  after(() => scene.stop());

  const run = (...words: string[]): Promise<Finished> => scene.installation.run(words);

  function offeredId({ stdout }: Finished): string {
    const id = /--approve ([0-9a-f]{12})$/m.exec(stdout)?.[1];
    assert.ok(id, stdout);
    return id;
  }

  it('is stopped every time with exit code 6, counts nobody as absent and writes nothing', async () => {
    for (let n = 0; n < 3; n += 1) {
      const stopped = await run('--sync-now');
      await scene.assertUntouched(stopped);
      assert.match(guardText(stopped), /guard\.absent\.max\.percent: 120 of 200 \(60\.0 %\)/);
      assert.match(stopped.stdout, /120 absent users are not counted, because the run was stopped/);
      assert.ok(stopped.stdout.split('\n').length < 30, 'the cause is not buried under users');
    }
    assert.match((await run()).stdout, /is absent from the search base \(1 of 2\): the entry is at /);
  });

  it('is counted once approved; the plan that then would deactivate 60 % is stopped again', async () => {
    const counted = await run('--sync-now', '--approve', offeredId(await run('--sync-now')));
    assertExit(counted, 0);
    assert.match(counted.stderr, /Approved, so past guard\.absent\.max\.percent: 120 of 200/);
    assert.equal((await scene.service.summary()).writes, 0);
    const stopped = await run('--sync-now');
    await scene.assertUntouched(stopped);
    assert.match(
      guardText(stopped),
      /deactivate\.max\.percent: 120 of 200 \(60\.0 %\) active users would be deactivated; the limit is 10 %\. The directory did not return them in too many runs\. Check ldap\.baseDn/,
    );
    assert.match((await run()).stdout, /is absent from the search base \(2 of 2\): the entry is at /);
  });

  it('names everybody in the file of --plan', async () => {
    assertExit(await run('--plan', 'plan.jsonl'), 6);
    const lines = readFileSync(scene.installation.path('plan.jsonl'), 'utf8').trimEnd().split('\n');
    const parsed = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    assert.equal(parsed.filter(({ kind, cause }) => kind === 'DEACTIVATE' && cause === 'ABSENT').length, 120);
    const absent = parsed.filter(({ type }) => type === 'absent');
    assert.equal(absent.length, 120);
    assert.ok(absent.every(({ missed, threshold }) => missed === 2 && threshold === 2));
  });

  it('is refused under the approved id after one more change, says what moved, and writes nothing', async () => {
    const id = offeredId(await run('--sync-now'));
    const moved = scene.people[40];
    assert.ok(moved);
    await scene.directory.modify(moved.dn, { replace: { title: 'Chief Moving Officer' } });
    const refused = await run('--sync-now', '--approve', id);
    await scene.assertUntouched(refused);
    assert.match(
      guardText(refused).split('\n')[0] ?? '',
      new RegExp(
        `Stopped by --approve: Plan ${id} was approved, but the plan is [0-9a-f]{12} now: ${moved.mail} came in\\.`,
      ),
    );
    await scene.directory.modify(moved.dn, { replace: { title: moved.title, employeeNumber: '10999' } });
    const hidden = await run('--sync-now', '--approve', id);
    await scene.assertUntouched(hidden);
    assert.match(guardText(hidden), new RegExp(`now: ${moved.mail} \\(absent\\) came in`));
    await scene.directory.modify(moved.dn, { replace: { employeeNumber: moved.employeeNumber } });
  });

  it('is carried out under the id of the plan that was reviewed, exactly as it was stopped', async () => {
    const id = offeredId(await run('--sync-now'));
    const done = await run('--sync-now', '--approve', id);
    assertExit(done, 0);
    const { byMethod, users } = await scene.service.summary();
    assert.equal(byMethod['PATCH'], 120);
    assert.deepEqual(Object.keys(byMethod).sort(), ['GET', 'PATCH']);
    const closed = users.filter((user) => !user.active).map((user) => user.userName);
    assert.deepEqual(
      closed.sort(),
      scene.people
        .slice(80)
        .map(({ mail }) => mail)
        .sort(),
    );
  });
});
