/** Reads what the state file holds of one user beside his standing, without a run. */

import { existsSync } from 'node:fs';
import type { UserAttribute, UserResource } from '../model/user.ts';
import { unsettledFrom } from './known-users.ts';
import { json, orNull, text, type Row } from './sql-rows.ts';
import { explained, openStateFile } from './state-file.ts';

export interface UserFacts {
  /** What the service has confirmed; `null` where it never has. */
  readonly confirmed: UserResource | null;
  /** ISO 8601, UTC. */
  readonly confirmedAt: string | null;
  readonly unsettled: readonly UserAttribute[];
  /** What the service's own answers showed otherwise than it was sent. */
  readonly deviation: { readonly holds: Partial<UserResource>; readonly since: string } | null;
  /** What a sweep compares his groups with, and the moment at which he is judged again. */
  readonly trace: { readonly links: boolean; readonly dueAt: string | null } | null;
}

/**
 * `null` where there is no state file, or nothing in it of the user.
 * @throws RunError STATE_DAMAGED, STATE_NEWER, FOLDER_READ_ONLY
 */
export function readUserFacts(path: string, identity: string): UserFacts | null {
  if (!existsSync(path)) return null;
  const database = openStateFile(path, 'DRY');
  try {
    const user = database.prepare('SELECT * FROM users WHERE identity = ?').get(identity);
    if (user === undefined) return null;
    const deviation = database.prepare('SELECT * FROM deviations WHERE identity = ?').get(identity);
    const trace = database.prepare('SELECT * FROM traces WHERE identity = ?').get(identity);
    const confirmed = json(user, 'confirmed') as UserResource | null;
    return {
      confirmed: confirmed && { ...confirmed, manager: orNull(user, 'manager_scim_id') },
      confirmedAt: orNull(user, 'confirmed_at'),
      unsettled: unsettledFrom(user['unsettled']),
      deviation:
        deviation === undefined ? null : { holds: heldIn(deviation), since: text(deviation, 'since') },
      trace:
        trace === undefined
          ? null
          : { links: orNull(trace, 'links') !== null, dueAt: orNull(trace, 'due_at') },
    };
  } catch (error) {
    throw explained(error, path);
  } finally {
    database.close();
  }
}

/** Without what is no attribute: that an account has not been seen closed. */
function heldIn(row: Row): Partial<UserResource> {
  const { mayBeOpen, ...holds } = json(row, 'held') as Partial<UserResource> & { mayBeOpen?: true };
  return mayBeOpen === true && Object.keys(holds).length === 0 ? { active: true } : holds;
}
