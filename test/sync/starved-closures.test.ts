/** Changes that the service refuses, and the leavers of the same run. */

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { RunError, type ErrorCode } from '../../src/model/errors.ts';
import { Lab } from '../doubles/lab.ts';

/** Whether a leaver is still active after a run that ended by `code` when it sent the change of somebody else. */
async function leaverIsActiveAfter(code: ErrorCode): Promise<boolean | undefined> {
  using lab = new Lab();
  for (const name of ['ann', 'ben', 'cyd']) lab.hire(name);
  await lab.run();
  lab.directory.change('id-ann', { sn: 'Other' });
  lab.directory.change('id-ben', { disabled: 'yes' });
  lab.service.beforeWrite = (_, user) => {
    if (user.active) throw new RunError(code, 'not this one');
    return undefined;
  };
  await assert.rejects(lab.run(), { code });
  return lab.service.byName('ben@example.com')?.resource.active;
}

it('a run that ends by SERVICE_REFUSED has deactivated its leavers', async () => {
  assert.equal(await leaverIsActiveAfter('SERVICE_REFUSED'), false);
});

it('a run whose service is not there sends nothing more', async () => {
  assert.equal(await leaverIsActiveAfter('SERVICE_UNREACHABLE'), true);
});
