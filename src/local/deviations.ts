/** What the service was seen to hold otherwise than it was sent, user by user. */

import type { DatabaseSync } from 'node:sqlite';
import type { Deviations, OpenClosure } from '../model/deviations.ts';
import type { Change, Outcome } from '../model/plan.ts';
import type { UserAttribute, UserResource } from '../model/user.ts';
import { text, type Row } from './sql-rows.ts';
import { LOOKUPS_IN_VAIN, type VainLookups } from './vain-lookups.ts';

export const DEVIATIONS = `
  CREATE TABLE deviations (
    identity TEXT PRIMARY KEY, held TEXT NOT NULL, since TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;`;

/**
 * Beside the attributes: an account that a change was about to close, or to open, without an answer that shows it closed.
 * Set before the change is sent, and taken away by nothing but an answer or a look at the account.
 */
const DOUBT = 'mayBeOpen';

type Held = Partial<UserResource> & { readonly [DOUBT]?: true };

/** They are few, and known users a million: SQLite begins with them. */
const KNOWN_DEVIATIONS = 'FROM deviations d CROSS JOIN users u ON u.identity = d.identity';

/** Those of whom one "nobody" is missing wait until a day has passed: more would cost requests and tell nothing. */
const IS_DUE = `(+u.vain_lookups < ${LOOKUPS_IN_VAIN - 1} OR +u.sought_since <= ?) AS is_due`;

/** Code42 blocks a user at once and shows him as deactivated a quarter of an hour later. */
const CLOSING_MS = 20 * 60_000;

export class DeviationTable implements Deviations {
  readonly #database: DatabaseSync;
  readonly #now: () => Date;
  readonly #dueBy: () => string;
  readonly #vain: VainLookups;

  /** @param dueBy up to when users who failed have been looked for; ISO 8601 */
  constructor(database: DatabaseSync, now: () => Date, dueBy: () => string, vain: VainLookups) {
    this.#database = database;
    this.#now = now;
    this.#dueBy = dueBy;
    this.#vain = vain;
  }

  /**
   * Notes what an answer to these attributes showed instead of them; what it shows as sent is forgotten. Returns whether it
   * shows anything that was not known before.
   * @param isProven whether the answer leaves no doubt of `active`
   */
  #note(
    identity: string,
    sent: readonly UserAttribute[],
    holds: Partial<UserResource>,
    isProven: boolean,
  ): boolean {
    const known = this.#heldBy(identity);
    if (known === null && Object.keys(holds).length === 0) return false;
    // What was not sent this time is as it was.
    const old = Object.entries(known ?? {}).filter(([name]) =>
      name === DOUBT ? !(sent.includes('active') && isProven) : !sent.includes(name as UserAttribute),
    );
    const isChanged = this.#keep(identity, known, { ...Object.fromEntries(old), ...holds });
    return isChanged && Object.keys(holds).length > 0;
  }

  /** To be called before a change is sent: from here on the account may be open, whatever becomes of the change. */
  begin({ identity, kind }: Pick<Change, 'identity' | 'kind'>): void {
    if (kind !== 'DEACTIVATE' && kind !== 'REACTIVATE') return;
    const known = this.#heldBy(identity);
    this.#keep(identity, known, { ...known, [DOUBT]: true });
    this.#vain.reset(identity);
  }

  /** Notes a confirmed outcome, other than GONE. Returns whether it shows anything otherwise that was not known before. */
  noteOutcome(
    identity: string,
    sent: UserResource,
    settled: readonly UserAttribute[],
    { holds = {}, showsClosed }: Extract<Outcome, { ok: true }>,
  ): boolean {
    const isProven = sent.active || showsClosed === true;
    return this.#note(identity, settled, holds, isProven);
  }

  /** The state may be an older copy: whom it takes for inactive may have become active since. */
  doubtEverybodyInactive(): void {
    this.#database
      .prepare(
        `INSERT OR IGNORE INTO deviations SELECT identity, '{"${DOUBT}":true}', ? FROM users
          WHERE active = 0 AND scim_id IS NOT NULL`,
      )
      .run(this.#now().toISOString());
  }

  count(): number {
    const known = `SELECT count(*) AS n ${KNOWN_DEVIATIONS} WHERE d.held <> '{"${DOUBT}":true}'`;
    return Number(this.#database.prepare(known).get()?.['n']);
  }

  openClosures(): OpenClosure[] {
    const now = this.#now();
    return (
      this.#database
        .prepare(
          `SELECT d.*, u.dn, u.user_name, u.scim_id, ${IS_DUE} ${KNOWN_DEVIATIONS}
          WHERE (d.held ->> 'active' = 1 OR d.held ->> '${DOUBT}' = 1) AND u.active = 0 AND u.scim_id IS NOT NULL
            AND (d.since <= ? OR d.since > ?)
          ORDER BY d.since, d.identity`,
        )
        // Since a moment still to come: noted by a clock that went wrong.
        .all(this.#vain.lastLookBefore, new Date(now.getTime() - CLOSING_MS).toISOString(), now.toISOString())
        .map(closureFrom)
    );
  }

  leftOpen(): OpenClosure[] {
    return this.#database
      .prepare(
        `SELECT d.*, u.dn, u.user_name, u.scim_id, ${IS_DUE} ${KNOWN_DEVIATIONS}
          WHERE d.held ->> '${DOUBT}' = 1 AND +u.active = 1 AND +u.scim_id IS NOT NULL
            AND (+u.failure IS NULL OR +u.retry_at <= ?)
            AND d.identity NOT IN (SELECT identity FROM desired) AND d.identity NOT IN (SELECT identity FROM present)
          ORDER BY +u.user_name_key`,
      )
      .all(this.#vain.lastLookBefore, this.#dueBy())
      .map(closureFrom);
  }

  externalIdsHeld(identity: string): string[] {
    const held = this.#heldBy(identity)?.externalId;
    return held === undefined ? [] : [held];
  }

  mayBeOpen(identity: string): boolean {
    return isOpen(this.#heldBy(identity) ?? {});
  }

  seenOpen(identity: string): void {
    // Not proven: that it was seen open does not say that it will not be closed.
    this.#note(identity, ['active'], { active: true }, false);
    // Nothing has been sent to an account that was not there: unsettled, its owner is read and it is closed after all.
    this.#database
      .prepare(
        `UPDATE users SET active = 1, confirmed = json_set(confirmed, '$.active', json('true')), unsettled = 'active'
          WHERE identity = ? AND active = 0 AND vain_lookups > 0`,
      )
      .run(identity);
    this.#vain.reset(identity);
  }

  notFound(identity: string): void {
    this.#vain.add(identity);
  }

  /** Keeps an account that may be open and was not found, as one to be looked for; false for any other. */
  noteGone(identity: string): boolean {
    if (!this.mayBeOpen(identity)) return false;
    this.#vain.add(identity);
    this.#database
      .prepare(
        `UPDATE users SET active = 0, confirmed = json_set(confirmed, '$.active', json('false')), unsettled = NULL
          WHERE identity = ?`,
      )
      .run(identity);
    return true;
  }

  seenClosed(identity: string): void {
    this.#vain.reset(identity);
    this.#note(identity, ['active'], {}, true);
    this.#database
      .prepare(
        `UPDATE users SET active = 0, confirmed = json_set(confirmed, '$.active', json('false')), unsettled = NULL
          WHERE identity = ? AND active = 1`,
      )
      .run(identity);
  }

  /** To be called inside the transaction that ends the run: forgets the accounts that are known by now not to be there. */
  remember(): void {
    for (const identity of this.#vain.remember()) {
      this.#database.prepare('DELETE FROM deviations WHERE identity = ?').run(identity);
      this.#database.prepare('DELETE FROM users WHERE identity = ?').run(identity);
    }
  }

  #heldBy(identity: string): Held | null {
    const row = this.#database.prepare('SELECT held FROM deviations WHERE identity = ?').get(identity);
    return row === undefined ? null : (JSON.parse(String(row['held'])) as Held);
  }

  /** Returns whether anything is otherwise than before. `since` is of the account that may be open, as long as it may. */
  #keep(identity: string, before: Held | null, held: Held): boolean {
    const text = textOf(held);
    if (text === textOf(before ?? {})) return false;
    if (text === '{}') {
      this.#database.prepare('DELETE FROM deviations WHERE identity = ?').run(identity);
      return true;
    }
    const isStill = isOpen(before ?? {}) && isOpen(held);
    this.#database
      .prepare(
        `INSERT INTO deviations VALUES ($identity, $text, $now) ON CONFLICT (identity) DO UPDATE
            SET held = $text, since = iif($isStill, since, $now)`,
      )
      .run({
        $identity: identity,
        $text: text,
        $now: this.#now().toISOString(),
        $isStill: isStill ? 1 : 0,
      });
    return true;
  }
}

function isOpen(held: Held): boolean {
  return held.active === true || held[DOUBT] === true;
}

function textOf(held: Held): string {
  return JSON.stringify(held, Object.keys(held).sort());
}

function closureFrom(row: Row): OpenClosure {
  return {
    identity: text(row, 'identity'),
    dn: text(row, 'dn'),
    userName: text(row, 'user_name'),
    scimId: text(row, 'scim_id'),
    since: text(row, 'since'),
    isShown: isShownIn(row),
    isDue: row['is_due'] === 1,
  };
}

function isShownIn(row: Row): boolean {
  return (JSON.parse(text(row, 'held')) as Held).active === true;
}
