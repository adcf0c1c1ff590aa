/** Users who are read twice in one run, because the scripts look at more than they name. */

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Lab } from '../doubles/lab.ts';

for (const scope of ['FULL', 'INCREMENTAL'] as const) {
  it(`who is disabled between two readings of one run is deactivated by it: ${scope}`, async () => {
    using lab = new Lab();
    const names = Array.from({ length: 400 }, (_, n) => `user${String(n).padStart(3, '0')}`);
    for (const name of names) lab.hire(name);
    await lab.run();
    // Beyond the first page the scripts look at more than they name: so many that everything is read once more.
    lab.judge.named = {
      reads: ['disabled'],
      judge: async (entries) => {
        const answers = await lab.judge.judge(entries);
        return entries.map(({ identity }, at) =>
          identity < 'id-user100' ? (answers[at] ?? 'UNREAD') : 'UNREAD',
        );
      },
    };
    for (const name of names) lab.directory.change(`id-${name}`, { title: 'x' });
    const read = lab.directory.read.bind(lab.directory);
    let isDisabled = false;
    lab.directory.read = (query) => {
      if (query.attributes === 'ALL' && !isDisabled) {
        isDisabled = true;
        lab.directory.change('id-user000', { disabled: 'yes' });
      }
      return read(query);
    };
    assert.equal((await lab.run({ scope })).confirmed.DEACTIVATE, 1);
    assert.ok(isDisabled);
    assert.equal(lab.service.byName('user000@example.com')?.resource.active, false);
  });
}
