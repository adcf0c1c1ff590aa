/// <reference path="../c42uds.d.ts" />
// @ts-check
/*
 * Active script for Active Directory: employees always, contractors until their account expires.
 *
 * Whoever is below the OU of the contractors must have an expiry date in the future; a contractor without one is not
 * active, so that nobody is forgotten. Everybody else with an enabled account is active.
 *
 * To use it, replace the text after "var contractors =" by the DN of your own OU.
 */
var contractors = 'OU=Contractors,DC=example,DC=com';

/** @param {Entry} entry */
function isActive(entry) {
  var disabled = (Number(entry.userAccountControl) & 2) !== 0;
  if (disabled) return false;
  if (!entry.dn.toLowerCase().endsWith(',' + contractors.toLowerCase())) return true;
  var expires = expiryOf(entry);
  return expires !== null && expires.getTime() > Date.now();
}

/**
 * The date of expiry; null where there is none. Active Directory counts in steps of 100 nanoseconds from the year 1601;
 * 0 and 9223372036854775807 mean "never".
 *
 * @param {Entry} entry
 */
function expiryOf(entry) {
  var steps = entry.accountExpires;
  if (steps === null || steps === '0' || steps === '9223372036854775807') return null;
  return new Date(Number(steps) / 10000 - 11644473600000);
}
