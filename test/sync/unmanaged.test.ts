/** Attributes that no property feeds: for the engine and its state they are not there. */

import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { resourceText } from '../../src/local/resource-text.ts';
import { managedAttributes, type AttributeMapping } from '../../src/model/run.ts';
import { USER_ATTRIBUTES, type UserResource } from '../../src/model/user.ts';
import { dnOf, Lab, RULES } from '../doubles/lab.ts';

/** As the program does it: other settings, another scope. */
function mapBy(lab: Lab, mapping: Partial<AttributeMapping>): void {
  lab.rules = { ...lab.rules, mapping: { ...RULES.mapping, ...mapping } };
  lab.scopeKey = JSON.stringify(mapping);
}

function confirmedTexts(lab: Lab): string[] {
  const database = new DatabaseSync(lab.statePath, { readOnly: true });
  const rows = database.prepare('SELECT confirmed FROM users ORDER BY identity').all();
  database.close();
  return rows.map((row) => String(row['confirmed']));
}

const unmanaged = (mapping: Partial<AttributeMapping>): string[] => {
  const managed = managedAttributes({ ...RULES.mapping, ...mapping });
  return USER_ATTRIBUTES.filter((name) => !managed.includes(name));
};

describe('an attribute that no property feeds', () => {
  it('is one whose properties are all empty', () => {
    assert.deepEqual(unmanaged({}), []);
    assert.deepEqual(unmanaged({ title: '', manager: '' }), ['title', 'manager']);
    assert.deepEqual(unmanaged({ givenName: '' }), []);
    assert.deepEqual(unmanaged({ firstName: '' }), []);
    assert.deepEqual(unmanaged({ givenName: '', firstName: '', email: '' }), ['givenName', 'email']);
  });

  it('is no difference: not for the plan, not for its guards, not for who looks at a dry run', async () => {
    using lab = new Lab();
    lab.rules = { ...RULES, clearedMaxPercent: 20 };
    for (let n = 0; n < 10; n += 1) lab.hire(`user${n}`, { title: 'Clerk', c: 'DE' });
    await lab.run();
    mapBy(lab, { title: '' });
    const dry = await lab.run({ mode: 'DRY' });
    assert.deepEqual(
      dry.previews.map(({ change }) => [change?.kind, change?.from?.title, change?.to.title]),
      dry.previews.map(() => ['NONE', null, null]),
    );
    assert.deepEqual([dry.previews.length, dry.guards, dry.exitCode], [10, [], 0]);
    assert.deepEqual((await lab.run()).writes, []);

    lab.directory.change('id-user3', { title: 'Lead', c: 'FR' });
    assert.deepEqual((await lab.run()).writes, ['update country user3@example.com']);
    const full = await lab.run({ scope: 'FULL' });
    assert.deepEqual([full.writes.length, full.guards], [10, []]);
    assert.ok(full.previews.every(({ change }) => change?.attributes.includes('title') === false));
    const titles = [...lab.service.users.values()].map(({ resource }) => resource.title);
    assert.deepEqual(new Set(titles), new Set(['Clerk']));
  });

  it('is sent to everybody when it is fed again, though the state had confirmed the same before', async () => {
    using lab = new Lab();
    lab.hire('ann', { title: 'Clerk', department: 'Grüße "A" \\ B\u0001' });
    lab.hire('ben', { title: 'Clerk' });
    lab.hire('cid', { manager: dnOf('ann') });
    await lab.run();
    mapBy(lab, { title: '', manager: '' });
    await lab.run();
    const texts = confirmedTexts(lab);
    assert.ok(texts.every((text) => text.includes('"title":null')));
    // Texts in one form, or everybody would be looked at in every run.
    assert.deepEqual(
      texts,
      texts.map((text) => resourceText(JSON.parse(text) as UserResource)),
    );
    mapBy(lab, {});
    assert.deepEqual((await lab.run()).writes.toSorted(), [
      'update manager cid@example.com',
      'update title ann@example.com',
      'update title ben@example.com',
    ]);
    assert.deepEqual((await lab.run()).writes, []);
  });

  it('keeps nobody waiting who was refused for its sake', async () => {
    using lab = new Lab();
    lab.hire('ann');
    await lab.run();
    lab.directory.change('id-ann', { title: 'Lead' });
    lab.service.beforeWrite = () => ({ ok: false, failure: { stage: 'SEND', message: 'title: too long' } });
    assert.equal((await lab.run()).exitCode, 3);
    mapBy(lab, { title: '' });
    const first = await lab.run();
    assert.deepEqual([first.writes, first.exitCode], [[], 0]);
    lab.directory.entriesRead = 0;
    assert.equal((await lab.run()).exitCode, 0);
    assert.equal(lab.directory.entriesRead, 0);
  });

  it('is nobody to wait for, and nobody to be linked to, where it is the manager', async () => {
    using lab = new Lab();
    lab.hire('boss');
    lab.hire('ann', { manager: dnOf('boss') });
    lab.hire('ben', { manager: dnOf('chief') });
    await lab.run();
    const boss = lab.service.byName('boss@example.com')?.scimId;
    mapBy(lab, { manager: '' });
    lab.hire('chief', { manager: dnOf('boss') });
    // Before everybody has been read under the new setting the state still knows whose manager is whose.
    assert.deepEqual((await lab.run({ userNames: ['chief'] })).writes, ['create chief@example.com']);
    lab.directory.change('id-ann', { manager: dnOf('chief'), title: 'Lead' });
    assert.deepEqual((await lab.run()).writes, ['update title ann@example.com']);
    assert.deepEqual((await lab.run({ scope: 'FULL' })).writes.length, 4);
    const managerOf = (name: string) => lab.service.byName(`${name}@example.com`)?.resource.manager;
    assert.deepEqual([managerOf('ann'), managerOf('ben'), managerOf('chief')], [boss, null, null]);

    mapBy(lab, {});
    assert.equal((await lab.run()).writes.length, 3);
    const chief = lab.service.byName('chief@example.com')?.scimId;
    assert.deepEqual([managerOf('ann'), managerOf('ben'), managerOf('chief')], [chief, chief, boss]);
  });
});
