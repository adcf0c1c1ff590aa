/** What becomes of the rest of a live run that ended early. */

import type { RunRequest } from '../model/run.ts';

/**
 * What the next run does, as a clause. What was confirmed is not sent twice by runs that send what differs; a full sync
 * sends everybody whole, differing or not, and so has no rest that another kind of run would take up.
 * @param isDoubtful whether the state may be an older copy: until everybody has been sent, every run is a full one
 */
export function continuation(
  { scope, userNames, extraFilter, approve }: RunRequest,
  isDoubtful: boolean,
): string {
  const judgedAgain =
    (approve ?? null) === null ? '' : '. What is left of the approved plan is looked at by the guards again';
  if (userNames !== null || extraFilter !== null) {
    const whom = scope === 'FULL' ? 'all of them again' : 'the rest';
    return `the same command sends ${whom}${judgedAgain}`;
  }
  if (isDoubtful) return `the next run begins again with everybody${judgedAgain}`;
  if (scope === 'FULL') {
    return `the next run with --full-sync begins again with everybody, one without it sends only what has changed${judgedAgain}`;
  }
  return `the next run goes on with the rest${judgedAgain}`;
}
