/// <reference path="../c42uds.d.ts" />
// @ts-check
/*
 * Active script for Active Directory: whoever has an e-mail address and an account that is not disabled.
 *
 * Active Directory keeps the state of an account in userAccountControl, a number that is a sum of flags. The flag 2 says
 * "this account is disabled"; "& 2" picks it out of the sum. There is nothing to replace here.
 */

/** @param {Entry} entry */
function isActive(entry) {
  var disabled = (Number(entry.userAccountControl) & 2) !== 0;
  return entry.mail !== null && !disabled;
}
