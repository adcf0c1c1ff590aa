/** A state file of each older format, in the tables that its version made, and what the present program makes of it. */

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { SCHEMA, SCHEMA_VERSION } from '../../src/local/state-schema.ts';
import { TrapScene } from '../traps/trap-scene.ts';
import { assertExit, type Installation } from './installation.ts';
import { FORMATS, makeOlder } from './older-state.ts';

function rowsOf(path: string, sql: string): unknown[] {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    return database
      .prepare(sql)
      .all()
      .map((row) => ({ ...row }));
  } finally {
    database.close();
  }
}

const KNOWN =
  'SELECT identity, dn, user_name, scim_id, confirmed, manager_scim_id, active, missed FROM users ORDER BY identity';

async function wasSynchronized(): Promise<TrapScene> {
  const scene = await TrapScene.start({
    people: 30,
    properties: { 'missed.user.check': 'true', 'deactivate.user.threshold': '2' },
  });
  assertExit(await scene.installation.run(['--sync-now']), 0);
  return scene;
}

const stateOf = (installation: Installation): string => installation.path('state.db');

describe('a state file of an older format', () => {
  it('is known for every format before the present one', () => {
    const formats = new Set(readdirSync(FORMATS).map((name) => Number.parseInt(name, 10)));
    assert.deepEqual(
      [...formats].sort((a, b) => a - b),
      Array.from({ length: SCHEMA_VERSION - 1 }, (_, n) => n + 1),
    );
  });

  for (const name of readdirSync(FORMATS).sort()) {
    it(`(${name}) keeps all that it knows: nobody is sent again, absence counts go on, a copy of before is there`, async () => {
      await using scene = await wasSynchronized();
      const { installation, service, directory } = scene;
      const path = stateOf(installation);
      const gone = scene.company.people.findLast(({ enabled }) => enabled);
      assert.ok(gone);
      directory.remove(gone.dn);
      assertExit(await installation.run(['--sync-now']), 0);
      makeOlder(path, join(FORMATS, name));
      const format = Number.parseInt(name, 10);
      const known = rowsOf(path, KNOWN);
      assert.equal(known.filter((row) => (row as { missed: number }).missed === 1).length, 1);
      const older = readFileSync(path);

      // A dry run and the inspection understand the file and leave it as it is.
      const dry = await installation.run(['--full-sync']);
      assertExit(dry, 0);
      assertExit(await installation.run(['state', 'check']), 0);
      assert.deepEqual(readFileSync(path), older);
      assert.ok(!existsSync(`${path}.format-${format}`));

      service.resetRequests();
      assertExit(await installation.run(['--sync-now']), 0);
      // The second complete run without her: the count of before the upgrade was kept, and nobody else was written.
      assert.equal(service.requests().writes, 1);
      assert.equal(service.find(gone.mail)?.active, false);
      assert.deepEqual(rowsOf(path, 'PRAGMA user_version'), [{ user_version: SCHEMA_VERSION }]);
      assert.equal(rowsOf(path, KNOWN).length, known.length);
      const copy = `${path}.format-${format}`;
      assert.deepEqual(rowsOf(copy, KNOWN), known);
      assert.deepEqual(rowsOf(copy, 'PRAGMA user_version'), [{ user_version: format }]);
      assert.equal(statSync(copy).mode & 0o777, 0o600);
      // The tables are those of a file that was new today.
      const tables = 'SELECT type, name FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name';
      const fresh = new DatabaseSync(':memory:');
      fresh.exec(SCHEMA);
      const made = fresh.prepare(tables).all();
      assert.deepEqual(
        rowsOf(path, tables),
        made.map((row) => ({ ...row })),
      );
    });
  }

  it('stays as it is where no copy of it can be kept, and nothing is sent', async () => {
    await using scene = await wasSynchronized();
    const { installation, service } = scene;
    const path = stateOf(installation);
    makeOlder(path, join(FORMATS, '3.sql'));
    // A folder of that name: nothing can take its place.
    mkdirSync(join(`${path}.format-3`, 'occupied'), { recursive: true });
    const older = readFileSync(path);
    service.resetRequests();
    const refused = await installation.run(['--sync-now', '--full-sync']);
    assertExit(refused, 2);
    assert.match(refused.stderr, /state\.db is of an older version, and no copy of it could be kept/);
    assert.equal(service.requests().writes, 0);
    assert.deepEqual(readFileSync(path), older);
  });
});
