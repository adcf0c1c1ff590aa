/** How many users are known, by what: the figures that limits are shares of. */

import type { DatabaseSync } from 'node:sqlite';
import { dnKey, parentKey } from '../model/dn.ts';
import type { Population } from '../model/state.ts';

/** Each figure is counted when it is asked for; the methods are those of the `State` port. */
export class PopulationCounts {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  population(): Population {
    const count = (where: string): number => {
      const row = this.#database
        .prepare(`SELECT count(*) AS n FROM users WHERE scim_id IS NOT NULL ${where}`)
        .get();
      return Number(row?.['n']);
    };
    // Nearly all are active: the others are counted sooner.
    const known = count('');
    return { known, active: known - count('AND active = 0') };
  }

  organizations(): string[] {
    // From each to the next by the index: they are some hundred at most, and users a million.
    return this.#database
      .prepare(
        `WITH RECURSIVE orgs (org) AS (
           SELECT min(confirmed ->> 'org') FROM users WHERE confirmed IS NOT NULL
           UNION ALL
           SELECT (SELECT min(confirmed ->> 'org') FROM users
                    WHERE confirmed IS NOT NULL AND confirmed ->> 'org' > orgs.org) FROM orgs WHERE org IS NOT NULL)
         SELECT org FROM orgs WHERE org IS NOT NULL`,
      )
      .all()
      .map((row) => String(row['org']));
  }

  activeByOrganization(): ReadonlyMap<string, number> {
    const rows = this.#database
      .prepare(
        `SELECT COALESCE(confirmed ->> 'org', '') AS org, count(*) AS n FROM users
          WHERE active = 1 AND scim_id IS NOT NULL GROUP BY org`,
      )
      .all();
    return new Map(rows.map((row) => [String(row['org']), Number(row['n'])]));
  }

  activeByUnit(parents: ReadonlySet<string>): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    const rows = this.#database.prepare('SELECT dn FROM users WHERE active = 1 AND scim_id IS NOT NULL');
    for (const row of rows.iterate()) {
      const parent = parentKey(dnKey(String(row['dn'])));
      if (parents.has(parent)) counts.set(parent, (counts.get(parent) ?? 0) + 1);
    }
    return counts;
  }
}
