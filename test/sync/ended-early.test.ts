/** What the runs after one that ended early send: as the program says of it (test/cli/run-output.test.ts). */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RunError } from '../../src/model/errors.ts';
import { Lab } from '../doubles/lab.ts';

/** A lab whose run ends before its second write. */
async function endedEarly(lab: Lab, scope: 'INCREMENTAL' | 'FULL'): Promise<void> {
  lab.rules = { ...lab.rules, clientThreads: 1 };
  let writes = 0;
  lab.service.beforeWrite = () => {
    writes += 1;
    if (writes > 1) throw new RunError('INTERRUPTED', 'Interrupted.');
    return undefined;
  };
  await assert.rejects(lab.run({ scope }), { code: 'INTERRUPTED' });
  lab.service.beforeWrite = null;
}

test('an incremental run goes on with the rest of one that ended early', async () => {
  using lab = new Lab();
  for (const name of ['ann', 'ben', 'cem']) lab.hire(name);
  await endedEarly(lab, 'INCREMENTAL');
  assert.deepEqual((await lab.run()).writes, ['create ben@example.com', 'create cem@example.com']);
});

test('a full sync that ended early has no rest: the next one begins again, another kind sends what has changed', async () => {
  using lab = new Lab();
  for (const name of ['ann', 'ben', 'cem']) lab.hire(name);
  await lab.run();
  lab.directory.change('id-cem', { title: 'Lead' });
  await endedEarly(lab, 'FULL');
  const sentTo = async (scope: 'INCREMENTAL' | 'FULL'): Promise<string[]> =>
    (await lab.run({ scope })).writes.map((write) => write.slice(write.lastIndexOf(' ') + 1));
  // Ben was on his way: nobody knows what the service holds of him.
  assert.deepEqual(await sentTo('INCREMENTAL'), ['ben@example.com', 'cem@example.com']);
  assert.deepEqual(await sentTo('FULL'), ['ann@example.com', 'ben@example.com', 'cem@example.com']);
});
