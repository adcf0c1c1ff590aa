/** Takes a user whom the service was found to hold into the state, as confirmed. */

import type { DatabaseSync } from 'node:sqlite';
import { USER_ATTRIBUTES, type UserResource } from '../model/user.ts';
import type { KnownUsers } from './known-users.ts';
import type { Match } from './name-matching.ts';

/** The match is for a user of this run, who may be failing, or for a creation whose answer was lost in an earlier one. */
export function learnFrom(match: Match, database: DatabaseSync, users: KnownUsers): void {
  const { identity, scimId, resource: found } = match;
  const desired = database
    .prepare(
      `SELECT dn, manager_dn_key, user_name, resource, 1 AS is_read FROM desired WHERE identity = ?1
       UNION ALL SELECT dn, manager_dn_key, user_name, NULL, 0 FROM users WHERE identity = ?1 LIMIT 1`,
    )
    .get(identity);
  const wanted = JSON.parse(String(desired?.['resource'] ?? 'null')) as UserResource | null;
  // What is left to the service is its own to give: its defaults must not look like something to be removed. So where the
  // scripts have not said yet whether it is.
  const isLeft = (name: 'org' | 'roles'): boolean =>
    wanted === null ? desired?.['is_read'] === 1 : wanted[name] === null;
  const org = isLeft('org') ? null : (found.org ?? null);
  const roles = isLeft('roles') ? null : (found.roles ?? null);
  const dn = String(desired?.['dn']);
  const userName = found.userName ?? String(desired?.['user_name'] ?? dn);
  users.put({
    identity,
    dn,
    managerDnKey: desired?.['manager_dn_key'] as string | null,
    scimId,
    resource: { ...found, userName, org, roles },
    // Of an entry that was not read nobody knows the manager: unsettled, it is read and sent in the next run.
    settled: wanted === null ? USER_ATTRIBUTES.filter((name) => name !== 'manager') : USER_ATTRIBUTES,
    // Why he was read again is forgotten when what he needs has been sent, and not before.
    keepsFailure: true,
  });
}
