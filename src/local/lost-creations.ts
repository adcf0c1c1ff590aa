/** Creations that were sent and never answered: the service may hold accounts that the state has no id of. */

import type { DatabaseSync } from 'node:sqlite';
import type { LostCreation } from '../model/state.ts';
import { nameKey } from '../model/user.ts';
import { LEAST_SOUGHT_MS, LOOKUPS_IN_VAIN } from './vain-lookups.ts';

export class LostCreations {
  readonly #database: DatabaseSync;
  readonly #now: () => Date;

  constructor(database: DatabaseSync, now: () => Date) {
    this.#database = database;
    this.#now = now;
  }

  /**
   * Whoever is wanted under the name that was sent is not among them: sent again, he is refused and adopted. A user who
   * fails in this run, or waits for his next attempt, may well be wanted.
   */
  all(absenceIsKnown: boolean): LostCreation[] {
    return this.#database
      .prepare(
        `SELECT u.identity, u.dn, u.user_name, d.active FROM users u LEFT JOIN desired d ON d.identity = u.identity
          WHERE u.unsettled IS NOT NULL AND u.scim_id IS NULL
            AND iif(d.identity IS NULL, ${absenceIsKnown ? 'u.failure IS NULL' : '0'},
                    d.failure IS NULL AND (d.active = 0 OR d.user_name_key <> u.user_name_key))
          ORDER BY d.active = 1 DESC, u.vain_lookups, u.identity`,
      )
      .all()
      .map((row) => ({
        identity: String(row['identity']),
        dn: String(row['dn']),
        userName: String(row['user_name']),
        wanted: row['active'] === 1,
      }));
  }

  nameOf(identity: string, userName: string): string | null {
    const row = this.#database
      .prepare(
        `SELECT user_name FROM users
          WHERE identity = ? AND scim_id IS NULL AND unsettled IS NOT NULL AND user_name_key <> ?`,
      )
      .get(identity, nameKey(userName));
    return row === undefined ? null : String(row['user_name']);
  }

  /**
   * Counts the look-ups of a run that have found nobody, and forgets those whom the service has denied often enough and
   * for long enough: it may be slow to show what it holds.
   */
  remember(notFound: readonly string[]): void {
    const noteVainLookup = this.#database.prepare(
      `UPDATE users SET vain_lookups = vain_lookups + 1, sought_since = COALESCE(sought_since, ?)
        WHERE identity = ? AND scim_id IS NULL AND unsettled IS NOT NULL`,
    );
    for (const identity of notFound) noteVainLookup.run(this.#now().toISOString(), identity);
    this.#letGo();
  }

  #letGo(): void {
    const before = new Date(this.#now().getTime() - LEAST_SOUGHT_MS).toISOString();
    this.#database
      .prepare(
        `UPDATE users SET unsettled = NULL, vain_lookups = 0, sought_since = NULL
          WHERE unsettled IS NOT NULL AND scim_id IS NULL AND failure IS NULL
            AND vain_lookups >= ${LOOKUPS_IN_VAIN} AND sought_since <= ?`,
      )
      .run(before);
  }
}
