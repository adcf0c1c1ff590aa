/** Changes that the service refuses, and the leavers of the same run. */

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { RunError, type ErrorCode } from '../../src/model/errors.ts';
import { Lab, RULES } from '../doubles/lab.ts';

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

it('a run that ends by SERVICE_REFUSED leaves who is absent to the next run', async () => {
  using lab = new Lab();
  lab.rules = { ...RULES, missedUserCheck: true, deactivateUserThreshold: 2, absentMaxPercent: 100 };
  for (const name of ['ann', 'ben', 'cyd']) lab.hire(name);
  await lab.run();
  lab.directory.remove('id-ben');
  await lab.run();
  lab.directory.change('id-ann', { sn: 'Other' });
  lab.service.beforeWrite = (_, user) => {
    if (user.active) throw new RunError('SERVICE_REFUSED', 'not this one');
    return undefined;
  };
  await assert.rejects(lab.run(), { code: 'SERVICE_REFUSED' });
  assert.equal(lab.service.byName('ben@example.com')?.resource.active, true);
  lab.service.beforeWrite = null;
  await lab.run();
  assert.equal(lab.service.byName('ben@example.com')?.resource.active, false);
});
