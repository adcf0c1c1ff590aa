/** Cases of a SCIM client that the engine decides: what is sent, and in which order. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dnOf, Lab } from '../doubles/lab.ts';

test('case 83: a manager is named by his id at the service, and managers in a circle are linked in a second pass', async () => {
  using lab = new Lab();
  lab.hire('rep', { manager: dnOf('ann') });
  lab.hire('ann', { manager: dnOf('ben') });
  lab.hire('ben', { manager: dnOf('ann') });
  await lab.run();
  const idOf = (name: string): string | undefined => lab.service.byName(`${name}@example.com`)?.scimId;
  for (const [name, manager] of Object.entries({ rep: 'ann', ann: 'ben', ben: 'ann' })) {
    assert.equal(lab.service.byName(`${name}@example.com`)?.resource.manager, idOf(manager));
  }
  assert.deepEqual((await lab.run()).writes, []);
});

test('case 84: a country is sent as two capital letters, and left out where the directory has something else', async () => {
  using lab = new Lab();
  const countries: Record<string, [string, string | null]> = {
    ann: ['DE', 'DE'],
    ben: ['gb', 'GB'],
    cat: ['Germany', null],
    dan: ['DEU', null],
  };
  for (const [name, [c]] of Object.entries(countries)) lab.hire(name, { c });
  await lab.run();
  for (const [name, [, sent]] of Object.entries(countries)) {
    assert.equal(lab.service.byName(`${name}@example.com`)?.resource.country, sent);
  }
});
