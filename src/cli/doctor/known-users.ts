/** Whom the state knows as active, held against whom the search finds: what the guard of absences would say of it. */

import type { Settings } from '../../config/options.ts';
import { activeIdentities } from '../../local/state-inspection.ts';
import { RunError } from '../../model/errors.ts';
import { ABSENCE_GUARD } from '../../sync/guard.ts';
import { Tally } from '../../sync/tally.ts';
import { doubtful, failing, fine, type AnyFinding } from './check.ts';

const FIX =
  'Check ldap.baseDn, ldap.search.filter and the rights of ldap.bind.user; c42uds lists the users who are missing.';

/**
 * What follows for a complete read that found these users, by the rule of `guard.absent.max.percent`: a failure where the
 * guard stops a run, a warning where as many are missing and `missed.user.check` is off.
 * @param found the sentence of what was found
 * @param identities of everybody whom the search finds
 */
export function absenceFinding<T>(
  found: string,
  identities: ReadonlySet<string>,
  settings: Settings,
  value: T,
): AnyFinding<T> {
  const limit = settings['guard.absent.max.percent'];
  const absent = new Tally();
  let active = 0;
  for (const identity of activeIdentities(settings['state.location'])) {
    active += 1;
    if (!identities.has(identity)) absent.add(identity);
  }
  if (!absent.exceeds(limit, active)) return fine(found, value);
  const told = `${found}; ${absent.shareOf(active)} known active users are not among them`;
  if (!settings['missed.user.check'])
    return doubtful(`${told}, and stay as they are while missed.user.check is false`, FIX, value);
  const message = `${told}: ${ABSENCE_GUARD} (${limit} %) stops a run before its first write.`;
  return failing(new RunError('GUARD_TRIPPED', message, { fix: FIX }), value);
}
