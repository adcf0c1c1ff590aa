/// <reference path="../c42uds.d.ts" />
// @ts-check
/*
 * Active script: whoever has an e-mail address and an account that is not disabled.
 *
 * entry.disabled is true for an account that the administrator has disabled: in Active Directory, 389 Directory Server,
 * OpenLDAP with a password policy and others, each in its own way. There is nothing to replace here.
 */

/** @param {Entry} entry */
function isActive(entry) {
  return entry.mail !== null && !entry.disabled;
}
