/// <reference path="../c42uds.d.ts" />
// @ts-check
/*
 * Active script: whoever is a direct member of one of these groups.
 *
 * To use it, put the DNs of your own groups into the list, each in quotes, with commas between them. Upper and lower
 * case make no difference.
 */
var groups = ['CN=Code42 Users,OU=Groups,DC=example,DC=com', 'CN=Contractors,OU=Groups,DC=example,DC=com'];

/** @param {Entry} entry */
function isActive(entry) {
  return entry.list('memberOf').some(function (group) {
    return groups.some(function (wanted) {
      return group.equalsIgnoreCase(wanted);
    });
  });
}
