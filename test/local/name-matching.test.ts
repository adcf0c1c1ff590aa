/** That a name is looked up among those who are known, however many they are. */

import assert from 'node:assert/strict';
import type { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { DesiredUsers } from '../../src/local/desired-users.ts';
import { KnownUsers } from '../../src/local/known-users.ts';
import { HELD_NAMES, NameMatching } from '../../src/local/name-matching.ts';
import { IS_PRESENT } from '../../src/local/sql-rows.ts';
import { openStateFile } from '../../src/local/state-file.ts';

test('who holds a name is found by an index of names, in a dry run too, and never by a walk over everybody', () => {
  const database: DatabaseSync = openStateFile('/nowhere/state.db', 'DRY');
  new NameMatching(database, new DesiredUsers(database));
  const plan = (present: string): string =>
    database
      .prepare(`EXPLAIN QUERY PLAN SELECT u.identity ${HELD_NAMES} ${present}`)
      .all()
      .map((row) => String(row['detail']))
      .join('\n');
  for (const present of ['', IS_PRESENT]) assert.match(plan(present), /SEARCH u USING INDEX users_by_name/);
  new KnownUsers(database).shadow();
  assert.match(plan(IS_PRESENT), /SEARCH u USING INDEX learned_by_name/);
  database.close();
});
