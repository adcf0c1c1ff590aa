/** Forgets what was confirmed of attributes that are left to the service by now. */

import type { DatabaseSync } from 'node:sqlite';
import { USER_ATTRIBUTES, type UserAttribute } from '../model/user.ts';
import { unsettledFrom, unsettledText } from './known-users.ts';
import type { MetaValues } from './meta-values.ts';

/**
 * What the service holds for attributes that are left to it is anybody's guess from now on: when they are managed again,
 * whatever the directory says of them has to look like a change. Once for each set of them, for it touches every user.
 */
export function forgetUnmanaged(
  database: DatabaseSync,
  managed: readonly UserAttribute[],
  meta: MetaValues,
): void {
  const unmanaged = USER_ATTRIBUTES.filter((name) => !managed.includes(name));
  if ((meta.get('unmanaged') ?? '') === unmanaged.join()) return;
  meta.set('unmanaged', unmanaged.join());
  for (const name of unmanaged) {
    database
      .prepare(
        'UPDATE users SET confirmed = json_set(confirmed, ?1, NULL) WHERE confirmed ->> ?1 IS NOT NULL',
      )
      .run(`$.${name}`);
  }
  if (unmanaged.includes('manager')) database.exec('UPDATE users SET manager_scim_id = NULL');
  const unsettled = database.prepare('SELECT identity, unsettled FROM users WHERE unsettled IS NOT NULL');
  const settle = database.prepare('UPDATE users SET unsettled = ? WHERE identity = ?');
  for (const row of unsettled.all()) {
    const left = unsettledFrom(row['unsettled']).filter((name) => managed.includes(name));
    settle.run(unsettledText(left), String(row['identity']));
  }
}
