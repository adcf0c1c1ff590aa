/** The latest plans that guards have stopped, as digests: enough to say what has moved since one was reviewed. */

import type { DatabaseSync } from 'node:sqlite';
import type { Bystander, PlanDrift } from '../model/state.ts';

export interface PlanDigest {
  readonly identity: string;
  readonly userName: string;
  readonly digest: string;
}

const PLANS_KEPT = 5;

export class PlanArchive {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** To be called inside a transaction. */
  store(
    planId: string,
    storedAt: string,
    changes: Iterable<PlanDigest>,
    bystanders: Iterable<Bystander>,
  ): void {
    this.#database.prepare('INSERT OR REPLACE INTO plans VALUES (?, ?)').run(planId, storedAt);
    this.#database.prepare('DELETE FROM plan_changes WHERE plan_id = ?').run(planId);
    const insert = this.#database.prepare('INSERT INTO plan_changes VALUES (?, ?, ?, ?)');
    for (const { identity, userName, digest } of digests(changes, bystanders)) {
      insert.run(planId, identity, userName, digest);
    }
    const latest = `SELECT id FROM plans ORDER BY stored_at DESC LIMIT ${PLANS_KEPT}`;
    this.#database.exec(`
      DELETE FROM plan_changes WHERE plan_id NOT IN (${latest});
      DELETE FROM plans WHERE id NOT IN (${latest});`);
  }

  /** How a plan differs from a stored one; `null` if that is not stored. */
  drift(planId: string, changes: Iterable<PlanDigest>, bystanders: Iterable<Bystander>): PlanDrift | null {
    if (this.#database.prepare('SELECT 1 FROM plans WHERE id = ?').get(planId) === undefined) return null;
    const rows = this.#database.prepare('SELECT * FROM plan_changes WHERE plan_id = ?').all(planId);
    const stored = new Map(rows.map((row) => [String(row['identity']), row]));
    const drift = { added: [] as string[], gone: [] as string[], changed: [] as string[] };
    for (const { identity, userName, digest } of digests(changes, bystanders)) {
      const row = stored.get(identity);
      stored.delete(identity);
      if (row === undefined) drift.added.push(userName);
      else if (row['digest'] !== digest) drift.changed.push(userName);
    }
    for (const row of stored.values()) drift.gone.push(String(row['user_name']));
    return drift;
  }
}

/** An absent user may have a change as well: under a key of their own both are kept. */
function* digests(changes: Iterable<PlanDigest>, bystanders: Iterable<Bystander>): Iterable<PlanDigest> {
  yield* changes;
  for (const { identity, user, why } of bystanders) {
    yield { identity: `${why} ${identity}`, userName: `${user} (${why.toLowerCase()})`, digest: why };
  }
}
