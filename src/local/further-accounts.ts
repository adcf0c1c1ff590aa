/** Open accounts that the list shows under the externalId of somebody whose account we know to be another one. */

import type { DatabaseSync } from 'node:sqlite';
import type { DoubleAccount } from '../model/state.ts';
import type { UserResource } from '../model/user.ts';
import { text } from './sql-rows.ts';

export interface FurtherAccounts {
  /** Of users whose own account was seen closed: the open one takes its place, so that it is closed as well. */
  readonly replacing: readonly {
    readonly identity: string;
    readonly scimId: string;
    readonly resource: Partial<UserResource>;
  }[];
  /** Of everybody else: what was confirmed stays his, and a person has to look at the other one. */
  readonly doubles: readonly DoubleAccount[];
}

/** Decided in docs/decisions/engine.md ("A list never overwrites what was confirmed"). Of users whom this run has read. */
export function furtherAccounts(database: DatabaseSync): FurtherAccounts {
  const rows = database
    .prepare(
      `SELECT u.identity, u.dn, u.user_name, u.scim_id, f.scim_id AS other_id, f.resource,
              u.scim_id IN (SELECT scim_id FROM found) AS is_listed,
              u.active = 0 AND NOT EXISTS (SELECT 1 FROM deviations v WHERE v.identity = u.identity) AS is_closed
         FROM found f CROSS JOIN users u ON u.identity = f.external_id
        WHERE f.resource ->> 'active' IS NOT 0 AND u.scim_id <> f.scim_id
          AND u.identity IN (SELECT identity FROM desired)
        ORDER BY u.identity, f.scim_id`,
    )
    .all();
  const times = new Map<string, number>();
  for (const row of rows) {
    const identity = text(row, 'identity');
    times.set(identity, (times.get(identity) ?? 0) + 1);
  }
  const isReplacing = (row: (typeof rows)[number]): boolean =>
    row['is_closed'] === 1 && times.get(text(row, 'identity')) === 1;
  return {
    replacing: rows.filter(isReplacing).map((row) => ({
      identity: text(row, 'identity'),
      scimId: text(row, 'other_id'),
      resource: JSON.parse(text(row, 'resource')) as Partial<UserResource>,
    })),
    doubles: rows
      .filter((row) => !isReplacing(row))
      .map((row) => ({
        identity: text(row, 'identity'),
        dn: text(row, 'dn'),
        userName: text(row, 'user_name'),
        scimId: text(row, 'scim_id'),
        otherId: text(row, 'other_id'),
        isListed: row['is_listed'] === 1,
      })),
  };
}
