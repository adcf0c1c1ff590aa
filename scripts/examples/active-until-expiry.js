/// <reference path="../c42uds.d.ts" />
// @ts-check
/*
 * Active script: employees always, contractors until their account expires.
 *
 * Whoever is below the OU of the contractors must have an expiry date in the future; a contractor without one is not
 * active, so that nobody is forgotten. Everybody else with an enabled account is active.
 *
 * To use it, replace the text after "var contractors =" by the DN of your own OU.
 */
var contractors = 'OU=Contractors,DC=example,DC=com';

/** @param {Entry} entry */
function isActive(entry) {
  if (entry.disabled) return false;
  if (!entry.dn.toLowerCase().endsWith(',' + contractors.toLowerCase())) return true;
  // Until that moment; an incremental run looks again when it has passed.
  return entry.expires !== null && !entry.expired;
}
