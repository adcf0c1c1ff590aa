/// <reference path="../c42uds.d.ts" />
// @ts-check
/*
 * Active script: everybody in one part of the directory (an OU, "organizational unit"), and in all OUs below it.
 *
 * To use it, replace the text after "var ou =" by the DN of your own OU. Upper and lower case make no difference.
 */
var ou = 'OU=Employees,DC=example,DC=com';

/** @param {Entry} entry */
function isActive(entry) {
  return entry.dn.toLowerCase().endsWith(',' + ou.toLowerCase());
}
