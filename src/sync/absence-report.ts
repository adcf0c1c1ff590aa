/** Tells who is absent, in few words where many are: a mistaken search base makes everybody absent. */

import type { Whereabouts } from '../model/ports.ts';
import type { AbsentUser } from '../model/run.ts';
import type { RunParts } from './run-parts.ts';

const NAMED = 50;

export class AbsenceReport {
  readonly #first: AbsentUser[] = [];
  #count = 0;

  add(user: AbsentUser): void {
    this.#count += 1;
    if (this.#first.length < NAMED) this.#first.push(user);
  }

  /** @param counted whether the run counts them, or would as a live run: not where a guard has stopped it */
  async tell({ log, directory }: Pick<RunParts, 'log' | 'directory'>, counted: boolean): Promise<void> {
    if (this.#count === 0) return;
    if (!counted) {
      log.info('SyncService', `${this.#count} absent users are not counted, because the run was stopped.`);
      return;
    }
    const where = await directory.whereabouts(this.#first.map(({ identity }) => identity));
    for (const { user, identity, missed, threshold } of this.#first) {
      const absent = `${user} is absent from the search base (${missed} of ${threshold})`;
      log.info('SyncService', `${absent}${inWords(where.get(identity))}.`);
    }
    const more = this.#count - this.#first.length;
    if (more > 0) log.info('SyncService', `and ${more} more are absent; --plan FILE lists all of them.`);
  }
}

function inWords(where: Whereabouts | undefined): string {
  if (where === undefined) return '';
  if (where.kind === 'ELSEWHERE') {
    return `: the entry is at ${where.dn}, outside of ldap.baseDn or ldap.search.filter`;
  }
  return where.kind === 'DELETED'
    ? ': the entry was deleted'
    : ': the entry is nowhere that ldap.bind.user may look';
}
